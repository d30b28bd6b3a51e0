/* See ledger_memory.h. The number has a fixed width and is overwritten in place: nothing is
 * allocated, so a full disk takes it too. The line is shorter than a disk's sector and begins the
 * file, so it isn't torn.
 *
 * How it can fail: the disk. A file that was made and never written (a power cut) says nothing. */
#include "limits/ledger_memory.h"

#include "base/crash_point.h"
#include "base/safe_file.h"
#include "base/text.h"
#include "limits/limit_file.h"
#include "store/filesystem_check.h"
#include "store/run_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SYNC_EVERY_MS = 1000, LINE_BYTES = 29, DIGITS = 19 };

struct ledger_memory {
    char *path;
    int fd;
    int64_t noted; /* -1: nothing */
    bool synced;   /* something was, by this process, at SYNCED_AT */
    struct mono synced_at;
};

static int read_number(struct ledger_memory *m, struct error *e)
{
    char line[LINE_BYTES + 2] = "";
    ssize_t n = pread(m->fd, line, sizeof line - 1, 0);
    m->noted = -1;
    if (n < 0)
        return error_system(e, ERR_IO, errno, "%s", text_show(m->path));
    if (strspn(line, "0123456789") == DIGITS && strcmp(line + DIGITS, " attempts\n") == 0)
        m->noted = strtoll(line, NULL, 10);
    else if (*line) /* zeros: its bytes never reached the disk */
        return error_set(e, ERR_DAMAGED,
                         "%s (limits.state) isn't what mindee-batch keeps there. Remove it if the "
                         "ledger was not put back from a backup since it was last used",
                         text_show(m->path));
    return 0;
}

static int open_file(struct ledger_memory *m, const char *directory, struct error *e)
{
    bool created, taken = false;
    int err = directory_make(directory, ACCESS_PRIVATE, e);
    if (!err)
        err = filesystem_check(directory, "limits.state", e);
    if (!err)
        err = filesystem_check_create(m->path, &created, e);
    if (err)
        return err;
    if (created)
        limit_file_share(directory, m->path);
    m->fd = open(m->path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (m->fd < 0)
        return error_system(e, ERR_IO, errno, "%s (limits.state)", text_show(m->path));
    err = lock_byte(m->fd, 0, &taken, e);
    if (!err && taken)
        err =
            error_set(e, ERR_BUSY,
                      "another run is at work with a copy of this ledger (both have the same id): "
                      "go on with one of them only");
    return err ? err : read_number(m, e);
}

int ledger_memory_open(struct ledger_memory **out, const char *directory, uint64_t ledger_id,
                       int64_t *attempts, struct error *e)
{
    struct ledger_memory *m = xcalloc(1, sizeof *m);
    struct buffer path;
    *out = NULL;
    buffer_init(&path, 0);
    buffer_printf(&path, "%s/ledger-%016" PRIx64, directory, ledger_id);
    m->path = buffer_detach(&path, NULL);
    m->fd = -1;
    int err = open_file(m, directory, e);
    if (err) {
        ledger_memory_close(m);
        return err;
    }
    *attempts = m->noted;
    *out = m;
    return 0;
}

int ledger_memory_note(struct ledger_memory *m, int64_t attempts, struct mono now, struct error *e)
{
    char line[LINE_BYTES + 1];
    if (attempts == m->noted)
        return 0;
    CRASH_POINT("memory_note");
    int n = snprintf(line, sizeof line, "%0*" PRId64 " attempts\n", DIGITS, attempts);
    REQUIRE(n == LINE_BYTES);
    if (pwrite(m->fd, line, LINE_BYTES, 0) != LINE_BYTES)
        return error_system(e, ERR_IO, errno, "%s (limits.state)", text_show(m->path));
    if (!m->synced || mono_diff(now, m->synced_at) >= SYNC_EVERY_MS) {
        if (fdatasync(m->fd) != 0)
            return error_system(e, ERR_IO, errno, "%s (limits.state)", text_show(m->path));
        m->synced = true;
        m->synced_at = now;
    }
    m->noted = attempts;
    CRASH_POINT("memory_noted");
    return 0;
}

void ledger_memory_close(struct ledger_memory *m)
{
    if (!m)
        return;
    if (m->fd >= 0) {
        if (m->synced && fdatasync(m->fd) != 0) {
            /* As after a power cut: the number may be too low. */
        }
        close(m->fd);
    }
    free(m->path);
    free(m);
}
