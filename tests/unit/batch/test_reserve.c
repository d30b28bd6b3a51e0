/* The file beside the ledger that is given up when the disk is full. */
#include "batch/reserve.h"

#include "part_fixture.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *path_of(const struct part *p)
{
    static char path[128];
    snprintf(path, sizeof path, "%s.reserve", p->options.ledger);
    return path;
}

static void it_takes_room_and_gives_it_back(void **state)
{
    struct part p;
    struct stat st;
    (void)state;
    part_open(&p);
    reserve_make(p.options.ledger);
    assert_int_equal(stat(path_of(&p), &st), 0);
    assert_int_equal(st.st_size, 2000000);
    assert_true(st.st_blocks * 512 >= 2000000); /* not a hole */
    assert_int_equal(st.st_mode & 0777, 0600);
    reserve_give_up(p.options.ledger);
    assert_int_equal(stat(path_of(&p), &st), -1);
    reserve_give_up(p.options.ledger); /* fine if it isn't there */
    part_close(&p);
}

/* An earlier run died with it. */
static void one_that_is_there_is_kept(void **state)
{
    struct part p;
    struct stat st;
    (void)state;
    part_open(&p);
    reserve_make(p.options.ledger);
    assert_int_equal(truncate(path_of(&p), 10), 0);
    reserve_make(p.options.ledger);
    assert_int_equal(stat(path_of(&p), &st), 0);
    assert_int_equal(st.st_size, 2000000);
    part_close(&p);
}

static void a_run_goes_on_without_it(void **state)
{
    struct part p;
    char nowhere[128], expected[400];
    (void)state;
    part_open(&p);
    snprintf(nowhere, sizeof nowhere, "%s/nowhere/ledger.db", p.ledger->directory);
    part_log(&p, LOG_WARNING);
    reserve_make(nowhere);
    snprintf(expected, sizeof expected,
             "warning ledger.no_reserve path=%s.reserve reason=\"No such file or directory\"\n",
             nowhere);
    assert_string_equal(part_log_take(&p), expected);
    reserve_give_up(nowhere);
    part_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_takes_room_and_gives_it_back),
        cmocka_unit_test(one_that_is_there_is_kept),
        cmocka_unit_test(a_run_goes_on_without_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
