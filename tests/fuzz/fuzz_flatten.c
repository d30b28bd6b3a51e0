/* Any bytes as a result: refused with words, or rows that hold together, whose texts are UTF-8 and whose numbers
 * can be written. A result that was read once gives the same when it is read again. */
#include "base/decimal.h"
#include "base/json_scan.h"
#include "base/text.h"
#include "tables/flatten.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_value(const struct cell *v)
{
    struct json_scan s;
    REQUIRE((v->kind == CELL_NONE || v->kind == CELL_NULL) || v->text != NULL);
    if (v->kind == CELL_TEXT)
        REQUIRE(text_is_utf8(v->text, v->len));
    if (v->kind != CELL_NUMBER && v->kind != CELL_JSON && v->kind != CELL_BOOLEAN)
        return;
    json_scan_init(&s, v->text, v->len);
    int r;
    while ((r = json_scan_next(&s)) > 0)
        ;
    REQUIRE(r == 0 && (v->kind != CELL_NUMBER || s.root == JSON_NUMBER));
}

static void check_rows(const struct flat_document *doc, const struct columns *columns)
{
    size_t rows = 0, cells = 0;
    for (size_t i = 0; i < doc->record_count; i++) {
        const struct flat_record *r = &doc->records[i];
        REQUIRE(r->rows == rows);
        REQUIRE(!r->has_fields || doc->rows[r->rows].table == 0);
        rows += r->row_count;
    }
    REQUIRE(rows == doc->row_count);
    for (size_t i = 0; i < doc->row_count; i++) {
        const struct flat_row *row = &doc->rows[i];
        int levels = columns_table(columns, row->table)->levels;
        REQUIRE(row->cells == cells && (int)row->up_count <= (levels ? levels - 1 : 0));
        for (uint32_t k = 0; k < row->up_count; k++)
            REQUIRE(row->up[k] > 0);
        cells += row->cell_count;
        for (size_t k = row->cells; k < cells; k++)
            REQUIRE(columns_get(columns, doc->cells[k].column)->table == row->table);
    }
    REQUIRE(cells == doc->cell_count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct flatten_options options = {.words = true};
    struct columns *columns = columns_new();
    struct flat_document *doc = flat_document_new();
    char *json = malloc(size ? size : 1);
    struct error e = {0};
    REQUIRE(json != NULL);
    if (size)
        memcpy(json, data, size);
    int r = flatten(doc, columns, &options, json, size, &e);
    REQUIRE((r < 0) == (*e.text != '\0'));
    check_rows(doc, columns);
    for (size_t i = 0; i < doc->cell_count; i++)
        check_value(&doc->cells[i].value);
    columns_see(columns, doc, 1);
    size_t tables = columns_table_count(columns), count = columns_count(columns),
           cells = doc->cell_count;
    REQUIRE(flatten(doc, columns, &options, json, size, &e) == r && doc->cell_count == cells);
    REQUIRE(columns_table_count(columns) == tables && columns_count(columns) == count);
    free(json);
    flat_document_free(doc);
    columns_free(columns);
    return 0;
}
