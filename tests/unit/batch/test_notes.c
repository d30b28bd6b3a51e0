/* Each kind of note reaches the ledger as what it is, whether it is written at once or only when the
 * ledger can be written again; and its texts are the note's own. Each test runs both ways. */
#include "batch/notes.h"

#include "../ledger/faulty_disk.h"
#include "batch/exit_code.h"
#include "ledger/document_ledger.h"
#include "part_fixture.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct scene {
    struct part part;
    struct journal *journal;
    struct ledger *l;
    bool down; /* the ledger can't be written when the note is made */
    char texts[8][64];
    int text_count;
};

static int setup_up(void **state)
{
    struct scene *s = calloc(1, sizeof *s);
    part_open(&s->part);
    s->l = s->part.context.ledger;
    s->journal = journal_new(&s->part.context, s->part.ending);
    *state = s;
    return 0;
}

static int setup_down(void **state)
{
    setup_up(state);
    ((struct scene *)*state)->down = true;
    return 0;
}

static int teardown(void **state)
{
    struct scene *s = *state;
    journal_free(s->journal);
    part_close(&s->part);
    free(s);
    return 0;
}

/* A text that is gone when the note is written. */
static const char *passing(struct scene *s, const char *text)
{
    REQUIRE(s->text_count < 8);
    return strcpy(s->texts[s->text_count++], text);
}

/* What was put so far is durable; what comes is noted, by turns, on a disk that is full. */
static void begin(struct scene *s)
{
    assert_ok(s->l, ledger_commit(s->l));
    if (!s->down)
        return;
    note_run(s->journal, 0, 0, 0);
    fixture_put(s->part.ledger, "in the turn that fails", "of no account", NULL);
    faulty_disk_arm(1, FAULTY_FULL, true);
    assert_false(journal_commit(s->journal));
    assert_true(journal_down(s->journal));
    faulty_disk_arm(0, FAULTY_FULL, false);
}

static void settle(struct scene *s)
{
    memset(s->texts, '#', sizeof s->texts);
    assert_true(journal_commit(s->journal));
    assert_false(journal_down(s->journal));
}

/* The first row's columns as the file has them, with "|" between; "" if there is no row. */
static const char *row(struct scene *s, const char *sql)
{
    static char text[1024];
    sqlite3 *db;
    sqlite3_stmt *stmt;
    size_t len = 0;
    text[0] = '\0';
    char book[200], attach[240];
    snprintf(book, sizeof book, "%s.files", s->part.options.ledger);
    snprintf(attach, sizeof attach, "ATTACH '%s' AS ledger", s->part.options.ledger);
    assert_int_equal(sqlite3_open(book, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, attach, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL), SQLITE_OK);
    if (sqlite3_step(stmt) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(stmt); i++) {
            const char *column = (const char *)sqlite3_column_text(stmt, i);
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", i ? "|" : "",
                                    column ? column : "-");
        }
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return text;
}

#define assert_row(s, sql, expected) assert_string_equal(row(s, sql), expected)

static int64_t document(struct scene *s, const char *name)
{
    return fixture_put(s->part.ledger, name, name, NULL);
}

/* --- files --- */

static const char *period_of(void *ctx, const struct file_stamp *stamp)
{
    static char text[64];
    snprintf(text, sizeof text, "%s-%lld", (const char *)ctx, (long long)stamp->size_bytes);
    return text;
}

static void a_file(void **state)
{
    struct scene *s = *state;
    uint8_t digest[SHA256_BYTES];
    enum ledger_put put = PUT_REJECTED;
    int64_t id = 77;
    char month[] = "month";
    sha256("abc", 3, digest);
    s->part.options.period_of = period_of;
    s->part.options.period_ctx = month;
    const struct ledger_new_file f = {.root_id = s->part.ledger->root,
                                      .settings_id = s->part.context.settings_id,
                                      .path = passing(s, "/data/a.pdf"),
                                      .name = passing(s, "a.pdf"),
                                      .stamp = {100, 1, 2, 3},
                                      .type = 1,
                                      .pages = 6,
                                      .sha256 = digest};
    begin(s);
    note_file(s->journal, &f, &put, &id);
    assert_int_equal(put, PUT_QUEUED);
    assert_int_equal(id, s->down ? 0 : 1);
    memset(digest, 0, sizeof digest);
    strcpy(month, "later");
    settle(s);
    assert_row(s, "SELECT path, name, size FROM file", "/data/a.pdf|a.pdf|100");
    assert_row(s, "SELECT hex(sha256), pages, period, state FROM document",
               "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD|6|month-100|0");
}

