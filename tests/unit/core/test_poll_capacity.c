/* The planner, the limiter and 1,200 GETs a minute in virtual time: 200 documents a minute, sent in
 * bursts as the window allows or evenly, with jobs of 10 and 30 s. The GETs last, a result is never
 * kept waiting behind polls, no job starves; tight limits and a crowd of old jobs too. */
#include "core/limiter.h"
#include "core/poll_planner.h"

#include "base/random.h"
#include "base/timer_queue.h"
#include "test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UPLOAD_MS = 300, UPLOADS = 16, GET_MS = 40, START_MS = 1000000 };

struct scenario {
    const char *name;
    int documents;
    uint32_t post_limit, get_limit;
    enum limiter_pace pace;
    double median_s, sigma;
    bool accepted_before; /* all jobs are there from the start, as after a restart */
    /* what must hold */
    double gets_each_max, delay_mean_max_s, result_wait_max_s, gap_max_s, makespan_max_s;
};

static const struct scenario scenarios[] = {
    {"bursts, 10 s", 2000, 200, 1200, PACE_WINDOW, 10, 0.6, false, 5.5, 2.5, 0, 40, 600},
    {"bursts, 30 s", 2000, 200, 1200, PACE_WINDOW, 30, 0.6, false, 6.0, 7.5, 0, 61, 690},
    {"even, 10 s", 2000, 200, 1200, PACE_EVEN, 10, 0.6, false, 6.2, 2.1, 0, 40, 650},
    {"even, 30 s", 2000, 200, 1200, PACE_EVEN, 30, 0.6, false, 6.2, 5.5, 0, 40, 730},
    {"bursts, 2 s", 2000, 200, 1200, PACE_WINDOW, 2, 0.3, false, 3.0, 0.7, 0, 3, 565},
    {"bursts, 10 s, tight", 1000, 200, 600, PACE_WINDOW, 10, 0.6, false, 3.0, 16, 0, 61, 295},
    {"one burst, 5 min", 200, 200, 1200, PACE_WINDOW, 300, 0.1, false, 40, 5, 0, 61, 410},
    {"3,000 taken up again", 3000, 200, 1200, PACE_WINDOW, 0.001, 0.1, true, 2, 130, 0, 250, 250},
};

enum stage { UPLOADING, ACCEPTED, POLLING, READY, FETCHING, DONE };

struct job {
    struct timer_entry timer; /* the upload's answer, the next poll, a GET's answer */
    enum stage stage;
    struct poll_job poll;
    struct mono done_at; /* at the server */
    struct mono polled_at, ready_at;
};

struct sim {
    const struct scenario *s;
    struct random r;
    struct mono now;
    struct limiter post, get;
    struct poll_planner *planner;
    struct job *jobs;
    struct timer_queue timers;
    int sent, uploading, in_flight, done;
    struct job **ready, **due; /* waiting for a GET: results go first */
    int ready_count, ready_head, due_count, due_head;
    int gets;
    uint32_t polls_out;
    double delay_sum_s, result_wait_max_s, gap_max_s;
};

static double seconds(struct mono later, struct mono earlier)
{
    return (double)mono_diff(later, earlier) / 1000.0;
}

static void max_of(double *max, double value)
{
    if (value > *max)
        *max = value;
}

static void plan_poll(struct sim *m, struct job *j)
{
    struct poll_budget budget = {
        .get_per_minute = m->s->get_limit,
        .get_free = limiter_room_within(&m->get, m->now, poll_planner_horizon_ms(m->planner)),
        .jobs_in_flight = (uint32_t)m->in_flight};
    j->stage = ACCEPTED;
    struct mono at = poll_planner_next(m->planner, &j->poll, &budget, m->now);
    timer_queue_set(&m->timers, &j->timer, at);
}

static void accept(struct sim *m, struct job *j)
{
    double s = m->s->median_s * exp(m->s->sigma * random_normal(&m->r));
    j->done_at = mono_add(m->now, (int64_t)(s * 1000));
    j->poll = (struct poll_job){.accepted_at = m->now};
    j->polled_at = m->now;
    m->in_flight++;
}

static void get_answered(struct sim *m, struct job *j)
{
    limiter_done(&m->get, m->now);
    if (j->stage == POLLING)
        m->polls_out--;
    if (j->stage == FETCHING) {
        j->stage = DONE;
        m->in_flight--;
        m->done++;
        poll_planner_finished(m->planner, &j->poll, mono_diff(j->done_at, j->poll.accepted_at));
    } else if (j->done_at.ms < m->now.ms - GET_MS / 2) {
        j->stage = READY;
        j->ready_at = m->now;
        m->delay_sum_s += seconds(m->now, j->done_at);
        m->ready[m->ready_count++] = j;
    } else {
        plan_poll(m, j);
    }
}

