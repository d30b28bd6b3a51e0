/* What polls show is counted exactly, fades, and is written down for another run. */
#include "core/poll_curve.h"

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
    assert_near(median_of(&back), median_of(&h), 0.5);
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
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_record),
    };
    return cmocka_run_group_tests_name("poll_histogram", tests, NULL, NULL);
}
