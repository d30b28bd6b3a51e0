/* The life of a run, and its turn: see batch.h. Once a turn, after all callbacks: choose what goes
 * out, begin the commit, release what waited for one that is durable, free what is finished, set the
 * timer. Nothing leaves this process, and no result counts, before the commit that records it has
 * called back.
 *
 * The run is made of parts, each with a state of its own. They answer three questions: `turn` (do
 * what is due), `next` (when there is something to do), `busy` (whether the run must stay). A run
 * ends by itself when no part is busy, or early (ending.h): then the parts begin nothing new, and
 * the same command goes on another time. */
#include "base/crash_point.h"
#include "batch/opening.h"
#include "batch/run_internal.h"
#include "ledger/spending.h"
#include "ledger/turn.h"
#include "limits/limit_state.h"

#include <stdlib.h>

/* --- the turn --- */

/* What could go out within the second, for the lease. */
static void tell_wants(struct batch *b, struct mono now)
{
    bool soon = mono_diff(flights_next(b->flights, now), now) <= LIMIT_LEASE_MS;
    pace_want(b->pace, admit_wanted(b->admit), gets_wanted(b->gets, soon));
    move_wait(b->move, retry_busy(b->retry));
}

static void turn_cb(void *ctx)
{
    struct batch *b = ctx;
    struct mono now = clock_mono(b->context.clock), until;
    if (ending_life(b->ending) == RUN_CLOSING)
        return;
    bool held_up =
        loop_was_held_up(b->context.loop, &until); /* what came meanwhile is read first */
    if (!held_up)
        release_due(b->release, now);
    tell_wants(b, now);
    run_take_turns(b, BEFORE_COMMIT, now);
    run_begin_commit(b, now);
    ledger_turn_end(b->context.ledger); /* what waited is released, if it is known by now */
    run_see_to_storage(b);
    if (!ending_storage_lost(b->ending) && run_is_durable(b))
        run_take_turns(b, WHEN_DURABLE, now);
    run_take_turns(b, LAST, now);
    flights_reap(b->flights);
    bool kept = run_is_durable(b) || (ending_storage_lost(b->ending) && !journal_out(b->journal));
    if (kept && !run_has_work(b) && (ending_has_begun(b->ending) || move_is_done(b->move)))
        run_finish(b);
    else
        loop_timer_set(b->context.timer,
                       mono_max(run_next_wake(b, now), mono_add(now, held_up ? TURN_MS : 0)));
}

static void timer_cb(void *ctx)
{
    (void)ctx; /* waking the loop is enough: the turn follows */
}

/* --- the beginning --- */

static int open_all(struct batch *b, struct error *e)
{
    struct run_context *c = &b->context;
    const struct batch_options *o = c->options;
    char text[MINDEE_TEXT_MAX];
    int rc = opening_ledger(c, e);
    if (rc == 0)
        rc = remember_open(b->remember, e);
    if (rc == 0)
        learn_recall(b->learn);
    if (rc == 0)
        rc = pace_open(b->pace, e);
    if (rc == 0)
        rc = receive_open(b->receive, e);
    if (rc == 0 && mindee_client_new(&c->client, loop_uv(c->loop), &o->api, text, sizeof text) != 0)
        rc = error_set(e, ERR_USAGE, "%s", text);
    return rc;
}

static struct poll_planner *make_planner(const struct batch_options *o)
{
    return o->polling.learned
               ? poll_planner_new_learned(o->polling.first_ms, o->polling.interval_ms)
               : poll_planner_new_fixed(o->polling.first_ms, o->polling.interval_ms);
}

int batch_new(struct batch **out, struct loop *loop, const struct batch_options *options,
              struct error *e)
{
    struct batch *b = xcalloc(1, sizeof *b);
    struct run_context *c = &b->context;
    c->options = options;
    c->loop = loop;
    c->clock = loop_clock(loop);
    c->planner = make_planner(options);
    if (options->seed)
        random_init(&c->random, options->seed);
    else
        random_init_system(&c->random);
    run_make_parts(b);
    int rc = open_all(b, e);
    if (rc < 0) {
        batch_free(b);
        return rc;
    }
    *out = b;
    return 0;
}

