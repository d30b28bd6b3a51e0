/* The text that Prometheus reads, in both of its forms; and histograms. */
#include "monitor/exposition.h"

#include "test.h"

#include <string.h>

static struct buffer out;
static struct exposition x;

static void begin(bool open_metrics)
{
    buffer_init(&out, 0);
    exposition_init(&x, &out, open_metrics);
}

static void is(const char *expected)
{
    assert_string_equal(buffer_text(&out), expected);
    buffer_release(&out);
}

static void counters_are_totals(void **state)
{
    (void)state;
    for (int open = 0; open < 2; open++) {
        begin(open);
        exposition_family(&x, EXPOSE_COUNTER, "mb_requests", "Requests.");
        exposition_label(&x, "kind", "poll");
        exposition_label(&x, "outcome", "2xx");
        exposition_count(&x, 17);
        exposition_count(&x, 0);
        exposition_end(&x);
        is(open
               ? "# HELP mb_requests Requests.\n# TYPE mb_requests counter\n"
                 "mb_requests_total{kind=\"poll\",outcome=\"2xx\"} 17\nmb_requests_total 0\n# EOF\n"
               : "# HELP mb_requests_total Requests.\n# TYPE mb_requests_total counter\n"
                 "mb_requests_total{kind=\"poll\",outcome=\"2xx\"} 17\nmb_requests_total 0\n");
    }
}

static void the_build_is_an_info(void **state)
{
    (void)state;
    begin(true);
    exposition_family(&x, EXPOSE_INFO, "mb_build", "Made of.");
    exposition_count(&x, 1);
    is("# HELP mb_build Made of.\n# TYPE mb_build info\nmb_build_info 1\n");
    begin(false);
    exposition_family(&x, EXPOSE_INFO, "mb_build", "Made of.");
    exposition_count(&x, 1);
    is("# HELP mb_build_info Made of.\n# TYPE mb_build_info gauge\nmb_build_info 1\n");
}

static void numbers_are_exact(void **state)
{
    (void)state;
    begin(false);
    exposition_family(&x, EXPOSE_GAUGE, "mb_n", "N.");
    buffer_clear(&out);
    exposition_count(&x, INT64_MIN);
    exposition_count(&x, INT64_MAX);
    exposition_micro(&x, 1500000);
    exposition_micro(&x, 1);
    exposition_micro(&x, -2000100);
    exposition_ms(&x, 1796029504732);
    exposition_ms(&x, 40);
    exposition_ms(&x, 0);
    is("mb_n -9223372036854775808\nmb_n 9223372036854775807\nmb_n 1.5\nmb_n 0.000001\n"
       "mb_n -2.0001\nmb_n 1796029504.732\nmb_n 0.04\nmb_n 0\n");
}

static const struct histogram_scale scale = {4, {50, 1000, 2500, 60000}};

static void buckets_hold_what_is_below(void **state)
{
    struct histogram h = {0};
    (void)state;
    histogram_add(&h, &scale, 50 * 1000); /* the bound itself is in */
    histogram_add(&h, &scale, 50 * 1000 + 1);
    histogram_add(&h, &scale, 3600 * INT64_C(1000000));
    histogram_add(&h, &scale, -5);
    begin(false);
    exposition_family(&x, EXPOSE_HISTOGRAM, "mb_t", "T.");
    buffer_clear(&out);
    exposition_label(&x, "batch", "a");
    exposition_histogram(&x, &scale, &h);
    is("mb_t_bucket{batch=\"a\",le=\"0.05\"} 2\nmb_t_bucket{batch=\"a\",le=\"1\"} 3\n"
       "mb_t_bucket{batch=\"a\",le=\"2.5\"} 3\nmb_t_bucket{batch=\"a\",le=\"60\"} 3\n"
       "mb_t_bucket{batch=\"a\",le=\"+Inf\"} 4\nmb_t_sum{batch=\"a\"} 3600.100001\n"
       "mb_t_count{batch=\"a\"} 4\n");
    begin(true);
    exposition_family(&x, EXPOSE_HISTOGRAM, "mb_t", "T.");
    buffer_clear(&out);
    exposition_histogram(&x, &scale, &h);
    is("mb_t_bucket{le=\"0.05\"} 2\nmb_t_bucket{le=\"1.0\"} 3\nmb_t_bucket{le=\"2.5\"} 3\n"
       "mb_t_bucket{le=\"60.0\"} 3\nmb_t_bucket{le=\"+Inf\"} 4\nmb_t_sum 3600.100001\nmb_t_count 4\n");
}

static void an_empty_histogram_is_short(void **state)
{
    const struct histogram none = {0};
    (void)state;
    begin(false);
    exposition_family(&x, EXPOSE_HISTOGRAM, "mb_t", "T.");
    buffer_clear(&out);
    exposition_histogram(&x, &scale, &none);
    is("mb_t_bucket{le=\"+Inf\"} 0\nmb_t_sum 0\nmb_t_count 0\n");
}

/* Of several histograms each has the same buckets, or their sum would say nonsense. */
static void buckets_that_nobody_needs_can_be_left_out(void **state)
{
    struct histogram a = {0}, b = {0}, all = {0};
    (void)state;
    histogram_add(&a, &scale, 900 * 1000);
    histogram_add(&b, &scale, 2000 * 1000);
    histogram_merge(&all, &a);
    histogram_merge(&all, &b);
    assert_int_equal(histogram_total(&all), 2);
    begin(false);
    exposition_family(&x, EXPOSE_HISTOGRAM, "mb_t", "T.");
    exposition_only_buckets_of(&x, &all);
    buffer_clear(&out);
    exposition_histogram(&x, &scale, &a);
    is("mb_t_bucket{le=\"1\"} 1\nmb_t_bucket{le=\"2.5\"} 1\nmb_t_bucket{le=\"+Inf\"} 1\n"
       "mb_t_sum 0.9\nmb_t_count 1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counters_are_totals),
        cmocka_unit_test(the_build_is_an_info),
        cmocka_unit_test(numbers_are_exact),
        cmocka_unit_test(buckets_hold_what_is_below),
        cmocka_unit_test(an_empty_histogram_is_short),
        cmocka_unit_test(buckets_that_nobody_needs_can_be_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
