/* See upgrade.h. Up to version 8 the ledger held the files itself, one row a path, used again for
 * whatever came there. The file book is made beside it from what is there, and is whole before the
 * ledger lets go of its own tables: a process that ends in between begins anew.
 *
 * All names stay. What was sent and has no file any more (another content came to its path) gets one
 * again, so that each result has a name: the one it had, with a number if it was moved, else as a
 * file that was replaced. These rows stand before the others: what came last to a path has the
 * highest number. */
#include "ledger/upgrade.h"

#include "ledger/book_schema.h"
#include "ledger/naming.h"
#include "ledger/private.h"
#include "ledger/schema.h"

#include "base/crash_point.h"
#include "base/text.h"
#include "store/database_copy.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { OF_0_1_0 = 6 };

static int keep_copy(struct database *d, struct error *e)
{
    struct database_copy copy = {.fd = -1};
    struct buffer path;
    struct stat st;
    int err = 0;
    buffer_init(&path, 0);
    buffer_printf(&path, "%s.0.1.0", d->path);
    if (lstat(buffer_text(&path), &st) != 0) {
        err = database_snapshot(d);
        if (err)
            *e = d->error;
        if (!err)
            err = database_copy_make(&copy, d, buffer_text(&path), NULL, e);
        database_snapshot_end(d);
        if (!err)
            err = database_copy_publish(&copy, e);
        database_copy_release(&copy);
    }
    CRASH_POINT("upgrade_copied");
    buffer_release(&path);
    return err;
}

/* --- the rows. FORMER: documents that were sent and have no file --- */

#define FORMER                                                                                     \
    "FROM ledger.document d LEFT JOIN ledger.flight w ON w.document = d.id WHERE "                 \
    " coalesce(w.attempt, d.attempt) > 0"                                                          \
    " AND NOT EXISTS(SELECT 1 FROM ledger.file f WHERE f.document = d.id)"                         \
    " AND EXISTS(SELECT 1 FROM ledger.root)"

static int number_of_formers(struct database *d, int64_t *count)
{
    int n = database_number(d, "SELECT count(*) " FORMER, NO_VALUES, count);
    return n < 0 ? n : 0;
}

static int copy_tables(struct database *d, int64_t formers)
{
    int err = database_run(d,
                           "INSERT INTO main.root(id, path, prefix, directory)"
                           " SELECT id, path, prefix, EXISTS(SELECT 1 FROM ledger.file f"
                           "  WHERE f.root = r.id AND f.path <> r.path)"
                           "  OR NOT EXISTS(SELECT 1 FROM ledger.file f WHERE f.root = r.id)"
                           " FROM ledger.root r",
                           NO_VALUES);
    if (!err)
        err = database_run(d,
                           "INSERT INTO main.file(id, root, document, looks, size, mtime, ctime,"
                           " inode, path_key, period, path, name, base, content)"
                           " SELECT f.id + ?, f.root, f.document, CASE"
                           "  WHEN d.sha256 IS NOT NULL THEN 2"
                           "  WHEN d.code IN ('unreadable', 'changed') THEN 0 ELSE 1 END,"
                           " f.size, f.mtime, f.ctime, f.inode, 0, d.period, f.path, f.name,"
                           " NULL, d.sha256 FROM ledger.file f"
                           " JOIN ledger.document d ON d.id = f.document",
                           VALUES(V_INT(formers)));
    if (!err)
        err = database_run(d,
                           "INSERT INTO main.unprojected(file) SELECT file + ?"
                           " FROM ledger.unprojected",
                           VALUES(V_INT(formers)));
    if (!err)
        err = database_run(d,
                           "INSERT INTO main.move SELECT id, file + ?, document, why, state, at,"
                           " size, mtime, ctime, inode, target FROM ledger.move",
                           VALUES(V_INT(formers)));
    return err ? err
               : database_run(d, "INSERT INTO main.unread SELECT * FROM ledger.unread", NO_VALUES);
}

