/* What a run learned about how long jobs take, for the next one: a few hundred bytes for each kind
 * of document, opaque here. Losing it costs a run some polls and nothing else: what can't be what
 * was put, whoever changed it, is as good as nothing. */
#include "ledger/learned.h"
#include "ledger/private.h"

#include <string.h>

int ledger_learned_put(struct ledger *l, int64_t settings, int kind, const void *bytes, size_t len)
{
    int err = ledger_write(l);
    if (err)
        return err;
    return database_run(&l->db,
                        "INSERT INTO learned(settings, kind, bytes) VALUES(?, ?, ?)"
                        " ON CONFLICT(settings, kind) DO UPDATE SET bytes = excluded.bytes",
                        VALUES(V_INT(settings), V_INT(kind), V_BLOB(len ? bytes : "", len)));
}

int ledger_learned_get(struct ledger *l, int64_t settings, int kind, void *out, size_t size,
                       size_t *len)
{
    sqlite3_stmt *s =
        database_query(&l->db, "SELECT bytes FROM learned WHERE settings = ? AND kind = ?",
                       VALUES(V_INT(settings), V_INT(kind)));
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    if (n <= 0)
        return n;
    int found = sqlite3_column_bytes(s, 0);
    bool fits = sqlite3_column_type(s, 0) == SQLITE_BLOB && found > 0 && (size_t)found <= size;
    *len = fits ? (size_t)found : 0;
    if (fits)
        memcpy(out, sqlite3_column_blob(s, 0), *len);
    database_end(s);
    return fits;
}
