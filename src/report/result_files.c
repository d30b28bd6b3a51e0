/* See result_files.h. Not synced one by one: the ledger holds the truth, and verify finds what a
 * power cut took. */
#include "report/result_files.h"
#include "base/crash_point.h"
#include "base/digest.h"
#include "base/safe_file.h"
#include "base/text.h"

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

struct result_write {
    char *path, *temporary, *data;
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

/* Its directory is made only if it turns out to be missing. */
static int move_into_place(struct result_write *w, const char *temporary)
{
    if (rename(temporary, w->path) == 0)
        return 0;
    if (errno != ENOENT)
        return -1;
    char *slash = strrchr(w->path, '/');
    *slash = '\0';
    int rc = directory_make(w->path, &w->error);
    *slash = '/';
    return rc < 0 ? -1 : rename(temporary, w->path);
}

static void write_work(void *ctx)
{
    struct result_write *w = ctx;
    int fd = open(w->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    CRASH_POINT("result_file_opened");
    bool fine = fd >= 0 && write_all(fd, w->data, w->len) == 0;
    int reason = errno;
    if (fd >= 0 && close(fd) != 0 && fine) {
        fine = false;
        reason = errno;
    }
    CRASH_POINT("result_file_written");
    if (fine && move_into_place(w, w->temporary) == 0) {
        CRASH_POINT("result_file_renamed");
        return;
    }
    if (!w->error.code && fine && (errno == ENOTDIR || errno == EISDIR || errno == ENOTEMPTY))
        error_set(&w->error, ERR_USAGE,
                  "%s: a file and a directory would have the same name there; rename one of the"
                  " documents, or run them with an output.directory of their own",
                  text_show(w->path));
    else if (!w->error.code)
        error_system(&w->error, ERR_IO, fine ? errno : reason, "write %s", text_show(w->path));
    if (fd >= 0)
        unlink(w->temporary);
}

int result_files_prepare(const char *directory, struct error *e)
{
    struct buffer path;
    buffer_init(&path, 0);
    buffer_printf(&path, "%s/results", directory);
    int rc = directory_make(buffer_text(&path), e);
    buffer_clear(&path);
    buffer_printf(&path, "%s/" PARTIAL, directory);
    if (rc == 0)
        rc = directory_make(buffer_text(&path), e);
    DIR *partial = rc == 0 ? opendir(buffer_text(&path)) : NULL;
    const struct dirent *entry;
    while (partial && (entry = readdir(partial)) != NULL)
        unlinkat(dirfd(partial), entry->d_name, 0); /* "." and ".." refuse */
    if (partial)
        closedir(partial);
    if (rc == 0)
        safe_file_clear(directory);
    buffer_release(&path);
    return rc;
}

void result_file_remove(const char *directory, const char *name)
{
    struct buffer path;
    buffer_init(&path, 0);
    buffer_printf(&path, "%s/results/", directory);
    result_file_name(&path, name);
    unlink(buffer_text(&path));
    buffer_release(&path);
}

static void write_done(void *ctx)
{
    struct result_write *w = ctx;
    w->cb(w->ctx, w->error.code ? &w->error : NULL);
    free(w->path);
    free(w->temporary);
    free(w->data);
    free(w);
}

void result_file_write(struct loop *loop, const char *directory, const char *name, char *data,
                       size_t len, void (*cb)(void *ctx, const struct error *error), void *ctx)
{
    static unsigned long written; /* on the loop's thread alone */
    struct result_write *w = xcalloc(1, sizeof *w);
    struct buffer path;
    buffer_init(&path, 0);
    buffer_printf(&path, "%s/results/", directory);
    result_file_name(&path, name);
    w->path = buffer_detach(&path, NULL);
    buffer_printf(&path, "%s/" PARTIAL "/%lu", directory, written++);
    w->temporary = buffer_detach(&path, NULL);
    w->data = data;
    w->len = len;
    w->cb = cb;
    w->ctx = ctx;
    loop_work(loop, write_work, write_done, w);
}
