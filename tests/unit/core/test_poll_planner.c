/* The fixed planner by literal times: the documented cadence where GETs are plenty, stretched where
 * they aren't, never to a standstill. */
#include "core/poll_planner.h"

#include "test.h"

static struct poll_planner *planner;

static int fresh_planner(void **state)
{
    (void)state;
    planner = poll_planner_new_fixed(2000, 1000);
    return 0;
}

static int free_planner(void **state)
{
    (void)state;
    poll_planner_free(planner);
    return 0;
}

/* The next poll of a job accepted at 100,000. */
static int64_t next(int polls, int64_t now, uint32_t per_minute, uint32_t left, uint32_t jobs)
{
    struct poll_job job = {.accepted_at = {100000}, .polls = polls};
    struct poll_budget budget = {per_minute, left, jobs, false, 0};
    return poll_planner_next(planner, &job, &budget, (struct mono){now}).ms;
}

static void finished(int64_t processing_ms)
{
    struct poll_job job = {.accepted_at = {100000}};
    poll_planner_finished(planner, &job, processing_ms);
}

static void test_documented_cadence(void **state)
{
    (void)state;
    assert_int_equal(next(0, 100000, 1200, 1200, 1), 102000);
    assert_int_equal(next(0, 100300, 1200, 1200, 1), 102000); /* from the 202 on */
    assert_int_equal(next(0, 500000, 1200, 1200, 1), 500000); /* overdue: now */
    assert_int_equal(next(1, 102050, 1200, 1200, 1), 103050);
    assert_int_equal(next(9, 500000, 1200, 1200, 50), 501000);
    assert_int_equal(next(9, 500000, 0, 0, 100000), 501000); /* no limit */
    assert_int_equal(next(9, 500000, 1200, 1200, 0), 501000);
}

/* 80 % of what is left besides the results' own, over 10 s: 200 jobs, 1,000 GETs, 2.5 s each. */
static void test_stretched(void **state)
{
    (void)state;
    assert_int_equal(next(0, 100000, 1200, 1200, 200), 102500);
    assert_int_equal(next(3, 110000, 1200, 1200, 200), 112500);
    assert_int_equal(next(3, 110000, 1200, 700, 200), 115000);
    assert_int_equal(next(3, 110000, 1200, 450, 200), 120000);
    /* Fewer GETs than twice the jobs: half goes to the results. */
    assert_int_equal(next(3, 110000, 1200, 300, 200), 110000 + 16666);
}

static void test_nothing_starves(void **state)
{
    (void)state;
    assert_int_equal(next(3, 110000, 1200, 0, 200), 170000);
    assert_int_equal(next(3, 110000, 1200, 1, 600), 170000);
    /* Too many for one poll a minute and a result each: as often as half of the limit allows. */
    assert_int_equal(next(3, 110000, 1200, 0, 1200), 230000);
    assert_int_equal(next(3, 110000, 1200, 0, 6000), 710000);
    assert_int_equal(next(3, 110000, 1200, 0, UINT32_MAX), 110000 + INT64_C(100) * UINT32_MAX);
}

static void test_the_horizon_follows_the_jobs(void **state)
{
    (void)state;
    assert_int_equal(poll_planner_horizon_ms(planner), 10000);
    finished(-5); /* a server's clock that runs backward teaches nothing */
    assert_int_equal(poll_planner_horizon_ms(planner), 10000);
    finished(20000);
    finished(40000);
    assert_int_equal(poll_planner_horizon_ms(planner), 30000);
    assert_int_equal(next(3, 110000, 1200, 1200, 200), 117500);
    for (int i = 0; i < 1000; i++)
        finished(1000);
    assert_int_equal(poll_planner_horizon_ms(planner), 5000);
    for (int i = 0; i < 1000; i++)
        finished(590000);
    assert_int_equal(poll_planner_horizon_ms(planner), 60000);
}

static void test_polls_leave_room_for_results(void **state)
{
    (void)state;
    assert_true(poll_may_go(2, 0, 0));
    assert_false(poll_may_go(1, 0, 0));
    assert_true(poll_may_go(10, 5, 3));
    assert_false(poll_may_go(10, 6, 3));
    assert_false(poll_may_go(10, 5, 4));
    assert_true(poll_may_go(UINT32_MAX, 5000, 5000));
    assert_false(poll_may_go(1200, UINT32_MAX, UINT32_MAX));
}

static void test_size_classes(void **state)
{
    (void)state;
    static const struct {
        int pages;
        int64_t size_bytes;
        int class;
    } rows[] = {
        {1, 90000000, 0}, {2, 0, 1},       {3, 0, 1},       {4, 0, 2},        {8, 0, 3},
        {16, 0, 4},       {31, 0, 4},      {32, 0, 5},      {100000, 0, 5},   {0, 60000, 0},
        {-1, 0, 0},       {-1, 199999, 0}, {-1, 200000, 1}, {-1, 3200000, 5}, {-1, INT64_MAX, 5},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_int_equal(poll_size_class(rows[i].pages, rows[i].size_bytes), rows[i].class);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_documented_cadence, fresh_planner, free_planner),
        cmocka_unit_test_setup_teardown(test_stretched, fresh_planner, free_planner),
        cmocka_unit_test_setup_teardown(test_nothing_starves, fresh_planner, free_planner),
        cmocka_unit_test_setup_teardown(test_the_horizon_follows_the_jobs, fresh_planner,
                                        free_planner),
        cmocka_unit_test(test_polls_leave_room_for_results),
        cmocka_unit_test(test_size_classes),
    };
    return cmocka_run_group_tests_name("poll_planner", tests, NULL, NULL);
}
