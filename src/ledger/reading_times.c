/* See reading_times.h. */
#include "ledger/reading_times.h"
#include "ledger/private.h"

/* What document d is called by, as in stored_results.c. */
#define NAMED_BY                                                                                   \
    "(SELECT id FROM file WHERE document = d.id AND life <> 2 ORDER BY name IS NULL, id LIMIT 1)"

int ledger_reading_times(struct ledger *l, const struct ledger_stored_filter *filter,
                         int (*fn)(void *ctx, const struct ledger_reading *r), void *ctx)
{
    const char *period = filter->period;
    int n, rc = 0;
    sqlite3_stmt *s = database_query(
        &l->db,
        "SELECT " LIFE_OF("accepted_at") ", r.received_at FROM " LIFE " JOIN result r ON r.id = " LIFE_OF(
            "result") " JOIN file f ON f.id = " NAMED_BY
                      " WHERE " LIFE_OF(
                          "state") " = 5 AND r.id <= ?1 AND (?2 IS NULL OR f.period = ?2) AND r.received_at >= ?3",
        VALUES(V_INT(filter->upto), period ? V_TEXT(period) : V_BLOB(NULL, 0),
               V_INT(filter->since.ms)));
    if (s == NULL)
        return l->db.error.code;
    while ((n = database_step(&l->db, s)) == 1 && !rc) {
        const struct ledger_reading r = {{column_int(s, 0)}, {column_int(s, 1)}};
        rc = fn(ctx, &r);
    }
    if (n == 1)
        database_end(s);
    return n < 0 ? n : rc;
}
