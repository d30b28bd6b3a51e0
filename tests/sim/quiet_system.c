/* The machine under the simulation, as far as it must be quicker or more predictable than a real
 * one. Defined in the program itself these functions stand before the C library's, for SQLite too:
 *
 * - fsync and fdatasync do nothing but count, and fail when the disk does: killed processes lose
 * nothing that was written;
 * - getrandom is seeded, so that a ledger's id is the same each time;
 * - the input files' stamps depend on nothing but the time they were given: inode numbers and
 *   change times would differ from one run of a seed to the next;
 * - pages are counted here and not in a helper process.
 *
 * It also is where a process dies: each fsync, each write of a database and each step is a point at
 * which it could. */
#include "world.h"

#include "intake/page_helper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { STAMP_FROM_S = 1000000000, STAMP_TO_S = 1000100000, INODE_BASE = 0x10000000 };

static struct world *doomed;
static int64_t crash_at;
static struct random the_random;

/* --- crashes --- */

void crash_arm(struct world *w, int64_t at)
{
    doomed = w;
    crash_at = at;
    w->crash_points = 0;
}

void crash_point(void)
{
    if (!doomed || ++doomed->crash_points != crash_at)
        return;
    fake_mindee_crash();
    _exit(0);
}

/* Whether the disk fails the child now: a full one at writing, a broken one at syncing. */
static bool disk_fails(bool syncing)
{
    if (!doomed || !world_disk_fails(doomed) || doomed->scenario->disk_sync_fails != syncing)
        return false;
    doomed->disk_failed = true;
    errno = syncing ? EIO : ENOSPC;
    return true;
}

int fsync(int fd)
{
    (void)fd;
    crash_point();
    return disk_fails(true) ? -1 : 0;
}

int fdatasync(int fd)
{
    return fsync(fd);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
    crash_point();
    return disk_fails(false) ? -1 : syscall(SYS_pwrite64, fd, data, size, at);
}

ssize_t write(int fd, const void *data, size_t size)
{
    return fd > 2 && disk_fails(false) ? -1 : syscall(SYS_write, fd, data, size);
}

int rename(const char *from, const char *to)
{
    crash_point();
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

/* --- stamps --- */

static int mend(int rc, struct stat *st)
{
    time_t s = st->st_mtim.tv_sec;
    if (rc == 0 && S_ISREG(st->st_mode) && s >= STAMP_FROM_S && s < STAMP_TO_S) {
        st->st_ctim = st->st_mtim;
        st->st_ino = INODE_BASE + (ino_t)(s - STAMP_FROM_S);
    }
    return rc;
}

int fstatat(int fd, const char *restrict path, struct stat *restrict st, int flags)
{
    return mend((int)syscall(SYS_newfstatat, fd, path, st, flags), st);
}

int stat(const char *restrict path, struct stat *restrict st)
{
    return fstatat(AT_FDCWD, path, st, 0);
}

int fstat(int fd, struct stat *st)
{
    return fstatat(fd, "", st, AT_EMPTY_PATH);
}

/* --- randomness --- */

void system_random_seed(uint64_t seed)
{
    random_init(&the_random, seed);
}

ssize_t getrandom(void *data, size_t size, unsigned flags)
{
    (void)flags;
    for (size_t i = 0; i < size; i++)
        ((unsigned char *)data)[i] = (unsigned char)(random_u64(&the_random) >> 32);
    return (ssize_t)size;
}

/* --- pages --- */

void page_helper_ask(const char *path, enum file_type type, struct page_reply *reply)
{
    int pages = 0;
    (void)type;
    memset(reply, 0, sizeof *reply);
    reply->broken = inputs_content_of(path, &pages) < 0;
    reply->pages = pages;
}

void page_helper_enter(void)
{
}

void page_helper_leave(void)
{
}
