/* What clocks show, and when, by tables worked out from the zones' published rules; and files that
 * aren't what they should be. */
#include "calendar/zone.h"

#include "base/text.h"
#include "test.h"
#include "tzif.h"

#include <stdlib.h>
#include <string.h>

static struct zone z;
static struct error e;

struct sight {
    const char *zone, *local, *utc;
    enum zone_fit fit;
};

static struct wall find(const char *local, enum zone_fit *fit)
{
    struct civil date;
    assert_int_equal(civil_parse(local, 10, &date), 0);
    return zone_find(&z, date, atoi(local + 11) * 60 + atoi(local + 14), fit);
}

static void check_found(const struct sight *s)
{
    enum zone_fit fit;
    char text[WALL_TEXT_MAX];
    wall_format(find(s->local, &fit), text);
    if (strcmp(text, s->utc) != 0 || fit != s->fit)
        fail_msg("%s %s: %s (%d), not %s (%d)", s->zone, s->local, text, fit, s->utc, s->fit);
}

static const struct sight sights[] = {
    /* Forward at 02:00 +01:00, back at 03:00 +02:00. */
    {"Europe/Paris", "2026-03-29 01:59", "2026-03-29T00:59:00Z", ZONE_ONCE},
    {"Europe/Paris", "2026-03-29 02:00", "2026-03-29T01:00:00Z", ZONE_SKIPPED},
    {"Europe/Paris", "2026-03-29 02:30", "2026-03-29T01:00:00Z", ZONE_SKIPPED},
    {"Europe/Paris", "2026-03-29 02:59", "2026-03-29T01:00:00Z", ZONE_SKIPPED},
    {"Europe/Paris", "2026-03-29 03:00", "2026-03-29T01:00:00Z", ZONE_ONCE},
    {"Europe/Paris", "2026-10-25 01:59", "2026-10-24T23:59:00Z", ZONE_ONCE},
    {"Europe/Paris", "2026-10-25 02:00", "2026-10-25T00:00:00Z", ZONE_TWICE},
    {"Europe/Paris", "2026-10-25 02:59", "2026-10-25T00:59:00Z", ZONE_TWICE},
    {"Europe/Paris", "2026-10-25 03:00", "2026-10-25T02:00:00Z", ZONE_ONCE},
    {"Europe/Paris", "2026-12-31 18:00", "2026-12-31T17:00:00Z", ZONE_ONCE},
    {"Europe/Paris", "2027-01-01 00:00", "2026-12-31T23:00:00Z", ZONE_ONCE},
    /* After the last change of the file: the last Sundays of March and October. */
    {"Europe/Paris", "2038-07-01 12:00", "2038-07-01T10:00:00Z", ZONE_ONCE},
    {"Europe/Paris", "2100-03-28 02:30", "2100-03-28T01:00:00Z", ZONE_SKIPPED},
    {"Europe/Paris", "2100-07-01 12:00", "2100-07-01T10:00:00Z", ZONE_ONCE},
    {"Europe/Paris", "2100-12-31 23:59", "2100-12-31T22:59:00Z", ZONE_ONCE},
    {"Europe/Paris", "9999-12-31 23:59", "9999-12-31T22:59:00Z", ZONE_ONCE},
    {"America/New_York", "2026-03-08 02:30", "2026-03-08T07:00:00Z", ZONE_SKIPPED},
    {"America/New_York", "2026-11-01 01:30", "2026-11-01T05:30:00Z", ZONE_TWICE},
    {"America/New_York", "2026-11-01 02:00", "2026-11-01T07:00:00Z", ZONE_ONCE},
    {"America/New_York", "2040-03-11 02:30", "2040-03-11T07:00:00Z", ZONE_SKIPPED},
    {"America/New_York", "2040-11-04 01:30", "2040-11-04T05:30:00Z", ZONE_TWICE},
    /* The other half of the year. */
    {"Australia/Sydney", "2026-10-04 02:30", "2026-10-03T16:00:00Z", ZONE_SKIPPED},
    {"Australia/Sydney", "2026-04-05 02:30", "2026-04-04T15:30:00Z", ZONE_TWICE},
    {"Australia/Sydney", "2026-12-31 18:00", "2026-12-31T07:00:00Z", ZONE_ONCE},
    {"Australia/Sydney", "2045-10-01 02:30", "2045-09-30T16:00:00Z", ZONE_SKIPPED},
    {"Australia/Sydney", "2045-04-02 02:30", "2045-04-01T15:30:00Z", ZONE_TWICE},
    /* Half an hour. */
    {"Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03T15:30:00Z", ZONE_SKIPPED},
    {"Australia/Lord_Howe", "2026-10-04 02:30", "2026-10-03T15:30:00Z", ZONE_ONCE},
    {"Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04T14:45:00Z", ZONE_TWICE},
    {"Australia/Lord_Howe", "2026-04-05 02:00", "2026-04-04T15:30:00Z", ZONE_ONCE},
    /* At midnight: a day that began at one, an evening that went on; then no more of it. */
    {"America/Sao_Paulo", "2018-11-04 00:00", "2018-11-04T03:00:00Z", ZONE_SKIPPED},
    {"America/Sao_Paulo", "2018-02-17 23:30", "2018-02-18T01:30:00Z", ZONE_TWICE},
    {"America/Sao_Paulo", "2019-12-01 00:00", "2019-12-01T03:00:00Z", ZONE_ONCE},
    {"America/Sao_Paulo", "2040-01-15 12:00", "2040-01-15T15:00:00Z", ZONE_ONCE},
    {"Asia/Tehran", "2022-03-22 00:30", "2022-03-21T20:30:00Z", ZONE_SKIPPED},
    {"Asia/Tehran", "2022-09-21 23:30", "2022-09-21T19:00:00Z", ZONE_TWICE},
    {"Asia/Tehran", "2026-03-22 00:30", "2026-03-21T21:00:00Z", ZONE_ONCE},
    /* Summer time is the normal one, winter or Ramadan the exception. (Of years that are over:
     * newer zone data may change what is to come.) */
    {"Africa/Casablanca", "2023-03-19 02:30", "2023-03-19T01:30:00Z", ZONE_TWICE},
    {"Africa/Casablanca", "2023-04-23 02:30", "2023-04-23T02:00:00Z", ZONE_SKIPPED},
    {"Africa/Casablanca", "2023-11-30 18:00", "2023-11-30T17:00:00Z", ZONE_ONCE},
    {"Europe/Dublin", "2026-03-29 01:30", "2026-03-29T01:00:00Z", ZONE_SKIPPED},
    {"Europe/Dublin", "2026-10-25 01:30", "2026-10-25T00:30:00Z", ZONE_TWICE},
    {"Europe/Dublin", "2050-03-27 01:30", "2050-03-27T01:00:00Z", ZONE_SKIPPED},
    {"Europe/Dublin", "2050-10-30 01:30", "2050-10-30T00:30:00Z", ZONE_TWICE},
    {"Europe/Dublin", "2050-07-01 12:00", "2050-07-01T11:00:00Z", ZONE_ONCE},
    /* A Friday that was left out: from Thursday 24:00 -10:00 to Saturday 00:00 +14:00. */
    {"Pacific/Apia", "2011-12-29 23:59", "2011-12-30T09:59:00Z", ZONE_ONCE},
    {"Pacific/Apia", "2011-12-30 00:00", "2011-12-30T10:00:00Z", ZONE_SKIPPED},
    {"Pacific/Apia", "2011-12-30 18:00", "2011-12-30T10:00:00Z", ZONE_SKIPPED},
    {"Pacific/Apia", "2011-12-31 00:00", "2011-12-30T10:00:00Z", ZONE_ONCE},
    {"Pacific/Apia", "2011-12-31 06:00", "2011-12-30T16:00:00Z", ZONE_ONCE},
    /* The rule's hour is negative: an hour before the last Sunday of March. */
    {"America/Nuuk", "2050-03-26 23:30", "2050-03-27T01:00:00Z", ZONE_SKIPPED},
    {"America/Nuuk", "2050-10-29 23:30", "2050-10-30T00:30:00Z", ZONE_TWICE},
    {"Asia/Kolkata", "2026-11-30 18:00", "2026-11-30T12:30:00Z", ZONE_ONCE},
    {"Asia/Kathmandu", "2026-11-30 18:00", "2026-11-30T12:15:00Z", ZONE_ONCE},
};

