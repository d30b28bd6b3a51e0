/* See ledger.h: opening, the turn's commit, closing; settings.
 *
 * Opening: the directory must be on a local disk; a writer takes the run lock; a missing file is
 * made, empty and 0600, before SQLite sees it; what SQLite finds must be a ledger of ours or an
 * empty database; after an unclean end (the lock file's text is still there, or a log was left) the
 * whole file is checked; older schemas are upgraded. Nothing is ever overwritten: whatever isn't as
 * it should be is left for a person.
 *
 * A turn: writes open a transaction; the commit writes the counters that changed and makes all of
 * it durable. A failed write or commit rolls back all of the turn; the counters and cached rows of
 * that turn are dropped by ledger_recover, and until then counts answer as last committed. */
#include "ledger/private.h"

#include "base/crash_point.h"
#include "base/random.h"
#include "base/text.h"
#include "ledger/book_schema.h"
#include "ledger/deferred.h"
#include "ledger/document_ledger.h"
#include "ledger/reconcile.h"
#include "ledger/row_cache.h"
#include "ledger/schema.h"
#include "ledger/sent_settings.h"
#include "ledger/upgrade.h"
#include "store/filesystem_check.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char way_out[] =
    "Put a backup in its place, or move it away (or set ledger.path) to begin a new one, which "
    "would send, and pay for, every document again";

static char *lock_path_of(const char *path)
{
    size_t len = strlen(path);
    if (len > 3 && strcmp(path + len - 3, ".db") == 0)
        len -= 3;
    struct buffer b;
    buffer_init(&b, 0);
    buffer_printf(&b, "%.*s.lock", (int)len, path);
    return buffer_detach(&b, &len);
}

int ledger_asked_at(struct ledger *l, const char *directory, struct error *e)
{
    return run_lock_add(&l->lock, directory, e);
}

int ledger_find_asked_at(const char *path, char *directory, size_t size)
{
    char *lock = lock_path_of(path);
    int found = run_lock_added(lock, directory, size);
    free(lock);
    return found;
}

static bool log_was_left(const char *path)
{
    struct buffer wal;
    struct stat st;
    buffer_init(&wal, 0);
    buffer_printf(&wal, "%s-wal", path);
    bool left = stat(buffer_text(&wal), &st) == 0 && st.st_size > 0;
    buffer_release(&wal);
    return left;
}

/* The book's first: a ledger that has its row has a book. */
static int make_meta(struct ledger *l)
{
    struct random random;
    random_init_system(&random);
    int64_t id = (int64_t)random_u64(&random);
    int err = ledger_write(l);
    if (!err)
        err = database_run(&l->db, "INSERT OR REPLACE INTO book(id, ledger_id) VALUES(1, ?)",
                           VALUES(V_INT(id)));
    if (!err)
        err = database_run(&l->db, "INSERT INTO meta(id, ledger_id, created_at) VALUES(1, ?, ?)",
                           VALUES(V_INT(id), V_INT(ledger_now(l))));
    return err ? err : database_commit(&l->db);
}

static int read_meta(struct ledger *l)
{
    int64_t id = 0, order = 0;
    int n = database_number(&l->db, "SELECT ledger_id FROM meta", NO_VALUES, &id);
    if (n == 0 && !l->read_only) { /* new, or a first start that ended between two commits */
        int err = make_meta(l);
        n = err ? err : database_number(&l->db, "SELECT ledger_id FROM meta", NO_VALUES, &id);
    }
    if (n == 1)
        n = database_number(&l->db, "SELECT queue_order FROM meta", NO_VALUES, &order);
    l->id = (uint64_t)id;
    l->queue_order = (enum ledger_order)order;
    if (n == 0)
        return database_refuse(&l->db, ERR_NOT_FOUND, "%s: nothing is in it yet",
                               text_show(l->db.path));
    return n < 0 ? n : 0;
}

/* The ledger is empty: its book, if there is one, must be, too. */
static int check_empty(const char *path, struct error *e)
{
    struct database d = {0};
    struct stat st;
    int64_t files = 0;
    char *book = book_path(path);
    int err = 0;
    if (stat(book, &st) == 0 && st.st_size > 0) {
        int n = database_open(&d, book, DATABASE_READ, way_out);
        if (n == 0)
            n = database_number(&d, "SELECT count(*) FROM file", NO_VALUES, &files);
        if (n == 1 && files > 0)
            err = error_set(e, ERR_DAMAGED,
                            "%s is empty, and its file book, %s, knows of %lld "
                            "files: %s",
                            text_show(path), text_show(book), (long long)files, way_out);
        database_close(&d);
    }
    free(book);
    return err;
}

