/* Documents in flight. flight_event() is the only place where a document's state changes: it asks
 * the pure machine (core/document.h), writes the step into the turn's transaction, moves the
 * document to its state's list, and leaves the rest in `pending` until the commit has succeeded:
 * flight_release() does it then.
 *
 * If a write fails nothing is released until the journal has written it again (journal.c). */
#include "base/log.h"
#include "base/text.h"
#include "batch/state.h"
#include "core/job_capacity.h"

#include <stdlib.h>
#include <string.h>

static bool has_open_job(const struct flight *f)
{
    return f->doc.state == DOC_PROCESSING || f->doc.state == DOC_READY;
}

static struct list *bucket_of(struct batch *b, int64_t id)
{
    return &b->buckets[(uint64_t)id % FLIGHT_BUCKETS];
}

struct flight *flight_find(struct batch *b, int64_t id)
{
    struct list *bucket = bucket_of(b, id);
    LIST_EACH (node, bucket) {
        struct flight *f = LIST_ENTRY(node, struct flight, bucket);
        if (f->id == id)
            return f;
    }
    return NULL;
}

bool flight_known(void *batch, int64_t id)
{
    return flight_find(batch, id) != NULL;
}

int64_t flight_pages(const struct flight *f)
{
    return f->pages > 0 ? f->pages : 1;
}

size_t flights_with_jobs(const struct batch *b)
{
    return b->states[DOC_PROCESSING].count + b->states[DOC_READY].count - b->parked_jobs;
}

/* On this machine's clock, from the time of day in the ledger; a time that can't be is taken for
 * now. */
static struct mono accepted_at(struct batch *b, const struct ledger_document *d)
{
    enum { DAY_MS = 24 * 3600 * 1000 };
    int64_t age_ms = clock_wall(b->clock).ms - d->accepted_at.ms;
    struct mono now = clock_mono(b->clock);
    bool known = d->accepted_at.ms != 0 && age_ms >= 0;
    return known ? mono_add(now, -(age_ms < DAY_MS ? age_ms : DAY_MS)) : now;
}

size_t flights_room_for_jobs(struct batch *b)
{
    size_t most = job_capacity_max(&b->get, clock_mono(b->clock)), now = flights_with_jobs(b);
    return now < most ? most - now : 0;
}

struct flight *flight_new(struct batch *b, const struct ledger_document *d)
{
    struct flight *f = xcalloc(1, sizeof *f);
    f->batch = b;
    f->id = d->id;
    f->doc.state = d->state;
    f->doc.has_job = d->has_job;
    f->doc.attempts = d->attempts;
    f->doc.resends = d->doubts;
    f->doc.accepted_at = accepted_at(b, d);
    f->attempt = d->attempt;
    f->size_bytes = d->size_bytes;
    f->type = d->type;
    f->pages = d->pages;
    text_copy(f->job_id, sizeof f->job_id, d->job_id);
    f->result_url = d->result_url ? xstrdup(d->result_url) : NULL;
    f->asked_until = mono_add(clock_mono(b->clock), b->options->polling.give_up_ms);
    list_init(&f->line);
    b->flights++;
    list_push_back(&b->states[d->state].flights, &f->in_state);
    b->states[d->state].count++;
    list_push_back(bucket_of(b, f->id), &f->bucket);
    return f;
}

void flight_to_line(struct flight *f, struct list *line, bool head)
{
    list_remove(&f->line);
    if (head)
        list_push_front(line, &f->line);
    else
        list_push_back(line, &f->line);
}

/* Several that were refused keep their order at the head. */
void flight_to_ready(struct flight *f)
{
    if (!f->queue_head) {
        flight_to_line(f, &f->batch->ready, false);
        return;
    }
    list_remove(&f->line);
    struct list *pos = f->batch->ready.next;
    for (; pos != &f->batch->ready; pos = pos->next) {
        const struct flight *other = LIST_ENTRY(pos, struct flight, line);
        if (!other->queue_head || other->sent_as > f->sent_as)
            break;
    }
    list_insert_before(pos, &f->line);
}

