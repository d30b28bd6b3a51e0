/* buffer.h - bytes that grow, up to a limit. Always followed by a NUL that isn't counted. */
#ifndef MB_BASE_BUFFER_H
#define MB_BASE_BUFFER_H

#include "base/require.h"

#include <stdbool.h>

struct buffer {
    char *data;     /* NULL while empty; owned */
    size_t len;     /* bytes used */
    size_t cap;     /* bytes allocated, the NUL included */
    size_t max_len; /* 0: no limit of its own */
};

void buffer_init(struct buffer *b, size_t max_len);
void buffer_release(struct buffer *b); /* frees; usable again, with the same limit */
void buffer_clear(struct buffer *b);   /* keeps the memory */

/* 0, ERR_LIMIT (over max_len) or ERR_MEMORY; the content is unchanged after an error. */
MUST_CHECK int buffer_append(struct buffer *b, const void *data, size_t len);
MUST_CHECK int buffer_reserve(struct buffer *b, size_t more);
/* Appends all that FD has left: also ERR_IO, with errno. What was read may be a secret: no copy
 * stays on the stack; nor in freed memory, if enough was reserved. */
MUST_CHECK int buffer_read(struct buffer *b, int fd);

/* For text of our own making, bounded by nature: running out of memory ends the process. */
void buffer_put(struct buffer *b, const char *text);
void buffer_printf(struct buffer *b, const char *format, ...) PRINTF(2, 3);

/* The text, "" for an empty buffer. Valid until the next change. */
const char *buffer_text(const struct buffer *b);

/* Gives back the memory behind the content: for what is kept. */
void buffer_trim(struct buffer *b);

/* Hands the memory over to the caller, who frees it with free(); the buffer is empty after. */
MUST_CHECK char *buffer_detach(struct buffer *b, size_t *len);

#endif
