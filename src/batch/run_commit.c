/* What a turn commits, when, and what is released then: see run_internal.h. */
#include "base/crash_point.h"
#include "batch/notes.h"
#include "batch/run_internal.h"

enum {
    TURN_COMMITS = 3, /* and as long as so many commits, */
    TURN_MAX_MS = 500 /* up to this */
};

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

bool run_waits_for_commit(const struct batch *b)
{
    return journal_dirty(b->journal) || flights_wait_for_commit(b->flights) ||
           receive_holds(b->receive) || by_hand_holds(b->by_hand);
}

bool run_is_durable(const struct batch *b)
{
    return !journal_dirty(b->journal) && !journal_out(b->journal);
}

/* What is known at a commit alone. */
static void note_before_commit(struct batch *b, struct mono now)
{
    int64_t post, get, http_429;
    if (pace_counts(b->pace, &post, &get, &http_429))
        note_run(b->journal, post, get, http_429);
    learn_before_commit(b->learn, now);
}

static void seal(struct batch *b)
{
    flights_seal(b->flights);
    receive_seal(b->receive);
    by_hand_seal(b->by_hand);
    remember_seal(b->remember);
}

/* All that waits for a commit is let go by this alone. */
static void let_go(struct batch *b)
{
    struct mono now = clock_mono(b->context.clock);
    remember_commit(b->remember, now);
    CRASH_POINT("turn_released");
    receive_reply(b->receive, true);
    by_hand_reply(b->by_hand, true);
    ledger_read_begin(b->context.ledger); /* each result's files are asked for */
    release_after_commit(b->release, now);
    ledger_read_end(b->context.ledger);
}

static void durable_cb(void *ctx)
{
    struct batch *b = ctx;
    plan_commit(b, b->commit_began);
    let_go(b);
    run_poke(&b->context);
}

void run_begin_commit(struct batch *b, struct mono now)
{
    if (!run_waits_for_commit(b) || journal_out(b->journal) || ending_storage_lost(b->ending) ||
        !mono_reached(now, b->commit_at))
        return;
    b->commit_began = now;
    if (!journal_dirty(b->journal)) { /* nothing to write */
        seal(b);
        let_go(b);
        return;
    }
    note_before_commit(b, now);
    if (journal_turn(b->journal, durable_cb, b))
        seal(b);
}

bool run_commit_last(struct batch *b)
{
    note_before_commit(b, clock_mono(b->context.clock));
    return journal_commit(b->journal);
}

static bool on_wire(const struct batch *b)
{
    return upload_out(b->upload) > 0 || gets_out(b->gets) > 0;
}

void run_see_to_storage(struct batch *b)
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
