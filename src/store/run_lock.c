/* See run_lock.h. The lock belongs to the open file (fcntl's open file description locks): the
 * kernel drops it when the process is gone, whatever its end; two openers in one process exclude
 * each other too; and looking at it takes nothing,
 * so that a status command never makes a starting run fail.
 *
 * The text, "process 4711 on host x since 2026-08-31T18:00:05Z", is written under the lock and
 * emptied at a clean end. Text found at the start therefore says that the last holder had none. */
#include "store/run_lock.h"

#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct flock byte_range(short type, int64_t start, int64_t len)
{
    return (struct flock){
        .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)start, .l_len = (off_t)len};
}

static int take_range(int fd, int64_t start, int64_t len, bool *taken_by_other, struct error *e)
{
    struct flock range = byte_range(F_WRLCK, start, len);
    *taken_by_other = false;
    if (fcntl(fd, F_OFD_SETLK, &range) == 0)
        return 0;
    if (errno != EAGAIN && errno != EACCES)
        return error_system(e, ERR_IO, errno, "lock");
    *taken_by_other = true;
    return 0;
}

static int range_held(int fd, int64_t start, int64_t len, bool *held_by_other, struct error *e)
{
    struct flock range = byte_range(F_WRLCK, start, len);
    if (fcntl(fd, F_OFD_GETLK, &range) != 0)
        return error_system(e, ERR_IO, errno, "look at the lock");
    *held_by_other = range.l_type != F_UNLCK;
    return 0;
}

int lock_byte(int fd, int64_t offset, bool *taken_by_other, struct error *e)
{
    return take_range(fd, offset, 1, taken_by_other, e);
}

int lock_byte_wait(int fd, int64_t offset, struct error *e)
{
    struct flock range = byte_range(F_WRLCK, offset, 1);
    while (fcntl(fd, F_OFD_SETLKW, &range) != 0)
        if (errno != EINTR)
            return error_system(e, ERR_IO, errno, "lock");
    return 0;
}

int lock_byte_held(int fd, int64_t offset, bool *held_by_other, struct error *e)
{
    return range_held(fd, offset, 1, held_by_other, e);
}

static void read_holder(int fd, char *holder, size_t size)
{
    ssize_t n = pread(fd, holder, size - 1, 0);
    holder[n > 0 ? n : 0] = '\0';
    holder[strcspn(holder, "\n")] = '\0';
}

static int write_holder(int fd, struct wall now, struct error *e)
{
    char host[256] = "unknown", text[400], at[WALL_TEXT_MAX];
    if (gethostname(host, sizeof host - 1) == 0)
        host[sizeof host - 1] = '\0';
    int n = snprintf(text, sizeof text, "process %ld on host %s since %s\n", (long)getpid(), host,
                     wall_format(now, at));
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text, (size_t)n, 0) != n)
        return error_system(e, ERR_IO, errno, "write");
    return 0;
}

const char *run_lock_words(const char *holder, char *out, size_t size)
{
    static const char since[] = " since ";
    char stamp[WALL_TEXT_MAX];
    struct wall at;
    const char *found = strstr(holder, since), *time = found ? found + strlen(since) : "";
    if (wall_parse(time, &at) == 0 && *time)
        snprintf(out, size, "%.*s%s", (int)(time - holder), holder, log_time_told(at, stamp));
    else
        snprintf(out, size, "%s", holder);
    return out;
}

int run_lock_take(struct run_lock *lock, const char *path, enum file_access a, struct wall now,
                  bool *unclean, struct error *e)
{
    bool busy;
    struct stat st;
    lock->fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, file_access_file(a));
    if (lock->fd < 0)
        return error_system(e, ERR_IO, errno, "%s", text_show(path));
    int err = take_range(lock->fd, 0, 0, &busy, e);
    if (!err && busy) {
        char holder[400], words[400];
        read_holder(lock->fd, holder, sizeof holder);
        close(lock->fd);
        lock->fd = -1;
        return error_set(e, ERR_BUSY, "another run is at work on it: %s",
                         *holder ? text_show(run_lock_words(holder, words, sizeof words))
                                 : "a process that is just starting or ending");
    }
    if (!err && (fstat(lock->fd, &st) != 0 || file_access_set(lock->fd, a) != 0))
        err = error_system(e, ERR_IO, errno, "look");
    if (!err) {
        *unclean = st.st_size > 0;
        err = write_holder(lock->fd, now, e);
    }
    if (err) {
        error_wrap(e, "%s", text_show(path));
        run_lock_abandon(lock);
    }
    return err;
}

void run_lock_release(struct run_lock *lock)
{
    if (lock->fd >= 0 && ftruncate(lock->fd, 0) != 0) {
        /* The next opener checks the ledger once more than it had to. */
    }
    run_lock_abandon(lock);
}

void run_lock_abandon(struct run_lock *lock)
{
    if (lock->fd >= 0)
        close(lock->fd);
    lock->fd = -1;
}

int run_lock_add(struct run_lock *lock, const char *line, struct error *e)
{
    struct stat st;
    size_t len = strlen(line);
    bool wrote = fstat(lock->fd, &st) == 0 &&
                 pwrite(lock->fd, line, len, st.st_size) == (ssize_t)len &&
                 pwrite(lock->fd, "\n", 1, st.st_size + (off_t)len) == 1;
    return wrote ? 0 : error_system(e, ERR_IO, errno, "write to the lock");
}

int run_lock_added(const char *path, char *line, size_t size)
{
    char text[400 + PATH_MAX + 2] = "";
    bool held = false;
    struct error e;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    if (range_held(fd, 0, 0, &held, &e) == 0 && held && pread(fd, text, sizeof text - 1, 0) < 0)
        text[0] = '\0';
    close(fd);
    char *second = strchr(text, '\n');
    size_t len = second ? strcspn(second + 1, "\n") : 0;
    if (len == 0 || len >= size || second[1 + len] != '\n')
        return 0;
    memcpy(line, second + 1, len);
    line[len] = '\0';
    return 1;
}

int run_lock_holder(const char *path, char *holder, size_t size, struct error *e)
{
    bool held = false;
    *holder = '\0';
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno == ENOENT ? 0 : error_system(e, ERR_IO, errno, "%s", text_show(path));
    int err = range_held(fd, 0, 0, &held, e);
    if (!err && held)
        read_holder(fd, holder, size);
    close(fd);
    return err ? error_wrap(e, "%s", text_show(path)) : held;
}
