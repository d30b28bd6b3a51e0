/* A ring with the moment of every request that was let in within the last 60 s. A request is let in
 * if fewer than `limit` are in it. Two requests exactly 60 s apart are not in one window. */
#include "sandbox/window.h"

#include "base/require.h"

#include <stdlib.h>

void window_init(struct window *w, int64_t limit)
{
    *w = (struct window){.limit = limit};
}

void window_release(struct window *w)
{
    free(w->at);
    *w = (struct window){.limit = w->limit};
}

static void forget_old(struct window *w, struct mono now)
{
    while (w->count > 0 && w->at[w->first] <= now.ms - WINDOW_MS) {
        w->first = (w->first + 1) % w->cap;
        w->count--;
    }
}

static void grow(struct window *w)
{
    size_t cap = w->cap == 0 ? 256 : w->cap * 2;
    int64_t *at = xcalloc(cap, sizeof *at);
    for (size_t i = 0; i < w->count; i++)
        at[i] = w->at[(w->first + i) % w->cap];
    free(w->at);
    w->at = at;
    w->cap = cap;
    w->first = 0;
}

bool window_admit(struct window *w, struct mono now)
{
    forget_old(w, now);
    if (w->limit > 0 && w->count >= (size_t)w->limit) {
        w->refused++;
        return false;
    }
    if (w->count == w->cap)
        grow(w);
    w->at[(w->first + w->count++) % w->cap] = now.ms;
    w->let_in++;
    if (w->count > w->max)
        w->max = w->count;
    return true;
}