static void test_sights(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sights / sizeof *sights; i++) {
        if (!tzif_read_system(sights[i].zone, &z)) {
            print_message("skipped: there is no %s in /usr/share/zoneinfo\n", sights[i].zone);
            skip();
        }
        check_found(&sights[i]);
    }
}

static void test_utc(void **state)
{
    (void)state;
    static const struct sight s[] = {
        {"UTC", "1970-01-01 00:00", "1970-01-01T00:00:00Z", ZONE_ONCE},
        {"UTC", "2028-02-29 23:59", "2028-02-29T23:59:00Z", ZONE_ONCE},
    };
    zone_init_utc(&z);
    for (size_t i = 0; i < 2; i++)
        check_found(&s[i]);
    assert_int_equal(zone_offset(&z, (struct wall){INT64_MIN}), 0);
    assert_int_equal(zone_offset(&z, (struct wall){INT64_MAX}), 0);
}

static int parse(const struct tzif *t)
{
    struct buffer bytes;
    buffer_init(&bytes, 0);
    tzif_write(t, &bytes);
    char *exact = malloc(bytes.len); /* so that a read past the end is seen */
    memcpy(exact, bytes.data, bytes.len);
    int rc = zone_parse(&z, exact, bytes.len, &e);
    free(exact);
    buffer_release(&bytes);
    return rc;
}