static void a_file_that_cannot_be_sent(void **state)
{
    struct scene *s = *state;
    enum ledger_put put;
    int64_t id;
    const struct ledger_new_file f = {.root_id = s->part.ledger->root,
                                      .settings_id = s->part.context.settings_id,
                                      .path = passing(s, "/data/a.pdf"),
                                      .name = passing(s, "a.pdf"),
                                      .pages = -1,
                                      .reject_code = passing(s, "encrypted"),
                                      .reject_detail = passing(s, "it needs a password")};
    begin(s);
    note_file(s->journal, &f, &put, &id);
    assert_int_equal(put, s->down ? PUT_QUEUED : PUT_REJECTED);
    settle(s);
    assert_row(s, "SELECT code, detail, sha256, period, state FROM document",
               "encrypted|it needs a password|-|-|7");
}

static void a_file_that_changed(void **state)
{
    struct scene *s = *state;
    document(s, "a");
    int64_t file = fixture_file_id(s->part.ledger, "a");
    begin(s);
    note_file_changed(s->journal, file, passing(s, "changed"), passing(s, "while it was read"));
    settle(s);
    /* nothing is sent from it; the document says so when it finds no other file (upload.c) */
    assert_row(s, "SELECT life, size, document FROM file", "1|-1|1");
}

/* A name that another file has: this one waits for a number, which is noted like all else. */
static void two_files_of_one_name(void **state)
{
    struct scene *s = *state;
    enum ledger_put put;
    int64_t id;
    struct ledger_new_file f = {.root_id = s->part.ledger->root,
                                .settings_id = s->part.context.settings_id,
                                .path = "/data/a/same",
                                .name = "x/same",
                                .pages = -1,
                                .reject_code = "unreadable"};
    assert_ok(s->l, ledger_file_put(s->l, &f, &put, &id));
    begin(s);
    f.path = "/data/b/same";
    note_file(s->journal, &f, &put, &id);
    note_names(s->journal, NULL, NULL);
    settle(s);
    assert_row(s, "SELECT count(*) FROM file", "2");
    assert_row(s, "SELECT CAST(name AS TEXT) FROM file WHERE id = 2", "x/same (2)");
}

static void a_file_that_is_gone(void **state)
{
    struct scene *s = *state;
    document(s, "a");
    int64_t file = fixture_file_id(s->part.ledger, "a");
    begin(s);
    note_gone(s->journal, file);
    settle(s);
    assert_row(s, "SELECT life FROM file", "2");
}

static void a_name_that_is_taken(void **state)
{
    struct scene *s = *state;
    document(s, "a.pdf");
    int64_t file = fixture_file_id(s->part.ledger, "a.pdf");
    begin(s);
    note_clash(s->journal, file, -1);
    settle(s);
    assert_row(s, "SELECT CAST(name AS TEXT) FROM file", "a (2).pdf");
}

static void counted_pages(void **state)
{
    struct scene *s = *state;
    int64_t id = document(s, "a");
    begin(s);
    note_pages(s->journal, id, 12);
    settle(s);
    assert_row(s, "SELECT pages FROM document", "12");
}

static void a_result_file(void **state)
{
    struct scene *s = *state;
    int64_t id = document(s, "a");
    fixture_store(s->part.ledger, id, "{}", 1);
    int64_t file = fixture_file_id(s->part.ledger, "a");
    begin(s);
    assert_row(s, "SELECT count(*) FROM unprojected", "1");
    note_published(s->journal, file, id, "a");
    settle(s);
    assert_row(s, "SELECT count(*) FROM unprojected", "0");
}

/* --- attempts --- */

static void how_an_attempt_ended(void **state)
{
    struct scene *s = *state;
    int64_t id = document(s, "a");
    int attempt = fixture_submit(s->part.ledger, id);
    begin(s);
    note_attempt_end(s->journal, id, attempt, ATTEMPT_ANSWERED, 429, passing(s, "http_429"));
    settle(s);
    assert_row(s, "SELECT n, outcome, status, cause FROM attempt", "1|2|429|http_429");
}

