/* What a report tells besides the control totals: how fast it went, how long it took, who sent how much. */
#include "test.h"

#include "report/report_suppliers.h"
#include "report/report_times.h"

#include <stdio.h>
#include <string.h>

enum { MINUTE = 60 * 1000, DAY = 24 * 60 * MINUTE };

static void note(struct report_times *t, int64_t at, int64_t took)
{
    report_times_note(t, (struct wall){at - took}, (struct wall){at});
}

/* Two runs a month apart: the speed is that of the larger one, not what a month has to a minute. */
static void speed_is_of_one_stretch(void **state)
{
    struct report_times t = {0};
    const int64_t first = INT64_C(1000000) * MINUTE, second = first + 30 * (int64_t)DAY;
    (void)state;
    for (int i = 0; i < 5; i++)
        note(&t, first + i * 1000, 1000);
    for (int i = 9; i >= 0; i--) /* in no order */
        note(&t, second + i * 20 * 1000, 3000);
    report_times_finish(&t);
    assert_int_equal(t.speed.results, 10);
    assert_int_equal(t.speed.from.ms, second);
    assert_int_equal(t.speed.to.ms, second + 180 * 1000);
    assert_int_equal(t.speed.minutes_per_bar, 1);
    assert_int_equal(t.speed.bars, 4);
    assert_int_equal(t.speed.results_in[0], 3);
    assert_int_equal(t.speed.results_in[3], 1);
    assert_int_equal(t.speed.busiest, 3);
    assert_int_equal(t.speed.busiest_at.ms, second);
    assert_int_equal(report_times_average_tenths(&t), 25);
    report_times_release(&t);
}

static void pauses_part_stretches(void **state)
{
    const int64_t pause = REPORT_PAUSE_MINUTES * (int64_t)MINUTE;
    for (int longer = 0; longer < 2; longer++) {
        struct report_times t = {0};
        note(&t, DAY, 1);
        note(&t, DAY + pause + longer, 1);
        report_times_finish(&t);
        assert_int_equal(t.speed.results, longer ? 1 : 2);
        report_times_release(&t);
    }
    (void)state;
}

static void bars_are_bounded(void **state)
{
    struct report_times t = {0};
    int64_t sum = 0;
    (void)state;
    for (int i = 0; i < 20000; i++) /* half a year, a result every thirteen minutes */
        note(&t, DAY + i * (int64_t)13 * MINUTE, 1);
    report_times_finish(&t);
    assert_in_range(t.speed.bars, 10, REPORT_BARS_MAX);
    for (size_t i = 0; i < t.speed.bars; i++)
        sum += t.speed.results_in[i];
    assert_int_equal(sum, 20000);
    report_times_release(&t);
}

static void waits_are_counted(void **state)
{
    struct report_times t = {0};
    (void)state;
    for (int i = 1; i <= 100; i++)
        note(&t, DAY + i, i * 100);
    report_times_note(&t, (struct wall){0},
                      (struct wall){DAY}); /* nobody knows when it was taken */
    report_times_note(&t, (struct wall){DAY + 1}, (struct wall){DAY}); /* the clock was put back */
    report_times_finish(&t);
    assert_int_equal(t.wait_count, 100);
    assert_int_equal(t.took.median_ms, 5000);
    assert_int_equal(t.took.most_ms, 9500);
    assert_int_equal(t.took.longest_ms, 10000);
    assert_int_equal(t.took.in[0], 19); /* below 2 s */
    assert_int_equal(t.took.in[1], 30);
    assert_int_equal(t.took.in[2], 50);
    assert_int_equal(t.took.in[3], 1); /* 10 s aren't below 10 s */
    assert_int_equal(t.speed.results, 102);
    report_times_release(&t);
}

static void nothing_is_nothing(void **state)
{
    struct report_times t = {0};
    (void)state;
    report_times_finish(&t);
    assert_int_equal(t.speed.results, 0);
    report_times_release(&t);
}

static struct cell text(const char *words)
{
    return (struct cell){CELL_TEXT, words, strlen(words)};
}

static struct cell number(const char *words)
{
    return (struct cell){CELL_NUMBER, words, strlen(words)};
}

static void came(struct report_suppliers *s, const char *name, const char *currency,
                 const char *total)
{
    const struct cell code = text(currency), amount = number(total);
    report_suppliers_note(s, name, strlen(name), &code, &amount);
}

static void suppliers_are_one_by_their_key(void **state)
{
    struct report_suppliers *s = report_suppliers_new();
    char sum[DECIMAL_TEXT_MAX];
    size_t count;
    (void)state;
    came(s, "Müller & Söhne GmbH", "EUR", "0.1");
    came(s, "Acme Ltd", "GBP", "5");
    came(s, "MUELLER UND SOEHNE G.m.b.H.", "EUR", "0.2");
    came(s, "Müller & Söhne GmbH", "CHF", "7");
    came(s, "***", "EUR", "1");
    came(s, "///", "EUR", "1"); /* no letter in either, and not the same for that */
    report_suppliers_note(s, NULL, 0, NULL, NULL);
    const struct report_supplier *const *list = report_suppliers_list(s, &count);
    assert_int_equal(count, 4);
    assert_string_equal(list[0]->name, "Müller & Söhne GmbH");
    assert_int_equal(list[0]->records, 3);
    assert_int_equal(list[0]->sum_count, 2);
    assert_string_equal(decimal_format(list[0]->sums[0].total, 2, sum), "0.30");
    assert_string_equal(list[0]->sums[1].code, "CHF");
    assert_int_equal(report_suppliers_unnamed(s), 1);
    report_suppliers_free(s);
}

static void suppliers_are_bounded(void **state)
{
    struct report_suppliers *s = report_suppliers_new();
    size_t count;
    (void)state;
    for (int i = 0; i < 200; i++) {
        char name[16], code[8];
        snprintf(name, sizeof name, "Supplier %d", i % 70);
        snprintf(code, sizeof code, "C%d", i);
        came(s, name, code, "1");
        came(s, "Many currencies", code, "1");
    }
    const struct report_supplier *const *list = report_suppliers_list(s, &count);
    assert_int_equal(count, REPORT_SUPPLIERS_SHOWN);
    assert_int_equal(report_suppliers_count(s), 71);
    assert_string_equal(list[0]->name, "Many currencies");
    assert_int_equal(list[0]->sum_count, REPORT_SUPPLIER_SUMS);
    assert_int_equal(list[0]->not_summed, 200 - REPORT_SUPPLIER_SUMS);
    report_suppliers_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(speed_is_of_one_stretch), cmocka_unit_test(pauses_part_stretches),
        cmocka_unit_test(bars_are_bounded),        cmocka_unit_test(waits_are_counted),
        cmocka_unit_test(nothing_is_nothing),      cmocka_unit_test(suppliers_are_one_by_their_key),
        cmocka_unit_test(suppliers_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
