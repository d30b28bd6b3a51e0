/* See private.h: what a write begins with, whichever file it is in. The turn's transaction is opened
 * by its first write, and ended by ledger_commit. */
#include "ledger/private.h"

#include "base/text.h"

int64_t ledger_now(const struct ledger *l)
{
    return clock_wall(l->clock).ms;
}

int ledger_write(struct ledger *l)
{
    if (l->read_only)
        return database_refuse(&l->db, ERR_USAGE, "%s was opened for reading",
                               text_show(l->db.path));
    l->ahead_stale = true;
    return database_write(&l->db);
}

void ledger_read_begin(struct ledger *l)
{
    database_read_begin(&l->db);
}

void ledger_read_end(struct ledger *l)
{
    database_read_end(&l->db);
}
