/* See told.h. The marks are rows of the table of sinks: each is a number that says how far somebody
 * has got. A document's step into a bad state is a row of the history; one that leaves it and comes
 * back (a retry that failed again) has a newer one, and is news. */
#include "ledger/told.h"
#include "ledger/handovers.h"
#include "ledger/private.h"

int ledger_told_get(struct ledger *l, enum ledger_told what, int64_t *out)
{
    return ledger_handover_cursor(l, (enum ledger_sink)what, out);
}

int ledger_told_set(struct ledger *l, enum ledger_told what, int64_t value)
{
    return ledger_handover_move(l, (enum ledger_sink)what, value);
}

int ledger_newest_event(struct ledger *l, int64_t *out)
{
    int n = database_number(&l->db, "SELECT coalesce(max(id), 0) FROM event", NO_VALUES, out);
    return n < 0 ? n : 0;
}

int ledger_failures_since(struct ledger *l, int64_t after,
                          int (*fn)(void *ctx, const struct ledger_failure *f), void *ctx)
{
    int n;
    sqlite3_stmt *s = database_query(
        &l->db,
        /* clang-format off */
        "SELECT coalesce(f.name, f.path), coalesce(m.target, f.path), " LIFE_OF("state") ","
        " coalesce(d.code, ''), coalesce(d.detail, '')"
        " FROM (SELECT document, became, max(id) AS newest FROM event"
        "  WHERE id > ? AND became IN (2, 6, 7, 8) AND was <> became GROUP BY document, became) e"
        " JOIN document d ON d.id = e.document LEFT JOIN flight w ON w.document = d.id"
        " JOIN file f ON f.id = (SELECT id FROM file WHERE document = d.id AND life <> 2"
        "  ORDER BY id LIMIT 1)" MOVED_FILE
        " WHERE " LIFE_OF("state") " = e.became AND NOT " IS_DISMISSED
        " ORDER BY e.newest",
        /* clang-format on */
        VALUES(V_INT(after)));
    if (s == NULL)
        return l->db.error.code;
    while ((n = database_step(&l->db, s)) == 1) {
        const struct ledger_failure f = {.name = column_text(s, 0),
                                         .path = column_text(s, 1),
                                         .state = (enum doc_state)column_int(s, 2),
                                         .code = column_text(s, 3),
                                         .detail = column_text(s, 4)};
        if (fn(ctx, &f) != 0)
            break;
    }
    database_end(s);
    return n < 0 ? n : 0;
}

/* A ledger of a program that didn't say which sinks it had counts all that it knows. */
int ledger_handover_left(struct ledger *l, int64_t *left)
{
    int n = database_number(
        &l->db,
        "SELECT count(*) FROM result WHERE id > (SELECT min(h.result) FROM handover h"
        " WHERE h.sink IN (1, 2) AND (h.sink & coalesce("
        "  (SELECT result FROM handover WHERE sink = 20), 3)) <> 0)",
        NO_VALUES, left);
    return n < 0 ? n : 0;
}
