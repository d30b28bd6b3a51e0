/* The exit code that an error of a start means, and the numbers that scripts know. */
#include "batch/exit_code.h"
#include "batch/pause.h"
#include "test.h"

static int code_of(int error_code)
{
    const struct error e = {.code = error_code};
    return exit_code_of(&e);
}

static void the_numbers_are_the_manuals(void **state)
{
    (void)state;
    assert_int_equal(EXIT_ALL_STORED, 0);
    assert_int_equal(EXIT_SOME_FAILED, 1);
    assert_int_equal(EXIT_USAGE, 2);
    assert_int_equal(EXIT_LEDGER, 3);
    assert_int_equal(EXIT_REFUSED, 4);
    assert_int_equal(EXIT_RESUMABLE, 5);
}

static void a_start_that_failed(void **state)
{
    (void)state;
    assert_int_equal(code_of(ERR_USAGE), 2);
    assert_int_equal(code_of(ERR_NOT_FOUND), 2);
    assert_int_equal(code_of(ERR_BUSY), 3);
    assert_int_equal(code_of(ERR_DAMAGED), 3);
    assert_int_equal(code_of(ERR_IO), 3);
    assert_int_equal(code_of(ERR_NETWORK), 5);
    assert_int_equal(code_of(ERR_MEMORY), 5);
    assert_int_equal(code_of(ERR_STOPPED), 5);
    assert_int_equal(code_of(ERR_FORMAT), 5);
    assert_int_equal(code_of(ERR_LIMIT), 5);
    assert_int_equal(code_of(ERR_CHANGED), 5);
}

static const char *name_of(enum batch_pause bit)
{
    for (int i = 0; i < BATCH_PAUSES; i++)
        if ((int)bit == 1 << i)
            return batch_pause_names[i];
    return "";
}

static void every_pause_has_its_name(void **state)
{
    (void)state;
    assert_string_equal(name_of(PAUSE_RATE), "the limit a minute");
    assert_string_equal(name_of(PAUSE_UPLOADS), "uploads that are on their way");
    assert_string_equal(name_of(PAUSE_JOBS), "documents that Mindee is reading");
    assert_string_equal(name_of(PAUSE_SERVICE), "Mindee, which can't be reached");
    assert_string_equal(name_of(PAUSE_CANARY), "Mindee's first answers");
    assert_string_equal(name_of(PAUSE_BUDGET), "the budget");
    assert_string_equal(name_of(PAUSE_AGAIN), "the time to try again");
    assert_string_equal(name_of(PAUSE_STOPPING), "the end of what is on its way");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_numbers_are_the_manuals),
        cmocka_unit_test(a_start_that_failed),
        cmocka_unit_test(every_pause_has_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
