/* A watched folder: when it is looked at again, when a glance will do, which files have come to
 * rest and which need no look-up. Literal times; directories are real, files are entries alone. */
#include "batch/rest.h"
#include "fake_directory_watch.h"
#include "fake_log.h"
#include "part_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RESCAN_MS = 60000, QUIET_MS = 5000 };

struct watching {
    struct part part; /* first */
    struct intake_root root;
    char in[96];
    struct rest *rest;
    struct walk_times walk; /* of the round under way */
};

static void open_watching(struct watching *w, const char *root)
{
    w->root = (struct intake_root){.path = root, .prefix = "", .id = 1};
    w->rest = rest_new(&w->part.context);
}

static int setup(void **state)
{
    struct watching *w = calloc(1, sizeof *w);
    part_open(&w->part);
    snprintf(w->in, sizeof w->in, "%s/in", w->part.ledger->directory);
    assert_int_equal(mkdir(w->in, 0700), 0);
    w->part.options.watch.enabled = true;
    w->part.options.watch.quiet_ms = QUIET_MS;
    w->part.options.watch.rescan_ms = RESCAN_MS;
    w->part.options.roots = &w->root;
    w->part.options.root_count = 1;
    fake_watch_refuse(0);
    open_watching(w, w->in);
    *state = w;
    return 0;
}

static int teardown(void **state)
{
    struct watching *w = *state;
    if (w->rest)
        rest_close(w->rest);
    assert_int_equal(fake_watch_count(), 0);
    part_close(&w->part);
    free(w);
    return 0;
}

static struct mono now_of(struct watching *w)
{
    return part_now(&w->part);
}

static void pass_until(struct watching *w, int64_t ms)
{
    part_pass(&w->part, part_at(ms).ms - now_of(w).ms);
}

static bool turn(struct watching *w)
{
    return rest_turn(w->rest, now_of(w), false);
}

#define assert_next(w, at) assert_int_equal(rest_next((w)->rest, false).ms, part_at(at).ms)
#define assert_no_next(w)  assert_int_equal(rest_next((w)->rest, false).ms, MONO_NEVER.ms)

/* --- a round, entry by entry --- */

static void begin(struct watching *w)
{
    rest_walk_begins(w->rest);
    w->walk = (struct walk_times){now_of(w), now_of(w)};
}

static void end(struct watching *w)
{
    rest_walk_ended(w->rest);
}

static const struct file_stamp stamp = {.size_bytes = 10, .mtime_ns = 1, .ctime_ns = 2, .inode = 3};

static bool passes(struct watching *w, const struct intake_entry *e)
{
    return rest_passes(w->rest, e, &w->walk);
}

static bool passes_file(struct watching *w, const char *path)
{
    const struct intake_entry e = {.path = (char *)path, .stamp = stamp};
    return passes(w, &e);
}

static bool lets(struct watching *w, const char *path)
{
    const struct intake_entry e = {.path = (char *)path, .stamp = stamp};
    return rest_lets(w->rest, &e, &w->walk);
}

static struct file_stamp stamp_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return file_stamp_of(&st);
}

static void meet(struct watching *w, const char *directory)
{
    const struct intake_entry e = {
        .path = (char *)directory, .stamp = stamp_of(directory), .directory = true};
    assert_true(passes(w, &e));
}

/* One that meets the root alone, in no time. */
static void walk_root(struct watching *w)
{
    begin(w);
    meet(w, w->in);
    end(w);
}

static void touch_in(struct watching *w, const char *name)
{
    char path[200];
    snprintf(path, sizeof path, "%s/%s", w->in, name);
    FILE *f = fopen(path, "we");
    assert_non_null(f);
    fclose(f);
    /* a coarse clock might give the directory the stamp it had */
    const struct timespec times[2] = {{.tv_sec = 1000000000}, {.tv_sec = 1000000000}};
    assert_int_equal(utimensat(AT_FDCWD, w->in, times, 0), 0);
}

