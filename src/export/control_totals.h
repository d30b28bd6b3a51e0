/* control_totals.h - the numbers by which a reader of an export sees that nothing is missing: from files to
 * documents, from documents to records, from records to amounts by currency.
 *
 *   control_totals_init(&c, &counts);                  the ledger's, of what is exported
 *   control_totals_document(&c, records);              each document that has a result
 *   control_totals_record(&c, state, currency, net, tax, total);    each of its records
 *   control_totals_check(&c, &e);                      they add up, or nothing is exported
 *   control_totals_json(&text, &c);                    {"files":…, …, "currencies":[…]}
 *   control_totals_release(&c);
 *
 * Sums are exact; amounts of different currencies never meet. */
#ifndef MB_EXPORT_CONTROL_TOTALS_H
#define MB_EXPORT_CONTROL_TOTALS_H

#include "base/buffer.h"
#include "base/decimal.h"
#include "base/error.h"
#include "ledger/ledger.h"
#include "review/review.h"
#include "tables/cell.h"

enum { CONTROL_CURRENCY_MAX = 32 /* bytes, with the NUL; longer ones are cut */ };

struct control_currency {
    char code[CONTROL_CURRENCY_MAX]; /* as it was read; "" for none */
    int64_t records;
    struct decimal net, tax, total;
    struct { /* of it: of records that are to be reviewed */
        int64_t records;
        struct decimal net, tax, total;
    } open;
};

struct control_totals {
    struct ledger_counts counts;
    bool
        whole; /* all that COUNTS speaks of is exported: stored documents are those that were read */
    int64_t documents;      /* that were read */
    int64_t records;        /* in them */
    int64_t without_record; /* documents that hold none */
    int64_t not_summed;     /* numbers that are in no sum: over 18 digits, or not numbers */
    bool reviewed;          /* it is known what became of each record: */
    int64_t states[REVIEW_STATES];
    struct control_currency *currencies; /* by code; owned */
    size_t currency_count, currency_capacity;
};

void control_totals_init(struct control_totals *c, const struct ledger_counts *counts, bool whole);
void control_totals_release(struct control_totals *c);
void control_totals_document(struct control_totals *c, int64_t records);
/* NULL: the record has no such field. Absent ones and nulls add nothing. STATE counts if `reviewed`. */
void control_totals_record(struct control_totals *c, enum review_state state,
                           const struct cell *currency, const struct cell *net,
                           const struct cell *tax, const struct cell *total);
/* ERR_DAMAGED, with the equation that is wrong in E. */
MUST_CHECK int control_totals_check(const struct control_totals *c, struct error *e);
/* An amount with its currency's decimals, more where it has more. Returns OUT. */
const char *control_amount(const struct control_currency *c, struct decimal amount,
                           char out[DECIMAL_TEXT_MAX]);
void control_totals_json(struct buffer *out, const struct control_totals *c);

#endif
