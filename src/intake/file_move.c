/* See file_move.h. The order is what makes it safe: nothing is taken away at the source before the
 * target is whole, synced and under its name; nothing gets a name that is taken, because the kernel
 * is asked to refuse it (RENAME_NOREPLACE, or link, which never replaces).
 *
 * Between the look at the source and the rename another program may put another file there. Then
 * that one was moved: it is seen by its inode, and goes back.
 *
 * What a crash leaves, and how it is found: the source alone (begin anew, an unfinished copy is
 * thrown away); the target alone (done); both, the same inode or byte for byte alike (the source is
 * still to be taken away); both, and not alike (somebody else has that name: choose another). */
#include "intake/file_move.h"

#include "base/crash_point.h"
#include "base/directory.h"
#include "base/name_cut.h"
#include "base/safe_file.h"
#include "base/text.h"
#include "base/trouble.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

enum { NAMES_MOST = 100000, BLOCK = 64 * 1024 };

bool file_move_is_same(const struct stat *st, const struct file_stamp *stamp)
{
    struct file_stamp now = file_stamp_of(st);
    if (st->st_nlink > 1)
        now.ctime_ns = stamp->ctime_ns;
    return S_ISREG(st->st_mode) && file_stamp_equal(&now, stamp);
}

/* A target without room is for the next run, and for a person. */
static int code_of(int system_error)
{
    bool passes = trouble_of(system_error) != TROUBLE_NONE && !trouble_is_full(system_error);
    return passes ? ERR_PASSING : ERR_IO;
}

/* --- a name --- */

/* The N-th name of NAME: itself, "NAME (2)", ... What is too long there is cut. */
static void put_name(struct buffer *out, const char *name, file_move_number number, int n,
                     size_t longest)
{
    struct buffer whole;
    buffer_init(&whole, 0);
    if (n > 1)
        number(&whole, name, n);
    else
        buffer_put(&whole, name);
    name_cut(out, buffer_text(&whole), longest, "");
    buffer_release(&whole);
}

/* The directory that NAME, cut to *LONGEST, is in below DIRECTORY: made and opened. -1: errno. */
static int open_directory_of(const char *directory, enum file_access a, const char *name,
                             size_t *longest)
{
    struct buffer below;
    const char *last;
    int root = directory_open(directory, "", DIRECTORY_LEAVE);
    if (root < 0)
        return -1;
    buffer_init(&below, 0);
    *longest = name_cut_longest(root);
    name_cut(&below, name, *longest, "");
    int there = directory_open_at(root, buffer_text(&below), directory_make_for(a), &last);
    int error = errno;
    buffer_release(&below);
    close(root);
    errno = error;
    return there;
}

int file_move_choose(const char *directory, enum file_access a, const char *name, int skip,
                     file_move_number number, int *chosen_number, struct buffer *target,
                     struct error *e)
{
    struct stat st;
    size_t longest;
    int there =
        directory_make(directory, a, e) < 0 ? -1 : open_directory_of(directory, a, name, &longest);
    if (there < 0) {
        buffer_printf(target, "%s/%s", directory, name);
        directory_refused(e, "move to", buffer_text(target));
        return e->code;
    }
    int rc = ERR_LIMIT;
    for (int n = skip + 1; n < NAMES_MOST && rc == ERR_LIMIT; n++) {
        buffer_clear(target);
        buffer_printf(target, "%s/", directory);
        put_name(target, name, number, n, longest);
        *chosen_number = n;
        const char *chosen = strrchr(buffer_text(target), '/') + 1;
        if (fstatat(there, chosen, &st, AT_SYMLINK_NOFOLLOW) != 0)
            rc = errno == ENOENT
                     ? 0
                     : error_system(e, code_of(errno), errno, "%s", text_show(buffer_text(target)));
    }
    close(there);
    return rc != ERR_LIMIT
               ? rc
               : error_set(e, ERR_LIMIT, "%s/%s: %d files of that name are there already",
                           text_show(directory), text_show(name), NAMES_MOST);
}

