/* families.h - every family of numbers that http.listen and metrics.file tell: their names, in one place. */
#ifndef MB_MONITOR_FAMILIES_H
#define MB_MONITOR_FAMILIES_H

#include "base/buffer.h"
#include "monitor/observed.h"

/* Appended; no query, and nothing is waited for. */
void families_put(struct buffer *out, const struct observed *seen, bool open_metrics);

#endif