static void show(const char *instant, const char *expected)
{
    struct wall at;
    struct zone_time t;
    char out[ZONE_TIME_TEXT_MAX];
    assert_int_equal(wall_parse(instant, &at), 0);
    zone_show(&z, at, &t);
    assert_string_equal(zone_time_format(&t, out), expected);
}

/* 1000000000 is 2001-09-09T01:46:40Z. */
static const struct tzif plain = {.version = '2',
                                  .types = {3600, -5400},
                                  .type_count = 2,
                                  .changes = {{1000000000, 1}},
                                  .change_count = 1,
                                  .footer = "<-0130>1:30"};

static void test_made_files(void **state)
{
    (void)state;
    struct tzif t = plain;
    assert_int_equal(parse(&t), 0);
    show("2001-09-09T01:46:39Z", "SUN 2001-09-09 02:46:39 +01:00");
    show("2001-09-09T01:46:40Z", "SUN 2001-09-09 00:16:40 -01:30");
    show("2001-09-09T03:00:00Z", "SUN 2001-09-09 01:30 -01:30");
    t.version = '\0'; /* 32 bits, nothing but the list */
    assert_int_equal(parse(&t), 0);
    show("2099-01-01T00:00:00Z", "WED 2098-12-31 22:30 -01:30");
    t.version = '4';
    t.footer = ""; /* what came last goes on */
    assert_int_equal(parse(&t), 0);
    show("2099-01-01T00:00:00Z", "WED 2098-12-31 22:30 -01:30");
    t.change_count = 0; /* the rule alone, or the first kind alone */
    assert_int_equal(parse(&t), 0);
    show("2099-01-01T00:00:00Z", "THU 2099-01-01 01:00 +01:00");
    t.footer = "EST5EDT,M3.2.0,M11.1.0";
    assert_int_equal(parse(&t), 0);
    show("2026-07-01T00:00:00Z", "TUE 2026-06-30 20:00 -04:00");
    show("1970-01-01T00:00:00Z", "WED 1969-12-31 19:00 -05:00");
}

