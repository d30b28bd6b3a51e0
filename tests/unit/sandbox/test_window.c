/* The server's own count: literal times. */
#include "sandbox/window.h"

#include "test.h"

static struct mono at(int64_t ms)
{
    return (struct mono){ms};
}

static void test_limit_slides(void **state)
{
    (void)state;
    struct window w;
    window_init(&w, 3);
    assert_true(window_admit(&w, at(1000)));
    assert_true(window_admit(&w, at(2000)));
    assert_true(window_admit(&w, at(2000)));
    assert_false(window_admit(&w, at(2001)));
    assert_false(window_admit(&w, at(60999)));
    assert_true(window_admit(&w, at(61000))); /* exactly a window after the first */
    assert_false(window_admit(&w, at(61999)));
    assert_true(window_admit(&w, at(62000)));
    assert_true(window_admit(&w, at(62000)));
    assert_false(window_admit(&w, at(62000)));
    assert_int_equal(w.let_in, 6);
    assert_int_equal(w.refused, 4);
    assert_int_equal(w.max, 3);
    window_release(&w);
}

static void test_refused_requests_do_not_count(void **state)
{
    (void)state;
    struct window w;
    window_init(&w, 1);
    assert_true(window_admit(&w, at(0)));
    for (int64_t t = 1; t < 60000; t += 100)
        assert_false(window_admit(&w, at(t)));
    assert_true(window_admit(&w, at(60000)));
    window_release(&w);
}

/* Against a count that looks at every moment again. */
static void test_max_is_exact_without_a_limit(void **state)
{
    (void)state;
    enum { COUNT = 3000 };
    static int64_t times[COUNT];
    struct window w;
    int64_t t = 0;
    size_t max = 0;
    window_init(&w, 0);
    for (int i = 0; i < COUNT; i++) {
        t += i < 1000 ? 100 : i < 1500 ? 3 : 177; /* a burst in the middle */
        times[i] = t;
        assert_true(window_admit(&w, at(t)));
        size_t n = 0;
        for (int k = 0; k <= i; k++)
            n += times[k] > t - WINDOW_MS;
        if (n > max)
            max = n;
        assert_int_equal(w.count, n);
    }
    assert_int_equal(w.max, max);
    window_release(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_limit_slides),
        cmocka_unit_test(test_refused_requests_do_not_count),
        cmocka_unit_test(test_max_is_exact_without_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
