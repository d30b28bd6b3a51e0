/* upload_source.h - a document on its way out: a file, read ahead on the thread pool, a bounded part of it at a
 * time, and proven to be the file that was expected; or bytes in memory; or a caller's reader, which is called
 * on the loop. Private to src/net.
 *
 *   s = upload_source_new(loop, &buffers, path, &expected, ready, ctx);     or _of_bytes, _of_reader
 *   upload_source_open(s);              READY(ctx) when something changed: there are bytes to take,
 *                                       or upload_source_failure says why there won't be
 *   n = upload_source_take(s, buf, n);  0: nothing right now, READY will come
 *   upload_source_close(s, closed, closed_ctx);   READY doesn't come any more; CLOSED when it is
 *                                       gone, at once if no read is under way
 *
 * Every block is handed out only after an fstat, made once it was read, showed the stamp expected:
 * so the last byte never leaves of a file that changed, and an upload is never a mixture. */
#ifndef MB_NET_UPLOAD_SOURCE_H
#define MB_NET_UPLOAD_SOURCE_H

#include "base/error.h"
#include "base/file_stamp.h"
#include "net/loop.h"

struct upload_source;

/* Buffers that sources are done with and others will need: giving them back to the system and
 * asking for them again costs as much as reading the file. As many as files are opened at once: a
 * source that was taken whole has none any more. Zeroed to begin with. */
struct upload_buffers {
    char *spare[16];
    size_t count;
};
void upload_buffers_release(struct upload_buffers *b);

/* BUFFERS outlives the source. */
struct upload_source *upload_source_new(struct loop *loop, struct upload_buffers *buffers,
                                        const char *path, const struct file_stamp *expected,
                                        void (*ready)(void *ctx), void *ctx);
/* BYTES are copied. */
struct upload_source *upload_source_of_bytes(struct loop *loop, struct upload_buffers *buffers,
                                             const void *bytes, size_t len,
                                             void (*ready)(void *ctx), void *ctx);
/* READ(read_ctx, ...) as transfer.h has it; of SIZE bytes in all. */
struct upload_source *upload_source_of_reader(struct loop *loop, struct upload_buffers *buffers,
                                              int64_t (*read)(void *ctx, void *buffer, size_t size),
                                              void *read_ctx, int64_t size,
                                              void (*ready)(void *ctx), void *ctx);
void upload_source_open(struct upload_source *s);
size_t upload_source_take(struct upload_source *s, char *out, size_t size);
/* NULL while all is well; ERR_CHANGED, ERR_IO (it can't be read), ERR_PASSING (not for now). */
const struct error *upload_source_failure(const struct upload_source *s);
void upload_source_close(struct upload_source *s, void (*closed)(void *ctx), void *ctx);

#endif
