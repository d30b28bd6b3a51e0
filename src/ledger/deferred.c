/* See deferred.h. */
#include "ledger/deferred.h"

#include "ledger/row_cache.h"
#include "ledger/spending_internal.h"

static bool concerns(const char *table, const char *column)
{
    return row_cache_concerns(table, column) || spending_concerns(table);
}

static int write_all(void *ctx)
{
    struct ledger *l = ctx;
    int err = row_cache_write(l);
    return err ? err : spending_write(l);
}

void deferred_begin(struct ledger *l)
{
    database_defer(&l->db, concerns, write_all, l);
}

void deferred_forget(struct ledger *l)
{
    row_cache_clear(l);
    spending_forget(l);
    l->db.deferred.some = false;
}
