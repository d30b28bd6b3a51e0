/* handovers.h - how far the results have been handed on,
 * and the notices that are still to be delivered.
 *
 * Results are handed on in the order they were stored (their row's number, which only grows). What
 * a sink has is one number, its cursor: all results up to it. The writes join the turn's
 * transaction like any other of the ledger's (ledger.h). */
#ifndef MB_LEDGER_HANDOVERS_H
#define MB_LEDGER_HANDOVERS_H

#include "ledger/document_ledger.h"
#include "ledger/ledger.h"

enum ledger_sink { SINK_URL = 1, SINK_COMMAND = 2, SINK_MAIL = 4 }; /* stored: never renumber */

/* The newest result's number, 0: there is none. Counts those of this turn, which aren't durable. */
MUST_CHECK int ledger_last_result(struct ledger *l, int64_t *out);

/* Where SINK stands: 1 and *CURSOR, or 0 if nothing was ever written for it. */
MUST_CHECK int ledger_handover_cursor(struct ledger *l, enum ledger_sink sink, int64_t *cursor);
/* It has all results up to CURSOR. */
MUST_CHECK int ledger_handover_move(struct ledger *l, enum ledger_sink sink, int64_t cursor);

struct ledger_handover {
    int64_t result;      /* its number */
    int64_t document_id; /* whose result it is: the bytes by ledger_result_get */
    char *path, *name;   /* of the first of its files, owned; NULL: none points to it any more */
    bool projected;      /* its result file is written */
};
/* The first result above AFTER and up to UPTO: 1 and *OUT, or 0. */
MUST_CHECK int ledger_handover_next(struct ledger *l, int64_t after, int64_t upto,
                                    struct ledger_handover *out);
void ledger_handover_release(struct ledger_handover *h);
/* How many there are above AFTER and up to UPTO. */
MUST_CHECK int ledger_handovers_between(struct ledger *l, int64_t after, int64_t upto,
                                        int64_t *count);

/* --- notices: each waits for one sink, and goes when that has it --- */

MUST_CHECK int ledger_notice_put(struct ledger *l, enum ledger_sink sink, const char *body,
                                 int64_t *id);
/* The first for SINK above AFTER and up to UPTO: 1, its BODY appended; or 0. */
MUST_CHECK int ledger_notice_next(struct ledger *l, enum ledger_sink sink, int64_t after,
                                  int64_t upto, int64_t *id, struct wall *created_at,
                                  struct buffer *body);
MUST_CHECK int ledger_notice_drop(struct ledger *l, int64_t id);
MUST_CHECK int ledger_last_notice(struct ledger *l, int64_t *out); /* 0: there is none */

#endif
