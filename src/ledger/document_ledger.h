/* document_ledger.h - documents, their steps, their uploads and their results.
 *
 * An attempt is one upload, recorded before its first byte leaves. */
#ifndef MB_LEDGER_DOCUMENT_LEDGER_H
#define MB_LEDGER_DOCUMENT_LEDGER_H

#include "ledger/ledger.h"

enum { LEDGER_ALIAS_MAX = 64, LEDGER_JOB_ID_MAX = 72 };

struct ledger_document {
    int64_t id, settings_id;
    enum doc_state state;
    int attempts;     /* as in struct document */
    int attempt;      /* number of the newest attempt, 0: none */
    int resends;      /* out of doubt, since a person asked for it last */
    bool may_be_paid; /* or one is known to be */
    bool has_job;     /* and it isn't known to have failed */
    bool failed;      /* the newest attempt is ATTEMPT_JOB_FAILED */
    bool unreadable;  /* the newest attempt is ATTEMPT_UNREADABLE or ATTEMPT_FORGOTTEN */
    bool dismissed;   /* as in struct document */
    /* likewise: a person asked for it again, and its job is asked for first */
    bool resend_if_gone;
    char job_id[LEDGER_JOB_ID_MAX]; /* of the newest attempt, "" if none */
    char *result_url;               /* NULL if not known; owned: ledger_document_release */
    struct wall accepted_at;        /* of the newest attempt, 0: never */
    int64_t size_bytes;
    int type, pages; /* pages -1: not counted, 0: unknown */
    uint8_t sha256[SHA256_BYTES];
};
void ledger_document_release(struct ledger_document *d);
MUST_CHECK int ledger_document_get(struct ledger *l, int64_t id, struct ledger_document *out);

enum ledger_order { ORDER_NAME, ORDER_LARGEST, ORDER_PAGES };
/* Up to MAX queued documents of SETTINGS_ID in sending order, without those for which SKIP says so
 * (in memory already). Returns how many, or an error. Works from an index: the queue's length
 * doesn't matter. */
MUST_CHECK int ledger_next_queued(struct ledger *l, int64_t settings_id, enum ledger_order order,
                                  bool (*skip)(void *ctx, int64_t id), void *ctx,
                                  struct ledger_document *out, int max);
/* Up to MAX documents in STATE, oldest acceptance first (those expire first), without those for
 * which SKIP says so, and of those in doubt without the dismissed ones. */
MUST_CHECK int ledger_documents_in(struct ledger *l, enum doc_state state,
                                   bool (*skip)(void *ctx, int64_t id), void *ctx,
                                   struct ledger_document *out, int max);

MUST_CHECK int ledger_set_pages(struct ledger *l, int64_t document_id, int pages);

/* One step of a document: state, attempts used, and a line of its history. CAUSE: "http_429", ...
 * EV_DISMISS marks it as dismissed, with CAUSE as its note; EV_RETRY and a result take that off.
 * CODE and DETAIL: what a failure says to people (may be NULL); they stay with the document until
 * it is stored. */
struct ledger_step {
    int64_t document_id;
    enum doc_state from, to;
    enum doc_event_kind event;
    int attempts;
    int attempt;       /* it is about; 0: none */
    const char *cause; /* NULL: none */
    const char *code, *detail;
};
MUST_CHECK int ledger_step(struct ledger *l, const struct ledger_step *s);

/* --- attempts --- */

/* Makes attempt number *ATTEMPT with its alias "mb-<nonce>-<document>-<attempt>"; the nonce is the
 * run's, 64 random bits. It keeps PRICE, of a page, whatever pages cost later. */
MUST_CHECK int ledger_attempt_start(struct ledger *l, int64_t document_id, struct credits price,
                                    int *attempt, char alias[LEDGER_ALIAS_MAX]);

/* What is known of its job isn't unlearned (attempt_learn): then nothing changes. */
MUST_CHECK int ledger_attempt_end(struct ledger *l, int64_t document_id, int attempt,
                                  enum attempt_outcome outcome, int status, const char *cause);
MUST_CHECK int ledger_attempt_accepted(struct ledger *l, int64_t document_id, int attempt,
                                       const char *job_id);
MUST_CHECK int ledger_attempt_result_url(struct ledger *l, int64_t document_id, int attempt,
                                         const char *url);
/* The newest attempt up to this one that may have cost something is given up for a new one: counted
 * as resent. */
MUST_CHECK int ledger_attempt_resent(struct ledger *l, int64_t document_id, int attempt);
/* The new one isn't sent after all: no longer counted. */
MUST_CHECK int ledger_attempt_unresent(struct ledger *l, int64_t document_id, int attempt);

struct ledger_attempt {
    enum attempt_outcome outcome;
    char job_id[LEDGER_JOB_ID_MAX]; /* "" if none */
    char alias[LEDGER_ALIAS_MAX];   /* as it was sent */
    bool resent;                    /* given up for a new one, out of doubt */
};
MUST_CHECK int ledger_attempt_get(struct ledger *l, int64_t document_id, int attempt,
                                  struct ledger_attempt *out); /* ERR_NOT_FOUND */

/* --- results --- */

/* Byte for byte, with their SHA-256. PAGE_COUNT 0: unknown, counts as one credit. */
MUST_CHECK int ledger_result_put(struct ledger *l, int64_t document_id, const void *bytes,
                                 size_t len, int page_count);
/* A whole answer that was no result, kept with the failed document. */
MUST_CHECK int ledger_bytes_keep(struct ledger *l, int64_t document_id, const void *bytes,
                                 size_t len);
MUST_CHECK int ledger_result_get(struct ledger *l, int64_t document_id,
                                 struct buffer *out); /* ERR_NOT_FOUND, ERR_DAMAGED */

#endif
