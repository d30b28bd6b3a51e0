/* See notifier_internal.h: when the ledger is written. While a batch runs, what is noted joins its
 * turn; when none does, each change is committed here. */
#include "base/log.h"
#include "notify/notifier_internal.h"

bool notifier_commit(struct notifier *n)
{
    if (!n->alone || ledger_commit(n->ledger) == 0)
        return true;
    LOG(LOG_WARNING, "notify.commit_failed", LOG_STR("cause", ledger_error(n->ledger)->text));
    ledger_recover(n->ledger);
    return false;
}
