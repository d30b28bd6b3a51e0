/* By which path a ledger knows what a person names: links as they were walked, or where they lead. */
#include "cli/path_in_ledger.h"

#include "ledger_fixture.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char top[PATH_MAX]; /* where the files are: the fixture's directory, without links */

static const char *at(const char *below)
{
    static char paths[8][PATH_MAX + 64];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", top, below);
    return path;
}

static void put_file(const char *below)
{
    FILE *f = fopen(at(below), "we");
    assert_non_null(f);
    assert_int_equal(fclose(f), 0);
}

/* in/real/a.pdf, in/link -> real, in/b.pdf -> real/a.pdf, way -> in */
static int setup(void **state)
{
    if (fixture_setup(state) != 0)
        return -1;
    struct fixture *f = *state;
    assert_non_null(realpath(f->directory, top));
    assert_int_equal(mkdir(at("in"), 0700), 0);
    assert_int_equal(mkdir(at("in/real"), 0700), 0);
    put_file("in/real/a.pdf");
    assert_int_equal(symlink("real", at("in/link")), 0);
    assert_int_equal(symlink("real/a.pdf", at("in/b.pdf")), 0);
    assert_int_equal(symlink("in", at("way")), 0);
    f->root = fixture_root(f, at("in"));
    return 0;
}

static void knows(struct fixture *f, const char *below)
{
    fixture_put_at(f, at(below), below, below, NULL);
}

static void assert_means(struct fixture *f, const char *named, const char *below)
{
    char *path = path_in_ledger(f->l, at(named));
    assert_string_equal(path, at(below));
    free(path);
}

static void without_links_there_is_one_path(void **state)
{
    struct fixture *f = *state;
    knows(f, "in/real/a.pdf");
    assert_means(f, "in/real/a.pdf", "in/real/a.pdf");
    assert_means(f, "in/./real//a.pdf", "in/real/a.pdf");
    assert_means(f, "in/real/../real/a.pdf", "in/real/a.pdf");
}

/* input.follow_symlinks was off: the run recorded where they lead. */
static void where_links_lead(void **state)
{
    struct fixture *f = *state;
    knows(f, "in/real/a.pdf");
    assert_means(f, "in/b.pdf", "in/real/a.pdf");
    assert_means(f, "in/link/a.pdf", "in/real/a.pdf");
    assert_means(f, "way/link/a.pdf", "in/real/a.pdf");
}

/* And on: as it walked, below its PATH, whose own links it resolved. */
static void links_as_they_were_walked(void **state)
{
    struct fixture *f = *state;
    knows(f, "in/link/a.pdf");
    knows(f, "in/b.pdf");
    assert_means(f, "in/link/a.pdf", "in/link/a.pdf");
    assert_means(f, "in/b.pdf", "in/b.pdf");
    assert_means(f, "way/link/a.pdf", "in/link/a.pdf");
    assert_means(f, "way/b.pdf", "in/b.pdf");
}

static void both_are_known_and_the_one_that_is_written_counts(void **state)
{
    struct fixture *f = *state;
    knows(f, "in/b.pdf");
    knows(f, "in/real/a.pdf");
    assert_means(f, "in/b.pdf", "in/b.pdf");
    assert_means(f, "in/link/a.pdf", "in/real/a.pdf");
}

static void what_is_gone_or_never_was(void **state)
{
    struct fixture *f = *state;
    knows(f, "in/gone.pdf");
    assert_means(f, "way/gone.pdf", "in/gone.pdf");
    assert_means(f, "way/never/was.pdf", "in/never/was.pdf");
    assert_means(f, "way/link", "in/real");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(without_links_there_is_one_path),
        TEST(where_links_lead),
        TEST(links_as_they_were_walked),
        TEST(both_are_known_and_the_one_that_is_written_counts),
        TEST(what_is_gone_or_never_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
