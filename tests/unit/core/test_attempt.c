/* An attempt's record: what is known, what is in doubt, and what replaces what. */
#include "core/attempt.h"

#include "test.h"

enum { OUTCOMES = ATTEMPT_UNREADABLE + 1 };

static void test_known_or_in_doubt(void **state)
{
    /* as the enum goes: o open, k known, d in doubt, n neither, and Mindee hasn't it */
    static const char what[] = "onndkkkd";
    (void)state;
    for (int o = 0; o < OUTCOMES; o++) {
        assert_int_equal(attempt_is_known((enum attempt_outcome)o), what[o] == 'k');
        assert_int_equal(attempt_is_in_doubt((enum attempt_outcome)o), what[o] == 'd');
    }
}

static void test_what_is_known_is_not_unlearned(void **state)
{
    /* A row: what is on record. A column: what is reported. y: it replaces it. */
    static const char *const replaces[OUTCOMES] = {
        [ATTEMPT_OPEN] = "yyyyyyyy",       [ATTEMPT_NOT_SENT] = "yyyyyyyy",
        [ATTEMPT_ANSWERED] = "yyyyyyyy",   [ATTEMPT_IN_DOUBT] = "yyyyyyyy",
        [ATTEMPT_ACCEPTED] = "----yyy-",   [ATTEMPT_JOB_DONE] = "-----yy-",
        [ATTEMPT_JOB_FAILED] = "-----yy-", [ATTEMPT_UNREADABLE] = "yyyyyyyy",
    };
    (void)state;
    for (int was = 0; was < OUTCOMES; was++)
        for (int now = 0; now < OUTCOMES; now++) {
            int expected = replaces[was][now] == 'y' ? now : was;
            if ((int)attempt_learn((enum attempt_outcome)was, (enum attempt_outcome)now) !=
                expected)
                fail_msg("%d, then %d", was, now);
        }
}

static void test_what_an_upload_came_to(void **state)
{
    (void)state;
    assert_int_equal(attempt_of_upload(EV_NOT_SENT), ATTEMPT_NOT_SENT);
    assert_int_equal(attempt_of_upload(EV_SOURCE_GONE), ATTEMPT_NOT_SENT);
    assert_int_equal(attempt_of_upload(EV_DOUBT), ATTEMPT_IN_DOUBT);
    assert_int_equal(attempt_of_upload(EV_UNREADABLE), ATTEMPT_UNREADABLE);
    assert_int_equal(attempt_of_upload(EV_LIMITED), ATTEMPT_ANSWERED);
    assert_int_equal(attempt_of_upload(EV_FAULT), ATTEMPT_ANSWERED);
    assert_int_equal(attempt_of_upload(EV_REFUSED), ATTEMPT_ANSWERED);
    assert_int_equal(attempt_of_upload(EV_RUN_STOPPED), ATTEMPT_ANSWERED);
}

static void test_what_a_webhook_says(void **state)
{
    (void)state;
    assert_int_equal(attempt_webhook_event(false, 0), EV_RESULT);
    assert_int_equal(attempt_webhook_event(true, 422), EV_JOB_FAILED);
    assert_int_equal(attempt_webhook_event(true, 499), EV_JOB_FAILED);
    assert_int_equal(attempt_webhook_event(true, 500), EV_JOB_FAULT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_or_in_doubt),
        cmocka_unit_test(test_what_is_known_is_not_unlearned),
        cmocka_unit_test(test_what_an_upload_came_to),
        cmocka_unit_test(test_what_a_webhook_says),
    };
    return cmocka_run_group_tests_name("attempt", tests, NULL, NULL);
}
