/* What status says of a ledger: the table, the JSON, one period; and where there is no ledger. */
#include "batch/batch.h"
#include "capture.h"
#include "ledger/document_ledger.h"
#include "ledger/periods.h"
#include "ledger_fixture.h"
#include "run_words.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

static struct config *config_of(const char *output)
{
    struct error_list errors;
    char text[200];
    struct config *c = config_new();
    error_list_init(&errors);
    snprintf(text, sizeof text, "output.directory=%s", output);
    assert_int_equal(config_set(c, text, &errors), 0);
    error_list_release(&errors);
    return c;
}

/* Of the fixture's directory; the exit code. */
static int call(const struct fixture *f, bool json, const char *period)
{
    struct config *config = config_of(f->directory);
    const char *line[4] = {NULL};
    size_t count = 0;
    if (json)
        line[count++] = "--json";
    if (period) {
        line[count++] = "--period";
        line[count++] = period;
    }
    int code = run_words(&status_command, config, line);
    config_free(config);
    return code;
}

/* Beside the run that has the ledger open. */
static int status_beside(struct fixture *f, bool json, const char *period)
{
    assert_ok(f->l, ledger_commit(f->l));
    return call(f, json, period);
}

/* The same when no run is at work. */
static int status(struct fixture *f, bool json, const char *period)
{
    assert_ok(f->l, ledger_commit(f->l));
    fixture_close(f);
    int code = call(f, json, period);
    fixture_open(f);
    return code;
}

static void assert_says(const char *text)
{
    if (!strstr(captured_out, text))
        fail_msg("not there: \"%s\" in\n%s", text, captured_out);
}

static void assert_silent_of(const char *text)
{
    if (strstr(captured_out, text))
        fail_msg("there: \"%s\" in\n%s", text, captured_out);
}

static void without_a_ledger(void **state)
{
    struct fixture *f = *state;
    char elsewhere[120];
    snprintf(elsewhere, sizeof elsewhere, "%s/elsewhere", f->directory);
    struct config *config = config_of(elsewhere);
    int code = run_words(&status_command, config, (const char *[]){NULL});
    config_free(config);
    assert_int_equal(code, EXIT_USAGE);
    assert_string_equal(captured_out, "");
    assert_non_null(strstr(captured_err, "there is no ledger at "));
    assert_non_null(strstr(captured_err, "/elsewhere/ledger.db yet"));
}

static void a_path_is_for_explain(void **state)
{
    (void)state;
    int code = run_words(&status_command, NULL, (const char *[]){"a.pdf", NULL});
    assert_int_equal(code, EXIT_USAGE);
    assert_non_null(strstr(captured_err, "explain PATH"));
}

static void the_table_and_the_newest_run(void **state)
{
    struct fixture *f = *state;
    int64_t run;
    fixture_store(f, fixture_put(f, "a", "a", NULL), "{}", 3);
    fixture_put(f, "b", "b", NULL);
    assert_int_equal(status(f, false, NULL), 0);
    assert_memory_equal(captured_out, f->directory, strlen(f->directory));
    assert_says("  files                             2\n");
    assert_says("    stored                          1\n");
    assert_silent_of("no run is at work"); /* there never was one */
    assert_ok(f->l, ledger_run_start(f->l, &run));
    assert_int_equal(status(f, false, NULL), 0);
    assert_says("\nno run is at work; the last one was cut off: run the same command again");
    assert_ok(f->l, ledger_run_start(f->l, &run));
    fixture_now_ms += 60000;
    assert_ok(f->l, ledger_run_end(f->l, 5));
    assert_int_equal(status(f, false, NULL), 0);
    assert_says("\nno run is at work; the last one ended 1970-01-01T00:17:40Z\n");
    assert_string_equal(captured_err, "");
}

static void beside_a_run(void **state)
{
    struct fixture *f = *state;
    int64_t run;
    assert_ok(f->l, ledger_run_start(f->l, &run));
    assert_int_equal(status_beside(f, false, NULL), 0);
    assert_says("\na run is at work: process ");
    assert_says(" since 1970-01-01T00:16:40Z\n");
    assert_int_equal(status_beside(f, true, NULL), 0);
    cJSON *json = cJSON_Parse(captured_out);
    assert_non_null(json);
    assert_true(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "running")));
    const char *holder = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "holder"));
    assert_memory_equal(holder, "process ", 8);
    cJSON_Delete(json);
}

static const cJSON *member(const cJSON *object, const char *name)
{
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!found)
        fail_msg("there is no \"%s\"", name);
    return found;
}

static void assert_text(const cJSON *object, const char *name, const char *expected)
{
    assert_string_equal(cJSON_GetStringValue(member(object, name)), expected);
}

