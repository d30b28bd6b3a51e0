/* A member's likelihood: each span in which n jobs ended while m were at risk contributes
 * risk^n exp(-m risk), with the risk that the member gives that span. (Constant factors fall out.)
 *
 * Times need not be of the family. So one job in a hundred may come from a far broader distribution,
 * which keeps a job that outlasts all others from being held impossible; and as evidence no more
 * than a hundred ended jobs count, so that several members stay in. What the family can't show,
 * poll_histogram.c adds from each span's own counts. */
#include "core/poll_family.h"

#include <math.h>
#include <stdbool.h>

enum {
    A_DOUBLING = 2, /* medians in it */
    MEDIANS = 19,
    SIGMAS = 5,
    MEMBERS = MEDIANS * SIGMAS,
};
static const double LEAST_MEDIAN_S = 0.5; /* to 256 s */
static const double SIGMA[SIGMAS] = {0.15, 0.3, 0.5, 0.75, 1.1};
static const double PRIOR_MEDIAN_S = 8, PRIOR_SIGMA = 1; /* of the medians */
static const double BROAD_SHARE = 0.01, BROAD_MEDIAN_S = 30, BROAD_SIGMA = 1.5;
static const double EVIDENCE = 100; /* ended jobs */

/* By span, then member. Always the same once made. */
struct family {
    bool made;
    double prior[MEMBERS]; /* logarithm */
    double survival[POLL_BINS + 1][MEMBERS];
    float risk[POLL_BINS][MEMBERS], log_risk[POLL_BINS][MEMBERS];
};

static double lognormal_survival(double age_s, double median_s, double sigma)
{
    return age_s <= 0 ? 1 : erfc(log(age_s / median_s) / sigma / sqrt(2)) / 2;
}

static double member_survival(int member, double age_s)
{
    double median_s = LEAST_MEDIAN_S * exp2((double)(member / SIGMAS) / A_DOUBLING);
    return (1 - BROAD_SHARE) * lognormal_survival(age_s, median_s, SIGMA[member % SIGMAS]) +
           BROAD_SHARE * lognormal_survival(age_s, BROAD_MEDIAN_S, BROAD_SIGMA);
}

static const struct family *family(void)
{
    static const double least_risk = 1e-9; /* nothing is impossible */
    static struct family f;
    if (f.made)
        return &f;
    for (int m = 0; m < MEMBERS; m++) {
        double median_s = LEAST_MEDIAN_S * exp2((double)(m / SIGMAS) / A_DOUBLING);
        double off = log(median_s / PRIOR_MEDIAN_S) / PRIOR_SIGMA;
        f.prior[m] = -off * off / 2;
        for (int i = 0; i <= POLL_BINS; i++)
            f.survival[i][m] = member_survival(m, poll_bin_begin(i));
        for (int i = 0; i < POLL_BINS; i++) {
            double risk = fmax(least_risk, log(f.survival[i][m] / f.survival[i + 1][m]));
            f.risk[i][m] = (float)risk;
            f.log_risk[i][m] = (float)log(risk);
        }
    }
    f.made = true;
    return &f;
}

static void likelihoods(const struct family *f, const struct poll_histogram *h,
                        double likelihood[MEMBERS])
{
    double finished = 0, most = -INFINITY;
    for (int m = 0; m < MEMBERS; m++)
        likelihood[m] = 0;
    for (int i = 0; i < POLL_BINS; i++) {
        finished += h->finished[i];
        if (h->finished[i] <= 0 && h->at_risk[i] <= 0)
            continue;
        for (int m = 0; m < MEMBERS; m++)
            likelihood[m] +=
                h->finished[i] * (double)f->log_risk[i][m] - h->at_risk[i] * (double)f->risk[i][m];
    }
    double weight = finished > EVIDENCE ? EVIDENCE / finished : 1;
    for (int m = 0; m < MEMBERS; m++) {
        likelihood[m] = f->prior[m] + weight * likelihood[m];
        most = fmax(most, likelihood[m]);
    }
    for (int m = 0; m < MEMBERS; m++)
        likelihood[m] = exp(likelihood[m] - most);
}

void poll_family_risks(const struct poll_histogram *h, double risks[POLL_BINS])
{
    const struct family *f = family();
    double likelihood[MEMBERS], before = 0;
    likelihoods(f, h, likelihood);
    for (int i = 0; i <= POLL_BINS; i++) {
        double survive = 0;
        for (int m = 0; m < MEMBERS; m++)
            survive += likelihood[m] * f->survival[i][m];
        if (i > 0)
            risks[i - 1] = log(before / survive);
        before = survive;
    }
}
