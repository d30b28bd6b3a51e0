/* See result_files.h. Not synced one by one: the ledger holds the truth, and verify finds what a
 * power cut took. */
#include "report/result_files.h"
#include "base/crash_point.h"
#include "base/digest.h"
#include "base/directory.h"
#include "base/safe_file.h"
#include "base/text.h"
#include "base/trouble.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CUT_MARK = 17 /* "~" and 16 hex digits */, SUFFIX = 5 /* ".json" */ };

#define PARTIAL ".partial"
#define RESULTS "results"

struct result_write {
    char *directory, *below; /* the output directory; "NAME.json" below its results */
    char *path;              /* for people */
    char temporary[24], *data;
    size_t len;
    struct error error;
    void (*cb)(void *ctx, const struct error *error);
    void *ctx;
};

/* Where to cut LAST so that no UTF-8 sequence is split. */
static size_t cut_length(const char *last)
{
    size_t keep = NAME_MAX - CUT_MARK - SUFFIX;
    while (keep > 0 && ((unsigned char)last[keep] & 0xc0) == 0x80)
        keep--;
    return keep ? keep : NAME_MAX - CUT_MARK - SUFFIX;
}

void result_file_name(struct buffer *out, const char *name)
{
    const char *slash = strrchr(name, '/'), *last = slash ? slash + 1 : name;
    if (strlen(last) + SUFFIX <= NAME_MAX) {
        buffer_printf(out, "%s.json", name);
        return;
    }
    uint8_t digest[SHA256_BYTES];
    char hex[SHA256_HEX];
    sha256(last, strlen(last), digest);
    hex_encode(digest, 8, hex);
    buffer_printf(out, "%.*s%.*s~%s.json", (int)(last - name), name, (int)cut_length(last), last,
                  hex);
}

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

/* Directories are made on the way. */
static int move_into_place(struct result_write *w, int partial)
{
    const char *last;
    int there = directory_open_of(w->directory, w->below, DIRECTORY_MAKE, &last);
    if (there < 0)
        return -1;
    int rc = renameat(partial, w->temporary, there, last);
    int error = errno;
    close(there);
    errno = error;
    return rc;
}

/* A new file of our own, whatever stood under its name. */
static int open_new(int partial, const char *name)
{
    const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    int fd = openat(partial, name, flags, 0600);
    if (fd < 0 && errno == EEXIST && unlinkat(partial, name, 0) == 0)
        fd = openat(partial, name, flags, 0600);
    return fd;
}

/* By errno; without a descriptor or memory it may well go another time. */
static void refused(struct result_write *w)
{
    bool passes = trouble_of(errno) == TROUBLE_OF_MACHINE;
    directory_refused(&w->error, "write", w->path);
    w->error.code = passes ? ERR_PASSING : ERR_IO;
}

static void write_work(void *ctx)
{
    struct result_write *w = ctx;
    int partial = directory_open(w->directory, PARTIAL, DIRECTORY_LEAVE);
    int fd = partial < 0 ? -1 : open_new(partial, w->temporary);
    CRASH_POINT("result_file_opened");
    bool fine = fd >= 0 && write_all(fd, w->data, w->len) == 0;
    int reason = errno;
    if (fd >= 0 && close(fd) != 0 && fine) {
        fine = false;
        reason = errno;
    }
    CRASH_POINT("result_file_written");
    if (fine && move_into_place(w, partial) == 0) {
        CRASH_POINT("result_file_renamed");
        close(partial);
        return;
    }
    errno = fine ? errno : reason;
    if (fine && (errno == ENOTDIR || errno == EISDIR || errno == ENOTEMPTY))
        error_set(&w->error, ERR_USAGE,
                  "%s: a file and a directory would have the same name there; rename one of the"
                  " documents, or run them with an output.directory of their own",
                  text_show(w->path));
    else
        refused(w);
    if (fd >= 0)
        unlinkat(partial, w->temporary, 0);
    if (partial >= 0)
        close(partial);
}

/* The names that write_work gives: numbers. */
static bool is_partial(const char *name)
{
    return *name != '\0' && name[strspn(name, "0123456789")] == '\0';
}

static int prepare(const char *directory, const char *below, struct error *e)
{
    int fd = directory_open(directory, below, DIRECTORY_MAKE);
    int error = errno;
    struct buffer path;
    if (fd >= 0)
        return fd;
    buffer_init(&path, 0);
    buffer_printf(&path, "%s/%s", directory, below);
    errno = error;
    directory_refused(e, "use", buffer_text(&path));
    if (error == ELOOP) /* nothing that passes by itself */
        e->code = ERR_USAGE;
    buffer_release(&path);
    return -1;
}

int result_files_prepare(const char *directory, struct error *e)
{
    if (directory_make(directory, e) < 0)
        return e->code;
    int results = prepare(directory, RESULTS, e);
    if (results < 0)
        return e->code;
    close(results);
    int fd = prepare(directory, PARTIAL, e);
    if (fd < 0)
        return e->code;
    DIR *partial = fdopendir(fd);
    const struct dirent *entry;
    if (!partial)
        close(fd);
    while (partial && (entry = readdir(partial)) != NULL)
        if (is_partial(entry->d_name))
            unlinkat(dirfd(partial), entry->d_name, 0);
    if (partial)
        closedir(partial);
    safe_file_clear(directory);
    return 0;
}

/* "results/NAME.json" */
static char *below_of(const char *name)
{
    struct buffer below;
    buffer_init(&below, 0);
    buffer_put(&below, RESULTS "/");
    result_file_name(&below, name);
    return buffer_detach(&below, NULL);
}

void result_file_remove(const char *directory, const char *name)
{
    const char *last;
    char *below = below_of(name);
    int fd = directory_open_of(directory, below, DIRECTORY_LEAVE, &last);
    if (fd >= 0) {
        unlinkat(fd, last, 0);
        close(fd);
    }
    free(below);
}

static void write_done(void *ctx)
{
    struct result_write *w = ctx;
    w->cb(w->ctx, w->error.code ? &w->error : NULL);
    free(w->directory);
    free(w->below);
    free(w->path);
    free(w->data);
    free(w);
}

void result_file_write(struct loop *loop, const char *directory, const char *name, char *data,
                       size_t len, void (*cb)(void *ctx, const struct error *error), void *ctx)
{
    static unsigned long written; /* on the loop's thread alone */
    struct result_write *w = xcalloc(1, sizeof *w);
    struct buffer path;
    w->directory = xstrdup(directory);
    w->below = below_of(name);
    buffer_init(&path, 0);
    buffer_printf(&path, "%s/%s", directory, w->below);
    w->path = buffer_detach(&path, NULL);
    snprintf(w->temporary, sizeof w->temporary, "%lu", written++);
    w->data = data;
    w->len = len;
    w->cb = cb;
    w->ctx = ctx;
    loop_work(loop, write_work, write_done, w);
}