static void every_file_in_json(void **state)
{
    struct fixture *f = *state;
    fixture_store(f, fixture_put(f, "a\n\"1\"", "a", NULL), "{}", 3);
    fixture_submit(f, fixture_put(f, "b", "b", NULL));
    fixture_accept(f, fixture_put(f, "c", "c", NULL), "job-c");
    fixture_put(f, "d", NULL, NULL);
    assert_int_equal(status(f, true, NULL), 0);
    cJSON *json = cJSON_Parse(captured_out);
    assert_non_null(json);
    assert_true(cJSON_IsFalse(member(json, "running")));
    assert_int_equal(cJSON_GetArraySize(member(json, "scheduled")), 0);
    const cJSON *list = member(json, "list"), *row = list->child;
    assert_int_equal(cJSON_GetArraySize(list), 4);
    assert_non_null(strstr(cJSON_GetStringValue(member(row, "path")), "\"1\""));
    assert_text(row, "state", "stored");
    assert_memory_equal(cJSON_GetStringValue(member(row, "result")), "results/a", 9);
    row = row->next; /* what is on its way is processing, as in summary.json */
    assert_text(row, "path", "/data/b");
    assert_text(row, "state", "processing");
    assert_false(cJSON_HasObjectItem(row, "result"));
    row = row->next;
    assert_text(row, "job_id", "job-c");
    assert_text(row, "state", "processing");
    row = row->next;
    assert_text(row, "state", "rejected");
    assert_text(row, "code", "unreadable");
    assert_text(row, "detail", "Permission denied");
    assert_true(cJSON_IsNumber(member(row, "document")));
    cJSON_Delete(json);
}

static void an_empty_ledger_in_json(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(status(f, true, NULL), 0);
    cJSON *json = cJSON_Parse(captured_out);
    assert_non_null(json);
    assert_int_equal(cJSON_GetArraySize(member(json, "list")), 0);
    cJSON_Delete(json);
}

static void begin(struct fixture *f, const char *period)
{
    enum period_begin how;
    int64_t run;
    assert_ok(f->l, ledger_period_begin(f->l, "daily 18:00", period, (struct wall){900000}, &how));
    assert_ok(f->l, ledger_run_start(f->l, &run));
}

static void scheduled_runs(void **state)
{
    struct fixture *f = *state;
    begin(f, "1970-01-01");
    assert_ok(f->l, ledger_run_end(f->l, 1));
    assert_ok(f->l, ledger_period_end(f->l, "daily 18:00", "1970-01-01", 1));
    begin(f, "1970-01-02");
    assert_int_equal(status(f, true, NULL), 0);
    cJSON *json = cJSON_Parse(captured_out);
    assert_non_null(json);
    const cJSON *scheduled = member(json, "scheduled");
    assert_int_equal(cJSON_GetArraySize(scheduled), 2);
    const cJSON *row;
    cJSON_ArrayForEach(row, scheduled)
    {
        bool first = strcmp(cJSON_GetStringValue(member(row, "period")), "1970-01-01") == 0;
        assert_text(row, "rule", "daily 18:00");
        assert_text(row, "state", first ? "done" : "running");
        assert_text(row, "due_at", "1970-01-01T00:15:00Z");
        assert_true(first ? cJSON_GetNumberValue(member(row, "exit")) == 1
                          : cJSON_IsNull(member(row, "exit")));
        assert_int_equal(cJSON_IsNull(member(row, "finished_at")), !first);
    }
    cJSON_Delete(json);
}

static void one_period(void **state)
{
    struct fixture *f = *state;
    begin(f, "1970-01-01");
    assert_ok(f->l, ledger_run_end(f->l, 1));
    assert_ok(f->l, ledger_period_end(f->l, "daily 18:00", "1970-01-01", 1));
    begin(f, "1970-01-02");
    assert_int_equal(status(f, false, "1970-01-01"), 0);
    assert_says(": 1970-01-01, closed THU 1970-01-01 00:16:40 +00:00\n");
    assert_says("\nscheduled runs\n  1970-01-01 daily 18:00                due THU 1970-01-01 "
                "00:15 +00:00  done THU 1970-01-01 00:16:40 +00:00, exit 1\n");
    assert_silent_of("since the close");
    assert_silent_of("1970-01-02");
    assert_int_equal(status(f, true, "1970-01-02"), 0);
    cJSON *json = cJSON_Parse(captured_out);
    assert_non_null(json);
    assert_int_equal(cJSON_GetArraySize(member(json, "scheduled")), 1);
    assert_text(member(json, "scheduled")->child, "period", "1970-01-02");
    cJSON_Delete(json);
}

static int64_t put_in(struct fixture *f, const char *name, const char *period)
{
    char path[64];
    uint8_t digest[SHA256_BYTES];
    enum ledger_put put;
    int64_t id = 0;
    snprintf(path, sizeof path, "/data/%s", name);
    sha256(name, strlen(name), digest);
    const struct ledger_new_file file = {.root_id = f->root,
                                         .settings_id = f->settings,
                                         .path = path,
                                         .name = name,
                                         .stamp = {1, 2, 3, 4},
                                         .sha256 = digest,
                                         .period = period};
    assert_ok(f->l, ledger_file_put(f->l, &file, &put, &id));
    return id;
}

