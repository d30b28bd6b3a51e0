/* What stops a run early, and what doesn't. */
#include "core/canary.h"

#include "test.h"

#include <string.h>

static struct canary fresh(int limit)
{
    struct canary c;
    canary_init(&c, limit);
    return c;
}

static void test_room(void **state)
{
    (void)state;
    struct canary c = fresh(4);
    assert_int_equal(canary_room(&c, 0), 4);
    assert_int_equal(canary_room(&c, 3), 1);
    assert_int_equal(canary_room(&c, 4), 0);
    assert_int_equal(canary_room(&c, 9), 0);
    canary_accepted(&c);
    assert_true(canary_room(&c, 9) == SIZE_MAX);

    struct canary off = fresh(0);
    assert_true(canary_room(&off, 9) == SIZE_MAX);
}

/* Each keeps its place, until one can be read. */
static void test_unreadable_acceptances(void **state)
{
    (void)state;
    struct canary c = fresh(4);
    assert_false(canary_unreadable(&c));
    assert_int_equal(canary_room(&c, 0), 3);
    assert_false(canary_unreadable(&c));
    assert_int_equal(canary_room(&c, 1), 1);
    assert_int_equal(canary_room(&c, 2), 0);
    canary_accepted(&c);
    assert_true(canary_room(&c, 9) == SIZE_MAX);
    assert_false(canary_unreadable(&c)); /* later it closes again */
    assert_int_equal(canary_room(&c, 16), 0);
    assert_int_equal(canary_room(&c, 1), 2);
    assert_false(canary_unreadable(&c));
    assert_true(canary_unreadable(&c));

    struct canary one = fresh(1), two = fresh(2), off = fresh(0);
    assert_true(canary_unreadable(&one)); /* no place is left */
    assert_false(canary_unreadable(&two));
    assert_true(canary_unreadable(&two));
    assert_false(canary_unreadable(&off));
    assert_true(canary_room(&off, 9) == SIZE_MAX);
    assert_false(canary_unreadable(&off));
    assert_true(canary_unreadable(&off));
    assert_int_equal(canary_room(&off, 0), 0);
    assert_int_equal(canary_room(&c, 0), 0); /* whatever was admitted before */
}

static void test_three_equal_refusals(void **state)
{
    (void)state;
    struct canary c = fresh(4);
    assert_false(canary_refused(&c, 422, "422-001", "#/rag"));
    assert_false(canary_refused(&c, 422, "422-001", "#/rag"));
    assert_true(canary_refused(&c, 422, "422-001", "#/rag"));

    struct canary none = fresh(4); /* no pointer, no code: equal all the same */
    assert_false(canary_refused(&none, 400, NULL, NULL));
    assert_false(canary_refused(&none, 400, "", ""));
    assert_true(canary_refused(&none, 400, "", NULL));
}

static void test_unequal_refusals(void **state)
{
    (void)state;
    struct canary c = fresh(4);
    for (int i = 0; i < 10; i++) {
        assert_false(canary_refused(&c, 422, "422-001", "#/rag"));
        assert_false(canary_refused(&c, 422, "422-001", "#/rag"));
        assert_false(
            canary_refused(&c, i % 2 ? 400 : 422, i % 3 ? "422-001" : "422-002", "#/polygon"));
    }
}

static void test_refusals_of_files_dont_count(void **state)
{
    (void)state;
    static const char *const pointers[] = {"#/file",        "/file", "file",      "#/file/0",
                                           "#/file_base64", "#/url", "#/filename"};
    struct canary c = fresh(4);
    for (int i = 0; i < 7; i++)
        for (int k = 0; k < 4; k++)
            assert_false(canary_refused(&c, 422, "422-001", pointers[i]));
    for (int k = 0; k < 4; k++) {
        assert_false(canary_refused(&c, 413, "", ""));
        assert_false(canary_refused(&c, 415, "", ""));
    }
    /* Passed over, they don't break a row either; a field that only begins alike is another. */
    assert_false(canary_refused(&c, 422, "422-001", "#/files_wanted"));
    assert_false(canary_refused(&c, 422, "422-001", "#/file"));
    assert_false(canary_refused(&c, 422, "422-001", "#/files_wanted"));
    assert_true(canary_refused(&c, 422, "422-001", "#/files_wanted"));
}

static void test_acceptance_ends_the_watch(void **state)
{
    (void)state;
    struct canary c = fresh(4);
    canary_refused(&c, 422, "a", "");
    canary_refused(&c, 422, "a", "");
    canary_accepted(&c);
    for (int i = 0; i < 10; i++)
        assert_false(canary_refused(&c, 422, "a", ""));
}

static void test_twenty_jobs(void **state)
{
    (void)state;
    struct canary c = fresh(4);
    for (int i = 1; i < CANARY_JOBS; i++)
        assert_false(canary_job_failed(&c, 422, "422-010"));
    assert_true(canary_job_failed(&c, 422, "422-010"));
    assert_true(canary_job_failed(&c, 422, "422-010"));
}

static void test_jobs_that_differ_or_succeed(void **state)
{
    (void)state;
    struct canary differ = fresh(4), succeed = fresh(4), off = fresh(0);
    canary_job_failed(&differ, 422, "x");
    canary_job_failed(&differ, 422, "y");
    canary_job_failed(&succeed, 422, "x");
    canary_job_succeeded(&succeed);
    for (int i = 0; i < 3 * CANARY_JOBS; i++) {
        assert_false(canary_job_failed(&differ, 422, "y"));
        assert_false(canary_job_failed(&succeed, 422, "x"));
        assert_false(canary_job_failed(&off, 422, "x"));
        assert_false(canary_refused(&off, 422, "x", ""));
    }
}

static void test_long_words(void **state)
{
    (void)state;
    char code[1000];
    memset(code, 'c', sizeof code - 1);
    code[sizeof code - 1] = '\0';
    struct canary c = fresh(4);
    assert_false(canary_refused(&c, 422, code, code));
    assert_false(canary_refused(&c, 422, code, code));
    assert_true(canary_refused(&c, 422, code, code));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_room),
        cmocka_unit_test(test_unreadable_acceptances),
        cmocka_unit_test(test_three_equal_refusals),
        cmocka_unit_test(test_unequal_refusals),
        cmocka_unit_test(test_refusals_of_files_dont_count),
        cmocka_unit_test(test_acceptance_ends_the_watch),
        cmocka_unit_test(test_twenty_jobs),
        cmocka_unit_test(test_jobs_that_differ_or_succeed),
        cmocka_unit_test(test_long_words),
    };
    return cmocka_run_group_tests_name("canary", tests, NULL, NULL);
}
