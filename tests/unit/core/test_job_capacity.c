/* Uploads bend before results expire: a server in virtual time that forgets each result an hour
 * after its job's end, the real limiters and the planner, and a batch with more documents than the
 * GETs can follow. Without the bend results are lost; with it none is, and documents are stored
 * about as fast as the GETs allow. */
#include "core/job_capacity.h"
#include "core/poll_planner.h"

#include "base/random.h"
#include "base/timer_queue.h"
#include "test.h"

#include <math.h>
#include <stdlib.h>

enum { START_MS = 1000000, GET_MS = 50, MINUTE_MS = 60000, STORED_MS = 60 * MINUTE_MS };

struct scenario {
    const char *name;
    int documents;
    uint32_t post_limit, get_limit;
    int server_gets; /* a minute; 0: as many as get_limit says */
    double median_s, sigma;
    int stop_after_s, stop_for_s; /* nothing runs for a while; 0: no stop */
    int least_lost;               /* without the bend */
    double most_minutes;          /* with it */
};

/* At 30 GETs a minute 15 documents can be found done and fetched. */
static const struct scenario scenarios[] = {
    {"few GETs, jobs of 20 s", 3000, 200, 30, 0, 20, 0.6, 0, 0, 500, 250},
    {"few GETs, jobs of 20 min", 3000, 200, 30, 0, 1200, 0.1, 0, 0, 500, 330},
    {"GETs of others", 3000, 200, 1200, 30, 20, 0.6, 0, 0, 200, 330},
    {"a stop of 25 min", 3000, 200, 30, 0, 20, 0.6, 1800, 1500, 500, 280},
    {"Mindee's limits, jobs of 20 min", 6000, 200, 1200, 0, 1200, 0.3, 0, 0, 0, 80},
};

enum stage { UPLOADING, WAITING, POLLING, FETCHING, OVER };

struct job {
    struct timer_entry timer;
    enum stage stage;
    struct poll_job poll;
    int64_t done_ms;
    bool refused;
};

struct sim {
    const struct scenario *s;
    bool bends;
    struct random r;
    struct mono now;
    struct limiter post, get;
    struct poll_planner *planner;
    struct timer_queue timers;
    struct job *jobs;
    struct job **ready, **due;
    size_t ready_head, ready_end, due_head, due_end, room;
    int sent, in_flight, stored, lost;
    uint32_t polls_out;
    int64_t *gets_seen; /* ring: what the server let in */
    int gets_let_in, most_in_flight;
    int64_t longest_kept_ms; /* a result, before it was fetched */
};

static void put(struct sim *m, struct job **line, size_t *end, struct job *j)
{
    line[(*end)++ % m->room] = j;
}

/* What was refused is the next to go. */
static void put_first(struct sim *m, struct job **line, size_t *head, struct job *j)
{
    line[--*head % m->room] = j; /* it was taken from there */
}

static bool server_admits_get(struct sim *m)
{
    if (!m->s->server_gets)
        return true;
    int64_t *oldest = &m->gets_seen[m->gets_let_in % m->s->server_gets];
    if (*oldest && m->now.ms - *oldest < MINUTE_MS)
        return false;
    *oldest = m->now.ms;
    m->gets_let_in++;
    return true;
}

static void plan_poll(struct sim *m, struct job *j)
{
    struct poll_budget budget = {
        .get_per_minute = (uint32_t)limiter_rate_per_minute(&m->get),
        .get_free = limiter_room_within(&m->get, m->now, poll_planner_horizon_ms(m->planner)),
        .jobs_in_flight = (uint32_t)m->in_flight};
    j->stage = WAITING;
    timer_queue_set(&m->timers, &j->timer,
                    poll_planner_next(m->planner, &j->poll, &budget, m->now));
}

static void end_job(struct sim *m, struct job *j, int *tally)
{
    j->stage = OVER;
    m->in_flight--;
    ++*tally;
}