static void an_attempt_without_a_cause(void **state)
{
    struct scene *s = *state;
    int64_t id = document(s, "a");
    int attempt = fixture_submit(s->part.ledger, id);
    begin(s);
    note_attempt_end(s->journal, id, attempt, ATTEMPT_JOB_DONE, 200, NULL);
    settle(s);
    assert_row(s, "SELECT outcome, status, cause FROM attempt", "5|200|-");
}

static void a_job_and_its_result_url(void **state)
{
    struct scene *s = *state;
    int64_t id = document(s, "a");
    int attempt = fixture_submit(s->part.ledger, id);
    begin(s);
    note_accepted(s->journal, id, attempt, passing(s, "job-1"));
    note_result_url(s->journal, id, attempt, passing(s, "https://host/results/1"));
    settle(s);
    assert_row(s, "SELECT outcome, job_id, result_url FROM attempt",
               "4|job-1|https://host/results/1");
}

static void an_attempt_given_up_for_a_new_one(void **state)
{
    struct scene *s = *state;
    int64_t id = document(s, "a");
    int attempt = fixture_submit(s->part.ledger, id);
    assert_ok(s->l, ledger_attempt_end(s->l, id, attempt, ATTEMPT_IN_DOUBT, 0, "timeout"));
    begin(s);
    note_resent(s->journal, id, attempt);
    settle(s);
    assert_row(s, "SELECT resent, outcome FROM attempt", "1|3");
}

static void an_attempt_begins(void **state)
{
    struct scene *s = *state;
    char alias[LEDGER_ALIAS_MAX];
    int attempt = 0;
    int64_t id = document(s, "a");
    begin(s);
    bool begun = note_attempt_start(s->journal, id, &attempt, alias);
    assert_int_equal(begun, !s->down);
    settle(s);
    assert_row(s, "SELECT count(*) FROM attempt", s->down ? "0" : "1");
    if (begun)
        assert_non_null(strstr(alias, "-1-1"));
}

/* --- steps and bytes --- */

static void a_step(void **state)
{
    struct scene *s = *state;
    int64_t id = document(s, "a");
    int attempt = fixture_submit(s->part.ledger, id);
    begin(s);
    const struct ledger_step step = {.document_id = id,
                                     .from = DOC_SUBMITTING,
                                     .to = DOC_FAILED,
                                     .event = EV_REFUSED,
                                     .attempts = 1,
                                     .attempt = attempt,
                                     .cause = passing(s, "http_422"),
                                     .code = passing(s, "422-004"),
                                     .detail = passing(s, "broken")};
    note_step(s->journal, &step);
    settle(s);
    assert_row(s, "SELECT state, attempts, code, detail FROM document", "6|1|422-004|broken");
    assert_row(s, "SELECT was, became, kind, attempt, cause FROM event ORDER BY id DESC",
               "1|6|4|1|http_422");
}

static void a_result(void **state)
{
    struct scene *s = *state;
    int64_t id = document(s, "a");
    begin(s);
    note_result(s->journal, id, "{\"a\":1} and more", 7, 3);
    settle(s);
    assert_row(s, "SELECT CAST(bytes AS TEXT), page_count FROM result", "{\"a\":1}|3");
}

static void bytes_that_are_no_result(void **state)
{
    struct scene *s = *state;
    int64_t id = document(s, "a");
    begin(s);
    note_kept(s->journal, id, passing(s, "<html>and more"), 6);
    settle(s);
    assert_row(s, "SELECT CAST(bytes AS TEXT) FROM kept_bytes", "<html>");
}

static void no_bytes_at_all(void **state)
{
    struct scene *s = *state;
    int64_t id = document(s, "a");
    begin(s);
    note_kept(s->journal, id, "", 0);
    settle(s);
    assert_row(s, "SELECT length(bytes) FROM kept_bytes", "0");
}

