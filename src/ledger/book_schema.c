/* See book_schema.h.
 *
 * file: one row for each coming of a content to a path; never deleted, but for one whose document
 * the ledger doesn't have (reconcile.c). life: enum file_life. looks: enum file_looks. path_key,
 * name_key: naming_key, which keeps the indexes small. name: NULL if it has none (yet); base: what
 * it is called without the number or the word that it has in `name`; pending: it is to be numbered.
 * stands: where its result was published before it got another name, and still is. content: the
 * SHA-256 of what it is a coming of; NULL: never read. replaces: the file that made room for it,
 * below zero if that was in the past (life) before.
 *
 * book.folds: naming_place_number.
 *
 * unprojected: results to be written out; again: what stands under the name was published for it.
 * move: as in the first six versions of the ledger. number: from which number on names may be free.
 */
#include "ledger/book_schema.h"

#include "base/text.h"
#include "store/filesystem_check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BOOK_APPLICATION_ID = 0x4d426662 /* "MBfb" */, BOOK_VERSION = 1 };

static const char schema[] =
    "PRAGMA application_id=1296197218;"
    "CREATE TABLE book(id INTEGER PRIMARY KEY CHECK(id = 1), ledger_id INTEGER NOT NULL,"
    "  turn INTEGER NOT NULL DEFAULT 0, folds INTEGER NOT NULL DEFAULT 0,"
    "  boot TEXT NOT NULL DEFAULT '', checked_file INTEGER NOT NULL DEFAULT 0,"
    "  checked_result INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE root(id INTEGER PRIMARY KEY, path BLOB NOT NULL UNIQUE, prefix BLOB NOT NULL,"
    "  directory INTEGER NOT NULL);"
    "CREATE TABLE file(id INTEGER PRIMARY KEY, root INTEGER NOT NULL, document INTEGER NOT NULL,"
    "  life INTEGER NOT NULL DEFAULT 0, looks INTEGER NOT NULL, pending INTEGER,"
    "  replaces INTEGER,"
    "  size INTEGER NOT NULL, mtime INTEGER NOT NULL, ctime INTEGER NOT NULL,"
    "  inode INTEGER NOT NULL, path_key INTEGER NOT NULL, name_key INTEGER, period TEXT,"
    "  path BLOB NOT NULL, name BLOB, base BLOB, stands BLOB, content BLOB);"
    "CREATE INDEX file_path ON file(path_key);"
    "CREATE INDEX file_name ON file(name_key) WHERE name_key IS NOT NULL;"
    "CREATE INDEX file_document ON file(document);"
    "CREATE INDEX file_period ON file(period) WHERE period IS NOT NULL;"
    "CREATE INDEX file_pending ON file(base) WHERE pending IS NOT NULL;"
    "CREATE INDEX file_stands ON file(stands) WHERE stands IS NOT NULL;"
    "CREATE TABLE unprojected(file INTEGER PRIMARY KEY, again INTEGER NOT NULL DEFAULT 0);"
    "CREATE TABLE move(id INTEGER PRIMARY KEY, file INTEGER NOT NULL, document INTEGER NOT NULL,"
    "  why INTEGER NOT NULL, state INTEGER NOT NULL, at INTEGER NOT NULL, size INTEGER NOT NULL,"
    "  mtime INTEGER NOT NULL, ctime INTEGER NOT NULL, inode INTEGER NOT NULL,"
    "  target BLOB NOT NULL);"
    "CREATE UNIQUE INDEX move_intended ON move(file) WHERE state = 0;"
    "CREATE UNIQUE INDEX move_there ON move(file) WHERE state = 1;"
    "CREATE TABLE unread(path BLOB PRIMARY KEY, root INTEGER NOT NULL, why TEXT NOT NULL)"
    " WITHOUT ROWID;"
    "CREATE TABLE number(base BLOB PRIMARY KEY, next INTEGER NOT NULL) WITHOUT ROWID;"
    "PRAGMA user_version=1;";

_Static_assert(BOOK_APPLICATION_ID == 1296197218 && BOOK_VERSION == 1, "as in the statements");

#define TABLES "'book','root','file','unprojected','move','unread','number'"
enum { TABLE_COUNT = 7 };

char *book_path(const char *ledger_path)
{
    struct buffer b;
    buffer_init(&b, 0);
    buffer_printf(&b, "%s.files", ledger_path);
    return buffer_detach(&b, NULL);
}

