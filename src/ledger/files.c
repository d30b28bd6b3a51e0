/* Files: each path, and the document that its bytes are.
 *
 * One content under one set of settings is one document, whatever number of paths hold it. A file
 * that could not be read has a rejected document of its own, which goes when the file reads fine.
 * When a path's content changed it points to another document; the old one keeps its history and
 * its result, and counts as "former" once no file points to it.
 *
 * A file's name is its root's prefix and its path below the root, so who else may have it is found
 * by path: names need no index, whose pages would cost more than the rest of a new file's row.
 *
 * Invariants: document.files is the number of rows that point to it; a rejected document that was
 * never attempted doesn't outlive its last file. */
#include "ledger/private.h"

#include "base/crash_point.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int ledger_file_find(struct ledger *l, const char *path, struct ledger_file *out)
{
    sqlite3_stmt *s = database_query(
        &l->db,
        /* clang-format off */
        "SELECT f.id, f.root, f.document, f.size, f.mtime, f.ctime, f.inode, d.settings, "
        LIFE_OF("state") ", d.type, d.broken, d.sha256, d.pages FROM file f"
        " JOIN document d ON d.id = f.document LEFT JOIN flight w ON w.document = d.id"
        " WHERE f.path = ?",
        /* clang-format on */
        VALUES(V_BLOB(path, strlen(path))));
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    if (n != 1)
        return n;
    *out = (struct ledger_file){
        .id = column_int(s, 0),
        .root_id = column_int(s, 1),
        .document_id = column_int(s, 2),
        .settings_id = column_int(s, 7),
        .stamp = {.size_bytes = column_int(s, 3),
                  .mtime_ns = column_int(s, 4),
                  .ctime_ns = column_int(s, 5),
                  .inode = (uint64_t)column_int(s, 6)},
        .state = (enum doc_state)column_int(s, 8),
        .type = (int)column_int(s, 9),
        .pages = (int)column_int(s, 12),
        .broken = column_int(s, 10) != 0,
    };
    if (sqlite3_column_bytes(s, 11) == SHA256_BYTES)
        memcpy(out->sha256, sqlite3_column_blob(s, 11), SHA256_BYTES);
    database_end(s);
    return 1;
}

/* One file fewer; the row goes if nothing needs it any more. */
static int leave(struct ledger *l, int64_t id)
{
    struct document_row before, after;
    int err = row_load(l, id, &before);
    if (err)
        return err;
    after = before;
    after.files--;
    REQUIRE(after.files >= 0);
    err = row_save(l, &before, &after);
    if (!err && after.files == 0 && after.state == DOC_REJECTED && after.attempt == 0 &&
        after.answer == ANSWER_NONE)
        err = row_delete(l, &after);
    return err;
}

int file_repoint(struct ledger *l, int64_t from, int64_t to)
{
    struct document_row before, after;
    if (from == to)
        return 0;
    int err = row_load(l, to, &before);
    if (err)
        return err;
    after = before;
    after.files++;
    err = row_save(l, &before, &after);
    return !err && from ? leave(l, from) : err;
}

struct known_file {
    int64_t id, document; /* 0: not known */
    bool same_name;       /* and the same root */
};

static int find_known(struct ledger *l, const struct ledger_new_file *f, struct known_file *known)
{
    sqlite3_stmt *s = database_query(
        &l->db, "SELECT id, document, name IS ? AND root = ? FROM file WHERE path = ?",
        VALUES(V_BLOB(f->name, strlen(f->name)), V_INT(f->root_id),
               V_BLOB(f->path, strlen(f->path))));
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    *known = (struct known_file){0};
    if (n != 1)
        return n;
    known->id = column_int(s, 0);
    known->document = column_int(s, 1);
    known->same_name = column_int(s, 2) != 0;
    database_end(s);
    return 0;
}

/* 0, with *HOLDER if the file at PATH is known and gave up its name, or ERR_USAGE if it is still
 * there, or where it was moved to. */
static int check_holder(struct ledger *l, const struct ledger_new_file *f, const char *path,
                        int64_t *holder)
{
    struct stat st;
    int64_t id, move;
    int n = database_number(&l->db, "SELECT id FROM file WHERE path = ? AND name IS NOT NULL",
                            VALUES(V_BLOB(path, strlen(path))), &id);
    if (n != 1)
        return n;
    int moved = database_number(&l->db, "SELECT id FROM move WHERE file = ? AND state = 1",
                                VALUES(V_INT(id)), &move);
    if (moved < 0)
        return moved;
    if (moved || lstat(path, &st) == 0 || (errno != ENOENT && errno != ENOTDIR))
        return database_refuse(&l->db, ERR_USAGE,
                               "%s and %s would both have their result at %s.json: set another "
                               "output.directory for one of them",
                               text_show(f->path), text_show(path), text_show(f->name));
    *holder = id;
    return 0;
}

/* The path that would have the whole name NAME under a root at PATH with PREFIX:
 * whether there is one. */
