/* The learned planner by literal situations: the cadence's bounds, what it learns, the price of a
 * GET, crowds, old jobs, and what stays for the next run. How it does over a month is
 * bench/month_end's to show. */
#include "core/poll_planner.h"

#include "test.h"

#include <stdlib.h>
#include <string.h>

enum { BEGIN = 1000000 };

static struct poll_planner *planner;

static int fresh_planner(void **state)
{
    (void)state;
    planner = poll_planner_new_learned(2000, 1000);
    return 0;
}

static int free_planner(void **state)
{
    (void)state;
    poll_planner_free(planner);
    return 0;
}

static const struct poll_budget plenty = {1200, 1200, 1, false, 0};

static int64_t next(struct poll_job *job, const struct poll_budget *budget, int64_t now)
{
    return poll_planner_next(planner, job, budget, (struct mono){now}).ms;
}

/* A job that takes TOOK_MS, polled as planned. Returns the polls; *DELAY_MS:
 * how late it was seen. */
static int live(int size_class, int64_t at, int64_t took_ms, const struct poll_budget *budget,
                int64_t *delay_ms)
{
    struct poll_job job = {.accepted_at = {at}, .size_class = size_class};
    int64_t now = at, before = at;
    for (;;) {
        now = next(&job, budget, now);
        assert_true(now - before >= (job.polls == 0 ? 2000 : 1000));
        assert_true(now - before <= 60000);
        before = now;
        job.polls++;
        if (now - at >= took_ms)
            break;
        poll_planner_running(planner, &job, (struct mono){now});
    }
    poll_planner_finished(planner, &job, took_ms);
    poll_planner_gone(planner, &job);
    if (delay_ms)
        *delay_ms = now - at - took_ms;
    return job.polls;
}

/* JOBS of them, one after the other: means. */
static double mean_delay(int size_class, int jobs, int64_t took_ms,
                         const struct poll_budget *budget, double *polls)
{
    static int64_t at = BEGIN;
    int64_t delay, sum = 0, polled = 0;
    for (int i = 0; i < jobs; i++, at += 700000) {
        polled += live(size_class, at, took_ms + i % 10, budget, &delay);
        sum += delay;
    }
    *polls = (double)polled / jobs;
    return (double)sum / jobs;
}

static void test_cold_start(void **state)
{
    (void)state;
    double polls, delay = mean_delay(0, 1, 8000, &plenty, &polls);
    assert_true(polls >= 2 && polls <= 6);
    assert_true(delay < 4000);
}

static void test_learns_when_to_ask(void **state)
{
    (void)state;
    double polls;
    mean_delay(0, 300, 20000, &plenty, &polls);
    double delay = mean_delay(0, 50, 20000, &plenty, &polls);
    assert_true(polls < 3.5);
    assert_true(delay < 1500);
    /* Nothing of it is said about documents of another size. */
    mean_delay(3, 1, 8000, &plenty, &polls);
    assert_true(polls >= 2);
}

static void test_sudden_slowdown(void **state)
{
    (void)state;
    double polls, first_polls;
    mean_delay(0, 300, 8000, &plenty, &polls);
    mean_delay(0, 1, 40000, &plenty, &first_polls);
    assert_true(first_polls < 40); /* no storm over the first of them */
    mean_delay(0, 300, 40000, &plenty, &polls);
    double delay = mean_delay(0, 50, 40000, &plenty, &polls);
    assert_true(polls < 8);
    assert_true(delay < 3000);
}

static void test_jobs_that_never_end(void **state)
{
    (void)state;
    double polls, delay;
    mean_delay(0, 300, 8000, &plenty, &polls);
    for (int i = 0; i < 20; i++)
        delay = mean_delay(0, 1, 590000, &plenty, &polls);
    assert_true(polls < 60);
    assert_true(delay <= 60000);
    delay = mean_delay(0, 20, 8000, &plenty, &polls); /* the others are none the worse */
    assert_true(delay < 1500);
}

/* The first poll of one more job beside 199 others. */
static int64_t first_poll(const struct poll_budget *budget)
{
    static struct poll_job jobs[200];
    static int64_t at = INT64_C(1000000000);
    int64_t wait = 0;
    at += 1000000;
    for (int i = 0; i < 200; i++) {
        jobs[i] = (struct poll_job){.accepted_at = {at + i}};
        wait = next(&jobs[i], budget, at + i) - at - i;
    }
    jobs[0].accepted_at.ms = at + 1000; /* with the others, and priced anew */
    wait = next(&jobs[0], budget, at + 1000) - at - 1000;
    for (int i = 0; i < 200; i++)
        poll_planner_gone(planner, &jobs[i]);
    return wait;
}

