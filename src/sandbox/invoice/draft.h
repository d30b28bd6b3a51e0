/* draft.h - an invoice or receipt made up from a seed and an index, with as many lines as its paper
 * has room for on the pages it is to have. */
#ifndef MB_SANDBOX_INVOICE_DRAFT_H
#define MB_SANDBOX_INVOICE_DRAFT_H

#include "sandbox/invoice/model.h"

/* Document INDEX (from 0) of the set of SEED. Of 20 in a row 17 are PDFs, two of these longer than
 * a page; the others are images. */
void invoice_draft(struct invoice *v, uint64_t seed, int index);
/* The same, but of that seller, if it isn't a receipt. */
void invoice_draft_of(struct invoice *v, uint64_t seed, int index, const struct supplier *s);
/* None is dated later. */
struct date invoice_last_date(void);

#endif
