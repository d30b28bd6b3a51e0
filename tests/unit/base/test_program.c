/* Where the other programs are. */
#include "base/program.h"

#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void in_the_same_directory(void **state)
{
    (void)state;
    assert_int_equal(chdir("/"), 0); /* wherever it was started from */
    char *self = program_beside("test_program");
    assert_non_null(self);
    assert_int_equal(access(self, X_OK), 0);
    assert_string_equal(strrchr(self, '/'), "/test_program");
    free(self);
}

static void nowhere(void **state)
{
    (void)state;
    assert_null(program_beside("no-such-program"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_the_same_directory),
        cmocka_unit_test(nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
