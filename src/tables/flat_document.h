/* flat_document.h - a document's result as rows of tables: what flatten() makes (flatten.h).
 *
 * A *record* is one `result.fields`: of the document, or of a split, crop or classification in it that was
 * extracted; a document has none, one or several. Its rows stand one behind the other, each with its cells. */
#ifndef MB_TABLES_FLAT_DOCUMENT_H
#define MB_TABLES_FLAT_DOCUMENT_H

#include "tables/cell.h"

#include <stdbool.h>
#include <stdint.h>

enum { FLAT_NO_RECORD = UINT32_MAX };

struct flat_cell {
    uint32_t column; /* in the set of columns */
    uint32_t confidence_len;
    struct cell value;
    const char *confidence; /* as sent ("Certain"), not NUL-terminated; NULL: none */
    int page;               /* of its first location, from 1; 0: none */
    uint32_t locations_len;
    const char *locations; /* where it stands on its pages: the JSON array, as sent; NULL: none */
    bool joined;           /* a list's values, for reading: the list's table has them exactly */
    bool item;             /* the row is a simple value itself: column `value` */
};

struct flat_row {
    uint32_t table;
    uint32_t
        extracted; /* of a split, crop or classification: the record that lies in it; FLAT_NO_RECORD */
    int64_t n;     /* place in its list, from 1; 0 in documents */
    const int64_t *up; /* places of the enclosing items, nearest first */
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
    struct cell
        lowest_confidence; /* of all its values that aren't null; NONE: none was sent. A word that
                                      isn't known is lower than all that are */
    const char *
        lowest_field; /* the path of the first such value, with [n] for rows: "line_items[2].quantity";
                         owned by the document; NULL: none */
    size_t rows, row_count; /* in doc->rows: its row in documents first, if it has fields */
};

struct flat_document {
    struct flat_record *records; /* the whole first, its parts in their order after it */
    size_t record_count;
    struct flat_row *rows; /* a list's in the order of its items */
    size_t row_count;
    struct flat_cell *cells;
    size_t cell_count;
    int64_t unknown_forms; /* fields of a form that this version doesn't know */
    int64_t mended_texts;  /* halves of surrogate pairs that became U+FFFD */
    int64_t repeated;      /* members whose name came before in their object: passed over */
    /* its own memory: flatten.c */
    struct flat_memory *memory;
};

#endif
