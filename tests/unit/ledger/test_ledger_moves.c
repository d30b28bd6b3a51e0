/* Where inputs were moved to: which files are to be moved, the intent and its end, what a reader is
 * told, and what another file at the same path changes. */
#include "ledger/document_ledger.h"
#include "ledger/listing.h"
#include "ledger_fixture.h"

#include <stdlib.h>
#include <string.h>

enum { STORED = 1 << DOC_STORED, FAILED = 1 << DOC_FAILED | 1 << DOC_LOST, MOST = 8 };

static void fail_it(struct fixture *f, int64_t id)
{
    int attempt = fixture_submit(f, id);
    assert_ok(f->l, ledger_attempt_end(f->l, id, attempt, ATTEMPT_ANSWERED, 422, NULL));
    fixture_step(f, id, DOC_SUBMITTING, DOC_FAILED, EV_REFUSED, attempt);
}

static void release(struct ledger_move *rows, int n)
{
    for (int i = 0; i < n; i++)
        ledger_move_release(&rows[i]);
}

static int count_to_move(struct fixture *f, unsigned states)
{
    struct ledger_move rows[MOST];
    int n = ledger_moves_among(f->l, states, 0, 1000, rows, MOST);
    assert_ok(f->l, n);
    release(rows, n);
    return n;
}

static void intend(struct fixture *f, int64_t document, unsigned states, const char *target)
{
    struct ledger_move row, copy;
    assert_int_equal(ledger_moves_of(f->l, document, states, 0, &row, 1), 1);
    copy = row;
    copy.target = (char *)target;
    assert_ok(f->l, ledger_move_intend(f->l, &copy));
    ledger_move_release(&row);
}

static const struct file_stamp there = {7, 1, 99, 3};

static void move(struct fixture *f, int64_t document, unsigned states, const char *name,
                 const char *target)
{
    intend(f, document, states, target);
    assert_ok(f->l, ledger_move_done(f->l, fixture_file_id(f, name), &there));
    assert_ok(f->l, ledger_commit(f->l));
}

static int note_moved_to(void *ctx, const struct ledger_listing *row)
{
    char **places = ctx;
    if (strcmp(row->path, "/data/a") == 0) {
        free(*places);
        *places = strdup(row->moved_to);
    }
    return 0;
}

static void assert_place_of_a(struct fixture *f, const char *expected)
{
    char *place = NULL;
    assert_ok(f->l, ledger_list(f->l, false, note_moved_to, &place));
    assert_string_equal(place, expected);
    free(place);
}

static void which_are_to_move(void **state)
{
    struct fixture *f = *state;
    struct ledger_move rows[MOST];
    int64_t a = fixture_put(f, "a", "same", NULL);
    fixture_put(f, "b", "same", NULL);
    int64_t c = fixture_put(f, "c", "other", NULL);
    fixture_put(f, "d", NULL, NULL);
    assert_int_equal(count_to_move(f, STORED | FAILED), 0);
    fixture_store(f, a, "{}", 1);
    fail_it(f, c);
    assert_int_equal(count_to_move(f, STORED), 2);
    assert_int_equal(count_to_move(f, FAILED), 1);
    assert_int_equal(count_to_move(f, STORED | FAILED), 3);
    assert_int_equal(count_to_move(f, 1 << DOC_REJECTED), 1);
    assert_int_equal(count_to_move(f, 0), 0);
    assert_int_equal(ledger_moves_of(f->l, c, STORED, 0, rows, MOST), 0);
    int n = ledger_moves_of(f->l, a, STORED, 0, rows, MOST);
    assert_int_equal(n, 2);
    assert_string_equal(rows[0].place, "/data/a");
    assert_string_equal(rows[0].name, "a");
    assert_string_equal(rows[1].place, "/data/b");
    assert_null(rows[0].target);
    assert_int_equal(rows[0].state, DOC_STORED);
    assert_int_equal(rows[0].document_id, a);
    int64_t first = rows[0].file_id;
    release(rows, n);
    n = ledger_moves_of(f->l, a, STORED, first, rows, MOST);
    assert_int_equal(n, 1);
    release(rows, n);
    int64_t last;
    assert_ok(f->l, ledger_last_file(f->l, &last));
    assert_int_equal(last, fixture_file_id(f, "d"));
    assert_int_equal(ledger_moves_among(f->l, STORED, last, 1000, rows, MOST), 0);
}

