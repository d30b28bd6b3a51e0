/* flatten.h - a document's result as rows of tables.
 *
 *   struct flat_document *doc = flat_document_new();
 *   flatten(doc, columns, json, len, &e)      again and again: its memory is kept
 *   for each doc->records[i]: for each doc->rows[records[i].rows ...]: its cells
 *   flat_document_free(doc);
 *
 * Position decides what a member of a result is, never its name (FIELD: `items` an array, else `fields` an
 * object, else `value`). A *record* is one `result.fields`: of the document, or of a split, crop or
 * classification in it that was extracted; a document has none, one or several. A record's list is a table,
 * a list in a list a table too. What has another form than these keeps its JSON text and is counted.
 *
 * Cells point into JSON or into the document's own memory: they are valid until the next flatten(), while JSON
 * lives. Depth, length and broken bytes can't hurt: ERR_FORMAT (not one whole JSON object with an
 * `inference.result`; words say what and where), ERR_LIMIT (deeper than 200, more columns than a set holds). */
#ifndef MB_TABLES_FLATTEN_H
#define MB_TABLES_FLATTEN_H

#include "base/error.h"
#include "tables/cell.h"
#include "tables/columns.h"

#include <stdbool.h>
#include <stdint.h>

enum { FLATTEN_VERSION = 1 /* of what it makes: another one scans all results again */ };

struct flat_cell {
    uint32_t column; /* in the set of columns */
    struct cell value;
    const char *confidence; /* as sent ("Certain"), not NUL-terminated; NULL: none */
    uint32_t confidence_len;
    int page; /* of its first location, from 1; 0: none */
};

struct flat_row {
    uint32_t table;
    int64_t n;         /* place in its list, from 1; 0 in documents */
    const int64_t *up; /* places of the enclosing items, nearest first; levels - 1 of them */
    uint32_t up_count;
    size_t cells, cell_count; /* in doc->cells, in the order in which they were sent */
};

enum flat_part { FLAT_WHOLE, FLAT_SPLIT, FLAT_CROP, FLAT_CLASSIFICATION };

struct flat_record {
    char suffix[64]; /* "" for the document, "/2" for its second part, "/2/1" for a part of that */
    enum flat_part part;
    struct cell part_type;           /* document_type, object_type; NONE for the whole */
    int first_page, last_page;       /* of a part, from 1; 0: not known */
    bool has_fields;                 /* there is a result.fields: it has a row in documents */
    struct cell model, rag_document; /* its own inference's; NONE if there is none */
    struct cell lowest_confidence;   /* of all its values; NONE: none was sent */
    const char *
        lowest_field; /* the path of that value, with [n] for rows: "line_items[2].quantity"; owned by the document */
    size_t rows, row_count; /* in doc->rows: its row in documents first, if it has fields */
};

struct flat_document {
    struct flat_record *records; /* the whole first, its parts in their order after it */
    size_t record_count;
    struct flat_row *rows;
    size_t row_count;
    struct flat_cell *cells;
    size_t cell_count;
    int64_t unknown_forms; /* fields of a form that this version doesn't know */
    int64_t mended_texts;  /* with half a surrogate pair */
    int64_t repeated;      /* members whose name came before in their object: passed over */
    /* its own memory: flatten.c */
    struct flat_memory *memory;
};

struct flatten_options {
    bool words; /* the words of an OCR result as rows of `words`, too */
};

struct flat_document *flat_document_new(void);
void flat_document_free(struct flat_document *doc);
MUST_CHECK int flatten(struct flat_document *doc, struct columns *columns,
                       const struct flatten_options *options, const char *json, size_t len,
                       struct error *e);

#endif
