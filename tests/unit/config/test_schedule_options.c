/* [schedule] as a calendar: what is read from each option and its file, every error at once and
 * with its place, and that a batch has its own. What dates follow from a calendar, core's tests
 * ask; here one date shows that each option arrived. */
#include "config/schedule_options.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char directory[64], ini[96], days[96];
static struct config *c;
static struct calendar *calendar;
static struct error_list errors;

static int set_up(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/test_schedule.XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    snprintf(ini, sizeof ini, "%s/a.ini", directory);
    snprintf(days, sizeof days, "%s/days", directory);
    c = config_new();
    calendar = NULL;
    error_list_init(&errors);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    calendar_free(calendar);
    config_free(c);
    error_list_release(&errors);
    unlink(ini);
    unlink(days);
    return rmdir(directory);
}

static void write_file(const char *path, const char *text, size_t len)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static void load(const char *text)
{
    write_file(ini, text, strlen(text));
    if (config_load_file(c, ini, &errors) < 0)
        fail_msg("%s", errors.errors[0].text);
}

static void read_schedule(const struct config *of)
{
    struct error e;
    calendar_free(calendar);
    if (schedule_read(&calendar, of, &e) < 0)
        fail_msg("%s", e.text);
}

/* The first run from the beginning of 2026-12 on, as people read it. */
static void assert_first(const char *expected)
{
    struct occurrence o;
    struct zone_time t;
    char text[ZONE_TIME_TEXT_MAX];
    assert_non_null(calendar);
    struct wall start = {.ms = civil_to_days((struct civil){2026, 12, 1}) * 86400000};
    assert_true(calendar_next(calendar, start, &o));
    zone_show(&calendar->zone, o.at, &t);
    assert_string_equal(zone_time_format(&t, text), expected);
}

static void no_schedule(void **state)
{
    (void)state;
    read_schedule(c);
    assert_null(calendar);
    load("[schedule]\nwhen =\ntimezone = Europe/Paris\n");
    read_schedule(c);
    assert_null(calendar);
    assert_int_equal(schedule_check(c, &errors), 0);
}

/* 2026-12-30 is a Wednesday, 31 a Thursday. Where both are off, by the weekend or as holidays, the
 * 29th is the month's last business day. */
static void every_option_arrives(void **state)
{
    (void)state;
    static const char holidays[] = "# of the year\n2026-12-31 New Year's Eve\n2026-12-30\n";
    load("[schedule]\nwhen = last-business-day 18:00,\n    weekly FRI 06:30\n");
    read_schedule(c);
    assert_int_equal(calendar->rule_count, 2);
    assert_first("FRI 2026-12-04 06:30 +00:00");
    load("[schedule]\nwhen = last-business-day 18:00\ntimezone = Asia/Kolkata\n");
    read_schedule(c);
    assert_first("THU 2026-12-31 18:00 +05:30");
    load("[schedule]\nwhen = last-business-day 18:00\ntimezone = UTC\nweekend = wed, thu\n");
    read_schedule(c);
    assert_first("TUE 2026-12-29 18:00 +00:00");
    write_file(days, holidays, sizeof holidays - 1);
    load("[schedule]\nwhen = last-business-day 18:00\nweekend =\nholidays = days\n");
    read_schedule(c);
    assert_first("TUE 2026-12-29 18:00 +00:00");
    load("[schedule]\nwhen = day 30 18:00\non_holiday = before\nholidays = days\n");
    read_schedule(c);
    assert_first("TUE 2026-12-29 18:00 +00:00");
    load(
        "[schedule]\nwhen = day 30 18:00\non_holiday = after\nholidays = days\nweekend = sat,sun\n");
    read_schedule(c);
    assert_first("FRI 2027-01-01 18:00 +00:00");
}

static void a_batch_has_its_own(void **state)
{
    (void)state;
    load("[schedule]\ntimezone = Asia/Kolkata\n[batch.a]\nschedule = day 5 01:00\n"
         "[batch.b]\nschedule = day 6 01:00\nschedule.timezone = Asia/Tokyo\n[batch.c]\n");
    read_schedule(config_batch(c, 0));
    assert_first("SAT 2026-12-05 01:00 +05:30");
    read_schedule(config_batch(c, 1));
    assert_first("SUN 2026-12-06 01:00 +09:00");
    read_schedule(config_batch(c, 2));
    assert_null(calendar);
    assert_int_equal(schedule_check(c, &errors), 0);
}

