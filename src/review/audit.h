/* audit.h - who decided what, and when: entries that are only added to, each with a hash over itself and the hash
 * before it. The first stands on the ledger's id. So whoever knows a hash (it is printed wherever a report goes)
 * can tell that nothing before it was changed, moved or cut.
 *
 *   audit_add(d, ledger_id, &entry)            in a transaction of the caller's
 *   audit_head(d, ledger_id, head)             the newest hash
 *   audit_check(d, ledger_id, head, &found, &e)  the whole chain; and whether HEAD is in it
 *
 * hash = SHA-256 over the hash before and the fields id, at, actor, action, record, field, before, after and note,
 * each as a netstring ("5:alice,"); hashes are lower-case hex. */
#ifndef MB_REVIEW_AUDIT_H
#define MB_REVIEW_AUDIT_H

#include "base/clock.h"
#include "base/digest.h"
#include "store/database.h"

struct audit_entry {
    struct wall at;
    const char *actor, *action;
    const char *record, *field, *before, *after, *note; /* NULL counts as "" */
};

MUST_CHECK int audit_add(struct database *d, uint64_t ledger_id, const struct audit_entry *entry);
/* Of an empty trail what the first entry will stand on. */
MUST_CHECK int audit_head(struct database *d, uint64_t ledger_id, char out[SHA256_HEX]);

struct audit_found {
    int64_t entries;
    char head[SHA256_HEX];
    bool whole;          /* every entry stands on the one before, and is as it was written */
    int64_t broken_at;   /* else the id of the first that doesn't */
    bool of_this_ledger; /* the first stands on this ledger's id */
    bool has_asked;      /* the hash that was asked for is in it */
};
/* ASKED may be NULL. Errors are the database's. */
MUST_CHECK int audit_check(struct database *d, uint64_t ledger_id, const char *asked,
                           struct audit_found *out);

struct audit_row {
    int64_t id;
    const char *at, *actor, *action, *record, *field, *before, *after, *note, *prev, *hash;
};
/* Of RECORD or a part of it alone, NULL: of all; in their order. FN returns 0, or an error code that ends it. */
MUST_CHECK int audit_each(struct database *d, const char *record,
                          int (*fn)(void *ctx, const struct audit_row *row), void *ctx);

#endif