static void accepted(struct sim *m, struct job *j)
{
    double s = m->s->median_s * exp(m->s->sigma * random_normal(&m->r));
    limiter_done(&m->post, m->now);
    j->done_ms = m->now.ms + (int64_t)(s * 1000);
    j->poll = (struct poll_job){.accepted_at = m->now};
    plan_poll(m, j);
}

static void get_answered(struct sim *m, struct job *j)
{
    bool fetch = j->stage == FETCHING, gone = m->now.ms > j->done_ms + STORED_MS;
    m->polls_out -= !fetch;
    limiter_done(&m->get, m->now);
    if (j->refused) {
        limiter_refused(&m->get, m->now, -1);
        put_first(m, fetch ? m->ready : m->due, fetch ? &m->ready_head : &m->due_head, j);
    } else if (m->now.ms < j->done_ms) {
        plan_poll(m, j);
    } else if (fetch) {
        int64_t kept_ms = m->now.ms - j->done_ms;
        if (kept_ms > m->longest_kept_ms)
            m->longest_kept_ms = kept_ms;
        end_job(m, j, gone ? &m->lost : &m->stored);
    } else {
        poll_planner_finished(m->planner, &j->poll, j->done_ms - j->poll.accepted_at.ms);
        put(m, m->ready, &m->ready_end, j);
    }
}

static void send_get(struct sim *m, struct job *j, enum stage stage)
{
    limiter_take(&m->get, m->now);
    j->stage = stage;
    j->refused = !server_admits_get(m);
    timer_queue_set(&m->timers, &j->timer, mono_add(m->now, GET_MS));
}

static struct mono send_gets(struct sim *m)
{
    while (m->ready_head < m->ready_end || m->due_head < m->due_end) {
        struct mono next = limiter_next(&m->get, m->now);
        if (next.ms > m->now.ms)
            return next;
        if (m->ready_head < m->ready_end) {
            send_get(m, m->ready[m->ready_head++ % m->room], FETCHING);
        } else {
            if (!poll_may_go(limiter_room(&m->get, m->now), m->polls_out, 0))
                return mono_add(m->now, 100);
            struct job *j = m->due[m->due_head++ % m->room];
            m->polls_out++;
            j->poll.polls++;
            send_get(m, j, POLLING);
        }
    }
    return MONO_NEVER;
}

static struct mono send_uploads(struct sim *m)
{
    while (m->sent < m->s->documents) {
        struct mono next = limiter_next(&m->post, m->now);
        if (m->bends && m->in_flight >= (int)job_capacity_max(&m->get, m->now))
            return MONO_NEVER; /* until one ends */
        if (next.ms > m->now.ms)
            return next;
        struct job *j = &m->jobs[m->sent++];
        if (++m->in_flight > m->most_in_flight)
            m->most_in_flight = m->in_flight;
        limiter_take(&m->post, m->now);
        timer_queue_set(&m->timers, &j->timer, mono_add(m->now, 300));
    }
    return MONO_NEVER;
}

static void timers_due(struct sim *m)
{
    struct timer_entry *e;
    while ((e = timer_queue_pop(&m->timers, m->now)) != NULL) {
        struct job *j = TIMER_OWNER(e, struct job, timer);
        if (j->stage == UPLOADING)
            accepted(m, j);
        else if (j->stage == WAITING)
            put(m, m->due, &m->due_end, j);
        else
            get_answered(m, j);
    }
}

static void run(struct sim *m)
{
    const struct scenario *s = m->s;
    int64_t stop_ms = s->stop_for_s ? START_MS + s->stop_after_s * 1000LL : INT64_MAX;
    while (m->stored + m->lost < s->documents) {
        timers_due(m);
        struct mono gets = send_gets(m), uploads = send_uploads(m);
        struct mono wake = mono_min(mono_min(gets, uploads), timer_queue_next(&m->timers));
        bool all = m->stored + m->lost == s->documents;
        assert_true(all || (wake.ms > m->now.ms && wake.ms < INT64_MAX));
        if (!all && wake.ms >= stop_ms) { /* all that was due waits until then */
            wake.ms = stop_ms + s->stop_for_s * 1000LL;
            stop_ms = INT64_MAX;
        }
        m->now = all ? m->now : wake;
    }
}

