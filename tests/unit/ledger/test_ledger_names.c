/* Roots and names: who gets which, what clashes, and where the file system of results/ takes two for
 * one. */
#include "ledger_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int64_t put_at(struct fixture *f, int64_t root, const char *path, const char *name)
{
    enum ledger_put put;
    int64_t id;
    uint8_t digest[SHA256_BYTES];
    sha256(path, strlen(path), digest);
    const struct ledger_new_file file = {.root_id = root,
                                         .settings_id = f->settings,
                                         .path = path,
                                         .name = name,
                                         .looked_at = true,
                                         .sha256 = digest};
    assert_ok(f->l, ledger_file_put(f->l, &file, &put, &id));
    return id;
}

static void make_directory(const struct fixture *f, const char *name, char out[128])
{
    snprintf(out, 128, "%s/%s", f->directory, name);
    assert_int_equal(mkdir(out, 0700), 0);
}

/* What is found before says the same. */
static int put_root(struct fixture *f, const char *path, bool directory, const char *prefix)
{
    struct ledger_root root;
    const struct ledger_new_root new = {.path = path, .directory = directory, .alone = true};
    int found = ledger_root_find(f->l, &new, &root);
    int64_t id = root.id;
    if (found == 1)
        assert_string_equal(root.prefix, prefix);
    ledger_root_release(&root);
    int rc = ledger_root_put(f->l, &new, &root);
    if (found < 0)
        assert_int_equal(rc, found);
    else
        assert_int_equal(rc, 0);
    if (found == 1)
        assert_int_equal(root.id, id);
    if (rc < 0)
        return rc;
    assert_string_equal(root.prefix, prefix);
    rc = (int)root.id;
    ledger_root_release(&root);
    return rc;
}

static void prefixes(void **state)
{
    struct fixture *f = *state;
    char a[128], inner[128], b[128];
    make_directory(f, "a", a);
    make_directory(f, "a/inner", inner);
    make_directory(f, "b", b);
    int id = put_root(f, a, true, "a"); /* /data has none */
    assert_int_equal(put_root(f, a, true, "a"), id);
    assert_int_equal(put_root(f, "/data", true, ""), f->root);
    put_at(f, f->root, "/data/b/x", "b/x"); /* the name begins with it */
    assert_true(put_root(f, b, true, "b (2)") > id);
    assert_true(put_root(f, "/elsewhere/b", true, "b (3)") > id);
    assert_int_equal(put_root(f, inner, true, ""), ERR_USAGE);
    assert_int_equal(put_root(f, f->directory, true, ""), ERR_USAGE);
    assert_int_equal(rmdir(inner) | rmdir(a), 0); /* gone, and another one for good */
    assert_true(put_root(f, "/elsewhere/a", true, "a (2)") > id);
    assert_int_equal(put_root(f, a, true, "a"), id);
}

static void another_spelling_of_a_root(void **state)
{
    struct fixture *f = *state;
    char a[128], link[160];
    struct ledger_root root;
    make_directory(f, "a", a);
    int id = put_root(f, a, true, "a");
    snprintf(link, sizeof link, "%s/link", f->directory);
    assert_int_equal(symlink(a, link), 0);
    const struct ledger_new_root new = {.path = link, .directory = true};
    assert_ok(f->l, ledger_root_put(f->l, &new, &root));
    assert_int_equal(root.id, id);
    assert_string_equal(root.path, a);
    ledger_root_release(&root);
    assert_int_equal(unlink(link), 0);
    assert_int_equal(rename(a, link), 0); /* a renamed one is another */
    assert_int_not_equal(put_root(f, link, true, "link"), id);
}

static void files_as_roots(void **state)
{
    struct fixture *f = *state;
    struct ledger_file file;
    char path[160], a[128];
    assert_int_equal(put_root(f, "/data/sub/x.pdf", false, "sub/x.pdf"), f->root);
    make_directory(f, "a", a);
    snprintf(path, sizeof path, "%s/x.pdf", a);
    int single = put_root(f, path, false, "x.pdf");
    int64_t id = put_at(f, single, path, "x.pdf");
    int round = put_root(f, a, true, "a");
    assert_int_not_equal(round, single);
    assert_int_equal(ledger_file_find(f->l, path, &file), 1);
    assert_int_equal(file.root_id, round);
    fixture_assert_name(f, id, "x.pdf"); /* it keeps its name */
    assert_int_equal(put_root(f, path, false, "a/x.pdf"), round);
}

