/* The batch's way through a month: core's limiters, its poll planner, and results before polls, as
 * src/batch does it, without ledger and sockets. Events are the ends of uploads, polls that fall
 * due, arrivals at the server and answers; after those of one moment, everything that may go goes.
 *
 * Jobs in flight alone have memory, in a pool: a million documents need no more than a thousand. */
#include "month.h"

#include "base/list.h"
#include "base/random.h"
#include "base/require.h"
#include "base/timer_queue.h"
#include "core/limiter.h"
#include "core/poll_planner.h"

#include <stdlib.h>

enum { START_MS = 1000000, GETS_AT_ONCE = 64, QUEUE_AHEAD = 32 };

enum stage {
    UPLOAD_SENT,
    UPLOAD_ARRIVED,
    WAITING,
    POLL_SENT,
    POLL_ARRIVED,
    FETCH_SENT,
    FETCH_ARRIVED
};

struct job {
    struct list line; /* to_upload, polls, fetches or the pool */
    struct timer_entry timer;
    enum stage stage;
    bool refused, seen_done;
    struct document_draw draw;
    struct poll_job poll;
    struct mono ends_at, asked_at, ready_at;
    int64_t half_ms; /* from the server to here */
};

struct run {
    const struct month *m;
    struct random random;
    struct mono now;
    struct limiter post, get;
    struct server_window post_window, get_window;
    struct poll_planner *planner;
    struct timer_queue timers;
    struct list to_upload, polls, fetches, pool;
    int64_t sent, done;
    int uploading, gets_out, polls_out;
    uint32_t in_flight;
    struct tally *tally;
    struct outcome_of_month *out;
};

static double seconds(struct mono later, struct mono earlier)
{
    return (double)mono_diff(later, earlier) / 1000.0;
}

static struct job *new_job(struct run *r)
{
    if (list_empty(&r->pool)) {
        struct job *j = xcalloc(1, sizeof *j);
        list_init(&j->line);
        list_push_back(&r->pool, &j->line);
    }
    struct job *j = LIST_ENTRY(list_first(&r->pool), struct job, line);
    list_remove(&j->line);
    j->poll = (struct poll_job){0};
    j->refused = j->seen_done = false;
    return j;
}

static struct poll_budget budget_of(struct run *r)
{
    int64_t queued = r->m->documents - r->sent;
    bool last = queued <= QUEUE_AHEAD && queued <= limiter_room(&r->post, r->now);
    return (struct poll_budget){
        .get_per_minute = r->m->shape->get_limit,
        .get_free = limiter_room_within(&r->get, r->now, poll_planner_horizon_ms(r->planner)),
        .jobs_in_flight = r->in_flight,
        .last_jobs = last,
        .jobs_coming = (uint32_t)r->uploading + (last ? (uint32_t)queued : 0)};
}

static void plan_poll(struct run *r, struct job *j)
{
    struct poll_budget budget = budget_of(r);
    j->stage = WAITING;
    timer_queue_set(&r->timers, &j->timer,
                    poll_planner_next(r->planner, &j->poll, &budget, r->now));
}

static void poll_due(struct run *r, struct job *j)
{
    struct poll_budget budget = budget_of(r);
    struct mono at = poll_planner_due(r->planner, &j->poll, &budget, r->now);
    if (mono_reached(r->now, at))
        list_push_back(&r->polls, &j->line);
    else
        timer_queue_set(&r->timers, &j->timer, at);
}

static void answered(struct run *r, struct limiter *l, const struct job *j)
{
    limiter_done(l, r->now);
    if (!j->refused)
        return;
    limiter_refused(l, r->now, 0);
    r->out->refused++;
}

static void upload_answered(struct run *r, struct job *j)
{
    answered(r, &r->post, j);
    r->uploading--;
    if (j->refused) {
        list_push_front(&r->to_upload, &j->line);
        return;
    }
    j->poll.accepted_at = r->now;
    j->poll.size_class = poll_size_class(j->draw.pages, 0);
    r->in_flight++;
    plan_poll(r, j);
}

static void poll_answered(struct run *r, struct job *j)
{
    answered(r, &r->get, j);
    r->gets_out--;
    r->polls_out--;
    if (j->refused) {
        list_push_front(&r->polls, &j->line);
    } else if (j->seen_done) {
        j->ready_at = r->now;
        poll_planner_finished(r->planner, &j->poll, j->draw.took_ms);
        poll_planner_gone(r->planner, &j->poll);
        tally_found(r->tally, (double)j->ends_at.ms / 1000, seconds(r->now, j->ends_at));
        list_push_back(&r->fetches, &j->line);
    } else {
        poll_planner_running(r->planner, &j->poll, j->asked_at);
        plan_poll(r, j);
    }
}

static void fetch_answered(struct run *r, struct job *j)
{
    answered(r, &r->get, j);
    r->gets_out--;
    if (j->refused) {
        list_push_front(&r->fetches, &j->line);
        return;
    }
    r->in_flight--;
    r->done++;
    r->out->makespan_s = seconds(r->now, (struct mono){START_MS});
    list_push_back(&r->pool, &j->line);
}

/* At the server; its answer comes as long after. */
static void arrived(struct run *r, struct job *j)
{
    bool post = j->stage == UPLOAD_SENT;
    j->refused = !server_window_admits(post ? &r->post_window : &r->get_window, r->now.ms);
    if (post)
        j->ends_at = mono_add(r->now, j->half_ms + j->draw.took_ms);
    j->seen_done = mono_reached(r->now, j->ends_at);
    j->stage++;
    timer_queue_set(&r->timers, &j->timer, mono_add(r->now, j->half_ms));
}

