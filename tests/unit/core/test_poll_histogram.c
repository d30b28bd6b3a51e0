/* What polls show becomes a hazard: exact counts, fading, the tail, and the curves that follow,
 * checked against plain sums over small steps. */
#include "core/poll_histogram.h"

#include "base/random.h"
#include "test.h"

#include <math.h>
#include <string.h>

static void assert_near(double is, double should, double within)
{
    if (!(fabs(is - should) <= within))
        fail_msg("%f isn't within %f of %f", is, within, should);
}

static void test_bins(void **state)
{
    (void)state;
    assert_int_equal(poll_bin_of(0), 0);
    assert_int_equal(poll_bin_of(-1), 0);
    assert_int_equal(poll_bin_of(NAN), 0);
    assert_int_equal(poll_bin_of(0.2499), 0);
    assert_int_equal(poll_bin_of(0.25), 1);
    assert_int_equal(poll_bin_of(0.5), 7);
    assert_int_equal(poll_bin_of(1e9), POLL_BINS - 1);
    assert_int_equal(poll_bin_of(INFINITY), POLL_BINS - 1);
    assert_near(poll_bin_begin(0), 0, 0);
    assert_near(poll_bin_begin(13), 1, 1e-12);
    assert_true(poll_bin_begin(POLL_BINS - 1) > 590);
    for (int i = 0; i < POLL_BINS; i++) {
        assert_true(poll_bin_begin(i) < poll_bin_begin(i + 1));
        assert_int_equal(poll_bin_of((poll_bin_begin(i) + poll_bin_begin(i + 1)) / 2), i);
    }
}

static double sum(const double *counts)
{
    double s = 0;
    for (int i = 0; i < POLL_BINS; i++)
        s += counts[i];
    return s;
}

static void test_prior(void **state)
{
    (void)state;
    struct poll_histogram h;
    struct poll_curve c;
    poll_histogram_init(&h);
    poll_curve_make(&c, &h);
    assert_true(sum(h.finished) > 1 && sum(h.finished) < 6); /* a few jobs */
    /* Half of them are done at 8 s. */
    double at_8 = poll_curve_reach(&c, 0, 1e9, log(2));
    assert_near(at_8, 8, 1);
    assert_true(c.mean_s > 8 && c.mean_s < 25);
}

/* Each job counts as far as it was seen, not farther. */
static void test_counts(void **state)
{
    (void)state;
    struct poll_histogram h, before;
    poll_histogram_init(&h);
    before = h;
    poll_histogram_running(&h, 500, 2000); /* bins 7 to 18, two doublings */
    assert_near(sum(h.at_risk) - sum(before.at_risk), 12, 1e-9);
    assert_near(h.at_risk[6], before.at_risk[6], 0);
    assert_near(h.at_risk[7], before.at_risk[7] + 1, 1e-9);
    assert_near(h.at_risk[18], before.at_risk[18] + 1, 1e-9);
    assert_near(h.at_risk[19], before.at_risk[19], 0);
    assert_near(sum(h.finished), sum(before.finished), 0);
    before = h;
    poll_histogram_finished(&h, 2000, 3000);
    assert_near(h.finished[poll_bin_of(3)], before.finished[poll_bin_of(3)] + 1, 1e-9);
    double part = (3 - poll_bin_begin(poll_bin_of(3))) /
                  (poll_bin_begin(poll_bin_of(3) + 1) - poll_bin_begin(poll_bin_of(3)));
    assert_near(h.at_risk[poll_bin_of(3)], before.at_risk[poll_bin_of(3)] + part, 1e-9);
    /* A server's clock that runs behind: earlier than it was seen running. */
    before = h;
    poll_histogram_finished(&h, 9000, 4000);
    assert_near(sum(h.at_risk), sum(before.at_risk), 1e-9);
    assert_near(sum(h.finished), sum(before.finished) + 1, 1e-9);
    poll_histogram_running(&h, 0, INT64_MAX);
    poll_histogram_finished(&h, 0, INT64_MAX);
    poll_histogram_finished(&h, INT64_MAX, 0);
}

static void learn(struct poll_histogram *h, struct random *r, double median_s, double sigma,
                  int jobs)
{
    for (int i = 0; i < jobs; i++)
        poll_histogram_finished(h, 0, (int64_t)(1000 * median_s * exp(sigma * random_normal(r))));
}

static double median_of(const struct poll_histogram *h)
{
    struct poll_curve c;
    poll_curve_make(&c, h);
    return poll_curve_reach(&c, 0, 1e9, log(2));
}

static void test_learns_and_forgets(void **state)
{
    (void)state;
    struct poll_histogram h;
    struct random r;
    random_init(&r, 7);
    poll_histogram_init(&h);
    learn(&h, &r, 30, 0.5, 300);
    assert_near(median_of(&h), 30, 3);
    learn(&h, &r, 2, 0.5, 700);
    assert_near(median_of(&h), 2, 0.3);
    learn(&h, &r, 60, 0.5, 700); /* the early spans alone must be unlearned */
    assert_true(median_of(&h) > 30);
    learn(&h, &r, 60, 0.5, 5000);
    assert_near(median_of(&h), 60, 6);
    for (int i = 0; i < POLL_BINS; i++)
        assert_true(h.at_risk[i] <= 300 && h.finished[i] <= 300);
}