/* --- what was moved --- */

static enum file_move_outcome failed(struct file_move *m, const char *what)
{
    error_system(&m->error, code_of(errno), errno, "%s %s to %s", what, text_show(m->source),
                 text_show(m->target));
    return FILE_MOVE_FAILED;
}

static const char *last_of(const char *path)
{
    return strrchr(path, '/') + 1;
}

static bool look(const struct file_move *m, struct stat *target)
{
    return fstatat(m->there_fd, last_of(m->target), target, AT_SYMLINK_NOFOLLOW) == 0;
}

static void drop_temporary(const struct file_move *m)
{
    unlinkat(m->there_fd, last_of(m->temporary), 0);
}

static enum file_move_outcome moved(struct file_move *m)
{
    struct stat st;
    if (!look(m, &st))
        return FILE_MOVE_GONE; /* by somebody who was quicker than this line */
    m->there = file_stamp_of(&st);
    return FILE_MOVED;
}

/* The target is whole and has its name: the source goes, if it is still what the target is. */
static enum file_move_outcome take_away_source(struct file_move *m)
{
    struct stat st;
    fsync(m->there_fd); /* some file systems have no such thing */
    bool same = lstat(m->source, &st) == 0 && file_move_is_same(&st, &m->stamp);
    if (same && unlink(m->source) == 0) {
        CRASH_POINT("move_source_removed");
        return moved(m);
    }
    enum file_move_outcome outcome = same ? failed(m, "remove after copying") : FILE_MOVE_CHANGED;
    if (!m->resumed) /* else it may be somebody's */
        unlinkat(m->there_fd, last_of(m->target), 0);
    return outcome;
}

/* --- a copy --- */

