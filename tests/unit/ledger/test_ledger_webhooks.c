/* Webhooks: whose they are, orphans; and a ledger of the first schema, brought up to date. */
#include "ledger/document_ledger.h"
#include "ledger/learned.h"
#include "ledger/webhooks.h"
#include "ledger_fixture.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int find_alias(struct fixture *f, const char *alias, int64_t *id, int *n)
{
    *id = -1;
    *n = -1;
    int found = ledger_find_by_alias(f->l, alias, id, n);
    assert_ok(f->l, found);
    return found;
}

static void found_by_job_and_by_alias(void **state)
{
    struct fixture *f = *state;
    int64_t a = fixture_put(f, "a", "a", NULL), b = fixture_put(f, "b", "b", NULL), id;
    int first, second, n;
    char alias_1[LEDGER_ALIAS_MAX], alias_2[LEDGER_ALIAS_MAX];
    assert_ok(f->l, ledger_attempt_start(f->l, a, credits_of(1), &first, alias_1));
    assert_int_equal(ledger_find_by_job(f->l, "job-1", &id, &n), 0);
    assert_ok(f->l, ledger_attempt_accepted(f->l, a, first, "job-1"));
    assert_ok(f->l, ledger_attempt_start(f->l, a, credits_of(1), &second, alias_2));
    assert_int_equal(first, 1);
    assert_int_equal(second, 2);
    fixture_accept(f, b, "job-b");
    for (int round = 0; round < 2; round++) { /* before the commit, and in a ledger opened anew */
        assert_int_equal(ledger_find_by_job(f->l, "job-1", &id, &n), 1);
        assert_true(id == a && n == 1);
        assert_int_equal(ledger_find_by_job(f->l, "job-b", &id, &n), 1);
        assert_true(id == b && n == 1);
        assert_int_equal(ledger_find_by_job(f->l, "job-", &id, &n), 0);
        assert_int_equal(ledger_find_by_job(f->l, "", &id, &n), 0);
        assert_int_equal(find_alias(f, alias_1, &id, &n), 1);
        assert_true(id == a && n == 1);
        assert_int_equal(find_alias(f, alias_2, &id, &n), 1);
        assert_true(id == a && n == 2);
        assert_ok(f->l, ledger_commit(f->l));
        fixture_reopen(f);
    }
    /* A settled attempt is still found: a webhook may come twice. */
    assert_ok(f->l, ledger_attempt_end(f->l, b, 1, ATTEMPT_JOB_DONE, 200, NULL));
    assert_int_equal(ledger_find_by_job(f->l, "job-b", &id, &n), 1);
}

static void aliases_that_are_none(void **state)
{
    struct fixture *f = *state;
    int64_t a = fixture_put(f, "a", "a", NULL), id;
    int n;
    fixture_submit(f, a);
    uint64_t own = ledger_id(f->l);
    char text[128];
    static const char *const shapes[] = {
        "",
        "mb-",
        "mb-%016" PRIx64,
        "mb-%016" PRIx64 "-",
        "mb-%016" PRIx64 "-1",
        "mb-%016" PRIx64 "-1-",
        "mb-%016" PRIx64 "-1-2", /* an attempt that was never made */
        "mb-%016" PRIx64 "-1-0",
        "mb-%016" PRIx64 "-99-1", /* no such document */
        "mb-%016" PRIx64 "-0-1",
        "mb-%016" PRIx64 "--1-1",
        "mb-%016" PRIx64 "-+1-1",
        "mb-%016" PRIx64 "-01-1",
        "mb-%016" PRIx64 "- 1-1",
        "mb-%016" PRIx64 "-1-1 ",
        "mb-%016" PRIx64 "-1-1-1",
        " mb-%016" PRIx64 "-1-1",
        "MB-%016" PRIx64 "-1-1",
        "mb-%016" PRIx64 "-18446744073709551617-1",
        "mb-%016" PRIx64 "-1-4294967297",
        "mb-0%016" PRIx64 "-1-1",
    };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(text, sizeof text, shapes[i], own);
#pragma GCC diagnostic pop
        if (find_alias(f, text, &id, &n) != 0)
            fail_msg("'%s' was found", text);
    }
    snprintf(text, sizeof text, "mb-%016" PRIx64 "-1-1", own ^ 1); /* another ledger's */
    assert_int_equal(find_alias(f, text, &id, &n), 0);
    snprintf(text, sizeof text, "mb-%016" PRIx64 "-1-1", own);
    assert_int_equal(find_alias(f, text, &id, &n), 1);
    assert_int_equal(ledger_error(f->l)->code == ERR_IO, 0);
}

