/* What a result says, by path. */
#include <mindee.h>

#include "test.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESULT(fields) "{\"inference\":{\"result\":{\"fields\":{" fields "}}}}"

static const char invoice[] = RESULT(
    "\"total_amount\":{\"value\":1234.50,\"confidence\":\"High\",\"locations\":[{\"page\":1,\"polygon\":"
    "[[0.1, 0.25],[0.5,0.25] , [0.5,3e-1]]},{\"page\":2}]},"
    "\"name\":{\"value\":\"caf\\u00e9 \\\"x\\\"\\u0000\",\"confidence\":null},"
    "\"none\":{\"value\":null},\"yes\":{\"value\":true},\"big\":{\"value\":12345678901234567890.10},"
    "\"address\":{\"fields\":{\"city\":{\"value\":\"Ulm\"},\"zip\":{\"value\":\"0123\"}}},"
    "\"lines\":{\"items\":[{\"fields\":{\"price\":{\"value\":1}}},{\"fields\":{\"price\":{\"value\":2e0}}}]},"
    "\"words\":{\"items\":[{\"value\":\"a\"},{\"value\":\"b\"}]}");

static struct mindee_fields *parse(const char *json)
{
    struct mindee_fields *f;
    assert_int_equal(mindee_fields_parse(json, strlen(json), &f), 0);
    return f;
}

static void values_by_path(void **state)
{
    static const struct {
        const char *path, *text;
        double number;
        enum mindee_field_kind kind;
        size_t count;
    } rows[] = {
        {"total_amount", "1234.50", 1234.5, MINDEE_FIELD_NUMBER, 0},
        {"name", "caf\xc3\xa9 \"x\"\xef\xbf\xbd", 0, MINDEE_FIELD_STRING, 0},
        {"none", "", 0, MINDEE_FIELD_NULL, 0},
        {"yes", "true", 0, MINDEE_FIELD_BOOLEAN, 0},
        {"big", "12345678901234567890.10", 12345678901234567890.10, MINDEE_FIELD_NUMBER, 0},
        {"address", "", 0, MINDEE_FIELD_OBJECT, 2},
        {"address.city", "Ulm", 0, MINDEE_FIELD_STRING, 0},
        {"address.zip", "0123", 0, MINDEE_FIELD_STRING, 0},
        {"lines", "", 0, MINDEE_FIELD_LIST, 2},
        {"lines[1]", "", 0, MINDEE_FIELD_OBJECT, 1},
        {"lines[1].price", "2e0", 2, MINDEE_FIELD_NUMBER, 0},
        {"words[0]", "a", 0, MINDEE_FIELD_STRING, 0},
        {"", "", 0, MINDEE_FIELD_OBJECT, 8},
    };
    (void)state;
    struct mindee_fields *f = parse(invoice);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct mindee_field *field = mindee_fields_get(f, rows[i].path);
        assert_non_null(field);
        assert_int_equal(field->kind, rows[i].kind);
        assert_string_equal(field->text, rows[i].text);
        assert_true(field->number == rows[i].number);
        assert_int_equal(field->count, rows[i].count);
        assert_ptr_equal(mindee_fields_get(f, rows[i].path), field);
    }
    mindee_fields_free(f);
}

static void what_isnt_there(void **state)
{
    static const char *const paths[] = {
        "no",
        "total_amount.x",
        "total_amount[0]",
        "lines[2]",
        "lines[",
        "lines[]",
        "lines[x]",
        "lines[0",
        "lines.0",
        "lines[0]price",
        ".",
        "address.",
        ".address",
        "address..city",
        "[0]",
        "lines[99999999999999999999]",
        "lines[-1]",
        "fields[0]",
    };
    (void)state;
    struct mindee_fields *f = parse(invoice);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        if (mindee_fields_get(f, paths[i]))
            fail_msg("%s is there", paths[i]);
    mindee_fields_free(f);
    mindee_fields_free(NULL);
}

