/* flatten.h - a document's result as rows of tables.
 *
 *   struct flat_document *doc = flat_document_new();
 *   flatten(doc, columns, &options, json, len, &e)     again and again: its memory is kept
 *   for each doc->records[i]: for each doc->rows[records[i].rows ...]: its cells
 *   flat_document_free(doc);
 *
 * Position decides what a member of a result is, never its name (FIELD: `items` an array, else `fields` an
 * object, else `value`). A record's list is a table, a list in a list a table too; a list of simple values is
 * also joined into a cell of the row around it (`joined`). What has another form than these keeps its JSON text
 * and is counted.
 *
 * Besides the model's: `splits`, `crops`, `classifications`, `pages`, and `_words` with the option.
 *
 * Cells point into JSON or into the document's own memory: they are valid until the next flatten(), while JSON
 * lives. Depth, length and broken bytes can't hurt: ERR_FORMAT (not one whole JSON object with an
 * `inference.result`; words say what and where), ERR_LIMIT (deeper than 200, more columns than a set holds).
 * After an error the document is empty; columns that it had until then stay in the set. */
#ifndef MB_TABLES_FLATTEN_H
#define MB_TABLES_FLATTEN_H

#include "base/error.h"
#include "tables/columns.h"
#include "tables/flat_document.h"

#include <stdbool.h>

enum { FLATTEN_VERSION = 1 /* of what it makes: another one scans all results again */ };

struct flatten_options {
    bool words; /* the words of an OCR result as rows of `_words`, too */
};

struct flat_document *flat_document_new(void);
void flat_document_free(struct flat_document *doc);
/* OPTIONS NULL: none. */
MUST_CHECK int flatten(struct flat_document *doc, struct columns *columns,
                       const struct flatten_options *options, const char *json, size_t len,
                       struct error *e);

#endif
