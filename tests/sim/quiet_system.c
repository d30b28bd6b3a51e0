/* The machine under the simulation, as far as it must be quicker or more predictable than a real
 * one. Defined in the program itself these functions stand before the C library's, for SQLite too:
 *
 * - fsync and fdatasync do nothing but count and take their time, and fail when the disk does:
 *   killed processes lose nothing that was written;
 * - getrandom is seeded, so that a ledger's id is the same each time;
 * - the input files' stamps depend on nothing but the virtual time they were given: inode numbers,
 *   births and change times would differ from one run of a seed to the next;
 * - pages are counted here and not in a helper process;
 * - what leads to the input files fails while the scenario's trouble is on: looking, opening,
 *   reading;
 * - what is moved may come to another file system: no renaming or linking leads there, and a copy has
 *   a stamp of its own.
 *
 * It also is where a process dies: each fsync, each write of a database and each step is a point at
 * which it could. */
#include "virtual_loop.h"
#include "world.h"

#include "intake/page_helper.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { STAMP_FROM_S = 1000000000, INODE_BASE = 0x10000000, INODE_ELSEWHERE = 0x20000000 };
enum { PATH_ROOM = 512 };

static struct world *doomed;
static struct sim_run *the_run;
static int64_t crash_at;
static struct random the_random;

/* --- crashes --- */

void crash_arm(struct world *w, struct sim_run *run, int64_t at)
{
    doomed = w;
    the_run = run;
    crash_at = at;
    run->crash_points = 0;
}

void system_die(void)
{
    fake_mindee_crash();
    _exit(0);
}

void crash_point(void)
{
    if (doomed && ++the_run->crash_points == crash_at)
        system_die();
}

/* Whether the disk fails the child now: a full one at writing, a broken one at syncing. */
static bool disk_fails(bool syncing)
{
    if (!doomed || !world_disk_fails(doomed) || doomed->scenario->disk_sync_fails != syncing ||
        doomed->scenario->disk_nearly_full)
        return false;
    doomed->disk_failed = true;
    errno = syncing ? EIO : ENOSPC;
    return true;
}

