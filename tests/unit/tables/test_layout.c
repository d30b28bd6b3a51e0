/* The tables of an export: which columns, in which order, and rows with a cell for each. */
#include "test.h"

#include "tables/column_order.h"
#include "tables/columns.h"
#include "tables/dense_row.h"
#include "tables/layout.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char invoice[] =
    "{\"inference\":{\"model\":{\"id\":\"m1\"},\"result\":{\"fields\":{"
    "\"zeta\":{\"value\":\"z\"},\"paid\":{\"value\":true,\"confidence\":\"High\"},"
    "\"total_amount\":{\"value\":12.50,\"confidence\":\"Certain\","
    "  \"locations\":[{\"page\":1,\"polygon\":[]}]},"
    "\"supplier_name\":{\"value\":\"Acme\"},\"date\":{\"value\":\"2026-11-30\"},"
    "\"locale\":{\"fields\":{\"currency\":{\"value\":\"EUR\"}}},"
    "\"line_items\":{\"items\":[{\"fields\":{\"quantity\":{\"value\":2},\"note\":{\"value\":\"n\"},"
    "  \"description\":{\"value\":\"Paper\"}}},{\"fields\":{\"quantity\":{\"value\":null}}}]},"
    "\"numbers\":{\"items\":[{\"value\":\"a\"},{\"value\":\"b\"}]}}}}}";

static const char split[] =
    "{\"inference\":{\"result\":{\"splits\":[{\"page_range\":[0,1],\"document_type\":\"cover\"},"
    "{\"page_range\":[2,3],\"document_type\":\"invoice\",\"extraction_response\":{\"inference\":"
    "{\"model\":{\"id\":\"m2\"},\"result\":{\"fields\":{\"total_amount\":{\"value\":7}}}}}}]}}}";

static const struct document_facts facts = {
    .key = "d0123456789abcdef",
    .file = "june/a.pdf",
    .result = "results/june/a.pdf.json",
    .stored_at = "2026-11-30T18:00:05Z",
    .period = "2026-11",
    .model = "m0",
    .job = "j1",
    .sha256 = "ab",
    .files = 2,
    .pages = 4,
};

struct world {
    struct columns *columns;
    struct flat_document *doc;
    struct layout *layout;
    struct dense_row *row;
};

static int set_up(void **state)
{
    static struct world w;
    w = (struct world){.columns = columns_new(), .doc = flat_document_new()};
    *state = &w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    dense_row_free(w->row);
    layout_free(w->layout);
    flat_document_free(w->doc);
    columns_free(w->columns);
    return 0;
}

static void read_result(struct world *w, const char *json)
{
    struct error e;
    assert_int_equal(flatten(w->doc, w->columns, NULL, json, strlen(json), &e), 0);
    columns_see(w->columns, w->doc, 1);
}

static void lay_out(struct world *w, const struct layout_options *options)
{
    struct error e;
    dense_row_free(w->row);
    layout_free(w->layout);
    assert_int_equal(layout_new(&w->layout, w->columns, options, &e), 0);
    w->row = dense_row_new(w->layout);
    dense_row_document(w->row, &facts, w->doc);
}

enum { NAMES_MAX = 2000 };

/* The columns' names, own ones too, one after the other. */
static void put_columns(const struct world *w, const char *table, char names[NAMES_MAX])
{
    *names = '\0';
    for (size_t t = 0; t < w->layout->table_count; t++)
        for (size_t i = 0; i < w->layout->tables[t].column_count; i++)
            if (strcmp(w->layout->tables[t].name, table) == 0)
                snprintf(names + strlen(names), NAMES_MAX - strlen(names), "%s%s", i ? " " : "",
                         w->layout->tables[t].columns[i].name);
}

static void assert_columns(const struct world *w, const char *table, const char *expected)
{
    char names[NAMES_MAX];
    put_columns(w, table, names);
    assert_string_equal(names, expected);
}

static void assert_columns_end(const struct world *w, const char *expected)
{
    char names[NAMES_MAX];
    put_columns(w, "documents", names);
    assert_true(strlen(names) > strlen(expected));
    assert_string_equal(names + strlen(names) - strlen(expected), expected);
}

static const struct layout_column *column(const struct world *w, size_t table, const char *name)
{
    int at = layout_column_find(&w->layout->tables[table], name);
    assert_true(at >= 0);
    return &w->layout->tables[table].columns[at];
}