static void an_attempt_by_its_number(void **state)
{
    struct fixture *f = *state;
    struct ledger_attempt at;
    int64_t a = fixture_put(f, "a", "a", NULL);
    assert_int_equal(ledger_attempt_get(f->l, a, 1, &at), ERR_NOT_FOUND);
    assert_int_equal(ledger_attempt_get(f->l, a + 1, 1, &at), ERR_NOT_FOUND);
    int first = fixture_submit(f, a);
    assert_ok(f->l, ledger_attempt_get(f->l, a, first, &at));
    assert_int_equal(at.outcome, ATTEMPT_OPEN);
    assert_string_equal(at.job_id, "");
    assert_false(at.resent);
    assert_ok(f->l, ledger_attempt_end(f->l, a, first, ATTEMPT_IN_DOUBT, 0, NULL));
    assert_ok(f->l, ledger_attempt_resent(f->l, a, first));
    fixture_step(f, a, DOC_SUBMITTING, DOC_IN_DOUBT, EV_DOUBT, first);
    fixture_step(f, a, DOC_IN_DOUBT, DOC_QUEUED, EV_RESEND, first);
    int second = fixture_accept(f, a, "job-2");
    assert_ok(f->l, ledger_attempt_get(f->l, a, first, &at));
    assert_int_equal(at.outcome, ATTEMPT_IN_DOUBT);
    assert_true(at.resent);
    assert_ok(f->l, ledger_attempt_get(f->l, a, second, &at));
    assert_int_equal(at.outcome, ATTEMPT_ACCEPTED);
    assert_string_equal(at.job_id, "job-2");
    assert_false(at.resent);
}

/* A webhook was faster than the end of its upload, and comes again: it is old news then. */
static void what_is_known_is_not_unlearned(void **state)
{
    struct fixture *f = *state;
    struct ledger_attempt at;
    struct ledger_document d;
    int64_t a = fixture_put(f, "a", "a", NULL);
    fixture_submit(f, a);
    assert_ok(f->l, ledger_attempt_end(f->l, a, 1, ATTEMPT_JOB_FAILED, 500, "webhook"));
    assert_ok(f->l, ledger_document_get(f->l, a, &d));
    assert_true(d.failed);
    ledger_document_release(&d);
    assert_ok(f->l, ledger_attempt_end(f->l, a, 1, ATTEMPT_IN_DOUBT, 0, "timeout"));
    assert_ok(f->l, ledger_attempt_get(f->l, a, 1, &at));
    assert_int_equal(at.outcome, ATTEMPT_JOB_FAILED);
    assert_int_equal(fixture_counts(f).credits_at_risk.micro, credits_of(0).micro);
    assert_ok(f->l, ledger_counts_check(f->l));
}

static int take(struct fixture *f, const char *job, const char *alias, const char *wanted)
{
    struct buffer bytes;
    buffer_init(&bytes, 0);
    int n = ledger_orphan_take(f->l, job, alias, &bytes);
    assert_ok(f->l, n);
    assert_string_equal(buffer_text(&bytes), wanted);
    buffer_release(&bytes);
    return n;
}

static void orphans_wait_and_are_taken_once(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(take(f, "job-1", "alias-1", ""), 0);
    assert_ok(f->l, ledger_orphan_put(f->l, "one", 3, "job-1", "alias-1"));
    assert_ok(f->l, ledger_orphan_put(f->l, "one", 3, "job-1", "alias-1")); /* brought twice */
    assert_ok(f->l, ledger_orphan_put(f->l, "two", 3, "", "alias-2"));
    assert_ok(f->l, ledger_orphan_put(f->l, "three", 5, "job-3", NULL));
    assert_ok(f->l, ledger_orphan_put(f->l, "four", 4, NULL, NULL));
    assert_int_equal(fixture_counts(f).orphans, 4);
    assert_ok(f->l, ledger_commit(f->l));
    fixture_reopen(f);
    assert_int_equal(fixture_counts(f).orphans, 4);
    assert_ok(f->l, ledger_orphan_put(f->l, "one", 3, "job-1", "alias-1"));
    assert_int_equal(fixture_counts(f).orphans, 4);

    assert_int_equal(take(f, "", "", ""), 0); /* what has no id matches nothing */
    assert_int_equal(take(f, NULL, NULL, ""), 0);
    assert_int_equal(take(f, "alias-1", "job-1", ""), 0);
    assert_int_equal(take(f, "job-9", "alias-2", "two"), 1);
    assert_int_equal(take(f, "job-9", "alias-2", ""), 0);
    assert_int_equal(take(f, "job-1", NULL, "one"), 1);
    assert_int_equal(take(f, "job-3", "alias-9", "three"), 1);
    assert_int_equal(fixture_counts(f).orphans, 1);
    assert_ok(f->l, ledger_commit(f->l));
    fixture_reopen(f);
    assert_int_equal(fixture_counts(f).orphans, 1);
    assert_int_equal(take(f, "job-1", "alias-1", ""), 0);
}

