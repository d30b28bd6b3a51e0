/* poll_planner.h - when to ask for a job: as early as useful, within the GETs there are. Two ways:
 *
 *   fixed    the documented cadence (2 s, then every 1 s), stretched so that the GET budget lasts;
 *   learned  from how long jobs take: seldom where few finish, often where many do.
 *
 * Of the GETs of a window, one is kept back for each job in flight (its result); what is left
 * besides is spread over those jobs and the time they're expected to need. The documented cadence
 * is the fastest polling in both, never a promise. Pure.
 *
 *   poll_planner_next(p, &job, &budget, now);   after its 202, and after each poll that found it
 *                                               running: when to ask
 *   poll_planner_due(p, &job, &budget, now);    then: still, or is it put off
 *   poll_planner_running(p, &job, at);          the poll that left at AT found it running
 *   poll_planner_finished(p, &job, took_ms);    it is done, or failed
 *   poll_planner_gone(p, &job);                 however it ended: it is polled no more
 *
 * A planner's memory doesn't depend on the jobs; what it notes of each is in the
 * job's own struct. */
#ifndef MB_CORE_POLL_PLANNER_H
#define MB_CORE_POLL_PLANNER_H

#include "base/clock.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    POLL_SIZE_CLASSES = 6,
    POLL_MEMORY_BYTES = 1024, /* what a planner remembers of a class has at most so many */
};

struct poll_job {
    struct mono accepted_at; /* of an earlier run's job too */
    int polls;               /* of this run so far */
    int size_class;          /* of the document, 0 to POLL_SIZE_CLASSES - 1, see poll_size_class;
                                the same from the first call to poll_planner_gone */

    /* the planner's: zero at first */
    bool counted;
    int64_t running_ms; /* the age up to which it is known to have been running */
};

struct poll_budget {
    uint32_t get_per_minute; /* 0: no limit */
    uint32_t get_free;       /* GETs the window has left, or will have within the horizon:
                                limiter_room_within(get, now, poll_planner_horizon_ms(p)) */
    uint32_t jobs_in_flight; /* each keeps one GET back for its result */
    bool last_jobs;          /* no others come but the next: what isn't spent now is wasted */
    uint32_t jobs_coming;    /* documents on their way, or to be sent at once */
};

struct poll_planner; /* opaque */

struct poll_planner *poll_planner_new_fixed(int64_t first_delay_ms, int64_t interval_ms);
struct poll_planner *poll_planner_new_learned(int64_t first_delay_ms, int64_t interval_ms);
void poll_planner_free(struct poll_planner *p);

/* How far ahead the planner spends: the time that jobs are expected to need. */
int64_t poll_planner_horizon_ms(const struct poll_planner *p);

/* The time of the job's next poll. */
struct mono poll_planner_next(struct poll_planner *p, struct poll_job *job,
                              const struct poll_budget *budget, struct mono now);
/* It falls due: NOW, or later if what was learned since it was planned puts it off. */
struct mono poll_planner_due(struct poll_planner *p, struct poll_job *job,
                             const struct poll_budget *budget, struct mono now);
/* The time of a poll that is due whatever the plan says, as of a job that an earlier run left: now,
 * or after those before it if they are many. */
struct mono poll_planner_overdue(struct poll_planner *p, const struct poll_budget *budget,
                                 struct mono now);
void poll_planner_running(struct poll_planner *p, struct poll_job *job, struct mono at);
/* PROCESSING_MS: its own time by the server's clock. */
void poll_planner_finished(struct poll_planner *p, const struct poll_job *job,
                           int64_t processing_ms);
void poll_planner_gone(struct poll_planner *p, struct poll_job *job);

/* What was learned of a size class, for the next run: how many bytes were written to OUT; 0 if
 * nothing is new since the last call. Recalling ignores what doesn't make sense. */
size_t poll_planner_remember(struct poll_planner *p, int size_class,
                             uint8_t out[POLL_MEMORY_BYTES]);
void poll_planner_recall(struct poll_planner *p, int size_class, const void *bytes, size_t len);

/* May a poll that is due go now? GET_ROOM: what the window has left (limiter_room). Results go
 * first, and each poll on the wire may bring one, for which a GET must be left. */
bool poll_may_go(uint32_t get_room, uint32_t polls_out, uint32_t results_waiting);

int poll_size_class(int pages, int64_t size_bytes);

#endif
