/* failures.csv from a ledger with a document in each state: who is in it, in which words, and that
 * odd names and words from outside stay one cell. */
#include "ledger/document_ledger.h"
#include "ledger/listing.h"
#include "ledger/sent_settings.h"
#include "ledger/unread_files.h"
#include "ledger_fixture.h"
#include "results/failures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HEADING "\xef\xbb\xbfpath,state,code,detail,job_id\r\n"

static const struct csv_profile excel = {
    .delimiter = ',', .decimal = '.', .bom = true, .defuse = true};

static void expect_file(struct fixture *f, const char *expected)
{
    char path[128], text[8192] = "";
    struct stat st;
    struct error e;
    if (failures_write(f->l, f->directory, &excel, &e) != 0)
        fail_msg("%s", e.text);
    snprintf(path, sizeof path, "%s/failures.csv", f->directory);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(text, expected);
}

static void end_with(struct fixture *f, int64_t id, enum doc_state from, enum doc_state to,
                     enum doc_event_kind event, int attempt, const char *code, const char *detail)
{
    const struct ledger_step s = {.document_id = id,
                                  .from = from,
                                  .to = to,
                                  .event = event,
                                  .attempt = attempt,
                                  .code = code,
                                  .detail = detail};
    assert_ok(f->l, ledger_step(f->l, &s));
}

static void refuse(struct fixture *f, const char *name, const char *code, const char *detail)
{
    int64_t id = fixture_put(f, name, name, NULL);
    int attempt = fixture_submit(f, id);
    assert_ok(f->l, ledger_attempt_end(f->l, id, attempt, ATTEMPT_ANSWERED, 422, "http_422"));
    end_with(f, id, DOC_SUBMITTING, DOC_FAILED, EV_REFUSED, attempt, code, detail);
}

static void an_empty_ledger(void **state)
{
    expect_file(*state, HEADING);
}

/* 2026-08-31T18:00:00Z */
static void set_clock(void)
{
    fixture_now_ms = INT64_C(1788199200000);
}

static void all_that_is_not_stored(void **state)
{
    struct fixture *f = *state;
    set_clock();
    fixture_put(f, "queued.pdf", "1", NULL);
    fixture_submit(f, fixture_put(f, "submitting.pdf", "2", NULL));
    fixture_accept(f, fixture_put(f, "processing.pdf", "3", NULL), "job-3");
    int64_t ready = fixture_put(f, "ready.pdf", "4", NULL);
    int attempt = fixture_accept(f, ready, "job-4");
    assert_ok(f->l, ledger_attempt_result_url(f->l, ready, attempt, "https://host/result"));
    fixture_step(f, ready, DOC_PROCESSING, DOC_READY, EV_JOB_READY, attempt);
    fixture_store(f, fixture_put(f, "stored.pdf", "5", NULL), "{}", 1);
    int64_t lost = fixture_put(f, "lost.pdf", "6", NULL);
    attempt = fixture_accept(f, lost, "job-6");
    end_with(f, lost, DOC_PROCESSING, DOC_LOST, EV_JOB_GONE, attempt, "job_gone",
             "the job is not known any more");
    refuse(f, "failed.pdf", "422-001", "The page can't be read");
    fixture_put(f, "rejected.gif", NULL, NULL);
    expect_file(f,
                HEADING "/data/failed.pdf,failed,422-001,The page can't be read,\r\n"
                        "/data/lost.pdf,lost,job_gone,the job is not known any more,job-6\r\n"
                        "/data/processing.pdf,processing,,still being processed by Mindee since "
                        "2026-08-31T18:00:00Z,job-3\r\n"
                        "/data/queued.pdf,queued,,never tried: it waits to be sent,\r\n"
                        "/data/ready.pdf,processing,,done by Mindee: its result is still to be "
                        "fetched,job-4\r\n" /* as in summary.json */
                        "/data/rejected.gif,rejected,unreadable,Permission denied,\r\n"
                        "/data/submitting.pdf,processing,,on its way to Mindee: its answer isn't "
                        "there yet,\r\n");
}

static void a_duplicate_shares_the_fate(void **state)
{
    struct fixture *f = *state;
    refuse(f, "a", "422-001", "no");
    fixture_put(f, "b", "a", NULL);
    expect_file(f, HEADING "/data/a,failed,422-001,no,\r\n"
                           "/data/b,failed,422-001,no,\r\n");
}

/* Sent once more, or under settings that the next run need not have: neither failed. */
static void what_only_waits_says_for_what(void **state)
{
    struct fixture *f = *state;
    const struct ledger_settings other = {"classification", "model-2", "{}"};
    int64_t first = f->settings, again = fixture_put(f, "again", "1", NULL);
    for (int n = 1; n <= 2; n++) {
        int attempt = fixture_submit(f, again);
        assert_ok(f->l,
                  ledger_attempt_end(f->l, again, attempt, ATTEMPT_ANSWERED, 429, "http_429"));
        fixture_step(f, again, DOC_SUBMITTING, DOC_QUEUED, EV_REFUSED, attempt);
        expect_file(f, n == 1 ? HEADING "/data/again,queued,,tried 1 time: it waits to be sent,\r\n"
                              : HEADING
                           "/data/again,queued,,tried 2 times: it waits to be sent,\r\n");
    }
    int64_t doubt = fixture_put(f, "doubt", "2", NULL);
    int attempt = fixture_submit(f, doubt);
    assert_ok(f->l, ledger_attempt_end(f->l, doubt, attempt, ATTEMPT_IN_DOUBT, 0, NULL));
    fixture_step(f, doubt, DOC_SUBMITTING, DOC_IN_DOUBT, EV_DOUBT, attempt);
    assert_ok(f->l, ledger_settings_put(f->l, &other, &f->settings));
    fixture_put(f, "other", "3", NULL);
    f->settings = first;
    expect_file(f, HEADING
                "/data/again,queued,,tried 2 times: it waits for a run of its own settings "
                "(extraction with model model-1),\r\n"
                "/data/doubt,in_doubt,,sent and no answer came that can be read: it may have "
                "been charged,\r\n"
                "/data/other,queued,,never tried: it waits for a run of its own settings "
                "(classification with model model-2),\r\n");
}

