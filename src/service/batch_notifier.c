/* See batch_notifier.h. */
#include "service/batch_notifier.h"

#include <stdlib.h>

int batch_notifier_open(struct batch_notifier **out, struct loop *loop,
                        const struct served_entry *entry, const char *output,
                        void (*poke)(void *ctx), void *ctx, struct error *e)
{
    struct batch_notifier *w = xcalloc(1, sizeof *w);
    w->entry = entry;
    w->output = xstrdup(output);
    w->poke = poke;
    w->ctx = ctx;
    int rc = notifier_options_read(&w->options, entry->config, *entry->name ? entry->name : NULL,
                                   w->output, e);
    if (rc == 0)
        rc = notifier_new(&w->notifier, loop, &w->options, e);
    if (rc < 0) {
        free(w->output);
        free(w);
        return rc;
    }
    w->older = *out;
    if (w->older)
        batch_notifier_close(w->older, false);
    *out = w;
    return 0;
}

static void closed_cb(void *ctx)
{
    struct batch_notifier *w = ctx;
    w->closed = true;
    w->poke(w->ctx);
}

void batch_notifier_close(struct batch_notifier *w, bool stopped)
{
    for (; w; w = w->older) {
        if (w->closing && stopped)
            notifier_hurry(w->notifier);
        if (w->closing)
            continue;
        w->closing = true;
        notifier_close(w->notifier, stopped, closed_cb, w);
    }
}

static void free_one(struct batch_notifier *w)
{
    notifier_free(w->notifier);
    free(w->output);
    free(w);
}

bool batch_notifier_reap(struct batch_notifier *w)
{
    if (!w)
        return true;
    for (struct batch_notifier **old = &w->older; *old;) {
        struct batch_notifier *o = *old;
        if (!o->closed) {
            old = &o->older;
            continue;
        }
        *old = o->older;
        free_one(o);
    }
    return w->closed && !w->older;
}

bool batch_notifier_uses(const struct batch_notifier *w, const struct served_batches *r)
{
    for (; w; w = w->older)
        if (w->entry >= r->entries && w->entry < r->entries + r->count)
            return true;
    return false;
}

void batch_notifier_free(struct batch_notifier *w)
{
    if (!w)
        return;
    REQUIRE(w->closed && !w->older);
    free_one(w);
}
