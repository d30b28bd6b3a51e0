/* cutoff.h - which period a document belongs to, by the time its file arrived.
 *
 * A period is closed by its occurrence: that instant is its cut-off. What a scheduled run takes in
 * belongs to the run's period, if it arrived (the file's ctime) by then. What arrived after it:
 *
 *   late = next   the period of the first occurrence at or after its arrival. The run takes it all
 *                 the same: it is paid and stored now, and counted then
 *   late = same   the period of the run
 *
 * With late = same the runs of first-business-day and business-day+N collect what came late for the
 * month before, and what they take in belongs to that month, if another rule of the calendar closes
 * months (last-day, last-business-day..., day N).
 *
 * Between scheduled runs (a watched folder) a document belongs to what the run of the next
 * occurrence would give it: the first one at or after its arrival,
 * of those that haven't had their run. */
#ifndef MB_SERVICE_CUTOFF_H
#define MB_SERVICE_CUTOFF_H

#include "config/settings.h"
#include "service/agenda.h"

struct cutoff {
    const struct calendar *calendar;
    enum schedule_late late;
    const struct clock *clock;
    const struct due *due; /* of the scheduled run; NULL: between them */
    struct wall from;      /* between them: what arrived before counts as of then */
    char text[CALENDAR_PERIOD_MAX];
};

/* The period of the scheduled run: what it takes in belongs to it, if it arrived in time. In C's own
 * text. */
const char *cutoff_period_of_run(struct cutoff *c);

/* The period, in C's own text; "" where the calendar has none any more. */
const char *cutoff_period(struct cutoff *c, struct wall arrived);

/* The same as struct batch_options' period_of: CTX is a struct cutoff. */
const char *cutoff_period_of(void *ctx, const struct file_stamp *stamp);

#endif
