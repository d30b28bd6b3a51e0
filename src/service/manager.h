/* manager.h - what the service manager (systemd) hears: that we are ready, alive, what we do, and
 * that we are stopping. Without $NOTIFY_SOCKET nobody hears it, which is no error. */
#ifndef MB_SERVICE_MANAGER_H
#define MB_SERVICE_MANAGER_H

#include "net/loop.h"

struct manager {
    struct loop *loop;
    struct loop_timer *watchdog; /* NULL: nobody watches */
    int64_t ping_ms;
    bool heard; /* somebody listens */
    bool ready, stopping;
    char status[512]; /* as it was told */
};

void manager_ready(struct manager *m, struct loop *loop); /* and alive from here on */
void manager_status(struct manager *m, const char *text); /* if it is news */
void manager_stopping(struct manager *m);                 /* once */
void manager_end(struct manager *m);

#endif
