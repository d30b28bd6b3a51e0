/* row_order: rows of lists in lists, which are made list by list, stand table by table. */
#include "base/buffer.h"
#include "tables/flatten.h"
#include "tables/row_order.h"
#include "test.h"

#include <inttypes.h>
#include <string.h>

static struct layout *layout_of(struct columns *columns, const char *const *tables, size_t count)
{
    const struct layout_options options = {.tables = tables, .table_count = count};
    struct layout *layout;
    struct error e;
    if (layout_new(&layout, columns, &options, &e) != 0)
        fail_msg("%s", e.text);
    return layout;
}

static void assert_order(const struct columns *columns, const struct flat_document *doc,
                         const struct layout *layout, const char *expected)
{
    struct row_order o = {0};
    struct buffer shown;
    buffer_init(&shown, 0);
    row_order_make(&o, layout, doc, &doc->records[0]);
    for (size_t i = 0; i < o.count; i++) {
        const struct flat_row *row = &doc->rows[row_order_row(&o, i)];
        buffer_printf(&shown, "%s %" PRId64, columns_table(columns, row->table)->name, row->n);
        buffer_printf(&shown, "%s%.0" PRId64 " ", row->up_count ? "<" : "",
                      row->up_count ? row->up[0] : 0);
    }
    assert_string_equal(buffer_text(&shown), expected);
    buffer_release(&shown);
    row_order_release(&o);
}

static void orders_table_by_table(void **state)
{
    static const char json[] =
        "{\"inference\":{\"result\":{\"fields\":{\"zz\":{\"items\":[{\"value\":1}]},\"line_items\":{"
        "\"items\":[{\"fields\":{\"b\":{\"items\":[{\"value\":1},{\"value\":2}]},\"a\":{\"items\":[{"
        "\"value\":1}]}}},{\"fields\":{\"b\":{\"items\":[{\"value\":3}]},\"a\":{\"items\":[{\"value\":2}"
        "]}}}]}}}}}";
    static const char *const some[] = {"line_items.b", "zz"};
    struct columns *columns = columns_new();
    struct flat_document *doc = flat_document_new();
    struct error e;
    (void)state;
    assert_int_equal(flatten(doc, columns, NULL, json, sizeof json - 1, &e), 0);
    struct layout *layout = layout_of(columns, NULL, 0);
    assert_order(columns, doc, layout,
                 "documents 0 line_items 1 line_items 2 zz 1 line_items.a 1<1 line_items.a 1<2 "
                 "line_items.b 1<1 line_items.b 2<1 line_items.b 1<2 ");
    layout_free(layout);
    layout = layout_of(columns, some, 2);
    assert_order(columns, doc, layout, "zz 1 line_items.b 1<1 line_items.b 2<1 line_items.b 1<2 ");
    layout_free(layout);
    flat_document_free(doc);
    columns_free(columns);
}

/* As many tables as rows, the last one first (each list has three of what a set may hold). */
static void orders_many_tables(void **state)
{
    enum { MANY = 60000 };
    struct columns *columns = columns_new();
    struct flat_document *doc = flat_document_new();
    struct row_order o = {0};
    struct buffer json;
    struct error e;
    (void)state;
    buffer_init(&json, 0);
    buffer_put(&json, "{\"inference\":{\"result\":{\"fields\":{");
    for (int i = MANY; i > 0; i--)
        buffer_printf(&json, "\"%d\":{\"items\":[{\"value\":%d}]}%s", i, i, i > 1 ? "," : "}}}}");
    assert_int_equal(flatten(doc, columns, NULL, json.data, json.len, &e), 0);
    struct layout *layout = layout_of(columns, NULL, 0);
    row_order_make(&o, layout, doc, &doc->records[0]);
    assert_int_equal(o.count, MANY + 1);
    for (size_t i = 1; i < o.count; i++)
        assert_int_equal(row_order_row(&o, i), MANY + 1 - i);
    row_order_release(&o);
    layout_free(layout);
    flat_document_free(doc);
    columns_free(columns);
    buffer_release(&json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_table_by_table),
        cmocka_unit_test(orders_many_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
