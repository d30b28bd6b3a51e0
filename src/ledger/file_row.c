/* See file_row.h and private.h. Invariant: document.files is the number of its files that count. */
#include "ledger/file_row.h"

#include "ledger/naming.h"

#include <stdlib.h>
#include <string.h>

#define FILE_ROW                                                                                   \
    "SELECT f.id, f.root, f.document, f.life, f.looks, f.pending, f.size, f.mtime, f.ctime,"       \
    " f.inode, f.name, f.base, f.content,"                                                         \
    " " PERIOD_CLOSED ", coalesce(m.state, i.state), coalesce(m.size, i.size),"                    \
    " coalesce(m.mtime, i.mtime), coalesce(m.ctime, i.ctime), coalesce(m.inode, i.inode)"          \
    " FROM file f" MOVED_FILE MOVING_FILE

static char *optional_copy(sqlite3_stmt *s, int column, bool *fits)
{
    return sqlite3_column_type(s, column) == SQLITE_NULL ? NULL : column_copy(s, column, fits);
}

static struct file_stamp column_stamp(sqlite3_stmt *s, int first)
{
    return (struct file_stamp){.size_bytes = column_int(s, first),
                               .mtime_ns = column_int(s, first + 1),
                               .ctime_ns = column_int(s, first + 2),
                               .inode = (uint64_t)column_int(s, first + 3)};
}

static int read_row(struct ledger *l, sqlite3_stmt *s, struct file_row *out)
{
    bool fits = true;
    *out = (struct file_row){.move = -1};
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    if (n != 1)
        return n;
    *out = (struct file_row){
        .id = column_int(s, 0),
        .root = column_int(s, 1),
        .document = column_int(s, 2),
        .life = (enum file_life)column_int(s, 3),
        .looks = (enum file_looks)column_int(s, 4),
        .pending = sqlite3_column_type(s, 5) != SQLITE_NULL,
        .stamp = column_stamp(s, 6),
        .name = optional_copy(s, 10, &fits),
        .base = optional_copy(s, 11, &fits),
        .closed = column_int(s, 13) != 0,
        .move = sqlite3_column_type(s, 14) == SQLITE_NULL ? -1 : (int)column_int(s, 14),
        .source = column_stamp(s, 15),
    };
    if (sqlite3_column_bytes(s, 12) == SHA256_BYTES)
        memcpy(out->content, sqlite3_column_blob(s, 12), SHA256_BYTES);
    database_end(s);
    if (fits)
        return 0;
    file_row_release(out);
    return database_refuse(&l->db, ERR_MEMORY, "no memory for a name");
}

int file_row_at(struct ledger *l, const char *path, struct file_row *out)
{
    return read_row(l,
                    database_query(&l->db,
                                   FILE_ROW " WHERE f.path_key = ? AND f.path = ?"
                                            " ORDER BY f.id DESC LIMIT 1",
                                   VALUES(V_INT(naming_key(path, 0)), V_BLOB(path, strlen(path)))),
                    out);
}

int file_row_load(struct ledger *l, int64_t id, struct file_row *out)
{
    return read_row(l, database_query(&l->db, FILE_ROW " WHERE f.id = ?", VALUES(V_INT(id))), out);
}

void file_row_release(struct file_row *row)
{
    free(row->name);
    free(row->base);
    row->name = row->base = NULL;
}

static int change_files(struct ledger *l, int64_t document_id, int by)
{
    struct document_row before, after;
    int err = row_load(l, document_id, &before);
    if (err)
        return err;
    after = before;
    after.files += by;
    REQUIRE(after.files >= 0);
    l->linked = true;
    return row_save(l, &before, &after);
}

int document_gains_file(struct ledger *l, int64_t document_id)
{
    int err = change_files(l, document_id, 1);
    if (!err)
        l->totals.n[COUNT_FILES]++;
    return err;
}

void document_has_file(struct ledger *l)
{
    l->linked = true;
    l->totals.n[COUNT_FILES]++;
}

int document_loses_file(struct ledger *l, int64_t document_id)
{
    int err = change_files(l, document_id, -1);
    if (!err)
        l->totals.n[COUNT_FILES]--;
    return err;
}

int file_repoint(struct ledger *l, int64_t file_id, bool counted, int64_t from, int64_t to)
{
    struct document_row row = {0};
    int64_t one;
    if (from == to)
        return 0;
    int err = database_run(&l->db, "UPDATE file SET document = ? WHERE id = ?",
                           VALUES(V_INT(to), V_INT(file_id)));
    if (!err && counted)
        err = change_files(l, to, 1);
    if (!err && counted)
        err = change_files(l, from, -1);
    if (!err)
        err = row_load(l, from, &row);
    bool never_left = row.attempt == 0 && (row.state == DOC_QUEUED || row.state == DOC_REJECTED);
    if (err || row.files > 0 || !never_left)
        return err;
    int n = database_number(&l->db, "SELECT 1 FROM file WHERE document = ? LIMIT 1",
                            VALUES(V_INT(from)), &one);
    l->linked = true;
    return n == 0 ? row_delete(l, &row) : n < 0 ? n : 0;
}

int file_row_set_life(struct ledger *l, struct file_row *row, enum file_life life)
{
    bool was = row->life != LIFE_LEFT, is = life != LIFE_LEFT;
    if (row->life == life)
        return 0;
    int err = database_run(&l->db, "UPDATE file SET life = ? WHERE id = ?",
                           VALUES(V_INT(life), V_INT(row->id)));
    if (!err && was && !is)
        err = document_loses_file(l, row->document);
    if (!err && !was && is)
        err = document_gains_file(l, row->document);
    row->life = life;
    return err;
}