static void numbers_where_names_are_taken(void **state)
{
    struct fixture *f = *state;
    put_at(f, f->root, "/data/scan.pdf", "scan.pdf");
    int64_t b = put_at(f, f->root, "/b/scan.pdf", "scan.pdf");
    int64_t a = put_at(f, f->root, "/a/x.tar.gz", "d.1/.x");
    int64_t other = put_at(f, f->root, "/c/scan.pdf", "scan.pdf");
    int64_t own = put_at(f, f->root, "/data/scan (2).pdf", "scan (2).pdf"); /* as it is found */
    int64_t again = put_at(f, f->root, "/e/.x", "d.1/.x");
    struct ledger_move moves[4];
    assert_int_equal(ledger_moves_of(f->l, b, 1u << DOC_QUEUED, 0, moves, 4), 0); /* no name yet */
    assert_ok(f->l, ledger_names_give(f->l, NULL, NULL));
    fixture_assert_name(f, own, "scan (2).pdf");
    fixture_assert_name(f, b, "scan (3).pdf");
    fixture_assert_name(f, other, "scan (4).pdf");
    fixture_assert_name(f, a, "d.1/.x");
    fixture_assert_name(f, again, "d.1/.x (2)");
    put_at(f, f->root, "/f/scan (2).pdf", "scan (2).pdf");
    assert_ok(f->l, ledger_names_give(f->l, NULL, NULL));
    assert_int_equal(ledger_name_taken(f->l, "scan (2) (2).pdf", 0), 1);
}

static void the_ten_thousandth_of_a_name(void **state)
{
    struct fixture *f = *state;
    for (int i = 1; i <= 3000; i++) {
        char path[40];
        snprintf(path, sizeof path, "/%d/scan.pdf", i);
        put_at(f, f->root, path, "scan.pdf");
    }
    assert_ok(f->l, ledger_names_give(f->l, NULL, NULL));
    assert_int_equal(ledger_name_taken(f->l, "scan (3000).pdf", 0), 1);
    assert_int_equal(ledger_name_taken(f->l, "scan (3001).pdf", 0), 0);
}

/* The file of DOCUMENT has this NAME now, and clashes again at AT. */
static void clashes_as(struct fixture *f, int64_t document, const char *path, const char *name,
                       int64_t at)
{
    fixture_assert_name(f, document, name);
    assert_ok(f->l, ledger_name_clashes(f->l, fixture_file_id(f, path), at));
}

/* A number that was tried isn't tried again: what lies there lies there still. */
static void a_clash_with_what_lies_there(void **state)
{
    struct fixture *f = *state;
    int64_t a = put_at(f, f->root, "/data/a.pdf", "a.pdf");
    put_at(f, f->root, "/data/a (4).pdf", "a (4).pdf");
    clashes_as(f, a, "a.pdf", "a.pdf", -1);
    clashes_as(f, a, "a.pdf", "a (2).pdf", -1);
    clashes_as(f, a, "a.pdf", "a (3).pdf", -1);
    clashes_as(f, a, "a.pdf", "a (5).pdf", -1);
    fixture_assert_name(f, a, "a (6).pdf");
    int64_t next = put_at(f, f->root, "/b/a.pdf", "a (6).pdf");
    assert_ok(f->l, ledger_names_give(f->l, NULL, NULL));
    fixture_assert_name(f, next, "a (6) (2).pdf");
    put_at(f, f->root, "/c/a.pdf", "a.pdf"); /* the others are free for others */
    int64_t second = put_at(f, f->root, "/d/a.pdf", "a.pdf");
    assert_ok(f->l, ledger_names_give(f->l, NULL, NULL));
    fixture_assert_name(f, second, "a (2).pdf");
}