static void timer_due(struct run *r, struct job *j)
{
    switch (j->stage) {
    case UPLOAD_SENT:
    case POLL_SENT:
    case FETCH_SENT:
        arrived(r, j);
        return;
    case UPLOAD_ARRIVED:
        upload_answered(r, j);
        return;
    case WAITING:
        poll_due(r, j);
        return;
    case POLL_ARRIVED:
        poll_answered(r, j);
        return;
    case FETCH_ARRIVED:
        fetch_answered(r, j);
        return;
    }
}

static void send(struct run *r, struct job *j, struct limiter *l, enum stage stage, int64_t takes)
{
    limiter_take(l, r->now);
    list_remove(&j->line);
    j->stage = stage;
    j->asked_at = r->now;
    j->half_ms = takes - takes / 2;
    timer_queue_set(&r->timers, &j->timer, mono_add(r->now, takes / 2));
}

/* Returns when the next may go. */
static struct mono send_uploads(struct run *r)
{
    while (r->uploading < r->m->uploads) {
        if (list_empty(&r->to_upload) && r->sent == r->m->documents)
            return MONO_NEVER;
        struct mono next = limiter_next(&r->post, r->now);
        if (!mono_reached(r->now, next))
            return next;
        if (list_empty(&r->to_upload)) {
            struct job *j = new_job(r);
            j->draw = month_draw(r->m, r->sent++);
            list_push_back(&r->to_upload, &j->line);
        }
        struct job *j = LIST_ENTRY(list_first(&r->to_upload), struct job, line);
        r->uploading++;
        r->out->posts++;
        send(r, j, &r->post, UPLOAD_SENT, j->draw.upload_ms);
    }
    return MONO_NEVER;
}

static struct mono send_gets(struct run *r)
{
    while (r->gets_out < GETS_AT_ONCE && !(list_empty(&r->fetches) && list_empty(&r->polls))) {
        struct mono next = limiter_next(&r->get, r->now);
        if (!mono_reached(r->now, next))
            return next;
        bool fetch = !list_empty(&r->fetches);
        if (!fetch && !poll_may_go(limiter_room(&r->get, r->now), (uint32_t)r->polls_out, 0))
            return mono_add(r->now, LIMITER_SLOT_MS);
        struct list *line = fetch ? &r->fetches : &r->polls;
        struct job *j = LIST_ENTRY(list_first(line), struct job, line);
        if (fetch) {
            double waited_s = seconds(r->now, j->ready_at);
            if (waited_s > r->out->result_wait_most_s)
                r->out->result_wait_most_s = waited_s;
        } else {
            j->poll.polls++;
            r->polls_out++;
        }
        r->gets_out++;
        r->out->gets++;
        send(r, j, &r->get, fetch ? FETCH_SENT : POLL_SENT,
             GET_LEAST_MS + (int64_t)random_below(&r->random, GET_MOST_MS - GET_LEAST_MS + 1));
    }
    return MONO_NEVER;
}

static void run_to_the_end(struct run *r)
{
    while (r->done < r->m->documents) {
        struct timer_entry *e;
        while ((e = timer_queue_pop(&r->timers, r->now)) != NULL)
            timer_due(r, TIMER_OWNER(e, struct job, timer));
        struct mono upload = send_uploads(r), get = send_gets(r);
        struct mono wake = mono_min(mono_min(upload, get), timer_queue_next(&r->timers));
        if (r->done < r->m->documents) {
            REQUIRE(wake.ms > r->now.ms && wake.ms < INT64_MAX);
            r->now = wake;
        }
    }
}

static struct poll_planner *new_planner(enum client client)
{
    return client == CLIENT_FIXED ? poll_planner_new_fixed(2000, 1500)
                                  : poll_planner_new_learned(2000, 1000);
}

/* One month; PLANNER keeps what it learns. */
static void one_month(const struct month *m, struct poll_planner *planner,
                      struct outcome_of_month *out)
{
    struct run r = {.m = m, .now = {START_MS}, .planner = planner, .out = out};
    *out = (struct outcome_of_month){0};
    random_init(&r.random, m->seed);
    limiter_init(&r.post, m->shape->post_limit, PACE_WINDOW, r.now);
    limiter_init(&r.get, m->shape->get_limit, PACE_WINDOW, r.now);
    server_window_init(&r.post_window, m->shape->post_limit);
    server_window_init(&r.get_window, m->shape->get_limit);
    timer_queue_init(&r.timers);
    list_init(&r.to_upload);
    list_init(&r.polls);
    list_init(&r.fetches);
    list_init(&r.pool);
    r.tally = tally_new(m);
    run_to_the_end(&r);
    out->got = r.done;
    tally_finish(r.tally, out);
    timer_queue_release(&r.timers);
    server_window_release(&r.post_window);
    server_window_release(&r.get_window);
    LIST_EACH_SAFE (node, &r.pool)
        free(LIST_ENTRY(node, struct job, line));
}

void month_run_planner(const struct month *m, enum client client, struct outcome_of_month *out)
{
    struct poll_planner *planner = new_planner(client);
    if (client == CLIENT_LEARNED_WARM) { /* the month before, and only its memory */
        struct month before = *m;
        before.seed += 1;
        before.documents = m->documents < 1000 ? m->documents : 1000;
        one_month(&before, planner, out);
        struct poll_planner *warm = new_planner(client);
        uint8_t memory[POLL_MEMORY_BYTES];
        for (int i = 0; i < POLL_SIZE_CLASSES; i++) {
            size_t len = poll_planner_remember(planner, i, memory);
            poll_planner_recall(warm, i, memory, len);
        }
        poll_planner_free(planner);
        planner = warm;
    }
    one_month(m, planner, out);
    poll_planner_free(planner);
}