static int copy_bytes(int in, int out)
{
    char *block = malloc(BLOCK);
    ssize_t n = -1;
    while (block && (n = read(in, block, BLOCK)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        for (ssize_t at = 0; n > 0 && at < n;) {
            ssize_t w = write(out, block + at, (size_t)(n - at));
            if (w < 0 && errno != EINTR)
                n = -1;
            at += w > 0 ? w : 0;
        }
        if (n < 0)
            break;
    }
    int error = errno;
    free(block);
    errno = error;
    return n < 0 ? -1 : 0;
}

/* All of IN to the temporary name, synced, with the source's times and permissions. */
static enum file_move_outcome copy(struct file_move *m, int in, const struct stat *st)
{
    struct stat after;
    const struct timespec times[2] = {st->st_atim, st->st_mtim};
    drop_temporary(m); /* of an earlier try */
    int out = openat(m->there_fd, last_of(m->temporary),
                     O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (out < 0)
        return failed(m, "copy");
    bool whole = copy_bytes(in, out) == 0;
    if (whole) {
        bool ignored = fchmod(out, st->st_mode & 0777) == 0 && futimens(out, times) == 0;
        (void)ignored; /* not every file system can */
    }
    whole = whole && fsync(out) == 0;
    int error = errno;
    whole = close(out) == 0 && whole;
    CRASH_POINT("move_copied");
    if (!whole) {
        errno = error;
        return failed(m, "copy");
    }
    bool same = fstat(in, &after) == 0 && file_move_is_same(&after, &m->stamp);
    return same ? FILE_MOVED : FILE_MOVE_CHANGED;
}

/* From a temporary name of ours to its own; refused by the kernel if that is taken. */
static enum file_move_outcome give_name(struct file_move *m)
{
    const char *from = last_of(m->temporary), *to = last_of(m->target);
    int rc = renameat2(m->there_fd, from, m->there_fd, to, RENAME_NOREPLACE);
    if (rc != 0 && (errno == EINVAL || errno == ENOSYS || errno == ENOTSUP)) {
        rc = linkat(m->there_fd, from, m->there_fd, to, 0);
        int error = errno;
        if (rc == 0)
            drop_temporary(m);
        errno = error;
    }
    if (rc == 0)
        return FILE_MOVED;
    return errno == EEXIST ? FILE_MOVE_TAKEN : failed(m, "name the copy of");
}

static enum file_move_outcome move_by_copy(struct file_move *m)
{
    struct stat st;
    int in = open(m->source, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (in < 0)
        return errno == ENOENT ? FILE_MOVE_GONE : failed(m, "copy");
    enum file_move_outcome outcome = FILE_MOVE_CHANGED;
    if (fstat(in, &st) == 0 && file_move_is_same(&st, &m->stamp))
        outcome = copy(m, in, &st);
    close(in);
    if (outcome == FILE_MOVED)
        outcome = give_name(m);
    if (outcome != FILE_MOVED) {
        drop_temporary(m);
        return outcome;
    }
    CRASH_POINT("move_named");
    return take_away_source(m);
}

/* --- a rename --- */

/* Without RENAME_NOREPLACE, as on NFS: a second name first. */
static enum file_move_outcome move_by_link(struct file_move *m)
{
    if (linkat(AT_FDCWD, m->source, m->there_fd, last_of(m->target), 0) == 0) {
        CRASH_POINT("move_linked");
        fsync(m->there_fd);
        return unlink(m->source) == 0 ? moved(m) : failed(m, "remove after linking");
    }
    if (errno == EEXIST)
        return FILE_MOVE_TAKEN;
    if (errno == EXDEV)
        return move_by_copy(m);
    return failed(m, "move (this file system can neither rename without replacing nor link)");
}

static bool is_local(long magic)
{
    static const long local[] = {EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC, BTRFS_SUPER_MAGIC, TMPFS_MAGIC,
                                 OVERLAYFS_SUPER_MAGIC};
    for (size_t i = 0; i < sizeof local / sizeof *local; i++)
        if (magic == local[i])
            return true;
    return false;
}

/* A program that has it open for writing would go on writing to what was moved, or to nothing: the
 * kernel grants no read lease then. It grants none on network drives either, nor to who doesn't own
 * the file: nobody knows there. */
static bool is_being_written(const char *path)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return false;
    struct statfs fs;
    bool local = fstatfs(fd, &fs) == 0 && is_local(fs.f_type);
    fcntl(fd, F_SETSIG, SIGURG); /* of a break within these lines; ignored by default */
    bool busy = local && fcntl(fd, F_SETLEASE, F_RDLCK) != 0 && errno == EAGAIN;
    fcntl(fd, F_SETLEASE, F_UNLCK);
    close(fd);
    return busy;
}

static enum file_move_outcome move_by_rename(struct file_move *m)
{
    struct stat st;
    if (is_being_written(m->source)) {
        error_set(&m->error, ERR_BUSY, "%s stays where it is: a program has it open for writing",
                  text_show(m->source));
        return FILE_MOVE_FAILED;
    }
    if (renameat2(AT_FDCWD, m->source, m->there_fd, last_of(m->target), RENAME_NOREPLACE) != 0) {
        switch (errno) {
        case EEXIST:
            return FILE_MOVE_TAKEN;
        case ENOENT:
            return access(m->source, F_OK) != 0 ? FILE_MOVE_GONE : failed(m, "move");
        case EXDEV:
            return move_by_copy(m);
        case EINVAL:
        case ENOSYS:
        case ENOTSUP:
            return move_by_link(m);
        default:
            return failed(m, "move");
        }
    }
    CRASH_POINT("move_renamed");
    bool ours =
        look(m, &st) && (uint64_t)st.st_ino == m->stamp.inode && st.st_size == m->stamp.size_bytes;
    if (ours)
        return moved(m);
    if (renameat2(m->there_fd, last_of(m->target), AT_FDCWD, m->source, RENAME_NOREPLACE) != 0)
        return failed(m, "put back what was swapped meanwhile, moving");
    return FILE_MOVE_CHANGED;
}

/* --- after a crash --- */

static FILE *open_to_read(int directory, const char *name)
{
    int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    FILE *f = fd >= 0 ? fdopen(fd, "r") : NULL;
    if (fd >= 0 && !f)
        close(fd);
    return f;
}

static bool same_bytes(const struct file_move *m)
{
    FILE *f = open_to_read(AT_FDCWD, m->source), *g = open_to_read(m->there_fd, last_of(m->target));
    char *block = malloc(2 * (size_t)BLOCK);
    bool same = f && g && block;
    for (size_t n = 1; same && n > 0;) {
        n = fread(block, 1, BLOCK, f);
        same = fread(block + BLOCK, 1, BLOCK, g) == n && memcmp(block, block + BLOCK, n) == 0 &&
               !ferror(f) && !ferror(g);
    }
    if (f)
        fclose(f);
    if (g)
        fclose(g);
    free(block);
    return same;
}

/* The source is gone: to the target, if that looks like it. A copy's time may be rounded. */
static enum file_move_outcome look_at_target(struct file_move *m)
{
    enum { ROUNDED_NS = 2000000000 };
    struct stat st;
    if (!look(m, &st) || !S_ISREG(st.st_mode) || st.st_size != m->stamp.size_bytes)
        return FILE_MOVE_GONE;
    int64_t late_ns = file_stamp_of(&st).mtime_ns - m->stamp.mtime_ns;
    bool alike = late_ns >= -ROUNDED_NS && late_ns <= ROUNDED_NS;
    return alike ? moved(m) : FILE_MOVE_GONE;
}

static bool target_is_whole(struct file_move *m, const struct stat *source)
{
    struct stat st;
    if (!look(m, &st) || !S_ISREG(st.st_mode) || st.st_size != source->st_size)
        return false;
    bool linked = st.st_dev == source->st_dev && st.st_ino == source->st_ino;
    return linked || same_bytes(m);
}

/* Where the target is to be: below its move directory, or, where that isn't set any more, in the
 * one it is in. */
static int open_there(const struct file_move *m)
{
    size_t len = m->directory ? strlen(m->directory) : 0;
    const char *last;
    if (len && strncmp(m->target, m->directory, len) == 0 && m->target[len] == '/')
        return directory_open_of(m->directory, m->target + len + 1, DIRECTORY_LEAVE, &last);
    char *directory = xstrdup(m->target);
    *strrchr(directory, '/') = '\0';
    int fd = directory_open(directory, "", DIRECTORY_LEAVE);
    free(directory);
    return fd;
}

static enum file_move_outcome do_it(struct file_move *m)
{
    struct stat st;
    if (m->resumed)
        drop_temporary(m);
    if (lstat(m->source, &st) != 0) {
        if (errno != ENOENT && errno != ENOTDIR)
            return failed(m, "move");
        return m->resumed ? look_at_target(m) : FILE_MOVE_GONE;
    }
    if (!file_move_is_same(&st, &m->stamp)) /* another file; the first one may be there already */
        return m->resumed && look_at_target(m) == FILE_MOVED ? FILE_MOVED : FILE_MOVE_CHANGED;
    if (m->resumed && target_is_whole(m, &st))
        return take_away_source(m);
    return move_by_rename(m);
}

enum file_move_outcome file_move_do(struct file_move *m)
{
    m->there_fd = open_there(m);
    if (m->there_fd < 0 && m->resumed && (errno == ENOENT || errno == ENOTDIR)) {
        struct stat st; /* it has never been there, or is gone with all the directory */
        return lstat(m->source, &st) == 0 ? FILE_MOVE_CHANGED : FILE_MOVE_GONE;
    }
    if (m->there_fd < 0) {
        directory_refused(&m->error, "move to", m->target);
        return FILE_MOVE_FAILED;
    }
    enum file_move_outcome outcome = do_it(m);
    close(m->there_fd);
    return outcome;
}