static bool path_under(const char *path, const char *prefix, const char *name, struct buffer *out)
{
    size_t len = strlen(prefix);
    buffer_clear(out);
    if (strcmp(name, prefix) == 0)
        buffer_put(out, path);
    else if (len == 0)
        buffer_printf(out, "%s/%s", path, name);
    else if (strncmp(name, prefix, len) == 0 && name[len] == '/')
        buffer_printf(out, "%s%s", path, name + len);
    return out->len > 0;
}

/* PREFIX and what of FILE_PATH lies below PATH: the name before it was cut to fit. */
static bool whole_name(const char *path, const char *prefix, const char *file_path,
                       struct buffer *out)
{
    size_t len = strlen(path);
    if (strncmp(file_path, path, len) != 0)
        return false;
    const char *rest = file_path + len;
    buffer_put(out, prefix);
    buffer_put(out, *prefix == '\0' && *rest == '/' ? rest + 1 : rest);
    return out->len > 0;
}

/* Within a root names are as different as paths; between roots that isn't so. Another root's file
 * that has the name and is still there keeps it: ERR_USAGE.
 * One that is gone gives it up: *HOLDER. */
static int check_name(struct ledger *l, const struct ledger_new_file *f, int64_t *holder)
{
    struct buffer name, path;
    int n, err = 0;
    *holder = 0;
    sqlite3_stmt *s = database_query(&l->db,
                                     "SELECT o.path, o.prefix, r.path, r.prefix FROM root r, root o"
                                     " WHERE r.id = ?1 AND o.id <> ?1",
                                     VALUES(V_INT(f->root_id)));
    if (s == NULL)
        return l->db.error.code;
    buffer_init(&name, 0);
    buffer_init(&path, 0);
    while (!err && *holder == 0 && (n = database_step(&l->db, s)) != 0) {
        err = n < 0 ? n : 0;
        buffer_clear(&name);
        if (!err && whole_name(column_text(s, 2), column_text(s, 3), f->path, &name) &&
            path_under(column_text(s, 0), column_text(s, 1), buffer_text(&name), &path))
            err = check_holder(l, f, buffer_text(&path), holder);
    }
    database_end(s);
    buffer_release(&name);
    buffer_release(&path);
    return err;
}

static int write_file(struct ledger *l, const struct ledger_new_file *f,
                      const struct known_file *known, int64_t document)
{
    const struct file_stamp *st = &f->stamp;
    if (known->id == 0) {
        l->totals.n[COUNT_FILES]++;
        return database_run(
            &l->db,
            "INSERT INTO file(root, document, size, mtime, ctime, inode, path, name)"
            " VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
            VALUES(V_INT(f->root_id), V_INT(document), V_INT(st->size_bytes), V_INT(st->mtime_ns),
                   V_INT(st->ctime_ns), V_INT(st->inode), V_BLOB(f->path, strlen(f->path)),
                   V_BLOB(f->name, strlen(f->name))));
    }
    if (known->same_name && known->document == document)
        return database_run(&l->db,
                            "UPDATE file SET size = ?, mtime = ?, ctime = ?, inode = ?"
                            " WHERE id = ?",
                            VALUES(V_INT(st->size_bytes), V_INT(st->mtime_ns), V_INT(st->ctime_ns),
                                   V_INT(st->inode), V_INT(known->id)));
    return database_run(&l->db,
                        "UPDATE file SET root = ?, document = ?, size = ?,"
                        " mtime = ?, ctime = ?, inode = ?, name = ? WHERE id = ?",
                        VALUES(V_INT(f->root_id), V_INT(document), V_INT(st->size_bytes),
                               V_INT(st->mtime_ns), V_INT(st->ctime_ns), V_INT(st->inode),
                               V_BLOB(f->name, strlen(f->name)), V_INT(known->id)));
}

/* A rejected document can be sent after all: its file reads fine now, or the rules changed. */
static int queue_again(struct ledger *l, const struct document_row *row)
{
    struct document_row after = *row;
    after.state = DOC_QUEUED;
    after.words = false;
    int err = row_event(l, &after, (enum doc_state)row->state, EV_RETRY, 0, "read_again");
    if (!err)
        err = row_words(l, row->id, NULL, NULL);
    return err ? err : row_save(l, row, &after);
}

/* The document that holds F's content, if one does: 1 and *OUT. For a file that could not be read:
 * the rejected one it has. */
static int find_document(struct ledger *l, const struct ledger_new_file *f,
                         const struct known_file *known, struct document_row *out)
{
    int64_t id = known->document;
    int n =
        f->sha256
            ? database_number(&l->db, "SELECT id FROM document WHERE sha256 = ? AND settings = ?",
                              VALUES(V_BLOB(f->sha256, SHA256_BYTES), V_INT(f->settings_id)), &id)
            : id != 0;
    int err = n == 1 ? row_load(l, id, out) : n;
    if (n != 1 || err)
        return err;
    return f->sha256 || (!out->content && out->settings == f->settings_id);
}

static int make_document(struct ledger *l, const struct ledger_new_file *f,
                         struct document_row *out)
{
    const struct new_document new = {
        .settings = f->settings_id,
        .state = f->reject_code ? DOC_REJECTED : DOC_QUEUED,
        .sha256 = f->sha256,
        .size = f->stamp.size_bytes,
        .type = f->type,
        .pages = f->pages,
        .broken = f->broken,
        .code = f->reject_code,
        .detail = f->reject_detail,
        .period = f->period,
        .sort_name = f->name,
        .sort_name_len = strlen(f->name),
    };
    return document_new(l, &new, out);
}

