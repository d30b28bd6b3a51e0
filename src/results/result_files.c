/* See result_files.h. Written and renamed one by one, synced many at once: the ledger holds the
 * truth, and what isn't synced counts as not yet written. */
#include "results/result_files.h"
#include "base/crash_point.h"
#include "base/directory.h"
#include "base/text.h"
#include "base/trouble.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { BLOCK = 64 * 1024 };

/* RESULTS_PARTIAL and RESULTS of the output directory, open. */
struct open_place {
    int partial, results;
};

struct result_place {
    char *directory, *results; /* the output directory; its results, by their path */
    enum file_access access;   /* of what is made there */
    size_t longest;            /* of a component of a name */
    pthread_mutex_t lock;      /* of the first opening, on whichever thread writes first */
    bool opened;
    struct open_place kept;
    struct stat identity; /* of what KEPT.results is */
};

struct result_write {
    struct result_place *place;
    char *called; /* NAME */
    char *name;   /* "NAME.json", below results, cut if need be */
    char *stands; /* the same of its earlier name; NULL: there is none */
    char *path;   /* for people */
    char temporary[24], *data;
    size_t len;
    bool again, former_life, renamed;
    struct result_end end;
    void (*cb)(void *ctx, const struct result_end *end);
    void *ctx;
};

