/* When a file of a watched folder counts as at rest: literal times, files that grow, come, go and
 * change places. */
#include "intake/quiet_files.h"

#include "test.h"

#include <stdio.h>

enum { QUIET_MS = 5000 };

static const struct file_stamp stamp = {.size_bytes = 10, .mtime_ns = 1, .ctime_ns = 2, .inode = 3};

static struct quiet_files q;

static int set_up(void **state)
{
    (void)state;
    quiet_files_init(&q, 7, QUIET_MS);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    quiet_files_release(&q);
    return 0;
}

/* One round that meets PATH alone, in no time at AT_MS. */
static bool round_of(const char *path, const struct file_stamp *s, int64_t at_ms)
{
    struct mono at = {at_ms};
    quiet_files_begin(&q);
    bool take = quiet_files_look(&q, path, s, at, at);
    quiet_files_end(&q);
    return take;
}

static void taken_when_it_rested(void **state)
{
    (void)state;
    assert_false(round_of("a", &stamp, 1000));
    assert_int_equal(quiet_files_due(&q).ms, 6000);
    assert_false(round_of("a", &stamp, 3000));
    assert_false(round_of("a", &stamp, 5999));
    assert_int_equal(quiet_files_due(&q).ms, 6000);
    assert_true(round_of("a", &stamp, 6000));
    assert_int_equal(quiet_files_count(&q), 0);
    assert_int_equal(quiet_files_due(&q).ms, MONO_NEVER.ms);
}

/* Each of the stamp's fields is a change, also back to what it was before. */
static void any_change_begins_anew(void **state)
{
    (void)state;
    for (int field = 0; field < 4; field++) {
        struct file_stamp other = stamp;
        other.size_bytes += field == 0;
        other.mtime_ns += field == 1;
        other.ctime_ns += field == 2;
        other.inode += field == 3;
        quiet_files_release(&q);
        quiet_files_init(&q, 7, QUIET_MS);
        assert_false(round_of("a", &stamp, 0));
        assert_false(round_of("a", &other, 4000));
        assert_int_equal(quiet_files_due(&q).ms, 9000);
        assert_false(round_of("a", &other, 8999));
        assert_false(round_of("a", &stamp, 9000));
        assert_false(round_of("a", &stamp, 13999));
        assert_true(round_of("a", &stamp, 14000));
    }
}

static void one_that_grows_for_ever_is_never_taken(void **state)
{
    (void)state;
    struct file_stamp s = stamp;
    for (int64_t at = 0; at < 3600 * 1000; at += 4999) {
        assert_false(round_of("a", &s, at));
        s.size_bytes++;
    }
    assert_int_equal(quiet_files_count(&q), 1);
}

/* A file that isn't met in a round is another one when it is met again. */
static void one_that_was_away_begins_anew(void **state)
{
    (void)state;
    assert_false(round_of("a", &stamp, 0));
    assert_false(round_of("b", &stamp, 2000));
    assert_int_equal(quiet_files_count(&q), 1);
    assert_false(round_of("a", &stamp, 9000));
    assert_false(round_of("a", &stamp, 13999));
    assert_true(round_of("a", &stamp, 14000));
}

/* One that was taken, and couldn't be, is looked at as if it were new. */
static void taken_is_forgotten(void **state)
{
    (void)state;
    assert_false(round_of("a", &stamp, 0));
    assert_true(round_of("a", &stamp, 5000));
    assert_false(round_of("a", &stamp, 5001));
    assert_true(round_of("a", &stamp, 10001));
}

/* The stamps of a round were read some time before they are looked at: what isn't known for sure
 * counts against the file. */
static void looks_that_took_their_time(void **state)
{
    (void)state;
    quiet_files_begin(&q);
    assert_false(quiet_files_look(&q, "a", &stamp, (struct mono){0}, (struct mono){4000}));
    quiet_files_end(&q);
    quiet_files_begin(&q); /* read at 8999 at the earliest, 4999 ms after the first look ended */
    assert_false(quiet_files_look(&q, "a", &stamp, (struct mono){8999}, (struct mono){60000}));
    quiet_files_end(&q);
    assert_true(round_of("a", &stamp, 9000));
}

static void no_wait_at_all(void **state)
{
    (void)state;
    quiet_files_release(&q);
    quiet_files_init(&q, 7, 0);
    assert_true(round_of("a", &stamp, 0));
    assert_int_equal(quiet_files_count(&q), 0);
}

/* Many at once, each with its own time. */
static void many(void **state)
{
    enum { MANY = 20000 };
    (void)state;
    for (int64_t at = 0; at <= 5000; at += 5000) {
        quiet_files_begin(&q);
        for (int i = 0; i < MANY; i++) {
            char path[32];
            struct mono now = {at + (i % 2) * at}; /* the odd ones at 0 and 10000 */
            snprintf(path, sizeof path, "/in/%d", i);
            bool take = quiet_files_look(&q, path, &stamp, now, now);
            assert_int_equal(take, at == 5000);
        }
        quiet_files_end(&q);
        assert_int_equal(quiet_files_count(&q), at == 0 ? MANY : 0);
    }
}

static void what_one_costs(void **state)
{
    (void)state;
    assert_int_equal(sizeof(struct quiet_file), 24);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(taken_when_it_rested),
        TEST(any_change_begins_anew),
        TEST(one_that_grows_for_ever_is_never_taken),
        TEST(one_that_was_away_begins_anew),
        TEST(taken_is_forgotten),
        TEST(looks_that_took_their_time),
        TEST(no_wait_at_all),
        TEST(many),
        TEST(what_one_costs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
