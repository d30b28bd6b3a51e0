/* record_json.h - records as the page gets them. Everything is appended to an object or array that the caller has begun; texts
 * from outside come out as JSON strings, numbers with their digits, as strings too. */
#ifndef MB_REVIEW_PAGE_RECORD_JSON_H
#define MB_REVIEW_PAGE_RECORD_JSON_H

#include "review/review.h"
#include "tables/layout.h"

enum {
    RECORD_FIELDS_MAX = 4000, /* that are shown; the others are in exports */
    RECORD_VALUE_MAX =
        20000, /* bytes of a value: a longer one is cut, and not to be corrected here */
};

/* "name":"text", with a comma before it unless an object has just begun; TEXT NULL: null. */
void record_json_text(struct buffer *out, const char *name, const char *text);
/* "record", "file", "status", "version", "reasons", and what a list shows of it. */
void record_json_head(struct buffer *out, const struct review_record *record, const char *file);
void record_json_reasons(struct buffer *out, const struct reasons *reasons);

struct record_fields {
    const struct columns *columns;   /* DOC was flattened with */
    const struct layout *layout;     /* of them */
    const struct flat_document *doc; /* with corrections */
    const struct flat_record *record;
    const struct flat_document *read; /* as Mindee read it */
    const struct flat_record *record_read;
    const struct corrections *corrections;
    bool places; /* the record's pages are those of its file: its values have places on them */
};
/* "fields":[{path, list, row, column, kind, value, read, confidence, cut, locations}], in the order of their columns; those of
 * rows that were taken away come last, with "removed":true. */
void record_json_fields(struct buffer *out, const struct record_fields *f);
/* "lists":[{list, columns:[{column, kind}], rows, next}]: the lists that rows can be added to, what can stand in a row, the
 * numbers of the rows there are, and a new one's. Column "" is a simple value's. */
void record_json_lists(struct buffer *out, const struct record_fields *f);
const char *record_kind_name(enum column_kind kind); /* "number" */

#endif
