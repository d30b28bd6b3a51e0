/* Which document goes out next, and whether one may: stopping, budget, uploads at once, jobs the
 * GETs can cover, the canary, the service's health, the limit: in this order, and the first that
 * says no has a name that `status` and the display show.
 *
 * Documents come from the ledger in sending order, a few at a time; one that goes out gets its
 * attempt and its intent written here, and leaves after the commit (upload.c). */
#include "base/log.h"
#include "batch/state.h"

#include <stdlib.h>

/* Documents waiting for another try are part of what is in memory: while there are many, none is
 * taken from the ledger. */
static bool refill(struct batch *b)
{
    struct ledger_document docs[QUEUE_AHEAD];
    size_t most_waiting = (size_t)b->options->uploads * 4 + QUEUE_AHEAD;
    if (b->queue_empty || b->states[DOC_QUEUED].count >= most_waiting)
        return false;
    int n = ledger_next_queued(b->ledger, b->settings_id, b->options->order, flight_known, b, docs,
                               QUEUE_AHEAD);
    if (n < 0) {
        batch_storage_failed(b);
        return false;
    }
    b->queue_grew = false;
    for (int i = 0; i < n; i++) {
        struct flight *f = flight_new(b, &docs[i]);
        f->fresh = true;
        flight_to_line(f, &b->ready, false);
        ledger_document_release(&docs[i]);
    }
    if (n < QUEUE_AHEAD)
        b->queue_empty = true;
    return n > 0;
}

/* After a wait: what was found meanwhile may come before those that were taken from the queue. What
 * came back to its head stays there. */
static void choose_again(struct batch *b)
{
    if (!b->queue_grew)
        return;
    LIST_EACH_SAFE (node, &b->ready) {
        struct flight *f = LIST_ENTRY(node, struct flight, line);
        if (f->fresh)
            flight_put_back(f);
    }
}

bool admission_has_more(struct batch *b)
{
    return !list_empty(&b->ready) || (!b->queue_empty && refill(b)) || !list_empty(&b->ready);
}

static void pages_counted_cb(void *ctx, int pages)
{
    struct flight *f = ctx;
    struct batch *b = f->batch;
    b->examining--;
    f->requests--;
    f->pages = pages;
    if (!f->dead && !b->closing) {
        journal_pages(b, f->id, pages);
        flight_to_line(f, &b->ready, true);
    }
    batch_poke(b);
}

/* True: the document may be counted against the budget. Its pages are counted first where they
 * never were. */
static bool within_budget(struct batch *b, struct flight *f)
{
    struct ledger_counts c;
    if (b->options->max_credits < 0)
        return true;
    if (f->pages < 0) {
        list_remove(&f->line);
        b->examining++;
        f->requests++;
        intake_count_pages(b->loop, f->source.path, (enum file_type)f->type, pages_counted_cb, f);
        return false;
    }
    if (ledger_counts(b->ledger, &c) < 0) {
        batch_storage_failed(b);
        return false;
    }
    if (c.credits + c.pages_out + b->pages_promised + flight_pages(f) <= b->options->max_credits)
        return true;
    b->pauses |= PAUSE_BUDGET; /* for now: a job that fails costs nothing */
    return false;
}

/* Finds a file that holds the document's bytes. Without one it can't be sent. */
static bool find_source(struct batch *b, struct flight *f)
{
    ledger_source_release(&f->source);
    int found = ledger_document_source(b->ledger, f->id, 0, &f->source);
    if (found < 0)
        batch_storage_failed(b);
    if (found == 0) {
        struct news n = {.cause = "source_gone",
                         .code = "source-gone",
                         .detail = "no file holds this document's content any more",
                         .retry_after_ms = -1};
        flight_event(f, EV_SOURCE_GONE, &n);
    }
    return found == 1;
}

static unsigned hindrance(struct batch *b, struct mono now)
{
    size_t out = b->states[DOC_SUBMITTING].count;
    if (b->stopping)
        return PAUSE_STOPPING;
    if (out >= (size_t)b->options->uploads)
        return PAUSE_UPLOADS;
    if (flights_room_for_jobs(b) <= out)
        return PAUSE_JOBS;
    if (canary_room(&b->canary, out) == 0)
        return PAUSE_CANARY;
    if (!breaker_allows(&b->service, now))
        return PAUSE_SERVICE;
    return 0;
}

void admission_turn(struct batch *b, struct mono now)
{
    bool waited = (b->pauses & ~(unsigned)PAUSE_UPLOADS) != 0;
    b->pauses = 0;
    for (;;) {
        unsigned why = hindrance(b, now);
        if (why || !admission_has_more(b)) {
            b->pauses |= why;
            return;
        }
        if (!mono_reached(now, pacing_next_post(b, now))) {
            b->pauses |= PAUSE_RATE;
            return;
        }
        if (waited) {
            waited = false;
            choose_again(b);
            continue;
        }
        struct flight *f = LIST_ENTRY(list_first(&b->ready), struct flight, line);
        if (!find_source(b, f))
            continue;
        if (!within_budget(b, f)) {
            if (b->pauses & PAUSE_BUDGET)
                return;
            continue;
        }
        if (!journal_attempt_start(b, f->id, &f->attempt, f->alias))
            return;
        b->pages_promised += flight_pages(f);
        b->new_uploads = true;
        f->sent_as = ++b->sent;
        f->queue_head = false;
        limiter_take(&b->post, now);
        breaker_sent(&b->service);
        flight_event(f, EV_ADMIT, NULL);
    }
}
