/* picture_store.h - the pages' pictures: two are made at once, and the last ones that were drawn are kept in memory, never on
 * disk. A file that is a picture itself isn't: it is looked at again.
 *
 *   s = picture_store_new(loop, tools)
 *   picture_store_find(s, key, page, &picture)       one that is kept; valid until the next call
 *   picture_store_ask(s, key, page, &file, cb, ctx)  makes it; who asks for one that is being made waits for it.
 *                                                    FILE is emptied. CB comes once, from the loop
 *   picture_store_close(s)                           no CB any more, from here on; what is being made ends first, so the
 *                                                    loop may run on for a while
 *
 * At most PICTURES_WAITING_MAX are asked for at once: beyond that CB gets ERR_BUSY. */
#ifndef MB_REVIEW_PAGE_PICTURE_STORE_H
#define MB_REVIEW_PAGE_PICTURE_STORE_H

#include "net/loop.h"
#include "review_page/picture.h"

enum {
    PICTURES_AT_ONCE = 2,
    PICTURES_WAITING_MAX = 64,
    PICTURES_BYTES_MAX = 24 * 1024 * 1024, /* so that the process stays below 64 MiB */
};

struct picture_store;

/* P is the store's, valid until CB returns; NULL: E says why there is none. */
typedef void picture_cb(void *ctx, const struct picture *p, const struct error *e);

struct picture_store *picture_store_new(struct loop *loop, const char *tools);
bool picture_store_find(struct picture_store *s, const char *key, int page,
                        const struct picture **out);
void picture_store_ask(struct picture_store *s, const char *key, int page, struct desk_file *file,
                       picture_cb *cb, void *ctx);
size_t picture_store_bytes(const struct picture_store *s);
void picture_store_close(struct picture_store *s);

#endif