static void test_a_tight_budget_is_dearer(void **state)
{
    (void)state;
    static const struct poll_budget rich = {1200, 1200, 200, false, 0},
                                    tight = {1200, 500, 200, false, 0};
    for (int64_t took = 5000; took < 20000; took += 50)
        live(0, BEGIN + took * 1000, took, &plenty, NULL);
    int64_t at_rich = first_poll(&rich), at_tight = first_poll(&tight);
    assert_true(at_tight > at_rich);
    assert_true(at_tight < 20000); /* by then nearly all are done: waiting longer saves nothing */
}

static void test_nothing_left_is_no_standstill(void **state)
{
    (void)state;
    static const struct poll_budget nothing = {1200, 0, 400, false, 0},
                                    crowd = {1200, 0, 2400, false, 0};
    struct poll_job job = {.accepted_at = {BEGIN}};
    assert_true(next(&job, &nothing, BEGIN) <= BEGIN + 60000);
    poll_planner_running(planner, &job, (struct mono){BEGIN + 60000});
    job.polls = 1;
    assert_true(next(&job, &nothing, BEGIN + 60000) <= BEGIN + 120000);
    assert_true(next(&job, &crowd, BEGIN + 61000) <= BEGIN + 60000 + 240000);
}

static void test_no_limit(void **state)
{
    (void)state;
    static const struct poll_budget none = {0, UINT32_MAX, 100000, false, 0};
    double polls, delay = mean_delay(0, 100, 5000, &none, &polls);
    assert_true(delay < 2000);
    assert_true(polls < 5);
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* As after a restart: all are due, and they go by turns. */
static void test_old_jobs_are_no_storm(void **state)
{
    (void)state;
    enum { JOBS = 2400 };
    static struct poll_job jobs[JOBS];
    static int64_t at[JOBS];
    struct poll_budget budget = {1200, 1200, JOBS, false, 0};
    for (int i = 0; i < JOBS; i++) {
        jobs[i] = (struct poll_job){.accepted_at = {BEGIN}};
        at[i] = next(&jobs[i], &budget, BEGIN + 3600000);
        assert_true(at[i] >= BEGIN + 3600000);
        assert_true(at[i] <= BEGIN + 3600000 + 240000);
    }
    qsort(at, JOBS, sizeof *at, compare);
    for (int i = 0; i + 710 < JOBS; i++) /* a minute's, and those that needn't wait */
        assert_true(at[i + 710] - at[i] >= 60000);
    for (int i = 0; i < JOBS; i++)
        poll_planner_gone(planner, &jobs[i]);
    /* A few go at once. */
    struct poll_job one = {.accepted_at = {BEGIN}};
    assert_int_equal(next(&one, &budget, BEGIN + 9000000), BEGIN + 9000000);
    /* And without a limit all do. */
    budget.get_per_minute = 0;
    for (int i = 0; i < 1000; i++)
        assert_int_equal(poll_planner_overdue(planner, &budget, (struct mono){BEGIN + 9000000}).ms,
                         BEGIN + 9000000);
}

/* Called twice, or for a job that it never saw: nothing is counted wrong. */
static void test_gone_is_gone(void **state)
{
    (void)state;
    struct poll_job seen = {.accepted_at = {BEGIN}}, never = seen;
    next(&seen, &plenty, BEGIN);
    next(&seen, &plenty, BEGIN + 100);
    poll_planner_running(planner, &seen, (struct mono){BEGIN + 5000});
    poll_planner_running(planner, &seen, (struct mono){BEGIN + 4000}); /* an older answer */
    assert_int_equal(seen.running_ms, 5000);
    poll_planner_gone(planner, &seen);
    poll_planner_gone(planner, &seen);
    poll_planner_gone(planner, &never);
    poll_planner_running(planner, &never, (struct mono){BEGIN + 5000});
    assert_int_equal(never.running_ms, 0);
    poll_planner_finished(planner, &never, -1);
    poll_planner_finished(planner, &never, INT64_MAX);
}

static void test_memory(void **state)
{
    (void)state;
    uint8_t memory[POLL_MEMORY_BYTES];
    double polls, cold, warm;
    assert_int_equal(poll_planner_remember(planner, 2, memory), 0);
    mean_delay(2, 200, 30000, &plenty, &polls);
    size_t len = poll_planner_remember(planner, 2, memory);
    assert_true(len > 0 && len <= sizeof memory);
    assert_int_equal(poll_planner_remember(planner, 1, memory + len), 0);
    uint8_t again[POLL_MEMORY_BYTES];
    assert_int_equal(poll_planner_remember(planner, 2, again), 0); /* nothing is new */

    poll_planner_free(planner);
    planner = poll_planner_new_learned(2000, 1000);
    mean_delay(2, 1, 30000, &plenty, &cold);
    poll_planner_recall(planner, 2, memory, len);
    assert_int_equal(poll_planner_remember(planner, 2, again), 0);
    mean_delay(2, 1, 30000, &plenty, &warm);
    assert_true(warm < cold);
    poll_planner_recall(planner, 2, memory, len - 1); /* what isn't one, is ignored */
    poll_planner_recall(planner, 99, memory, len);
    poll_planner_recall(planner, -1, memory, len);
    struct poll_planner *fixed = poll_planner_new_fixed(2000, 1000);
    poll_planner_recall(fixed, 2, memory, len);
    assert_int_equal(poll_planner_remember(fixed, 2, again), 0);
    poll_planner_free(fixed);
}

/* Planned while nothing was known, and due when others have shown that jobs take long. */
static void test_a_poll_is_put_off(void **state)
{
    (void)state;
    enum { JOBS = 100 };
    static const struct poll_budget all = {1200, 1200, JOBS, false, 0};
    static struct poll_job jobs[JOBS];
    struct poll_job last = {.accepted_at = {BEGIN}};
    int64_t at = next(&last, &all, BEGIN);
    assert_int_equal(poll_planner_due(planner, &last, &all, (struct mono){at}).ms, at); /* still */
    for (int i = 0; i < JOBS; i++) {
        jobs[i] = (struct poll_job){.accepted_at = {BEGIN}};
        next(&jobs[i], &all, BEGIN);
        poll_planner_running(planner, &jobs[i], (struct mono){at - 100});
    }
    int64_t later = poll_planner_due(planner, &last, &all, (struct mono){at + 1100}).ms;
    assert_true(later > at + 1200);
    assert_true(later < at + 60000);
    assert_int_equal(poll_planner_due(planner, &last, &all, (struct mono){later}).ms, later);
    assert_int_equal(last.polls, 0);
    /* One that it never planned, and the fixed planner's. */
    struct poll_job never = {.accepted_at = {BEGIN}};
    assert_int_equal(poll_planner_due(planner, &never, &all, (struct mono){BEGIN + 1}).ms,
                     BEGIN + 1);
    struct poll_planner *fixed = poll_planner_new_fixed(2000, 1000);
    next(&never, &all, BEGIN);
    assert_int_equal(poll_planner_due(fixed, &never, &all, (struct mono){BEGIN + 1}).ms, BEGIN + 1);
    poll_planner_free(fixed);
}

/* For the last of all a second is a second of the batch's end; for the many before them it isn't. */
static void test_the_last_few_are_asked_more_often(void **state)
{
    (void)state;
    static const struct poll_budget one = {1200, 1200, 1, false, 0},
                                    one_last = {1200, 1200, 1, true, 0},
                                    many_last = {1200, 1200, 101, true, 100};
    for (int64_t took = 10000; took < 40000; took += 50)
        live(0, BEGIN + took * 1000, took, &plenty, NULL);
    struct poll_job job = {.accepted_at = {BEGIN}};
    int64_t before = next(&job, &one, BEGIN), last = next(&job, &one_last, BEGIN + 1000);
    int64_t of_many = next(&job, &many_last, BEGIN + 2000);
    assert_true(last < before - 1000);
    assert_true(of_many > last);
}

/* Bursts of 200 that all take the same: the price neither starves nor swings. */
static void test_the_price_is_steady(void **state)
{
    (void)state;
    struct poll_job jobs[200];
    int64_t shortest = INT64_MAX, longest = 0;
    for (int burst = 0; burst < 10; burst++) {
        int64_t begin = BEGIN + burst * 60800;
        for (int i = 0; i < 200; i++) {
            struct poll_budget budget = {1200, 1100, (uint32_t)i + 1, false, 0};
            int64_t now = begin + i * 18;
            jobs[i] = (struct poll_job){.accepted_at = {now}};
            int64_t wait = next(&jobs[i], &budget, now) - now;
            if (burst < 2)
                continue;
            shortest = wait < shortest ? wait : shortest;
            longest = wait > longest ? wait : longest;
        }
        for (int i = 0; i < 200; i++) {
            poll_planner_finished(planner, &jobs[i], 6000 + i * 40);
            poll_planner_gone(planner, &jobs[i]);
        }
    }
    assert_true(shortest >= 2000);
    assert_true(longest <= 2 * shortest);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh_planner, free_planner)
    const struct CMUnitTest tests[] = {
        TEST(test_cold_start),
        TEST(test_learns_when_to_ask),
        TEST(test_sudden_slowdown),
        TEST(test_jobs_that_never_end),
        TEST(test_a_tight_budget_is_dearer),
        TEST(test_nothing_left_is_no_standstill),
        TEST(test_no_limit),
        TEST(test_old_jobs_are_no_storm),
        TEST(test_gone_is_gone),
        TEST(test_memory),
        TEST(test_a_poll_is_put_off),
        TEST(test_the_last_few_are_asked_more_often),
        TEST(test_the_price_is_steady),
    };
    return cmocka_run_group_tests_name("poll_planner_learned", tests, NULL, NULL);
}