static void a_file_where_a_directory_is_to_be(void **state)
{
    struct fixture *f = *state;
    int64_t x = put_at(f, f->root, "/data/fax.json/x.pdf", "fax.json/x.pdf");
    clashes_as(f, x, "fax.json/x.pdf", "fax.json/x.pdf", 0);
    clashes_as(f, x, "fax.json/x.pdf", "fax (2).json/x.pdf", 0);
    clashes_as(f, x, "fax.json/x.pdf", "fax (3).json/x.pdf", -1); /* there is one like it, too */
    clashes_as(f, x, "fax.json/x.pdf", "fax (3).json/x (2).pdf", -1);
    clashes_as(f, x, "fax.json/x.pdf", "fax (3).json/x (3).pdf", 0);
    fixture_assert_name(f, x, "fax (4).json/x (3).pdf");
    int64_t y = put_at(f, f->root, "/data/a/b/c/y.pdf", "a/b/c/y.pdf");
    clashes_as(f, y, "a/b/c/y.pdf", "a/b/c/y.pdf", 0);
    clashes_as(f, y, "a/b/c/y.pdf", "a (2)/b/c/y.pdf", 8);
    clashes_as(f, y, "a/b/c/y.pdf", "a (2)/b/c (2)/y.pdf", 6);
    clashes_as(f, y, "a/b/c/y.pdf", "a (2)/b (2)/c (2)/y.pdf", 12);
    fixture_assert_name(f, y, "a (2)/b (2)/c (3)/y.pdf");
}

static void what_was_replaced_stays_so(void **state)
{
    struct fixture *f = *state;
    int64_t old = fixture_put(f, "d/a.pdf", "old", NULL);
    fixture_accept(f, old, "job");
    int64_t file = fixture_file_id(f, "d/a.pdf");
    fixture_put(f, "d/a.pdf", "new", NULL);
    const char *const names[] = {"d/a.pdf (replaced)", "d/a.pdf (replaced 2)",
                                 "d/a.pdf (replaced 3)", "d (2)/a.pdf (replaced 3)",
                                 "d (2)/a.pdf (replaced 4)"};
    const int64_t at[] = {-1, -1, 0, -1};
    for (int i = 0; i < 4; i++) {
        assert_int_equal(ledger_name_taken(f->l, names[i], 0), 1);
        assert_ok(f->l, ledger_name_clashes(f->l, file, at[i]));
    }
    assert_int_equal(ledger_name_taken(f->l, names[4], 0), 1);
    assert_int_equal(ledger_name_taken(f->l, names[4], file), 0);
}

/* What is known of the names that are taken isn't known of those that were passed by. */
static void many_clashes(void **state)
{
    struct fixture *f = *state;
    int64_t a = put_at(f, f->root, "/data/a.pdf", "a.pdf");
    for (int i = 0; i < 1500; i++)
        assert_ok(f->l, ledger_name_clashes(f->l, fixture_file_id(f, "a.pdf"), -1));
    fixture_assert_name(f, a, "a (1501).pdf");
    put_at(f, f->root, "/b/a.pdf", "a.pdf");
    int64_t second = put_at(f, f->root, "/c/a.pdf", "a.pdf");
    assert_ok(f->l, ledger_names_give(f->l, NULL, NULL));
    fixture_assert_name(f, second, "a (2).pdf");
}

/* --- what the file system of results/ makes of them --- */

static void on(struct fixture *f, unsigned folds, size_t longest)
{
    const struct naming_place found = {.folds = folds, .longest = longest};
    assert_ok(f->l, ledger_names_place(f->l, &found));
}

