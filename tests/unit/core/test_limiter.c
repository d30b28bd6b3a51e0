/* The limiter by literal times: the window, the pace, holds, rates, leases. */
#include "core/limiter.h"

#include "base/random.h"
#include "test.h"

static struct limiter l;

static struct mono at(int64_t ms)
{
    return (struct mono){ms};
}

static void fresh(uint32_t limit, enum limiter_pace pace)
{
    limiter_init(&l, limit, pace, at(1000000));
}

static int64_t next(int64_t ms)
{
    return limiter_next(&l, at(ms)).ms;
}

/* One that goes at MS and is answered at DONE. */
static void request(int64_t ms, int64_t done)
{
    assert_int_equal(next(ms), ms);
    limiter_take(&l, at(ms));
    limiter_done(&l, at(done));
}

static void test_window(void **state)
{
    (void)state;
    fresh(3, PACE_WINDOW);
    request(1000000, 1000250); /* slot 10002: ends 1000300, counts until 1060800 */
    request(1000000, 1000399); /* slot 10003: 1060900 */
    limiter_take(&l, at(1000300));
    assert_int_equal(next(1000400), 1060800);
    assert_int_equal(next(1060799), 1060800);
    assert_int_equal(limiter_room(&l, at(1060799)), 0);
    request(1060800, 1060801);
    assert_int_equal(next(1060802), 1060900);
    limiter_done(&l, at(1060850));
    assert_int_equal(next(1060900), 1060900);
}

static void test_only_an_answer_frees(void **state)
{
    (void)state;
    fresh(2, PACE_WINDOW);
    limiter_take(&l, at(1000000));
    limiter_take(&l, at(1000000));
    assert_int_equal(next(1000000), INT64_MAX);
    assert_int_equal(next(9000000), INT64_MAX); /* out for two hours: still a place taken */
    limiter_done(&l, at(9000000));
    assert_int_equal(next(9000000), 9060600);
    limiter_untaken(&l, at(9000010));
    assert_int_equal(next(9000010), 9000010);
}

static void test_lost_counts_longer(void **state)
{
    (void)state;
    fresh(1, PACE_WINDOW);
    limiter_take(&l, at(1000000));
    limiter_lost(&l, at(1010000));
    assert_int_equal(next(1010000), 1075600);
}

static void test_long_silence(void **state)
{
    (void)state;
    fresh(2, PACE_WINDOW);
    request(1000000, 1000001);
    request(1000001, 1000001);
    assert_int_equal(limiter_room(&l, at(900000000)), 2);
    request(900000000, 900000001);
    request(900000001, 900000001);
    assert_int_equal(next(900000002), 900060600);
}

static void test_room_within(void **state)
{
    (void)state;
    fresh(5, PACE_WINDOW);
    request(1000000, 1000000); /* frees at 1060600 */
    request(1000000, 1010000); /* 1070600 */
    limiter_take(&l, at(1010000));
    assert_int_equal(limiter_room(&l, at(1020000)), 2);
    assert_int_equal(limiter_room_within(&l, at(1020000), 40599), 2);
    assert_int_equal(limiter_room_within(&l, at(1020000), 40600), 3);
    assert_int_equal(limiter_room_within(&l, at(1020000), 50600), 4);
    assert_int_equal(limiter_room_within(&l, at(1020000), 1000000), 4); /* out ones stay */
    assert_int_equal(limiter_answered(&l, at(1000000), at(1010000)), 1);
    assert_int_equal(limiter_answered(&l, at(1000000), at(1010100)), 2);
    assert_int_equal(limiter_answered(&l, at(1000100), at(1020000)), 1);
}

static void test_no_limit(void **state)
{
    (void)state;
    fresh(0, PACE_EVEN);
    for (int i = 0; i < 1000000; i++) {
        assert_int_equal(next(1000000), 1000000);
        limiter_take(&l, at(1000000));
    }
    assert_true(limiter_room(&l, at(1000000)) == UINT32_MAX);
    limiter_lease(&l, 0, at(1000000));
    assert_false(limiter_needs_lease(&l, at(1000000)));
    assert_int_equal(next(1000000), 1000000);
    limiter_refused(&l, at(1000000), 5000);
    assert_int_equal(next(1000001), 1005000);
    for (int i = 0; i < 1000000; i++)
        limiter_done(&l, at(1000002));
    assert_int_equal(next(1005000), 1005000);
}

