/* The hazard of a span is what finished in it over the time that jobs were at risk in it: the
 * estimate of a piecewise constant hazard that is most likely. A job counts as at risk exactly as
 * far as polls have shown it running, and to its end if it finished. So jobs that are still out are
 * neither left out (a burst's quick ones would mislead) nor believed to run when nobody looked.
 *
 * Each span remembers the last few hundred jobs that passed through it, whenever that was: where it
 * would hold more, what it has is scaled down. Spans that many jobs pass follow a change within a
 * burst, and the tail, which few reach, isn't forgotten meanwhile. */
#include "core/poll_histogram.h"

#include <math.h>
#include <string.h>

enum {
    A_DOUBLING = 6,
    RECORD_VERSION = 1,
};
static const double FIRST_S = 0.25;
static const double MEMORY = 300;  /* jobs in a span */
static const double RECALLED = 60; /* of them, from another run */
static const double SCALE = 1000;  /* of the record's numbers */

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

double poll_bin_width(int bin)
{
    return poll_bin_begin(bin + 1) - poll_bin_begin(bin);
}

void poll_histogram_init(struct poll_histogram *h)
{
    memset(h, 0, sizeof *h);
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
        h->at_risk[i] += (end - begin) / poll_bin_width(i);
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