static void names_that_are_one_there(void **state)
{
    struct fixture *f = *state;
    on(f, FOLD_CASE | FOLD_FORM, NAME_CUT_MOST);
    int64_t first = put_at(f, f->root, "/data/A/x.pdf", "A/x.pdf");
    int64_t second = put_at(f, f->root, "/data/a/x.pdf", "a/x.pdf");
    int64_t third = put_at(f, f->root, "/data/a/X.pdf", "a/X.pdf");
    int64_t numbered = put_at(f, f->root, "/data/a/X (2).PDF", "a/X (2).PDF"); /* as it is found */
    int64_t beside = put_at(f, f->root, "/data/a/y.pdf", "a/y.pdf");
    int64_t composed = put_at(f, f->root, "/data/\xc3\xa9", "\xc3\xa9");
    int64_t decomposed = put_at(f, f->root, "/data/E\xcc\x81", "E\xcc\x81");
    assert_ok(f->l, ledger_names_give(f->l, NULL, NULL));
    fixture_assert_name(f, first, "A/x.pdf");
    fixture_assert_name(f, third, "a/X (3).pdf"); /* in the order of bytes */
    fixture_assert_name(f, second, "a/x (4).pdf");
    fixture_assert_name(f, numbered, "a/X (2).PDF");
    fixture_assert_name(f, beside, "a/y.pdf");
    fixture_assert_name(f, composed, "\xc3\xa9");
    fixture_assert_name(f, decomposed, "E\xcc\x81 (2)");
    assert_int_equal(ledger_name_taken(f->l, "a/x.PDF", 0), 1);
    assert_int_equal(ledger_name_taken(f->l, "A/X.PDF", fixture_file_id(f, "A/x.pdf")), 0);
    assert_int_equal(ledger_name_taken(f->l, "a", 0), 0);
}

static void elsewhere_they_are_two(void **state)
{
    struct fixture *f = *state;
    int64_t first = put_at(f, f->root, "/data/a.pdf", "a.pdf");
    int64_t second = put_at(f, f->root, "/data/A.pdf", "A.pdf");
    assert_ok(f->l, ledger_names_give(f->l, NULL, NULL));
    fixture_assert_name(f, first, "a.pdf");
    fixture_assert_name(f, second, "A.pdf");
}

/* The earlier file makes room, under a name that nobody has there. */
static void what_is_replaced_there(void **state)
{
    struct fixture *f = *state;
    on(f, FOLD_CASE, NAME_CUT_MOST);
    put_at(f, f->root, "/b/A.PDF (Replaced)", "A.PDF (Replaced)");
    int64_t old = fixture_put(f, "a.pdf", "old", NULL);
    fixture_store(f, old, "{}", 1);
    assert_ok(f->l, ledger_projected(f->l, fixture_file_id(f, "a.pdf"), old, "a.pdf"));
    int64_t new = fixture_put(f, "a.pdf", "new", NULL);
    fixture_assert_name(f, new, "a.pdf");
    assert_int_equal(ledger_name_taken(f->l, "a.pdf (replaced 2)", 0), 1);
    /* its result is on its way from where it stood */
    assert_int_equal(ledger_name_stands(f->l, "A.PDF"), 1);
    assert_int_equal(ledger_name_stands(f->l, "b.pdf"), 0);
}

static void prefixes_there(void **state)
{
    struct fixture *f = *state;
    char june[128], second[128];
    make_directory(f, "JUNE", june);
    make_directory(f, "second", second);
    on(f, FOLD_CASE, NAME_CUT_MOST);
    put_at(f, f->root, "/data/June/a.pdf", "June/a.pdf");
    put_root(f, june, true, "JUNE (2)");
    put_root(f, second, true, "second");
    int64_t clash = put_at(f, f->root, "/data/Second/a.pdf", "Second/a.pdf");
    fixture_assert_name(f, clash, "Second/a.pdf"); /* it is the first of that name */
    char below[160];
    snprintf(below, sizeof below, "%s/a.pdf", second);
    int64_t other = put_at(f, f->root, below, "second/a.pdf");
    assert_ok(f->l, ledger_names_give(f->l, NULL, NULL));
    fixture_assert_name(f, other, "second/a (2).pdf");
}

static void clashes_there(void **state)
{
    struct fixture *f = *state;
    on(f, FOLD_CASE, NAME_CUT_MOST);
    put_at(f, f->root, "/data/A (2).PDF", "A (2).PDF");
    int64_t a = put_at(f, f->root, "/data/a.pdf", "a.pdf");
    assert_ok(f->l, ledger_name_clashes(f->l, fixture_file_id(f, "a.pdf"), -1));
    fixture_assert_name(f, a, "a (3).pdf");
    put_at(f, f->root, "/data/FAX (2).json/X.pdf", "FAX (2).json/X.pdf");
    int64_t x = put_at(f, f->root, "/data/fax.json/x.pdf", "fax.json/x.pdf");
    assert_ok(f->l, ledger_name_clashes(f->l, fixture_file_id(f, "fax.json/x.pdf"), 0));
    fixture_assert_name(f, x, "fax (2).json/x (2).pdf");
}