static void test_footers(void **state)
{
    (void)state;
    static const struct {
        const char *footer, *instant, *shown;
    } good[] = {
        /* The 60th day but the 29th of February counted, or not. */
        {"AAA0BBB,J60/0,J300", "2028-02-29T12:00:00Z", "TUE 2028-02-29 12:00 +00:00"},
        {"AAA0BBB,J60/0,J300", "2028-03-01T00:00:00Z", "WED 2028-03-01 01:00 +01:00"},
        {"AAA0BBB,J59/0,J300", "2028-02-28T00:00:00Z", "MON 2028-02-28 01:00 +01:00"},
        {"AAA0BBB,59/0,300", "2028-02-29T00:00:00Z", "TUE 2028-02-29 01:00 +01:00"},
        {"AAA0BBB,59/0,300", "2027-03-01T00:00:00Z", "MON 2027-03-01 01:00 +01:00"},
        {"AAA0BBB,59/0,300", "2027-02-28T23:59:59Z", "SUN 2027-02-28 23:59:59 +00:00"},
        /* The fourth Thursday and 50 hours: Saturday, 2050-03-26, at two. */
        {"EET-2EEST,M3.4.4/50,M10.4.4/50", "2050-03-25T23:59:59Z",
         "SAT 2050-03-26 01:59:59 +02:00"},
        {"EET-2EEST,M3.4.4/50,M10.4.4/50", "2050-03-26T00:00:00Z", "SAT 2050-03-26 03:00 +03:00"},
        /* Summer time all the year, as RFC 9636 writes it. */
        {"STD3DST4,0/0,J365/23", "2027-01-01T02:59:59Z", "THU 2026-12-31 22:59:59 -04:00"},
        {"STD3DST4,0/0,J365/23", "2027-01-01T03:00:00Z", "THU 2026-12-31 23:00 -04:00"},
        {"STD3DST4,0/0,J365/23", "2028-12-31T23:00:00Z", "SUN 2028-12-31 19:00 -04:00"},
        /* Over the year's end, in both directions. */
        {"AAA0BBB,J1/-48,J100", "2026-12-29T23:59:59Z", "TUE 2026-12-29 23:59:59 +00:00"},
        {"AAA0BBB,J1/-48,J100", "2026-12-30T00:00:00Z", "WED 2026-12-30 01:00 +01:00"},
        {"AAA0BBB,J365/167,J100", "2027-01-06T22:59:59Z", "WED 2027-01-06 22:59:59 +00:00"},
        {"AAA0BBB,J365/167,J100", "2027-01-06T23:00:00Z", "THU 2027-01-07 00:00 +01:00"},
        {"<+0545>-5:45:30", "2026-01-01T00:00:00Z", "THU 2026-01-01 05:45:30 +05:45"},
    };
    static const char *const wrong[] = {"A",
                                        "AAA",
                                        "AAA25",
                                        "AAA0BBB",
                                        "AAA0BBB,J0,J5",
                                        "AAA0BBB,",
                                        "AAA0BBB,J1",
                                        "AAA0BBB,J1,",
                                        "AAA0BBB,J1,J366",
                                        "AAA0BBB,366,1",
                                        "<AAA0",
                                        "AAA0 ",
                                        "<>0",
                                        "AAA0BBB,J1,J2,J3",
                                        "AAA0BBB,M13.1.0,M1.1.0",
                                        "AAA0:60",
                                        "AAA0BBB,J1/168,J2",
                                        "AAA0BBB,M1.6.0,M2.1.0",
                                        "AAA0BBB,M1.1.7,M2.1.0",
                                        "AAA-",
                                        "<A B>0",
                                        "AAA0BBB-24:59:59,0,1x",
                                        "AAA000001"};
    struct tzif t = plain;
    t.change_count = 0;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        t.footer = good[i].footer;
        assert_int_equal(parse(&t), 0);
        show(good[i].instant, good[i].shown);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        t.footer = wrong[i];
        if (parse(&t) != ERR_FORMAT)
            fail_msg("%s", wrong[i]);
    }
}

