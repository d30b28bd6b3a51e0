/* export_review.h - what an export knows of its records from review.db: what was found and decided of each, and what
 * people corrected. Private to exports.
 *
 *   export_review_open(m, &e)              the newest result is known, and so are the columns; brings review.db up to it
 *   export_review_document(m, key, files)  a document was flattened: m->shown_document is as people corrected it
 *   export_review_chosen(m, i)             whether --ready or --review leave its record I in
 *   export_review_record(m, i)             what its row has, until the next call; the record is noted for our own tables
 *   export_review_free(m)
 *
 * All that is read after the opening is of one moment, whatever people decide meanwhile. Where reviews are off all of
 * this does nothing, and records have the state `ready`. */
#ifndef MB_EXPORT_EXPORT_REVIEW_H
#define MB_EXPORT_EXPORT_REVIEW_H

#include "base/error.h"
#include "review/review.h"
#include "tables/dense_row.h"
#include "tables/table_sink.h"

struct export_making;

MUST_CHECK int export_review_open(struct export_making *m, struct error *e);
void export_review_done(
    struct export_making *m); /* all records were looked at: memory is given back */
void export_review_free(struct export_making *m);
/* FILES: how many hold the document. Errors are in m->error. */
MUST_CHECK int export_review_document(struct export_making *m, const char *key, int64_t files);
bool export_review_chosen(const struct export_making *m, size_t record);
enum review_state export_review_state(const struct export_making *m, size_t record);
/* NULL: nothing is known of it. */
const struct record_review *export_review_record(struct export_making *m, size_t record);
/* Who corrected what of it, and what Mindee read. */
const struct table_note *export_review_notes(struct export_making *m, size_t record, size_t *count);
const char *export_review_head(const struct export_making *m); /* of the audit trail, in hex */

/* Records that were exported and have something to tell, in the order of the export. */
struct export_noted {
    int64_t id;
    bool review;  /* it is or was to be reviewed */
    char *family; /* of duplicates; NULL: none */
};
struct review *export_review_of(const struct export_making *m); /* NULL: reviews are off */
const struct export_noted *export_review_noted(const struct export_making *m, size_t *count);

#endif
