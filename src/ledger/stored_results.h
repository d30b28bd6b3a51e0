/* stored_results.h - the stored documents with their results, in the order of their names, for those who
 * read all of them: exports, reviews, reports.
 *
 *   ledger_last_result(l, &upto)                    (handovers.h) results that come later aren't looked at: a stored
 *                                                   one never changes, so what is read is one set
 *   ledger_stored_list(l, &filter, &list)
 *   for each list.documents[i]: ledger_stored_get(l, id, fn, ctx)      some between ledger_read_begin and
 *                                                                      _end, not all: a run at work could
 *                                                                      not shorten its log meanwhile
 *   ledger_stored_done(l)
 *   ledger_stored_list_release(&list)
 *
 * Memory: eight bytes a document, and one result at a time. The order is made in a file where the system
 * has a place for one (database.c), else in memory: some 80 bytes more. */
#ifndef MB_LEDGER_STORED_RESULTS_H
#define MB_LEDGER_STORED_RESULTS_H

#include "ledger/ledger.h"

struct ledger_stored_filter {
    int64_t upto;       /* results up to this one */
    const char *period; /* of the document's first file; NULL: any */
    struct wall since;  /* results that came then or later; 0: any */
};
struct ledger_stored_list {
    int64_t *documents; /* owned */
    size_t count;
};
/* In the order of the names of their first files, by bytes. */
MUST_CHECK int ledger_stored_list(struct ledger *l, const struct ledger_stored_filter *filter,
                                  struct ledger_stored_list *out);
void ledger_stored_list_release(struct ledger_stored_list *list);
/* All were read: what is kept in memory of the databases is given back, for what comes now. */
void ledger_stored_done(struct ledger *l);

struct ledger_stored {
    int64_t document_id, settings_id, result_id;
    int64_t files;      /* that count and hold it */
    const char *name;   /* of its first file, as it was given; bytes */
    const char *path;   /* where that file is, as far as is known; bytes */
    const char *period; /* that file's; "" if none */
    const char *job_id; /* "" if none is known */
    int pages;          /* of the result, else as counted, else 0 */
    struct wall received_at;
    struct wall
        found_at; /* when the document was found, by the run it was found in (the hour, of one that stays):
                                what came together has the same */
    uint8_t sha256[SHA256_BYTES]; /* of the document's bytes */
    const char *json;             /* the result, as it came */
    size_t json_len;
};
/* Calls FN once, whose answer it returns; all of it is valid until then. ERR_NOT_FOUND: it has no result
 * any more; ERR_DAMAGED: the result isn't what was stored. */
MUST_CHECK int ledger_stored_get(struct ledger *l, int64_t document_id,
                                 int (*fn)(void *ctx, const struct ledger_stored *s), void *ctx);

/* The same of each document whose result is above AFTER, up to UPTO, at most MAX, oldest first; its bytes aren't
 * compared with what was stored. FN returns 0, or an error code that ends it. Returns how many there were, or an
 * error. */
MUST_CHECK int ledger_stored_after(struct ledger *l, int64_t after, int64_t upto, int max,
                                   int (*fn)(void *ctx, const struct ledger_stored *s), void *ctx);
/* The same of one document without its result, which isn't read: json is "". */
MUST_CHECK int ledger_stored_look(struct ledger *l, int64_t document_id,
                                  int (*fn)(void *ctx, const struct ledger_stored *s), void *ctx);

struct ledger_result {
    int64_t id, settings_id; /* the settings of its document */
    const char *json;
    size_t json_len;
};
/* Results above AFTER up to UPTO, at most MAX, oldest first. FN returns 0, or an error code that ends
 * it. Returns how many there were, or an error. */
MUST_CHECK int ledger_results_after(struct ledger *l, int64_t after, int64_t upto, int max,
                                    int (*fn)(void *ctx, const struct ledger_result *r), void *ctx);
/* 1 and the SHA-256 of result ID's bytes as it was stored; 0: there is no such result. */
MUST_CHECK int ledger_result_digest(struct ledger *l, int64_t id, uint8_t out[SHA256_BYTES]);

#endif
