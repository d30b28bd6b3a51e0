/* batch_notifier.h - a served batch's notifier (notify/notifier.h): who is configured to hear of
 * it, made anew when that changes. The old one finishes what it has on its way. Every function but
 * batch_notifier_open takes NULL, for a batch whose notifier isn't open yet. */
#ifndef MB_SERVICE_BATCH_NOTIFIER_H
#define MB_SERVICE_BATCH_NOTIFIER_H

#include "notify/notifier.h"
#include "service/served_batches.h"

struct batch_notifier {
    struct notifier_options options;
    struct notifier *notifier; /* NULL: nobody is to be told */
    const struct served_entry *entry;
    char *output;
    void (*poke)(void *ctx); /* it is closed */
    void *ctx;
    bool closing, closed;
    struct batch_notifier *older; /* replaced by this one, and perhaps not closed yet */
};

/* OUTPUT: of the batch, copied. ERR_USAGE: a URL or a command that can't be used. */
MUST_CHECK int batch_notifier_open(struct batch_notifier **n, struct loop *loop,
                                   const struct served_entry *entry, const char *output,
                                   void (*poke)(void *ctx), void *ctx, struct error *e);
void batch_notifier_close(struct batch_notifier *n,
                          bool stopped); /* it and the older ones; POKE comes */
/* Frees the older ones that are closed. Whether all are, N too. */
bool batch_notifier_reap(struct batch_notifier *n);
bool batch_notifier_uses(const struct batch_notifier *n, const struct served_batches *r);
void batch_notifier_free(struct batch_notifier *n); /* all are closed */

#endif