/* The time at which the root is known to be settled, after two walks: 121 s. The next round will be
 * a glance. */
static void settle_root(struct watching *w)
{
    walk_root(w);
    pass_until(w, 1000); /* its watch was new: what happened before, nobody told */
    assert_true(turn(w));
    walk_root(w);
    pass_until(w, 61000);
    assert_true(turn(w));
    walk_root(w);
    assert_next(w, 121000);
    pass_until(w, 121000);
}

/* --- when --- */

/* Whoever makes it walks at once. */
static void nothing_is_due_before_the_first_walk_is_over(void **state)
{
    struct watching *w = *state;
    assert_no_next(w);
    pass_until(w, 10 * RESCAN_MS);
    assert_false(turn(w));
    begin(w);
    assert_no_next(w);
    assert_false(turn(w));
    end(w);
    assert_next(w, 11 * RESCAN_MS);
}

static void a_round_comes_after_the_rescan(void **state)
{
    struct watching *w = *state;
    begin(w);
    part_pass(&w->part, 100);
    end(w);
    assert_next(w, RESCAN_MS + 100);
    assert_true(part_poked(&w->part));
    pass_until(w, RESCAN_MS + 99);
    assert_false(turn(w));
    pass_until(w, RESCAN_MS + 100);
    assert_true(turn(w));
    assert_no_next(w);
    assert_false(turn(w)); /* it is under way */
}

static void not_while_files_of_the_last_are_read(void **state)
{
    struct watching *w = *state;
    begin(w);
    end(w);
    pass_until(w, 2 * RESCAN_MS);
    assert_int_equal(rest_next(w->rest, true).ms, MONO_NEVER.ms);
    assert_false(rest_turn(w->rest, now_of(w), true));
    assert_next(w, RESCAN_MS);
    assert_true(turn(w));
}

static void a_hint_brings_a_round_within_a_second(void **state)
{
    struct watching *w = *state;
    settle_root(w);
    pass_until(w, 61300);
    part_poked(&w->part);
    fake_watch_hint(w->in);
    assert_true(part_poked(&w->part));
    assert_next(w, 62000); /* a second after the last one */
    fake_watch_hint(w->in);
    assert_false(part_poked(&w->part)); /* it is known */
    pass_until(w, 61999);
    assert_false(turn(w));
    pass_until(w, 62000);
    assert_true(turn(w));
}

static void a_late_hint_is_followed_at_once(void **state)
{
    struct watching *w = *state;
    settle_root(w);
    pass_until(w, 100000);
    fake_watch_hint(w->in);
    assert_next(w, 62000);
    assert_true(turn(w));
}

/* What it tells of may have come after the walk was there. */
static void a_hint_during_a_walk_brings_another(void **state)
{
    struct watching *w = *state;
    settle_root(w);
    fake_watch_hint(w->in);
    assert_true(turn(w));
    begin(w);
    meet(w, w->in);
    fake_watch_hint(w->in);
    part_poked(&w->part);
    assert_no_next(w);
    end(w);
    assert_next(w, 122000);
    pass_until(w, 122000);
    assert_true(turn(w));
    walk_root(w);
    assert_next(w, 182000); /* and that was it */
}

/* No more than a fifth of the time. */
static void rounds_that_take_long_are_spaced(void **state)
{
    static const struct {
        int64_t took_ms, spacing_ms;
    } cases[] = {{0, 1000}, {250, 1000}, {251, 1004}, {2000, 8000}, {3750, 15000}, {90000, 15000}};
    struct watching *w = *state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        begin(w);
        meet(w, w->in);
        part_pass(&w->part, cases[i].took_ms);
        fake_watch_hint(w->in);
        end(w);
        int64_t ended = now_of(w).ms;
        assert_int_equal(rest_next(w->rest, false).ms, ended + cases[i].spacing_ms);
        part_pass(&w->part, cases[i].spacing_ms);
        assert_true(turn(w));
    }
}

