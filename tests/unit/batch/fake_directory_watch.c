/* See fake_directory_watch.h. */
#include "fake_directory_watch.h"

#include "base/list.h"
#include "record.h"

#include <stdlib.h>
#include <string.h>

struct directory_watch {
    struct list node; /* of watches */
    char *path;
    void (*cb)(void *ctx);
    void *ctx;
};

static struct list watches = {&watches, &watches};
static int refused;

static const char *last_component(const char *path)
{
    return strrchr(path, '/') + 1;
}

struct directory_watch *directory_watch_new(struct loop *loop, const char *path,
                                            void (*cb)(void *ctx), void *ctx, struct error *e)
{
    (void)loop;
    if (refused) {
        error_set(e, refused, "no watch for %s", last_component(path));
        return NULL;
    }
    record("watch %s", last_component(path));
    struct directory_watch *w = xcalloc(1, sizeof *w);
    w->path = xstrdup(path);
    w->cb = cb;
    w->ctx = ctx;
    list_push_back(&watches, &w->node);
    return w;
}

void directory_watch_close(struct directory_watch *w)
{
    record("unwatch %s", last_component(w->path));
    list_remove(&w->node);
    free(w->path);
    free(w);
}

void fake_watch_refuse(int error_code)
{
    refused = error_code;
}

void fake_watch_hint(const char *path)
{
    LIST_EACH_SAFE (node, &watches) {
        struct directory_watch *w = LIST_ENTRY(node, struct directory_watch, node);
        if (strcmp(w->path, path) == 0)
            w->cb(w->ctx);
    }
}

size_t fake_watch_count(void)
{
    size_t count = 0;
    LIST_EACH (node, &watches)
        count++;
    return count;
}
