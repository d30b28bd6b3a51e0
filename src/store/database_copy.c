/* See database_copy.h. SQLite's backup goes page by page through a connection whose read
 * transaction is open, so the pages are those of one moment. The copy is then taken out of WAL mode
 * (nothing of it may lie in a second file), checked, synced, and renamed.
 *
 * The copy's connection takes no locks: network shares and sticks have none that can be relied on.
 * A lock of ours on the partial file keeps two processes apart where there are any. */
#include "store/database_copy.h"

#include "base/crash_point.h"
#include "base/text.h"
#include "store/filesystem_check.h"
#include "store/run_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

int database_snapshot(struct database *d)
{
    int64_t tables;
    int err = database_script(d, "BEGIN");
    int n = err ? err /* the first read, not BEGIN, is the moment */
                : database_number(d, "SELECT count(*) FROM sqlite_schema", NO_VALUES, &tables);
    if (n < 0)
        database_snapshot_end(d);
    return n < 0 ? n : 0;
}

void database_snapshot_end(struct database *d)
{
    database_rollback(d);
}

static int refuse_what_is_there(const char *path, struct error *e)
{
    return error_set(e, ERR_USAGE,
                     "%s is there already, and a copy replaces nothing: name another file, or move "
                     "that one away",
                     text_show(path));
}

/* The partial file: ours alone, and empty. */
static int open_partial(struct database_copy *c, struct error *e)
{
    struct stat st;
    bool taken = false;
    if (lstat(c->path, &st) == 0)
        return refuse_what_is_there(c->path, e);
    c->fd = open(c->partial, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (c->fd < 0)
        return error_system(e, errno == ENOENT || errno == ENOTDIR ? ERR_USAGE : ERR_IO, errno,
                            "make %s", text_show(c->partial));
    struct error no_locks; /* a file system without locks is no reason to have no copy */
    if (lock_byte(c->fd, 0, &taken, &no_locks) == 0 && taken)
        return error_set(e, ERR_BUSY, "%s: another process makes this copy at this moment",
                         text_show(c->path));
    if (ftruncate(c->fd, 0) != 0)
        return error_system(e, ERR_IO, errno, "%s", text_show(c->partial));
    return 0;
}

static int copy_error(const struct database_copy *c, sqlite3 *to, int rc, struct error *e)
{
    if ((rc & 0xff) == SQLITE_FULL)
        return error_set(e, ERR_IO, "%s: the disk is full; make room, or name a file elsewhere",
                         text_show(c->partial));
    return error_set(e, ERR_IO, "%s: the copy can't be written (%s)", text_show(c->partial),
                     to ? sqlite3_errmsg(to) : sqlite3_errstr(rc));
}

static int say_damaged(const struct database *from, const char *words, struct error *e)
{
    return error_set(e, ERR_DAMAGED, "%s is damaged (%s); no copy was made. %s",
                     text_show(from->path), words, from->way_out);
}

static int check_copy(const struct database_copy *c, struct database *from, sqlite3 *to,
                      struct error *e)
{
    sqlite3_stmt *s;
    int rc = sqlite3_prepare_v2(to, "PRAGMA quick_check(1)", -1, &s, NULL);
    if (rc != SQLITE_OK)
        return copy_error(c, to, rc, e);
    rc = sqlite3_step(s);
    const char *words = rc == SQLITE_ROW ? column_text(s, 0) : sqlite3_errmsg(to);
    int err =
        rc == SQLITE_ROW && sqlite3_stricmp(words, "ok") == 0 ? 0 : say_damaged(from, words, e);
    sqlite3_finalize(s);
    return err;
}

static int copy_pages(const struct database_copy *c, struct database *from, sqlite3 *to,
                      const char *script, struct error *e)
{
    int rc =
        sqlite3_exec(to, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA synchronous=OFF", NULL, NULL, NULL);
    sqlite3_backup *backup =
        rc == SQLITE_OK ? sqlite3_backup_init(to, "main", from->db, "main") : NULL;
    if (!backup)
        return copy_error(c, to, rc, e);
    rc = sqlite3_backup_step(backup, -1);
    int end = sqlite3_backup_finish(backup);
    if (rc != SQLITE_DONE) {
        int code = sqlite3_errcode(from->db) & 0xff;
        if (code == SQLITE_CORRUPT || code == SQLITE_NOTADB)
            return say_damaged(from, sqlite3_errmsg(from->db), e);
        return copy_error(c, end == SQLITE_OK ? NULL : to, rc, e);
    }
    rc = sqlite3_exec(to, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL);
    if (rc == SQLITE_OK && script)
        rc = sqlite3_exec(to, script, NULL, NULL, NULL);
    return rc == SQLITE_OK ? check_copy(c, from, to, e) : copy_error(c, to, rc, e);
}

int database_copy_make(struct database_copy *c, struct database *from, const char *path,
                       const char *script, struct error *e)
{
    struct buffer partial;
    sqlite3 *to = NULL;
    buffer_init(&partial, 0);
    buffer_printf(&partial, "%s.partial", path);
    *c = (struct database_copy){
        .path = xstrdup(path), .partial = buffer_detach(&partial, NULL), .fd = -1};
    int err = open_partial(c, e);
    if (!err) {
        int rc = sqlite3_open_v2(c->partial, &to, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                                 "unix-none");
        err = rc == SQLITE_OK ? copy_pages(c, from, to, script, e) : copy_error(c, to, rc, e);
        int closed = sqlite3_close(to);
        if (!err && closed != SQLITE_OK)
            err = copy_error(c, NULL, closed, e);
    }
    CRASH_POINT("copy_made");
    if (!err && fsync(c->fd) != 0)
        err = error_system(e, ERR_IO, errno, "%s", text_show(c->partial));
    if (err)
        database_copy_release(c);
    return err;
}

/* RENAME_NOREPLACE isn't known to every file system. */
static int rename_to_nothing(const char *from, const char *to)
{
    struct stat st;
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -1;
    if (lstat(to, &st) == 0) {
        errno = EEXIST;
        return -1;
    }
    return rename(from, to);
}

int database_copy_publish(struct database_copy *c, struct error *e)
{
    CRASH_POINT("copy_publish");
    if (rename_to_nothing(c->partial, c->path) != 0)
        return errno == EEXIST ? refuse_what_is_there(c->path, e)
                               : error_system(e, ERR_IO, errno, "rename %s", text_show(c->partial));
    close(c->fd);
    c->fd = -1;
    return filesystem_check_sync_directory(c->path, e);
}

void database_copy_release(struct database_copy *c)
{
    if (c->path && c->fd >= 0) {
        unlink(c->partial);
        close(c->fd);
    }
    free(c->path);
    free(c->partial);
    *c = (struct database_copy){.fd = -1};
}