static void a_rescan_sooner_than_the_spacing_waits_for_it(void **state)
{
    struct watching *w = *state;
    w->part.options.watch.rescan_ms = 500;
    begin(w);
    end(w);
    assert_next(w, 1000);
    pass_until(w, 1000);
    assert_true(turn(w));
    begin(w);
    part_pass(&w->part, 2000);
    end(w);
    assert_next(w, 3000 + 8000);
}

/* --- files --- */

static void a_file_is_let_through_when_it_was_quiet(void **state)
{
    struct watching *w = *state;
    begin(w);
    assert_false(passes_file(w, "/in/a.pdf"));
    assert_false(lets(w, "/in/a.pdf"));
    end(w);
    assert_next(w, QUIET_MS); /* not only at the rescan */
    pass_until(w, QUIET_MS);
    assert_true(turn(w));
    begin(w);
    assert_false(passes_file(w, "/in/a.pdf"));
    assert_true(lets(w, "/in/a.pdf"));
    end(w);
    assert_next(w, QUIET_MS + RESCAN_MS); /* nothing waits any more */
}

/* Its stamp was read at some moment between the two. */
static void what_is_not_known_counts_against_the_file(void **state)
{
    struct watching *w = *state;
    begin(w);
    w->walk.answered_at = part_at(4000);
    assert_false(lets(w, "/in/a.pdf"));
    end(w);
    pass_until(w, 60000);
    assert_true(turn(w));
    begin(w);
    w->walk = (struct walk_times){part_at(8999), part_at(60000)};
    assert_false(lets(w, "/in/a.pdf"));
    end(w);
    begin(w);
    w->walk = (struct walk_times){part_at(9000), part_at(60000)};
    assert_true(lets(w, "/in/a.pdf"));
    end(w);
}

static void what_is_settled_needs_no_look_up(void **state)
{
    struct watching *w = *state;
    const struct intake_entry e = {.path = "/in/a.pdf", .stamp = stamp};
    begin(w);
    assert_false(passes(w, &e));
    rest_settled(w->rest, e.path, &e.stamp, 0);
    assert_true(passes(w, &e));
    struct intake_entry other = e;
    other.stamp.mtime_ns++;
    assert_false(passes(w, &other));
    other = e;
    other.error = EACCES;
    assert_false(passes(w, &other));
    rest_settled(w->rest, other.path, &other.stamp, EACCES);
    assert_true(passes(w, &other));
    assert_false(passes_file(w, "/in/b.pdf"));
    end(w);
}

static void doubts_make_it_look_again(void **state)
{
    struct watching *w = *state;
    settle_root(w);
    pass_until(w, 61300);
    rest_settled(w->rest, "/in/a.pdf", &stamp, 0);
    assert_true(passes_file(w, "/in/a.pdf"));
    rest_doubts(w->rest);
    assert_false(passes_file(w, "/in/a.pdf"));
    assert_next(w, 62000);
    assert_true(part_poked(&w->part));
}

/* What the cache believes may be wrong. */
static void all_is_forgotten_once_an_hour(void **state)
{
    struct watching *w = *state;
    begin(w);
    rest_settled(w->rest, "/in/a.pdf", &stamp, 0);
    end(w);
    pass_until(w, 3600 * 1000 - 1);
    assert_true(turn(w));
    begin(w);
    assert_true(passes_file(w, "/in/a.pdf"));
    end(w);
    pass_until(w, 2 * 3600 * 1000);
    assert_true(turn(w));
    begin(w);
    assert_false(passes_file(w, "/in/a.pdf"));
    rest_settled(w->rest, "/in/a.pdf", &stamp, 0);
    end(w);
    pass_until(w, 3 * 3600 * 1000 - 1); /* counted from when it forgot */
    assert_true(turn(w));
    begin(w);
    assert_true(passes_file(w, "/in/a.pdf"));
    end(w);
}

