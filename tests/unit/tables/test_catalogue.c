/* The columns of a ledger's results, kept from one export to the next. */
#include "ledger_fixture.h"

#include "ledger/document_ledger.h"
#include "ledger/handovers.h"
#include "tables/all_columns.h"
#include "tables/catalogue.h"
#include "tables/review_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define RESULT(fields) "{\"inference\":{\"result\":{\"fields\":{" fields "}}}}"

static int64_t store(struct fixture *f, const char *name, const char *result)
{
    int64_t id = fixture_put(f, name, name, NULL);
    fixture_store(f, id, result, 1);
    assert_ok(f->l, ledger_commit(f->l));
    return id;
}

static int64_t newest(struct fixture *f)
{
    int64_t id;
    assert_ok(f->l, ledger_last_result(f->l, &id));
    return id;
}

static struct catalogue *open_catalogue(struct fixture *f)
{
    struct catalogue *c;
    struct error e;
    if (catalogue_open(&c, f->l, f->directory, ACCESS_PRIVATE, &e) < 0)
        fail_msg("%s", e.text);
    return c;
}

/* FILLED times in all results; -1: there is no such column. */
static int64_t filled(struct columns *all, const char *name)
{
    for (size_t i = 0; i < columns_count(all); i++)
        if (strcmp(columns_get(all, i)->name, name) == 0)
            return columns_get(all, i)->filled;
    return -1;
}

static void assert_filled(struct fixture *f, const char *name, int64_t expected)
{
    struct catalogue *c = open_catalogue(f);
    struct columns *all;
    struct error e;
    assert_int_equal(all_columns(c, newest(f), &all, &e), 0);
    assert_int_equal(filled(all, name), expected);
    columns_free(all);
    catalogue_close(c);
}

static void columns_stay(void **state)
{
    struct fixture *f = *state;
    store(f, "a", RESULT("\"old\":{\"value\":\"x\"},\"both\":{\"value\":1.5}"));
    assert_filled(f, "old", 1);
    store(f, "b", RESULT("\"new\":{\"value\":true},\"both\":{\"value\":2}"));
    assert_filled(f, "new", 1);
    assert_filled(f, "old", 1);
    assert_filled(f, "both", 2);
    assert_filled(f, "never", -1);
}

static void what_was_seen_is_kept(void **state)
{
    struct fixture *f = *state;
    struct error e;
    struct columns *all;
    store(f, "a", RESULT("\"n\":{\"value\":1.25},\"l\":{\"items\":[{\"items\":[]}]}"));
    assert_filled(f, "n", 1);
    struct catalogue *c = open_catalogue(f);
    assert_int_equal(all_columns(c, newest(f), &all, &e), 0);
    for (size_t i = 0; i < columns_count(all); i++) {
        const struct column *k = columns_get(all, i);
        if (strcmp(k->name, "n") != 0)
            continue;
        assert_int_equal(k->saw, COLUMN_SAW_NUMBER);
        assert_int_equal(k->decimals, 2);
        assert_string_equal(k->example, "1.25");
        assert_int_equal(k->first_result, newest(f));
    }
    bool nested = false;
    for (size_t i = 0; i < columns_table_count(all); i++)
        nested |=
            strcmp(columns_table(all, i)->name, "l.#") == 0 && columns_table(all, i)->levels == 2;
    assert_true(nested);
    columns_free(all);
    catalogue_close(c);
}

/* Another program, which opened it before, has scanned by now. */
static void two_at_once_count_once(void **state)
{
    struct fixture *f = *state;
    struct error e;
    store(f, "a", RESULT("\"n\":{\"value\":1}"));
    struct catalogue *one = open_catalogue(f), *two = open_catalogue(f);
    assert_int_equal(catalogue_scan(one, newest(f), &e), 0);
    store(f, "b", RESULT("\"n\":{\"value\":2}"));
    assert_int_equal(catalogue_scan(two, newest(f), &e), 0);
    assert_int_equal(catalogue_scan(one, newest(f), &e), 0);
    catalogue_close(one);
    catalogue_close(two);
    assert_filled(f, "n", 2);
}

