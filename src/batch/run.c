/* The life of a run, and its turn: see batch.h. Once a turn, after all callbacks (promise 4 of the
 * design): choose what goes out, commit, release what waited for the commit, free what is finished,
 * set the timer. Nothing leaves this process, and no result counts, before the commit that records
 * it.
 *
 * The run is made of parts, each with a state of its own. They answer three questions: `turn` (do
 * what is due), `next` (when there is something to do), `busy` (whether the run must stay). A run
 * ends by itself when no part is busy, or early (ending.h): then the parts begin nothing new, and
 * the same command goes on another time. */
#include "base/crash_point.h"
#include "base/log.h"
#include "batch/batch.h"
#include "batch/by_hand.h"
#include "batch/gets.h"
#include "batch/learn.h"
#include "batch/notes.h"
#include "batch/opening.h"
#include "batch/release.h"
#include "batch/remember.h"
#include "batch/verdict.h"
#include "ledger/unread_files.h"
#include "limits/limit_state.h"

#include <stdlib.h>
#include <string.h>

enum {
    TURN_MS = 20,     /* one commit for what happens within it */
    TURN_COMMITS = 3, /* and as long as so many commits, */
    TURN_MAX_MS = 500 /* up to this */
};

enum { PARTS = 16 };

/* When a part has its turn. */
enum phase { BEFORE_COMMIT, WHEN_DURABLE, LAST };

/* A part as the run sees it; what it has no answer to is NULL. */
struct part {
    void *self;
    enum phase phase;
    void (*turn)(void *self, struct mono now);
    struct mono (*next)(void *self, struct mono now);
    bool (*busy)(void *self);
};

struct batch {
    struct run_context context;
    struct ending *ending;
    struct journal *journal;
    struct flights *flights;
    struct pace *pace;
    struct answers *answers;
    struct suspects *suspects;
    struct send_queue *queue;
    struct publish *publish;
    struct move *move;
    struct find *find;
    struct upload *upload;
    struct receive *receive;
    struct poll *poll;
    struct fetch *fetch;
    struct endpoint_check *check;
    struct gets *gets;
    struct admit *admit;
    struct recover *recover;
    struct retry *retry;
    struct release *release;
    struct by_hand *by_hand;
    struct learn *learn;
    struct remember *remember;

    struct part parts[PARTS];
    struct loop_turn *turn;
    struct mono commit_at; /* not before */
    struct mono started_at;
    bool started;
    int closing_parts; /* client, receiver */
    void (*ended)(void *ctx);
    void *ended_ctx;
};

/* --- the turn --- */

/* A commit that comes alone is made at once. The next ones wait: for what joins them, and where
 * the disk is slow for a few times as long as the last one took, or the loop would do nothing else.
 */
static void plan_commit(struct batch *b, struct mono began)
{
    struct mono now = clock_mono(b->context.clock);
    int64_t wait_ms = mono_diff(now, began) * TURN_COMMITS;
    wait_ms = wait_ms < TURN_MS ? TURN_MS : wait_ms > TURN_MAX_MS ? TURN_MAX_MS : wait_ms;
    b->commit_at = mono_add(now, wait_ms);
}

static bool commit(struct batch *b)
{
    struct mono began = clock_mono(b->context.clock);
    int64_t post, get, http_429;
    if (pace_counts(b->pace, &post, &get, &http_429))
        note_run(b->journal, post, get, http_429);
    learn_before_commit(b->learn, began);
    bool durable = journal_commit(b->journal);
    if (durable) /* else journal_next() says when */
        plan_commit(b, began);
    return durable;
}

static bool waits_for_commit(const struct batch *b)
{
    return journal_dirty(b->journal) || flights_wait_for_commit(b->flights) ||
           receive_holds(b->receive) || by_hand_holds(b->by_hand);
}

static void commit_and_release(struct batch *b, struct mono now)
{
    if (!waits_for_commit(b) || ending_storage_lost(b->ending) || !mono_reached(now, b->commit_at))
        return;
    if (journal_dirty(b->journal) && !commit(b))
        return;
    remember_commit(b->remember, now);
    CRASH_POINT("turn_released");
    receive_reply(b->receive, true);
    by_hand_reply(b->by_hand, true);
    ledger_read_begin(b->context.ledger); /* each result's files are asked for */
    release_after_commit(b->release, now);
    ledger_read_end(b->context.ledger);
}

static bool on_wire(const struct batch *b)
{
    return upload_out(b->upload) > 0 || gets_out(b->gets) > 0;
}

static void see_to_storage(struct batch *b)
{
    if (journal_down(b->journal)) {
        receive_reply(b->receive, false);
        by_hand_reply(b->by_hand, false);
    }
    if (journal_hopeless(b->journal) && !on_wire(b))
        ending_storage_failed(b->ending);
    if (ending_storage_lost(b->ending)) {
        journal_forget(b->journal); /* before the bytes it points to */
        flights_drop_all(b->flights);
    }
}

