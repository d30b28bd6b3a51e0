/* What a ledger cost as rows: prices with decimals, days where clocks change, what is chosen of it, and
 * sums that aren't the ledger's. */
#include "export/credit_rows.h"
#include "ledger/document_ledger.h"

#include "ledger_fixture.h"
#include "tzif.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HOUR_MS = 3600000 };
static const int64_t october_25 = INT64_C(20751) * 86400000; /* of 2026: clocks go back in Berlin */

static struct zone utc;

static void store_at(struct fixture *f, const char *name, int64_t at, int64_t price, int pages)
{
    int attempt;
    char alias[LEDGER_ALIAS_MAX];
    fixture_now_ms = at;
    int64_t id = fixture_put(f, name, name, NULL);
    assert_ok(f->l, ledger_attempt_start(f->l, id, (struct credits){price}, &attempt, alias));
    fixture_step(f, id, DOC_QUEUED, DOC_SUBMITTING, EV_ADMIT, attempt);
    assert_ok(f->l, ledger_attempt_accepted(f->l, id, attempt, "job"));
    fixture_step(f, id, DOC_SUBMITTING, DOC_PROCESSING, EV_ACCEPTED, attempt);
    fixture_step(f, id, DOC_PROCESSING, DOC_READY, EV_JOB_READY, attempt);
    assert_ok(f->l, ledger_result_put(f->l, id, "{}", 2, pages));
    assert_ok(f->l, ledger_attempt_end(f->l, id, attempt, ATTEMPT_JOB_DONE, 200, NULL));
    fixture_step(f, id, DOC_READY, DOC_STORED, EV_RESULT, attempt);
}

/* To be released. */
static struct credit_rows rows_of(struct fixture *f, const struct credit_options *options)
{
    struct credit_rows rows;
    struct error e;
    if (credit_rows_read(&rows, f->l, options, &e))
        fail_msg("%s", e.text);
    return rows;
}

static void exact_to_the_millionth(void **state)
{
    struct fixture *f = *state;
    struct layout_column columns[CREDITS_COLUMNS_MOST];
    struct credit_cells cells;
    struct error e;
    struct credit_options options = {.zone = &utc, .price = credits_of(1)};
    store_at(f, "a", october_25, 100000, 3);
    store_at(f, "b", october_25, 333333, 3);
    struct credit_rows rows = rows_of(f, &options);
    struct ledger_counts counts = fixture_counts(f);
    assert_int_equal(credit_rows_check(&rows, &counts, &e), 0);
    assert_int_equal(rows.count, 1);
    credit_row_cells(&rows, &rows.rows[0], 0, &cells);
    assert_string_equal(cells.cells[2].text, "1.299999");
    size_t count = credit_columns_fit(&rows, 0, columns);
    assert_string_equal(columns[2].name, "confirmed");
    assert_int_equal(columns[2].decimals, 6);
    assert_int_equal(columns[0].decimals, 0);
    assert_int_equal(columns[1].decimals, 6); /* planned, a page each */
    assert_int_equal(credit_columns(0, columns), count);
    counts.credits.micro++;
    assert_int_equal(credit_rows_check(&rows, &counts, &e), ERR_DAMAGED);
    assert_non_null(strstr(e.text, "come to 1.299999, the ledger's numbers to 1.3"));
    counts.credits.micro--;
    counts.credits_at_risk.micro++;
    assert_int_equal(credit_rows_check(&rows, &counts, &e), ERR_DAMAGED);
    credit_rows_release(&rows);
}

