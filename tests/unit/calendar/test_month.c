/* Which month an instant is in, by the clocks of a zone, and where that begins and ends. */
#include "calendar/month.h"

#include "test.h"
#include "tzif.h"

#include <string.h>

static struct zone z;

static struct wall at(int64_t s)
{
    return (struct wall){s * 1000};
}

static void assert_month(const struct zone *zone, int64_t s, const char *name, const char *from,
                         const char *until)
{
    char text[WALL_TEXT_MAX];
    struct month m = month_of(zone, at(s));
    assert_string_equal(m.name, name);
    assert_string_equal(wall_format(m.from, text), from);
    assert_string_equal(wall_format(m.until, text), until);
    assert_true(m.from.ms <= s * 1000 && s * 1000 < m.until.ms);
}

static int64_t utc(int year, int month, int day, int hour)
{
    return civil_to_days((struct civil){year, month, day}) * SECONDS_A_DAY + hour * 3600;
}

static void in_utc(void **state)
{
    (void)state;
    assert_month(NULL, utc(2026, 11, 30, 23), "2026-11", "2026-11-01T00:00:00Z",
                 "2026-12-01T00:00:00Z");
    assert_month(NULL, utc(2026, 12, 1, 0), "2026-12", "2026-12-01T00:00:00Z",
                 "2027-01-01T00:00:00Z");
    assert_month(NULL, utc(1970, 1, 1, 0), "1970-01", "1970-01-01T00:00:00Z",
                 "1970-02-01T00:00:00Z");
    zone_init_utc(&z);
    assert_month(&z, utc(2028, 2, 29, 12), "2028-02", "2028-02-01T00:00:00Z",
                 "2028-03-01T00:00:00Z");
}

/* Summer time begins and ends within it; the new year is an hour earlier than UTC's. */
static void in_paris(void **state)
{
    (void)state;
    if (!tzif_read_system("Europe/Paris", &z))
        skip();
    assert_month(&z, utc(2026, 12, 31, 22), "2026-12", "2026-11-30T23:00:00Z",
                 "2026-12-31T23:00:00Z");
    assert_month(&z, utc(2026, 12, 31, 23), "2027-01", "2026-12-31T23:00:00Z",
                 "2027-01-31T23:00:00Z");
    assert_month(&z, utc(2026, 3, 31, 22), "2026-04", "2026-03-31T22:00:00Z",
                 "2026-04-30T22:00:00Z");
    assert_month(&z, utc(2026, 10, 5, 0), "2026-10", "2026-09-30T22:00:00Z",
                 "2026-10-31T23:00:00Z");
}

/* Months follow one another without a gap, and each instant is in its own. */
static void without_gaps(void **state)
{
    (void)state;
    static const char *const zones[] = {"Europe/Paris", "America/New_York"};
    for (size_t i = 0; i < 2; i++) {
        if (!tzif_read_system(zones[i], &z))
            skip();
        struct month m = month_of(&z, at(utc(2020, 1, 15, 0)));
        for (int n = 0; n < 240; n++) {
            struct month next = month_of(&z, m.until);
            assert_int_equal(next.from.ms, m.until.ms);
            assert_string_equal(month_of(&z, (struct wall){m.until.ms - 1}).name, m.name);
            m = next;
        }
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_utc),
        cmocka_unit_test(in_paris),
        cmocka_unit_test(without_gaps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