static void names_of_what_is_being_written_pass(void **state)
{
    struct watching *w = *state;
    begin(w);
    assert_true(passes_file(w, "/in/a.pdf.part"));
    assert_true(passes_file(w, "/in/.~lock.a.pdf#"));
    assert_false(passes_file(w, "/in/a.part/b.pdf"));
    end(w);
}

/* --- what can't be read for now --- */

static void a_directory_that_cannot_be_read_is_no_document(void **state)
{
    struct watching *w = *state;
    const struct intake_entry e = {.path = "/in/closed", .error = EACCES, .directory = true};
    begin(w);
    assert_true(passes(w, &e));
    assert_int_equal(fake_watch_count(), 0);
    end(w);
    assert_recorded("log warning watch.unreadable path=/in/closed reason=Permission denied "
                    "next=looked at again each time\n");
    begin(w);
    assert_true(passes(w, &e));
    end(w);
    assert_recorded(""); /* said once */
}

static void a_root_that_cannot_be_read_is_no_document(void **state)
{
    struct watching *w = *state;
    const struct intake_entry root = {.path = w->in, .error = ENOENT};
    const struct intake_entry file = {.path = "/in/a.pdf", .error = EACCES};
    begin(w);
    assert_true(passes(w, &root));
    assert_false(passes(w, &file)); /* a file is the ledger's to know */
    end(w);
}

/* --- hints --- */

static void each_directory_is_watched_once(void **state)
{
    struct watching *w = *state;
    char below[128];
    snprintf(below, sizeof below, "%s/below", w->in);
    assert_int_equal(mkdir(below, 0700), 0);
    begin(w);
    meet(w, w->in);
    meet(w, below);
    end(w);
    assert_recorded("watch in\nwatch below\n");
    assert_next(w, 1000); /* what happened before it was watched, nobody told */
    begin(w);
    meet(w, below); /* in another order */
    meet(w, w->in);
    end(w);
    assert_recorded("");
    begin(w);
    meet(w, w->in);
    end(w);
    assert_recorded("unwatch below\n");
    begin(w);
    meet(w, w->in);
    meet(w, below);
    end(w);
    assert_recorded("watch below\n");
    rest_close(w->rest);
    w->rest = NULL;
    assert_recorded("unwatch below\nunwatch in\n");
}

/* Another directory of that name: the watch is on the one that is gone. */
static void a_directory_that_was_replaced_is_watched_anew(void **state)
{
    struct watching *w = *state;
    struct intake_entry e = {.path = w->in, .stamp = stamp, .directory = true};
    begin(w);
    assert_true(passes(w, &e));
    end(w);
    assert_recorded("watch in\n");
    begin(w);
    e.stamp.mtime_ns++;
    assert_true(passes(w, &e));
    end(w);
    assert_recorded("");
    begin(w);
    e.stamp.inode++;
    assert_true(passes(w, &e));
    end(w);
    assert_recorded("unwatch in\nwatch in\n");
}

static void where_no_hints_come_it_is_walked(void **state)
{
    struct watching *w = *state;
    fake_watch_refuse(ERR_LIMIT);
    for (int i = 0; i < 3; i++) {
        walk_root(w);
        part_pass(&w->part, RESCAN_MS - 1);
        assert_false(turn(w));
        part_pass(&w->part, 1);
        assert_true(turn(w));
    }
    assert_recorded("log warning watch.polled why=no watch for in next=looked through every "
                    "watch.rescan; raise fs.inotify.max_user_watches to see changes at once\n");
    fake_watch_refuse(0); /* asked for again each time */
    walk_root(w);
    assert_recorded("watch in\n");
}

/* --- glances --- */

static void glance(struct watching *w)
{
    assert_false(turn(w));
    assert_int_equal(fake_loop_works(w->part.context.loop), 1);
    assert_false(turn(w));
    assert_no_next(w);
    fake_loop_work(w->part.context.loop);
}

static void no_glance(struct watching *w)
{
    assert_true(turn(w));
    assert_int_equal(fake_loop_works(w->part.context.loop), 0);
}

