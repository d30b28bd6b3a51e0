/* A run's life, and why it ends: the first reason counts, but for a lost ledger. */
#include "batch/exit_code.h"
#include "part_fixture.h"

#include <stdlib.h>
#include <string.h>

static int setup(void **state)
{
    struct part *p = calloc(1, sizeof *p);
    part_open(p);
    *state = p;
    return 0;
}

static int teardown(void **state)
{
    part_close(*state);
    free(*state);
    return 0;
}

static void a_run_begins_running(void **state)
{
    struct part *p = *state;
    assert_int_equal(ending_life(p->ending), RUN_RUNNING);
    assert_false(ending_has_begun(p->ending));
    assert_int_equal(ending_exit_code(p->ending), -1);
    assert_string_equal(ending_reason(p->ending), "");
    assert_false(ending_storage_lost(p->ending));
    assert_false(ending_may_fetch(p->ending, part_now(p)));
    assert_false(ending_waits_for_results(p->ending, part_now(p)));
    assert_int_equal(ending_next(p->ending, part_now(p)).ms, MONO_NEVER.ms);
    assert_false(part_poked(p));
}

static void the_first_reason_counts(void **state)
{
    struct part *p = *state;
    ending_early(p->ending, EXIT_REFUSED, "Mindee refuses: %d", 401);
    assert_int_equal(ending_life(p->ending), RUN_DRAINING);
    assert_true(ending_has_begun(p->ending));
    assert_true(part_poked(p));
    part_pass(p, 1500);
    ending_early(p->ending, EXIT_RESUMABLE, "another");
    ending_verdict(p->ending, EXIT_ALL_STORED, "a third");
    assert_int_equal(ending_exit_code(p->ending), EXIT_REFUSED);
    assert_string_equal(ending_reason(p->ending), "Mindee refuses: 401");
    assert_false(part_poked(p));
    assert_int_equal(ending_next(p->ending, part_now(p)).ms, part_at(2000).ms);
    assert_recorded("");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_run_begins_running),
        TEST(the_first_reason_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