/* --- a ledger comes to another file system --- */

static int64_t stored_at(struct fixture *f, const char *name)
{
    int64_t id = fixture_put(f, name, name, NULL);
    fixture_store(f, id, "{}", 1);
    assert_ok(f->l, ledger_projected(f->l, fixture_file_id(f, name), id, name));
    return id;
}

/* They keep their names, and each result is looked at again: which of them is there isn't known. */
static void names_that_become_one(void **state)
{
    struct fixture *f = *state;
    struct ledger_projection p[4];
    int64_t upper = stored_at(f, "A.pdf"), lower = stored_at(f, "a.pdf");
    stored_at(f, "b.pdf");
    put_at(f, f->root, "/data/B.pdf", "B.pdf"); /* not stored: nothing to look at */
    assert_ok(f->l, ledger_unpublish(f->l, fixture_file_id(f, "A.pdf"), true));
    on(f, FOLD_CASE, NAME_CUT_MOST);
    fixture_assert_name(f, upper, "A.pdf");
    fixture_assert_name(f, lower, "a.pdf");
    assert_int_equal(ledger_unprojected(f->l, 0, p, 4), 3);
    assert_string_equal(p[0].name, "A.pdf");
    assert_false(p[0].again); /* what stands there may be the other's */
    assert_string_equal(p[1].name, "a.pdf");
    assert_string_equal(p[2].name, "b.pdf");
    for (int i = 0; i < 3; i++)
        ledger_projection_release(&p[i]);
    int64_t file = fixture_file_id(f, "a.pdf");
    assert_int_equal(ledger_name_taken(f->l, "a.pdf", file), 1);
    assert_ok(f->l, ledger_name_clashes(f->l, file, -1));
    fixture_assert_name(f, lower, "a (2).pdf");
    assert_int_equal(ledger_name_taken(f->l, "A.pdf", fixture_file_id(f, "A.pdf")), 0);
}

/* Names that were given on one file system must do on all that the ledger was on. */
static void it_keeps_to_both(void **state)
{
    struct fixture *f = *state;
    char name[200];
    struct buffer file;
    memset(name, 'n', sizeof name);
    name[199] = '\0';
    stored_at(f, "a.pdf");
    on(f, FOLD_CASE, NAME_CUT_MOST);
    assert_ok(f->l, ledger_commit(f->l));
    fixture_reopen(f);
    on(f, 0, 143);
    assert_ok(f->l, ledger_commit(f->l));
    fixture_reopen(f);
    on(f, FOLD_FORM, NAME_CUT_MOST);
    assert_int_equal(ledger_name_taken(f->l, "A.pdf", 0), 1);
    assert_int_equal(ledger_name_longest(f->l), 143);
    buffer_init(&file, 0);
    ledger_result_file(f->l, name, &file);
    assert_int_equal(file.len, 143);
    buffer_release(&file);
}

/* Only what changes is written: a reader of this turn finds nothing new. */
static void the_same_again_writes_nothing(void **state)
{
    struct fixture *f = *state;
    struct ledger_projection p;
    stored_at(f, "a.pdf");
    on(f, FOLD_CASE, 143);
    assert_ok(f->l, ledger_commit(f->l));
    on(f, FOLD_CASE, 143);
    on(f, 0, NAME_CUT_MOST);
    assert_false(ledger_dirty(f->l));
    assert_int_equal(ledger_unprojected(f->l, 0, &p, 1), 0); /* nor for its sake alone */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(prefixes),
        TEST(another_spelling_of_a_root),
        TEST(files_as_roots),
        TEST(numbers_where_names_are_taken),
        TEST(the_ten_thousandth_of_a_name),
        TEST(a_clash_with_what_lies_there),
        TEST(a_file_where_a_directory_is_to_be),
        TEST(what_was_replaced_stays_so),
        TEST(many_clashes),
        TEST(names_that_are_one_there),
        TEST(elsewhere_they_are_two),
        TEST(what_is_replaced_there),
        TEST(prefixes_there),
        TEST(clashes_there),
        TEST(names_that_become_one),
        TEST(it_keeps_to_both),
        TEST(the_same_again_writes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
