/* columns: a set that grows, what is kept of values, and sets that are put together. */
#include "base/error.h"
#include "tables/columns.h"
#include "tables/flatten.h"
#include "tables/value_facts.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void finds_what_was_put(void **state)
{
    struct columns *c = columns_new();
    uint32_t lines, again, a, b;
    (void)state;
    assert_string_equal(columns_table(c, 0)->name, "documents");
    assert_int_equal(columns_put_table(c, "lines", 1, &lines), 0);
    assert_int_equal(columns_put_table(c, "lines", 2, &again), 0);
    assert_int_equal(again, lines);
    assert_int_equal(columns_table(c, lines)->levels, 2);
    assert_int_equal(columns_put_table(c, "lines", 1, &again), 0);
    assert_int_equal(columns_table(c, lines)->levels, 2);
    assert_int_equal(columns_put(c, 0, "lines", &a), 0);
    assert_int_equal(columns_put(c, lines, "lines", &b), 0);
    assert_int_not_equal(a, b);
    assert_int_equal(columns_put(c, 0, "lines", &again), 0);
    assert_int_equal(again, a);
    assert_int_equal(columns_get(c, b)->table, lines);
    assert_int_equal(columns_count(c), 2);
    assert_int_equal(columns_table_count(c), 2);
    columns_free(c);
}

static void has_a_limit(void **state)
{
    struct columns *c = columns_new();
    char name[COLUMN_NAME_MAX + 2];
    uint32_t id;
    int r = 0;
    (void)state;
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_int_equal(columns_put(c, 0, name, &id), ERR_LIMIT);
    name[COLUMN_NAME_MAX] = '\0';
    assert_int_equal(columns_put(c, 0, name, &id), 0);
    /* long names, until they are too many bytes */
    int count = 1;
    for (; r == 0 && count < 2000; count++) {
        name[count / 26] = (char)('A' + count % 26); /* one that hasn't been there */
        r = columns_put(c, 0, name, &id);
    }
    assert_int_equal(r, ERR_LIMIT);
    assert_true(count > COLUMNS_NAMES_MAX / COLUMN_NAME_MAX - 3);
    columns_free(c);
    /* short ones, until they are too many */
    c = columns_new();
    for (count = 1, r = 0; r == 0; count++) {
        snprintf(name, 16, "%d", count);
        r = columns_put(c, 0, name, &id);
    }
    assert_int_equal(r, ERR_LIMIT);
    assert_int_equal(columns_count(c) + columns_table_count(c), COLUMNS_MAX);
    assert_int_equal(columns_put(c, 0, "1", &id), 0);
    columns_free(c);
}

static void see(struct columns *c, const char *value, int64_t result)
{
    struct flat_document *doc = flat_document_new();
    struct error e;
    char json[512];
    int len = snprintf(json, sizeof json,
                       "{\"inference\":{\"result\":{\"fields\":{\"a\":{\"value\":%s}}}}}", value);
    if (flatten(doc, c, NULL, json, (size_t)len, &e) != 0)
        fail_msg("%s", e.text);
    columns_see(c, doc, result);
    flat_document_free(doc);
}