void flight_wake(struct flight *f, enum flight_wake wake, struct mono at)
{
    f->wake = wake;
    timer_queue_set(&f->batch->timers, &f->timer, at);
}

void flight_unpark(struct flight *f)
{
    if (!f->parked)
        return;
    f->parked = false;
    f->batch->parked--;
    f->batch->parked_jobs -= has_open_job(f);
}

/* Out of all lists; freed when the turn ends, because its callbacks may still be on the stack. */
static void retire(struct flight *f)
{
    struct batch *b = f->batch;
    if (f->dead)
        return;
    poll_planner_gone(b->planner, &f->poll);
    timer_queue_remove(&b->timers, &f->timer);
    list_remove(&f->bucket);
    list_remove(&f->in_state);
    b->states[f->doc.state].count--;
    flight_unpark(f);
    b->flights--;
    /* While it was in memory the queue's look-ups passed it over. */
    if (f->doc.state != DOC_STORED)
        b->queue_empty = false;
    f->dead = true;
    flight_to_line(f, &b->dead, false);
}

void flight_put_back(struct flight *f)
{
    REQUIRE(f->fresh && f->requests == 0);
    retire(f);
}

void flight_reap(struct batch *b)
{
    LIST_EACH_SAFE (node, &b->dead) {
        struct flight *f = LIST_ENTRY(node, struct flight, line);
        if (f->requests > 0)
            continue;
        list_remove(&f->line);
        ledger_source_release(&f->source);
        free(f->result_url);
        free(f->payload);
        free(f);
    }
}

void flight_drop_all(struct batch *b)
{
    for (int s = 0; s < DOC_STATE_COUNT; s++)
        while (!list_empty(&b->states[s].flights))
            retire(LIST_ENTRY(list_first(&b->states[s].flights), struct flight, in_state));
    flight_reap(b);
}

/* Kept in memory so that this run doesn't take it up again; in no line, and not counted as in
 * flight. */
static void park(struct flight *f)
{
    poll_planner_gone(f->batch->planner, &f->poll);
    timer_queue_remove(&f->batch->timers, &f->timer);
    list_remove(&f->line);
    if (f->parked)
        return;
    f->parked = true;
    f->batch->parked++;
    f->batch->parked_jobs += has_open_job(f);
}

static void change_state(struct flight *f, const struct document *next)
{
    struct batch *b = f->batch;
    if (next->state != DOC_PROCESSING)
        poll_planner_gone(b->planner, &f->poll);
    if (next->state != f->doc.state) {
        list_remove(&f->in_state);
        b->states[f->doc.state].count--;
        list_push_back(&b->states[next->state].flights, &f->in_state);
        b->states[next->state].count++;
        if (next->state == DOC_STORED)
            b->stored_now++;
        if (doc_state_is_final(next->state))
            moving_consider(b, f->id);
        if (next->state == DOC_IN_DOUBT)
            b->doubt_until = mono_add(clock_mono(b->clock), b->options->retry.in_doubt_wait_ms);
    }
    f->doc = *next;
}

/* Where the document comes from, for people; "" if no file holds it any more. To be freed. */
static char *path_of(const struct flight *f)
{
    struct ledger_source source = {0};
    if (f->source.path)
        return xstrdup(f->source.path);
    if (ledger_document_source(f->batch->ledger, f->id, 0, &source) != 1)
        return xstrdup("");
    char *path = xstrdup(source.path);
    ledger_source_release(&source);
    return path;
}