static void the_oldest_orphan_comes_first(void **state)
{
    struct fixture *f = *state;
    assert_ok(f->l, ledger_orphan_put(f->l, "failed", 6, "", "alias"));
    assert_ok(f->l, ledger_orphan_put(f->l, "result", 6, "job", "alias"));
    assert_int_equal(take(f, "job", "alias", "failed"), 1);
    assert_int_equal(take(f, "job", "alias", "result"), 1);
    assert_int_equal(take(f, "job", "alias", ""), 0);
}

static void what_wasnt_committed_never_happened(void **state)
{
    struct fixture *f = *state;
    assert_ok(f->l, ledger_orphan_put(f->l, "one", 3, "job-1", ""));
    assert_ok(f->l, ledger_commit(f->l));
    assert_int_equal(take(f, "job-1", "", "one"), 1);
    assert_ok(f->l, ledger_orphan_put(f->l, "two", 3, "job-2", ""));
    fixture_reopen(f);
    assert_int_equal(fixture_counts(f).orphans, 1);
    assert_int_equal(take(f, "job-2", "", ""), 0);
    assert_int_equal(take(f, "job-1", "", "one"), 1);
}

/* A job id from outside may be any text; the index must be what answers. */
static void jobs_are_found_by_an_index(void **state)
{
    struct fixture *f = *state;
    sqlite3 *db;
    sqlite3_stmt *s;
    fixture_accept(f, fixture_put(f, "a", "a", NULL), "job-a");
    assert_ok(f->l, ledger_commit(f->l));
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db,
                                        "EXPLAIN QUERY PLAN SELECT document, n FROM attempt"
                                        " WHERE job_id = ? ORDER BY id DESC LIMIT 1",
                                        -1, &s, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    assert_non_null(strstr((const char *)sqlite3_column_text(s, 3), "USING INDEX attempt_job"));
    sqlite3_finalize(s);
    sqlite3_close(db);
}

/* ---- the first schema ---- */

static char *read_all(const char *path)
{
    FILE *in = fopen(path, "r");
    assert_non_null(in);
    char *text = calloc(1, 20000);
    assert_true(fread(text, 1, 19999, in) > 1000);
    fclose(in);
    return text;
}

/* Puts ledger_v1.sql in the ledger's place: what the first version of this program left behind,
 * with documents stored, processing and being sent. */
static void become_version_1(struct fixture *f)
{
    sqlite3 *db;
    char *error = NULL;
    char wal[128];
    fixture_close(f);
    unlink(f->path);
    snprintf(wal, sizeof wal, "%s-wal", f->path);
    unlink(wal);
    char *script = read_all(LEDGER_V1);
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    if (sqlite3_exec(db, script, NULL, NULL, &error) != SQLITE_OK)
        fail_msg("%s", error);
    sqlite3_close(db);
    free(script);
}