static void well_known_ones_first_ours_around(void **state)
{
    struct world *w = *state;
    read_result(w, invoice);
    lay_out(w, &(struct layout_options){.lowest = true});
    assert_columns(
        w, "documents",
        "_record _file supplier_name date locale.currency total_amount paid zeta numbers "
        "_part _part_type _first_page _last_page _pages _files _result _stored_at _period "
        "_model _job _rag_document _sha256 _lowest_confidence _lowest_field "
        "_status _reasons _corrected _duplicates");
    assert_columns(w, "line_items", "_record _n description quantity note");
    assert_columns(w, "numbers", "_record _n value");
    assert_string_equal(w->layout->tables[0].name, "documents");
    assert_string_equal(w->layout->tables[1].name, "line_items");
    assert_int_equal(column(w, 0, "date")->kind, COLUMN_DATE);
    assert_int_equal(column(w, 0, "paid")->kind, COLUMN_BOOLEAN);
    assert_int_equal(column(w, 0, "total_amount")->kind, COLUMN_NUMBER);
    assert_true(column(w, 0, "total_amount")->amount);
    assert_int_equal(column(w, 0, "total_amount")->decimals, 2);
    assert_int_equal(column(w, 0, "supplier_name")->kind, COLUMN_TEXT);
    assert_true(column(w, 0, "_pages")->integer);
    assert_false(column(w, 1, "quantity")->amount);
}

/* Whatever the order in which they came. */
static void the_order_is_one_of_names(void **state)
{
    static const char *const sorted[] = {"supplier_name", "total_amount", "a",  "b", "ab",
                                         "a.b",           "ab.a",         "abc"};
    (void)state;
    assert_true(column_order("documents", "total_amount", "a") < 0);
    assert_true(column_order("line_items", "total_amount", "a") > 0);
    assert_true(column_order("x", "a", "b") < 0);
    assert_true(column_order("x", "b", "aa") < 0);
    assert_true(column_order("x", "a.zz", "b.a") < 0);
    assert_true(column_order("x", "a", "a.a") < 0);
    for (size_t i = 0; i < sizeof sorted / sizeof *sorted; i++)
        assert_int_equal(column_order("documents", sorted[i], sorted[i]), 0);
    assert_true(table_order("documents", "a") < 0);
    assert_true(table_order("line_items", "taxes") < 0);
    assert_true(table_order("zzzzzzzzzz", "splits") < 0);
    assert_true(table_order("aa", "b") > 0);
}

static void some_tables_alone(void **state)
{
    struct world *w = *state;
    struct error e;
    struct layout *none = NULL;
    const char *const wanted[] = {"line_items"}, *const strange[] = {"line_item"};
    read_result(w, invoice);
    lay_out(w, &(struct layout_options){.tables = wanted, .table_count = 1});
    assert_int_equal(w->layout->table_count, 1);
    assert_int_equal(dense_row_fill(w->row, &w->doc->records[0], &w->doc->rows[0]), -1);
    assert_int_equal(layout_new(&none, w->columns,
                                &(struct layout_options){.tables = strange, .table_count = 1}, &e),
                     ERR_USAGE);
    assert_null(none);
    assert_non_null(strstr(e.text, "line_items"));
}

static void assert_cell(const struct world *w, int table, const char *name, enum cell_kind kind,
                        const char *text)
{
    int at = layout_column_find(&w->layout->tables[table], name);
    assert_true(at >= 0);
    const struct cell *c = &dense_row_cells(w->row)[at];
    assert_int_equal(c->kind, kind);
    assert_int_equal(c->len, strlen(text));
    if (c->len)
        assert_memory_equal(c->text, text, c->len);
}

static void a_cell_for_each_column(void **state)
{
    struct world *w = *state;
    read_result(w, invoice);
    lay_out(w,
            &(struct layout_options){.lowest = true, .each_confidence = true, .each_page = true});
    const struct flat_record *record = &w->doc->records[0];
    assert_int_equal(dense_row_fill(w->row, record, &w->doc->rows[record->rows]), 0);
    assert_cell(w, 0, "_record", CELL_TEXT, "d0123456789abcdef");
    assert_cell(w, 0, "_file", CELL_TEXT, "june/a.pdf");
    assert_cell(w, 0, "total_amount", CELL_NUMBER, "12.50");
    assert_cell(w, 0, "total_amount#confidence", CELL_TEXT, "Certain");
    assert_cell(w, 0, "total_amount#page", CELL_NUMBER, "2");
    assert_cell(w, 0, "zeta#confidence", CELL_NONE, "");
    assert_cell(w, 0, "numbers", CELL_TEXT, "a; b");
    assert_cell(w, 0, "_pages", CELL_NUMBER, "4");
    assert_cell(w, 0, "_files", CELL_NUMBER, "2");
    assert_cell(w, 0, "_part", CELL_NONE, "");
    assert_cell(w, 0, "_first_page", CELL_NONE, "");
    assert_cell(w, 0, "_model", CELL_TEXT, "m1");
    assert_cell(w, 0, "_lowest_confidence", CELL_TEXT, "High");
    assert_cell(w, 0, "_lowest_field", CELL_TEXT, "paid");
    assert_cell(w, 0, "_status", CELL_NONE, "");
}

