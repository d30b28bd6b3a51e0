/* Reads a file once and says what it is: type, SHA-256, stamp, and why not to send it.
 *
 * On a pool thread, with a buffer and a digest that the thread keeps: open, look at the type, hash
 * to the end while watching for what Mindee refuses (content_scan), ask the helper where it must be
 * parsed, then look at the path again: bytes that changed under the reading, or make way for another
 * file, are read again, three times at most; what isn't at its path any more is gone. What is
 * rejected by its size or type is not read any further.
 *
 * A special file is told apart before it is opened; if it takes the file's place in between,
 * O_NONBLOCK keeps the open from waiting for a fifo's writer. */
#include "intake/content_scan.h"
#include "intake/file_looks.h"
#include "intake/page_helper.h"

#include "base/units.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { BLOCK_BYTES = 128 * 1024, TRIES = 3 };

/* What a pool thread keeps between files. */
struct reader {
    struct sha256 *sha;
    uint8_t block[BLOCK_BYTES];
};

struct examination {
    char *path;
    unsigned flags; /* examine_flag bits */
    struct examined result;
    void (*cb)(void *ctx, const struct examined *result);
    void *ctx;
};

static pthread_key_t reader_key;
static pthread_once_t reader_once = PTHREAD_ONCE_INIT;

static void reader_free(void *ctx)
{
    struct reader *r = ctx;
    sha256_free(r->sha);
    free(r);
}

static void make_reader_key(void)
{
    REQUIRE(pthread_key_create(&reader_key, reader_free) == 0);
}

static struct reader *this_threads_reader(void)
{
    pthread_once(&reader_once, make_reader_key);
    struct reader *r = pthread_getspecific(reader_key);
    if (!r) {
        r = xcalloc(1, sizeof *r);
        r->sha = sha256_new();
        REQUIRE(pthread_setspecific(reader_key, r) == 0);
    }
    return r;
}

static void reject(struct examined *r, enum reject_reason reason, const char *detail)
{
    r->reject = reason;
    snprintf(r->detail, sizeof r->detail, "%s", detail);
}

static void reject_by_errno(struct examined *r, int error)
{
    char words[128];
    r->error = error;
    reject(r, REJECT_UNREADABLE, strerror_r(error, words, sizeof words));
}

/* What the stamp alone can refuse. */
static bool refuse_by_stat(struct examined *r, const struct stat *st)
{
    r->stamp = file_stamp_of(st);
    if (!S_ISREG(st->st_mode)) {
        reject(r, REJECT_SPECIAL,
               S_ISDIR(st->st_mode)    ? "a directory"
               : S_ISFIFO(st->st_mode) ? "a fifo"
               : S_ISSOCK(st->st_mode) ? "a socket"
                                       : "a device");
    } else if (st->st_size == 0) {
        reject(r, REJECT_EMPTY, "");
    } else if (st->st_size > INTAKE_MAX_FILE_BYTES) {
        char size[UNITS_TEXT_MAX], detail[2 * UNITS_TEXT_MAX];
        snprintf(detail, sizeof detail, "it has %s bytes", count_format(st->st_size, size));
        reject(r, REJECT_TOO_LARGE, detail);
    }
    return r->reject != REJECT_NONE;
}