static void an_older_ledger_is_brought_up_to_date(void **state)
{
    struct fixture *f = *state;
    struct ledger *reader;
    struct error e;
    int64_t id;
    int n;
    char alias[LEDGER_ALIAS_MAX];
    become_version_1(f);
    assert_int_equal(fixture_try_open(f, true, &reader, &e), 0); /* whoever opens it first */
    ledger_close(reader);
    fixture_open(f);
    for (int round = 0; round < 2; round++) { /* the second opening has nothing to do */
        struct ledger_counts c = fixture_counts(f);
        assert_true(ledger_id(f->l) == UINT64_C(8426683881249452787));
        assert_int_equal(c.files, 5);
        assert_int_equal(c.by_state[DOC_STORED], 1);
        assert_int_equal(c.by_state[DOC_PROCESSING], 1);
        assert_int_equal(c.by_state[DOC_SUBMITTING], 1);
        assert_int_equal(c.by_state[DOC_REJECTED], 1);
        assert_int_equal(c.credits.micro, credits_of(3).micro);
        assert_int_equal(c.orphans, 0);
        assert_int_equal(ledger_find_by_job(f->l, "job-b", &id, &n), 1);
        assert_true(id == 2 && n == 1);
        snprintf(alias, sizeof alias, "mb-%016" PRIx64 "-3-1", ledger_id(f->l));
        assert_int_equal(find_alias(f, alias, &id, &n), 1);
        fixture_reopen(f);
    }
    struct buffer bytes;
    buffer_init(&bytes, 0);
    assert_ok(f->l, ledger_result_get(f->l, 1, &bytes));
    assert_string_equal(buffer_text(&bytes), "{\"inference\": \"a\"}");
    buffer_release(&bytes);
    assert_ok(f->l, ledger_orphan_put(f->l, "one", 3, "job-1", ""));
    assert_ok(f->l, ledger_commit(f->l));
    assert_int_equal(fixture_counts(f).orphans, 1);
    assert_ok(f->l, ledger_learned_put(f->l, 1, 0, "x", 1));
    assert_ok(f->l, ledger_commit(f->l));
    assert_int_equal(fixture_try_open(f, true, &reader, &e), 0);
    ledger_close(reader);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

static int64_t orphans(struct fixture *f)
{
    struct ledger_counts c;
    assert_ok(f->l, ledger_counts(f->l, &c));
    assert_ok(f->l, ledger_counts_check(f->l));
    return c.orphans;
}

static void put_sized(struct fixture *f, char *bytes, size_t len, int which)
{
    char job[16];
    snprintf(job, sizeof job, "job-%d", which);
    bytes[0] = (char)which;
    assert_ok(f->l, ledger_orphan_put(f->l, bytes, len, job, ""));
}

static void orphans_go_after_a_month(void **state)
{
    struct fixture *f = *state;
    const int64_t day_ms = 24 * 3600 * 1000;
    int64_t run;
    assert_ok(f->l, ledger_orphan_put(f->l, "old", 3, "job-1", ""));
    fixture_now_ms += 29 * day_ms;
    assert_ok(f->l, ledger_orphan_put(f->l, "young", 5, "job-2", ""));
    assert_int_equal(orphans(f), 2);
    fixture_now_ms += 2 * day_ms; /* with the next one */
    assert_ok(f->l, ledger_orphan_put(f->l, "new", 3, "job-3", ""));
    assert_int_equal(orphans(f), 2);
    take(f, "job-1", NULL, "");
    fixture_now_ms += 29 * day_ms; /* or with the next run */
    assert_ok(f->l, ledger_run_start(f->l, &run));
    assert_int_equal(orphans(f), 1);
    take(f, "job-3", NULL, "new");
    assert_int_equal(orphans(f), 0);
}

static void orphans_have_64_megabytes(void **state)
{
    struct fixture *f = *state;
    enum { TEN = 10 * 1000 * 1000 };
    char *bytes = calloc(1, 64 * 1000 * 1000);
    assert_non_null(bytes);
    for (int i = 1; i <= 6; i++)
        put_sized(f, bytes, TEN, i);
    assert_int_equal(orphans(f), 6);
    put_sized(f, bytes, TEN, 6); /* the same bytes */
    assert_int_equal(orphans(f), 6);
    put_sized(f, bytes, TEN, 7); /* the oldest goes */
    assert_int_equal(orphans(f), 6);
    take(f, "job-1", NULL, "");
    ledger_recover(f->l);
    put_sized(f, bytes, TEN / 2, 8);
    assert_int_equal(orphans(f), 6);
    put_sized(f, bytes, 64 * 1000 * 1000, 9); /* all but the newest */
    assert_int_equal(orphans(f), 1);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(orphans_go_after_a_month),
        TEST(orphans_have_64_megabytes),
        TEST(found_by_job_and_by_alias),
        TEST(aliases_that_are_none),
        TEST(what_is_known_is_not_unlearned),
        TEST(an_attempt_by_its_number),
        TEST(orphans_wait_and_are_taken_once),
        TEST(the_oldest_orphan_comes_first),
        TEST(what_wasnt_committed_never_happened),
        TEST(jobs_are_found_by_an_index),
        TEST(an_older_ledger_is_brought_up_to_date),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
