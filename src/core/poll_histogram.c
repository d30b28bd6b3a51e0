/* The hazard of a span is what finished in it over the time that jobs were at risk in it: the
 * estimate of a piecewise constant hazard that is most likely. A job counts as at risk exactly as
 * far as polls have shown it running, and to its end if it finished. So jobs that are still out are
 * neither left out (a burst's quick ones would mislead) nor believed to run when nobody looked.
 *
 * Each span remembers the last few hundred jobs that passed through it, whenever that was: where it
 * would hold more, what it has is scaled down. Spans that many jobs pass follow a change within a
 * burst, and the tail, which few reach, isn't forgotten meanwhile.
 *
 * A span that many jobs have passed and none finished in still takes a small hazard, less than any
 * tail that was ever seen, so that no job is ever written off. */
#include "core/poll_histogram.h"

#include <math.h>

enum {
    A_DOUBLING = 6,
    BORROWED = 8, /* spans at most */
    ENOUGH = 20,  /* jobs at risk, to need none */
    RECORD_VERSION = 1,
};
static const double FIRST_S = 0.25;
static const double PRIOR_JOBS = 6, PRIOR_MEDIAN_S = 8, PRIOR_SIGMA = 1;
static const double MEMORY = 300;     /* jobs in a span */
static const double RECALLED = 60;    /* of them, from another run */
static const double FLOOR = 0.001;    /* the least hazard, a second */
static const double HAZARD_MAX = 100; /* a second: many jobs that took no time at all */
static const double SCALE = 1000;     /* of the record's numbers */

double poll_bin_begin(int bin)
{
    static const double sixths[] = {1,
                                    1.122462048309373,
                                    1.2599210498948732,
                                    1.4142135623730951,
                                    1.5874010519681994,
                                    1.7817974362806785};
    int steps = bin - 1;
    return steps < 0 ? 0 : ldexp(FIRST_S * sixths[steps % A_DOUBLING], steps / A_DOUBLING);
}

int poll_bin_of(double age_s)
{
    if (!(age_s >= FIRST_S))
        return 0;
    int steps = (int)fmin(log2(age_s / FIRST_S) * A_DOUBLING, POLL_BINS - 2);
    return steps > 0 ? 1 + steps : 1;
}

static double bin_width(int bin)
{
    return poll_bin_begin(bin + 1) - poll_bin_begin(bin);
}

static double prior_survival(double age_s)
{
    return age_s <= 0 ? 1 : erfc(log(age_s / PRIOR_MEDIAN_S) / PRIOR_SIGMA / sqrt(2)) / 2;
}

void poll_histogram_init(struct poll_histogram *h)
{
    for (int i = 0; i < POLL_BINS; i++) {
        double before = prior_survival(poll_bin_begin(i)),
               after = prior_survival(poll_bin_begin(i + 1));
        h->at_risk[i] = PRIOR_JOBS * (before + after) / 2;
        h->finished[i] = PRIOR_JOBS * (before - after);
    }
}

static void limit_weight(struct poll_histogram *h, int bin, double most)
{
    double weight = fmax(h->at_risk[bin], h->finished[bin]);
    if (weight <= most)
        return;
    h->at_risk[bin] *= most / weight;
    h->finished[bin] *= most / weight;
}

void poll_histogram_running(struct poll_histogram *h, int64_t from_ms, int64_t to_ms)
{
    double from = (double)from_ms / 1000, to = (double)to_ms / 1000;
    for (int i = poll_bin_of(from); i < POLL_BINS && poll_bin_begin(i) < to; i++) {
        double begin = fmax(from, poll_bin_begin(i)), end = fmin(to, poll_bin_begin(i + 1));
        if (end <= begin)
            continue;
        h->at_risk[i] += (end - begin) / bin_width(i);
        limit_weight(h, i, MEMORY);
    }
}

void poll_histogram_finished(struct poll_histogram *h, int64_t from_ms, int64_t took_ms)
{
    int bin = poll_bin_of((double)took_ms / 1000);
    poll_histogram_running(h, from_ms, took_ms);
    h->finished[bin] += 1;
    limit_weight(h, bin, MEMORY);
}

/* --- the record --- */

static uint8_t *put_number(uint8_t *at, double value)
{
    uint32_t n = (uint32_t)lround(value * SCALE); /* at most MEMORY of them */
    for (int shift = 24; shift >= 0; shift -= 8)
        *at++ = (uint8_t)(n >> shift);
    return at;
}

static double get_number(const uint8_t *at)
{
    uint32_t n = (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
    return n / SCALE;
}

void poll_histogram_encode(const struct poll_histogram *h, uint8_t out[POLL_HISTOGRAM_BYTES])
{
    *out++ = RECORD_VERSION;
    for (int i = 0; i < POLL_BINS; i++) {
        out = put_number(out, h->at_risk[i]);
        out = put_number(out, h->finished[i]);
    }
}

bool poll_histogram_decode(struct poll_histogram *h, const void *bytes, size_t len)
{
    const uint8_t *at = bytes;
    struct poll_histogram read;
    if (len != POLL_HISTOGRAM_BYTES || *at++ != RECORD_VERSION)
        return false;
    for (int i = 0; i < POLL_BINS; i++, at += 8) {
        read.at_risk[i] = get_number(at);
        read.finished[i] = get_number(at + 4);
        if (read.at_risk[i] > MEMORY || read.finished[i] > MEMORY)
            return false;
        limit_weight(&read, i, RECALLED);
    }
    *h = read;
    return true;
}

/* --- the curves --- */

/* In the tail, where few of the jobs have been, a span borrows from those before it, which more
 * jobs reached: in logarithmic spans the share that finishes changes slowly. */
static double hazard_of(const struct poll_histogram *h, int bin)
{
    double at_risk = 0, finished = 0, enough = fmin(ENOUGH, h->at_risk[0] / 4);
    for (int i = bin; i >= 0 && i > bin - BORROWED && (i == bin || at_risk < enough); i--) {
        at_risk += h->at_risk[i];
        finished += h->finished[i];
    }
    double hazard = at_risk > 0 ? finished / at_risk / bin_width(bin) : 0;
    return fmin(fmax(hazard, FLOOR), HAZARD_MAX);
}

void poll_curve_make(struct poll_curve *c, const struct poll_histogram *h)
{
    double survival = 1;
    c->risk_sum[0] = c->density_sum[0] = c->mean_s = 0;
    for (int i = 0; i < POLL_BINS; i++) {
        double risk = hazard_of(h, i) * bin_width(i);
        c->hazard[i] = hazard_of(h, i);
        c->density[i] = sqrt(c->hazard[i]);
        c->risk_sum[i + 1] = c->risk_sum[i] + risk;
        c->density_sum[i + 1] = c->density_sum[i] + c->density[i] * bin_width(i);
        c->mean_s += survival * -expm1(-risk) / c->hazard[i];
        survival *= exp(-risk);
    }
    /* Past the end the last span goes on for ever. */
    c->to_come[POLL_BINS] = 1 / c->density[POLL_BINS - 1];
    for (int i = POLL_BINS; i-- > 0;) {
        double risk = c->hazard[i] * bin_width(i);
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