static void timer_due(struct sim *m, struct job *j)
{
    if (j->stage == UPLOADING) {
        limiter_done(&m->post, m->now);
        m->uploading--;
        accept(m, j);
        plan_poll(m, j);
    } else if (j->stage == ACCEPTED) {
        m->due = realloc(m->due, sizeof *m->due * (size_t)(m->due_count + 1));
        m->due[m->due_count++] = j;
        j->stage = POLLING;
    } else {
        get_answered(m, j);
    }
}

static void send_get(struct sim *m, struct job *j)
{
    limiter_take(&m->get, m->now);
    m->gets++;
    timer_queue_set(&m->timers, &j->timer, mono_add(m->now, GET_MS));
}

/* Everything that may go now goes; returns when something else may. */
static struct mono send_all(struct sim *m)
{
    struct mono wake = MONO_NEVER;
    while (m->sent < m->s->documents && m->uploading < UPLOADS) {
        struct mono next = limiter_next(&m->post, m->now);
        wake = next;
        if (next.ms > m->now.ms)
            break;
        limiter_take(&m->post, m->now);
        struct job *j = &m->jobs[m->sent++];
        m->uploading++;
        timer_queue_set(&m->timers, &j->timer, mono_add(m->now, UPLOAD_MS));
    }
    while (m->ready_head < m->ready_count || m->due_head < m->due_count) {
        struct mono next = limiter_next(&m->get, m->now);
        if (next.ms > m->now.ms)
            return mono_min(wake, next);
        if (m->ready_head < m->ready_count) {
            struct job *j = m->ready[m->ready_head++];
            max_of(&m->result_wait_max_s, seconds(m->now, j->ready_at));
            j->stage = FETCHING;
            send_get(m, j);
        } else {
            if (!poll_may_go(limiter_room(&m->get, m->now), m->polls_out, 0)) {
                struct mono later = mono_add(m->now, 100);
                return mono_min(wake.ms > m->now.ms ? wake : MONO_NEVER, later);
            }
            m->polls_out++;
            struct job *j = m->due[m->due_head++];
            max_of(&m->gap_max_s, seconds(m->now, j->polled_at));
            j->polled_at = m->now;
            j->poll.polls++;
            send_get(m, j);
        }
    }
    return wake.ms > m->now.ms ? wake : MONO_NEVER;
}

static void begin(struct sim *m, const struct scenario *s)
{
    *m = (struct sim){.s = s, .now = {START_MS}};
    random_init(&m->r, 42);
    limiter_init(&m->post, s->post_limit, s->pace, m->now);
    limiter_init(&m->get, s->get_limit, PACE_WINDOW, m->now);
    m->planner = poll_planner_new_fixed(2000, 1000);
    m->jobs = calloc((size_t)s->documents, sizeof *m->jobs);
    m->ready = calloc((size_t)s->documents, sizeof *m->ready);
    assert_true(m->jobs != NULL && m->ready != NULL);
    timer_queue_init(&m->timers);
    if (!s->accepted_before)
        return;
    for (m->sent = 0; m->sent < s->documents; m->sent++)
        accept(m, &m->jobs[m->sent]);
    for (int i = 0; i < s->documents; i++) { /* an old job is asked at once */
        m->jobs[i].stage = ACCEPTED;
        timer_queue_set(&m->timers, &m->jobs[i].timer, m->now);
    }
}

static void end(struct sim *m)
{
    poll_planner_free(m->planner);
    timer_queue_release(&m->timers);
    free(m->jobs);
    free(m->ready);
    free(m->due);
}

static void run_scenario(const struct scenario *s)
{
    struct sim m;
    begin(&m, s);
    while (m.done < s->documents) {
        struct timer_entry *e;
        while ((e = timer_queue_pop(&m.timers, m.now)) != NULL)
            timer_due(&m, TIMER_OWNER(e, struct job, timer));
        struct mono wake = send_all(&m);
        wake = mono_min(wake, timer_queue_next(&m.timers));
        assert_true(wake.ms < INT64_MAX || m.done == s->documents);
        if (m.done < s->documents)
            m.now = wake;
    }
    double makespan_s = seconds(m.now, (struct mono){START_MS});
    double gets_each = (double)m.gets / s->documents, delay_s = m.delay_sum_s / s->documents;
    print_message("%-22s %4.1f GETs each, found %4.1f s late, results waited %4.1f s at most, "
                  "gaps up to %3.0f s, %4.0f s in all\n",
                  s->name, gets_each, delay_s, m.result_wait_max_s, m.gap_max_s, makespan_s);
    end(&m);
    assert_true(gets_each <= s->gets_each_max);
    assert_true(delay_s <= s->delay_mean_max_s);
    assert_true(m.result_wait_max_s <= s->result_wait_max_s);
    assert_true(m.gap_max_s <= s->gap_max_s);
    assert_true(makespan_s <= s->makespan_max_s);
}

static void test_scenarios(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof scenarios / sizeof scenarios[0]; i++)
        run_scenario(&scenarios[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_scenarios)};
    return cmocka_run_group_tests_name("poll_capacity", tests, NULL, NULL);
}
