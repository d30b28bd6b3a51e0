/* The file book beside its ledger: of one moment, a turn ahead after a crash, or of another backup;
 * gone, or somebody else's. */
#include "ledger_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void copy(const struct fixture *f, const char *from, const char *to)
{
    char command[300];
    snprintf(command, sizeof command, "cp '%s%s' '%s%s'", f->path, from, f->path, to);
    assert_int_equal(system(command), 0);
}

/* What a crash between the two commits of a turn leaves: the book has it, the ledger doesn't. */
static void keep_ledger(struct fixture *f)
{
    assert_ok(f->l, ledger_commit(f->l));
    fixture_close(f);
    copy(f, "", ".kept");
    fixture_open(f);
}

static void lose_the_turn(struct fixture *f)
{
    assert_ok(f->l, ledger_commit(f->l));
    fixture_close(f);
    copy(f, ".kept", "");
}

static void a_new_file_is_taken_out(void **state)
{
    struct fixture *f = *state;
    struct ledger_file file;
    enum ledger_put put;
    fixture_put(f, "a", "a", NULL);
    keep_ledger(f);
    fixture_put(f, "b", "b", NULL);
    fixture_put(f, "again", "a", NULL);
    lose_the_turn(f);
    fixture_open(f);
    assert_int_equal(ledger_file_find(f->l, "/data/b", &file), 0);
    struct ledger_counts c = fixture_counts(f);
    assert_int_equal(c.files, 2); /* the copy's document is there */
    assert_int_equal(c.documents, 1);
    fixture_put(f, "b", "b", &put);
    assert_int_equal(put, PUT_QUEUED);
    fixture_reopen(f);
    fixture_counts(f);
}

static void what_made_room_is_put_back(void **state)
{
    struct fixture *f = *state;
    struct ledger_source source;
    int64_t never = fixture_put(f, "never", "first", NULL);
    int64_t sent = fixture_put(f, "sent", "first of the other", NULL);
    int64_t changed = fixture_put(f, "changed", "x", NULL);
    fixture_accept(f, sent, "job");
    assert_ok(f->l, ledger_file_changed(f->l, fixture_file_id(f, "changed"), "changed", ""));
    keep_ledger(f);
    fixture_put(f, "never", "second", NULL);
    fixture_put(f, "sent", "second of the other", NULL);
    fixture_put(f, "changed", "y", NULL);
    lose_the_turn(f);
    fixture_open(f);
    assert_int_equal(fixture_counts(f).files, 3);
    assert_int_equal(ledger_document_source(f->l, never, 0, &source), 1);
    assert_string_equal(source.name, "never");
    ledger_source_release(&source);
    assert_int_equal(ledger_document_source(f->l, sent, 0, &source), 1);
    assert_string_equal(source.name, "sent");
    ledger_source_release(&source);
    assert_int_equal(ledger_document_source(f->l, changed, 0, &source), 0);
    assert_int_equal(ledger_name_taken(f->l, "never", 0), 1);
    assert_int_equal(ledger_name_taken(f->l, "sent (replaced)", 0), 0);
}

static void a_reader_goes_on_with_what_there_is(void **state)
{
    struct fixture *f = *state;
    struct ledger *reader;
    struct error e;
    fixture_put(f, "a", "a", NULL);
    keep_ledger(f);
    fixture_put(f, "b", "b", NULL);
    lose_the_turn(f);
    assert_int_equal(fixture_try_open(f, true, &reader, &e), 0);
    assert_ok(reader, ledger_counts_check(reader));
    ledger_close(reader);
}

static void refuses(struct fixture *f, const char *words)
{
    struct error e;
    assert_int_equal(fixture_try_open(f, false, &f->l, &e), ERR_DAMAGED);
    assert_non_null(strstr(e.text, words));
    assert_int_equal(fixture_try_open(f, true, &f->l, &e), ERR_DAMAGED);
}

/* Nothing is said then of what was sent from where: nothing is sent. */
static void books_of_two_moments(void **state)
{
    struct fixture *f = *state;
    keep_ledger(f);
    for (int i = 0; i < 4; i++) {
        char name[8];
        snprintf(name, sizeof name, "%d", i);
        fixture_put(f, name, name, NULL);
        assert_ok(f->l, ledger_commit(f->l));
    }
    lose_the_turn(f);
    refuses(f, "don't belong together");
}

static void a_book_that_is_gone(void **state)
{
    struct fixture *f = *state;
    char book[120];
    fixture_put(f, "a", "a", NULL);
    assert_ok(f->l, ledger_commit(f->l));
    fixture_close(f);
    snprintf(book, sizeof book, "%s.files", f->path);
    copy(f, ".files", ".away");
    assert_int_equal(unlink(book), 0);
    refuses(f, "is gone");
    FILE *other = fopen(book, "w");
    fputs("some text, which is no database", other);
    fclose(other);
    refuses(f, "");
    copy(f, ".away", ".files");
    fixture_open(f);
    assert_int_equal(fixture_counts(f).files, 1);
}

static void an_empty_ledger_with_a_book(void **state)
{
    struct fixture *f = *state;
    struct error e;
    fixture_put(f, "a", "a", NULL);
    assert_ok(f->l, ledger_commit(f->l));
    fixture_close(f);
    assert_int_equal(truncate(f->path, 0), 0);
    assert_int_equal(fixture_try_open(f, false, &f->l, &e), ERR_DAMAGED);
    assert_non_null(strstr(e.text, "knows of 1 files"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_new_file_is_taken_out),
        TEST(what_made_room_is_put_back),
        TEST(a_reader_goes_on_with_what_there_is),
        TEST(books_of_two_moments),
        TEST(a_book_that_is_gone),
        TEST(an_empty_ledger_with_a_book),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
