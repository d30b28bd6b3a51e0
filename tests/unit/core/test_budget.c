/* Whether a document may be sent as far as money goes. */
#include "core/budget.h"

#include "test.h"

static struct budget_limits limits(int64_t count, int64_t month)
{
    return (struct budget_limits){count < 0 ? BUDGET_NONE : credits_of(count),
                                  month < 0 ? BUDGET_NONE : credits_of(month)};
}

static struct budget_spent spent(int64_t count, int64_t month)
{
    return (struct budget_spent){.count = credits_of(count),
                                 .month = credits_of(month),
                                 .stopped_count = BUDGET_NONE,
                                 .stopped_month = BUDGET_NONE};
}

static enum budget_answer ask(struct budget_limits l, struct budget_spent s, int64_t next)
{
    return budget_ask(&l, &s, credits_of(next));
}

static void test_without(void **state)
{
    (void)state;
    struct budget_limits none = limits(-1, -1);
    struct budget_spent much = spent(1000000, 1000000);
    assert_false(budget_is_set(&none));
    assert_int_equal(ask(none, much, 1000000), BUDGET_ALLOWS);
    assert_true(budget_left(&none, &much).micro < 0);
}

static void test_up_to_it(void **state)
{
    (void)state;
    assert_int_equal(ask(limits(10, -1), spent(7, 99), 3), BUDGET_ALLOWS);
    assert_int_equal(ask(limits(10, -1), spent(7, 99), 4), BUDGET_COUNT_REACHED);
    assert_int_equal(ask(limits(-1, 10), spent(99, 7), 3), BUDGET_ALLOWS);
    assert_int_equal(ask(limits(-1, 10), spent(99, 7), 4), BUDGET_MONTH_REACHED);
    assert_int_equal(ask(limits(10, 20), spent(7, 18), 3), BUDGET_MONTH_REACHED);
    assert_int_equal(ask(limits(10, 20), spent(8, 18), 3), BUDGET_COUNT_REACHED);
    assert_int_equal(ask(limits(0, -1), spent(0, 0), 1), BUDGET_COUNT_REACHED);
    assert_int_equal(ask(limits(0, -1), spent(0, 0), 0), BUDGET_ALLOWS); /* what is free */
    /* results said more pages than were counted */
    assert_int_equal(ask(limits(10, -1), spent(12, 0), 1), BUDGET_COUNT_REACHED);
}

static void test_a_decimal_price(void **state)
{
    (void)state;
    struct budget_limits l = limits(1, -1);
    struct budget_spent s = spent(0, 0);
    s.count = (struct credits){900000};
    assert_int_equal(budget_ask(&l, &s, (struct credits){100000}), BUDGET_ALLOWS);
    assert_int_equal(budget_ask(&l, &s, (struct credits){100001}), BUDGET_COUNT_REACHED);
}

/* Until it is raised, whatever is left by now. */
static void test_stopped_is_stopped(void **state)
{
    (void)state;
    struct budget_spent s = spent(2, 2);
    s.stopped_count = credits_of(10);
    assert_int_equal(ask(limits(10, -1), s, 1), BUDGET_COUNT_REACHED);
    assert_int_equal(ask(limits(9, -1), s, 1), BUDGET_COUNT_REACHED);
    assert_int_equal(ask(limits(11, -1), s, 1), BUDGET_ALLOWS);
    assert_int_equal(ask(limits(-1, -1), s, 1), BUDGET_ALLOWS);
    assert_int_equal(ask(limits(-1, 10), s, 1), BUDGET_ALLOWS); /* the month's wasn't reached */
    struct budget_limits same = limits(10, -1), raised = limits(11, -1);
    assert_int_equal(budget_holds(&same, &s), BUDGET_COUNT_REACHED);
    assert_int_equal(budget_holds(&raised, &s), BUDGET_ALLOWS);
    s = spent(2, 2);
    s.stopped_month = credits_of(0); /* a limit like others */
    assert_int_equal(ask(limits(-1, 0), s, 1), BUDGET_MONTH_REACHED);
    assert_int_equal(ask(limits(5, 10), s, 1), BUDGET_ALLOWS);
    s.stopped_month = credits_of(10);
    assert_int_equal(ask(limits(5, 10), s, 1), BUDGET_MONTH_REACHED);
}

static void test_left(void **state)
{
    (void)state;
    static const struct {
        int64_t count, month, spent, spent_month, left;
    } rows[] = {{10, -1, 3, 9, 7}, {-1, 10, 3, 9, 1},  {10, 10, 3, 9, 1},
                {10, 90, 3, 9, 7}, {10, -1, 12, 0, 0}, {10, 5, 0, 6, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct budget_limits l = limits(rows[i].count, rows[i].month);
        struct budget_spent s = spent(rows[i].spent, rows[i].spent_month);
        assert_int_equal(budget_left(&l, &s).micro, credits_of(rows[i].left).micro);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without),
        cmocka_unit_test(test_up_to_it),
        cmocka_unit_test(test_a_decimal_price),
        cmocka_unit_test(test_stopped_is_stopped),
        cmocka_unit_test(test_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
