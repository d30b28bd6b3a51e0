/* See flight.h. If a write fails nothing is released until the journal has written it again
 * (journal.h). */
#include "batch/flight.h"

#include "base/log.h"
#include "base/text.h"
#include "batch/notes.h"
#include "batch/oldest_job.h"
#include "core/document_words.h"
#include "ledger/document_ledger.h"

#include <stdlib.h>
#include <string.h>

enum { FLIGHT_BUCKETS = 4096 };

struct flights {
    struct run_context *context;
    struct ending *ending;
    struct journal *journal;
    struct {
        struct list flights;
        size_t count;
    } states[DOC_STATE_COUNT];
    struct list buckets[FLIGHT_BUCKETS];
    struct list outbox; /* wait for the next commit */
    struct list sealed; /* wait for the one that has begun */
    struct list dead;
    size_t count, parked, parked_jobs; /* in memory; of them parked; of those with a job */
    struct timer_queue timers;
    struct flights_tally tally;
};

struct flights *flights_new(struct run_context *c, struct ending *ending, struct journal *journal)
{
    struct flights *fl = xcalloc(1, sizeof *fl);
    fl->context = c;
    fl->ending = ending;
    fl->journal = journal;
    for (int s = 0; s < DOC_STATE_COUNT; s++)
        list_init(&fl->states[s].flights);
    for (int i = 0; i < FLIGHT_BUCKETS; i++)
        list_init(&fl->buckets[i]);
    list_init(&fl->outbox);
    list_init(&fl->sealed);
    list_init(&fl->dead);
    timer_queue_init(&fl->timers);
    fl->tally.doubted_at = clock_mono(c->clock);
    return fl;
}

void flights_free(struct flights *fl)
{
    if (!fl)
        return;
    flights_drop_all(fl);
    timer_queue_release(&fl->timers);
    free(fl);
}

bool flight_has_open_job(const struct flight *f)
{
    return f->doc.state == DOC_PROCESSING || f->doc.state == DOC_READY;
}

static struct list *bucket_of(struct flights *fl, int64_t id)
{
    return &fl->buckets[(uint64_t)id % FLIGHT_BUCKETS];
}

struct flight *flight_find(struct flights *fl, int64_t id)
{
    struct list *bucket = bucket_of(fl, id);
    LIST_EACH (node, bucket) {
        struct flight *f = LIST_ENTRY(node, struct flight, bucket);
        if (f->id == id)
            return f;
    }
    return NULL;
}

struct flight *flight_take(struct flights *fl, int64_t id)
{
    struct ledger_document d;
    struct flight *f = flight_find(fl, id);
    if (f)
        return f;
    if (!ending_wrote(fl->ending, ledger_document_get(fl->context->ledger, id, &d)))
        return NULL;
    f = flight_new(fl, &d);
    ledger_document_release(&d);
    return f;
}

bool flight_known(void *flights, int64_t id)
{
    return flight_find(flights, id) != NULL;
}

int64_t flight_pages(const struct flight *f)
{
    return f->pages > 0 ? f->pages : 1;
}

/* On this machine's clock, from the time of day in the ledger; a time that can't be is taken for
 * now. */
static struct mono accepted_at(struct flights *fl, const struct ledger_document *d)
{
    enum { DAY_MS = 24 * 3600 * 1000 };
    int64_t age_ms = clock_wall(fl->context->clock).ms - d->accepted_at.ms;
    struct mono now = clock_mono(fl->context->clock);
    bool known = d->accepted_at.ms != 0 && age_ms >= 0;
    return known ? mono_add(now, -(age_ms < DAY_MS ? age_ms : DAY_MS)) : now;
}