int fsync(int fd)
{
    (void)fd;
    crash_point();
    if (doomed && !doomed->healed)
        doomed->mono_ms += doomed->scenario->sync_ms;
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

int posix_fallocate(int fd, off_t from, off_t size)
{
    bool full = doomed && world_disk_fails(doomed) && !doomed->scenario->disk_sync_fails;
    if (full)
        return ENOSPC;
    return syscall(SYS_fallocate, fd, 0, from, size) == 0 ? 0 : errno;
}

/* --- which file, and where --- */

static int version_of(const struct stat *st)
{
    time_t s = st->st_mtim.tv_sec;
    bool is_input =
        S_ISREG(st->st_mode) && s >= STAMP_FROM_S && s < STAMP_FROM_S + SIM_VERSIONS_MAX;
    return is_input ? (int)(s - STAMP_FROM_S) : -1;
}

/* In the world's directory, below one of NAMES there. */
static bool is_below(const char *path, const char *const names[], size_t count)
{
    size_t len = strlen(doomed->directory);
    if (strncmp(path, doomed->directory, len) != 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        size_t more = strlen(names[i]);
        char next = strncmp(path + len, names[i], more) == 0 ? path[len + more] : 'x';
        if (next == '/' || next == '\0')
            return true;
    }
    return false;
}

/* NAME is below the directory FD, or is FD's: a path that begins with where it is. */
static const char *place_of(int fd, const char *name, char room[PATH_ROOM])
{
    char link[40];
    if (fd == AT_FDCWD || name[0] == '/')
        return name;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    long len = syscall(SYS_readlink, link, room, PATH_ROOM - 1);
    room[len > 0 ? len : 0] = '\0';
    return room;
}

static bool is_elsewhere(int fd, const char *name)
{
    static const char *const names[] = {"/done", "/bad"};
    char room[PATH_ROOM];
    return doomed && doomed->scenario->comings.elsewhere &&
           is_below(place_of(fd, name, room), names, sizeof names / sizeof *names);
}

static bool is_across(int from_fd, const char *from, int to_fd, const char *to)
{
    bool across = is_elsewhere(from_fd, from) != is_elsewhere(to_fd, to);
    if (across)
        errno = EXDEV;
    return across;
}

/* What was copied has its name: the stamp of the copy is of now. */
static void note_copy(int fd, const char *name)
{
    struct stat st;
    bool is_one = is_elsewhere(fd, name) && syscall(SYS_newfstatat, fd, name, &st, 0) == 0;
    int version = is_one ? version_of(&st) : -1;
    if (version >= 0)
        doomed->copied_ms[version] = doomed->mono_ms;
}

/* --- names --- */

/* Before and after: what is on the disk, and isn't on record. */
int renameat2(int from_fd, const char *from, int to_fd, const char *to, unsigned flags)
{
    crash_point();
    if (is_across(from_fd, from, to_fd, to))
        return -1;
    int rc = (int)syscall(SYS_renameat2, from_fd, from, to_fd, to, flags);
    size_t len = strlen(to);
    bool result = to_fd != AT_FDCWD && len > 5 && strcmp(to + len - 5, ".json") == 0;
    if (rc == 0 && result && doomed)
        world_result_written(doomed);
    if (rc == 0)
        note_copy(to_fd, to);
    crash_point();
    return rc;
}

int renameat(int from_fd, const char *from, int to_fd, const char *to)
{
    return renameat2(from_fd, from, to_fd, to, 0);
}

int rename(const char *from, const char *to)
{
    return renameat2(AT_FDCWD, from, AT_FDCWD, to, 0);
}

int linkat(int from_fd, const char *from, int to_fd, const char *to, int flags)
{
    crash_point();
    if (is_across(from_fd, from, to_fd, to))
        return -1;
    int rc = (int)syscall(SYS_linkat, from_fd, from, to_fd, to, flags);
    crash_point();
    return rc;
}

/* --- trouble with the inputs --- */

static bool is_input(const char *path)
{
    static const char *const names[] = {"/in", "/other", "/beside"};
    return is_below(path, names, sizeof names / sizeof *names);
}

static bool trouble_is_on(enum system_step step)
{
    const struct sim_trouble *t = doomed ? &doomed->scenario->trouble : NULL;
    if (!t || !t->error || doomed->healed)
        return false;
    int64_t now_ms = doomed->mono_ms - VIRTUAL_MONO_START_MS;
    bool open_alone = t->error == EMFILE || t->error == ENOMEM || t->error == EACCES;
    return now_ms >= t->from_ms && now_ms < t->to_ms && (step == STEP_OPEN || !open_alone);
}

int system_trouble(const char *path, enum system_step step)
{
    if (!trouble_is_on(step) || !is_input(path))
        return 0;
    const struct sim_trouble *t = &doomed->scenario->trouble;
    return random_unit(&doomed->random) < t->often ? t->error : 0;
}

/* NAME is below the directory FD. */
static int trouble_below(int fd, const char *name, enum system_step step)
{
    char room[PATH_ROOM];
    return trouble_is_on(step) ? system_trouble(place_of(fd, name, room), step) : 0;
}

static bool fails(int fd, const char *name, enum system_step step)
{
    int error = trouble_below(fd, name, step);
    if (error)
        errno = error;
    return error != 0;
}

int openat(int fd, const char *path, int flags, ...)
{
    va_list ap;
    va_start(ap, flags);
    unsigned mode = flags & O_CREAT ? va_arg(ap, unsigned) : 0;
    va_end(ap);
    return fails(fd, path, STEP_OPEN) ? -1 : (int)syscall(SYS_openat, fd, path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    va_list ap;
    va_start(ap, flags);
    unsigned mode = flags & O_CREAT ? va_arg(ap, unsigned) : 0;
    va_end(ap);
    return openat(AT_FDCWD, path, flags, mode);
}

/* What the two become where the compiler can't see the flags. */
int __open_2(const char *path, int flags);
int __openat_2(int fd, const char *path, int flags);

int __open_2(const char *path, int flags)
{
    return openat(AT_FDCWD, path, flags, 0);
}

int __openat_2(int fd, const char *path, int flags)
{
    return openat(fd, path, flags, 0);
}

ssize_t read(int fd, void *data, size_t size)
{
    return fails(fd, "", STEP_READ) ? -1 : syscall(SYS_read, fd, data, size);
}

/* --- stamps --- */

static struct timespec time_of(int64_t mono_ms)
{
    int64_t ms = VIRTUAL_WALL_START_S * 1000 + mono_ms - VIRTUAL_MONO_START_MS;
    return (struct timespec){ms / 1000, ms % 1000 * 1000000};
}

static int mend(int rc, int fd, const char *path, struct stat *st)
{
    int version = rc == 0 ? version_of(st) : -1;
    if (version < 0)
        return rc;
    st->st_ctim = doomed ? time_of(doomed->stamped_ms[version]) : st->st_mtim;
    st->st_ino = INODE_BASE + (ino_t)version;
    if (is_elsewhere(fd, path)) {
        st->st_ctim = time_of(doomed->copied_ms[version]);
        st->st_ino = INODE_ELSEWHERE + (ino_t)version;
    }
    return rc;
}

int system_stat(const char *path, struct stat *st)
{
    return mend((int)syscall(SYS_newfstatat, AT_FDCWD, path, st, 0), AT_FDCWD, path, st);
}

int fstatat(int fd, const char *restrict path, struct stat *restrict st, int flags)
{
    if (fails(fd, path, STEP_LOOK))
        return -1;
    return mend((int)syscall(SYS_newfstatat, fd, path, st, flags), fd, path, st);
}

/* A file's birth. */
int statx(int fd, const char *restrict path, int flags, unsigned mask, struct statx *restrict stx)
{
    struct stat st;
    *stx = (struct statx){0};
    (void)mask;
    if (fstatat(fd, path, &st, flags) != 0)
        return -1;
    int version = version_of(&st);
    if (doomed && version >= 0) {
        struct timespec born = time_of(doomed->born_ms[version]);
        stx->stx_mask = STATX_BTIME;
        stx->stx_btime.tv_sec = born.tv_sec;
        stx->stx_btime.tv_nsec = (unsigned)born.tv_nsec;
    }
    return 0;
}

int stat(const char *restrict path, struct stat *restrict st)
{
    return fstatat(AT_FDCWD, path, st, 0);
}

int lstat(const char *restrict path, struct stat *restrict st)
{
    return fstatat(AT_FDCWD, path, st, AT_SYMLINK_NOFOLLOW);
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