/* What went wrong gets a line of its own kind; the usual way of things shows with -v alone. */
static void log_step(const struct flight *f, enum doc_event_kind kind, enum doc_state from,
                     const struct news *n, const struct doc_step *step)
{
    enum log_level level = LOG_DEBUG;
    const char *name = "doc.step";
    if (step->state == DOC_FAILED || step->state == DOC_LOST || step->state == DOC_IN_DOUBT ||
        step->state == DOC_REJECTED) {
        level = LOG_WARNING;
        name = step->state == DOC_FAILED     ? "doc.failed"
               : step->state == DOC_LOST     ? "doc.lost"
               : step->state == DOC_IN_DOUBT ? "doc.in_doubt"
                                             : "doc.rejected";
    } else if (step->actions & DO_COUNT_RESEND) {
        level = LOG_WARNING;
        name = "doc.resend";
    } else if (step->actions & (DO_QUEUE | DO_QUEUE_HEAD) || kind == EV_ASK_AGAIN) {
        level = LOG_INFO;
        name = "doc.retry";
    }
    if (!log_enabled(level))
        return;
    char *path = path_of(f);
    LOG(level, name, LOG_INT("doc", f->id), LOG_STR("path", path),
        LOG_STR("step", doc_event_names[kind]), LOG_STR("from", doc_state_names[from]),
        LOG_STR("to", doc_state_names[step->state]), LOG_INT("attempt", f->attempt),
        LOG_MS("wait", step->wait_ms), LOG_STR("cause", n->cause), LOG_STR("detail", n->detail));
    free(path);
}

/* The bytes that are to be kept outlive the callback that brought them. */
static bool take_payload(struct flight *f, const struct news *n)
{
    char *copy = malloc(n->body_len ? n->body_len : 1);
    if (!copy)
        return false;
    if (n->body_len)
        memcpy(copy, n->body, n->body_len);
    free(f->payload);
    f->payload = copy;
    f->payload_len = n->body_len;
    return true;
}

static void write_step(struct flight *f, enum doc_event_kind kind, enum doc_state from,
                       const struct news *n, const struct doc_step *step)
{
    struct batch *b = f->batch;
    if (step->actions & DO_STORE)
        journal_result(b, f->id, f->payload, f->payload_len, n->page_count);
    if (step->actions & DO_KEEP_BYTES && n->body)
        journal_keep(b, f->id, n->body, n->body_len);
    if (step->actions & DO_COUNT_RESEND)
        journal_resent(b, f->id, f->attempt);
    if (step->actions & DO_PERSIST) {
        struct ledger_step s = {.document_id = f->id,
                                .from = from,
                                .to = step->state,
                                .event = kind,
                                .attempts = step->next.attempts,
                                .attempt = f->attempt,
                                .cause = n->cause,
                                .code = n->code,
                                .detail = n->detail};
        journal_step(b, &s);
    }
}

/* Actions that say what a document does next; the others only write something down. */
enum {
    DO_SOMETHING_NEXT = DO_SUBMIT | DO_QUEUE | DO_QUEUE_HEAD | DO_POLL | DO_FETCH | DO_STORE |
                        DO_RESEND_AFTER | DO_FORGET,
};

/* Taken into memory for a webhook's sake alone, with nothing to wait for. */
static void put_away_if_idle(struct flight *f)
{
    bool waits =
        !list_empty(&f->line) || timer_entry_is_set(&f->timer) || f->pending || f->requests > 0;
    if (!waits && !f->parked)
        retire(f);
}

void flight_event(struct flight *f, enum doc_event_kind kind, const struct news *news)
{
    static const struct news nothing = {.retry_after_ms = -1};
    struct batch *b = f->batch;
    const struct news *n = news ? news : &nothing;
    struct doc_event ev = {.kind = kind,
                           .retry_after_ms = n->retry_after_ms,
                           .took_ms = n->took_ms,
                           .late = n->late,
                           .known = n->known,
                           .random = random_unit(&b->random)};
    struct doc_step step;
    enum doc_state from = f->doc.state;

    if (!document_step(&f->doc, &ev, &b->options->retry, clock_mono(b->clock), &step)) {
        LOG(LOG_ERROR, "doc.refused", LOG_INT("doc", f->id), LOG_STR("step", doc_event_names[kind]),
            LOG_STR("state", doc_state_names[from]));
        return;
    }
    if (step.actions & DO_STORE && !take_payload(f, n)) {
        LOG(LOG_ERROR, "doc.no_memory", LOG_INT("doc", f->id), LOG_INT("bytes", n->body_len));
        flight_event(f, EV_ASK_AGAIN, &nothing);
        return;
    }
    log_step(f, kind, from, n, &step);
    f->fresh = false;
    bool moves = step.state != from || step.actions & DO_SOMETHING_NEXT;
    if (moves)
        flight_unpark(f);
    change_state(f, &step.next);
    write_step(f, kind, from, n, &step);
    if (!moves) { /* only a record changed: what it waits for, it goes on waiting for */
        put_away_if_idle(f);
        batch_poke(b);
        return;
    }
    timer_queue_remove(&b->timers, &f->timer);
    f->pending = (f->pending & DO_STORE) |
                 step.actions; /* the newest decides; a result is still to be written */
    f->pending_wait_ms = step.wait_ms;
    flight_to_line(f, &b->outbox, false);
    batch_poke(b);
}