static void intended_done_and_told(void **state)
{
    struct fixture *f = *state;
    struct ledger_move rows[MOST];
    struct ledger_source source;
    struct ledger_file file;
    int64_t a = fixture_put(f, "a", "content", NULL);
    fixture_store(f, a, "{}", 1);
    intend(f, a, STORED, "/done/a");
    intend(f, a, STORED, "/done/a (2)"); /* the first name was taken */
    assert_place_of_a(f, "");
    assert_ok(f->l, ledger_commit(f->l));
    fixture_reopen(f);
    int n = ledger_moves_intended(f->l, 0, rows, MOST);
    assert_int_equal(n, 1);
    assert_string_equal(rows[0].place, "/data/a");
    assert_string_equal(rows[0].target, "/done/a (2)");
    assert_int_equal(rows[0].stamp.inode, 3);
    assert_int_equal(rows[0].state, DOC_STORED);
    release(rows, n);

    assert_ok(f->l, ledger_move_done(f->l, fixture_file_id(f, "a"), &there));
    assert_ok(f->l, ledger_commit(f->l));
    fixture_reopen(f);
    assert_int_equal(ledger_moves_intended(f->l, 0, rows, MOST), 0);
    assert_int_equal(count_to_move(f, STORED), 0);
    assert_place_of_a(f, "/done/a (2)");
    assert_int_equal(ledger_file_find(f->l, "/data/a", &file), 1);
    assert_true(file_stamp_equal(&file.stamp, &there));
    assert_int_equal(ledger_document_source(f->l, a, 0, &source), 1);
    assert_string_equal(source.path, "/done/a (2)");
    assert_string_equal(source.known_as, "/data/a");
    assert_true(file_stamp_equal(&source.stamp, &there));
    ledger_source_release(&source);
    fixture_counts(f);
}

static void withdrawn(void **state)
{
    struct fixture *f = *state;
    struct ledger_move rows[MOST];
    struct ledger_source source;
    int64_t a = fixture_put(f, "a", "content", NULL);
    fixture_store(f, a, "{}", 1);
    intend(f, a, STORED, "/done/a");
    assert_ok(f->l, ledger_move_drop(f->l, fixture_file_id(f, "a")));
    assert_int_equal(ledger_moves_intended(f->l, 0, rows, MOST), 0);
    assert_int_equal(count_to_move(f, STORED), 1);
    assert_place_of_a(f, "");
    assert_int_equal(ledger_document_source(f->l, a, 0, &source), 1);
    assert_string_equal(source.path, "/data/a");
    assert_null(source.known_as);
    ledger_source_release(&source);
}

/* A scanner begins each day with the same name: each time it is another file, also of the same
 * content. */
static void another_file_at_the_path(void **state)
{
    struct fixture *f = *state;
    struct ledger_file file;
    enum ledger_put put;
    int64_t a = fixture_put(f, "a", "content", NULL);
    fixture_store(f, a, "{}", 1);
    move(f, a, STORED, "a", "/done/a");
    int64_t other = fixture_put(f, "a", "another", NULL);
    assert_int_not_equal(other, a);
    assert_int_equal(ledger_file_find(f->l, "/data/a", &file), 1);
    assert_int_equal(file.id, 2);
    assert_false(file.moved);
    fixture_store(f, other, "{}", 1);
    assert_int_equal(count_to_move(f, STORED), 0); /* it has no name yet */
    assert_ok(f->l, ledger_names_give(f->l, NULL, NULL));
    assert_int_equal(count_to_move(f, STORED), 1);
    move(f, other, STORED, "a", "/done/a (2)");
    assert_place_of_a(f, "/done/a (2)");
    assert_int_equal(fixture_put(f, "a", "another", &put), other);
    assert_int_equal(put, PUT_UNCHANGED); /* it was read before it was moved away */
    uint8_t digest[SHA256_BYTES];
    sha256("another", 7, digest);
    const struct ledger_new_file again = {.root_id = f->root,
                                          .settings_id = f->settings,
                                          .path = "/data/a",
                                          .name = "a",
                                          .stamp = {7, 1, 2, 4}, /* another inode */
                                          .looked_at = true,
                                          .sha256 = digest};
    assert_ok(f->l, ledger_file_put(f->l, &again, &put, &a));
    assert_int_equal(a, other);
    assert_int_equal(put, PUT_DUPLICATE);
    assert_ok(f->l, ledger_names_give(f->l, NULL, NULL));
    assert_int_equal(count_to_move(f, STORED), 1);
    assert_int_equal(ledger_name_taken(f->l, "a (3)", 0), 1);
    assert_int_equal(fixture_counts(f).files, 3);
}

/* Read before it was moved away, and told after: on another file system it has another inode now. */
static void an_old_look_at_what_was_moved(void **state)
{
    struct fixture *f = *state;
    const struct file_stamp elsewhere = {7, 1, 99, 77};
    enum ledger_put put;
    int64_t id, a = fixture_put(f, "a", "content", NULL);
    fixture_store(f, a, "{}", 1);
    intend(f, a, STORED, "/done/a");
    assert_int_equal(fixture_put(f, "a", "content", &put), a);
    assert_int_equal(put, PUT_UNCHANGED);
    assert_ok(f->l, ledger_move_done(f->l, fixture_file_id(f, "a"), &elsewhere));
    assert_int_equal(fixture_put(f, "a", "content", &put), a);
    assert_int_equal(put, PUT_UNCHANGED);
    assert_int_equal(fixture_counts(f).files, 1);
    uint8_t digest[SHA256_BYTES];
    sha256("content", 7, digest);
    const struct ledger_new_file later = {.root_id = f->root,
                                          .settings_id = f->settings,
                                          .path = "/data/a",
                                          .name = "a",
                                          .stamp = {7, 1, 3, 3}, /* it came after the move */
                                          .looked_at = true,
                                          .sha256 = digest};
    assert_ok(f->l, ledger_file_put(f->l, &later, &put, &id));
    assert_int_equal(put, PUT_DUPLICATE);
    assert_int_equal(fixture_counts(f).files, 2);
}

