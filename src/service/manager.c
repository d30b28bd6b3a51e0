/* See manager.h. WATCHDOG=1 comes from a timer of the loop,
 * so that a loop which hangs is noticed. */
#include "service/manager.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

static void watchdog_cb(void *ctx)
{
    struct manager *m = ctx;
    sd_notify(0, "WATCHDOG=1");
    loop_timer_set(m->watchdog, mono_add(loop_now(m->loop), m->ping_ms));
}

void manager_ready(struct manager *m, struct loop *loop)
{
    uint64_t usec = 0;
    m->loop = loop;
    m->ready = true;
    m->heard = getenv("NOTIFY_SOCKET") != NULL;
    sd_notify(0, "READY=1");
    if (sd_watchdog_enabled(0, &usec) <= 0)
        return;
    m->ping_ms = (int64_t)(usec / 2000) > 0 ? (int64_t)(usec / 2000) : 1;
    m->watchdog = loop_timer_new(loop, watchdog_cb, m);
    watchdog_cb(m);
}

void manager_status(struct manager *m, const char *text)
{
    if (strcmp(m->status, text) == 0)
        return;
    text_copy(m->status, sizeof m->status, text);
    sd_notifyf(0, "STATUS=%s", m->status);
}

void manager_stopping(struct manager *m)
{
    if (m->ready && !m->stopping)
        sd_notify(0, "STOPPING=1");
    m->stopping = true;
}

void manager_end(struct manager *m)
{
    if (m->watchdog)
        loop_timer_close(m->watchdog);
    m->watchdog = NULL;
}
