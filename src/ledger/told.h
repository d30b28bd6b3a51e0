/* told.h - what somebody was told of the batch already, so that it is told once whatever becomes of the
 * process: marks that are written with the notice's row, and what has come to a bad end since. */
#ifndef MB_LEDGER_TOLD_H
#define MB_LEDGER_TOLD_H

#include "ledger/ledger.h"

/* Stored beside the sinks of handovers.h: never renumber. */
enum ledger_told {
    TOLD_FAILURES = 16,       /* up to this row of the history */
    TOLD_TROUBLE_AT = 17,     /* when somebody was told of trouble last; ms since 1970 */
    TOLD_CERTIFICATE_AT = 18, /* of a certificate that ends */
    TOLD_UNREAD = 19,         /* so many files are unread */
    TOLD_SINKS = 20,          /* the sinks that the newest run had, a bit each */
};

/* 1 and *OUT, or 0: never written. */
MUST_CHECK int ledger_told_get(struct ledger *l, enum ledger_told what, int64_t *out);
/* With the turn's commit. */
MUST_CHECK int ledger_told_set(struct ledger *l, enum ledger_told what, int64_t value);

/* The history's newest row; 0: there is none. */
MUST_CHECK int ledger_newest_event(struct ledger *l, int64_t *out);

/* A document that isn't stored, by the first of its files. */
struct ledger_failure {
    const char *name, *path;   /* the path where it is now */
    enum doc_state state;      /* failed, rejected, lost or in doubt */
    const char *code, *detail; /* "" if none */
};
/* Those that came to that state after row AFTER of the history and are still there, in the order they
 * did; not the dismissed. FN returns non-zero to stop. */
MUST_CHECK int ledger_failures_since(struct ledger *l, int64_t after,
                                     int (*fn)(void *ctx, const struct ledger_failure *f),
                                     void *ctx);

/* Results that some sink of on_stored hasn't got: one that the newest run had. */
MUST_CHECK int ledger_handover_left(struct ledger *l, int64_t *left);

#endif