static void learns_from_values(void **state)
{
    struct columns *c = columns_new();
    (void)state;
    see(c, "null", 3);
    const struct column *a = columns_get(c, 0);
    assert_int_equal(a->saw, 0);
    assert_int_equal(a->filled + a->first_result + a->last_result, 0);
    assert_string_equal(a->example, "");
    see(c, "-12.50", 7);
    assert_int_equal(a->saw, COLUMN_SAW_NUMBER);
    assert_int_equal(a->decimals, 2);
    assert_int_equal(a->width, 6);
    assert_string_equal(a->example, "-12.50");
    see(c, "1e-7", 5);
    assert_int_equal(a->decimals, 7);
    assert_int_equal(a->width, 9);
    assert_string_equal(a->example, "1e-7"); /* an older result's */
    see(c, "1E99999", 9);
    see(c, "1.5e99999", 9);
    assert_int_equal(a->decimals, 7);
    assert_int_equal(a->saw, COLUMN_SAW_NUMBER);
    see(c, "\"2026-02-28\"", 6);
    assert_int_equal(a->saw, COLUMN_SAW_NUMBER | COLUMN_SAW_DATE);
    see(c, "\"2026-02-29\"", 6);
    see(c, "true", 6);
    see(c, "[1]", 6);
    assert_int_equal(a->saw, COLUMN_SAW_NUMBER | COLUMN_SAW_DATE | COLUMN_SAW_TEXT |
                                 COLUMN_SAW_BOOLEAN | COLUMN_SAW_JSON);
    assert_int_equal(a->filled, 8);
    assert_int_equal(a->first_result, 5);
    assert_int_equal(a->last_result, 9);
    columns_free(c);
}

static void cuts_examples_at_a_character(void **state)
{
    char text[COLUMN_EXAMPLE_MAX + 8], out[COLUMN_EXAMPLE_MAX];
    (void)state;
    for (size_t before = COLUMN_EXAMPLE_MAX - 5; before < COLUMN_EXAMPLE_MAX + 1; before++) {
        memset(text, 'x', sizeof text);
        memcpy(text + before, "\xe2\x82\xac", 3);
        struct cell v = {CELL_TEXT, text, before + 3};
        value_example(&v, out);
        assert_int_equal(strlen(out), before + 3 < COLUMN_EXAMPLE_MAX ? before + 3
                                      : before < COLUMN_EXAMPLE_MAX   ? before
                                                                      : COLUMN_EXAMPLE_MAX - 1);
    }
    struct cell v = {CELL_TEXT, "a\0b", 3};
    value_example(&v, out);
    assert_string_equal(out, "a b");
}

static void knows_real_days(void **state)
{
    static const char *const days[] = {"2024-02-29", "2000-02-29", "0001-01-01", "9999-12-31"};
    static const char *const none[] = {"2023-02-29", "1900-02-29", "2026-13-01", "2026-00-10",
                                       "2026-04-31", "2026-1-01",  "2026/01/01", "0000-01-01",
                                       "2026-01-0x", "",           "2026-01-011"};
    (void)state;
    for (size_t i = 0; i < sizeof days / sizeof *days; i++)
        assert_true(value_is_date(days[i], strlen(days[i])));
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_false(value_is_date(none[i], strlen(none[i])));
}

static void joins_sets(void **state)
{
    struct columns *c = columns_new(), *other = columns_new();
    uint32_t table, column;
    (void)state;
    see(c, "1.5", 10);
    assert_int_equal(columns_put_table(other, "lines", 1, &table), 0);
    assert_int_equal(columns_put(other, table, "x", &column), 0);
    see(other, "\"long text\"", 4);
    assert_int_equal(columns_join(c, other), 0);
    assert_int_equal(columns_table_count(c), 2);
    assert_int_equal(columns_count(c), 2);
    const struct column *a = columns_get(c, 0);
    assert_int_equal(a->saw, COLUMN_SAW_NUMBER | COLUMN_SAW_TEXT);
    assert_int_equal(a->width, 9);
    assert_int_equal(a->decimals, 1);
    assert_int_equal(a->filled, 2);
    assert_int_equal(a->first_result, 4);
    assert_int_equal(a->last_result, 10);
    assert_string_equal(a->example, "long text"); /* the older one's */
    assert_string_equal(columns_get(c, 1)->name, "x");
    assert_string_equal(columns_table(c, columns_get(c, 1)->table)->name, "lines");
    columns_free(c);
    columns_free(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_was_put), cmocka_unit_test(has_a_limit),
        cmocka_unit_test(learns_from_values), cmocka_unit_test(cuts_examples_at_a_character),
        cmocka_unit_test(knows_real_days),    cmocka_unit_test(joins_sets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