static int settle_document(struct ledger *l, const struct ledger_new_file *f,
                           const struct known_file *known, enum ledger_put *put, int64_t *id)
{
    struct document_row row = {0};
    int n = find_document(l, f, known, &row);
    if (n < 0)
        return n;
    int err = 0;
    if (n == 0) {
        err = make_document(l, f, &row);
        *put = f->reject_code ? PUT_REJECTED : PUT_QUEUED;
    } else if (row.state == DOC_REJECTED && f->reject_code == NULL) {
        err = queue_again(l, &row);
        *put = PUT_QUEUED;
    } else {
        if (row.state == DOC_REJECTED)
            err = row_words(l, row.id, f->reject_code, f->reject_detail);
        bool waits_for_a_file = row.state == DOC_QUEUED && row.files == 0;
        *put = row.id == known->document ? PUT_UNCHANGED
               : waits_for_a_file        ? PUT_QUEUED
                                         : PUT_DUPLICATE;
    }
    *id = row.id;
    return err;
}

/* The file has another document than before, or another name, or is new. */
static int project_again(struct ledger *l, const struct ledger_new_file *f,
                         const struct known_file *known, int64_t document)
{
    struct document_row row;
    int64_t file = known->id;
    int err = row_load(l, document, &row);
    if (err)
        return err;
    if (row.state != DOC_STORED)
        return file ? projection_forget(l, file) : 0;
    int n = database_number(&l->db, "SELECT id FROM file WHERE path = ?",
                            VALUES(V_BLOB(f->path, strlen(f->path))), &file);
    return n < 0 ? n : projection_want(l, file);
}

int ledger_file_put(struct ledger *l, const struct ledger_new_file *f, enum ledger_put *put,
                    int64_t *document_id)
{
    struct known_file known;
    int64_t holder;
    REQUIRE(f->sha256 || f->reject_code);
    int err = find_known(l, f, &known);
    if (!err)
        err = check_name(l, f, &holder);
    if (!err)
        err = ledger_write(l);
    if (!err && holder)
        err =
            database_run(&l->db, "UPDATE file SET name = NULL WHERE id = ?", VALUES(V_INT(holder)));
    if (!err && holder)
        err = projection_forget(l, holder);
    if (!err)
        err = settle_document(l, f, &known, put, document_id);
    CRASH_POINT("file_put_document");
    if (!err)
        err = write_file(l, f, &known, *document_id);
    if (!err && known.id && !f->moved)
        err = move_is_past(l, known.id);
    if (!err)
        err = file_repoint(l, known.document, *document_id);
    if (!err && !(known.same_name && known.document == *document_id))
        err = project_again(l, f, &known, *document_id);
    return err;
}

int ledger_file_changed(struct ledger *l, int64_t file_id, const char *code, const char *detail)
{
    struct document_row from, own;
    int64_t document = 0;
    int n = database_number(&l->db, "SELECT document FROM file WHERE id = ?",
                            VALUES(V_INT(file_id)), &document);
    if (n < 0)
        return n;
    if (n == 0)
        return database_refuse(&l->db, ERR_NOT_FOUND, "there is no file %lld in the ledger",
                               (long long)file_id);
    int err = ledger_write(l);
    if (!err)
        err = row_load(l, document, &from);
    if (!err && !from.content)
        return row_words(l, document, code, detail);
    if (!err) {
        const struct new_document new = {.settings = from.settings,
                                         .state = DOC_REJECTED,
                                         .code = code,
                                         .detail = detail,
                                         .pages = -1,
                                         .sort_name = ""};
        err = document_new(l, &new, &own);
    }
    if (!err) /* a stamp no file has: the next walk reads it again */
        err = database_run(&l->db,
                           "UPDATE file SET document = ?, size = -1, mtime = 0, ctime = 0,"
                           " inode = 0 WHERE id = ?",
                           VALUES(V_INT(own.id), V_INT(file_id)));
    if (!err)
        err = projection_forget(l, file_id);
    return err ? err : file_repoint(l, document, own.id);
}

int ledger_content_sent(struct ledger *l, const struct ledger_settings *s,
                        const uint8_t sha256[SHA256_BYTES])
{
    int64_t state = 0;
    int n = database_number(
        &l->db,
        /* clang-format off */
        "SELECT " LIFE_OF("state") " FROM settings s JOIN " LIFE
        " WHERE d.settings = s.id AND d.sha256 = ?1"
        " AND (?3 IS NULL OR (s.product = ?2 AND s.model_id = ?3 AND s.options = ?4))",
        /* clang-format on */
        VALUES(V_BLOB(sha256, SHA256_BYTES), V_TEXT(s->product), V_TEXT(s->model_id),
               V_TEXT(s->options)),
        &state);
    return n == 1 ? state != DOC_QUEUED && state != DOC_REJECTED : n;
}
