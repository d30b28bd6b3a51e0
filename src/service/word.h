/* word.h - a duty's notifier (notify/notifier.h): what is configured for its batch, made anew when
 * that changes. The old one finishes what it has on its way. Every function but word_open takes a
 * duty without one. */
#ifndef MB_SERVICE_WORD_H
#define MB_SERVICE_WORD_H

#include "notify/notifier.h"
#include "service/roster.h"

struct word {
    struct notifier_options options;
    struct notifier *notifier; /* NULL: nobody is to be told */
    const struct roster_entry *entry;
    char *output;
    void (*poke)(void *ctx); /* it is closed */
    void *ctx;
    bool closing, closed;
    struct word *older; /* replaced by this one, and perhaps not closed yet */
};

/* OUTPUT: of the batch, copied. ERR_USAGE: a URL or a command that can't be used. */
MUST_CHECK int word_open(struct word **w, struct loop *loop, const struct roster_entry *entry,
                         const char *output, void (*poke)(void *ctx), void *ctx, struct error *e);
void word_close(struct word *w, bool stopped); /* it and the older ones; POKE comes */
/* Frees the older ones that are closed. Whether all are, W too. */
bool word_reap(struct word *w);
bool word_uses(const struct word *w, const struct roster *r);
void word_free(struct word *w); /* all are closed */

#endif
