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
#include "ledger/schema.h"
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

static int make_meta(struct ledger *l)
{
    struct random random;
    random_init_system(&random);
    int err = ledger_write(l);
    if (!err)
        err = database_run(&l->db, "INSERT INTO meta(id, ledger_id, created_at) VALUES(1, ?, ?)",
                           VALUES(V_INT((int64_t)random_u64(&random)), V_INT(ledger_now(l))));
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

static int open_database(struct ledger *l, const char *path, bool unclean)
{
    int version;
    int err = database_open(&l->db, path, l->read_only ? DATABASE_READ : DATABASE_WRITE, way_out);
    if (!err)
        err = schema_look(&l->db, &version);
    if (!err && unclean && version > 0)
        err = schema_quick_check(&l->db);
    if (!err && l->read_only && version == 0)
        err = database_refuse(&l->db, ERR_NOT_FOUND, "%s: nothing is in it yet", text_show(path));
    if (!err && l->read_only && version < schema_version())
        err = database_refuse(&l->db, ERR_USAGE,
                              "%s was made by an older mindee-batch: `run` brings it up to date",
                              text_show(path));
    if (!err && !l->read_only)
        err = schema_upgrade(&l->db, version);
    CRASH_POINT("ledger_schema_made");
    if (!err)
        err = read_meta(l);
    if (!err)
        err = totals_load(l, &l->committed);
    l->totals = l->committed;
    l->committed_order = l->queue_order;
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
        err = run_lock_take(&l->lock, l->lock_path, clock_wall(l->clock), unclean, e);
    if (!err)
        err = filesystem_check_create(path, &created, e);
    if (!err)
        err = filesystem_check(path, "ledger.path", e);
    *unclean = *unclean || log_was_left(path);
    return err;
}

int ledger_open(struct ledger **out, const struct ledger_options *options, struct error *e)
{
    struct ledger *l = xcalloc(1, sizeof *l);
    bool unclean = false;
    *out = NULL;
    l->clock = options->clock;
    l->read_only = options->read_only;
    l->lock.fd = -1;
    l->orphan_bytes = -1;
    l->lock_path = lock_path_of(options->path);
    int err = prepare_files(l, options->path, &unclean, e);
    if (err) {
        ledger_close(l);
        return err;
    }
    CRASH_POINT("ledger_locked");
    err = open_database(l, options->path, unclean);
    CRASH_POINT("ledger_opened");
    if (err) {
        *e = l->db.error;
        database_close(&l->db);
        run_lock_abandon(&l->lock); /* what was unclean stays so */
        ledger_close(l);
        return err;
    }
    *out = l;
    return 0;
}

void ledger_close(struct ledger *l)
{
    if (l == NULL)
        return;
    bool failed = l->db.failure.code != 0;
    database_close(&l->db);
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
        err = totals_save(l);
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
    row_cache_clear(l);
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