static void what_became_of_a_record(void **state)
{
    struct world *w = *state;
    static const struct record_review review = {"corrected", "total-sum; confidence", "date", ""};
    read_result(w, invoice);
    lay_out(w, &(struct layout_options){.lowest = false});
    assert_columns_end(w, "_sha256 _status _reasons _corrected _duplicates");
    const struct flat_record *record = &w->doc->records[0];
    dense_row_review(w->row, &review);
    assert_int_equal(dense_row_fill(w->row, record, &w->doc->rows[record->rows]), 0);
    assert_cell(w, 0, "_status", CELL_TEXT, "corrected");
    assert_cell(w, 0, "_reasons", CELL_TEXT, "total-sum; confidence");
    assert_cell(w, 0, "_corrected", CELL_TEXT, "date");
    assert_cell(w, 0, "_duplicates", CELL_NONE, "");
    dense_row_document(w->row, &facts, w->doc); /* of the next nothing is known */
    assert_int_equal(dense_row_fill(w->row, record, &w->doc->rows[record->rows]), 0);
    assert_cell(w, 0, "_status", CELL_NONE, "");
}

static void each_row_of_a_list(void **state)
{
    struct world *w = *state;
    int rows = 0;
    read_result(w, invoice);
    lay_out(w, &(struct layout_options){.lowest = true});
    const struct flat_record *record = &w->doc->records[0];
    for (size_t i = record->rows; i < record->rows + record->row_count; i++) {
        if (dense_row_fill(w->row, record, &w->doc->rows[i]) != 1)
            continue;
        assert_cell(w, 1, "_record", CELL_TEXT, "d0123456789abcdef");
        assert_cell(w, 1, "_n", CELL_NUMBER, rows ? "2" : "1");
        assert_cell(w, 1, "description", rows ? CELL_NONE : CELL_TEXT, rows ? "" : "Paper");
        assert_cell(w, 1, "quantity", rows ? CELL_NULL : CELL_NUMBER, rows ? "" : "2");
        rows++;
    }
    assert_int_equal(rows, 2);
}

static void parts_of_a_document(void **state)
{
    struct world *w = *state;
    read_result(w, split);
    lay_out(w, &(struct layout_options){.lowest = true});
    assert_columns(w, "splits", "_record _n first_page last_page document_type _extracted");
    const struct flat_record *whole = &w->doc->records[0], *part = &w->doc->records[1];
    assert_int_equal(w->doc->record_count, 2);
    assert_int_equal(dense_row_fill(w->row, whole, &w->doc->rows[whole->rows]), 1);
    assert_cell(w, 1, "_extracted", CELL_NONE, "");
    assert_int_equal(dense_row_fill(w->row, whole, &w->doc->rows[whole->rows + 1]), 1);
    assert_cell(w, 1, "first_page", CELL_NUMBER, "3");
    assert_cell(w, 1, "_extracted", CELL_TEXT, "d0123456789abcdef/2");
    assert_int_equal(dense_row_fill(w->row, part, &w->doc->rows[part->rows]), 0);
    assert_cell(w, 0, "_record", CELL_TEXT, "d0123456789abcdef/2");
    assert_cell(w, 0, "_part", CELL_TEXT, "split");
    assert_cell(w, 0, "_part_type", CELL_TEXT, "invoice");
    assert_cell(w, 0, "_first_page", CELL_NUMBER, "3");
    assert_cell(w, 0, "_last_page", CELL_NUMBER, "4");
    assert_cell(w, 0, "_model", CELL_TEXT, "m2");
}

static void a_key_tells_document_and_settings(void **state)
{
    uint8_t sha256[32] = {1}, other[32] = {2};
    char key[RECORD_KEY_MAX], again[RECORD_KEY_MAX];
    (void)state;
    record_key(sha256, "extraction", "m", "{}", key);
    assert_int_equal(strlen(key), 17);
    assert_int_equal(key[0], 'd');
    record_key(sha256, "extraction", "m", "{}", again);
    assert_string_equal(key, again);
    record_key(other, "extraction", "m", "{}", again);
    assert_string_not_equal(key, again);
    record_key(sha256, "extraction", "m{}", "", again);
    assert_string_not_equal(key, again);
    record_key(sha256, "extractio", "nm", "{}", again);
    assert_string_not_equal(key, again);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(well_known_ones_first_ours_around),
        TEST(the_order_is_one_of_names),
        TEST(some_tables_alone),
        TEST(a_cell_for_each_column),
        TEST(what_became_of_a_record),
        TEST(each_row_of_a_list),
        TEST(parts_of_a_document),
        TEST(a_key_tells_document_and_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
