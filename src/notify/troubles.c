/* See troubles.h. What is added while a notice with an older one of its kind isn't durable yet is
 * news: it stays pending when that is. */
#include "notify/troubles.h"

#include "base/text.h"

const char *const trouble_names[TROUBLE_KINDS] = {
    "silence", "budget", "failures", "unread", "handovers", "certificate", "back",
};

void troubles_add(struct troubles *t, enum trouble_kind kind, const char *text, const char *next)
{
    struct trouble *it = &t->of[kind];
    it->pending = true;
    it->written = false;
    text_copy(it->text, sizeof it->text, text);
    text_copy(it->next, sizeof it->next, next);
}

void troubles_drop(struct troubles *t, enum trouble_kind kind)
{
    t->of[kind].pending = false;
}

bool troubles_pending(const struct troubles *t)
{
    for (int i = 0; i < TROUBLE_KINDS; i++)
        if (t->of[i].pending && !t->of[i].written)
            return true;
    return false;
}

int64_t troubles_wait_ms(const struct troubles *t, struct wall now)
{
    const struct trouble *back = &t->of[TROUBLE_BACK];
    int64_t passed = now.ms - t->told_at.ms;
    if (!t->told_at.ms || passed < 0 || passed >= t->every_ms || (back->pending && !back->written))
        return 0;
    return t->every_ms - passed;
}

void troubles_written(struct troubles *t, struct wall now)
{
    for (int i = 0; i < TROUBLE_KINDS; i++)
        t->of[i].written = t->of[i].pending;
    t->told_at = now;
}

void troubles_kept(struct troubles *t)
{
    for (int i = 0; i < TROUBLE_KINDS; i++)
        if (t->of[i].written)
            t->of[i].pending = t->of[i].written = false;
}

void troubles_lost(struct troubles *t)
{
    for (int i = 0; i < TROUBLE_KINDS; i++)
        t->of[i].written = false;
}
