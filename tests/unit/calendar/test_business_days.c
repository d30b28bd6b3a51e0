/* Weekends and holiday files as people write them, and counting the days that are left. */
#include "calendar/business_days.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct business_days b;
static struct error e;

static int set_up(void **state)
{
    (void)state;
    business_days_init(&b);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    business_days_release(&b);
    return 0;
}

static int64_t day_of(const char *text)
{
    struct civil date;
    assert_int_equal(civil_parse(text, strlen(text), &date), 0);
    return civil_to_days(date);
}

static bool works(const char *text)
{
    return business_day(&b, day_of(text));
}

static int holidays(const char *text)
{
    return business_days_parse_holidays(&b, text, strlen(text), &e);
}

static void test_weekends(void **state)
{
    (void)state;
    static const struct {
        const char *text, *off; /* M to S in order, x is off */
    } good[] = {
        {"sat,sun", "-----xx"}, {"fri,sat", "----xx-"},    {" Friday , SATURDAY ", "----xx-"},
        {"sun", "------x"},     {"none", "-------"},       {"", "-------"},
        {"  ", "-------"},      {"None", "-------"},       {"mon,tue,wed,thu,fri,sat", "xxxxxx-"},
        {"sun,sun", "------x"}, {"fri,\n sat", "----xx-"},
    };
    static const char *const wrong[] = {
        "sat,",    ",sat", "sat sun", "sa,su", "sat;sun", "none,sat", "mon,tue,wed,thu,fri,sat,sun",
        "weekend", "6,7"};
    int64_t monday = day_of("2026-11-23");
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        assert_int_equal(business_days_parse_weekend(&b, good[i].text, &e), 0);
        for (int d = 0; d < 7; d++)
            assert_int_equal(business_day(&b, monday + d), good[i].off[d] == '-');
    }
    unsigned before = b.weekend;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(business_days_parse_weekend(&b, wrong[i], &e), ERR_USAGE);
        assert_int_equal(b.weekend, before);
    }
}

static void test_holiday_file(void **state)
{
    (void)state;
    assert_int_equal(holidays("\xef\xbb\xbf# closed\r\n2026-12-25 Christmas\r\n\n  2026-01-01\tNew "
                              "Year # a Thursday\n2026-12-25\n2026-12-24#half a day\n \t\n"
                              "2026-05-14 Ascension"),
                     0);
    assert_int_equal(b.holiday_count, 4);
    for (size_t i = 1; i < b.holiday_count; i++)
        assert_true(b.holidays[i - 1] < b.holidays[i]);
    assert_false(works("2026-12-25"));
    assert_false(works("2026-01-01"));
    assert_false(works("2026-12-24"));
    assert_false(works("2026-05-14"));
    assert_true(works("2026-12-23"));
    assert_true(works("2026-12-28"));
    assert_false(works("2026-12-26")); /* a Saturday all the same */
    assert_int_equal(holidays("# none this year\n"), 0);
    assert_int_equal(b.holiday_count, 0);
    assert_true(works("2026-12-25"));
    assert_int_equal(business_days_parse_holidays(&b, NULL, 0, &e), 0);
}

static void test_wrong_lines(void **state)
{
    (void)state;
    static const struct {
        const char *text, *line, *shown;
    } wrong[] = {
        {"2026-13-01\n", "line 1:", "\"2026-13-01\""},
        {"# x\n\n2026-01-01\n2027-02-29 leap\n", "line 4:", "\"2027-02-29\""},
        {"2026-01-01,2026-01-02\n", "line 1:", "\"2026-01-01,2026-01-02\""},
        {"25.12.2026", "line 1:", "\"25.12.2026\""},
        {"2026-01-01\rChristmas\n\x1b[31m", "line 2:", "\\x1B"},
        {"Christmas 2026-12-25", "line 1:", "\"Christmas\""},
    };
    assert_int_equal(holidays("2026-05-01"), 0);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(holidays(wrong[i].text), ERR_FORMAT);
        assert_non_null(strstr(e.text, wrong[i].line));
        assert_non_null(strstr(e.text, wrong[i].shown));
        assert_int_equal(b.holiday_count, 1); /* as it was */
        assert_false(works("2026-05-01"));
    }
    assert_int_equal(business_days_parse_holidays(&b, "2026-01-01\n2026\0-01", 19, &e), ERR_FORMAT);
}

static void test_most_holidays(void **state)
{
    (void)state;
    size_t used = 0, size = (HOLIDAYS_MAX + 1) * 11 + 1;
    char *text = malloc(size);
    int64_t first = day_of("2026-01-01");
    for (int i = 0; i <= HOLIDAYS_MAX; i++) { /* the latest first */
        char date[CIVIL_TEXT_MAX];
        used += (size_t)snprintf(text + used, size - used, "%s\n",
                                 civil_format(civil_from_days(first + HOLIDAYS_MAX - i), date));
    }
    assert_int_equal(business_days_parse_holidays(&b, text, used, &e), ERR_LIMIT);
    assert_non_null(strstr(e.text, "line 10001:"));
    assert_int_equal(business_days_parse_holidays(&b, text, used - 11, &e), 0);
    assert_int_equal(b.holiday_count, HOLIDAYS_MAX);
    assert_true(works("2026-01-01"));
    assert_false(works("2026-01-02"));
    free(text);
}

static void test_counting(void **state)
{
    (void)state;
    int64_t out;
    assert_int_equal(holidays("2026-12-24\n2026-12-25\n2026-12-28\n2026-12-29\n2026-12-30\n"
                              "2026-12-31\n2027-01-01"),
                     0);
    assert_true(business_day_count(&b, day_of("2026-12-31"), day_of("2026-12-01"), -1, 1, &out));
    assert_int_equal(out, day_of("2026-12-23"));
    assert_true(business_day_count(&b, day_of("2027-01-01"), day_of("2027-01-31"), 1, 2, &out));
    assert_int_equal(out, day_of("2027-01-05"));
    assert_false(business_day_count(&b, day_of("2026-12-24"), day_of("2027-01-03"), 1, 1, &out));
    assert_true(business_day_near(&b, day_of("2026-12-27"), 1, &out));
    assert_int_equal(out, day_of("2027-01-04"));
    assert_true(business_day_near(&b, day_of("2027-01-03"), -1, &out));
    assert_int_equal(out, day_of("2026-12-23"));
    assert_true(business_day_near(&b, day_of("2026-12-23"), -1, &out));
    assert_int_equal(out, day_of("2026-12-23"));
}

/* 31 days away is near, 32 isn't. */
static void test_how_near(void **state)
{
    (void)state;
    char text[12 * 40] = "";
    int64_t out, first = day_of("2026-08-03"); /* a Monday */
    assert_int_equal(business_days_parse_weekend(&b, "none", &e), 0);
    for (int i = 0; i < 32; i++) {
        char date[CIVIL_TEXT_MAX];
        assert_int_equal(holidays(text), 0);
        assert_true(business_day_near(&b, first, 1, &out));
        assert_int_equal(out, first + i);
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s\n",
                 civil_format(civil_from_days(first + i), date));
    }
    assert_int_equal(holidays(text), 0);
    assert_false(business_day_near(&b, first, 1, &out));
    assert_false(business_day_near(&b, first + 31, -1, &out));
    assert_true(business_day_near(&b, first + 30, -1, &out));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_weekends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_holiday_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_wrong_lines, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_most_holidays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_counting, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_how_near, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