static void a_webhook_that_matched_nothing(void **state)
{
    struct scene *s = *state;
    begin(s);
    assert_true(
        note_orphan(s->journal, passing(s, "{...}"), 5, passing(s, "job-9"), passing(s, "mb-9")));
    assert_true(note_orphan(s->journal, passing(s, "{}"), 2, NULL, ""));
    settle(s);
    assert_row(s, "SELECT job_id, alias, CAST(bytes AS TEXT) FROM orphan ORDER BY id",
               "job-9|mb-9|{...}");
    assert_row(s, "SELECT job_id, alias, CAST(bytes AS TEXT) FROM orphan ORDER BY id DESC",
               "-|-|{}");
}

static void what_was_learned(void **state)
{
    struct scene *s = *state;
    begin(s);
    note_learned(s->journal, 3, passing(s, "curve"), 5);
    settle(s);
    assert_row(s, "SELECT settings, kind, CAST(bytes AS TEXT) FROM learned", "1|3|curve");
}

/* --- moves and the run's counters --- */

static void a_move(void **state)
{
    struct scene *s = *state;
    int64_t id = document(s, "a");
    int64_t file = fixture_file_id(s->part.ledger, "a");
    char place[] = "not the note's", name[] = "nor this";
    const struct ledger_move m = {.file_id = file,
                                  .document_id = id,
                                  .state = DOC_STORED,
                                  .stamp = {1, 1, 2, 3},
                                  .place = place,
                                  .name = name,
                                  .target = s->texts[0]};
    passing(s, "/done/a");
    begin(s);
    note_move(s->journal, &m);
    settle(s);
    assert_row(s, "SELECT file, document, why, state, CAST(target AS TEXT) FROM move",
               "1|1|5|0|/done/a");
    const struct file_stamp there = {1, 7, 8, 9};
    note_moved(s->journal, file, &there);
    assert_true(journal_commit(s->journal));
    assert_row(s, "SELECT state FROM move", "1");
    assert_row(s, "SELECT mtime, ctime, inode FROM file", "7|8|9");
}

static void a_move_that_was_not_made(void **state)
{
    struct scene *s = *state;
    char target[] = "/done/a";
    int64_t id = document(s, "a");
    const struct ledger_move m = {.document_id = id,
                                  .file_id = fixture_file_id(s->part.ledger, "a"),
                                  .state = DOC_STORED,
                                  .stamp = {1, 1, 2, 3},
                                  .target = target};
    assert_ok(s->l, ledger_move_intend(s->l, &m));
    begin(s);
    note_unmoved(s->journal, m.file_id);
    settle(s);
    assert_row(s, "SELECT count(*) FROM move", "0");
}

static void what_went_out(void **state)
{
    struct scene *s = *state;
    int64_t run;
    struct ledger_counts c;
    assert_ok(s->l, ledger_run_start(s->l, &run));
    begin(s);
    note_run(s->journal, 3, 20, 1);
    note_run(s->journal, 1, 0, 0);
    settle(s);
    assert_ok(s->l, ledger_counts(s->l, &c));
    assert_int_equal(c.post, 4);
    assert_int_equal(c.get, 20);
    assert_int_equal(c.http_429, 1);
}

int main(void)
{
#define TEST(name)                                                                                 \
    cmocka_unit_test_setup_teardown(name, setup_up, teardown),                                     \
    {                                                                                              \
#name " while the ledger is down", name, setup_down, teardown, NULL                        \
    }
    const struct CMUnitTest tests[] = {
        TEST(a_file),
        TEST(a_file_that_cannot_be_sent),
        TEST(a_file_that_changed),
        TEST(two_files_of_one_name),
        TEST(a_file_that_is_gone),
        TEST(a_name_that_is_taken),
        TEST(counted_pages),
        TEST(a_result_file),
        TEST(how_an_attempt_ended),
        TEST(an_attempt_without_a_cause),
        TEST(a_job_and_its_result_url),
        TEST(an_attempt_given_up_for_a_new_one),
        TEST(an_attempt_begins),
        TEST(a_step),
        TEST(a_result),
        TEST(bytes_that_are_no_result),
        TEST(no_bytes_at_all),
        TEST(a_webhook_that_matched_nothing),
        TEST(what_was_learned),
        TEST(a_move),
        TEST(a_move_that_was_not_made),
        TEST(what_went_out),
    };
    faulty_disk_install();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
