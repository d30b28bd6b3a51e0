/* What `credits` says of a ledger: in all, by day with UTC beside, by period and model, for people and for
 * programs; that it is what status says, and what a ledger whose numbers are wrong gives. */
#include "batch/exit_code.h"
#include "ledger/document_ledger.h"
#include "ledger/sent_settings.h"

#include "asked_of.h"

#include <cjson/cJSON.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR_MS = 3600000 };
static const int64_t day_ms = INT64_C(20787) * 86400000; /* 2026-11-30 */

static const char *const utc[] = {"export.profile=rfc4180", NULL};
static const char *const berlin[] = {"export.profile=rfc4180", "schedule.timezone=Europe/Berlin",
                                     NULL};

static void put_in(struct fixture *f, const char *name, const char *content, int64_t settings,
                   const char *period, int64_t *id)
{
    char path[64];
    uint8_t digest[SHA256_BYTES];
    enum ledger_put put;
    snprintf(path, sizeof path, "/data/%s", name);
    sha256(content, strlen(content), digest);
    const struct ledger_new_file file = {.root_id = f->root,
                                         .settings_id = settings,
                                         .path = path,
                                         .name = name,
                                         .stamp = {1, 2, 3, 4},
                                         .looked_at = true,
                                         .sha256 = digest,
                                         .period = period};
    assert_ok(f->l, ledger_file_put(f->l, &file, &put, id));
}

/* Stored at 12:00 UTC and at 23:30 UTC, half past midnight in Berlin; one failed, one in doubt, one that
 * can't be read, a duplicate in the next period. */
static void fill(struct fixture *f)
{
    const struct ledger_settings other = {"extraction", "model-2", "{}"};
    int64_t settings, id;
    assert_ok(f->l, ledger_settings_put(f->l, &other, &settings));
    fixture_now_ms = day_ms + 12 * (int64_t)HOUR_MS;
    put_in(f, "a", "a", f->settings, "2026-11", &id);
    fixture_store(f, id, "{}", 3);
    fixture_now_ms = day_ms + 47 * (int64_t)HOUR_MS / 2;
    put_in(f, "b", "b", settings, "2026-11", &id);
    fixture_store(f, id, "{}", 2);
    put_in(f, "c", "a", f->settings, "2026-12", &id);
    put_in(f, "d", "d", f->settings, NULL, &id);
    int attempt = fixture_accept(f, id, "job");
    assert_ok(f->l, ledger_attempt_end(f->l, id, attempt, ATTEMPT_JOB_FAILED, 0, NULL));
    fixture_step(f, id, DOC_PROCESSING, DOC_FAILED, EV_JOB_FAILED, attempt);
    put_in(f, "e", "e", f->settings, NULL, &id);
    attempt = fixture_submit(f, id);
    assert_ok(f->l, ledger_attempt_end(f->l, id, attempt, ATTEMPT_IN_DOUBT, 0, NULL));
    fixture_step(f, id, DOC_SUBMITTING, DOC_IN_DOUBT, EV_DOUBT, attempt);
    (void)fixture_put(f, "r", NULL, NULL);
    assert_ok(f->l, ledger_commit(f->l));
}

static int credits(struct fixture *f, const char *const *words, const char *const *sets)
{
    return asked_of(&credits_command, f, words, sets);
}

static void in_all(void **state)
{
    struct fixture *f = *state;
    fill(f);
    assert_int_equal(credits(f, (const char *[]){NULL}, utc), 0); /* beside who has it open */
    assert_told("  planned                   4   4 documents, by their pages");
    assert_told("  confirmed                 5   5 pages that Mindee read\n");
    assert_told("  at risk                   1   of uploads without an answer\n");
    assert_told("  failed                    1   documents; free\n");
    assert_told("  rejected                  1   documents, never sent; free\n");
    assert_told("  saved                     3   by files of the same content\n");
    assert_told("Insights page should show 5 credits for these documents, and up to 6 if");
    assert_null(strstr(captured_out, "open"));
}