static void what_failed_and_waits_keeps_its_reason(void **state)
{
    struct fixture *f = *state;
    refuse(f, "a", "422-001", "no");
    int64_t id = fixture_put(f, "a", "a", NULL);
    fixture_step(f, id, DOC_FAILED, DOC_QUEUED, EV_RETRY, 1);
    expect_file(f, HEADING "/data/a,queued,422-001,no,\r\n");
}

static void odd_names_and_words(void **state)
{
    struct fixture *f = *state;
    refuse(f, "a,b;\"c\"\n.pdf", "=cmd|' /C calc'!A0", "two\nlines, \"quoted\"");
    refuse(f, "caf\xc3\xa9 \xff.pdf", "-1", "@x");
    expect_file(f, HEADING "\"/data/a,b;\"\"c\"\"\\x0A.pdf\",failed,\"'=cmd|' /C calc'!A0\","
                           "\"two\\x0Alines, \"\"quoted\"\"\",\r\n"
                           "/data/caf\xc3\xa9 \\xFF.pdf,failed,-1,'@x,\r\n");
}

static void written_anew_each_time(void **state)
{
    struct fixture *f = *state;
    int64_t id = fixture_put(f, "a", "a", NULL);
    expect_file(f, HEADING "/data/a,queued,,never tried: it waits to be sent,\r\n");
    fixture_store(f, id, "{}", 1);
    expect_file(f, HEADING);
}

static void no_place_to_write(void **state)
{
    struct fixture *f = *state;
    struct error e;
    char directory[128];
    snprintf(directory, sizeof directory, "%s/no", f->directory);
    assert_int_equal(failures_write(f->l, directory, &excel, &e), ERR_IO);
    assert_non_null(strstr(e.text, "/no/failures.csv: No such file or directory"));
}

struct listed {
    int count, stop_after;
    char paths[200];
};

static int list(void *ctx, const struct failure *f)
{
    struct listed *l = ctx;
    size_t len = strlen(l->paths);
    snprintf(l->paths + len, sizeof l->paths - len, "%s %s;", f->path, f->state);
    return ++l->count == l->stop_after ? ERR_FORMAT : 0;
}

static int64_t put_in(struct fixture *f, const char *name, const char *period)
{
    char path[64];
    uint8_t digest[SHA256_BYTES];
    enum ledger_put put;
    int64_t id;
    snprintf(path, sizeof path, "/data/%s", name);
    sha256(name, strlen(name), digest);
    const struct ledger_new_file file = {.root_id = f->root,
                                         .settings_id = f->settings,
                                         .path = path,
                                         .name = name,
                                         .stamp = {1, 2, 3, 4},
                                         .looked_at = true,
                                         .sha256 = digest,
                                         .period = period};
    assert_ok(f->l, ledger_file_put(f->l, &file, &put, &id));
    return id;
}

static void of_a_period_alone(void **state)
{
    struct fixture *f = *state;
    struct listed l = {.count = 0};
    put_in(f, "a", "2026-10");
    put_in(f, "b", "2026-11");
    put_in(f, "c", NULL);
    fixture_store(f, put_in(f, "d", "2026-11"), "{}", 1);
    assert_ok(f->l, ledger_unread_put(f->l, f->root, "/data/share", "Stale file handle"));
    assert_ok(f->l, failures_list(f->l, "2026-11", list, &l));
    assert_string_equal(l.paths, "/data/b queued;");
    l = (struct listed){.count = 0};
    assert_ok(f->l, failures_list(f->l, NULL, list, &l));
    assert_string_equal(l.paths,
                        "/data/a queued;/data/b queued;/data/c queued;/data/share unread;");
    l = (struct listed){.stop_after = 2};
    assert_int_equal(failures_list(f->l, NULL, list, &l), ERR_FORMAT);
    assert_int_equal(l.count, 2);
}

/* Steps that change nothing don't count: it failed at 2000, whatever was written down later. */
static void since_when(void **state)
{
    struct fixture *f = *state;
    struct wall since;
    fixture_now_ms = 1000;
    int64_t id = fixture_put(f, "a", "a", NULL);
    assert_ok(f->l, ledger_since(f->l, id, &since));
    assert_int_equal(since.ms, 1000);
    int attempt = fixture_submit(f, id);
    assert_ok(f->l, ledger_attempt_end(f->l, id, attempt, ATTEMPT_IN_DOUBT, 0, NULL));
    fixture_now_ms = 2000;
    fixture_step(f, id, DOC_SUBMITTING, DOC_IN_DOUBT, EV_DOUBT, attempt);
    fixture_now_ms = 3000;
    fixture_step(f, id, DOC_IN_DOUBT, DOC_IN_DOUBT, EV_NOT_SENT, attempt);
    assert_ok(f->l, ledger_since(f->l, id, &since));
    assert_int_equal(since.ms, 2000);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(an_empty_ledger),
        TEST(all_that_is_not_stored),
        TEST(a_duplicate_shares_the_fate),
        TEST(odd_names_and_words),
        TEST(written_anew_each_time),
        TEST(no_place_to_write),
        TEST(of_a_period_alone),
        TEST(since_when),
        TEST(what_only_waits_says_for_what),
        TEST(what_failed_and_waits_keeps_its_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