struct flight *flight_new(struct flights *fl, const struct ledger_document *d)
{
    struct flight *f = xcalloc(1, sizeof *f);
    f->flights = fl;
    f->id = d->id;
    f->foreign = d->settings_id != fl->context->settings_id;
    f->doc.state = d->state;
    f->doc.has_job = d->has_job;
    f->doc.unreadable = d->unreadable;
    f->doc.attempts = d->attempts;
    f->doc.resends = d->resends;
    f->doc.doubted = d->may_be_paid;
    f->doc.dismissed = d->dismissed;
    f->doc.resend_if_gone = d->resend_if_gone;
    f->doc.accepted_at = accepted_at(fl, d);
    f->attempt = d->attempt;
    f->size_bytes = d->size_bytes;
    f->type = d->type;
    f->pages = d->pages;
    text_copy(f->job_id, sizeof f->job_id, d->job_id);
    f->result_url = d->result_url ? xstrdup(d->result_url) : NULL;
    f->asked_until =
        mono_add(clock_mono(fl->context->clock), fl->context->options->polling.give_up_ms);
    list_init(&f->line);
    fl->count++;
    list_push_back(&fl->states[d->state].flights, &f->in_state);
    fl->states[d->state].count++;
    list_push_back(bucket_of(fl, f->id), &f->bucket);
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

void flight_wake_at(struct flight *f, enum flight_wake wake, struct mono at)
{
    f->wake = wake;
    timer_queue_set(&f->flights->timers, &f->timer, at);
}

void flight_unpark(struct flight *f)
{
    if (!f->parked)
        return;
    f->parked = false;
    f->flights->parked--;
    f->flights->parked_jobs -= flight_has_open_job(f);
}

/* Out of all lists; freed when the turn ends, because its callbacks may still be on the stack. */
void flight_retire(struct flight *f)
{
    struct flights *fl = f->flights;
    if (f->dead)
        return;
    poll_planner_gone(fl->context->planner, &f->poll);
    timer_queue_remove(&fl->timers, &f->timer);
    list_remove(&f->bucket);
    list_remove(&f->in_state);
    fl->states[f->doc.state].count--;
    flight_unpark(f);
    fl->count--;
    /* While it was in memory the queue's look-ups passed it over. */
    if (f->doc.state != DOC_STORED)
        fl->tally.retired++;
    f->dead = true;
    flight_to_line(f, &fl->dead, false);
}

void flights_reap(struct flights *fl)
{
    LIST_EACH_SAFE (node, &fl->dead) {
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

void flights_drop_all(struct flights *fl)
{
    for (int s = 0; s < DOC_STATE_COUNT; s++)
        while (!list_empty(&fl->states[s].flights))
            flight_retire(LIST_ENTRY(list_first(&fl->states[s].flights), struct flight, in_state));
    flights_reap(fl);
}

/* Kept in memory so that this run doesn't take it up again; in no line, and not counted as in
 * flight. */
void flight_park(struct flight *f)
{
    poll_planner_gone(f->flights->context->planner, &f->poll);
    timer_queue_remove(&f->flights->timers, &f->timer);
    list_remove(&f->line);
    if (f->parked)
        return;
    f->parked = true;
    f->flights->parked++;
    f->flights->parked_jobs += flight_has_open_job(f);
}

static void change_state(struct flight *f, const struct document *next)
{
    struct flights *fl = f->flights;
    if (next->state != DOC_PROCESSING)
        poll_planner_gone(fl->context->planner, &f->poll);
    if (next->state != f->doc.state) {
        list_remove(&f->in_state);
        fl->states[f->doc.state].count--;
        list_push_back(&fl->states[next->state].flights, &f->in_state);
        fl->states[next->state].count++;
        if (next->state == DOC_STORED)
            fl->tally.stored++;
        if (next->state == DOC_IN_DOUBT)
            fl->tally.doubted_at = clock_mono(fl->context->clock);
    }
    f->doc = *next;
}

/* Where the document comes from, for people; "" if no file holds it any more. To be freed. */
static char *path_of(const struct flight *f)
{
    struct ledger_source source = {0};
    if (f->source.path)
        return xstrdup(f->source.path);
    if (ledger_document_source(f->flights->context->ledger, f->id, 0, &source) != 1)
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
        LOG_CODE("step", doc_event_names[kind]), LOG_CODE("from", doc_state_names[from]),
        LOG_CODE("to", doc_state_names[step->state]), LOG_STR("what", doc_event_words(kind)),
        LOG_INT("attempt", f->attempt), LOG_MS("wait", step->wait_ms), LOG_CODE("cause", n->cause),
        LOG_STR("detail", n->detail));
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
    struct flights *fl = f->flights;
    /* An older attempt settles it, and its own upload is on the wire: until that has its answer
     * nobody knows of it. */
    if (n->late && from == DOC_SUBMITTING && step->state != from)
        note_attempt_end(fl->journal, f->id, f->attempt, ATTEMPT_IN_DOUBT, 0, "overtaken");
    if (step->actions & DO_STORE)
        note_result(fl->journal, f->id, f->payload, f->payload_len, n->page_count);
    if (step->actions & DO_KEEP_BYTES && n->body)
        note_kept(fl->journal, f->id, n->body, n->body_len);
    if (step->actions & DO_COUNT_RESEND)
        note_resent(fl->journal, f->id, f->attempt);
    if (step->actions & DO_UNCOUNT_RESEND)
        note_unresent(fl->journal, f->id, f->attempt);
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
        note_step(fl->journal, &s);
    }
}

/* Taken into memory for a webhook's sake alone, with nothing to wait for. */
static void put_away_if_idle(struct flight *f)
{
    bool waits =
        !list_empty(&f->line) || timer_entry_is_set(&f->timer) || f->pending || f->requests > 0;
    if (!waits && !f->parked)
        flight_retire(f);
}

void flight_event(struct flight *f, enum doc_event_kind kind, const struct news *news)
{
    static const struct news nothing = {.retry_after_ms = -1};
    struct flights *fl = f->flights;
    const struct news *n = news ? news : &nothing;
    struct doc_event ev = {.kind = kind,
                           .retry_after_ms = n->retry_after_ms,
                           .took_ms = n->took_ms,
                           .late = n->late,
                           .known = n->known,
                           .random = random_unit(&fl->context->random)};
    struct doc_policy policy = fl->context->options->retry;
    struct doc_step step;
    enum doc_state from = f->doc.state;
    if (f->foreign)
        policy.resend_in_doubt = false;

    if (!document_step(&f->doc, &ev, &policy, clock_mono(fl->context->clock), &step)) {
        LOG(LOG_ERROR, "doc.refused", LOG_INT("doc", f->id),
            LOG_CODE("step", doc_event_names[kind]), LOG_CODE("state", doc_state_names[from]));
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
        run_poke(fl->context);
        return;
    }
    timer_queue_remove(&fl->timers, &f->timer);
    f->pending = (f->pending & DO_STORE) |
                 step.actions; /* the newest decides; a result is still to be written */
    f->pending_wait_ms = step.wait_ms;
    flight_to_line(f, &fl->outbox, false);
    run_poke(fl->context);
}

size_t flights_count(const struct flights *fl, enum doc_state state)
{
    return fl->states[state].count;
}

size_t flights_with_jobs(const struct flights *fl)
{
    return fl->states[DOC_PROCESSING].count + fl->states[DOC_READY].count - fl->parked_jobs;
}

int64_t flights_oldest_job_ms(const struct flights *fl, struct mono now)
{
    int64_t oldest_ms = -1;
    LIST_EACH (node, &fl->states[DOC_PROCESSING].flights) {
        const struct flight *f = LIST_ENTRY(node, struct flight, in_state);
        int64_t ms = mono_diff(now, f->doc.accepted_at);
        oldest_ms = ms > oldest_ms ? ms : oldest_ms;
    }
    return oldest_ms;
}

bool flights_busy(const struct flights *fl)
{
    bool active = fl->count - fl->parked > fl->states[DOC_QUEUED].count;
    return flights_wait_for_commit(fl) || !list_empty(&fl->sealed) ||
           (active && !ending_has_begun(fl->ending));
}

const struct flights_tally *flights_tally(const struct flights *fl)
{
    return &fl->tally;
}

struct flight *flights_due(struct flights *fl, struct mono now)
{
    struct timer_entry *e = timer_queue_pop(&fl->timers, now);
    return e ? TIMER_OWNER(e, struct flight, timer) : NULL;
}

struct mono flights_next(const struct flights *fl, struct mono now)
{
    (void)now;
    return timer_queue_next(&fl->timers);
}

bool flights_wait_for_commit(const struct flights *fl)
{
    return !list_empty(&fl->outbox);
}

void flights_seal(struct flights *fl)
{
    list_append(&fl->sealed, &fl->outbox);
}

void flights_after_commit(struct flights *fl, struct list *list)
{
    list_append(list, &fl->sealed);
}