/* The day has 25 hours; its first two are the day before in UTC. */
static void days_of_the_zone(void **state)
{
    struct fixture *f = *state;
    struct zone *berlin = calloc(1, sizeof *berlin);
    struct credit_cells cells;
    if (!tzif_read_system("Europe/Berlin", berlin)) {
        free(berlin);
        skip();
    }
    struct credit_options options = {.by = CREDITS_BY_DAY, .zone = berlin, .price = credits_of(1)};
    store_at(f, "a", october_25 - 2 * (int64_t)HOUR_MS, CREDIT_MICROS, 1);
    store_at(f, "b", october_25 - 2 * (int64_t)HOUR_MS - 1, CREDIT_MICROS, 2);
    store_at(f, "c", october_25 + 23 * (int64_t)HOUR_MS - 1, CREDIT_MICROS, 4);
    store_at(f, "d", october_25 + 23 * (int64_t)HOUR_MS, CREDIT_MICROS, 8);
    struct credit_rows rows = rows_of(f, &options);
    static const struct {
        const char *day, *begins_at;
        int confirmed, confirmed_utc;
    } expected[] = {{"2026-10-24", "2026-10-23T22:00:00Z", 2, 3},
                    {"2026-10-25", "2026-10-24T22:00:00Z", 5, 12},
                    {"2026-10-26", "2026-10-25T23:00:00Z", 8, 0}};
    assert_int_equal(rows.count, 3);
    for (size_t i = 0; i < 3; i++) {
        credit_row_cells(&rows, &rows.rows[i], CREDITS_BY_DAY, &cells);
        assert_string_equal(cells.cells[0].text, expected[i].day);
        assert_string_equal(cells.cells[1].text, expected[i].begins_at);
        assert_int_equal(rows.rows[i].bill.confirmed.micro,
                         credits_of(expected[i].confirmed).micro);
        assert_int_equal(rows.rows[i].confirmed_utc.micro,
                         credits_of(expected[i].confirmed_utc).micro);
    }
    credit_rows_release(&rows);
    free(berlin);
}

static void what_was_chosen(void **state)
{
    struct fixture *f = *state;
    struct credit_options options = {.by = CREDITS_BY_ALL, .zone = &utc, .price = credits_of(1)};
    store_at(f, "a", october_25, CREDIT_MICROS, 1);
    store_at(f, "b", october_25 + HOUR_MS, CREDIT_MICROS, 2);
    store_at(f, "c", october_25 + 2 * (int64_t)HOUR_MS, CREDIT_MICROS, 4);
    options.since.ms = october_25 + HOUR_MS;
    struct credit_rows rows = rows_of(f, &options);
    assert_int_equal(rows.sum.confirmed.micro, credits_of(6).micro);
    credit_rows_release(&rows);
    const int64_t documents[] = {1, 3};
    options.since.ms = 0;
    options.documents = documents;
    options.document_count = 2;
    rows = rows_of(f, &options);
    assert_int_equal(rows.sum.confirmed.micro, credits_of(5).micro);
    assert_int_equal(rows.count, 1);
    credit_rows_release(&rows);
    options.documents = NULL;
    options.period = "2026-10"; /* they belong to none */
    rows = rows_of(f, &options);
    assert_int_equal(rows.count, 0);
    credit_rows_release(&rows);
}

/* Many days that come in no order: each has one row, in order. */
static void rows_are_in_order(void **state)
{
    struct fixture *f = *state;
    struct credit_options options = {.by = CREDITS_BY_DAY, .zone = &utc, .price = credits_of(1)};
    for (int i = 0; i < 200; i++) {
        char name[16];
        snprintf(name, sizeof name, "%d", i);
        store_at(f, name, october_25 + (int64_t)(i * 37 % 50) * 24 * HOUR_MS, CREDIT_MICROS, 1);
    }
    struct credit_rows rows = rows_of(f, &options);
    assert_int_equal(rows.count, 50);
    for (size_t i = 0; i < rows.count; i++) {
        assert_int_equal(rows.rows[i].bill.confirmed.micro, credits_of(4).micro);
        if (i)
            assert_int_equal(civil_to_days(rows.rows[i].day),
                             civil_to_days(rows.rows[i - 1].day) + 1);
    }
    credit_rows_release(&rows);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    zone_init_utc(&utc);
    const struct CMUnitTest tests[] = {
        TEST(exact_to_the_millionth),
        TEST(days_of_the_zone),
        TEST(what_was_chosen),
        TEST(rows_are_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
