/* See unread_files.h. Few rows: of a share that is away its PATH stands for all that is below. */
#include "ledger/unread_files.h"

#include "ledger/private.h"

#include <string.h>

int ledger_unread_put(struct ledger *l, int64_t root_id, const char *path, const char *why)
{
    int err = ledger_write(l);
    return err ? err
               : database_run(&l->db,
                              "INSERT INTO unread(path, root, why) VALUES(?, ?, ?)"
                              " ON CONFLICT(path) DO UPDATE SET why = excluded.why",
                              VALUES(V_BLOB(path, strlen(path)), V_INT(root_id), V_TEXT(why)));
}

int ledger_unread_clear(struct ledger *l, int64_t root_id)
{
    int64_t some = 0;
    int n = database_number(&l->db, "SELECT 1 FROM unread WHERE root = ? LIMIT 1",
                            VALUES(V_INT(root_id)), &some);
    if (n <= 0)
        return n;
    int err = ledger_write(l);
    return err ? err
               : database_run(&l->db, "DELETE FROM unread WHERE root = ?", VALUES(V_INT(root_id)));
}

int ledger_unread_count(struct ledger *l, int64_t *count)
{
    int n = database_number(&l->db, "SELECT count(*) FROM unread", NO_VALUES, count);
    return n < 0 ? n : 0;
}

int ledger_unread_list(struct ledger *l, int (*fn)(void *ctx, const char *path, const char *why),
                       void *ctx)
{
    sqlite3_stmt *s =
        database_query(&l->db, "SELECT path, why FROM unread ORDER BY path", NO_VALUES);
    int n = s ? 1 : l->db.error.code;
    while (n > 0 && (n = database_step(&l->db, s)) == 1)
        if (fn(ctx, column_text(s, 0), column_text(s, 1)) != 0) {
            database_end(s);
            return 0;
        }
    return n;
}