static int look(struct database *d)
{
    int64_t application = 0, version = 0, ours = 0;
    int n = database_number(d, "PRAGMA application_id", NO_VALUES, &application);
    if (n >= 0)
        n = database_number(d, "PRAGMA user_version", NO_VALUES, &version);
    if (n >= 0)
        n = database_number(d,
                            "SELECT count(*) FROM main.sqlite_schema WHERE type = 'table'"
                            " AND name IN (" TABLES ")",
                            NO_VALUES, &ours);
    if (n < 0)
        return n;
    if (application != BOOK_APPLICATION_ID)
        return database_refuse(d, ERR_DAMAGED,
                               "%s isn't a file book of mindee-batch; it was left as it is. %s",
                               text_show(d->path), d->way_out);
    if (version > BOOK_VERSION)
        return database_refuse(d, ERR_DAMAGED, "%s was made by a newer mindee-batch: use that one",
                               text_show(d->path));
    if (ours != TABLE_COUNT)
        return database_refuse(d, ERR_DAMAGED, "%s is damaged (a table is gone). %s",
                               text_show(d->path), d->way_out);
    return 0;
}

static int drop(const char *path, const char *suffix, struct error *e)
{
    struct buffer b;
    buffer_init(&b, 0);
    buffer_printf(&b, "%s%s", path, suffix);
    int rc = unlink(buffer_text(&b)) == 0 || errno == ENOENT
                 ? 0
                 : error_system(e, ERR_IO, errno, "remove %s", text_show(buffer_text(&b)));
    buffer_release(&b);
    return rc;
}

int book_make(const char *ledger_path, const char *way_out, struct error *e)
{
    char *path = book_path(ledger_path);
    struct database d = {0};
    bool created;
    int err = drop(path, "", e);
    if (!err)
        err = drop(path, "-wal", e);
    if (!err)
        err = drop(path, "-shm", e);
    if (!err)
        err = filesystem_check_create(path, &created, e);
    if (!err) {
        /* until the ledger relies on it, it is made anew: without a journal */
        err = database_open(&d, path, DATABASE_WRITE, way_out);
        if (!err)
            err = database_script(&d, "PRAGMA journal_mode=OFF");
        if (!err)
            err = database_write(&d);
        if (!err)
            err = database_script(&d, schema);
        if (!err)
            err = database_commit(&d);
        if (!err)
            err = database_script(&d, "PRAGMA journal_mode=WAL");
        if (err)
            *e = d.error;
        database_close(&d);
    }
    free(path);
    return err;
}

static int attach(struct database *d, const char *ledger_path)
{
    int err = database_run(d, "ATTACH ? AS ledger", (const struct value[]){V_TEXT(ledger_path)}, 1);
    return err ? err
               : database_script(d, "PRAGMA main.cache_size=-2000; PRAGMA ledger.cache_size=-2000;"
                                    "PRAGMA ledger.synchronous=FULL;"
                                    "PRAGMA ledger.secure_delete=FAST;"
                                    "PRAGMA ledger.journal_size_limit=16777216;");
}

int book_open_both(struct database *d, const char *ledger_path, enum database_mode mode,
                   const char *way_out)
{
    char *path = book_path(ledger_path);
    struct stat st;
    if (stat(path, &st) != 0) {
        *d = (struct database){.way_out = way_out, .path = path};
        return database_refuse(d, ERR_DAMAGED,
                               "%s, the file book of this ledger, is gone. %s (ledger.db and "
                               "ledger.db.files together)",
                               text_show(path), way_out);
    }
    int err = database_open(d, path, mode, way_out);
    if (!err)
        err = look(d);
    if (!err)
        err = attach(d, ledger_path);
    if (!err) {
        free(d->path);
        d->path = xstrdup(ledger_path);
    }
    free(path);
    return err;
}

int book_quick_check(const char *ledger_path, const char *way_out, struct error *e)
{
    char *path = book_path(ledger_path), words[200] = "";
    struct database d = {0};
    struct stat st;
    int err = 0;
    if (stat(path, &st) == 0) {
        err = database_open(&d, path, DATABASE_READ, way_out);
        sqlite3_stmt *s = err ? NULL : database_query(&d, "PRAGMA quick_check(1)", NO_VALUES);
        int n = s ? database_step(&d, s) : d.error.code;
        bool fine = n == 1 && text_copy(words, sizeof words, column_text(s, 0)) &&
                    sqlite3_stricmp(words, "ok") == 0;
        if (n == 1)
            database_end(s);
        err = n < 0 ? n : 0;
        if (!err && !fine)
            err = database_refuse(&d, ERR_DAMAGED, "%s is damaged (%s); it was left as it is. %s",
                                  text_show(path), words, way_out);
        if (err)
            *e = d.error;
        database_close(&d);
    }
    free(path);
    return err;
}
