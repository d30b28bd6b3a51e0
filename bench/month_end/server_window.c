/* The server's limit: no more than N requests that arrived within its 60 s are let in. It counts
 * what it lets in, in a ring of the last N, and shares nothing with core's limiter. */
#include "month.h"

#include "base/require.h"

#include <stdlib.h>

void server_window_init(struct server_window *w, uint32_t limit)
{
    w->limit = limit;
    w->next = 0;
    w->arrived = xcalloc(limit ? limit : 1, sizeof *w->arrived);
    for (uint32_t i = 0; i < limit; i++)
        w->arrived[i] = INT64_MIN / 2;
}

bool server_window_admits(struct server_window *w, int64_t at_ms)
{
    if (w->limit == 0)
        return true;
    if (at_ms - w->arrived[w->next] < WINDOW_MS)
        return false;
    w->arrived[w->next] = at_ms;
    w->next = (w->next + 1) % w->limit;
    return true;
}

void server_window_release(struct server_window *w)
{
    free(w->arrived);
}
