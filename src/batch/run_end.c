/* How a run ends: what it couldn't send, its verdict, what of it is closed. See run_internal.h. */
#include "base/crash_point.h"
#include "base/log.h"
#include "batch/run_internal.h"
#include "batch/verdict.h"
#include "ledger/sent_settings.h"
#include "ledger/unread_files.h"

/* Documents of other settings are never sent by this run; it says how many wait. */
static bool count_elsewhere(struct batch *b, struct verdict_facts *facts)
{
    const struct run_context *c = &b->context;
    int64_t queued, in_doubt;
    if (!ending_wrote(b->ending,
                      ledger_waiting_elsewhere(c->ledger, c->settings_id,
                                               c->options->retry.max_resends, &queued, &in_doubt)))
        return false;
    facts->waiting_elsewhere = queued;
    facts->doubtful_elsewhere = c->options->retry.resend_in_doubt ? in_doubt : 0;
    int64_t all = facts->waiting_elsewhere + facts->doubtful_elsewhere;
    if (all > 0)
        LOG(LOG_WARNING, "documents.wait", LOG_INT("queued", facts->waiting_elsewhere),
            LOG_INT("in_doubt", facts->doubtful_elsewhere),
            LOG_STR("next", "they were found under another model or other options: a run with "
                            "those goes on with them"));
    return true;
}

static bool files_are_away(struct batch *b)
{
    bool gave_up = upload_gave_files_up(b->upload, clock_mono(b->context.clock));
    return gave_up || upload_left_alone(b->upload) > 0;
}

static void find_verdict(struct batch *b)
{
    struct ledger_counts c;
    struct verdict v;
    struct verdict_facts facts = {
        .unwritten = publish_errors(b->publish),
        .files_away = files_are_away(b),
        .no_room = reserve_trouble(journal_reserve(b->journal)),
    };
    if (b->context.options->mode == RUN_RECEIVES) { /* no run: what is left isn't its to judge */
        ending_verdict(b->ending, EXIT_ALL_STORED, "");
        return;
    }
    if (ending_exit_code(b->ending) >= 0 ||
        !ending_wrote(b->ending, ledger_counts(b->context.ledger, &c)) ||
        !count_elsewhere(b, &facts) ||
        !ending_wrote(b->ending, ledger_unread_count(b->context.ledger, &facts.unread)))
        return;
    spending_end(b->spending, c.by_state[DOC_QUEUED] > facts.waiting_elsewhere);
    facts.budget = spending_reason(b->spending);
    verdict_find(&v, &c, &facts);
    b->by_budget = v.by_budget;
    ending_verdict(b->ending, (int)v.exit_code, v.reason);
}

/* Closing is a conjunction: the run has ended when the last of its parts has. */
static void part_closed_cb(void *ctx)
{
    struct batch *b = ctx;
    if (--b->closing_parts > 0)
        return;
    b->context.client = NULL;
    flights_reap(b->flights);
    if (b->ended)
        b->ended(b->ended_ctx);
}

static void record_end(struct batch *b)
{
    struct ledger *l = b->context.ledger;
    if (ending_storage_lost(b->ending))
        return;
    learn_save(b->learn);
    publish_save(b->publish);
    bool is_run = b->context.options->mode != RUN_RECEIVES;
    if ((is_run && ledger_run_end(l, ending_exit_code(b->ending)) < 0) || !run_commit_last(b))
        LOG(LOG_ERROR, "run.end_unrecorded", LOG_STR("reason", ledger_error(l)->text));
}

void run_finish(struct batch *b)
{
    CRASH_POINT("run_ending");
    if (!ending_storage_lost(b->ending))
        find_save(b->find);
    find_verdict(b);
    record_end(b);
    CRASH_POINT("run_ended");
    reserve_give_up(journal_reserve(b->journal));
    ending_close(b->ending);
    by_hand_close(b->by_hand);
    find_stop(b->find);
    flights_drop_all(b->flights);
    hearing_close(b->hearing);
    pace_close(b->pace);
    page_helper_leave();
    if (b->context.options->retry.in_doubt_wait_ms > 0)
        loop_watch_stalls(b->context.loop, false);
    loop_turn_close(b->turn);
    loop_timer_close(b->context.timer);
    b->context.timer = NULL;
    b->closing_parts = 2;
    receive_close(b->receive, part_closed_cb, b);
    mindee_client_close(b->context.client, part_closed_cb, b);
}