/* --- the parts --- */

#define TURN(part)                                                                                 \
    static void part##_has_turn(void *self, struct mono now)                                       \
    {                                                                                              \
        part##_turn(self, now);                                                                    \
    }
#define NEXT(part)                                                                                 \
    static struct mono part##_has_next(void *self, struct mono now)                                \
    {                                                                                              \
        return part##_next(self, now);                                                             \
    }
#define BUSY(part)                                                                                 \
    static bool part##_is_busy(void *self)                                                         \
    {                                                                                              \
        return part##_busy(self);                                                                  \
    }
/* clang-format off */
TURN(find) NEXT(find) BUSY(find)
TURN(recover) NEXT(recover) BUSY(recover)
TURN(retry) NEXT(retry) BUSY(retry)
TURN(pace) NEXT(pace)
TURN(admit) NEXT(admit) BUSY(admit)
TURN(suspects)
TURN(publish) NEXT(publish) BUSY(publish)
TURN(move) NEXT(move) BUSY(move)
TURN(gets) NEXT(gets) BUSY(gets)
TURN(upload) NEXT(upload) BUSY(upload)
BUSY(poll) BUSY(fetch)
NEXT(receive) BUSY(receive)
NEXT(flights) BUSY(flights)
NEXT(ending)

/* In the order of a turn. What costs a look into the ledger to know comes last. */
static void list_parts(struct batch *b)
{
    const struct part parts[PARTS] = {
        {b->find, BEFORE_COMMIT, find_has_turn, find_has_next, find_is_busy},
        {b->recover, BEFORE_COMMIT, recover_has_turn, recover_has_next, recover_is_busy},
        {b->retry, BEFORE_COMMIT, retry_has_turn, retry_has_next, retry_is_busy},
        {b->pace, BEFORE_COMMIT, pace_has_turn, pace_has_next, NULL},
        {b->admit, BEFORE_COMMIT, admit_has_turn, admit_has_next, NULL},
        {b->suspects, BEFORE_COMMIT, suspects_has_turn, NULL, NULL},
        {b->publish, WHEN_DURABLE, publish_has_turn, publish_has_next, publish_is_busy},
        {b->move, WHEN_DURABLE, move_has_turn, move_has_next, move_is_busy},
        {b->gets, LAST, gets_has_turn, gets_has_next, gets_is_busy},
        {b->upload, LAST, upload_has_turn, upload_has_next, upload_is_busy},
        {b->poll, LAST, NULL, NULL, poll_is_busy},
        {b->fetch, LAST, NULL, NULL, fetch_is_busy},
        {b->flights, LAST, NULL, flights_has_next, flights_is_busy},
        {b->ending, LAST, NULL, ending_has_next, NULL},
        {b->receive, LAST, NULL, receive_has_next, receive_is_busy},
        {b->admit, LAST, NULL, NULL, admit_is_busy},
    };
    memcpy(b->parts, parts, sizeof parts);
}
/* clang-format on */

static void take_turns(struct batch *b, enum phase phase, struct mono now)
{
    for (const struct part *p = b->parts; p < b->parts + PARTS; p++)
        if (p->turn && p->phase == phase)
            p->turn(p->self, now);
}

static bool has_work(struct batch *b)
{
    for (const struct part *p = b->parts; p < b->parts + PARTS; p++)
        if (p->busy && p->busy(p->self))
            return true;
    return b->context.options->mode == RUN_STAYS && !ending_has_begun(b->ending);
}

static struct mono next_wake(struct batch *b, struct mono now)
{
    struct mono at = MONO_NEVER;
    bool down = journal_down(b->journal); /* what has its turn when all is durable has none */
    for (const struct part *p = b->parts; p < b->parts + PARTS; p++)
        if (p->next && !(down && p->phase == WHEN_DURABLE))
            at = mono_min(at, p->next(p->self, now));
    if (down)
        at = mono_min(at, mono_max(journal_next(b->journal), mono_add(now, 1)));
    else if (waits_for_commit(b))
        at = mono_min(at, mono_max(b->commit_at, mono_add(now, 1)));
    return at;
}

/* --- a turn, and the end --- */

/* What could go out within the second, for the lease. */
static void tell_wants(struct batch *b, struct mono now)
{
    bool soon = mono_diff(flights_next(b->flights, now), now) <= LIMIT_LEASE_MS;
    pace_want(b->pace, admit_wanted(b->admit), gets_wanted(b->gets, soon));
    move_wait(b->move, retry_busy(b->retry));
}

static void finish(struct batch *b);

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
    take_turns(b, BEFORE_COMMIT, now);
    commit_and_release(b, now);
    see_to_storage(b);
    if (!ending_storage_lost(b->ending) && !journal_dirty(b->journal))
        take_turns(b, WHEN_DURABLE, now);
    take_turns(b, LAST, now);
    flights_reap(b->flights);
    bool kept = !journal_dirty(b->journal) || ending_storage_lost(b->ending);
    if (kept && !has_work(b) && (ending_has_begun(b->ending) || move_is_done(b->move)))
        finish(b);
    else
        loop_timer_set(b->context.timer,
                       mono_max(next_wake(b, now), mono_add(now, held_up ? TURN_MS : 0)));
}

