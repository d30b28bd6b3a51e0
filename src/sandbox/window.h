/* window.h - the server's own count of requests in a sliding 60 s. On purpose not the client's
 * limiter: the two must not share a bug. */
#ifndef MB_SANDBOX_WINDOW_H
#define MB_SANDBOX_WINDOW_H

#include "base/clock.h"

#include <stdbool.h>
#include <stdint.h>

enum { WINDOW_MS = 60000 };

struct window {
    int64_t limit; /* requests in any WINDOW_MS; 0: none */
    int64_t *at;   /* a ring: when each request of the last WINDOW_MS was let in */
    size_t first, count, cap;
    size_t max;       /* the largest count there ever was: exact, as it peaks when one is let in */
    uint64_t let_in;  /* all of them */
    uint64_t refused; /* those don't count in the window */
};

void window_init(struct window *w, int64_t limit);
void window_release(struct window *w);
/* Whether a request at NOW is let in; counts it either way. */
bool window_admit(struct window *w, struct mono now);

#endif
