/* Counts the pages of one file on the thread pool: by the helper for what can have several, 1 for
 * the other types. */
#include "intake/page_helper.h"

#include <stdlib.h>

struct page_count {
    char *path;
    enum file_type type;
    int pages;
    void (*cb)(void *ctx, int pages);
    void *ctx;
};

static void count_work(void *ctx)
{
    struct page_count *c = ctx;
    struct page_reply reply = {.pages = c->type == FILE_UNKNOWN ? 0 : 1};
    if (c->type == FILE_PDF || c->type == FILE_TIFF)
        page_helper_ask(c->path, c->type, &reply);
    c->pages = reply.pages;
}

static void count_done(void *ctx)
{
    struct page_count *c = ctx;
    c->cb(c->ctx, c->pages);
    free(c->path);
    free(c);
}

void intake_count_pages(struct loop *loop, const char *path, enum file_type type,
                        void (*cb)(void *ctx, int pages), void *ctx)
{
    struct page_count *c = xcalloc(1, sizeof *c);
    c->path = xstrdup(path);
    c->type = type;
    c->cb = cb;
    c->ctx = ctx;
    loop_work(loop, count_work, count_done, c);
}
