/* See word.h. */
#include "service/word.h"

#include <stdlib.h>

int word_open(struct word **out, struct loop *loop, const struct roster_entry *entry,
              const char *output, void (*poke)(void *ctx), void *ctx, struct error *e)
{
    struct word *w = xcalloc(1, sizeof *w);
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
        word_close(w->older, false);
    *out = w;
    return 0;
}

static void closed_cb(void *ctx)
{
    struct word *w = ctx;
    w->closed = true;
    w->poke(w->ctx);
}

void word_close(struct word *w, bool stopped)
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

static void free_one(struct word *w)
{
    notifier_free(w->notifier);
    free(w->output);
    free(w);
}

bool word_reap(struct word *w)
{
    if (!w)
        return true;
    for (struct word **old = &w->older; *old;) {
        struct word *o = *old;
        if (!o->closed) {
            old = &o->older;
            continue;
        }
        *old = o->older;
        free_one(o);
    }
    return w->closed && !w->older;
}

bool word_uses(const struct word *w, const struct roster *r)
{
    for (; w; w = w->older)
        if (w->entry >= r->entries && w->entry < r->entries + r->count)
            return true;
    return false;
}

void word_free(struct word *w)
{
    if (!w)
        return;
    REQUIRE(w->closed && !w->older);
    free_one(w);
}
