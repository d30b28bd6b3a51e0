/* See release.h. */
#include "batch/release.h"

#include <stdlib.h>

struct release {
    struct release_neighbours with;
};

struct release *release_new(const struct release_neighbours *with)
{
    struct release *r = xcalloc(1, sizeof *r);
    r->with = *with;
    return r;
}

void release_free(struct release *r)
{
    free(r);
}

/* After the jobs in flight, and what can be sent at once, there is nothing more to do. */
static bool last_jobs(const struct release *r, struct mono now)
{
    const struct release_neighbours *w = &r->with;
    if (admit_pauses(w->admit) & (PAUSE_BUDGET | PAUSE_DISK))
        return true;
    return !find_busy(w->find) && !retry_busy(w->retry) && !recover_busy(w->recover) &&
           send_queue_ledger_empty(w->queue) &&
           flights_count(w->flights, DOC_QUEUED) <= pace_room(w->pace, PACE_POST, now);
}

static void poll_or_put_off(struct release *r, struct flight *f, struct mono now)
{
    struct mono at = poll_replan(r->with.poll, f, now, last_jobs(r, now));
    if (mono_reached(now, at))
        poll_due(r->with.poll, f);
    else
        flight_wake_at(f, WAKE_POLL, at);
}

void release_due(struct release *r, struct mono now)
{
    struct flight *f;
    while ((f = flights_due(r->with.flights, now)) != NULL) {
        enum flight_wake wake = f->wake;
        f->wake = WAKE_NONE;
        if (wake == WAKE_QUEUE)
            send_queue_add(r->with.queue, f);
        else if (wake == WAKE_POLL)
            poll_or_put_off(r, f, now);
        else if (wake == WAKE_FETCH)
            fetch_due(r->with.fetch, f, f->asks_first);
        else if (wake == WAKE_RESEND)
            flight_event(f, EV_RESEND, NULL);
    }
}

/* What a document does next: the newest of its steps decides. */
static void go_on(struct release *r, struct flight *f, unsigned pending, struct mono now)
{
    int64_t wait_ms = f->pending_wait_ms;
    if (pending & DO_SUBMIT) {
        upload_send(r->with.upload, f, now);
    } else if (pending & (DO_QUEUE | DO_QUEUE_HEAD)) {
        f->queue_head = (pending & DO_QUEUE_HEAD) != 0;
        if (wait_ms > 0)
            flight_wake_at(f, WAKE_QUEUE, mono_add(now, wait_ms));
        else
            send_queue_add(r->with.queue, f);
    } else if (pending & DO_FETCH) {
        if (wait_ms > 0)
            flight_wake_at(f, WAKE_FETCH, mono_add(now, wait_ms));
        else
            fetch_due(r->with.fetch, f, false);
    } else if (pending & DO_POLL) {
        bool last = last_jobs(r, now);
        flight_wake_at(f, WAKE_POLL, poll_plan(r->with.poll, f, now, wait_ms, last));
    } else if (pending & DO_RESEND_AFTER) {
        flight_wake_at(f, WAKE_RESEND, mono_add(now, wait_ms));
    }
}

static void release_one(struct release *r, struct flight *f, struct mono now)
{
    unsigned pending = f->pending;
    bool adopts = f->adopts;
    f->pending = 0;
    f->adopts = false;
    list_remove(&f->line);
    if (pending & DO_STORE)
        publish_result(r->with.publish, f);
    if (doc_state_is_final(f->doc.state))
        move_consider(r->with.move, f->id);
    if (!(pending & DO_FORGET))
        go_on(r, f, pending, now);
    else if (flight_has_open_job(f) || f->doc.state == DOC_IN_DOUBT)
        flight_park(f);
    else if (!f->uploading) /* else its upload's end says the same */
        flight_retire(f);
    if (adopts)
        receive_adopt(r->with.receive, f);
}

void release_after_commit(struct release *r, struct mono now)
{
    struct list waiting;
    list_init(&waiting);
    flights_after_commit(r->with.flights, &waiting);
    while (!list_empty(&waiting))
        release_one(r, LIST_ENTRY(list_first(&waiting), struct flight, line), now);
}
