/* Random numbers: the same seed gives the same numbers for ever (simulations name their seed), and
 * the ranges hold. */
#include "base/random.h"
#include "base/text.h"
#include "test.h"

#include <math.h>
#include <string.h>

static void test_repeatable(void **state)
{
    (void)state;
    /* xoshiro256** from splitmix64(0), as the authors' reference code gives it */
    static const uint64_t expected[] = {UINT64_C(0x99ec5f36cb75f2b4), UINT64_C(0xbf6e1f784956452a),
                                        UINT64_C(0x1a5f849d4933e6e0)};
    struct random r;
    random_init(&r, 0);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(random_u64(&r), expected[i]);
}

static void test_seeds_differ(void **state)
{
    (void)state;
    struct random a, b, c, d;
    random_init(&a, 1);
    random_init(&b, 2);
    assert_true(random_u64(&a) != random_u64(&b));
    random_init_system(&c);
    random_init_system(&d);
    assert_true(random_u64(&c) != random_u64(&d));
}

static void test_ranges(void **state)
{
    (void)state;
    struct random r;
    int seen[7] = {0};
    random_init(&r, 7);
    for (int i = 0; i < 7000; i++) {
        uint64_t n = random_below(&r, 7);
        assert_in_range(n, 0, 6);
        seen[n]++;
        double u = random_unit(&r);
        assert_true(u >= 0 && u < 1);
        assert_true(isfinite(random_normal(&r)));
        assert_int_equal(random_below(&r, 1), 0);
    }
    for (int i = 0; i < 7; i++)
        assert_in_range(seen[i], 850, 1150);
}

static void test_moments(void **state)
{
    (void)state;
    enum { N = 100000 };
    struct random r;
    double unit = 0, normal = 0, squares = 0;
    random_init(&r, 11);
    for (int i = 0; i < N; i++) {
        double x = random_normal(&r);
        unit += random_unit(&r);
        normal += x;
        squares += x * x;
    }
    assert_true(fabs(unit / N - 0.5) < 0.01);
    assert_true(fabs(normal / N) < 0.02);
    assert_true(fabs(squares / N - 1) < 0.02);
}

static void test_uuid(void **state)
{
    (void)state;
    struct random r;
    char a[37], b[37];
    random_init(&r, 3);
    for (int i = 0; i < 1000; i++) {
        random_uuid(&r, a);
        assert_true(text_is_uuid(a));
        assert_int_equal(a[14], '4');
        assert_non_null(strchr("89ab", a[19]));
        assert_int_equal(strspn(a, "0123456789abcdef-"), 36);
    }
    random_uuid(&r, b);
    assert_string_not_equal(a, b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_repeatable), cmocka_unit_test(test_seeds_differ),
        cmocka_unit_test(test_ranges),     cmocka_unit_test(test_moments),
        cmocka_unit_test(test_uuid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
