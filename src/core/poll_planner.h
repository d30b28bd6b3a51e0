/* poll_planner.h - when to ask for a job: as early as useful, within the GETs there are. An
 * interface with one implementation so far: the documented cadence (2 s, then every 1 s), stretched
 * so that the GET budget lasts.
 *
 * Of the GETs of a window, one is kept back for each job in flight (its result); what is left
 * besides is spread over those jobs and the time they're expected to need. The documented cadence
 * is the fastest polling, never a promise. Pure. */
#ifndef MB_CORE_POLL_PLANNER_H
#define MB_CORE_POLL_PLANNER_H

#include "base/clock.h"

#include <stdbool.h>
#include <stdint.h>

enum { POLL_SIZE_CLASSES = 6 };

struct poll_job {
    struct mono accepted_at; /* or, of an earlier run's job, the time it was taken up */
    int polls;               /* so far */
    int size_class;          /* of the document, 0 to POLL_SIZE_CLASSES - 1, see poll_size_class */
};

struct poll_budget {
    uint32_t get_per_minute; /* 0: no limit */
    uint32_t get_free;       /* GETs the window has left, or will have within the horizon:
                                limiter_room_within(get, now, poll_planner_horizon_ms(p)) */
    uint32_t jobs_in_flight; /* each keeps one GET back for its result */
};

struct poll_planner; /* opaque */

struct poll_planner *poll_planner_new_fixed(int64_t first_delay_ms, int64_t interval_ms);
void poll_planner_free(struct poll_planner *p);

/* How far ahead the planner spends: the time that jobs are expected to need. */
int64_t poll_planner_horizon_ms(const struct poll_planner *p);

/* The time of the job's next poll. Called after its 202 and after each poll that said "processing".
 */
struct mono poll_planner_next(struct poll_planner *p, const struct poll_job *job,
                              const struct poll_budget *budget, struct mono now);
/* A job finished: its own processing time by the server's clock. */
void poll_planner_finished(struct poll_planner *p, const struct poll_job *job,
                           int64_t processing_ms);

/* May a poll that is due go now? GET_ROOM: what the window has left (limiter_room). Results go
 * first, and each poll on the wire may bring one, for which a GET must be left. */
bool poll_may_go(uint32_t get_room, uint32_t polls_out, uint32_t results_waiting);

int poll_size_class(int pages, int64_t size_bytes);

#endif
