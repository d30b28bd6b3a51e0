/* cost.h - what one document cost, as the ledger's numbers count it (counts.c). */
#ifndef MB_LEDGER_COST_H
#define MB_LEDGER_COST_H

#include "ledger/ledger.h"

struct ledger_cost {
    struct wall came; /* when its first file was found */
    int uploads;
    int64_t pages;   /* charged, as far as is known: those of each upload that was read */
    int64_t at_risk; /* of uploads in doubt: may have been charged besides */
    int64_t out;     /* of uploads that are being read, or in doubt */
};
MUST_CHECK int ledger_cost(struct ledger *l, int64_t document_id, struct ledger_cost *out);

#endif
