/* See fake_flights.h. */
#include "fake_flights.h"

#include "base/text.h"
#include "ledger/document_ledger.h"
#include "record.h"

#include <stdlib.h>

struct flights *flights_new(struct run_context *c, struct ending *ending, struct journal *journal)
{
    struct flights *fl = xcalloc(1, sizeof *fl);
    fl->context = c;
    fl->ending = ending;
    fl->journal = journal;
    for (int s = 0; s < DOC_STATE_COUNT; s++)
        list_init(&fl->states[s]);
    list_init(&fl->outbox);
    list_init(&fl->sealed);
    list_init(&fl->dead);
    timer_queue_init(&fl->timers);
    fl->tally.doubted_at = clock_mono(c->clock);
    for (int e = 0; e < EV_COUNT; e++)
        fl->to[e] = -1;
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

/* --- one by one --- */

struct flight *flight_new(struct flights *fl, const struct ledger_document *d)
{
    struct flight *f = xcalloc(1, sizeof *f);
    f->flights = fl;
    f->id = d->id;
    f->doc = (struct document){.state = d->state,
                               .has_job = d->has_job,
                               .attempts = d->attempts,
                               .resends = d->resends,
                               .accepted_at = clock_mono(fl->context->clock)};
    f->attempt = d->attempt;
    f->size_bytes = d->size_bytes;
    f->type = d->type;
    f->pages = d->pages;
    text_copy(f->job_id, sizeof f->job_id, d->job_id);
    f->result_url = d->result_url ? xstrdup(d->result_url) : NULL;
    f->asked_until =
        mono_add(clock_mono(fl->context->clock), fl->context->options->polling.give_up_ms);
    list_init(&f->line);
    list_init(&f->bucket);
    list_push_back(&fl->states[d->state], &f->in_state);
    return f;
}

struct flight *fake_flight(struct flights *fl, int64_t id, enum doc_state state)
{
    const struct ledger_document d = {
        .id = id, .state = state, .attempt = 1, .size_bytes = 1000, .pages = -1};
    return flight_new(fl, &d);
}

struct flight *flight_find(struct flights *fl, int64_t id)
{
    for (int s = 0; s < DOC_STATE_COUNT; s++)
        LIST_EACH (node, &fl->states[s]) {
            struct flight *f = LIST_ENTRY(node, struct flight, in_state);
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
    if (fl->unreadable) {
        ending_storage_failed(fl->ending);
        return NULL;
    }
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

bool flight_has_open_job(const struct flight *f)
{
    return f->doc.state == DOC_PROCESSING || f->doc.state == DOC_READY;
}

void flight_event(struct flight *f, enum doc_event_kind kind, const struct news *news)
{
    struct flights *fl = f->flights;
    if (news) {
        record("event doc=%lld %s %s %s %s", (long long)f->id, doc_event_names[kind],
               record_text(news->cause), record_text(news->code), record_text(news->detail));
        fl->news = *news;
        fl->news_count++;
    } else {
        record("event doc=%lld %s", (long long)f->id, doc_event_names[kind]);
    }
    if (fl->to[kind] >= 0) {
        f->doc.state = (enum doc_state)fl->to[kind];
        list_remove(&f->in_state);
        list_push_back(&fl->states[f->doc.state], &f->in_state);
    }
    f->fresh = false;
    f->parked = false;
    timer_queue_remove(&fl->timers, &f->timer);
    flight_to_line(f, &fl->outbox, false);
    run_poke(fl->context);
}

void flight_wake_at(struct flight *f, enum flight_wake wake, struct mono at)
{
    f->wake = wake;
    timer_queue_set(&f->flights->timers, &f->timer, at);
}

void flight_to_line(struct flight *f, struct list *line, bool head)
{
    list_remove(&f->line);
    if (head)
        list_push_front(line, &f->line);
    else
        list_push_back(line, &f->line);
}

void flight_park(struct flight *f)
{
    timer_queue_remove(&f->flights->timers, &f->timer);
    list_remove(&f->line);
    f->parked = true;
}

void flight_unpark(struct flight *f)
{
    f->parked = false;
}

void flight_retire(struct flight *f)
{
    if (f->dead)
        return;
    timer_queue_remove(&f->flights->timers, &f->timer);
    list_remove(&f->in_state);
    f->dead = true;
    f->flights->tally.retired += f->doc.state != DOC_STORED;
    flight_to_line(f, &f->flights->dead, false);
}

/* --- all together --- */

size_t flights_count(const struct flights *fl, enum doc_state state)
{
    size_t count = 0;
    LIST_EACH (node, &fl->states[state])
        count++;
    return count;
}

size_t flights_with_jobs(const struct flights *fl)
{
    size_t count = 0;
    for (int s = DOC_PROCESSING; s <= DOC_READY; s++)
        LIST_EACH (node, &fl->states[s])
            count += !LIST_ENTRY(node, struct flight, in_state)->parked;
    return count;
}

bool flights_busy(const struct flights *fl)
{
    return fl->busy || flights_wait_for_commit(fl);
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
        while (!list_empty(&fl->states[s]))
            flight_retire(LIST_ENTRY(list_first(&fl->states[s]), struct flight, in_state));
    flights_reap(fl);
}