/* Jobs that are still running tell as much as those that have ended. */
static void test_running_jobs_count(void **state)
{
    (void)state;
    struct poll_histogram h;
    poll_histogram_init(&h);
    for (int i = 0; i < 50; i++) {
        poll_histogram_finished(&h, 0, 5000); /* the quick ones of a burst */
        poll_histogram_running(&h, 0, 6000);  /* as many aren't done */
    }
    struct poll_curve c;
    poll_curve_make(&c, &h);
    double done = 1 - exp(-(c.risk_sum[poll_bin_of(6)] - c.risk_sum[0]));
    assert_near(done, 0.5, 0.1);
}

static void test_nobody_is_written_off(void **state)
{
    (void)state;
    struct poll_histogram h;
    struct poll_curve c;
    poll_histogram_init(&h);
    for (int i = 0; i < 1000; i++)
        poll_histogram_running(&h, 0, 2000000);
    poll_curve_make(&c, &h);
    for (int i = 0; i < POLL_BINS; i++)
        assert_true(c.hazard[i] >= 0.001 && c.density[i] > 0);
    for (int i = 0; i < 1000; i++)
        poll_histogram_finished(&h, 0, 0);
    poll_curve_make(&c, &h);
    for (int i = 0; i < POLL_BINS; i++)
        assert_true(isfinite(c.hazard[i]) && isfinite(c.to_come[i]) && c.hazard[i] > 0);
    assert_true(isfinite(c.mean_s));
}

/* A few that come far can't make a span certain or empty. */
static void test_a_thin_tail_borrows(void **state)
{
    (void)state;
    struct poll_histogram h;
    struct poll_curve c;
    struct random r;
    random_init(&r, 3);
    poll_histogram_init(&h);
    learn(&h, &r, 10, 0.6, 300);
    poll_histogram_running(&h, 0, 45000);
    poll_curve_make(&c, &h);
    for (int i = poll_bin_of(25); i < poll_bin_of(45); i++)
        assert_true(c.hazard[i] > 0.03 && c.hazard[i] < 0.5);
}

/* Against sums over small steps. */
static void test_curves(void **state)
{
    (void)state;
    struct poll_histogram h;
    struct poll_curve c;
    struct random r;
    random_init(&r, 5);
    poll_histogram_init(&h);
    learn(&h, &r, 12, 0.7, 400);
    poll_curve_make(&c, &h);
    for (double from = 0; from < 40; from += 3.7) {
        double risk = 0, density = 0, expected = 0, dt = 0.001, within = 20, reached = 0;
        for (double t = from; t < from + within; t += dt) {
            int i = poll_bin_of(t);
            expected += exp(-risk) * c.density[i] * dt;
            risk += c.hazard[i] * dt;
            density += c.density[i] * dt;
            if (density < 2)
                reached = t + dt;
        }
        assert_near(poll_curve_expected(&c, from, within), expected, 0.01);
        assert_near(poll_curve_reach(&c, from, 2, 1e9), reached, 0.01);
        assert_near(poll_curve_reach(&c, from, 1e9, risk), from + within, 0.01);
    }
    /* Without end, it is what is to come in all. */
    assert_near(poll_curve_expected(&c, 0, 1e6), c.to_come[0], 0.01);
    assert_true(poll_curve_reach(&c, 1e5, 1, 1e9) > 1e5);
}

static void test_record(void **state)
{
    (void)state;
    struct poll_histogram h, back;
    uint8_t bytes[POLL_HISTOGRAM_BYTES];
    struct random r;
    random_init(&r, 11);
    poll_histogram_init(&h);
    learn(&h, &r, 20, 0.4, 1000);
    poll_histogram_encode(&h, bytes);
    poll_histogram_init(&back);
    assert_true(poll_histogram_decode(&back, bytes, sizeof bytes));
    assert_near(median_of(&back), median_of(&h), 0.2);
    for (int i = 0; i < POLL_BINS; i++)
        assert_true(back.at_risk[i] < 60.001 && back.finished[i] < 60.001);
    learn(&back, &r, 2, 0.4, 100); /* it gives way sooner than what this run learned */
    learn(&h, &r, 2, 0.4, 100);
    assert_true(median_of(&back) < 4);
    assert_true(median_of(&h) > 4);

    struct poll_histogram kept = back;
    assert_false(poll_histogram_decode(&back, bytes, sizeof bytes - 1));
    assert_false(poll_histogram_decode(&back, bytes, 0));
    bytes[0]++;
    assert_false(poll_histogram_decode(&back, bytes, sizeof bytes));
    bytes[0]--;
    bytes[1 + 4 * 10] = 0xff; /* more jobs than are ever remembered */
    assert_false(poll_histogram_decode(&back, bytes, sizeof bytes));
    assert_memory_equal(&back, &kept, sizeof kept);
    memset(bytes + 1, 0, sizeof bytes - 1); /* odd, but possible */
    assert_true(poll_histogram_decode(&back, bytes, sizeof bytes));
    struct poll_curve c;
    poll_curve_make(&c, &back);
    assert_true(isfinite(poll_curve_reach(&c, 0, 1, 3)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bins),
        cmocka_unit_test(test_prior),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_learns_and_forgets),
        cmocka_unit_test(test_running_jobs_count),
        cmocka_unit_test(test_nobody_is_written_off),
        cmocka_unit_test(test_a_thin_tail_borrows),
        cmocka_unit_test(test_curves),
        cmocka_unit_test(test_record),
    };
    return cmocka_run_group_tests_name("poll_histogram", tests, NULL, NULL);
}