static void confidence_and_places(void **state)
{
    (void)state;
    struct mindee_fields *f = parse(invoice);
    const struct mindee_field *total = mindee_fields_get(f, "total_amount");
    assert_string_equal(total->confidence, "High");
    assert_string_equal(total->name, "total_amount");
    assert_string_equal(mindee_fields_get(f, "name")->confidence, "");
    assert_int_equal(total->location_count, 2);
    assert_int_equal(total->locations[0].page, 1);
    assert_int_equal(total->locations[0].point_count, 3);
    assert_true(total->locations[0].points[0][0] == 0.1);
    assert_true(total->locations[0].points[2][1] == 0.3);
    assert_int_equal(total->locations[1].page, 2);
    assert_int_equal(total->locations[1].point_count, 0);
    mindee_fields_free(f);
}

static void one_after_the_other(void **state)
{
    (void)state;
    struct mindee_fields *f = parse(invoice);
    const struct mindee_field *all = mindee_fields_get(f, "");
    assert_string_equal(mindee_fields_at(f, all, 1)->name, "name");
    assert_string_equal(mindee_fields_at(f, all, 7)->name, "words");
    assert_null(mindee_fields_at(f, all, 8));
    const struct mindee_field *lines = mindee_fields_get(f, "lines");
    const struct mindee_field *line = mindee_fields_at(f, lines, 1);
    assert_string_equal(line->name, "");
    assert_string_equal(mindee_fields_at(f, line, 0)->text, "2e0");
    assert_null(mindee_fields_at(f, mindee_fields_get(f, "yes"), 0));
    mindee_fields_free(f);
}

static void results_without_fields(void **state)
{
    (void)state;
    struct mindee_fields *f = parse(
        "{\"inference\":{\"result\":{\"splits\":[{\"page_range\":[0,1],\"document_type\":\"invoice\","
        "\"extraction_response\":{\"inference\":{\"result\":{\"fields\":{\"total\":{\"value\":5}}}}}}]}}}");
    assert_string_equal(mindee_fields_get(f, "splits[0].document_type")->text, "invoice");
    assert_int_equal(mindee_fields_get(f, "splits")->count, 1);
    assert_string_equal(
        mindee_fields_get(f, "splits[0].extraction_response.inference.result.total")->text, "5");
    mindee_fields_free(f);
}

/* A program that writes 0,5 reads 0.5 all the same. */
static void in_any_locale(void **state)
{
    (void)state;
    if (!setlocale(LC_NUMERIC, "de_DE.UTF-8"))
        return;
    struct mindee_fields *f = parse(invoice);
    assert_true(mindee_fields_get(f, "total_amount")->number == 1234.5);
    mindee_fields_free(f);
    setlocale(LC_NUMERIC, "C");
}

static void no_results(void **state)
{
    static const char *const bodies[] = {"",
                                         "{}",
                                         "[]",
                                         "7",
                                         "{\"inference\":{}}",
                                         "nonsense",
                                         "{\"inference\":{\"result\":[]}}",
                                         "{\"inference\":{\"result\":{}}"};
    struct mindee_fields *f;
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        assert_int_equal(mindee_fields_parse(bodies[i], strlen(bodies[i]), &f), -1);
        assert_null(f);
    }
    for (size_t len = 0; len < sizeof invoice - 1; len++)
        assert_int_equal(mindee_fields_parse(invoice, len, &f), -1);
    f = parse("{\"inference\":{\"result\":{}}}");
    assert_int_equal(mindee_fields_get(f, "")->count, 0);
    mindee_fields_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_by_path),
        cmocka_unit_test(what_isnt_there),
        cmocka_unit_test(confidence_and_places),
        cmocka_unit_test(one_after_the_other),
        cmocka_unit_test(results_without_fields),
        cmocka_unit_test(in_any_locale),
        cmocka_unit_test(no_results),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
