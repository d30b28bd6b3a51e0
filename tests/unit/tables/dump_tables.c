/* dump_tables [--words]: results from standard input, each behind a line with its length, flattened into one set of
 * columns; a line of JSON for each on standard output, with its rows and cells or its error. What test_shapes.py
 * compares with a walk of its own. */
#include "tables/flatten.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = {"none", "null", "text", "number", "boolean", "json"};

static void put_text(const char *text, size_t len)
{
    putchar('"');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c < 0x20 || c == '"' || c == '\\')
            printf("\\u%04x", c);
        else
            putchar(c);
    }
    putchar('"');
}

static void put_cell(const struct columns *c, const struct flat_cell *cell, bool first)
{
    const char *name = columns_get(c, cell->column)->name;
    printf("%s[", first ? "" : ",");
    put_text(name, strlen(name));
    printf(",\"%s\",", kinds[cell->value.kind]);
    put_text(cell->value.text, cell->value.text ? cell->value.len : 0);
    printf(",%s,%s,", cell->joined ? "true" : "false", cell->item ? "true" : "false");
    put_text(cell->confidence, cell->confidence_len);
    printf(",%d]", cell->page);
}

static void put_row(const struct columns *c, const struct flat_document *doc, size_t record,
                    size_t row)
{
    const struct flat_row *r = &doc->rows[row];
    const char *name = columns_table(c, r->table)->name;
    printf("%s{\"record\":", row ? "," : "");
    put_text(doc->records[record].suffix, strlen(doc->records[record].suffix));
    printf(",\"table\":");
    put_text(name, strlen(name));
    printf(",\"n\":%" PRId64 ",\"up\":[", r->n);
    for (size_t i = 0; i < r->up_count; i++)
        printf("%s%" PRId64, i ? "," : "", r->up[i]);
    printf("],\"extracted\":");
    if (r->extracted == FLAT_NO_RECORD)
        printf("null");
    else
        put_text(doc->records[r->extracted].suffix, strlen(doc->records[r->extracted].suffix));
    printf(",\"cells\":[");
    for (size_t i = 0; i < r->cell_count; i++)
        put_cell(c, &doc->cells[r->cells + i], i == 0);
    printf("]}");
}

static void put_lowest(const struct flat_document *doc)
{
    printf("],\"lowest\":[");
    for (size_t i = 0; i < doc->record_count; i++) {
        const struct flat_record *r = &doc->records[i];
        printf("%s[", i ? "," : "");
        put_text(r->suffix, strlen(r->suffix));
        printf(",");
        put_text(r->lowest_confidence.text, r->lowest_confidence.len);
        printf(",");
        if (r->lowest_field)
            put_text(r->lowest_field, strlen(r->lowest_field));
        else
            printf("null");
        printf("]");
    }
}

static void put_document(const struct columns *c, const struct flat_document *doc)
{
    printf("{\"rows\":[");
    for (size_t record = 0; record < doc->record_count; record++) {
        const struct flat_record *r = &doc->records[record];
        for (size_t row = r->rows; row < r->rows + r->row_count; row++)
            put_row(c, doc, record, row);
    }
    put_lowest(doc);
    printf("],\"unknown\":%" PRId64 ",\"mended\":%" PRId64 ",\"repeated\":%" PRId64 "}\n",
           doc->unknown_forms, doc->mended_texts, doc->repeated);
}

int main(int argc, char **argv)
{
    const struct flatten_options options = {.words = argc > 1 && !strcmp(argv[1], "--words")};
    struct columns *c = columns_new();
    struct flat_document *doc = flat_document_new();
    size_t len;
    while (scanf("%zu", &len) == 1 && getchar() == '\n') {
        struct error e = {0};
        char *json = malloc(len ? len : 1);
        if (!json || fread(json, 1, len, stdin) != len)
            return 2;
        if (flatten(doc, c, &options, json, len, &e) < 0) {
            printf("{\"error\":%d,\"words\":", e.code);
            put_text(e.text, strlen(e.text));
            printf("}\n");
        } else {
            columns_see(c, doc, 1);
            put_document(c, doc);
        }
        free(json);
    }
    flat_document_free(doc);
    columns_free(c);
    return 0;
}
