/* What a run learned: the newest is kept, for each kind and each settings; what isn't as it was put
 * is as good as nothing. */
#include "ledger/learned.h"
#include "ledger_fixture.h"

#include <sqlite3.h>
#include <string.h>

static int get(struct fixture *f, int64_t settings, int kind, char *text, size_t size)
{
    size_t len = 99;
    memset(text, 0, size);
    int found = ledger_learned_get(f->l, settings, kind, text, size - 1, &len);
    assert_ok(f->l, found);
    if (found)
        assert_int_equal(len, strlen(text));
    return found;
}

static void the_newest_is_kept(void **state)
{
    struct fixture *f = *state;
    char text[8];
    assert_int_equal(get(f, f->settings, 0, text, sizeof text), 0);
    assert_ok(f->l, ledger_learned_put(f->l, f->settings, 0, "one", 3));
    assert_ok(f->l, ledger_learned_put(f->l, f->settings, 5, "five", 4));
    assert_ok(f->l, ledger_learned_put(f->l, f->settings + 1, 0, "other", 5));
    assert_ok(f->l, ledger_learned_put(f->l, f->settings, 0, "two", 3));
    for (int round = 0; round < 2; round++) { /* before the commit, and in a ledger opened anew */
        assert_int_equal(get(f, f->settings, 0, text, sizeof text), 1);
        assert_string_equal(text, "two");
        assert_int_equal(get(f, f->settings, 5, text, sizeof text), 1);
        assert_string_equal(text, "five");
        assert_int_equal(get(f, f->settings + 1, 0, text, sizeof text), 1);
        assert_string_equal(text, "other");
        assert_int_equal(get(f, f->settings + 1, 5, text, sizeof text), 0);
        assert_ok(f->l, ledger_commit(f->l));
        fixture_reopen(f);
    }
}

static void what_was_not_committed_is_gone(void **state)
{
    struct fixture *f = *state;
    char text[8];
    assert_ok(f->l, ledger_commit(f->l));
    assert_ok(f->l, ledger_learned_put(f->l, f->settings, 0, "one", 3));
    assert_true(ledger_dirty(f->l));
    fixture_reopen(f);
    assert_int_equal(get(f, f->settings, 0, text, sizeof text), 0);
}

static void odd_rows_are_nothing(void **state)
{
    static const char *const rows[] = {
        "UPDATE learned SET bytes = 'text'",
        "UPDATE learned SET bytes = 17",
        "UPDATE learned SET bytes = x''",
        "UPDATE learned SET bytes = zeroblob(100000)",
    };
    struct fixture *f = *state;
    char text[8];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        sqlite3 *db;
        assert_ok(f->l, ledger_learned_put(f->l, f->settings, 0, "one", 3));
        assert_ok(f->l, ledger_commit(f->l));
        fixture_close(f);
        assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
        assert_int_equal(sqlite3_exec(db, rows[i], NULL, NULL, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_changes(db), 1);
        sqlite3_close(db);
        fixture_open(f);
        assert_int_equal(get(f, f->settings, 0, text, sizeof text), 0);
    }
}

static void a_reader_puts_nothing(void **state)
{
    struct fixture *f = *state;
    struct ledger *reader;
    struct error e;
    assert_ok(f->l, ledger_commit(f->l));
    assert_int_equal(fixture_try_open(f, true, &reader, &e), 0);
    assert_int_equal(ledger_learned_put(reader, f->settings, 0, "one", 3), ERR_USAGE);
    ledger_close(reader);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_newest_is_kept),
        TEST(what_was_not_committed_is_gone),
        TEST(odd_rows_are_nothing),
        TEST(a_reader_puts_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
