/* supplier_accounts.h - which bank accounts stand in whose documents, by VAT number or name: for iban-new.
 *
 *   supplier_accounts_look(d, id, &keys, &found)            before it is known whether ID is sure
 *   supplier_accounts_put(d, id, &keys, sure)               in a transaction of the caller's
 *   supplier_accounts_remove(d, id, &keys)
 *
 * Only records that are *sure* make an account known: one that was rejected, or waits for a person because its account is
 * new or it may be a duplicate, isn't, or else the second invoice of a fraud would pass in silence. Who changes whether
 * a record is sure, puts or removes it, has those checked again that supplier_accounts_concern names: all are later ones.
 *
 * KEYS are those that ID was put with. Errors are the database's (d->error). */
#ifndef MB_REVIEW_SUPPLIER_ACCOUNTS_H
#define MB_REVIEW_SUPPLIER_ACCOUNTS_H

#include "review/duplicate_index.h"

struct accounts_found {
    bool any;                       /* an earlier record of the supplier has a bank account, */
    bool known;                     /* an earlier one that is sure has that of this record */
    bool doubted;                   /* where it isn't known: one that isn't sure has it */
    bool known_by[DUPLICATE_NAMES]; /* by which of its names */
};
MUST_CHECK int supplier_accounts_look(struct database *d, int64_t id,
                                      const struct duplicate_keys *keys,
                                      struct accounts_found *out);

enum account_state { ACCOUNT_NONE, ACCOUNT_DOUBTED, ACCOUNT_SURE };
/* An enum account_state, or an error. */
MUST_CHECK int supplier_accounts_state(struct database *d, int64_t id,
                                       const struct duplicate_keys *keys);
/* In place of what ID had. */
MUST_CHECK int supplier_accounts_put(struct database *d, int64_t id,
                                     const struct duplicate_keys *keys, bool sure);
MUST_CHECK int supplier_accounts_remove(struct database *d, int64_t id,
                                        const struct duplicate_keys *keys);

/* FN for each record whose iban-new may be another once ID goes from one state to the other: it may come with OPENS, else
 * only go. FOUND is of ID. */
MUST_CHECK int supplier_accounts_concern(struct database *d, int64_t id,
                                         const struct duplicate_keys *keys,
                                         const struct accounts_found *found,
                                         enum account_state before, enum account_state after,
                                         void (*fn)(void *ctx, int64_t record, bool opens),
                                         void *ctx);

#endif
