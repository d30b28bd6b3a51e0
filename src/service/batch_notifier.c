/* See batch_notifier.h. */
#include "service/batch_notifier.h"

#include <stdlib.h>

int batch_notifier_open(struct batch_notifier **out, struct loop *loop,
                        const struct served_entry *entry, const char *output,
                        void (*poke)(void *ctx), void *ctx, struct error *e)
{
    struct batch_notifier *n = xcalloc(1, sizeof *n);
    n->entry = entry;
    n->output = xstrdup(output);
    n->poke = poke;
    n->ctx = ctx;
    int rc = notifier_options_read(&n->options, entry->config, *entry->name ? entry->name : NULL,
                                   n->output, e);
    if (rc == 0)
        rc = notifier_new(&n->notifier, loop, &n->options, e);
    if (rc < 0) {
        free(n->output);
        free(n);
        return rc;
    }
    n->older = *out;
    if (n->older)
        batch_notifier_close(n->older, false);
    *out = n;
    return 0;
}

static void closed_cb(void *ctx)
{
    struct batch_notifier *n = ctx;
    n->closed = true;
    n->poke(n->ctx);
}

void batch_notifier_close(struct batch_notifier *n, bool stopped)
{
    for (; n; n = n->older) {
        if (n->closing && stopped)
            notifier_hurry(n->notifier);
        if (n->closing)
            continue;
        n->closing = true;
        notifier_close(n->notifier, stopped, closed_cb, n);
    }
}

static void free_one(struct batch_notifier *n)
{
    notifier_free(n->notifier);
    free(n->output);
    free(n);
}

bool batch_notifier_reap(struct batch_notifier *n)
{
    if (!n)
        return true;
    for (struct batch_notifier **old = &n->older; *old;) {
        struct batch_notifier *o = *old;
        if (!o->closed) {
            old = &o->older;
            continue;
        }
        *old = o->older;
        free_one(o);
    }
    return n->closed && !n->older;
}

bool batch_notifier_uses(const struct batch_notifier *n, const struct served_batches *r)
{
    for (; n; n = n->older)
        if (n->entry >= r->entries && n->entry < r->entries + r->count)
            return true;
    return false;
}

void batch_notifier_free(struct batch_notifier *n)
{
    if (!n)
        return;
    REQUIRE(n->closed && !n->older);
    free_one(n);
}