/* After the jobs in flight, and what can be sent at once, there is nothing more to do. */
static bool last_jobs(struct batch *b, struct mono now)
{
    if (b->pauses & PAUSE_BUDGET)
        return true;
    return !feeder_busy(b) && !retrying_busy(b) && !b->recovering_jobs && !b->recovering_doubts &&
           b->queue_empty && b->states[DOC_QUEUED].count <= limiter_room(&b->post, now);
}

static struct mono poll_time(struct flight *f, struct mono now, int64_t wait_ms)
{
    struct batch *b = f->batch;
    bool last = last_jobs(b, now);
    struct poll_budget budget = {
        .get_per_minute = (uint32_t)limiter_rate_per_minute(&b->get),
        .get_free = limiter_room_within(&b->get, now, poll_planner_horizon_ms(b->planner)),
        .jobs_in_flight = (uint32_t)flights_with_jobs(b),
        .last_jobs = last,
        .jobs_coming =
            (uint32_t)(b->states[DOC_SUBMITTING].count + (last ? b->states[DOC_QUEUED].count : 0))};
    struct mono earliest = mono_add(now, wait_ms);
    if (f->taken_up && f->poll.polls == 0)
        return mono_max(earliest, poll_planner_overdue(b->planner, &budget, now));
    if (deliveries_expected(b)) {
        int64_t late_ms = deliveries_fallback_ms(b);
        struct mono since = f->poll.polls == 0 ? f->doc.accepted_at : now;
        return mono_max(earliest, mono_add(since, late_ms));
    }
    if (!f->poll.counted) {
        if (f->poll.accepted_at.ms != f->doc.accepted_at.ms) /* another job */
            f->poll.running_ms = 0;
        f->poll.accepted_at = f->doc.accepted_at;
        f->poll.size_class = poll_size_class(f->pages, f->size_bytes);
    }
    return mono_max(earliest, poll_planner_next(b->planner, &f->poll, &budget, now));
}

void flight_release(struct flight *f, struct mono now)
{
    struct batch *b = f->batch;
    unsigned pending = f->pending;
    f->pending = 0;
    list_remove(&f->line);
    if (pending & DO_STORE)
        projection_of(f);
    if (pending & (DO_FORGET)) {
        if (has_open_job(f) || f->doc.state == DOC_IN_DOUBT)
            park(f);
        else
            retire(f);
        return;
    }
    if (pending & DO_SUBMIT) {
        upload_send(f, now);
    } else if (pending & (DO_QUEUE | DO_QUEUE_HEAD)) {
        f->queue_head = (pending & DO_QUEUE_HEAD) != 0;
        if (f->pending_wait_ms > 0)
            flight_wake(f, WAKE_QUEUE, mono_add(now, f->pending_wait_ms));
        else
            flight_to_ready(f);
    } else if (pending & DO_FETCH) {
        if (f->pending_wait_ms > 0)
            flight_wake(f, WAKE_FETCH, mono_add(now, f->pending_wait_ms));
        else
            flight_to_line(f, &b->fetches, false);
    } else if (pending & DO_POLL) {
        flight_wake(f, WAKE_POLL, poll_time(f, now, f->pending_wait_ms));
    } else if (pending & DO_RESEND_AFTER) {
        flight_wake(f, WAKE_RESEND, mono_add(now, f->pending_wait_ms));
    }
}
