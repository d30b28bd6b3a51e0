/* See byte_store.h. Each block is twice as large as the one before it, up to a bound, or as large as what doesn't
 * fit: what is left of the old one is given up. */
#include "tables/byte_store.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_BLOCK = 4 * 1024, LARGEST_STEP = 1024 * 1024 };

struct byte_block {
    struct byte_block *next;
    size_t used, size;
    _Alignas(16) char bytes[];
};

static struct byte_block *block_new(struct byte_store *s, size_t room)
{
    size_t size = s->blocks ? s->blocks->size : FIRST_BLOCK / 2;
    size = size < LARGEST_STEP ? 2 * size : size;
    if (size < room)
        size = room;
    struct byte_block *b = malloc(sizeof *b + size);
    if (!b)
        return NULL;
    b->next = s->blocks;
    b->used = 0;
    b->size = size;
    s->blocks = b;
    return b;
}

void *byte_store_take(struct byte_store *s, size_t len, size_t align)
{
    struct byte_block *b = s->blocks;
    if (len > SIZE_MAX / 4 || (s->max_bytes && len > s->max_bytes - s->bytes))
        return NULL;
    size_t at = b ? (b->used + align - 1) & ~(align - 1) : 0;
    if (!b || at > b->size || b->size - at < len) {
        b = block_new(s, len ? len : 1);
        at = 0;
    }
    if (!b)
        return NULL;
    b->used = at + len;
    s->bytes += len;
    return b->bytes + at;
}

const char *byte_store_text(struct byte_store *s, const char *bytes, size_t len)
{
    char *text = byte_store_take(s, len + 1, 1);
    if (!text)
        return NULL;
    if (len)
        memcpy(text, bytes, len);
    text[len] = '\0';
    return text;
}

static void free_all(struct byte_block *b)
{
    while (b) {
        struct byte_block *next = b->next;
        free(b);
        b = next;
    }
}

void byte_store_clear(struct byte_store *s)
{
    s->bytes = 0;
    if (!s->blocks)
        return;
    free_all(s->blocks->next);
    s->blocks->next = NULL;
    s->blocks->used = 0;
}

void byte_store_release(struct byte_store *s)
{
    free_all(s->blocks);
    s->blocks = NULL;
    s->bytes = 0;
}
