/* review.h - what of a ledger's records needs a person, and what people decided: review.db as everybody else uses it.
 *
 *   review_open(&r, ledger, output, access, &options, &e)
 *   review_update(r, upto, &e)                     results up to that one are known now (ledger_last_result)
 *   review_find(r, "d0123456789abcdef/2", &record) state, reasons, what was corrected; RECORD's memory is kept
 *   review_record_release(&record)
 *   review_close(r)
 *
 * For exports: a record's row has review_state_names[record.state], record.reasons, record.corrections and the key of
 * its family of duplicates (record.fact.family). Corrected values come into a flattened document by
 *
 *   doc = review_corrected(r, columns, doc, "d0123456789abcdef")        the key of the document
 *
 * with the set of columns that DOC was flattened with; DOC itself if nothing was corrected.
 *
 * A record is `review` while it has warnings or errors that no decision covers, or corrections that nobody accepted; a
 * decision covers the reasons there were (reasons.h). Reasons depend on the options, so states do: with other options
 * a record can be open that is accepted without them.
 *
 * Everything that a person does is one transaction with its entries in the audit trail: it is durable, or it never was.
 * Between review_begin and review_commit several are one. The ledger and results/ are never written. */
#ifndef MB_REVIEW_REVIEW_H
#define MB_REVIEW_REVIEW_H

#include "base/file_access.h"
#include "core/review_kinds.h"
#include "review/audit.h"
#include "review/corrected.h"
#include "review/facts.h"

enum review_state {
    REVIEW_READY,
    REVIEW_OPEN,
    REVIEW_ACCEPTED,
    REVIEW_CORRECTED,
    REVIEW_REJECTED,
    REVIEW_LATER,
    REVIEW_STATES
};
extern const char *const review_state_names[REVIEW_STATES]; /* "review" for REVIEW_OPEN */

enum { REVIEW_VERSION_MAX = 17, REVIEW_WORDS_MAX = 1000 };

struct review_record {
    struct fact fact;
    enum review_state state;
    struct reasons reasons; /* those that no decision covers are marked, if there is one */
    struct corrections corrections;
    char *action, *at, *actor, *note; /* of the decision; NULL: there is none */
    bool reopened;                    /* there is one, and it doesn't cover all */
    char version[REVIEW_VERSION_MAX]; /* another one as soon as anything of this is another */
};
void review_record_release(struct review_record *record);

struct review;

/* Errors: those of review_db_open; ERR_BUSY. */
MUST_CHECK int review_open(struct review **out, struct ledger *l, const char *output,
                           enum file_access access, const struct facts_options *options,
                           struct error *e);
void review_close(struct review *r); /* fine on NULL */
MUST_CHECK int review_update(struct review *r, int64_t upto, struct error *e);
const struct error *review_error(const struct review *r);

/* 1; 0: there is no such record; an error is review_error's. */
MUST_CHECK int review_find(struct review *r, const char *key, struct review_record *out);
MUST_CHECK int review_get(struct review *r, int64_t id, struct review_record *out);
MUST_CHECK int review_list(struct review *r, bool all, struct fact_ids *out);
/* The ids of the records of one document, and of those that begin with a key. */
MUST_CHECK int review_of_document(struct review *r, int64_t document, struct fact_ids *out);
/* The name that exports give its file, appended; and a duplicate-bytes among its reasons, where it has several. */
MUST_CHECK int review_look(struct review *r, struct review_record *record, struct buffer *file);

struct review_counts {
    int64_t records, states[REVIEW_STATES];
    int64_t codes[CHECK_COUNT];  /* of the open records: how many have that reason open, */
    int64_t kinds[REVIEW_KINDS]; /* and how many one of that kind */
};
MUST_CHECK int review_count(struct review *r, struct review_counts *out);

/* FN for each model of whose results not one has a confidence: nobody asked for them, so none is found to be low. */
MUST_CHECK int review_without_confidence(
    struct review *r, void (*fn)(void *ctx, const char *product, const char *model_id), void *ctx);

const struct flat_document *review_corrected(struct review *r, struct columns *columns,
                                             const struct flat_document *doc, const char *key,
                                             int *err);

/* --- what people do --- */

struct review_by {
    struct wall at;
    const char *actor, *note; /* NOTE NULL: "" */
    const char *seen;         /* the version that they saw; NULL: as it is */
};

MUST_CHECK int review_begin(struct review *r);
MUST_CHECK int review_commit(struct review *r);
void review_rollback(struct review *r);

enum review_action { REVIEW_ACCEPT, REVIEW_REJECT, REVIEW_PUT_OFF, REVIEW_REOPEN, REVIEW_ACTIONS };
extern const char
    *const review_action_names[REVIEW_ACTIONS]; /* "accept", "reject", "later", "reopen" */

/* OUT is the record after it. ERR_NOT_FOUND; ERR_CHANGED: it isn't what they saw, and the words say what is new. */
MUST_CHECK int review_decide(struct review *r, const char *key, enum review_action action,
                             const struct review_by *by, struct review_record *out,
                             struct error *e);
/* Reads what kinds of values fields take: before the first correction, outside of a transaction. */
MUST_CHECK int review_prepare(struct review *r, int64_t upto, struct error *e);
/* All of ITEMS or none; they are emptied. Takes a decision back that there is. Also ERR_USAGE. */
MUST_CHECK int review_correct(struct review *r, const char *key, struct correction *items,
                              size_t count, const struct review_by *by, struct review_record *out,
                              struct error *e);

/* --- the audit trail --- */

MUST_CHECK int review_note(struct review *r, const struct audit_entry *entry);
MUST_CHECK int review_head(struct review *r, char out[SHA256_HEX]);
struct database *review_database(struct review *r);

#endif