static void timer_cb(void *ctx)
{
    (void)ctx; /* waking the loop is enough: the turn follows */
}

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
        .budget_reached = (admit_pauses(b->admit) & PAUSE_BUDGET) != 0,
        .files_away = files_are_away(b),
        .no_room = reserve_trouble(journal_reserve(b->journal)),
        .max_credits = b->context.options->max_credits,
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
    verdict_find(&v, &c, &facts);
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
    if ((is_run && ledger_run_end(l, ending_exit_code(b->ending)) < 0) || !commit(b))
        LOG(LOG_ERROR, "run.end_unrecorded", LOG_STR("reason", ledger_error(l)->text));
}

static void finish(struct batch *b)
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

/* --- the beginning --- */

static void make_parts(struct batch *b)
{
    struct run_context *c = &b->context;
    const struct batch_options *o = c->options;
    b->ending = ending_new(c);
    b->journal = journal_new(c, b->ending);
    b->flights = flights_new(c, b->ending, b->journal);
    b->pace = pace_new(c, b->ending);
    b->answers = answers_new(b->ending, b->pace);
    /* a retry is asked for: all of it may go */
    b->suspects = suspects_new(b->ending, b->flights, o->retrying ? 0 : o->canary);
    b->queue = send_queue_new(c, b->ending, b->flights);
    b->publish = publish_new(c, b->ending, b->journal);
    b->move = move_new(c, b->ending, b->journal, b->flights, b->suspects);
    const struct find_neighbours find = {.ending = b->ending,
                                         .journal = b->journal,
                                         .flights = b->flights,
                                         .queue = b->queue,
                                         .publish = b->publish,
                                         .move = b->move};
    b->find = find_new(c, &find);
    const struct upload_neighbours with = {.ending = b->ending,
                                           .journal = b->journal,
                                           .flights = b->flights,
                                           .pace = b->pace,
                                           .answers = b->answers,
                                           .suspects = b->suspects,
                                           .find = b->find};
    b->upload = upload_new(c, &with);
    b->receive = receive_new(c, &with, b->upload);
    b->poll = poll_new(c, &with, b->receive);
    b->fetch = fetch_new(c, &with);
    b->check = endpoint_check_new(c, b->ending, b->pace);
    b->admit = admit_new(c, &with, b->queue, b->upload);
    b->recover = recover_new(c, b->ending, b->journal, b->flights, b->pace);
    b->retry = retry_new(c, b->ending, b->journal, b->flights, b->find);
    b->by_hand = by_hand_new(c, b->ending, b->journal, b->flights, b->retry);
    b->learn = learn_new(c, b->journal);
    b->remember = remember_new(c, b->ending);
}

/* Those that tie the others together. */
static void tie_parts(struct batch *b)
{
    const struct gets_neighbours gets = {.ending = b->ending,
                                         .journal = b->journal,
                                         .flights = b->flights,
                                         .pace = b->pace,
                                         .publish = b->publish,
                                         .upload = b->upload,
                                         .poll = b->poll,
                                         .fetch = b->fetch,
                                         .check = b->check};
    b->gets = gets_new(&gets);
    const struct release_neighbours release = {.flights = b->flights,
                                               .pace = b->pace,
                                               .queue = b->queue,
                                               .publish = b->publish,
                                               .move = b->move,
                                               .find = b->find,
                                               .upload = b->upload,
                                               .receive = b->receive,
                                               .poll = b->poll,
                                               .fetch = b->fetch,
                                               .admit = b->admit,
                                               .recover = b->recover,
                                               .retry = b->retry};
    b->release = release_new(&release);
    list_parts(b);
}

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
    make_parts(b);
    tie_parts(b);
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
            ending_wrote(b->ending, ledger_commit(l)));
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

void batch_stop(struct batch *b, enum batch_stop how)
{
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

static void free_parts(struct batch *b)
{
    release_free(b->release);
    gets_free(b->gets);
    by_hand_free(b->by_hand);
    learn_free(b->learn);
    remember_free(b->remember);
    retry_free(b->retry);
    recover_free(b->recover);
    admit_free(b->admit);
    endpoint_check_free(b->check);
    fetch_free(b->fetch);
    poll_free(b->poll);
    receive_free(b->receive);
    upload_free(b->upload);
    find_free(b->find);
    move_free(b->move);
    publish_free(b->publish);
    send_queue_free(b->queue);
    suspects_free(b->suspects);
    answers_free(b->answers);
    flights_free(b->flights);
    journal_free(b->journal);
    pace_free(b->pace);
    ending_free(b->ending);
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
    free_parts(b);
    if (b->context.ledger)
        ledger_close(b->context.ledger);
    poll_planner_free(b->context.planner);
    free(b);
}