/* The ledger says nothing yet, and its book isn't there (a first start was cut off). */
static bool lacks_book(struct database *d, const char *path)
{
    struct stat st;
    int64_t one;
    char *book = book_path(path);
    bool lacks =
        stat(book, &st) != 0 && database_number(d, "SELECT 1 FROM meta", NO_VALUES, &one) == 0;
    free(book);
    return lacks;
}

/* The group may read the files while no run has them, too. */
static bool keeps_logs(const struct ledger *l)
{
    return !l->read_only && l->access == ACCESS_GROUP;
}

/* The ledger alone: looked at, and brought to this program's version. */
static int look_alone(struct ledger *l, const char *path, bool unclean, struct error *e)
{
    struct database d;
    int version = 0;
    int err = database_open(&d, path, l->read_only ? DATABASE_READ : DATABASE_WRITE, way_out);
    if (!err && keeps_logs(l))
        database_keep_log(&d, "main");
    if (!err)
        err = schema_look(&d, &version);
    if (!err && unclean && version > 0)
        err = schema_quick_check(&d);
    if (!err && l->read_only && version == 0)
        err = database_refuse(&d, ERR_NOT_FOUND, "%s: nothing is in it yet", text_show(path));
    bool divided = version >= SCHEMA_DIVIDED;
    bool no_book = !err && !l->read_only && divided && lacks_book(&d, path);
    if (err)
        *e = d.error;
    else if (unclean && divided)
        err = book_quick_check(path, way_out, e);
    else if (version == 0)
        err = check_empty(path, e);
    if (!err && !l->read_only && version < SCHEMA_VERSION)
        err = upgrade(&d, version, e);
    else
        database_close(&d);
    if (!err && no_book)
        err = book_make(path, way_out, e);
    return err;
}

static int open_database(struct ledger *l, const char *path, bool unclean, struct error *e)
{
    int err = look_alone(l, path, unclean, e);
    CRASH_POINT("ledger_schema_made");
    if (err)
        return err;
    err = book_open_both(&l->db, path, l->read_only ? DATABASE_READ : DATABASE_WRITE, way_out);
    if (!err && !l->read_only) /* both: a copy made by ledger_backup has rollback journals */
        err = database_script(&l->db, "PRAGMA main.journal_mode=WAL;"
                                      "PRAGMA ledger.journal_mode=WAL");
    if (!err && keeps_logs(l)) {
        database_keep_log(&l->db, "main"); /* the book's */
        database_keep_log(&l->db, "ledger");
    }
    if (!err && !l->read_only)
        deferred_begin(l);
    if (!err)
        err = read_meta(l);
    if (!err)
        err = totals_load(l, &l->committed);
    l->totals = l->committed;
    l->committed_order = l->queue_order;
    if (!err)
        err = reconcile(l);
    if (err)
        *e = l->db.error;
    return err;
}

/* An older ledger is brought up to date by whoever opens it first, also who only reads. */
static int bring_up_to_date(const struct ledger_options *options, struct error *e)
{
    struct ledger_options writing = *options;
    struct database d;
    struct ledger *l;
    int version = SCHEMA_VERSION;
    int err = database_open(&d, options->path, DATABASE_READ, way_out);
    if (!err && schema_look(&d, &version) < 0)
        version = SCHEMA_VERSION; /* whoever opens it says what is wrong */
    database_close(&d);
    if (err || version == 0 || version == SCHEMA_VERSION)
        return 0;
    writing.read_only = false;
    err = ledger_open(&l, &writing, e);
    if (!err)
        ledger_close(l);
    return err;
}

/* The directory, the lock, the file itself. */
static int prepare_files(struct ledger *l, const char *path, bool *unclean, struct error *e)
{
    bool created;
    struct stat st;
    if (l->read_only) {
        if (stat(path, &st) != 0)
            return error_system(e, errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_IO,
                                errno, "no ledger at %s", text_show(path));
        return filesystem_check(path, "ledger.path", e);
    }
    char *directory = filesystem_check_directory(path);
    int err = filesystem_check(directory, "ledger.path", e);
    free(directory);
    if (!err)
        err = run_lock_take(&l->lock, l->lock_path, l->access, clock_wall(l->clock), unclean, e);
    if (!err)
        err = filesystem_check_create(path, &created, e);
    if (!err)
        err = filesystem_check(path, "ledger.path", e);
    *unclean = *unclean || log_was_left(path);
    return err;
}

/* SQLite gives what it makes beside a database the mode of that. */
static void open_to_group(const struct ledger *l, const char *path)
{
    static const char *const suffixes[] = {"",           "-wal",       "-shm",  ".files",
                                           ".files-wal", ".files-shm", ".0.1.0"};
    struct buffer b;
    if (!keeps_logs(l))
        return;
    buffer_init(&b, 0);
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        buffer_clear(&b);
        buffer_printf(&b, "%s%s", path, suffixes[i]);
        file_access_open_to_group(buffer_text(&b));
    }
    buffer_release(&b);
}