static void test_contradictions(void **state)
{
    (void)state;
    struct tzif t = plain;
    t.leaps = 1;
    assert_int_equal(parse(&t), ERR_FORMAT);
    assert_non_null(strstr(e.text, "leap seconds"));
    t = plain;
    t.changes[0].type = 2;
    assert_int_equal(parse(&t), ERR_FORMAT);
    t = plain;
    t.types[1] = 93600;
    assert_int_equal(parse(&t), ERR_FORMAT);
    t.types[1] = INT32_MIN;
    assert_int_equal(parse(&t), ERR_FORMAT);
    t = plain;
    t.change_count = 2;
    t.changes[1] = t.changes[0];
    assert_int_equal(parse(&t), ERR_FORMAT);
    t = plain;
    t.type_count = 0;
    assert_int_equal(parse(&t), ERR_FORMAT);
    assert_int_equal(zone_offset(&z, (struct wall){0}), 0); /* UTC after an error */
    assert_int_equal(zone_parse(&z, "", 0, &e), ERR_FORMAT);
    assert_int_equal(zone_parse(&z, "# tzdata.zi", 11, &e), ERR_FORMAT);
}

static void check_beginnings(const struct buffer *bytes)
{
    for (size_t len = 0; len < bytes->len; len++) {
        char *cut = malloc(len + !len);
        memcpy(cut, bytes->data, len);
        assert_int_equal(zone_parse(&z, cut, len, &e), ERR_FORMAT);
        free(cut);
    }
}

/* Every beginning of a file is refused; every count that says more than is there, too. */
static void test_cut_files(void **state)
{
    (void)state;
    struct buffer bytes;
    struct tzif old = plain;
    buffer_init(&bytes, 0);
    old.version = '\0';
    tzif_write(&old, &bytes);
    check_beginnings(&bytes);
    buffer_clear(&bytes);
    tzif_write(&plain, &bytes);
    check_beginnings(&bytes);
    size_t second = 44 + 4 + 1 + 12 + 4; /* the first header and its block */
    assert_memory_equal(bytes.data + second, "TZif", 4);
    for (size_t header = 0; header <= second; header += second)
        for (size_t at = header + 20; at < header + 44; at += 4) {
            char kept = bytes.data[at];
            bytes.data[at] = (char)0xff;
            assert_true(zone_parse(&z, bytes.data, bytes.len, &e) < 0);
            bytes.data[at] = kept;
        }
    assert_int_equal(zone_parse(&z, bytes.data, bytes.len, &e), 0);
    buffer_release(&bytes);
}

/* Changes every half hour, in both directions: the first instant that shows the time or a later
 * one, found the slow way, minute by minute. */
static void test_many_changes(void **state)
{
    (void)state;
    struct tzif t = {.version = '2',
                     .types = {0, 7200, -3600, 93540},
                     .type_count = 4,
                     .change_count = 8,
                     .footer = "AAA0"};
    static const int types[] = {1, 0, 2, 1, 2, 0, 3, 0};
    for (unsigned i = 0; i < 8; i++)
        t.changes[i] = (struct tzif_change){86400 * 10 + 1800 * (int64_t)i, types[i]};
    assert_int_equal(parse(&t), 0);
    int64_t last_found = INT64_MIN;
    for (int64_t local = 86400 * 8; local < 86400 * 13; local += 420) {
        int64_t at = local - 100800;
        while (at + zone_offset(&z, (struct wall){at * 1000}) < local)
            at += 60;
        struct wall found = zone_find(&z, civil_from_days(local / SECONDS_A_DAY),
                                      (int)(local % SECONDS_A_DAY / 60), NULL);
        assert_int_equal(found.ms, at * 1000);
        assert_true(found.ms >= last_found);
        last_found = found.ms;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sights),         cmocka_unit_test(test_utc),
        cmocka_unit_test(test_made_files),     cmocka_unit_test(test_footers),
        cmocka_unit_test(test_contradictions), cmocka_unit_test(test_cut_files),
        cmocka_unit_test(test_many_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
