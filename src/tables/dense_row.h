/* dense_row.h - a row of a flattened document with a cell for each column of its table, as it is written.
 *
 *   struct dense_row *r = dense_row_new(layout);
 *   dense_row_document(r, &facts, doc);                 a document's turn
 *   dense_row_review(r, &review);                       a record's, if reviews are known
 *   t = dense_row_fill(r, record, row);                 for each of its rows: the place of its table in the
 *                                                       layout, or -1: that table isn't written
 *   dense_row_cells(r)                                  as many as that table has columns
 *   dense_row_free(r);
 *
 * Cells are valid until the next fill, while the document and the facts live. */
#ifndef MB_TABLES_DENSE_ROW_H
#define MB_TABLES_DENSE_ROW_H

#include "tables/flatten.h"
#include "tables/layout.h"

enum { RECORD_KEY_MAX = 18 /* d, 16 hex digits, NUL */ };

/* What the ledger knows of a document. */
struct document_facts {
    char key[RECORD_KEY_MAX];
    const char *file;                          /* its name under results/ */
    const char *result;                        /* the path of its JSON below the output directory */
    const char *stored_at;                     /* UTC */
    const char *period, *model, *job, *sha256; /* "" if none */
    int64_t files;
    int pages; /* 0: unknown */
};

/* What was found and decided of a record, as it is written; "" or NULL: an empty cell. */
struct record_review {
    const char *status, *reasons, *corrected, *duplicates;
};

struct dense_row;

struct dense_row *dense_row_new(const struct layout *layout);
void dense_row_free(struct dense_row *r); /* fine on NULL */
void dense_row_document(struct dense_row *r, const struct document_facts *facts,
                        const struct flat_document *doc);
/* Of the rows that follow, until it is another or the document is; NULL: none is known. */
void dense_row_review(struct dense_row *r, const struct record_review *review);
int dense_row_fill(struct dense_row *r, const struct flat_record *record,
                   const struct flat_row *row);
const struct cell *dense_row_cells(const struct dense_row *r);

/* d and 16 hex digits: the same document has the same key in every export, month and ledger. */
void record_key(const uint8_t sha256[32], const char *product, const char *model_id,
                const char *options, char out[RECORD_KEY_MAX]);

#endif
