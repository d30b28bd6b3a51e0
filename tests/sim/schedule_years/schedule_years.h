/* schedule_years.h - what outlives the simulated service: the clock, what was done to it, the record of the
 * runs. It is in memory shared with the forked children in which the service lives and dies. */
#ifndef MB_SIM_SCHEDULE_YEARS_H
#define MB_SIM_SCHEDULE_YEARS_H

#include "base/random.h"

#include <stdbool.h>
#include <stdint.h>

enum { YEARS_BATCHES = 2, YEARS_DUE_MAX = 2000, YEARS_JUMPS = 40, YEARS_RULES = 4 };

/* An occurrence as it is listed here, from the Gregorian calendar and the EU's rule for summer
 * time, without a line of the program's own calendar. */
struct year_due {
    char rule[48], period[24];
    int64_t at_ms;            /* since 1970 */
    bool skipped, twice;      /* its time of day, by the clocks' change */
    int fresh, resumed;       /* runs begun */
    int finished, unfinished; /* of them: to their end; ended by themselves before it */
    int deaths;               /* of the process, while its row said running */
    int64_t began_wall_ms;    /* the fresh one */
};

struct year_batch {
    const char *name, *when, *rules[YEARS_RULES]; /* NULL-ended */
    bool watch;
    struct year_due dues[YEARS_DUE_MAX];
    int due_count;
};

struct schedule_years {
    uint64_t seed;
    char directory[96];
    int64_t mono_ms, wall_shift_ms;
    int64_t end_mono_ms;
    struct random random;
    struct year_batch batches[YEARS_BATCHES];
    struct {
        int64_t at_mono_ms, by_ms;
    } jumps[YEARS_JUMPS];
    int jump_count, jumps_done;

    /* The next death. */
    int64_t die_at_mono_ms; /* 0: not by time */
    int die_in_start, die_at_point;
    int starts, points; /* of this process, and in the newest run */
    bool in_run;
    bool stop;         /* not a death, but SIGTERM */
    char failure[400]; /* "": all is well */
    bool over;
    int64_t began; /* runs in all */
};

void schedule_years_fail(struct schedule_years *w, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int64_t schedule_years_wall_ms(const struct schedule_years *w);

/* expected.c: fills batch->dues with what is due after FROM_S and up to TO_S, by time. */
void expected_list(struct year_batch *b, int64_t from_s, int64_t to_s);
bool expected_is_holiday(int year, int month, int day);

/* dice_batch.c: what the batches of this program do, and when they end, the dice decide. */
void dice_batch_setup(struct schedule_years *w);
struct year_due *schedule_years_find(struct schedule_years *w, const char *output, const char *rule,
                                     const char *period);

/* quiet.c: where a process dies. */
void quiet_arm(struct schedule_years *w);
void quiet_point(void);

#endif
