/* A file on its way out. See upload_source.h.
 *
 * The file is cut into blocks, two of which are in memory, the halves of a buffer: while one is
 * handed out, a work item on the thread pool fills the other. A file of up to two blocks is one
 * block. At most one work item
 * runs at a time; it alone touches the descriptor and the block being filled, and the loop alone
 * touches the other, so nothing needs a lock: the thread pool's hand-over orders both.
 *
 * A work item opens the file if it isn't open yet, reads one whole block, and compares the stamp.
 * It fails with ERR_CHANGED if the file isn't a regular one any more, ends early or shows another
 * stamp, with ERR_IO if the system refuses for a reason that is the file's, and with ERR_PASSING for
 * any other (trouble.h). After a failure nothing is handed out.
 *
 * Bytes in memory go the same way, copied block by block instead of read. A reader is the caller's own code: it
 * is called on the loop, once a work item without work is done, and so never from inside libcurl. */
#include "net/upload_source.h"
#include "base/crash_point.h"
#include "base/trouble.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { BLOCK_BYTES = 64 * 1024 };

struct block {
    size_t len;  /* bytes read; 0: empty */
    size_t used; /* of them handed out */
};

struct upload_source {
    struct loop *loop;
    char *path;
    struct file_stamp expected; /* of bytes and a reader its size alone */
    char *bytes;                /* in place of a file; NULL: none */
    int64_t (*reader)(void *ctx, void *buffer, size_t size); /* likewise */
    void *reader_ctx;
    void (*ready)(void *ctx);
    void *ctx;
    struct upload_buffers *buffers;
    char *buffer; /* of two blocks; NULL: not yet, or given back. The work item's while one runs */
    struct block blocks[2];
    size_t block_bytes;
    int first;         /* the block to hand out */
    int filling;       /* the block that the work item fills */
    bool working;      /* a work item is under way */
    bool opened;       /* upload_source_open was called */
    int64_t read;      /* bytes of the file read so far; the work item's while one runs */
    int fd;            /* -1: not open (any more); likewise */
    struct error fail; /* code 0: none; likewise */
    bool failed;       /* the loop's own word for it */
    bool complete;     /* the whole file was read */
    bool closing;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

/* ---- on the thread pool ---- */

static int fail(struct upload_source *s, int system_error, const char *what)
{
    bool passes = trouble_of(system_error) != TROUBLE_NONE;
    return error_system(&s->fail, passes ? ERR_PASSING : ERR_IO, system_error, "%s", what);
}

static int check_stamp(struct upload_source *s)
{
    struct stat st;
    if (fstat(s->fd, &st) != 0)
        return fail(s, errno, "fstat");
    if (!S_ISREG(st.st_mode))
        return error_set(&s->fail, ERR_CHANGED, "no longer a regular file");
    struct file_stamp stamp = file_stamp_of(&st);
    if (!file_stamp_equal(&stamp, &s->expected))
        return error_set(&s->fail, ERR_CHANGED, "the file changed");
    return 0;
}

/* O_NONBLOCK: a FIFO that took the file's place mustn't hold a thread for ever. */
static int open_file(struct upload_source *s)
{
    s->fd = open(s->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (s->fd >= 0)
        return check_stamp(s);
    int system_error = errno;
    bool passes = trouble_of_open(s->path, system_error) != TROUBLE_NONE;
    return error_system(&s->fail, passes ? ERR_PASSING : ERR_IO, system_error, "open");
}

static char *block_data(const struct upload_source *s, int block)
{
    return s->buffer + (size_t)block * BLOCK_BYTES;
}

/* Mapped by itself: what is given back is free for anything at once, wherever it lay. */
static char *new_buffer(void)
{
    void *buffer = mmap(NULL, (size_t)2 * BLOCK_BYTES, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return buffer == MAP_FAILED ? NULL : buffer;
}

static void free_buffer(char *buffer)
{
    if (buffer)
        munmap(buffer, (size_t)2 * BLOCK_BYTES);
}

static int read_file(struct upload_source *s, char *out, size_t want)
{
    size_t have = 0;
    while (have < want) {
        ssize_t n = pread(s->fd, out + have, want - have, s->read + (int64_t)have);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail(s, errno, "read");
        if (n == 0)
            return error_set(&s->fail, ERR_CHANGED, "the file became shorter");
        have += (size_t)n;
    }
    return check_stamp(s);
}

static int read_reader(struct upload_source *s, char *out, size_t want)
{
    size_t have = 0;
    while (have < want) {
        int64_t n = s->reader(s->reader_ctx, out + have, want - have);
        if (n < 0 || n > (int64_t)(want - have))
            return error_set(&s->fail, ERR_IO, "the reader failed");
        if (n == 0)
            return error_set(&s->fail, ERR_CHANGED, "the reader ended early");
        have += (size_t)n;
    }
    return 0;
}

static int read_bytes(struct upload_source *s, char *out, size_t want)
{
    if (want > 0)
        memcpy(out, s->bytes + s->read, want);
    return 0;
}

static int fill(struct upload_source *s, int block)
{
    int64_t left = s->expected.size_bytes - s->read;
    size_t want = left < (int64_t)s->block_bytes ? (size_t)left : s->block_bytes;
    if (!s->buffer)
        s->buffer = new_buffer();
    if (!s->buffer)
        return fail(s, ENOMEM, "read");
    char *out = block_data(s, block);
    int r = s->reader  ? read_reader(s, out, want)
            : s->bytes ? read_bytes(s, out, want)
                       : read_file(s, out, want);
    if (r != 0)
        return r;
    s->read += (int64_t)want;
    s->blocks[block].len = want;
    return 0;
}

static void close_file(struct upload_source *s)
{
    if (s->fd >= 0)
        close(s->fd);
    s->fd = -1;
}

static void work(void *ctx)
{
    struct upload_source *s = ctx;
    if (s->reader || s->fail.code)
        return;
    if ((!s->bytes && s->fd < 0 && open_file(s) != 0) || fill(s, s->filling) != 0 ||
        s->read == s->expected.size_bytes)
        close_file(s);
}

/* ---- on the loop ---- */

static void give_back(struct upload_source *s)
{
    struct upload_buffers *b = s->buffers;
    if (s->buffer && b->count < sizeof b->spare / sizeof *b->spare)
        b->spare[b->count++] = s->buffer;
    else
        free_buffer(s->buffer);
    s->buffer = NULL;
}

void upload_buffers_release(struct upload_buffers *b)
{
    while (b->count > 0)
        free_buffer(b->spare[--b->count]);
}

static void release(struct upload_source *s)
{
    void (*closed)(void *ctx) = s->closed;
    void *ctx = s->closed_ctx;
    close_file(s);
    give_back(s);
    free(s->path);
    free(s->bytes);
    free(s);
    closed(ctx);
}

static void done(void *ctx);

/* Fills the next empty block, if there is one and the file has more. */
static void read_ahead(struct upload_source *s)
{
    if (s->working || s->failed || s->complete)
        return;
    int empty = s->blocks[s->first].len == 0 ? s->first : !s->first;
    if (s->blocks[empty].len > 0)
        return;
    s->filling = empty;
    s->working = true;
    loop_work(s->loop, work, done, s);
}

static void done(void *ctx)
{
    struct upload_source *s = ctx;
    s->working = false;
    if (s->closing) {
        release(s);
        return;
    }
    if (s->reader) { /* which may close this source */
        s->working = true;
        (void)fill(s, s->filling);
        s->working = false;
        if (s->closing) {
            release(s);
            return;
        }
    }
    s->failed = s->fail.code != 0;
    s->complete = !s->failed && s->read == s->expected.size_bytes;
    read_ahead(s);
    s->ready(s->ctx);
}

static struct upload_source *new_source(struct loop *loop, struct upload_buffers *buffers,
                                        int64_t size, void (*ready)(void *ctx), void *ctx)
{
    struct upload_source *s = xcalloc(1, sizeof *s);
    REQUIRE(size >= 0);
    s->loop = loop;
    s->buffers = buffers;
    s->expected.size_bytes = size;
    s->ready = ready;
    s->ctx = ctx;
    s->fd = -1;
    s->block_bytes = size <= (int64_t)2 * BLOCK_BYTES ? (size_t)size : (size_t)BLOCK_BYTES;
    return s;
}

struct upload_source *upload_source_new(struct loop *loop, struct upload_buffers *buffers,
                                        const char *path, const struct file_stamp *expected,
                                        void (*ready)(void *ctx), void *ctx)
{
    struct upload_source *s = new_source(loop, buffers, expected->size_bytes, ready, ctx);
    s->path = xstrdup(path);
    s->expected = *expected;
    return s;
}

struct upload_source *upload_source_of_bytes(struct loop *loop, struct upload_buffers *buffers,
                                             const void *bytes, size_t len,
                                             void (*ready)(void *ctx), void *ctx)
{
    struct upload_source *s = new_source(loop, buffers, (int64_t)len, ready, ctx);
    s->bytes = malloc(len + 1);
    if (s->bytes)
        memcpy(s->bytes, len ? bytes : "", len);
    else
        fail(s, ENOMEM, "copy");
    return s;
}

struct upload_source *upload_source_of_reader(struct loop *loop, struct upload_buffers *buffers,
                                              int64_t (*read)(void *ctx, void *buffer, size_t size),
                                              void *read_ctx, int64_t size,
                                              void (*ready)(void *ctx), void *ctx)
{
    struct upload_source *s = new_source(loop, buffers, size, ready, ctx);
    s->reader = read;
    s->reader_ctx = read_ctx;
    return s;
}

void upload_source_open(struct upload_source *s)
{
    REQUIRE(!s->opened);
    s->opened = true;
    if (s->buffers->count > 0)
        s->buffer = s->buffers->spare[--s->buffers->count];
    read_ahead(s);
}

size_t upload_source_take(struct upload_source *s, char *out, size_t size)
{
    struct block *b = &s->blocks[s->first];
    if (s->failed || (s->working && s->filling == s->first) || b->len == 0)
        return 0;
    size_t n = b->len - b->used < size ? b->len - b->used : size;
    memcpy(out, block_data(s, s->first) + b->used, n);
    b->used += n;
    if (b->used == b->len) {
        CRASH_POINT("upload_block_handed_out");
        b->len = b->used = 0;
        s->first = !s->first;
        if (s->complete && s->blocks[s->first].len == 0)
            give_back(s); /* while the answer is waited for, another upload has use for it */
        read_ahead(s);
    }
    return n;
}

const struct error *upload_source_failure(const struct upload_source *s)
{
    return s->failed ? &s->fail : NULL;
}

void upload_source_close(struct upload_source *s, void (*closed)(void *ctx), void *ctx)
{
    REQUIRE(!s->closing);
    s->closing = true;
    s->closed = closed;
    s->closed_ctx = ctx;
    if (!s->working)
        release(s);
}
