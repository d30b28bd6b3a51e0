/* A span that many jobs have passed and none finished in still takes a small hazard, less than any
 * tail that was ever seen, so that no job is ever written off. */
#include "core/poll_curve.h"

#include "core/poll_family.h"

#include <math.h>

enum { BORROWED = 8 };                /* spans at most */
static const double BELIEF = 4;       /* ended jobs that the family is worth in a span */
static const double FLOOR = 0.001;    /* the least hazard, a second */
static const double HAZARD_MAX = 100; /* a second: many jobs that took no time at all */

/* What the family believes of a span, times how much more or less often than that jobs ended in it:
 * Bayes' estimate again, for a factor near 1 that is worth a few ended jobs. In the tail, where fewer
 * were to be expected, a span takes those before it along: what holds of them holds of it, too. */
static double hazard_of(const struct poll_histogram *h, const double risks[POLL_BINS], int bin)
{
    double expected = 0, finished = 0;
    for (int i = bin; i >= 0 && i > bin - BORROWED && (i == bin || expected < BELIEF); i--) {
        expected += h->at_risk[i] * risks[i];
        finished += h->finished[i];
    }
    double factor = (finished + BELIEF) / (expected + BELIEF);
    return fmin(fmax(factor * risks[bin] / poll_bin_width(bin), FLOOR), HAZARD_MAX);
}

void poll_curve_make(struct poll_curve *c, const struct poll_histogram *h)
{
    double survival = 1, risks[POLL_BINS];
    poll_family_risks(h, risks);
    c->risk_sum[0] = c->density_sum[0] = c->mean_s = 0;
    for (int i = 0; i < POLL_BINS; i++) {
        c->hazard[i] = hazard_of(h, risks, i);
        double risk = c->hazard[i] * poll_bin_width(i);
        c->density[i] = sqrt(c->hazard[i]);
        c->risk_sum[i + 1] = c->risk_sum[i] + risk;
        c->density_sum[i + 1] = c->density_sum[i] + c->density[i] * poll_bin_width(i);
        c->mean_s += survival * -expm1(-risk) / c->hazard[i];
        survival *= exp(-risk);
    }
    /* Past the end the last span goes on for ever. */
    c->to_come[POLL_BINS] = 1 / c->density[POLL_BINS - 1];
    for (int i = POLL_BINS; i-- > 0;) {
        double risk = c->hazard[i] * poll_bin_width(i);
        c->to_come[i] = -expm1(-risk) / c->density[i] + exp(-risk) * c->to_come[i + 1];
    }
}

double poll_curve_reach(const struct poll_curve *c, double from_s, double sum, double risk)
{
    int i = poll_bin_of(from_s);
    double age = from_s, step;
    for (;; i++) {
        step = fmin(sum / c->density[i], risk / c->hazard[i]);
        double width = poll_bin_begin(i + 1) - age;
        if (step <= width || i == POLL_BINS - 1)
            break;
        sum -= width * c->density[i];
        risk -= width * c->hazard[i];
        age += width;
    }
    return age + step;
}

/* The integrals at an age within a span. */
static double risk_at(const struct poll_curve *c, double age_s)
{
    int i = poll_bin_of(age_s);
    return c->risk_sum[i] + (age_s - poll_bin_begin(i)) * c->hazard[i];
}

static double to_come_at(const struct poll_curve *c, double age_s)
{
    int i = poll_bin_of(age_s);
    double risk = fmax(0, poll_bin_begin(i + 1) - age_s) * c->hazard[i];
    return -expm1(-risk) / c->density[i] + exp(-risk) * c->to_come[i + 1];
}

double poll_curve_expected(const struct poll_curve *c, double from_s, double within_s)
{
    double to = from_s + within_s;
    double survives = exp(risk_at(c, from_s) - risk_at(c, to));
    return fmax(0, to_come_at(c, from_s) - survives * to_come_at(c, to));
}

double poll_curve_ends(const struct poll_curve *c, double from_s, double within_s)
{
    return -expm1(risk_at(c, from_s) - risk_at(c, from_s + within_s));
}