enum file_access ledger_access(const struct ledger *l)
{
    return l->access;
}

int ledger_open(struct ledger **out, const struct ledger_options *options, struct error *e)
{
    struct ledger *l = xcalloc(1, sizeof *l);
    bool unclean = false;
    *out = NULL;
    l->clock = options->clock;
    row_cache_init(l);
    l->read_only = options->read_only;
    l->access = options->access ? options->access : file_access_of(options->path);
    l->lock.fd = -1;
    l->orphan_bytes = -1;
    l->lock_path = lock_path_of(options->path);
    int err = prepare_files(l, options->path, &unclean, e);
    if (!err && l->read_only)
        err = bring_up_to_date(options, e);
    if (err) {
        ledger_close(l);
        return err;
    }
    l->unclean = unclean;
    open_to_group(l, options->path);
    CRASH_POINT("ledger_locked");
    err = open_database(l, options->path, unclean, e);
    CRASH_POINT("ledger_opened");
    if (err) {
        database_close(&l->db);
        run_lock_abandon(&l->lock); /* what was unclean stays so */
        ledger_close(l);
        return err;
    }
    open_to_group(l, options->path); /* what was made meanwhile */
    *out = l;
    return 0;
}

void ledger_close(struct ledger *l)
{
    if (l == NULL)
        return;
    bool failed = l->db.failure.code != 0;
    database_close(&l->db);
    deferred_forget(l);
    file_ahead_free(l);
    CRASH_POINT("ledger_closed");
    if (failed)
        run_lock_abandon(&l->lock); /* the next opener checks the file */
    else
        run_lock_release(&l->lock);
    free(l->lock_path);
    free(l);
}

const struct error *ledger_error(const struct ledger *l)
{
    return &l->db.error;
}

bool ledger_was_unclean(const struct ledger *l)
{
    return l->unclean;
}

uint64_t ledger_id(const struct ledger *l)
{
    return l->id;
}

bool ledger_dirty(const struct ledger *l)
{
    return l->db.in_transaction;
}

int ledger_commit(struct ledger *l)
{
    int err = 0;
    if (l->db.in_transaction)
        err = database_write_deferred(&l->db);
    if (!err && l->db.in_transaction)
        err = reconcile_note_turn(l);
    if (!err && l->db.in_transaction) {
        l->totals.n[COUNT_TURNS]++;
        err = totals_save(l);
    }
    CRASH_POINT("ledger_commit_before");
    if (!err)
        err = database_commit(&l->db);
    CRASH_POINT("ledger_commit_after");
    if (!err) {
        l->committed = l->totals;
        l->committed_order = l->queue_order;
    }
    return err;
}

void ledger_recover(struct ledger *l)
{
    if (!l->db.failure.code)
        return;
    database_recover(&l->db);
    l->totals = l->committed;
    l->queue_order = l->committed_order;
    l->orphan_bytes = -1;
    l->linked = false;
    l->month.known = false;
    l->ahead_stale = true;
    deferred_forget(l);
    if (reconcile(l) < 0) /* the book may be a turn ahead; until it isn't, nothing is written */
        l->db.failure = l->db.error;
}

int ledger_settings_get(struct ledger *l, int64_t id,
                        void (*fn)(void *ctx, const struct ledger_settings *s), void *ctx)
{
    sqlite3_stmt *s = database_query(
        &l->db, "SELECT product, model_id, options FROM settings WHERE id = ?", VALUES(V_INT(id)));
    int n = s ? database_step(&l->db, s) : l->db.error.code;
    if (n < 0)
        return n;
    if (n == 0)
        return database_refuse(&l->db, ERR_NOT_FOUND, "there are no settings %lld in the ledger",
                               (long long)id);
    const struct ledger_settings found = {
        .product = column_text(s, 0), .model_id = column_text(s, 1), .options = column_text(s, 2)};
    fn(ctx, &found);
    database_end(s);
    return 0;
}

int ledger_settings_put(struct ledger *l, const struct ledger_settings *s, int64_t *id)
{
    int n = database_number(
        &l->db, "SELECT id FROM settings WHERE product = ? AND model_id = ? AND options = ?",
        VALUES(V_TEXT(s->product), V_TEXT(s->model_id), V_TEXT(s->options)), id);
    if (n != 0)
        return n < 0 ? n : 0;
    int err = ledger_write(l);
    if (!err)
        err =
            database_run(&l->db, "INSERT INTO settings(product, model_id, options) VALUES(?, ?, ?)",
                         VALUES(V_TEXT(s->product), V_TEXT(s->model_id), V_TEXT(s->options)));
    if (!err)
        *id = sqlite3_last_insert_rowid(l->db.db);
    return err;
}
