/* See notifier.h: what whoever runs a batch says of its troubles. */
#include "notify/notifier_internal.h"
#include "notify/trouble_line.h"

void notifier_trouble(struct notifier *n, enum trouble_kind kind, const char *text,
                      const char *next)
{
    if (!n)
        return;
    trouble_add(n, kind, text, next);
    notifier_kick(n);
}

bool notifier_trouble_over(struct notifier *n, enum trouble_kind kind)
{
    return n && trouble_over(n, kind);
}

void notifier_tells_failures(struct notifier *n)
{
    if (n)
        n->rests = true;
}

void notifier_rested(struct notifier *n, bool unread)
{
    if (!n)
        return;
    trouble_rested(n, unread);
    notifier_kick(n);
}

bool notifier_certificate(struct notifier *n, const char *file, struct wall ends)
{
    if (!n || !trouble_certificate(n, file, ends))
        return false;
    notifier_kick(n);
    return true;
}

void notifier_settle(struct notifier *n, bool stopped, void (*settled)(void *ctx), void *ctx)
{
    if (!n || !n->ledger) {
        settled(ctx);
        return;
    }
    settling_begin(n, stopped, settled, ctx);
    notifier_kick(n);
}

const char *notifier_left(const struct notifier *n)
{
    return n && n->troubles.of[TROUBLE_HANDOVERS].pending ? n->troubles.of[TROUBLE_HANDOVERS].text
                                                          : "";
}
