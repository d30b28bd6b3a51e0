/* Which period a document belongs to. The calendar is in UTC: 2026-11-30 18:00 closes November,
 * 2026-12-02 06:30 collects what came late, 2026-12-31 18:00 closes December. */
#include "service/cutoff.h"

#include "test.h"

#include <string.h>

static int64_t now_ms;

static struct wall now_wall(const struct clock *c)
{
    (void)c;
    return (struct wall){now_ms};
}

static struct mono now_mono(const struct clock *c)
{
    (void)c;
    return (struct mono){now_ms};
}

static const struct clock clock_by_hand = {now_mono, now_wall};

static struct wall at(const char *text)
{
    struct wall w = {0};
    assert_int_equal(wall_parse(text, &w), 0);
    return w;
}

static struct calendar *calendar_of(const char *when)
{
    struct calendar *c = calendar_new();
    struct error e;
    if (calendar_parse(c, when, &e) < 0)
        fail_msg("%s", e.text);
    return c;
}

static const struct due november = {.rule = "last-business-day 18:00", .period = "2026-11"};
static const struct due second = {.rule = "business-day+2 06:30", .period = "2026-12"};

static void expect(struct cutoff *c, const char *arrived, const char *period)
{
    const struct file_stamp stamp = {.ctime_ns = at(arrived).ms * 1000000 + 999999};
    assert_string_equal(cutoff_period_of(c, &stamp), period);
}

static void late_documents_count_to_the_next(void **state)
{
    struct calendar *k = calendar_of("last-business-day 18:00, business-day+2 06:30");
    struct due due = november;
    struct cutoff c = {.calendar = k, .late = LATE_NEXT, .clock = &clock_by_hand, .due = &due};
    (void)state;
    due.at = at("2026-11-30T18:00:00Z");
    now_ms = at("2026-12-01T10:00:00Z").ms; /* caught up */
    expect(&c, "2024-02-29T00:00:00Z", "2026-11");
    expect(&c, "2026-11-30T18:00:00Z", "2026-11"); /* the cut-off itself */
    expect(&c, "2026-11-30T18:00:00.001Z", "2026-12");
    expect(&c, "2026-12-01T09:00:00Z", "2026-12");
    expect(&c, "2030-01-01T00:00:00Z", "2026-12"); /* a clock ahead: as of now */
    calendar_free(k);
    k = calendar_of("day 15 12:00, last-business-day 18:00");
    c.calendar = k;
    due = (struct due){.rule = "day 15 12:00", .period = "2026-11"};
    due.at = at("2026-11-15T12:00:00Z");
    now_ms = at("2026-11-15T13:00:00Z").ms;
    expect(&c, "2026-11-15T12:30:00Z", "2026-11"); /* the next one is of the same month */
    calendar_free(k);
}

static void late_documents_count_to_the_same(void **state)
{
    struct calendar *k = calendar_of("last-business-day 18:00, business-day+2 06:30");
    struct due due = november, collecting = second;
    struct cutoff c = {.calendar = k, .late = LATE_SAME, .clock = &clock_by_hand, .due = &due};
    (void)state;
    due.at = at("2026-11-30T18:00:00Z");
    now_ms = at("2026-12-01T10:00:00Z").ms;
    expect(&c, "2026-12-01T09:00:00Z", "2026-11");
    collecting.at = at("2026-12-02T06:30:00Z");
    c.due = &collecting; /* what came late for November, though it is called by December */
    expect(&c, "2026-12-01T09:00:00Z", "2026-11");
    collecting = (struct due){.rule = "first-business-day 06:30", .period = "2027-01"};
    expect(&c, "2026-12-01T09:00:00Z", "2026-12");
    calendar_free(k);
    k = calendar_of("business-day+2 06:30"); /* nothing closes months: it is the month's own run */
    c.calendar = k;
    collecting = second;
    expect(&c, "2026-12-01T09:00:00Z", "2026-12");
    calendar_free(k);
}

static void between_the_runs_a_document_counts_to_the_one_to_come(void **state)
{
    struct calendar *k = calendar_of("last-business-day 18:00, business-day+2 06:30");
    struct cutoff c = {.calendar = k, .late = LATE_NEXT, .clock = &clock_by_hand};
    (void)state;
    c.from = at("2026-11-03T06:30:00.001Z"); /* November's second run has been */
    now_ms = at("2026-11-30T18:00:02Z").ms;
    expect(&c, "2026-11-30T17:59:59Z", "2026-11"); /* its run is due just now */
    expect(&c, "2026-11-30T18:00:01Z", "2026-12");
    expect(&c, "2024-02-29T00:00:00Z", "2026-11"); /* there all the time, and never taken */
    c.late = LATE_SAME;
    now_ms = at("2026-12-01T10:00:00Z").ms;
    c.from = at("2026-11-30T18:00:00.001Z");
    expect(&c, "2026-12-01T09:00:00Z", "2026-11"); /* as the run of the 2nd would say */
    now_ms = at("2026-12-02T10:00:00Z").ms;
    c.from = at("2026-12-02T06:30:00.001Z");
    expect(&c, "2026-12-02T09:00:00Z", "2026-12");
    calendar_free(k);
}

static void without_a_calendar_there_is_no_period(void **state)
{
    struct cutoff c = {.clock = &clock_by_hand};
    struct due due = november;
    (void)state;
    now_ms = at("2026-12-02T10:00:00Z").ms;
    expect(&c, "2026-12-02T09:00:00Z", "");
    due.at = at("2026-11-30T18:00:00Z");
    c.due = &due; /* a run that goes on, of a schedule that is gone */
    expect(&c, "2026-12-02T09:00:00Z", "2026-11");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(late_documents_count_to_the_next),
        cmocka_unit_test(late_documents_count_to_the_same),
        cmocka_unit_test(between_the_runs_a_document_counts_to_the_one_to_come),
        cmocka_unit_test(without_a_calendar_there_is_no_period),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