static void test_retry_after_holds(void **state)
{
    (void)state;
    fresh(200, PACE_WINDOW);
    limiter_refused(&l, at(1000000), 7000);
    limiter_refused(&l, at(1000000), 3000); /* the longer one stands */
    assert_int_equal(next(1000001), 1007000);
    limiter_refused(&l, at(1007000), INT64_MAX); /* an hour at most */
    assert_int_equal(next(1007001), 4607000);
}

/* 60,500 ms / 200 = 302.5 ms, kept to the half, from the first on. */
static void test_even(void **state)
{
    (void)state;
    fresh(200, PACE_EVEN);
    request(1000000, 1000000);
    assert_int_equal(next(1000000), 1000202); /* 302.5 ms later, less the slack of 100 */
    int64_t now = 1000000;
    for (int i = 1; i < 200; i++) {
        now = next(now);
        request(now, now);
    }
    assert_int_equal(now, 1000000 + 199 * 605 / 2 - 100);
}

static void test_even_makes_up_for_lateness(void **state)
{
    (void)state;
    fresh(200, PACE_EVEN);
    int64_t now = 1000000;
    for (int i = 0; i < 199; i++) {
        request(now, now);
        now = next(now) + i % 60; /* each a little late */
    }
    assert_in_range(now, 1000000 + 199 * 605 / 2 - 101, 1000000 + 199 * 605 / 2);
    request(1200000, 1200000); /* idle time isn't saved up */
    assert_int_equal(next(1200000), 1200202);
}

static void test_even_faster_than_milliseconds(void **state)
{
    (void)state;
    fresh(600000, PACE_EVEN);
    int64_t now = 1000000;
    for (int i = 0; i < 100000; i++) {
        now = next(now);
        request(now, now);
    }
    assert_in_range(now, 1000000 + 10083 - 101, 1000000 + 10084);
}

static void test_halving_once_a_minute(void **state)
{
    (void)state;
    fresh(200, PACE_WINDOW);
    assert_true(limiter_rate_per_minute(&l) == 200.0);
    for (int i = 0; i < 50; i++)
        limiter_refused(&l, at(1000000 + i * 1000), -1);
    assert_true(limiter_rate_per_minute(&l) == 100.0);
    assert_int_equal(l.pace, PACE_EVEN);
    limiter_refused(&l, at(1059999), -1);
    assert_true(limiter_rate_per_minute(&l) == 100.0);
    limiter_refused(&l, at(1060000), -1);
    assert_true(limiter_rate_per_minute(&l) == 50.0);
    for (int i = 3; i < 100; i++)
        limiter_refused(&l, at(1000000 + i * 30000), -1);
    assert_true(limiter_rate_per_minute(&l) == 1.0); /* never nothing */
}

static void test_recovery(void **state)
{
    (void)state;
    fresh(200, PACE_WINDOW);
    limiter_refused(&l, at(1000000), -1);
    limiter_refused(&l, at(1030000), -1); /* the minute without one begins anew */
    next(1089999);
    assert_true(limiter_rate_per_minute(&l) == 100.0);
    for (int i = 1; i <= 10; i++) {
        next(1030000 + i * 60000);
        assert_in_range((int64_t)(limiter_rate_per_minute(&l) + 0.5), 100 + i * 10, 100 + i * 10);
        assert_int_equal(l.pace, i < 10 ? PACE_EVEN : PACE_WINDOW);
    }
    limiter_refused(&l, at(1700000), -1);
    next(9000000); /* a long silence recovers all at once, and no more than all */
    assert_true(limiter_rate_per_minute(&l) == 200.0);

    fresh(200, PACE_EVEN);
    limiter_refused(&l, at(1000000), -1);
    next(9000000);
    assert_int_equal(l.pace, PACE_EVEN);
}

/* 100 of a burst went through a smaller bucket, then came 429s: nothing goes until the burst has
 * left the window, then evenly at half the rate. */