void batch_on_commit(struct batch *b, void (*committed)(void *ctx, int64_t results), void *ctx)
{
    journal_on_commit(b->journal, committed, ctx);
}

/* Taking webhooks between two runs is none: the newest run stays the one that sent them. */
static bool record_start(struct batch *b)
{
    struct ledger *l = b->context.ledger;
    int64_t run_id;
    return b->context.options->mode == RUN_RECEIVES ||
           (ending_wrote(b->ending, ledger_run_start(l, &run_id)) &&
            (!b->context.options->spending.again ||
             ending_wrote(b->ending, ledger_spent_again(l))) &&
            ending_wrote(b->ending, ledger_commit(l)));
}

void batch_on_hearing(struct batch *b, void (*told)(void *ctx, const struct hearing_news *news),
                      void *ctx)
{
    hearing_on_news(b->hearing, told, ctx);
}

void batch_start(struct batch *b, void (*ended)(void *ctx), void *ctx)
{
    struct run_context *c = &b->context;
    b->ended = ended;
    b->ended_ctx = ctx;
    b->started = true;
    page_helper_enter();
    if (c->options->retry.in_doubt_wait_ms > 0) /* a webhook may lie in its socket */
        loop_watch_stalls(c->loop, true);
    b->started_at = b->commit_at = clock_mono(c->clock);
    c->timer = loop_timer_new(c->loop, timer_cb, b);
    b->turn = loop_on_turn(c->loop, turn_cb, b);
    if (reserve_ready(journal_reserve(b->journal), b->started_at))
        CRASH_POINT("reserve_made");
    receive_start(b->receive);
    by_hand_open(b->by_hand);
    if (record_start(b)) {
        recover_start(b->recover);
        publish_start(b->publish);
        move_start(b->move);
        if (c->options->retrying)
            retry_start(b->retry);
        else
            find_start(b->find);
    }
    run_poke(c);
}

bool batch_takes_webhooks(const struct batch *b)
{
    return b->started && ending_life(b->ending) != RUN_CLOSING;
}

const char *batch_certificate(const struct batch *b, struct wall *ends)
{
    return receive_certificate(b->receive, ends);
}

/* The same command doesn't go on with what a budget holds. */
void batch_stop(struct batch *b, enum batch_stop how)
{
    if (*batch_budget_reason(b))
        ending_early(b->ending, EXIT_RESUMABLE, "interrupted, and %s", batch_budget_reason(b));
    ending_interrupt(b->ending, how == BATCH_NOW);
}

int batch_exit_code(const struct batch *b)
{
    return ending_exit_code(b->ending);
}

const char *batch_reason(const struct batch *b)
{
    return ending_reason(b->ending);
}

bool batch_made_way(const struct batch *b)
{
    return by_hand_made_way(b->by_hand);
}

int64_t batch_by_hand(const struct batch *b)
{
    return by_hand_done(b->by_hand);
}

const char *batch_budget_reason(const struct batch *b)
{
    bool stays = b->context.options->mode == RUN_STAYS;
    return b->by_budget || stays ? spending_reason(b->spending) : "";
}

struct ledger *batch_ledger(struct batch *b)
{
    return b->context.ledger;
}

void batch_progress(struct batch *b, struct batch_progress *p)
{
    const struct progress_sources from = {.context = &b->context,
                                          .ending = b->ending,
                                          .flights = b->flights,
                                          .pace = b->pace,
                                          .find = b->find,
                                          .admit = b->admit};
    progress_fill(p, &from, b->started_at);
}

void batch_free(struct batch *b)
{
    if (!b)
        return;
    REQUIRE(!b->context.client || !b->started);
    if (b->context.client)
        mindee_client_close(b->context.client, NULL, NULL);
    if (!b->started)
        receive_close(b->receive, NULL, NULL);
    run_free_parts(b);
    if (b->context.ledger)
        ledger_close(b->context.ledger);
    poll_planner_free(b->context.planner);
    free(b);
}
