/* See block_output.h. What is larger than the block goes past it. */
#include "format/block_output.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

void block_output_init(struct block_output *o, size_t bytes, block_output_put *put, void *to)
{
    *o = (struct block_output){.put = put, .to = to, .block = xcalloc(bytes, 1), .size = bytes};
}

void block_output_release(struct block_output *o)
{
    free(o->block);
    *o = (struct block_output){0};
}

static void hand_on(struct block_output *o, const void *data, size_t len)
{
    if (len && !o->error.code && o->put(o->to, data, len, &o->error) == 0)
        o->error.code = 0;
}

void block_output_add_slowly(struct block_output *o, const void *data, size_t len)
{
    hand_on(o, o->block, o->used);
    o->used = 0;
    if (len > o->size) {
        hand_on(o, data, len);
    } else {
        memcpy(o->block, data, len);
        o->used = len;
    }
}

int block_output_flush(struct block_output *o, struct error *e)
{
    hand_on(o, o->block, o->used);
    o->used = 0;
    if (o->error.code)
        *e = o->error;
    return o->error.code;
}

int block_output_to_stream(void *to, const void *data, size_t len, struct error *e)
{
    errno = 0;
    if (fwrite(data, 1, len, to) == len)
        return 0;
    return error_system(e, ERR_IO, errno ? errno : EIO, "write");
}