static void a_result_that_cannot_be_read_is_passed_over(void **state)
{
    struct fixture *f = *state;
    store(f, "a", "no JSON at all");
    store(f, "b", RESULT("\"n\":{\"value\":1}"));
    assert_filled(f, "n", 1);
}

/* The ledger was put back from a backup: what came since isn't there, and other results will be. */
static void of_a_ledger_that_was_put_back(void **state)
{
    struct fixture *f = *state;
    char command[400];
    store(f, "a", RESULT("\"n\":{\"value\":1}"));
    fixture_close(f);
    snprintf(command, sizeof command, "mkdir %s/b && cp %s/ledger.* %s/b", f->directory,
             f->directory, f->directory);
    assert_int_equal(system(command), 0);
    fixture_open(f);
    store(f, "b", RESULT("\"gone\":{\"value\":1}"));
    assert_filled(f, "gone", 1);
    fixture_close(f);
    snprintf(command, sizeof command, "rm %s/ledger.* && cp %s/b/* %s", f->directory, f->directory,
             f->directory);
    assert_int_equal(system(command), 0);
    fixture_open(f);
    store(f, "c", RESULT("\"n\":{\"value\":3}"));
    store(f, "d", RESULT("\"n\":{\"value\":4}"));
    assert_filled(f, "n", 3);
}

static void assert_refused(struct fixture *f, const char *words)
{
    struct catalogue *c;
    struct error e;
    assert_int_equal(catalogue_open(&c, f->l, f->directory, ACCESS_PRIVATE, &e), ERR_DAMAGED);
    assert_null(c);
    if (!strstr(e.text, words) || !strstr(e.text, REVIEW_DB))
        fail_msg("%s", e.text);
}

static void make_with(struct fixture *f, const char *sql)
{
    char command[400];
    snprintf(command, sizeof command,
             "python3 -c \"import sqlite3; sqlite3.connect('%s/" REVIEW_DB
             "').executescript('%s')\"",
             f->directory, sql);
    assert_int_equal(system(command), 0);
}

static void what_is_not_ours_or_newer_is_left(void **state)
{
    struct fixture *f = *state;
    make_with(f, "CREATE TABLE mine(x)");
    assert_refused(f, "isn't a review.db");
    make_with(f, "DROP TABLE mine; PRAGMA application_id=1296200310; PRAGMA user_version=99");
    assert_refused(f, "newer");
}

static void a_damaged_one_is_left(void **state)
{
    struct fixture *f = *state;
    char path[120];
    snprintf(path, sizeof path, "%s/" REVIEW_DB, f->directory);
    FILE *file = fopen(path, "w");
    fputs("this is no database, and long enough to be looked at as one. 0123456789 0123456789\n"
          "0123456789 0123456789 0123456789 0123456789 0123456789 0123456789 0123456789\n",
          file);
    fclose(file);
    assert_refused(f, "left as it is");
}

static void for_whose_eyes_it_is(void **state)
{
    struct fixture *f = *state;
    struct database d;
    struct error e;
    struct stat st;
    char path[120];
    snprintf(path, sizeof path, "%s/" REVIEW_DB, f->directory);
    catalogue_close(open_catalogue(f));
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(remove(path), 0);
    assert_int_equal(review_db_open(&d, f->directory, ACCESS_GROUP, &e), 0);
    review_db_close(&d);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0660);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(columns_stay),
        TEST(what_was_seen_is_kept),
        TEST(two_at_once_count_once),
        TEST(a_result_that_cannot_be_read_is_passed_over),
        TEST(of_a_ledger_that_was_put_back),
        TEST(what_is_not_ours_or_newer_is_left),
        TEST(a_damaged_one_is_left),
        TEST(for_whose_eyes_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