static void simulate(const struct scenario *s, bool bends)
{
    struct sim m = {.s = s, .bends = bends, .now = {START_MS}, .room = (size_t)s->documents + 1};
    random_init(&m.r, 11);
    limiter_init(&m.post, s->post_limit, PACE_WINDOW, m.now);
    limiter_init(&m.get, s->get_limit, PACE_WINDOW, m.now);
    m.planner = poll_planner_new_fixed(2000, 1000);
    m.jobs = calloc(m.room, sizeof *m.jobs);
    m.ready = calloc(m.room, sizeof *m.ready);
    m.due = calloc(m.room, sizeof *m.due);
    m.gets_seen = calloc((size_t)s->server_gets + 1, sizeof *m.gets_seen);
    assert_true(m.jobs && m.ready && m.due && m.gets_seen);
    timer_queue_init(&m.timers);
    run(&m);
    double minutes = (double)(m.now.ms - START_MS) / MINUTE_MS;
    print_message("%-32s %-8s %4d stored, %4d lost, in flight %4d at most, a result kept %3.0f "
                  "minutes at most, %3.0f in all\n",
                  s->name, bends ? "bent" : "not bent", m.stored, m.lost, m.most_in_flight,
                  (double)m.longest_kept_ms / MINUTE_MS, minutes);
    poll_planner_free(m.planner);
    timer_queue_release(&m.timers);
    free(m.jobs);
    free(m.ready);
    free(m.due);
    free(m.gets_seen);
    if (bends) {
        assert_int_equal(m.lost, 0);
        assert_true(minutes <= s->most_minutes);
    } else {
        assert_true(m.lost >= s->least_lost);
    }
}

static void test_bends_before_results_expire(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++) {
        simulate(&scenarios[i], false);
        simulate(&scenarios[i], true);
    }
}

static void test_jobs_max(void **state)
{
    (void)state;
    struct limiter l;
    struct mono now = {START_MS};
    limiter_init(&l, 0, PACE_WINDOW, now);
    assert_int_equal(job_capacity_max(&l, now), JOB_CAPACITY_JOBS_MAX);
    limiter_init(&l, 1200, PACE_WINDOW, now);
    assert_int_equal(job_capacity_max(&l, now), JOB_CAPACITY_JOBS_MAX); /* 12,000 */
    limiter_init(&l, 90, PACE_WINDOW, now);
    assert_int_equal(job_capacity_max(&l, now), 900); /* 90 * 30 / 3 */
    for (int i = 0; i < 10; i++) {
        limiter_take(&l, now);
        limiter_done(&l, now);
    }
    limiter_refused(&l, now, -1);
    assert_int_equal(job_capacity_max(&l, now), 90); /* 9 of the 10 got through */
    now = mono_add(now, 60700);
    assert_int_equal(job_capacity_max(&l, now), 90); /* nothing since shows that there are more */
    for (int i = 0; i < 20; i++) {
        now = mono_max(now, limiter_next(&l, now));
        limiter_take(&l, now);
        limiter_done(&l, now);
    }
    assert_int_equal(job_capacity_max(&l, now), 200);
    now = mono_add(now, 600000);
    assert_int_equal(job_capacity_max(&l, now), 900); /* all is well again */
    limiter_init(&l, 45, PACE_WINDOW, now);
    limiter_lease(&l, 0, now);
    limiter_clear_others(&l, 5); /* another run takes 20 of the 45 */
    limiter_add_others(&l, now, 15);
    assert_int_equal(job_capacity_max(&l, now), 250);
    limiter_add_others(&l, now, 100);
    assert_int_equal(job_capacity_max(&l, now), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_jobs_max),
        cmocka_unit_test(test_bends_before_results_expire),
    };
    return cmocka_run_group_tests_name("job_capacity", tests, NULL, NULL);
}