/* The path is that of the row from which it was moved, or the one that its name had below its root. */
static int add_formers(struct database *d)
{
    return database_run(
        d,
        "INSERT INTO main.file(id, root, document, life, looks, size, mtime, ctime, inode,"
        " path_key, period, path, name, base, content)"
        " SELECT row_number() OVER (ORDER BY d.id), coalesce(f.root, r.id), d.id, 1, 2,"
        " coalesce(m.size, d.size), coalesce(m.mtime, 0), coalesce(m.ctime, 0),"
        " coalesce(m.inode, 0), 0, d.period, coalesce(f.path, CAST(r.path || '/' ||"
        "  CASE WHEN length(r.prefix) = 0 THEN d.sort_name"
        "   ELSE substr(d.sort_name, length(r.prefix) + 2) END AS BLOB)), NULL, d.sort_name,"
        " d.sha256 FROM ledger.document d LEFT JOIN ledger.flight w ON w.document = d.id"
        " JOIN ledger.root r ON r.id = coalesce((SELECT min(x.id) FROM ledger.root x"
        "  WHERE length(x.prefix) = 0 OR substr(d.sort_name, 1, length(x.prefix)) = x.prefix),"
        "  (SELECT min(id) FROM ledger.root))"
        " LEFT JOIN ledger.move m ON m.id = (SELECT max(id) FROM ledger.move WHERE document = d.id)"
        " LEFT JOIN ledger.file f ON f.id = m.file WHERE coalesce(w.attempt, d.attempt) > 0"
        " AND NOT EXISTS(SELECT 1 FROM ledger.file f WHERE f.document = d.id)",
        NO_VALUES);
}

static int move_formers(struct database *d, int64_t formers)
{
    int err = database_run(d,
                           "UPDATE main.move AS m SET file = (SELECT f.id FROM main.file f"
                           "  WHERE f.document = m.document AND f.id <= ?1), state = 2"
                           " WHERE m.state > 0 AND EXISTS(SELECT 1 FROM main.file f"
                           "  WHERE f.document = m.document AND f.id <= ?1)",
                           VALUES(V_INT(formers)));
    if (!err) /* the last one says where it is */
        err = database_run(d,
                           "UPDATE main.move SET state = 1 WHERE state = 2 AND file <= ?1 AND id IN"
                           " (SELECT max(id) FROM main.move GROUP BY file)",
                           VALUES(V_INT(formers)));
    if (!err)
        err = database_run(d,
                           "UPDATE main.file SET life = 0 WHERE id <= ?1 AND id IN"
                           " (SELECT file FROM main.move WHERE state = 1)",
                           VALUES(V_INT(formers)));
    return err ? err
               : database_run(d,
                              "INSERT OR IGNORE INTO main.unprojected(file) SELECT f.id"
                              " FROM main.file f JOIN ledger.document d ON d.id = f.document"
                              " WHERE f.id <= ?1 AND d.state = 5",
                              VALUES(V_INT(formers)));
}

/* --- names --- */

static int taken(struct database *d, const char *name)
{
    int64_t id;
    return database_number(d, "SELECT id FROM main.file WHERE name_key = ? AND name = ?",
                           VALUES(V_INT(naming_key(name, 0)), V_BLOB(name, strlen(name))), &id);
}

static int choose(struct database *d, const char *base, bool moved, struct buffer *out)
{
    for (int i = moved ? 2 : 1;; i++) {
        buffer_clear(out);
        if (moved)
            naming_number(out, base, i);
        else
            naming_replaced(out, base, i);
        int n = taken(d, buffer_text(out));
        if (n <= 0)
            return n;
    }
}

struct unnamed {
    int64_t id;
    bool named, moved;
    struct buffer path, name;
};

static int read_row(struct database *d, int64_t after, struct unnamed *row)
{
    buffer_clear(&row->path);
    buffer_clear(&row->name);
    sqlite3_stmt *s = database_query(
        d,
        "SELECT f.id, f.path, coalesce(f.name, f.base, f.path), f.name IS NOT NULL,"
        " EXISTS(SELECT 1 FROM main.move m WHERE m.file = f.id AND m.state = 1) FROM main.file f"
        " WHERE f.id > ? ORDER BY f.id LIMIT 1",
        VALUES(V_INT(after)));
    int n = s ? database_step(d, s) : d->error.code;
    if (n != 1)
        return n;
    row->id = column_int(s, 0);
    row->named = column_int(s, 3) != 0;
    row->moved = column_int(s, 4) != 0;
    int err = column_buffer(d, s, 1, &row->path);
    if (!err)
        err = column_buffer(d, s, 2, &row->name);
    database_end(s);
    return err ? err : 1;
}

