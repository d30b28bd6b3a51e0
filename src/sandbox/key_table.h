/* key_table.h - finds structs by a key of evenly spread bytes inside them (ids, digests): open
 * addressing over pointers. Nothing is ever taken out. */
#ifndef MB_SANDBOX_KEY_TABLE_H
#define MB_SANDBOX_KEY_TABLE_H

#include <stddef.h>

struct key_table {
    void **slots; /* the structs stay their owner's */
    size_t count, cap;
    size_t key_offset, key_len; /* at least 8 bytes */
};

void key_table_init(struct key_table *t, size_t key_offset, size_t key_len);
void key_table_release(struct key_table *t);
void *key_table_find(const struct key_table *t, const void *key);
void key_table_add(struct key_table *t, void *item); /* whose key isn't in it yet */

#endif
