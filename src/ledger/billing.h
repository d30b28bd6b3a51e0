/* billing.h - what the documents of a ledger cost, upload by upload: for those who put it beside Mindee's own
 * page. The sum of `confirmed` over all lines is `credits` of ledger_counts, and that of `at_risk` its
 * credits_at_risk, if both are read at one moment:
 *
 *   ledger_read_begin(l);
 *   ledger_counts(l, &counts);
 *   ledger_billing(l, price, fn, ctx);
 *   ledger_read_end(l);
 *
 * Memory: the uploads of one document. */
#ifndef MB_LEDGER_BILLING_H
#define MB_LEDGER_BILLING_H

#include "ledger/ledger.h"

/* What can be added up. Pages are those of confirmed uploads, as results say. */
struct bill {
    int64_t documents, failed, rejected; /* that count; the last two cost nothing */
    int64_t pages;
    int64_t resent;           /* uploads that were sent again out of doubt */
    struct credits planned;   /* of all that was sent or is to be: by the pages counted before */
    struct credits confirmed; /* charged, as far as is known */
    struct credits open;      /* taken by Mindee, no result yet */
    struct credits at_risk;   /* nobody knows whether it was taken */
    struct credits saved;     /* by further files of the same content */
};
void bill_add(struct bill *sum, const struct bill *more);

struct bill_line {
    int64_t document_id, settings_id;
    const char *period; /* of the document's first file that counts; of what is saved, of the
                           further file; "" if none */
    struct wall at;     /* when the upload began. What isn't about one is at the newest; where
                           there was none, when the document's first file was found */
    struct bill bill;
};

/* A document's lines follow each other, in the order of documents. PRICE of a page: of what was never sent.
 * FN returns 0, or an error code that ends it. */
MUST_CHECK int ledger_billing(struct ledger *l, struct credits price,
                              int (*fn)(void *ctx, const struct bill_line *line), void *ctx);

#endif