static void a_glance_will_do_where_nothing_changed(void **state)
{
    struct watching *w = *state;
    settle_root(w);
    glance(w);
    assert_false(turn(w));
    assert_next(w, 181000);
    assert_true(part_poked(&w->part));
}

static void what_a_glance_sees_brings_a_walk(void **state)
{
    struct watching *w = *state;
    settle_root(w);
    touch_in(w, "a.pdf");
    glance(w);
    assert_true(part_poked(&w->part));
    assert_false(rest_turn(w->rest, now_of(w), true));
    assert_true(turn(w));
    walk_root(w);
    pass_until(w, 181000);
    no_glance(w); /* at 121 s its stamp was new: it may have changed again within it */
    walk_root(w);
    pass_until(w, 241000);
    glance(w);
    assert_false(turn(w));
}

static void a_directory_that_is_gone_brings_a_walk(void **state)
{
    struct watching *w = *state;
    settle_root(w);
    assert_int_equal(rmdir(w->in), 0);
    glance(w);
    assert_true(turn(w));
    begin(w);
    end(w);
    assert_recorded("watch in\nunwatch in\n");
}

static void a_hint_during_a_glance_brings_a_walk(void **state)
{
    struct watching *w = *state;
    settle_root(w);
    assert_false(turn(w));
    fake_watch_hint(w->in);
    fake_loop_work(w->part.context.loop);
    assert_true(turn(w));
}

static void every_tenth_round_is_a_walk(void **state)
{
    struct watching *w = *state;
    settle_root(w);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 9; i++) {
            glance(w);
            part_pass(&w->part, RESCAN_MS);
        }
        no_glance(w);
        walk_root(w);
        part_pass(&w->part, RESCAN_MS);
    }
}

static void a_stamp_within_a_coarse_clock_needs_a_walk(void **state)
{
    static const int64_t walks_ms[] = {1000, 2499, 3499};
    struct watching *w = *state;
    w->part.options.watch.rescan_ms = 1;
    walk_root(w); /* known since 0 */
    for (size_t i = 0; i < sizeof walks_ms / sizeof *walks_ms; i++) {
        pass_until(w, walks_ms[i]);
        no_glance(w);
        walk_root(w);
    }
    pass_until(w, 4499); /* the last walk saw a stamp that was old enough */
    glance(w);
}

/* The stamp may have been read right after it was asked for. */
static void a_stamp_is_as_old_as_it_is_known_to_be(void **state)
{
    struct watching *w = *state;
    w->part.options.watch.rescan_ms = 1;
    walk_root(w); /* known since 0 */
    pass_until(w, 1000);
    no_glance(w);
    begin(w);
    w->walk = (struct walk_times){part_at(2499), part_at(60000)};
    meet(w, w->in);
    end(w);
    pass_until(w, 3000);
    no_glance(w);
}

static void a_file_that_is_not_at_rest_needs_a_walk(void **state)
{
    struct watching *w = *state;
    settle_root(w);
    glance(w);
    pass_until(w, 181000);
    glance(w);
    fake_watch_hint(w->in);
    pass_until(w, 182000);
    assert_true(turn(w));
    begin(w);
    meet(w, w->in);
    assert_false(lets(w, "/in/a.pdf"));
    end(w);
    assert_next(w, 187000);
    pass_until(w, 187000);
    no_glance(w);
}

static void the_hour_needs_a_walk(void **state)
{
    struct watching *w = *state;
    settle_root(w);
    pass_until(w, 3600 * 1000);
    no_glance(w);
}

/* A file's change isn't seen in any directory that is watched. */
static void a_root_that_is_a_file_needs_walks(void **state)
{
    struct watching *w = *state;
    char file[128];
    snprintf(file, sizeof file, "%s/a.pdf", w->in);
    touch_in(w, "a.pdf");
    rest_close(w->rest);
    open_watching(w, file);
    settle_root(w);
    no_glance(w);
}

