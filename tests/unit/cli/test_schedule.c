/* The next runs as a person and a program read them: in the order of their instants, with what moved
 * them, in the schedule's own time zone. */
#include "batch/batch.h"
#include "capture.h"
#include "run_words.h"
#include "test.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[64], ini[96], holidays[96];
static struct {
    struct config *config;
    const char *next, *from, *path, *batch;
    bool json;
} asked;

static int set_up(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/test_schedule.XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    snprintf(ini, sizeof ini, "%s/a.ini", directory);
    snprintf(holidays, sizeof holidays, "%s/holidays.txt", directory);
    memset(&asked, 0, sizeof asked);
    asked.config = config_new();
    asked.next = "3";
    asked.from = "2026-11-28";
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    config_free(asked.config);
    unlink(ini);
    unlink(holidays);
    return rmdir(directory);
}

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void load(const char *text)
{
    struct error_list errors;
    write_file(ini, text);
    error_list_init(&errors);
    if (config_load_file(asked.config, ini, &errors) < 0)
        fail_msg("%s", errors.errors[0].text);
    error_list_release(&errors);
}

static int schedule(void)
{
    const char *line[10] = {NULL};
    size_t count = 0;
    if (asked.next) {
        line[count++] = "--next";
        line[count++] = asked.next;
    }
    if (asked.from) {
        line[count++] = "--from";
        line[count++] = asked.from;
    }
    if (asked.batch) {
        line[count++] = "--batch";
        line[count++] = asked.batch;
    }
    if (asked.json)
        line[count++] = "--json";
    line[count] = asked.path;
    return run_words(&schedule_command, asked.config, line);
}

static void a_table(void **state)
{
    (void)state;
    load("[schedule]\nwhen = last-business-day 18:00\ntimezone = Europe/Paris\n");
    assert_int_equal(schedule(), 0);
    assert_string_equal(
        captured_out,
        "local time                   UTC                   rule                     period\n"
        "MON 2026-11-30 18:00 +01:00  2026-11-30T17:00:00Z  last-business-day 18:00  2026-11\n"
        "THU 2026-12-31 18:00 +01:00  2026-12-31T17:00:00Z  last-business-day 18:00  2026-12\n"
        "FRI 2027-01-29 18:00 +01:00  2027-01-29T17:00:00Z  last-business-day 18:00  2027-01\n");
    assert_string_equal(captured_err, "");
}

/* Two batches in one table: by their instants; of equal ones the first of the file. */
static void batches_by_their_instants(void **state)
{
    (void)state;
    load("[schedule]\ntimezone = UTC\n"
         "[batch.b]\nschedule = daily 18:00\n"
         "[batch.none]\n"
         "[batch.a]\nschedule = daily 06:00, daily 18:00\n");
    asked.next = "4";
    assert_int_equal(schedule(), 0);
    const char *rows[] = {"06:00 +00:00  2026-11-28T06:00:00Z  a      daily 06:00",
                          "18:00 +00:00  2026-11-28T18:00:00Z  b      daily 18:00",
                          "18:00 +00:00  2026-11-28T18:00:00Z  a      daily 18:00",
                          "06:00 +00:00  2026-11-29T06:00:00Z  a      daily 06:00"};
    const char *at = captured_out;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        at = strstr(at, rows[i]);
        if (!at)
            fail_msg("not there, or too early: \"%s\" in\n%s", rows[i], captured_out);
    }
    assert_null(strstr(captured_out, "none"));
}

static void what_moved_a_run_is_said(void **state)
{
    (void)state;
    load("[schedule]\nwhen = day 28 02:30\ntimezone = Europe/Paris\non_holiday = after\n");
    asked.next = "5"; /* from Saturday, 28 November */
    assert_int_equal(schedule(), 0);
    assert_non_null(strstr(captured_out, "MON 2026-11-30 02:30 +01:00"));
    assert_non_null(strstr(captured_out, "2026-11  instead of SAT 2026-11-28, a weekend's day"));
    assert_non_null(strstr(captured_out, "2027-02  instead of SUN 2027-02-28, a weekend's day"));
}

/* The night of 28 March 2027 has no 02:30 in Paris; that of 31 October has it twice. */
static void what_the_clocks_do_is_said(void **state)
{
    (void)state;
    load("[schedule]\nwhen = daily 02:30\ntimezone = Europe/Paris\n");
    asked.next = "1";
    asked.from = "2027-03-28";
    assert_int_equal(schedule(), 0);
    assert_non_null(strstr(captured_out, "02:30 doesn't exist on that day"));
    asked.from = "2027-10-31";
    assert_int_equal(schedule(), 0);
    assert_non_null(strstr(captured_out, "02:30 comes twice on that day: at the first"));
    assert_non_null(strstr(captured_out, "02:30 +02:00"));
}

