/* See backup.h. The ledger and the file book are two databases, and a turn commits the book first:
 * the ledger never tells of a file that the book doesn't have. A pair is consistent if it could have
 * been left by a crash, which the next open mends: a book that is at most the turn ahead that was
 * being committed.
 *
 * So the ledger's snapshot is taken first and the book's after it, which is then never behind. It
 * would be more than a turn ahead if the ledger was committed in between; a second connection sees
 * whether it was (data_version), and both snapshots are taken again. From then on the run may go on
 * as it likes.
 *
 * The book is published first: where FILE is, so is FILE.files. */
#include "ledger/backup.h"

#include "ledger/private.h"

#include "base/crash_point.h"
#include "base/text.h"
#include "ledger/schema.h"
#include "store/database_copy.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_TRIES = 1000 };

static const char way_out[] = "Put an earlier backup in its place";

#define TEXT_OF(number)  #number
#define VALUE_OF(number) TEXT_OF(number)
/* The counter COUNT_COPY of the copy. */
#define MARK "INSERT OR REPLACE INTO counter(id, n) VALUES(" VALUE_OF(LEDGER_COPY_MARK) ", 1)"
_Static_assert(COUNT_COPY == LEDGER_COPY_MARK, "as in the statement");

struct books {
    struct database ledger, watch, files; /* watch: a second connection to the ledger */
    bool has_files;
};

static char *files_of(const char *path)
{
    struct buffer b;
    buffer_init(&b, 0);
    buffer_printf(&b, "%s.files", path);
    return buffer_detach(&b, NULL);
}

static int open_ledger(struct books *b, const char *path, struct error *e)
{
    struct stat st;
    int version = 0;
    if (stat(path, &st) != 0)
        return error_system(e, errno == ENOENT || errno == ENOTDIR ? ERR_NOT_FOUND : ERR_IO, errno,
                            "no ledger at %s", text_show(path));
    int err = database_open(&b->ledger, path, DATABASE_READ, way_out);
    if (!err)
        err = schema_look(&b->ledger, &version);
    if (!err && version == 0)
        err =
            database_refuse(&b->ledger, ERR_NOT_FOUND, "%s: nothing is in it yet", text_show(path));
    if (err) {
        *e = b->ledger.error;
        return err;
    }
    err = database_open(&b->watch, path, DATABASE_READ, way_out);
    if (err)
        *e = b->watch.error;
    return err;
}

/* It is made together with the ledger, before the ledger says anything: looked for after the ledger's
 * snapshot, it isn't missed. */
static int snapshot_files(struct books *b, const char *path, struct error *e)
{
    int err = 0;
    if (!b->has_files && access(path, F_OK) == 0) {
        b->has_files = true;
        err = database_open(&b->files, path, DATABASE_READ, way_out);
    }
    if (!err && b->has_files)
        err = database_snapshot(&b->files);
    if (err)
        *e = b->files.error;
    return err;
}

static int ledger_version(struct books *b, int64_t *version, struct error *e)
{
    int n = database_number(&b->watch, "PRAGMA data_version", NO_VALUES, version);
    if (n < 0)
        *e = b->watch.error;
    return n < 0 ? n : 0;
}

static void end_snapshots(struct books *b)
{
    database_snapshot_end(&b->ledger);
    if (b->has_files)
        database_snapshot_end(&b->files);
}

static int snapshot_both(struct books *b, const char *files, struct error *e)
{
    for (int tries = 0; tries < MOST_TRIES; tries++) {
        int64_t before, after;
        int err = ledger_version(b, &before, e);
        if (!err && database_snapshot(&b->ledger) < 0) {
            *e = b->ledger.error;
            err = e->code;
        }
        CRASH_POINT("backup_snapshot");
        if (!err)
            err = snapshot_files(b, files, e);
        if (!err)
            err = ledger_version(b, &after, e);
        if (err || before == after)
            return err;
        end_snapshots(b);
    }
    return error_set(e, ERR_BUSY, "%s is written to without a pause: try again in a moment",
                     text_show(b->ledger.path));
}

static int copy_both(struct books *b, const char *to, struct error *e)
{
    struct database_copy ledger = {.fd = -1}, files = {.fd = -1};
    char *files_to = files_of(to);
    struct stat st;
    int err = 0;
    if (!b->has_files && lstat(files_to, &st) == 0) /* it would be taken for this ledger's */
        err =
            error_set(e, ERR_USAGE, "%s is there already: name another file, or move that one away",
                      text_show(files_to));
    if (!err)
        err = database_copy_make(&ledger, &b->ledger, to, MARK, e);
    if (!err && b->has_files)
        err = database_copy_make(&files, &b->files, files_to, NULL, e);
    if (!err && b->has_files)
        err = database_copy_publish(&files, e);
    CRASH_POINT("backup_half");
    if (!err)
        err = database_copy_publish(&ledger, e);
    if (err && files.path && files.fd < 0)
        unlink(files_to);
    database_copy_release(&ledger);
    database_copy_release(&files);
    free(files_to);
    return err;
}

int ledger_backup(const char *path, const char *to, struct error *e)
{
    struct books b = {0};
    char *files = files_of(path);
    int err = open_ledger(&b, path, e);
    if (!err)
        err = snapshot_both(&b, files, e);
    if (!err)
        err = copy_both(&b, to, e);
    database_close(&b.files);
    database_close(&b.watch);
    database_close(&b.ledger);
    free(files);
    return err;
}
