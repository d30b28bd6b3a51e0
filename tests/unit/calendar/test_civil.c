/* Dates against a calendar that counts day by day, and by dates that anybody can look up. */
#include "calendar/civil.h"

#include "test.h"

#include <string.h>

static int month_length(int year, int month)
{
    switch (month) {
    case 2:
        return year % 400 == 0 || (year % 4 == 0 && year % 100) ? 29 : 28;
    case 4:
    case 6:
    case 9:
    case 11:
        return 30;
    default:
        return 31;
    }
}

/* Every day of ten thousand years, by turning the pages. */
static void test_every_day(void **state)
{
    (void)state;
    struct civil page = {1, 1, 1};
    int weekday = MONDAY; /* 0001-01-01, as the calendar is reckoned back */
    for (int64_t day = civil_to_days(page); page.year <= 10000; day++) {
        struct civil date = civil_from_days(day);
        if (date.year != page.year || date.month != page.month || date.day != page.day ||
            civil_to_days(page) != day || (int)civil_weekday(day) != weekday)
            fail_msg("%d-%d-%d", page.year, page.month, page.day);
        weekday = weekday % 7 + 1;
        if (page.day < month_length(page.year, page.month))
            page.day++;
        else if (page.month < 12)
            page = (struct civil){page.year, page.month + 1, 1};
        else
            page = (struct civil){page.year + 1, 1, 1};
    }
}

static int64_t day_of(const char *text)
{
    struct civil date;
    assert_int_equal(civil_parse(text, strlen(text), &date), 0);
    return civil_to_days(date);
}

static void test_known_days(void **state)
{
    (void)state;
    assert_int_equal(day_of("1970-01-01"), 0);
    assert_int_equal(day_of("2000-03-01"), 11017);
    assert_int_equal(day_of("9999-12-31"), 2932896);
    assert_int_equal(civil_weekday(day_of("1970-01-01")), THURSDAY);
    assert_int_equal(civil_weekday(day_of("2000-01-01")), SATURDAY);
    assert_int_equal(civil_weekday(day_of("2026-11-30")), MONDAY);
    assert_int_equal(civil_weekday(day_of("2028-02-29")), TUESDAY);
    assert_int_equal(civil_weekday(day_of("2100-02-28")), SUNDAY);
    assert_int_equal(civil_weekday(day_of("2100-03-01")), MONDAY);
}

static void test_months(void **state)
{
    (void)state;
    int64_t november = civil_month_number(day_of("2026-11-30"));
    assert_int_equal(november, 2026 * 12 + 10);
    assert_int_equal(civil_month_start(november), day_of("2026-11-01"));
    assert_int_equal(civil_month_start(november + 2), day_of("2027-01-01"));
    assert_int_equal(civil_month_start(november - 10), day_of("2026-01-01"));
    assert_int_equal(civil_days_in_month(2028, 2), 29);
    assert_int_equal(civil_days_in_month(2100, 2), 28);
    assert_int_equal(civil_days_in_month(2000, 2), 29);
    assert_int_equal(civil_days_in_month(2027, 2), 28);
}

static void test_iso_weeks(void **state)
{
    (void)state;
    static const struct {
        const char *date;
        int year, week;
    } known[] = {
        {"2026-01-01", 2026, 1},  {"2026-11-23", 2026, 48}, {"2026-11-29", 2026, 48},
        {"2026-12-31", 2026, 53}, {"2027-01-01", 2026, 53}, {"2027-01-03", 2026, 53},
        {"2027-01-04", 2027, 1},  {"2024-12-29", 2024, 52}, {"2024-12-30", 2025, 1},
        {"2020-12-31", 2020, 53}, {"2021-01-03", 2020, 53}, {"2021-01-04", 2021, 1},
        {"1970-01-01", 1970, 1},  {"2022-01-01", 2021, 52}, {"2023-01-01", 2022, 52},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        int year, week;
        civil_iso_week(day_of(known[i].date), &year, &week);
        assert_int_equal(year, known[i].year);
        assert_int_equal(week, known[i].week);
    }
    assert_int_equal(civil_week_number(0), civil_week_number(3));
    assert_int_equal(civil_week_number(4), 1); /* Monday, 1970-01-05 */
    assert_int_equal(civil_week_start(1), 4);
    assert_int_equal(civil_week_start(0), -3);
}

static void test_text(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",           "2026-11-3",  "2026-11-300", "2026-02-29", "2100-02-29", "2026-13-01",
        "2026-00-01", "2026-01-00", "2026-04-31",  "1969-12-31", "26-11-30",   "2026/11/30",
        "+026-11-30", "2026-1 -30", "2026-11-0x",  "20261130",
    };
    struct civil date;
    char out[CIVIL_TEXT_MAX];
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_true(civil_parse(wrong[i], strlen(wrong[i]), &date) < 0);
    assert_int_equal(civil_parse("2028-02-29 and more", 10, &date), 0);
    assert_string_equal(civil_format(date, out), "2028-02-29");

    enum weekday d;
    assert_int_equal(weekday_parse("FRI", 3, &d), 0);
    assert_int_equal(d, FRIDAY);
    assert_int_equal(weekday_parse("sunday", 6, &d), 0);
    assert_int_equal(d, SUNDAY);
    assert_true(weekday_parse("fr", 2, &d) < 0);
    assert_true(weekday_parse("frida", 5, &d) < 0);
    assert_true(weekday_parse("fridays", 7, &d) < 0);
    assert_true(weekday_parse("", 0, &d) < 0);
    for (int i = MONDAY; i <= SUNDAY; i++) {
        assert_int_equal(weekday_parse(weekday_name((enum weekday)i), 3, &d), 0);
        assert_int_equal(d, i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_day), cmocka_unit_test(test_known_days),
        cmocka_unit_test(test_months),    cmocka_unit_test(test_iso_weeks),
        cmocka_unit_test(test_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