static void in_json(void **state)
{
    (void)state;
    load("[schedule]\nwhen = day 28 18:00\ntimezone = Europe/Paris\non_holiday = before\n");
    asked.next = "2";
    asked.json = true;
    assert_int_equal(schedule(), 0);
    cJSON *json = cJSON_Parse(captured_out);
    assert_non_null(json);
    const cJSON *runs = cJSON_GetObjectItemCaseSensitive(json, "runs");
    assert_int_equal(cJSON_GetArraySize(runs), 2);
    static const struct {
        const char *name, *value;
    } expected[] = {{"local", "2026-12-28T18:00:00+01:00"},
                    {"utc", "2026-12-28T17:00:00Z"},
                    {"timezone", "Europe/Paris"},
                    {"rule", "day 28 18:00"},
                    {"period", "2026-12"},
                    {"named", "2026-12-28"},
                    {"date", "2026-12-28"},
                    {"fit", "once"}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(runs->child, expected[i].name);
        assert_non_null(item);
        assert_string_equal(cJSON_GetStringValue(item), expected[i].value);
    }
    assert_false(cJSON_HasObjectItem(runs->child, "batch"));
    assert_false(cJSON_HasObjectItem(runs->child, "note"));
    cJSON_Delete(json);
}

static void behind_the_last_holiday_is_a_warning(void **state)
{
    char text[300];
    (void)state;
    write_file(holidays, "2026-12-25\n");
    snprintf(text, sizeof text,
             "[schedule]\nwhen = last-business-day 18:00\ntimezone = UTC\nholidays = %s\n",
             holidays);
    load(text);
    asked.next = "1"; /* November's: before the last holiday */
    assert_int_equal(schedule(), 0);
    assert_string_equal(captured_err, "");
    asked.next = "2";
    assert_int_equal(schedule(), 0);
    assert_non_null(strstr(captured_err, "is 2026-12-25: holidays after it aren't known\n"));
    write_file(holidays, "# none yet\n");
    assert_int_equal(schedule(), 0);
    assert_non_null(strstr(captured_err, "schedule.holidays: there is no date in "));
}

static void without_a_schedule(void **state)
{
    (void)state;
    assert_int_equal(schedule(), EXIT_USAGE);
    assert_string_equal(captured_out, "");
    assert_non_null(strstr(captured_err, "mindee-batch: there is no schedule: set schedule.when"));
    asked.batch = "acme";
    assert_int_equal(schedule(), EXIT_USAGE);
    assert_non_null(strstr(captured_err, "batch acme has no schedule"));
}

static void a_bad_command_line(void **state)
{
    static const char *const numbers[] = {"0", "-1", "+1", "", " 2", "3x", "1001", "many"};
    (void)state;
    load("[schedule]\nwhen = daily 18:00\n");
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        asked.next = numbers[i];
        assert_int_equal(schedule(), EXIT_USAGE);
        assert_non_null(strstr(captured_err, "isn't a number of 1 to 1000"));
        assert_string_equal(captured_out, "");
    }
    asked.next = NULL;
    asked.from = "2026-02-30";
    assert_int_equal(schedule(), EXIT_USAGE);
    assert_non_null(strstr(captured_err, "--from: \"2026-02-30\" isn't a date"));
    asked.from = NULL;
    asked.path = "a.pdf";
    assert_int_equal(schedule(), EXIT_USAGE);
    assert_non_null(strstr(captured_err, "schedule takes no PATH"));
}

static void twelve_unless_told(void **state)
{
    int lines = 0;
    (void)state;
    load("[schedule]\nwhen = daily 18:00\n");
    asked.next = NULL;
    assert_int_equal(schedule(), 0);
    for (const char *p = captured_out; *p; p++)
        lines += *p == '\n';
    assert_int_equal(lines, 13); /* with the heading */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_table),
        TEST(batches_by_their_instants),
        TEST(what_moved_a_run_is_said),
        TEST(what_the_clocks_do_is_said),
        TEST(in_json),
        TEST(behind_the_last_holiday_is_a_warning),
        TEST(without_a_schedule),
        TEST(a_bad_command_line),
        TEST(twelve_unless_told),
    };
    return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}
