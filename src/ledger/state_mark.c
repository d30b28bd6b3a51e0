/* See state_mark.h. Each step of a document is a row of `event`, whatever is counted is a counter; names and moves
 * change without either. */
#include "ledger/state_mark.h"

#include "ledger/spending_internal.h"

static int put_newest(struct ledger *l, struct buffer *out)
{
    sqlite3_stmt *s =
        database_query(&l->db,
                       "SELECT (SELECT max(id) FROM event), (SELECT max(id) FROM attempt),"
                       " (SELECT max(id) FROM result), (SELECT max(id) FROM file),"
                       " (SELECT max(id) FROM move), (SELECT count(*) FROM move WHERE state = 0),"
                       " (SELECT sum(name_key & 4294967295) FROM file WHERE name_key IS NOT NULL)",
                       NO_VALUES);
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    if (n != 1)
        return n;
    for (int i = 0; i < 7; i++)
        buffer_printf(out, "%lld ", (long long)column_int(s, i));
    database_end(s);
    return 0;
}

static int put_unread(struct ledger *l, struct buffer *out)
{
    int n;
    sqlite3_stmt *s =
        database_query(&l->db, "SELECT path, why FROM unread ORDER BY path", NO_VALUES);
    if (s == NULL)
        return l->db.error.code;
    while ((n = database_step(&l->db, s)) == 1)
        buffer_printf(out, "\n%s: %s", column_text(s, 0), column_text(s, 1));
    return n;
}

int ledger_state_mark(struct ledger *l, struct buffer *out)
{
    struct totals t;
    int err = totals_now(l, &t);
    if (err)
        return err;
    buffer_printf(out, "%016llx ", (unsigned long long)l->id);
    for (int id = 0; id < COUNTERS; id++)
        if (id != COUNT_TURNS)
            buffer_printf(out, "%lld ", (long long)t.n[id]);
    err = put_newest(l, out);
    if (!err)
        err = put_unread(l, out);
    buffer_put(out, "\n");
    return err;
}