static int write_all(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

/* --- where --- */

struct result_place *result_place_new(const char *directory, size_t longest, enum file_access a)
{
    struct result_place *p = xcalloc(1, sizeof *p);
    struct buffer path;
    buffer_init(&path, 0);
    buffer_printf(&path, "%s/" RESULTS, directory);
    p->directory = xstrdup(directory);
    p->results = buffer_detach(&path, NULL);
    p->longest = longest;
    p->access = a;
    REQUIRE(pthread_mutex_init(&p->lock, NULL) == 0);
    return p;
}

static void close_place(struct open_place *o)
{
    int error = errno;
    if (o->partial >= 0)
        close(o->partial);
    if (o->results >= 0)
        close(o->results);
    *o = (struct open_place){-1, -1};
    errno = error;
}

void result_place_free(struct result_place *p)
{
    if (!p)
        return;
    if (p->opened)
        close_place(&p->kept);
    pthread_mutex_destroy(&p->lock);
    free(p->directory);
    free(p->results);
    free(p);
}

void result_place_path(const struct result_place *p, const char *name, struct buffer *out)
{
    buffer_put(out, p->results);
    buffer_put(out, "/");
    naming_result(out, name, p->longest);
}

bool result_place_look(const struct result_place *p, int in, const char *name, struct buffer *path,
                       struct stat *st)
{
    buffer_clear(path);
    if (in < 0)
        result_place_path(p, name, path);
    else
        naming_result(path, name, p->longest);
    return fstatat(in < 0 ? AT_FDCWD : in, buffer_text(path), st, AT_SYMLINK_NOFOLLOW) == 0;
}

int result_place_look_in(const struct result_place *p)
{
    return open(p->results, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static bool open_place(const struct result_place *p, struct open_place *o)
{
    o->results = -1;
    o->partial = directory_open(p->directory, RESULTS_PARTIAL, DIRECTORY_LEAVE);
    if (o->partial >= 0)
        o->results = directory_open(p->directory, RESULTS, directory_make_for(p->access));
    if (o->results < 0)
        close_place(o);
    return o->results >= 0;
}

/* *O: what is kept, if it is what stands under its path; else *OWN, opened for this write alone. */
static bool enter_place(struct result_place *p, struct open_place *own, const struct open_place **o)
{
    struct stat st;
    *own = (struct open_place){-1, -1};
    pthread_mutex_lock(&p->lock);
    if (!p->opened && open_place(p, &p->kept)) {
        p->opened = fstat(p->kept.results, &p->identity) == 0;
        if (!p->opened)
            close_place(&p->kept);
    }
    bool opened = p->opened;
    pthread_mutex_unlock(&p->lock);
    if (opened && fstatat(AT_FDCWD, p->results, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
        st.st_ino == p->identity.st_ino && st.st_dev == p->identity.st_dev) {
        *o = &p->kept;
        return true;
    }
    *o = own;
    return open_place(p, own);
}

/* The directory of NAME, below results; it is closed by leave_directory. */
static int enter_directory(const struct open_place *o, const char *name,
                           enum directory_missing missing, const char **last)
{
    *last = name;
    return strchr(name, '/') ? directory_open_at(o->results, name, missing, last) : o->results;
}

static void leave_directory(const struct open_place *o, int there)
{
    if (there >= 0 && there != o->results)
        close(there);
}

/* --- what stands there --- */

/* Whether the file NAME in the directory THERE holds exactly our bytes. */
static bool holds_ours(const struct result_write *w, int there, const char *name)
{
    struct stat st;
    int fd = openat(there, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool same =
        fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (size_t)st.st_size == w->len;
    char *block = same ? malloc(BLOCK) : NULL;
    size_t at = 0;
    ssize_t n;
    same = same && block;
    while (same && at < w->len && (n = read(fd, block, BLOCK)) > 0) {
        same = (size_t)n <= w->len - at && memcmp(block, w->data + at, (size_t)n) == 0;
        at += (size_t)n;
    }
    free(block);
    if (fd >= 0)
        close(fd);
    return same && at == w->len;
}

/* Whether it is a result that a ledger published: it bears an alias of our form. */
static bool is_a_result(int there, const char *name)
{
    static const char alias[] = "\"mb-";
    struct stat st;
    int fd = openat(there, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool regular = fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    char *block = regular ? malloc(BLOCK) : NULL;
    size_t kept = 0;
    ssize_t n;
    bool found = false;
    while (block && !found && (n = read(fd, block + kept, BLOCK - kept)) > 0) {
        size_t len = kept + (size_t)n;
        found = memmem(block, len, alias, sizeof alias - 1) != NULL;
        kept = len < sizeof alias - 2 ? len : sizeof alias - 2;
        memmove(block, block + len - kept, kept);
    }
    free(block);
    if (fd >= 0)
        close(fd);
    return found;
}

/* Under a free name only. On a file system that can neither rename so nor link, there is nobody but
 * us who would take it in between. */
static int rename_to_free(int from_fd, const char *from, int there, const char *to)
{
    struct stat st;
    if (renameat2(from_fd, from, there, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS && errno != ENOTSUP)
        return -1;
    if (linkat(from_fd, from, there, to, 0) == 0) {
        unlinkat(from_fd, from, 0);
        return 0;
    }
    if (errno != EPERM && errno != ENOTSUP && errno != ENOSYS)
        return -1;
    if (fstatat(there, to, &st, AT_SYMLINK_NOFOLLOW) == 0) {
        errno = EEXIST;
        return -1;
    }
    return renameat(from_fd, from, there, to);
}

static bool is_directory(int there, const char *name)
{
    struct stat st;
    return fstatat(there, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

/* Where, in what the ledger calls it, begins what should be a directory, and is a file; -1: there is
 * no such place. */
static int64_t blocked_at(const struct result_write *w)
{
    struct buffer path;
    struct stat st;
    const char *component = w->called;
    bool found = false;
    buffer_init(&path, 0);
    for (const char *p = w->name; (p = strchr(p, '/')) != NULL; p++) {
        buffer_clear(&path);
        buffer_printf(&path, "%s/%.*s", w->place->results, (int)(p - w->name), w->name);
        found = lstat(buffer_text(&path), &st) == 0 && !S_ISDIR(st.st_mode) && !S_ISLNK(st.st_mode);
        if (found)
            break;
        component += strcspn(component, "/") + 1; /* NAME may be cut, but has as many */
    }
    buffer_release(&path);
    return found ? component - w->called : -1;
}

/* The result stood under another name until now; what holds other bytes there is somebody else's. */
static void remove_earlier(const struct result_write *w, const struct open_place *o)
{
    const char *last;
    int there = w->stands ? enter_directory(o, w->stands, DIRECTORY_LEAVE, &last) : -1;
    if (there >= 0 && holds_ours(w, there, last))
        unlinkat(there, last, 0);
    leave_directory(o, there);
}

/* Directories are made on the way. 0, with the outcome; or -1 and errno. */
static int move_into_place(struct result_write *w, const struct open_place *o)
{
    const char *last;
    int partial = o->partial,
        there = enter_directory(o, w->name, directory_make_for(w->place->access), &last);
    if (there < 0) {
        int64_t at = errno == ENOTDIR || errno == EEXIST ? blocked_at(w) : -1;
        if (at < 0)
            return -1;
        w->end.outcome = RESULT_BLOCKED;
        w->end.at = at;
        return 0;
    }
    int rc = w->again && !is_directory(there, last)
                 ? renameat(partial, w->temporary, there, last)
                 : rename_to_free(partial, w->temporary, there, last);
    int error = errno;
    if (rc != 0 && error == EEXIST && w->former_life && !holds_ours(w, there, last) &&
        is_a_result(there, last)) {
        rc = renameat(partial, w->temporary, there, last);
        error = errno;
    }
    w->renamed = rc == 0;
    bool exists = rc != 0 && (error == EEXIST || error == EISDIR || error == ENOTEMPTY);
    if (exists)
        w->end.outcome = holds_ours(w, there, last) ? RESULT_WRITTEN : RESULT_TAKEN;
    if (exists || rc == 0)
        CRASH_POINT("result_file_renamed");
    leave_directory(o, there);
    if ((exists || rc == 0) && w->end.outcome == RESULT_WRITTEN)
        remove_earlier(w, o);
    errno = error;
    return exists ? 0 : rc;
}

/* A new file of our own, whatever stood under its name. */
static int open_new(int partial, const char *name, enum file_access a)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(partial, name, flags, file_access_file(a));
    if (fd < 0 && errno == EEXIST && unlinkat(partial, name, 0) == 0)
        fd = openat(partial, name, flags, file_access_file(a));
    if (fd >= 0 && a == ACCESS_GROUP && file_access_set(fd, a) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* By errno; without a descriptor or memory it may well go another time. */
static void refused(struct result_write *w)
{
    bool passes = trouble_of(errno) == TROUBLE_OF_MACHINE;
    directory_refused(&w->end.error, "write", w->path);
    w->end.error.code = passes ? ERR_PASSING : ERR_IO;
    w->end.outcome = RESULT_FAILED;
}

static void write_work(void *ctx)
{
    struct result_write *w = ctx;
    struct open_place own;
    const struct open_place *o;
    int fd =
        enter_place(w->place, &own, &o) ? open_new(o->partial, w->temporary, w->place->access) : -1;
    CRASH_POINT("result_file_opened");
    bool fine = fd >= 0 && write_all(fd, w->data, w->len) == 0;
    int reason = errno;
    if (fd >= 0 && close(fd) != 0 && fine) {
        fine = false;
        reason = errno;
    }
    CRASH_POINT("result_file_written");
    bool placed = fine && move_into_place(w, o) == 0;
    if (fine && !placed)
        reason = errno;
    if (fd >= 0 && !(placed && w->end.outcome == RESULT_WRITTEN && w->renamed))
        unlinkat(o->partial, w->temporary, 0);
    close_place(&own);
    errno = reason;
    if (!placed)
        refused(w);
}

/* "NAME.json" */
static char *file_of(const struct result_place *p, const char *name)
{
    struct buffer file;
    buffer_init(&file, 0);
    naming_result(&file, name, p->longest);
    return buffer_detach(&file, NULL);
}

static void write_done(void *ctx)
{
    struct result_write *w = ctx;
    w->cb(w->ctx, &w->end);
    free(w->called);
    free(w->name);
    free(w->stands);
    free(w->path);
    free(w->data);
    free(w);
}

void result_file_write(struct loop *loop, struct result_place *place,
                       const struct result_file *file,
                       void (*cb)(void *ctx, const struct result_end *end), void *ctx)
{
    static unsigned long written; /* on the loop's thread alone */
    struct result_write *w = xcalloc(1, sizeof *w);
    struct buffer path;
    w->place = place;
    w->called = xstrdup(file->name);
    w->name = file_of(place, file->name);
    w->stands = file->stands ? file_of(place, file->stands) : NULL;
    w->again = file->again;
    w->former_life = file->former_life;
    buffer_init(&path, 0);
    buffer_printf(&path, "%s/%s", place->results, w->name);
    w->path = buffer_detach(&path, NULL);
    snprintf(w->temporary, sizeof w->temporary, "%lu", written++);
    w->data = file->data;
    w->len = file->len;
    w->cb = cb;
    w->ctx = ctx;
    loop_work(loop, write_work, write_done, w);
}

/* --- onto the disk --- */

struct result_sync {
    struct result_place *place;
    char **files;
    size_t count;
    struct error error;
    void (*cb)(void *ctx, const struct error *error);
    void *ctx;
};

static bool sync_one(const struct open_place *o, const char *file)
{
    const char *last;
    int there = enter_directory(o, file, DIRECTORY_LEAVE, &last);
    int fd = there < 0 ? -1 : openat(there, last, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool gone = fd < 0 && errno == ENOENT; /* somebody took it: the next run sees that */
    bool fine = gone || (fd >= 0 && fsync(fd) == 0 && (fsync(there) == 0 || errno == EINVAL));
    int error = errno;
    if (fd >= 0)
        close(fd);
    leave_directory(o, there);
    errno = error;
    return fine;
}

static void sync_work(void *ctx)
{
    struct result_sync *s = ctx;
    struct open_place own;
    const struct open_place *o;
    bool fine = enter_place(s->place, &own, &o);
    if (fine && s->count > RESULT_SYNCED_ONE_BY_ONE)
        fine = syncfs(o->results) == 0;
    else
        for (size_t i = 0; i < s->count && fine; i++)
            fine = sync_one(o, s->files[i]);
    close_place(&own);
    CRASH_POINT("result_files_synced");
    if (!fine)
        error_system(&s->error, ERR_IO, errno, "sync %s", text_show(s->place->results));
}

static void sync_done(void *ctx)
{
    struct result_sync *s = ctx;
    s->cb(s->ctx, s->error.code ? &s->error : NULL);
    for (size_t i = 0; i < s->count; i++)
        free(s->files[i]);
    free(s->files);
    free(s);
}

void result_files_sync(struct loop *loop, struct result_place *place, const char *const *names,
                       size_t count, void (*cb)(void *ctx, const struct error *error), void *ctx)
{
    struct result_sync *s = xcalloc(1, sizeof *s);
    s->place = place;
    s->files = xcalloc(count + 1, sizeof *s->files);
    for (size_t i = 0; i < count; i++)
        s->files[i] = file_of(place, names[i]);
    s->count = count;
    s->cb = cb;
    s->ctx = ctx;
    loop_work(loop, sync_work, sync_done, s);
}
