/* flaws.h - what is wrong with some of a set of samples, on purpose: each flaw is one that a check of
 * the results finds, and trips no other check.
 *
 *   flaw_plan_init(&p, seed, 60, 6, &e)          which of the 60 have which of the 6
 *   for (i = 0; i < 60; i++)
 *       flaw_plan_draft(&p, &v, i);              the document, its flaw in it
 *   p.flaws[k]                                   the k-th: where it is, and what
 *   flaw_plan_release(&p);
 *
 * On paper are a wrong total, two lines' amounts that changed places, an invoice sent again as a scan
 * under another name, another IBAN than the seller's earlier invoices have, a number that is
 * missing; only the low confidence is the reading's. What is on the paper is what is answered. No
 * other document has a field that is booked read with less than High. */
#ifndef MB_SANDBOX_INVOICE_FLAWS_H
#define MB_SANDBOX_INVOICE_FLAWS_H

#include "base/error.h"
#include "sandbox/invoice/model.h"

enum flaw_kind {
    FLAW_TOTAL,
    FLAW_LINE,
    FLAW_DUPLICATE,
    FLAW_IBAN,
    FLAW_NUMBER,
    FLAW_CONFIDENCE,
    FLAW_KINDS
};

struct flaw {
    enum flaw_kind kind;
    int index;                       /* of the document */
    int of;                          /* of a duplicate's original, which is an earlier one */
    int lines[2];                    /* from 0, that changed places */
    const char *field;               /* that was read with little confidence */
    const struct supplier *supplier; /* whose account changed */
};

struct flaw_plan {
    uint64_t seed;
    int documents, count;
    struct flaw *flaws; /* in turn: flaw K is of kind K % FLAW_KINDS */
    int *of_document;   /* the flaw of each, NOTHING or ORIGINAL */
};

/* 0, or ERR_USAGE: there are too few documents for so many. Release it in any case. */
MUST_CHECK int flaw_plan_init(struct flaw_plan *p, uint64_t seed, int documents, int flaws,
                              struct error *e);
void flaw_plan_release(struct flaw_plan *p);

/* Document INDEX; returns its flaw, or NULL. */
const struct flaw *flaw_plan_draft(const struct flaw_plan *p, struct invoice *v, int index);

/* "wrong-total"; and the check that finds it, "total-sum". */
const char *flaw_name(enum flaw_kind kind);
const char *flaw_check(enum flaw_kind kind);

#endif
