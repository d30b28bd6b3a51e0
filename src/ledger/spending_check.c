/* What is spent, counted anew from the rows of the attempts: for `verify` and the tests. */
#include "ledger/spending_internal.h"

#include "base/text.h"

#define QUARTER_MS "900000"
_Static_assert(SPENT_QUARTER_MS == 900000, "as in QUARTER_MS");

#define UNIT                                                                                       \
    "CASE WHEN " LIFE_OF("result_pages") " > 0 THEN " LIFE_OF(                                     \
        "result_pages") " WHEN d.pages > 0 THEN d.pages ELSE 1 END"
#define COSTS                                                                                      \
    " FROM attempt a JOIN document d ON d.id = a.document"                                         \
    " LEFT JOIN flight w ON w.document = d.id WHERE NOT " ATTEMPT_IS_FREE

static int check_since(struct ledger *l, const struct totals *now, enum counter from,
                       enum counter sum)
{
    int64_t micro = 0;
    int n =
        database_number(&l->db, "SELECT coalesce(sum(a.price * " UNIT "), 0)" COSTS " AND a.id > ?",
                        VALUES(V_INT(now->n[from])), &micro);
    if (n < 0)
        return n;
    return micro == now->n[sum] ? 0
                                : database_refuse(&l->db, ERR_DAMAGED,
                                                  "%s: what was spent doesn't add up (counter %d "
                                                  "says %lld, the attempts say %lld)",
                                                  text_show(l->db.path), sum,
                                                  (long long)now->n[sum], (long long)micro);
}

int spending_check(struct ledger *l, const struct totals *now)
{
    static const char of_quarters[] =
        "SELECT count(*) FROM (SELECT q, sum(m) AS m FROM ("
        " SELECT a.started_at / " QUARTER_MS " AS q, a.price * " UNIT " AS m" COSTS
        " UNION ALL SELECT quarter, -micro FROM spent) GROUP BY q) WHERE m <> 0";
    int64_t wrong = 0;
    int err = check_since(l, now, COUNT_COUNT_FROM, COUNT_COUNTED);
    if (!err)
        err = check_since(l, now, COUNT_AGAIN_FROM, COUNT_AGAIN);
    int n = err ? err : database_number(&l->db, of_quarters, NO_VALUES, &wrong);
    if (n < 0 || !wrong)
        return n < 0 ? n : 0;
    return database_refuse(&l->db, ERR_DAMAGED,
                           "%s: what was spent in %lld quarters of an hour isn't what the attempts "
                           "say",
                           text_show(l->db.path), (long long)wrong);
}
