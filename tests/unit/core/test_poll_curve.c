/* What polls have shown becomes a hazard, also where they have shown little; and the curves that follow,
 * checked against plain sums over small steps. */
#include "core/poll_curve.h"

#include "base/random.h"
#include "test.h"

#include <math.h>

static void assert_near(double is, double should, double within)
{
    if (!(fabs(is - should) <= within))
        fail_msg("%f isn't within %f of %f", is, within, should);
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

static void test_before_anything_is_known(void **state)
{
    (void)state;
    struct poll_histogram h;
    struct poll_curve c;
    poll_histogram_init(&h);
    poll_curve_make(&c, &h);
    assert_near(poll_curve_reach(&c, 0, 1e9, log(2)), 8, 1); /* half of them are done */
    assert_true(c.mean_s > 8 && c.mean_s < 25);
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
    assert_near(median_of(&h), 2, 0.6); /* what it was is still believed a little */
    learn(&h, &r, 60, 0.5, 700);        /* the early spans alone must be unlearned */
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

static double risk_between(const struct poll_curve *c, double from, double to)
{
    double risk = 0, dt = 0.001;
    for (double t = from; t < to; t += dt)
        risk += c->hazard[poll_bin_of(t)] * dt;
    return risk;
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
    assert_near(poll_curve_ends(&c, 7, 13), 1 - exp(-risk_between(&c, 7, 20)), 0.001);
    assert_near(poll_curve_ends(&c, 7, 0), 0, 1e-12);
    /* Without end, it is what is to come in all. */
    assert_near(poll_curve_expected(&c, 0, 1e6), c.to_come[0], 0.01);
    assert_true(poll_curve_reach(&c, 1e5, 1, 1e9) > 1e5);
}

/* Times of two kinds, which no member of the family has: the spans' own counts show them. */
static void test_two_kinds(void **state)
{
    (void)state;
    struct poll_histogram h;
    struct poll_curve c;
    struct random r;
    random_init(&r, 13);
    poll_histogram_init(&h);
    for (int i = 0; i < 10; i++) {
        learn(&h, &r, 5, 0.2, 20);
        learn(&h, &r, 60, 0.2, 20);
    }
    poll_curve_make(&c, &h);
    double at_5 = c.hazard[poll_bin_of(5)], at_20 = c.hazard[poll_bin_of(20)],
           at_60 = c.hazard[poll_bin_of(60)];
    assert_true(at_5 > 0.1);
    assert_true(at_20 < 0.02); /* nobody ends there */
    assert_true(at_60 > 0.04);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_before_anything_is_known),
        cmocka_unit_test(test_learns_and_forgets),
        cmocka_unit_test(test_running_jobs_count),
        cmocka_unit_test(test_nobody_is_written_off),
        cmocka_unit_test(test_a_thin_tail_borrows),
        cmocka_unit_test(test_curves),
        cmocka_unit_test(test_two_kinds),
    };
    return cmocka_run_group_tests_name("poll_curve", tests, NULL, NULL);
}