/* The same of one that was rejected: there is no content to know it by. */
static void an_old_look_at_what_was_rejected(void **state)
{
    struct fixture *f = *state;
    enum ledger_put put;
    int64_t a = fixture_put(f, "a", NULL, NULL);
    intend(f, a, 1 << DOC_REJECTED, "/rejected/a");
    assert_int_equal(fixture_put(f, "a", NULL, &put), a);
    assert_int_equal(put, PUT_UNCHANGED);
    assert_ok(f->l, ledger_move_done(f->l, fixture_file_id(f, "a"), &there));
    assert_int_equal(fixture_put(f, "a", NULL, &put), a);
    assert_int_equal(put, PUT_UNCHANGED);
    assert_int_equal(fixture_counts(f).files, 1);
}

/* It was there when the move was intended, and another when it was done. */
static void another_file_while_it_moved(void **state)
{
    struct fixture *f = *state;
    struct ledger_file file;
    int64_t a = fixture_put(f, "a", "content", NULL);
    fixture_store(f, a, "{}", 1);
    intend(f, a, STORED, "/done/a");
    fixture_put(f, "a", "longer content", NULL);
    assert_ok(f->l, ledger_move_done(f->l, fixture_file_id(f, "a"), &there));
    assert_place_of_a(f, "");
    assert_int_equal(ledger_file_find(f->l, "/data/a", &file), 1);
    assert_int_equal(file.stamp.size_bytes, 14);
}

/* Failed, moved, tried again, stored: from where it was moved to. */
static void moved_again_when_its_fate_changes(void **state)
{
    struct fixture *f = *state;
    struct ledger_move row;
    struct buffer place;
    int64_t a = fixture_put(f, "a", "content", NULL);
    fail_it(f, a);
    move(f, a, FAILED, "a", "/failed/a");
    assert_int_equal(count_to_move(f, STORED | FAILED), 0);
    fixture_step(f, a, DOC_FAILED, DOC_LOST, EV_JOB_GONE, 0);
    assert_int_equal(count_to_move(f, STORED | FAILED), 0); /* the same directory */
    fixture_step(f, a, DOC_LOST, DOC_QUEUED, EV_RETRY, 0);
    assert_int_equal(count_to_move(f, STORED | FAILED), 0);
    fixture_store(f, a, "{}", 1);
    assert_int_equal(ledger_moves_of(f->l, a, STORED | FAILED, 0, &row, 1), 1);
    assert_string_equal(row.place, "/failed/a");
    assert_string_equal(row.name, "a");
    ledger_move_release(&row);
    move(f, a, STORED, "a", "/done/a");
    assert_place_of_a(f, "/done/a");
    buffer_init(&place, 0);
    assert_int_equal(ledger_file_place(f->l, fixture_file_id(f, "a"), &place), 1);
    assert_string_equal(buffer_text(&place), "/done/a");
    buffer_release(&place);
}

/* Read again where it was moved to: it stays there, and may be another document now. */
static void mended_where_it_was_moved_to(void **state)
{
    struct fixture *f = *state;
    enum ledger_put put;
    int64_t id;
    uint8_t digest[SHA256_BYTES];
    int64_t a = fixture_put(f, "a", NULL, NULL);
    move(f, a, 1 << DOC_REJECTED, "a", "/rejected/a");
    sha256("mended", 6, digest);
    const struct ledger_new_file new = {.root_id = f->root,
                                        .settings_id = f->settings,
                                        .path = "/data/a",
                                        .name = "a",
                                        .stamp = {6, 50, 51, 52},
                                        .type = 1,
                                        .pages = -1,
                                        .sha256 = digest,
                                        .moved = true};
    assert_ok(f->l, ledger_file_put(f->l, &new, &put, &id));
    assert_int_equal(put, PUT_QUEUED);
    assert_place_of_a(f, "/rejected/a");
    struct ledger_source source;
    assert_int_equal(ledger_document_source(f->l, id, 0, &source), 1);
    assert_string_equal(source.path, "/rejected/a");
    assert_int_equal(source.stamp.inode, 52);
    ledger_source_release(&source);
    fixture_counts(f);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(which_are_to_move),
        TEST(intended_done_and_told),
        TEST(withdrawn),
        TEST(another_file_at_the_path),
        TEST(an_old_look_at_what_was_moved),
        TEST(an_old_look_at_what_was_rejected),
        TEST(another_file_while_it_moved),
        TEST(moved_again_when_its_fate_changes),
        TEST(mended_where_it_was_moved_to),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
