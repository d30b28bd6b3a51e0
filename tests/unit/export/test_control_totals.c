/* The numbers by which a reader of an export sees that nothing is missing. */
#include "test.h"

#include "export/control_totals.h"

#include <stdio.h>
#include <string.h>

static const struct ledger_counts counts = {
    .files = 7,
    .documents = 5,
    .duplicates = 2,
    .by_state = {[DOC_STORED] = 2, [DOC_FAILED] = 1, [DOC_QUEUED] = 1},
    .dismissed = 1,
};

static struct cell number(const char *text)
{
    return (struct cell){CELL_NUMBER, text, strlen(text)};
}

static struct cell text(const char *words)
{
    return (struct cell){CELL_TEXT, words, strlen(words)};
}

static void record(struct control_totals *c, const char *currency, const char *net,
                   const char *total)
{
    struct cell code = text(currency), amounts[] = {number(net), number(total)};
    control_totals_record(c, REVIEW_READY, *currency ? &code : NULL, &amounts[0], NULL,
                          &amounts[1]);
}

static void assert_json(const struct control_totals *c, const char *expected)
{
    struct buffer b;
    buffer_init(&b, 0);
    control_totals_json(&b, c);
    if (!strstr(buffer_text(&b), expected))
        fail_msg("%s isn't in %s", expected, buffer_text(&b));
    buffer_release(&b);
}

static void sums_by_currency(void **state)
{
    struct control_totals c;
    struct error e;
    (void)state;
    control_totals_init(&c, &counts, true);
    control_totals_document(&c, 3);
    control_totals_document(&c, 0);
    record(&c, "EUR", "0.1", "0.2");
    record(&c, "EUR", "0.2", "1881.3");
    record(&c, "JPY", "100", "110.0");
    assert_int_equal(control_totals_check(&c, &e), 0);
    assert_json(&c, "\"files\":7,\"documents\":5,\"duplicates\":2,\"queued\":1,\"processing\":0,"
                    "\"stored\":2,\"failed\":1,\"rejected\":0,\"lost\":0,\"in_doubt\":0,"
                    "\"dismissed\":1,\"records\":3,\"without_record\":1,\"not_summed\":0,");
    assert_json(&c, "{\"currency\":\"EUR\",\"records\":2,\"net\":\"0.30\",\"tax\":\"0.00\","
                    "\"total\":\"1881.50\"},{\"currency\":\"JPY\",\"records\":1,\"net\":\"100\","
                    "\"tax\":\"0\",\"total\":\"110\"}");
    control_totals_release(&c);
}

static void what_is_open(void **state)
{
    struct control_totals c;
    struct error e;
    struct cell eur = text("EUR"), net = number("84.03"), total = number("100");
    (void)state;
    control_totals_init(&c, &counts, true);
    assert_json(&c, "\"currencies\":[]}"); /* reviews are off */
    c.reviewed = true;
    control_totals_document(&c, 2);
    control_totals_document(&c, 1);
    control_totals_record(&c, REVIEW_OPEN, &eur, &net, NULL, &total);
    control_totals_record(&c, REVIEW_LATER, &eur, &net, NULL, &total);
    control_totals_record(&c, REVIEW_READY, NULL, NULL, NULL, NULL);
    assert_int_equal(control_totals_check(&c, &e), 0);
    assert_json(&c, "\"total\":\"200.00\",\"open\":{\"records\":1,\"net\":\"84.03\","
                    "\"tax\":\"0.00\",\"total\":\"100.00\"}}");
    assert_json(&c, "],\"status\":{\"ready\":1,\"review\":1,\"accepted\":0,\"corrected\":0,"
                    "\"rejected\":0,\"later\":1}}");
    c.states[REVIEW_OPEN]--;
    assert_int_equal(control_totals_check(&c, &e), ERR_DAMAGED);
    assert_non_null(strstr(e.text, "records are those of all states"));
    control_totals_release(&c);
}

static void what_is_in_no_sum(void **state)
{
    struct control_totals c;
    (void)state;
    struct cell currency = {CELL_NULL, NULL, 0}, words = text("1.234,50"),
                null = {CELL_NULL, NULL, 0}, long_one = number("1234567890123456789");
    control_totals_init(&c, &counts, true);
    control_totals_record(&c, REVIEW_READY, &currency, &words, &null, &long_one);
    assert_int_equal(c.not_summed, 2);
    assert_json(&c, "{\"currency\":\"\",\"records\":1,\"net\":\"0.00\"");
    control_totals_release(&c);
}

static void what_does_not_add_up(void **state)
{
    struct ledger_counts wrong = counts;
    struct control_totals c;
    struct error e;
    (void)state;
    control_totals_init(&c, &counts, true);
    assert_int_equal(control_totals_check(&c, &e), ERR_DAMAGED); /* no stored document was read */
    assert_non_null(strstr(e.text, "2 is not 0"));
    control_totals_init(&c, &counts, false);
    assert_int_equal(control_totals_check(&c, &e), 0); /* they weren't all asked for */
    control_totals_document(&c, 1);
    assert_int_equal(control_totals_check(&c, &e), ERR_DAMAGED);
    assert_non_null(strstr(e.text, "currencies"));
    wrong.duplicates = 1;
    control_totals_init(&c, &wrong, false);
    assert_int_equal(control_totals_check(&c, &e), ERR_DAMAGED);
    wrong = counts;
    wrong.dismissed = 0;
    control_totals_init(&c, &wrong, false);
    assert_int_equal(control_totals_check(&c, &e), ERR_DAMAGED);
}

static void more_currencies_than_there_are(void **state)
{
    struct control_totals c;
    char code[16];
    int64_t records = 0;
    (void)state;
    control_totals_init(&c, &counts, false);
    for (int i = 0; i < 3000; i++) {
        snprintf(code, sizeof code, "X%d", i);
        record(&c, code, "1", "1");
    }
    for (size_t i = 0; i < c.currency_count; i++)
        records += c.currencies[i].records;
    assert_int_equal(records, 3000);
    assert_true(c.currency_count < 1100);
    assert_json(&c, "\"currency\":\"other\"");
    control_totals_release(&c);
}

static void a_long_code_is_cut_at_a_character(void **state)
{
    struct control_totals c;
    (void)state;
    control_totals_init(&c, &counts, false);
    record(&c, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxäöü", "1", "1");
    assert_string_equal(c.currencies[0].code, "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
    control_totals_release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_by_currency),
        cmocka_unit_test(what_is_open),
        cmocka_unit_test(what_is_in_no_sum),
        cmocka_unit_test(what_does_not_add_up),
        cmocka_unit_test(more_currencies_than_there_are),
        cmocka_unit_test(a_long_code_is_cut_at_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
