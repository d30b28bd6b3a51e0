/* json_parts.h - pieces of JSON, put one after another into a buffer. */
#ifndef MB_MONITOR_JSON_PARTS_H
#define MB_MONITOR_JSON_PARTS_H

#include "base/buffer.h"
#include "base/clock.h"

/* What isn't UTF-8 or could drive a terminal is shown escaped, as the log shows it. */
void json_put_text(struct buffer *out, const char *bytes);
/* "name": "text" */
void json_put_member(struct buffer *out, const char *name, const char *bytes);
/* "name": "2026-08-31T18:00:05Z", or null. */
void json_put_time(struct buffer *out, const char *name, struct wall t);

#endif
