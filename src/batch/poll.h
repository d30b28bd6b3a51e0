/* poll.h - asking for a job's state: when, and what came of it. The planner (core/poll_planner.h) says
 * when, out of the GETs there are; with webhooks, only once one is late.
 *
 *   poll_plan(p, f, now, wait_ms, last);   after the commit of the step that made it a job
 *   poll_replan(p, f, now, last);          its time has come: still?
 *   poll_due(p, f);                        it has: into the line
 *   poll_send(p, now);                     the first in the line (gets.h says when) */
#ifndef MB_BATCH_POLL_H
#define MB_BATCH_POLL_H

#include "batch/receive.h"

struct poll;

struct poll *poll_new(struct run_context *c, const struct upload_neighbours *with,
                      struct receive *receive);
void poll_free(struct poll *p);

/* When F is to be asked for, not before WAIT_MS from now. LAST: after the jobs in flight, and what
 * can be sent at once, there is nothing more to do. */
struct mono poll_plan(struct poll *p, struct flight *f, struct mono now, int64_t wait_ms,
                      bool last);
/* NOW, or the later time to which what was learned since puts it off. */
struct mono poll_replan(struct poll *p, struct flight *f, struct mono now, bool last);
void poll_due(struct poll *p, struct flight *f);
bool poll_waits(const struct poll *p); /* one is in the line */
void poll_send(struct poll *p, struct mono now);
int poll_out(const struct poll *p); /* on the wire */
bool poll_busy(const struct poll *p);

#endif
