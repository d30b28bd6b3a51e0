/* block_output.h - bytes on their way to a file, handed on in large blocks.
 *
 *   struct block_output out;
 *   block_output_init(&out, bytes, put, to);
 *   block_output_add(&out, data, len); block_output_char(&out, ',');      as often as one likes
 *   block_output_flush(&out, &e)             what is left; the first error of all
 *   block_output_release(&out);
 *
 * PUT returns 0 or an error code with words. After an error nothing more is handed on, so that only
 * the flush has to be looked at; block_output_failed() asks in between. */
#ifndef MB_FORMAT_BLOCK_OUTPUT_H
#define MB_FORMAT_BLOCK_OUTPUT_H

#include "base/error.h"

#include <stdbool.h>
#include <string.h>

typedef int block_output_put(void *to, const void *data, size_t len, struct error *e);

struct block_output {
    block_output_put *put;
    void *to;
    char *block;
    size_t size, used;
    struct error error; /* the first; code 0: none */
};

void block_output_init(struct block_output *o, size_t bytes, block_output_put *put, void *to);
void block_output_release(struct block_output *o); /* fine on a zeroed one */
void block_output_add_slowly(struct block_output *o, const void *data, size_t len);
MUST_CHECK int block_output_flush(struct block_output *o, struct error *e);

/* For TO a FILE: its name is for whoever looks at the error. */
block_output_put block_output_to_stream;

static inline void block_output_add(struct block_output *o, const void *data, size_t len)
{
    if (len <= o->size - o->used) {
        memcpy(o->block + o->used, data, len);
        o->used += len;
    } else {
        block_output_add_slowly(o, data, len);
    }
}

static inline void block_output_char(struct block_output *o, char c)
{
    if (o->used < o->size)
        o->block[o->used++] = c;
    else
        block_output_add_slowly(o, &c, 1);
}

static inline void block_output_text(struct block_output *o, const char *text)
{
    block_output_add(o, text, strlen(text));
}

static inline bool block_output_failed(const struct block_output *o)
{
    return o->error.code != 0;
}

#endif