/* One document is stored after the close, and another one came. */
static void close_and_change(struct fixture *f)
{
    int64_t a = put_in(f, "a.pdf", "1970-01-01");
    int n = fixture_submit(f, a);
    assert_ok(f->l, ledger_attempt_end(f->l, a, n, ATTEMPT_ANSWERED, 422, "refused"));
    fixture_step(f, a, DOC_SUBMITTING, DOC_FAILED, EV_REFUSED, n);
    begin(f, "1970-01-01");
    assert_ok(f->l, ledger_run_end(f->l, 1));
    assert_ok(f->l, ledger_period_end(f->l, "daily 18:00", "1970-01-01", 1));
    fixture_now_ms += 3600000;
    fixture_step(f, a, DOC_FAILED, DOC_QUEUED, EV_RETRY, 1);
    fixture_store(f, a, "{}", 3);
    fixture_submit(f, put_in(f, "b.pdf", "1970-01-01"));
}

static void a_period_since_its_close(void **state)
{
    struct fixture *f = *state;
    close_and_change(f);
    assert_int_equal(status(f, false, "1970-01-01"), 0);
    assert_says(", closed THU 1970-01-01 00:16:40 +00:00\n"
                "                         at the close          now\n"
                "  files                             1            2\n");
    assert_says("    stored                          0            1\n");
    assert_says("    failed                          1            0   see failures.csv\n");
    assert_says("\nsince the close\n"
                "  THU 1970-01-01 01:16:40 +00:00  failed -> stored  /data/a.pdf\n"
                "  THU 1970-01-01 01:16:40 +00:00  new -> processing  /data/b.pdf\n");
}

static void a_period_since_its_close_in_json(void **state)
{
    struct fixture *f = *state;
    close_and_change(f);
    assert_int_equal(status(f, true, "1970-01-01"), 0);
    cJSON *json = cJSON_Parse(captured_out);
    assert_non_null(json);
    assert_text(json, "closed_at", "1970-01-01T00:16:40Z");
    const cJSON *then = member(json, "at_close"), *changes = member(json, "since_close");
    assert_true(cJSON_GetNumberValue(member(then, "failed")) == 1);
    assert_true(cJSON_GetNumberValue(member(then, "stored")) == 0);
    assert_true(cJSON_GetNumberValue(member(then, "files")) == 1);
    assert_null(cJSON_GetObjectItemCaseSensitive(then, "requests"));
    assert_true(cJSON_GetNumberValue(member(json, "stored")) == 1);
    assert_int_equal(cJSON_GetArraySize(changes), 2);
    assert_text(changes->child, "at", "1970-01-01T01:16:40Z");
    assert_text(changes->child, "path", "/data/a.pdf");
    assert_text(changes->child, "from", "failed");
    assert_text(changes->child, "to", "stored");
    assert_true(cJSON_IsNull(member(changes->child->next, "from")));
    cJSON_Delete(json);
}

static void a_period_that_isnt_closed(void **state)
{
    struct fixture *f = *state;
    begin(f, "1970-01-01");
    assert_int_equal(status(f, false, "1970-01-01"), 0);
    assert_says(": 1970-01-01\n");
    assert_silent_of("at the close");
    assert_int_equal(status(f, true, "1970-01-01"), 0);
    cJSON *json = cJSON_Parse(captured_out);
    assert_non_null(json);
    assert_true(cJSON_IsNull(member(json, "closed_at")));
    assert_true(cJSON_IsNull(member(json, "at_close")));
    assert_int_equal(cJSON_GetArraySize(member(json, "since_close")), 0);
    cJSON_Delete(json);
}

static void a_period_that_never_was(void **state)
{
    struct fixture *f = *state;
    static const char *const names[] = {"november", "1999-01", "", "2026-11\n"};
    begin(f, "1970-01-01");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        for (unsigned flags = 0; flags <= true; flags += true) {
            assert_int_equal(status(f, flags, names[i]), EXIT_USAGE);
            assert_string_equal(captured_out, "");
            assert_non_null(strstr(captured_err, "2026-11 (a month)"));
            assert_non_null(strstr(captured_err, ": runs started by hand belong to no period;"));
        }
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(without_a_ledger),
        TEST(a_path_is_for_explain),
        TEST(the_table_and_the_newest_run),
        TEST(beside_a_run),
        TEST(every_file_in_json),
        TEST(an_empty_ledger_in_json),
        TEST(scheduled_runs),
        TEST(one_period),
        TEST(a_period_since_its_close),
        TEST(a_period_since_its_close_in_json),
        TEST(a_period_that_isnt_closed),
        TEST(a_period_that_never_was),
    };
    return cmocka_run_group_tests_name("status", tests, NULL, NULL);
}
