/* See handovers.h. One small row a sink, and a row a notice while it is on its way: nothing of it
 * grows with the batch. Results are never deleted, so their row numbers only grow; a notice's must
 * not come back after it is gone, or a later one would look as if it had been delivered. */
#include "ledger/handovers.h"
#include "ledger/private.h"

#include <stdlib.h>

static int newest(struct ledger *l, const char *sql, int64_t *out)
{
    int n = database_number(&l->db, sql, NO_VALUES, out);
    return n < 0 ? n : 0;
}

int ledger_last_result(struct ledger *l, int64_t *out)
{
    return newest(l, "SELECT coalesce(max(id), 0) FROM result", out);
}

int ledger_last_notice(struct ledger *l, int64_t *out)
{
    return newest(l, "SELECT coalesce(max(id), 0) FROM notice", out);
}

int ledger_handover_cursor(struct ledger *l, enum ledger_sink sink, int64_t *cursor)
{
    return database_number(&l->db, "SELECT result FROM handover WHERE sink = ?",
                           VALUES(V_INT(sink)), cursor);
}

int ledger_handover_move(struct ledger *l, enum ledger_sink sink, int64_t cursor)
{
    int err = ledger_write(l);
    return err ? err
               : database_run(&l->db, "INSERT OR REPLACE INTO handover(sink, result) VALUES(?, ?)",
                              VALUES(V_INT(sink), V_INT(cursor)));
}

static int take_text(struct ledger *l, sqlite3_stmt *s, int column, char **out)
{
    struct buffer text;
    if (sqlite3_column_type(s, column) == SQLITE_NULL)
        return 0;
    buffer_init(&text, 0);
    int err = column_buffer(&l->db, s, column, &text);
    if (!err && text.len)
        *out = buffer_detach(&text, NULL);
    buffer_release(&text);
    return err;
}

int ledger_handover_next(struct ledger *l, int64_t after, int64_t upto, struct ledger_handover *out)
{
    sqlite3_stmt *s = database_query(
        &l->db,
        "SELECT r.id, r.document, f.path, f.name, u.file IS NULL FROM result r"
        " LEFT JOIN file f ON f.id = (SELECT id FROM file WHERE document = r.document"
        "  ORDER BY life = 2, id LIMIT 1)"
        " LEFT JOIN unprojected u ON u.file = f.id"
        " WHERE r.id > ? AND r.id <= ? ORDER BY r.id LIMIT 1",
        VALUES(V_INT(after), V_INT(upto)));
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    if (n <= 0)
        return n;
    *out = (struct ledger_handover){.result = column_int(s, 0),
                                    .document_id = column_int(s, 1),
                                    .projected = column_int(s, 4) != 0};
    int err = take_text(l, s, 2, &out->path);
    if (!err)
        err = take_text(l, s, 3, &out->name);
    database_end(s);
    if (err)
        ledger_handover_release(out);
    return err ? err : 1;
}

void ledger_handover_release(struct ledger_handover *h)
{
    free(h->path);
    free(h->name);
    *h = (struct ledger_handover){0};
}

int ledger_handovers_between(struct ledger *l, int64_t after, int64_t upto, int64_t *count)
{
    int n = database_number(&l->db, "SELECT count(*) FROM result WHERE id > ? AND id <= ?",
                            VALUES(V_INT(after), V_INT(upto)), count);
    return n < 0 ? n : 0;
}

int ledger_notice_put(struct ledger *l, enum ledger_sink sink, const char *body, int64_t *id)
{
    int err = ledger_write(l);
    if (!err)
        err = database_run(&l->db, "INSERT INTO notice(sink, created_at, body) VALUES(?, ?, ?)",
                           VALUES(V_INT(sink), V_INT(ledger_now(l)), V_TEXT(body)));
    if (!err)
        *id = sqlite3_last_insert_rowid(l->db.db);
    return err;
}

int ledger_notice_next(struct ledger *l, enum ledger_sink sink, int64_t after, int64_t upto,
                       int64_t *id, struct wall *created_at, struct buffer *body)
{
    sqlite3_stmt *s = database_query(&l->db,
                                     "SELECT id, created_at, body FROM notice"
                                     " WHERE sink = ? AND id > ? AND id <= ? ORDER BY id LIMIT 1",
                                     VALUES(V_INT(sink), V_INT(after), V_INT(upto)));
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    if (n <= 0)
        return n;
    *id = column_int(s, 0);
    *created_at = (struct wall){column_int(s, 1)};
    int err = column_buffer(&l->db, s, 2, body);
    database_end(s);
    return err ? err : 1;
}

int ledger_notice_drop(struct ledger *l, int64_t id)
{
    int err = ledger_write(l);
    return err ? err : database_run(&l->db, "DELETE FROM notice WHERE id = ?", VALUES(V_INT(id)));
}
