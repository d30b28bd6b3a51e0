/* byte_store.h - bytes that stay where they are until all are given up at once: a few large blocks for many
 * small pieces.
 *
 *   struct byte_store s = {.max_bytes = 1 << 20};            0: no limit of its own
 *   char *room = byte_store_take(&s, len, 1);                NULL: over the limit, or no memory
 *   const char *name = byte_store_text(&s, bytes, len);      a copy with a NUL behind it
 *   byte_store_clear(&s);                                    all is gone, the largest block is kept
 *   byte_store_release(&s); */
#ifndef MB_TABLES_BYTE_STORE_H
#define MB_TABLES_BYTE_STORE_H

#include <stddef.h>

struct byte_block;

struct byte_store {
    size_t max_bytes;
    size_t bytes;              /* taken so far */
    struct byte_block *blocks; /* the newest first, which is the largest */
};

/* ALIGN is a power of two, 16 at most. */
void *byte_store_take(struct byte_store *s, size_t len, size_t align);
const char *byte_store_text(struct byte_store *s, const char *bytes, size_t len);
void byte_store_clear(struct byte_store *s);
void byte_store_release(struct byte_store *s);

#endif