/* Error I is this, "%" standing for the directory. */
static void assert_error(size_t i, const char *expected)
{
    struct buffer text;
    buffer_init(&text, 0);
    for (const char *p = expected; *p; p++)
        buffer_printf(&text, "%.*s", *p == '%' ? 100 : 1, *p == '%' ? directory : p);
    assert_true(i < errors.count);
    assert_string_equal(errors.errors[i].text, buffer_text(&text));
    assert_int_equal(errors.errors[i].code, ERR_USAGE);
    buffer_release(&text);
}

static void every_error_at_once(void **state)
{
    (void)state;
    struct error e;
    static const char holidays[] = "2026-12-25\n\n2026-12-32\n";
    write_file(days, holidays, sizeof holidays - 1);
    load("[schedule]\nwhen = daily 25:00\ntimezone = Mars/Crater\nweekend = sat,son\n"
         "holidays = days\n");
    assert_int_equal(schedule_check(c, &errors), ERR_USAGE);
    assert_int_equal(errors.count, 4);
    assert_error(0, "%/a.ini:3: schedule.timezone: \"Mars/Crater\" isn't a time zone of "
                    "/usr/share/zoneinfo: write one as in Europe/Paris or America/New_York "
                    "(`timedatectl list-timezones` lists them)");
    assert_error(1, "%/a.ini:4: schedule.weekend: \"sat, son\" isn't a list of weekdays: write, "
                    "say, sat,sun or fri,sat, or none");
    assert_error(2, "%/a.ini:5: schedule.holidays: %/days: line 3: \"2026-12-32\" isn't a date: "
                    "write one a line as 2026-12-25, a name may follow");
    assert_error(3, "%/a.ini:2: schedule.when: \"daily 25:00\": it ends with one time, 00:00 to "
                    "23:59, written as in \"last-business-day 18:00\"");
    assert_int_equal(schedule_read(&calendar, c, &e), ERR_USAGE);
    assert_null(calendar);
    assert_string_equal(e.text, errors.errors[0].text);
}

static void what_two_batches_share_is_said_once(void **state)
{
    (void)state;
    load("[schedule]\ntimezone = Mars/Crater\n[batch.a]\n[batch.b]\nschedule = never\n");
    assert_int_equal(schedule_check(c, &errors), ERR_USAGE);
    assert_int_equal(errors.count, 2);
    assert_non_null(strstr(errors.errors[0].text, ":2: schedule.timezone: "));
    assert_non_null(strstr(errors.errors[1].text, ":5: schedule.when: \"never\""));
}

/* The plain sections' own schedule isn't run where there are batches that say otherwise. */
static void only_what_runs_is_checked(void **state)
{
    (void)state;
    load("[schedule]\nwhen = never\n[batch.a]\nschedule = daily 01:00\n");
    assert_int_equal(schedule_check(c, &errors), 0);
}

static void a_rule_that_never_comes(void **state)
{
    (void)state;
    struct error e;
    load("[schedule]\nwhen = daily 01:00,\n weekly SAT 18:00\non_holiday = skip\n");
    assert_int_equal(schedule_read(&calendar, c, &e), ERR_USAGE);
    assert_non_null(strstr(e.text, ":2: schedule.when: "));
    assert_non_null(strstr(e.text, "weekly SAT 18:00"));
}

static void files_that_hold_no_holidays(void **state)
{
    (void)state;
    load("[schedule]\nholidays = days\n");
    assert_int_equal(schedule_check(c, &errors), ERR_USAGE);
    assert_error(0, "%/a.ini:2: schedule.holidays: %/days: can't be read: No such file or "
                    "directory");
    error_list_release(&errors);
    load("[schedule]\nholidays = .\n");
    assert_int_equal(schedule_check(c, &errors), ERR_USAGE);
    assert_error(0, "%/a.ini:2: schedule.holidays: %/.: isn't a file");
    error_list_release(&errors);
    char *large = malloc(1100000);
    assert_non_null(large);
    memset(large, '\n', 1100000);
    write_file(days, large, 1100000);
    free(large);
    load("[schedule]\nholidays = days\n");
    assert_int_equal(schedule_check(c, &errors), ERR_USAGE);
    assert_error(0, "%/a.ini:2: schedule.holidays: %/days: over 1 MB: this isn't a list of "
                    "holidays");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(no_schedule),
        TEST(every_option_arrives),
        TEST(a_batch_has_its_own),
        TEST(every_error_at_once),
        TEST(what_two_batches_share_is_said_once),
        TEST(only_what_runs_is_checked),
        TEST(a_rule_that_never_comes),
        TEST(files_that_hold_no_holidays),
    };
    unsetenv("TZDIR");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
