/* The file beside the ledger that is given up when the disk is full; without it nothing is sent. */
#include "batch/reserve.h"

#include "part_fixture.h"

#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
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
    struct reserve *r = reserve_new(&p.context);
    assert_int_equal(stat(path_of(&p), &st), -1); /* not before it is asked for */
    assert_true(reserve_ready(r, part_now(&p)));
    assert_int_equal(stat(path_of(&p), &st), 0);
    assert_int_equal(st.st_size, 2000000);
    assert_true(st.st_blocks * 512 >= 2000000); /* not a hole */
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_string_equal(reserve_trouble(r), "");
    assert_int_equal(reserve_next(r).ms, MONO_NEVER.ms);
    reserve_give_up(r);
    assert_int_equal(stat(path_of(&p), &st), -1);
    reserve_give_up(r); /* fine if it isn't there */
    reserve_free(r);
    part_close(&p);
}

/* An earlier run died with it. */
static void one_that_is_there_is_taken_over(void **state)
{
    struct part p;
    struct stat st;
    (void)state;
    part_open(&p);
    FILE *f = fopen(path_of(&p), "w");
    assert_non_null(f);
    fclose(f);
    struct reserve *r = reserve_new(&p.context);
    assert_true(reserve_ready(r, part_now(&p)));
    assert_int_equal(stat(path_of(&p), &st), 0);
    assert_int_equal(st.st_size, 2000000);
    reserve_free(r);
    assert_int_equal(stat(path_of(&p), &st), -1);
    part_close(&p);
}

/* Said once, and tried again with pauses. */
static void without_room_it_is_not_ready(void **state)
{
    struct part p;
    char nowhere[128], ledger[160], expected[500];
    (void)state;
    part_open(&p);
    snprintf(nowhere, sizeof nowhere, "%s/nowhere", p.ledger->directory);
    snprintf(ledger, sizeof ledger, "%s/ledger.db", nowhere);
    p.options.ledger = ledger;
    struct reserve *r = reserve_new(&p.context);
    part_log(&p, LOG_WARNING);
    assert_false(reserve_ready(r, part_now(&p)));
    assert_false(reserve_ready(r, part_now(&p)));
    snprintf(expected, sizeof expected,
             "warning room on the disk can't be set aside: %s.reserve needs 2 MB of room: No such "
             "file or directory; nothing is sent until there is room to record what comes of it "
             "[ledger.no_reserve]\n",
             ledger);
    assert_string_equal(part_log_take(&p), expected);
    assert_non_null(strstr(reserve_trouble(r), "needs 2 MB of room: No such file"));
    int64_t wait_ms = mono_diff(reserve_next(r), part_now(&p));
    assert_in_range(wait_ms, 1, 60000);
    assert_int_equal(mkdir(nowhere, 0700), 0);
    assert_false(reserve_ready(r, part_now(&p))); /* not before the pause is over */
    part_pass(&p, wait_ms);
    assert_true(reserve_ready(r, part_now(&p)));
    assert_string_equal(reserve_trouble(r), "");
    reserve_free(r);
    assert_int_equal(rmdir(nowhere), 0);
    part_close(&p);
}

/* The ledger grows until the limit is near. */
static void a_limit_on_the_size_of_files(void **state)
{
    struct part p;
    struct stat st;
    struct rlimit saved, small;
    (void)state;
    part_open(&p);
    struct reserve *r = reserve_new(&p.context);
    assert_true(reserve_ready(r, part_now(&p)));
    assert_int_equal(stat(p.options.ledger, &st), 0);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &saved), 0);
    small = saved;
    small.rlim_cur = (rlim_t)st.st_size + 1999999;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    part_pass(&p, 1000);
    bool ready = reserve_ready(r, part_now(&p));
    small.rlim_cur++;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    part_pass(&p, 60000);
    bool ready_again = reserve_ready(r, part_now(&p));
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &saved), 0);
    assert_false(ready);
    assert_true(ready_again);
    reserve_free(r);
    part_close(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_takes_room_and_gives_it_back),
        cmocka_unit_test(one_that_is_there_is_taken_over),
        cmocka_unit_test(without_room_it_is_not_ready),
        cmocka_unit_test(a_limit_on_the_size_of_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