/* Fills the block as far as the file goes; -1 with errno. */
static ssize_t read_block(int fd, uint8_t *block)
{
    size_t got = 0;
    while (got < BLOCK_BYTES) {
        ssize_t n = read(fd, block + got, BLOCK_BYTES - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        got += (size_t)n;
    }
    return (ssize_t)got;
}

/* Hashes and scans all of it. False: rejected, or not of the size it had:
 * one that grows is left there. */
static bool read_through(int fd, struct examined *r, struct content_scan *scan)
{
    struct reader *reader = this_threads_reader();
    int64_t read_bytes = 0;
    bool whole = false;
    while (!whole && r->reject == REJECT_NONE) {
        ssize_t n = read_block(fd, reader->block);
        if (n < 0) {
            reject_by_errno(r, errno);
            break;
        }
        if (read_bytes == 0) {
            size_t head = n < FILE_HEAD_BYTES ? (size_t)n : FILE_HEAD_BYTES;
            r->type = file_type_of(reader->block, head);
            content_scan_init(scan, r->type);
            if (r->type == FILE_UNKNOWN && n > 0) {
                reject(r, REJECT_TYPE, "looks like ");
                strncat(r->detail, file_looks_like(reader->block, head),
                        sizeof r->detail - strlen(r->detail) - 1);
            }
        }
        content_scan_feed(scan, reader->block, (size_t)n);
        if (scan->animated)
            reject(r, REJECT_ANIMATED, "");
        sha256_update(reader->sha, reader->block, (size_t)n);
        read_bytes += n;
        whole = n < BLOCK_BYTES || read_bytes > r->stamp.size_bytes;
    }
    sha256_final(reader->sha, r->sha256); /* also where it was left: ready for the next file */
    r->hashed = r->reject == REJECT_NONE && read_bytes == r->stamp.size_bytes;
    if (!r->hashed)
        memset(r->sha256, 0, sizeof r->sha256);
    return r->hashed;
}

static void ask_helper(struct examination *e, const struct content_scan *scan)
{
    struct examined *r = &e->result;
    bool parsed = r->type == FILE_PDF || r->type == FILE_TIFF;
    if (parsed && ((e->flags & EXAMINE_PAGES) || scan->encrypt_seen)) {
        struct page_reply reply = {0};
        page_helper_ask(e->path, r->type, &reply);
        if (reply.not_asked) {
            reject_by_errno(r, EAGAIN);
            return;
        }
        r->broken = reply.broken;
        if (e->flags & EXAMINE_PAGES || reply.pages > 0)
            r->pages = reply.pages;
        if (reply.encrypted)
            reject(r, REJECT_ENCRYPTED, "");
    } else if (e->flags & EXAMINE_PAGES) {
        r->pages = 1;
    }
}

static bool follows(const struct examination *e)
{
    return !(e->flags & EXAMINE_NOFOLLOW);
}

static int stat_path(const struct examination *e, struct stat *st)
{
    return fstatat(AT_FDCWD, e->path, st, follows(e) ? 0 : AT_SYMLINK_NOFOLLOW);
}

/* One reading; whether the result stands. A file that was removed or renamed meanwhile can still be
 * read to its end, but its stamp tells of that, not of the file that was there. */
static bool read_once(struct examination *e, int fd)
{
    struct stat st;
    struct examined *r = &e->result;
    if (fstat(fd, &st) != 0) {
        reject_by_errno(r, errno);
        return true;
    }
    if (refuse_by_stat(r, &st))
        return true;
    struct content_scan scan = {0};
    if (read_through(fd, r, &scan))
        ask_helper(e, &scan);
    else if (r->reject == REJECT_UNREADABLE || r->reject == REJECT_NONE)
        return r->reject == REJECT_UNREADABLE;
    if (stat_path(e, &st) != 0) {
        *r = (struct examined){.pages = -1};
        reject_by_errno(r, errno);
        return true;
    }
    struct file_stamp after = file_stamp_of(&st);
    return file_stamp_equal(&r->stamp, &after);
}

static bool examine_once(struct examination *e)
{
    struct stat st;
    struct examined *r = &e->result;
    *r = (struct examined){.pages = -1};
    if (stat_path(e, &st) != 0) {
        reject_by_errno(r, errno);
        return true;
    }
    if (refuse_by_stat(r, &st))
        return true;
    int fd =
        open(e->path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | (follows(e) ? 0 : O_NOFOLLOW));
    if (fd < 0) {
        reject_by_errno(r, errno);
        return true;
    }
    bool stands = read_once(e, fd);
    close(fd);
    return stands;
}

static void examine(struct examination *e)
{
    struct examined *r = &e->result;
    bool stands = false;
    for (int i = 0; i < TRIES && !stands; i++)
        stands = examine_once(e);
    if (!stands) {
        *r = (struct examined){.type = r->type, .stamp = r->stamp, .pages = -1};
        reject(r, REJECT_CHANGED, "");
    }
}

static void examine_work(void *ctx)
{
    examine(ctx);
}

static void examine_done(void *ctx)
{
    struct examination *e = ctx;
    e->cb(e->ctx, &e->result);
    free(e->path);
    free(e);
}

void intake_examine(struct loop *loop, const char *path, unsigned flags,
                    void (*cb)(void *ctx, const struct examined *result), void *ctx)
{
    struct examination *e = xcalloc(1, sizeof *e);
    e->path = xstrdup(path);
    e->flags = flags;
    e->cb = cb;
    e->ctx = ctx;
    loop_work(loop, examine_work, examine_done, e);
}