static void a_root_that_is_not_there_needs_walks(void **state)
{
    struct watching *w = *state;
    rest_close(w->rest);
    open_watching(w, "/no/such/directory");
    settle_root(w);
    no_glance(w);
}

static void where_one_directory_gives_no_hints_it_is_walked(void **state)
{
    struct watching *w = *state;
    fake_watch_refuse(ERR_USAGE);
    for (int i = 0; i < 3; i++) {
        walk_root(w);
        part_pass(&w->part, RESCAN_MS);
        no_glance(w);
    }
    assert_recorded("log info watch.polled why=no watch for in next=looked through every "
                    "watch.rescan\n"); /* a share is no trouble */
}

/* Beyond 1024 directories they aren't all known: until there are fewer. */
static void too_many_directories_need_walks(void **state)
{
    struct watching *w = *state;
    enum { MOST = 1024 };
    for (int count = MOST + 1; count >= MOST; count--) {
        for (int round = 0; round < 3; round++) {
            begin(w);
            for (int i = 0; i < count; i++) {
                char path[128];
                snprintf(path, sizeof path, "%s/%d", w->in, i);
                const struct intake_entry e = {
                    .path = path, .stamp = stamp_of(w->in), .directory = true};
                assert_true(passes(w, &e));
            }
            end(w);
            assert_int_equal(fake_watch_count(), MOST);
            part_pass(&w->part, RESCAN_MS);
            if (count > MOST)
                no_glance(w);
            else if (round == 0)
                break;
        }
    }
    assert_false(turn(w));
    fake_loop_work(w->part.context.loop);
}

/* --- the end --- */

static void closed_while_the_pool_looks(void **state)
{
    struct watching *w = *state;
    settle_root(w);
    assert_false(turn(w));
    part_poked(&w->part);
    rest_close(w->rest);
    w->rest = NULL;
    fake_loop_work(w->part.context.loop);
    assert_int_equal(fake_watch_count(), 0);
    assert_false(part_poked(&w->part));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_due_before_the_first_walk_is_over),
        TEST(a_round_comes_after_the_rescan),
        TEST(not_while_files_of_the_last_are_read),
        TEST(a_hint_brings_a_round_within_a_second),
        TEST(a_late_hint_is_followed_at_once),
        TEST(a_hint_during_a_walk_brings_another),
        TEST(rounds_that_take_long_are_spaced),
        TEST(a_rescan_sooner_than_the_spacing_waits_for_it),
        TEST(a_file_is_let_through_when_it_was_quiet),
        TEST(what_is_not_known_counts_against_the_file),
        TEST(what_is_settled_needs_no_look_up),
        TEST(doubts_make_it_look_again),
        TEST(all_is_forgotten_once_an_hour),
        TEST(names_of_what_is_being_written_pass),
        TEST(a_directory_that_cannot_be_read_is_no_document),
        TEST(a_root_that_cannot_be_read_is_no_document),
        TEST(each_directory_is_watched_once),
        TEST(a_directory_that_was_replaced_is_watched_anew),
        TEST(where_no_hints_come_it_is_walked),
        TEST(a_glance_will_do_where_nothing_changed),
        TEST(what_a_glance_sees_brings_a_walk),
        TEST(a_directory_that_is_gone_brings_a_walk),
        TEST(a_hint_during_a_glance_brings_a_walk),
        TEST(every_tenth_round_is_a_walk),
        TEST(a_stamp_within_a_coarse_clock_needs_a_walk),
        TEST(a_stamp_is_as_old_as_it_is_known_to_be),
        TEST(a_file_that_is_not_at_rest_needs_a_walk),
        TEST(the_hour_needs_a_walk),
        TEST(a_root_that_is_a_file_needs_walks),
        TEST(a_root_that_is_not_there_needs_walks),
        TEST(where_one_directory_gives_no_hints_it_is_walked),
        TEST(too_many_directories_need_walks),
        TEST(closed_while_the_pool_looks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
