/* poll_curve.h - the curves that a poll planner needs, out of what polls have shown (poll_histogram.h)
 * and what is believed besides (poll_family.h): how likely a job ends at which age, and how densely
 * it is worth asking there. Pure. Times are in seconds.
 *
 * Making one costs some microseconds; asking it costs next to nothing. */
#ifndef MB_CORE_POLL_CURVE_H
#define MB_CORE_POLL_CURVE_H

#include "core/poll_histogram.h"

struct poll_curve {
    double hazard[POLL_BINS];          /* a second, within the span */
    double density[POLL_BINS];         /* its square root */
    double risk_sum[POLL_BINS + 1];    /* the hazard's integral up to the span's begin */
    double density_sum[POLL_BINS + 1]; /* the density's */
    double to_come[POLL_BINS + 1];     /* the density's over the rest of the life of a job that is
                                          running at the span's begin */
    double mean_s;                     /* a job's time */
};

void poll_curve_make(struct poll_curve *c, const struct poll_histogram *h);
/* The age at which, from age FROM, the density's integral reaches SUM or the hazard's RISK. */
double poll_curve_reach(const struct poll_curve *c, double from_s, double sum, double risk);
/* The density's integral that a job running at age FROM will see within the next WITHIN seconds. */
double poll_curve_expected(const struct poll_curve *c, double from_s, double within_s);
/* The share of the jobs running at age FROM that end within the next WITHIN seconds. */
double poll_curve_ends(const struct poll_curve *c, double from_s, double within_s);

#endif
