/* The language of --fault, and that rates are what is drawn. */
#include "sandbox/fault.h"

#include "test.h"

#include <string.h>

static struct fault only(const char *rule, enum fault_route route, bool before)
{
    struct fault_plan *plan = fault_plan_new();
    struct random r;
    struct error e;
    random_init(&r, 1);
    assert_int_equal(fault_plan_add(plan, rule, &e), 0);
    struct fault f = fault_plan_draw(plan, &r, route, before);
    assert_int_equal(fault_plan_drawn(plan), f.kind != FAULT_NONE);
    fault_plan_free(plan);
    return f;
}

static void test_rules(void **state)
{
    (void)state;
    struct fault f = only("post:503-retry-after=1,7s", FAULT_POST, false);
    assert_int_equal(f.kind, FAULT_RETRY_AFTER);
    assert_int_equal(f.status, 503);
    assert_int_equal(f.wait_ms, 7000);
    f = only("any:429-retry-date=1", FAULT_JOB, false);
    assert_int_equal(f.kind, FAULT_RETRY_DATE);
    assert_int_equal(f.wait_ms, 2000);
    f = only("get:500=1", FAULT_RESULT, false);
    assert_int_equal(f.kind, FAULT_STATUS);
    assert_int_equal(f.status, 500);
    assert_int_equal(only("get:500=1", FAULT_POST, false).kind, FAULT_NONE);
    assert_int_equal(only("job:slow=1,1ms", FAULT_JOB, false).wait_ms, 1);
    assert_int_equal(only("job:slow=0", FAULT_JOB, false).kind, FAULT_NONE);
    assert_int_equal(only("post:502-gateway=1", FAULT_POST, false).status, 502);
    assert_int_equal(only("post:reset-after=1", FAULT_POST, false).kind, FAULT_RESET_AFTER);
    /* Only this one strikes before the body, and it strikes only there. */
    assert_int_equal(only("post:reset-before=1", FAULT_POST, true).kind, FAULT_RESET_BEFORE);
    assert_int_equal(only("post:reset-before=1", FAULT_POST, false).kind, FAULT_NONE);
    assert_int_equal(only("post:500=1", FAULT_POST, true).kind, FAULT_NONE);
}

static void test_what_is_no_rule(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "post",
        "post:500",
        "post=0.1",
        "put:500=0.1",
        "post:200=1",
        "post:600=1",
        "post:5000=1",
        "post:500=2",
        "post:500=-1",
        "post:500=x",
        "post:500=",
        "post:500=nan",
        "post:500=1,",
        "post:500=1,x",
        "post:oops=1",
        "post:retry-after=1",
        "post:503-slow=1",
        "post:503-=1",
        "post:gateway=1",
    };
    struct fault_plan *plan = fault_plan_new();
    struct error e;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(fault_plan_add(plan, bad[i], &e), ERR_USAGE);
        assert_non_null(strstr(e.text, "fault"));
    }
    for (int i = 0; i < FAULT_RULES_MAX; i++)
        assert_int_equal(fault_plan_add(plan, "any:500=0", &e), 0);
    assert_int_equal(fault_plan_add(plan, "any:500=0", &e), ERR_USAGE);
    fault_plan_free(plan);
    assert_int_equal(fault_plan_draw(NULL, NULL, FAULT_POST, false).kind, FAULT_NONE);
}

static void test_rates(void **state)
{
    (void)state;
    struct fault_plan *plan = fault_plan_new();
    struct random r;
    struct error e;
    int first = 0, second = 0;
    random_init(&r, 7);
    assert_int_equal(fault_plan_add(plan, "post:500=0.1", &e), 0);
    assert_int_equal(fault_plan_add(plan, "post:stall=0.5", &e), 0);
    for (int i = 0; i < 10000; i++) {
        struct fault f = fault_plan_draw(plan, &r, FAULT_POST, false);
        first += f.kind == FAULT_STATUS;
        second += f.kind == FAULT_STALL;
    }
    assert_in_range(first, 850, 1150);
    assert_in_range(second, 4200, 4800); /* half of what the first left */
    fault_plan_free(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_what_is_no_rule),
        cmocka_unit_test(test_rates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
