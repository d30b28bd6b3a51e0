/* What is believed of jobs' times, from nothing, from jobs that were only seen running, and from those
 * that ended: held against what a lognormal distribution would show. */
#include "core/poll_family.h"

#include "base/random.h"
#include "test.h"

#include <math.h>

/* The share that has ended at AGE, and the age at which SHARE has. */
static double ended_at(const struct poll_histogram *h, double age_s)
{
    double risks[POLL_BINS], sum = 0;
    poll_family_risks(h, risks);
    for (int i = 0; i < poll_bin_of(age_s); i++)
        sum += risks[i];
    return 1 - exp(-sum);
}

static double age_of(const struct poll_histogram *h, double share)
{
    double risks[POLL_BINS], sum = 0;
    int i = 0;
    poll_family_risks(h, risks);
    while (i < POLL_BINS && (sum += risks[i]) < -log(1 - share))
        i++;
    return poll_bin_begin(i);
}

static void assert_between(double is, double least, double most)
{
    if (!(is >= least && is <= most))
        fail_msg("%f isn't from %f to %f", is, least, most);
}

static void before_anything_is_known(void **state)
{
    struct poll_histogram h;
    (void)state;
    poll_histogram_init(&h);
    assert_between(age_of(&h, 0.5), 7, 9);
    assert_between(age_of(&h, 0.1), 1.5, 2.5);
    assert_between(age_of(&h, 0.9), 28, 38);
}

/* A crowd that is still running after 5 s, of which nobody has ended. */
static void a_crowd_that_runs_on(void **state)
{
    struct poll_histogram h;
    (void)state;
    poll_histogram_init(&h);
    double at_10 = ended_at(&h, 10), at_6 = ended_at(&h, 6);
    poll_histogram_running(&h, 0, 5000); /* one of them says little */
    double one_at_6 = ended_at(&h, 6);
    assert_between(one_at_6 / at_6, 0.4, 1);
    for (int i = 0; i < 199; i++)
        poll_histogram_running(&h, 0, 5000);
    assert_between(ended_at(&h, 5), 0, 0.01);
    assert_between(ended_at(&h, 6), 0, 0.02); /* what never happened doesn't begin at once */
    assert_between(ended_at(&h, 10), 0, at_10 / 3);
    assert_between(age_of(&h, 0.5), 15, 60); /* but it isn't believed that they never end */
}

/* The quick ones of a burst alone, the others having been seen up to the same age: the rest of the
 * distribution is guessed. */
static void from_the_quick_ones_to_the_rest(void **state)
{
    struct poll_histogram h;
    struct random r;
    (void)state;
    random_init(&r, 5);
    poll_histogram_init(&h);
    for (int i = 0; i < 200; i++) {
        double took_s = 30 * exp(0.6 * random_normal(&r));
        if (took_s < 20)
            poll_histogram_finished(&h, 0, (int64_t)(1000 * took_s));
        else
            poll_histogram_running(&h, 0, 20000);
    }
    assert_between(age_of(&h, 0.5), 25, 36);
    assert_between(age_of(&h, 0.9), 48, 95);
}

static void from_all(void **state)
{
    struct poll_histogram h;
    struct random r;
    (void)state;
    static const double medians[] = {1, 8, 40, 120}, sigmas[] = {0.2, 0.6, 1};
    for (int m = 0; m < 4; m++)
        for (int s = 0; s < 3; s++) {
            random_init(&r, (uint64_t)(m * 3 + s));
            poll_histogram_init(&h);
            for (int i = 0; i < 300; i++)
                poll_histogram_finished(
                    &h, 0, (int64_t)(1000 * medians[m] * exp(sigmas[s] * random_normal(&r))));
            double high = medians[m] * exp(1.2816 * sigmas[s]);
            assert_between(age_of(&h, 0.5), medians[m] / 1.25, medians[m] * 1.25);
            assert_between(age_of(&h, 0.9), high / 1.4, high * 1.4);
        }
}

/* Whatever the counts are, each span has a risk that can be calculated with. */
static void whatever_was_seen(void **state)
{
    struct poll_histogram h;
    double risks[POLL_BINS];
    (void)state;
    for (int kind = 0; kind < 4; kind++) {
        poll_histogram_init(&h);
        for (int i = 0; i < 2000; i++) {
            if (kind == 0)
                poll_histogram_running(&h, 0, 2000000);
            else if (kind == 1)
                poll_histogram_finished(&h, 0, 0);
            else if (kind == 2)
                poll_histogram_finished(&h, 0, INT64_MAX);
            else
                poll_histogram_finished(&h, 0, i % 2 ? 1 : 600000);
        }
        poll_family_risks(&h, risks);
        for (int i = 0; i < POLL_BINS; i++)
            assert_true(isfinite(risks[i]) && risks[i] > 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_anything_is_known),
        cmocka_unit_test(a_crowd_that_runs_on),
        cmocka_unit_test(from_the_quick_ones_to_the_rest),
        cmocka_unit_test(from_all),
        cmocka_unit_test(whatever_was_seen),
    };
    return cmocka_run_group_tests_name("poll_family", tests, NULL, NULL);
}