static int set_row(struct database *d, const struct unnamed *row, const char *name)
{
    return database_run(
        d,
        "UPDATE main.file SET path_key = ?, name_key = coalesce(?, name_key),"
        " name = coalesce(?, name) WHERE id = ?",
        VALUES(V_INT(naming_key(buffer_text(&row->path), 0)),
               name ? V_INT(naming_key(name, 0)) : (struct value){VALUE_BLOB, 0, NULL, 0},
               V_BLOB(name, name ? strlen(name) : 0), V_INT(row->id)));
}

/* The keys of all; and the names of those that have none. */
static int set_names(struct database *d)
{
    struct unnamed row = {0};
    struct buffer name;
    int n = 0;
    buffer_init(&row.path, 0);
    buffer_init(&row.name, 0);
    buffer_init(&name, 0);
    while (n >= 0 && (n = read_row(d, row.id, &row)) == 1)
        n = set_row(d, &row, row.named ? buffer_text(&row.name) : NULL);
    row.id = 0;
    while (n >= 0 && (n = read_row(d, row.id, &row)) == 1) {
        if (row.named)
            continue;
        const char *base = buffer_text(&row.name);
        if (*base == '/')
            base = strrchr(base, '/') + 1;
        n = choose(d, base, row.moved, &name);
        if (n >= 0)
            n = set_row(d, &row, buffer_text(&name));
    }
    buffer_release(&row.path);
    buffer_release(&row.name);
    buffer_release(&name);
    return n;
}

static int fill(struct database *d)
{
    int64_t formers = 0;
    int err = database_write(d);
    if (!err)
        err = number_of_formers(d, &formers);
    if (!err)
        err = copy_tables(d, formers);
    if (!err && formers)
        err = add_formers(d);
    if (!err && formers)
        err = move_formers(d, formers);
    if (!err)
        err = set_names(d);
    if (!err) /* a turn ahead: how many files each document has is counted then (reconcile.c) */
        err = database_run(d,
                           "INSERT INTO main.book(id, ledger_id, turn)"
                           " SELECT 1, ledger_id, 1 FROM ledger.meta",
                           NO_VALUES);
    return err ? err : database_commit(d);
}

static int divide(const char *path, const char *way_out, struct error *e)
{
    struct database d = {0};
    int err = book_make(path, way_out, e);
    if (err)
        return err;
    err = book_open_both(&d, path, DATABASE_WRITE, way_out);
    if (!err)
        err = fill(&d);
    CRASH_POINT("upgrade_filled");
    if (!err)
        err = database_write(&d);
    if (!err)
        err = schema_leave_files(&d);
    if (!err)
        err = database_commit(&d);
    CRASH_POINT("upgrade_done");
    if (err)
        *e = d.error;
    database_close(&d);
    return err;
}

static int divide_old(struct database *d, int version, struct error *e)
{
    char *path = xstrdup(d->path);
    const char *way_out = d->way_out;
    int err = version > 0 && version <= OF_0_1_0 ? keep_copy(d, e) : 0;
    if (!err) {
        err = schema_upgrade(d, version);
        if (err)
            *e = d->error;
    }
    database_close(d);
    if (!err)
        err = divide(path, way_out, e);
    if (!err && (err = database_open(d, path, DATABASE_WRITE, way_out)) != 0)
        *e = d->error;
    free(path);
    return err;
}

int upgrade(struct database *d, int version, struct error *e)
{
    int err = 0;
    if (version < SCHEMA_DIVIDED) {
        err = divide_old(d, version, e);
        version = SCHEMA_DIVIDED;
    }
    if (!err && (err = schema_go_on(d, version)) != 0)
        *e = d->error;
    CRASH_POINT("upgrade_ended");
    database_close(d);
    return err;
}