static void test_after_a_burst_too_large(void **state)
{
    (void)state;
    fresh(200, PACE_WINDOW);
    for (int i = 0; i < 120; i++)
        request(1000000, 1000000);
    for (int i = 0; i < 20; i++)
        limiter_refused(&l, at(1000050), -1);
    assert_int_equal(limiter_room(&l, at(1000060)), 0); /* of 100 now */
    assert_int_equal(limiter_room_within(&l, at(1000060), 60540), 100);
    assert_int_equal(next(1000060), 1060600);
    request(1060600, 1060600); /* by now a gain of 5 %: 110 a minute, 550 ms */
    assert_in_range(next(1060600), 1060600 + 449, 1060600 + 450);
}

static void test_leases(void **state)
{
    (void)state;
    fresh(200, PACE_WINDOW);
    assert_false(limiter_needs_lease(&l, at(1000000))); /* none are used */
    limiter_lease(&l, 2, at(1001000));
    request(1000000, 1000001);
    limiter_take(&l, at(1000002));
    assert_int_equal(next(1000002), INT64_MAX);
    assert_true(limiter_needs_lease(&l, at(1000002)));
    limiter_untaken(&l, at(1000003));
    assert_int_equal(next(1000003), 1000003);
    assert_false(limiter_needs_lease(&l, at(1000003)));
    assert_int_equal(next(1001000), INT64_MAX); /* its second is over */
    assert_true(limiter_needs_lease(&l, at(1001000)));
    limiter_lease(&l, 5, at(1002000)); /* replaces, doesn't add */
    for (int i = 0; i < 5; i++)
        limiter_take(&l, at(1001000));
    assert_int_equal(next(1001000), INT64_MAX);
    limiter_refused(&l, at(1001000), 30000);
    assert_false(limiter_needs_lease(&l, at(1001000))); /* nothing would go anyway */
    assert_int_equal(next(1001000), 1031000);           /* look again then */
}

static void test_others(void **state)
{
    (void)state;
    fresh(10, PACE_WINDOW);
    limiter_lease(&l, 10, at(5000000));
    limiter_clear_others(&l, 2);
    limiter_add_others(&l, at(990000), 3);  /* until 1050600 */
    limiter_add_others(&l, at(1006000), 4); /* rounded up by others: until 1066600 */
    limiter_add_others(&l, at(900000), 50); /* long over */
    assert_int_equal(limiter_room(&l, at(1000000)), 1);
    request(1000000, 1000000);
    assert_int_equal(next(1000001), 1050600);
    assert_true(limiter_needs_lease(&l, at(1000001))); /* the two may have been answered since */
    assert_int_equal(next(1050600), 1050600);
}

/* What others had out when last looked may be over, but nobody tells us. */
static void test_others_out(void **state)
{
    (void)state;
    fresh(1, PACE_WINDOW);
    limiter_lease(&l, 10, at(5000000));
    request(1000000, 1000000);
    limiter_clear_others(&l, 1);
    assert_int_equal(next(1000001), 1060600); /* nothing before ours is over: look again then */
    assert_false(limiter_needs_lease(&l, at(1000001)));
    assert_int_equal(next(1060600), INT64_MAX);
    assert_true(limiter_needs_lease(&l, at(1060600)));
    limiter_clear_others(&l, 0);
    assert_int_equal(next(1060600), 1060600);
}

/* Others' stamps may come before we were told what time it is. */
static void test_others_after_a_silence(void **state)
{
    (void)state;
    fresh(2, PACE_WINDOW);
    limiter_clear_others(&l, 0);
    limiter_add_others(&l, at(2000000), 2);
    assert_int_equal(next(2000000), 2060600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_window),
        cmocka_unit_test(test_only_an_answer_frees),
        cmocka_unit_test(test_lost_counts_longer),
        cmocka_unit_test(test_long_silence),
        cmocka_unit_test(test_room_within),
        cmocka_unit_test(test_no_limit),
        cmocka_unit_test(test_retry_after_holds),
        cmocka_unit_test(test_even),
        cmocka_unit_test(test_even_makes_up_for_lateness),
        cmocka_unit_test(test_even_faster_than_milliseconds),
        cmocka_unit_test(test_halving_once_a_minute),
        cmocka_unit_test(test_recovery),
        cmocka_unit_test(test_after_a_burst_too_large),
        cmocka_unit_test(test_leases),
        cmocka_unit_test(test_others),
        cmocka_unit_test(test_others_out),
        cmocka_unit_test(test_others_after_a_silence),
    };
    return cmocka_run_group_tests_name("limiter", tests, NULL, NULL);
}
