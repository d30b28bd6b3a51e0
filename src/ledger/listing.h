/* listing.h - every file with what became of it, and a document's history. */
#ifndef MB_LEDGER_LISTING_H
#define MB_LEDGER_LISTING_H

#include "ledger/ledger.h"

/* Every file, in path order: FN returns non-zero to stop. ONLY_UNSTORED: failures.csv, in which the
 * dismissed ones aren't either. */
struct ledger_listing {
    const char *path, *name;
    enum doc_state state;
    int64_t file_id, document_id, settings_id;
    int attempt;             /* number of the newest one; 0: none */
    struct wall accepted_at; /* of that; 0: never */
    struct wall dismissed;   /* when; 0: it isn't */
    bool there; /* its bytes are at its path, or where it was moved to, as far as is known */
    bool left;  /* it doesn't count any more: never sent, and gone or left out since */
    const char *code, *detail, *job_id; /* "" if none */
    int64_t size_bytes;
    int pages; /* of the result, else as counted, else 0 */
    bool projected;
    const char *moved_to; /* where the input is, if it isn't at its path any more; else "" */
    int64_t file_size_bytes, file_mtime_ns; /* as it was there, or at its path */
};
MUST_CHECK int ledger_list(struct ledger *l, bool only_unstored,
                           int (*fn)(void *ctx, const struct ledger_listing *row), void *ctx);

/* The same of every file that is or was at PATH, newest first; also of those that don't count. */
MUST_CHECK int ledger_list_at(struct ledger *l, const char *path,
                              int (*fn)(void *ctx, const struct ledger_listing *row), void *ctx);

/* Its file is at PATH now, as far as is known. */
bool ledger_listing_is_at(const struct ledger_listing *row, const char *path);
/* The same of the files that a person means by PATH: the one that is there now; where there is none,
 * or with ALL, every one that was. 1, or 0: none ever was. */
MUST_CHECK int ledger_list_meant(struct ledger *l, const char *path, bool all,
                                 int (*fn)(void *ctx, const struct ledger_listing *row), void *ctx);

/* The same of the files of a document, also of those that don't count. */
MUST_CHECK int ledger_list_of(struct ledger *l, int64_t document_id,
                              int (*fn)(void *ctx, const struct ledger_listing *row), void *ctx);

/* The same of the files that belong to PERIOD. */
MUST_CHECK int ledger_list_period(struct ledger *l, const char *period,
                                  int (*fn)(void *ctx, const struct ledger_listing *row),
                                  void *ctx);

/* When a document came to the state that it is in. */
MUST_CHECK int ledger_since(struct ledger *l, int64_t document_id, struct wall *out);

/* A document's history, oldest first. */
struct ledger_event {
    int64_t id; /* what happened later has a higher one */
    struct wall at;
    enum doc_state from, to;
    enum doc_event_kind event;
    int attempt;
    const char *cause; /* "" if none */
};
MUST_CHECK int ledger_history(struct ledger *l, int64_t document_id,
                              int (*fn)(void *ctx, const struct ledger_event *row), void *ctx);

#endif