static void by_day_with_utc_beside(void **state)
{
    struct fixture *f = *state;
    fill(f);
    assert_int_equal(credits(f, (const char *[]){"--by", "day", "--csv", NULL}, berlin), 0);
    assert_string_equal(captured_out,
                        "day,begins_at,documents,planned,confirmed,confirmed_utc,open,at_risk,"
                        "saved,pages,failed,rejected,resent\r\n"
                        "2026-11-30,2026-11-29T23:00:00Z,1,1,3,5,0,0,3,3,0,0,0\r\n"
                        "2026-12-01,2026-11-30T23:00:00Z,4,3,2,0,0,1,0,2,1,1,0\r\n");
    assert_int_equal(credits(f, (const char *[]){"--by", "day", NULL}, berlin), 0);
    assert_told("  day         begins (UTC)          documents    planned  confirmed     in UTC");
    assert_int_equal(credits(f, (const char *[]){"--by", "day", NULL}, utc), 0);
    assert_told("\n  2026-11-30          5          4          5");
    assert_null(strstr(captured_out, "in UTC   "));
}

static void by_period_and_model(void **state)
{
    struct fixture *f = *state;
    fill(f);
    assert_int_equal(credits(f, (const char *[]){"--by", "period", "--csv", NULL}, utc), 0);
    assert_told("\r\n,3,2,0,0,1,0,0,1,1,0\r\n" /* by hand */
                "2026-11,2,2,5,0,0,0,5,0,0,0\r\n"
                "2026-12,0,0,0,0,0,3,0,0,0,0\r\n"); /* where the duplicate came */
    assert_int_equal(credits(f, (const char *[]){"--by", "model", "--csv", NULL}, utc), 0);
    assert_told("\r\nextraction,model-1,4,3,3,0,1,3,3,1,1,0\r\n"
                "extraction,model-2,1,1,2,0,0,0,2,0,0,0\r\n");
    assert_int_equal(credits(f, (const char *[]){"--by", "period", NULL}, utc), 0);
    assert_told("\n  (none)              3          2          0");
}

static void for_programs(void **state)
{
    struct fixture *f = *state;
    fill(f);
    assert_int_equal(credits(f, (const char *[]){"--json", "--by", "day", NULL}, berlin), 0);
    cJSON *o = cJSON_Parse(captured_out);
    assert_non_null(o);
    assert_string_equal(cJSON_GetObjectItem(o, "timezone")->valuestring, "Europe/Berlin");
    const cJSON *total = cJSON_GetObjectItem(o, "total"), *rows = cJSON_GetObjectItem(o, "rows");
    assert_int_equal(cJSON_GetObjectItem(total, "confirmed")->valueint, 5);
    assert_int_equal(cJSON_GetArraySize(rows), 2);
    const cJSON *first = cJSON_GetArrayItem(rows, 0);
    assert_string_equal(cJSON_GetObjectItem(first, "day")->valuestring, "2026-11-30");
    assert_int_equal(cJSON_GetObjectItem(first, "confirmed_utc")->valueint, 5);
    cJSON_Delete(o);
}

static void nothing_to_tell_of(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(credits(f, (const char *[]){"--by", "day", NULL}, NULL), 0);
    assert_told("  planned                   0   0 documents");
    assert_told("should show 0 credits");
}

static void what_it_does_not_take(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(credits(f, (const char *[]){"--by", "week", NULL}, NULL), EXIT_USAGE);
    assert_complained("--by week: it is day, period or model");
    assert_int_equal(credits(f, (const char *[]){"--csv", "--json", NULL}, NULL), EXIT_USAGE);
    assert_complained("--csv or --json, not both");
    assert_int_equal(credits(f, (const char *[]){"a.pdf", NULL}, NULL), EXIT_USAGE);
    assert_complained("credits takes no PATH");
    assert_int_equal(asked_in(&credits_command, "/nowhere", (const char *[]){NULL}, NULL),
                     EXIT_USAGE);
}

/* The counter of credits (4) as no upload made it. */
static void numbers_that_do_not_add_up(void **state)
{
    struct fixture *f = *state;
    sqlite3 *db;
    fill(f);
    fixture_close(f);
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    assert_int_equal(
        sqlite3_exec(db, "UPDATE counter SET n = n + 500000 WHERE id = 4", NULL, NULL, NULL),
        SQLITE_OK);
    sqlite3_close(db);
    assert_int_equal(credits(f, (const char *[]){NULL}, NULL), EXIT_BUG);
    assert_complained("the uploads come to 5, the ledger's numbers to 5.5");
    fixture_open(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(in_all, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(by_day_with_utc_beside, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(by_period_and_model, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(for_programs, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(nothing_to_tell_of, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(what_it_does_not_take, fixture_setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(numbers_that_do_not_add_up, fixture_setup,
                                        fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
