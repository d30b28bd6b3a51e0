/* Where inputs went. A file's row keeps the path it was found under; a move says where its bytes are
 * now. An intent is committed before anything is moved, so that after a crash both places can be
 * looked at; once it is done, the file's stamp is the one it has there, and whoever wants the bytes
 * (another upload, a retry) reads them there.
 *
 * What comes to the path after that is another file (files.c), with a row and moves of its own.
 *
 * Invariant: of one file at most one move is intended, and at most one is where its input is. */
#include "ledger/file_book.h"

#include "ledger/private.h"

#include <stdlib.h>
#include <string.h>

/* failed and lost go to the same place */
#define KIND_OF(state) "(CASE " state " WHEN 8 THEN 6 ELSE " state " END)"

#define STATE_NOW LIFE_OF("state")

/* clang-format off */
#define MOVE_COLUMNS                                                                               \
    "SELECT f.id, f.document, " STATE_NOW ", f.size, f.mtime, f.ctime, f.inode,"                   \
    " coalesce(m.target, f.path), f.name, f.path"
#define MOVE_TABLES                                                                                \
    " JOIN document d ON d.id = f.document LEFT JOIN flight w ON w.document = d.id" MOVED_FILE
#define IS_TO_MOVE                                                                                 \
    " AND f.life = 0 AND f.name IS NOT NULL AND (?1 >> " STATE_NOW ") & 1"                         \
    " AND (m.file IS NULL OR " KIND_OF("m.why") " <> " KIND_OF(STATE_NOW) ")"
/* clang-format on */

void ledger_move_release(struct ledger_move *m)
{
    free(m->path);
    free(m->place);
    free(m->name);
    free(m->target);
    *m = (struct ledger_move){0};
}

static int take(struct ledger *l, sqlite3_stmt *s, bool intended, struct ledger_move *out, int max)
{
    int count = 0, n = 0;
    if (s == NULL)
        return l->db.error.code;
    while (count < max && (n = database_step(&l->db, s)) == 1) {
        bool fits = true;
        struct ledger_move *m = &out[count++];
        *m = (struct ledger_move){
            .file_id = column_int(s, 0),
            .document_id = column_int(s, 1),
            .state = (enum doc_state)column_int(s, 2),
            .stamp = {.size_bytes = column_int(s, 3),
                      .mtime_ns = column_int(s, 4),
                      .ctime_ns = column_int(s, 5),
                      .inode = (uint64_t)column_int(s, 6)},
            .place = column_copy(s, 7, &fits),
            .name = column_copy(s, 8, &fits),
            .path = column_copy(s, 9, &fits),
        };
        if (intended)
            m->target = column_copy(s, 10, &fits);
        if (!fits) {
            n = database_refuse(&l->db, ERR_MEMORY, "no memory for a path");
            break;
        }
    }
    database_end(s);
    while (n < 0 && count > 0)
        ledger_move_release(&out[--count]);
    return n < 0 ? n : count;
}

int ledger_moves_of(struct ledger *l, int64_t document_id, unsigned states, int64_t after,
                    struct ledger_move *out, int max)
{
    return take(l,
                database_query(&l->db,
                               MOVE_COLUMNS " FROM file f" MOVE_TABLES
                                            " WHERE f.document = ?2 AND f.id > ?3" IS_TO_MOVE
                                            " ORDER BY f.id",
                               VALUES(V_INT(states), V_INT(document_id), V_INT(after))),
                false, out, max);
}

int ledger_moves_among(struct ledger *l, unsigned states, int64_t after, int64_t span,
                       struct ledger_move *out, int max)
{
    return take(l,
                database_query(&l->db,
                               MOVE_COLUMNS " FROM file f" MOVE_TABLES
                                            " WHERE f.id > ?2 AND f.id <= ?3" IS_TO_MOVE
                                            " ORDER BY f.id",
                               VALUES(V_INT(states), V_INT(after), V_INT(after + span))),
                false, out, max);
}

/* The file as it was when the move was intended; the state that it was moved for. */
int ledger_moves_intended(struct ledger *l, int64_t after, struct ledger_move *out, int max)
{
    return take(l,
                database_query(&l->db,
                               "SELECT f.id, i.document, i.why, i.size, i.mtime, i.ctime, i.inode,"
                               " coalesce(m.target, f.path), f.name, f.path, i.target"
                               " FROM move i JOIN file f ON f.id = i.file" MOVED_FILE
                               " WHERE i.state = 0 AND i.file > ? ORDER BY i.file",
                               VALUES(V_INT(after))),
                true, out, max);
}

int ledger_file_place(struct ledger *l, int64_t file_id, struct buffer *path)
{
    sqlite3_stmt *s = database_query(&l->db, "SELECT target FROM move WHERE file = ? AND state = 1",
                                     VALUES(V_INT(file_id)));
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    if (n != 1)
        return n;
    int err = column_buffer(&l->db, s, 0, path);
    database_end(s);
    return err ? err : 1;
}

int ledger_move_intend(struct ledger *l, const struct ledger_move *m)
{
    int err = ledger_write(l);
    if (err)
        return err;
    return database_run(
        &l->db,
        "INSERT INTO move(file, document, why, state, at, size, mtime, ctime, inode, target)"
        " VALUES(?, ?, ?, 0, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT(file) WHERE state = 0 DO UPDATE SET document = excluded.document,"
        "  why = excluded.why, at = excluded.at, size = excluded.size, mtime = excluded.mtime,"
        "  ctime = excluded.ctime, inode = excluded.inode, target = excluded.target",
        VALUES(V_INT(m->file_id), V_INT(m->document_id), V_INT(m->state), V_INT(ledger_now(l)),
               V_INT(m->stamp.size_bytes), V_INT(m->stamp.mtime_ns), V_INT(m->stamp.ctime_ns),
               V_INT(m->stamp.inode), V_BLOB(m->target, strlen(m->target))));
}

int ledger_move_done(struct ledger *l, int64_t file_id, const struct file_stamp *stamp)
{
    int64_t intended = 0;
    int n = database_number(&l->db, "SELECT id FROM move WHERE file = ? AND state = 0",
                            VALUES(V_INT(file_id)), &intended);
    int err = n == 1 ? ledger_write(l) : n;
    if (err || n == 0)
        return err;
    err = database_run(&l->db,
                       "UPDATE file SET size = ?, mtime = ?, ctime = ?, inode = ?, life = 0"
                       " WHERE id = ? AND life < 2",
                       VALUES(V_INT(stamp->size_bytes), V_INT(stamp->mtime_ns),
                              V_INT(stamp->ctime_ns), V_INT(stamp->inode), V_INT(file_id)));
    if (!err)
        err = database_run(&l->db, "UPDATE move SET state = 2 WHERE file = ? AND state = 1",
                           VALUES(V_INT(file_id)));
    return err ? err
               : database_run(&l->db, "UPDATE move SET state = 1, at = ? WHERE id = ?",
                              VALUES(V_INT(ledger_now(l)), V_INT(intended)));
}

int ledger_move_drop(struct ledger *l, int64_t file_id)
{
    int err = ledger_write(l);
    if (err)
        return err;
    return database_run(&l->db, "DELETE FROM move WHERE file = ? AND state = 0",
                        VALUES(V_INT(file_id)));
}
