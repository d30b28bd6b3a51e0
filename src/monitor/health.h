/* health.h - whether a load balancer, or whoever restarts services, has reason to worry. */
#ifndef MB_MONITOR_HEALTH_H
#define MB_MONITOR_HEALTH_H

#include "base/buffer.h"
#include "monitor/observed.h"

/* The body of /readyz, one line of JSON, appended. True: it is ready. */
bool health_ready(struct buffer *out, const struct observed *seen);

#endif
