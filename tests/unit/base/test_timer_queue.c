/* The heap against a plain list of the same deadlines, and the order it promises. */
#include "base/random.h"
#include "base/timer_queue.h"
#include "test.h"

#include <string.h>

static struct mono at(int64_t ms)
{
    return (struct mono){ms};
}

static void test_empty(void **state)
{
    (void)state;
    struct timer_queue q;
    struct timer_entry e = {0};
    timer_queue_init(&q);
    assert_int_equal(timer_queue_next(&q).ms, MONO_NEVER.ms);
    assert_null(timer_queue_pop(&q, at(INT64_MAX)));
    timer_queue_remove(&q, &e); /* fine */
    timer_queue_release(&q);
}

static void test_order_and_due(void **state)
{
    (void)state;
    struct timer_queue q;
    struct timer_entry a = {0}, b = {0}, c = {0};
    timer_queue_init(&q);
    timer_queue_set(&q, &a, at(30));
    timer_queue_set(&q, &b, at(10));
    timer_queue_set(&q, &c, at(20));
    assert_int_equal(timer_queue_next(&q).ms, 10);
    assert_null(timer_queue_pop(&q, at(9)));
    assert_ptr_equal(timer_queue_pop(&q, at(10)), &b);
    assert_false(timer_entry_is_set(&b));
    assert_true(timer_entry_is_set(&a));
    timer_queue_set(&q, &a, at(5)); /* moved forward */
    assert_ptr_equal(timer_queue_pop(&q, at(100)), &a);
    assert_ptr_equal(timer_queue_pop(&q, at(100)), &c);
    assert_null(timer_queue_pop(&q, at(100)));
    timer_queue_release(&q);
}

static void test_removed_from_anywhere(void **state)
{
    (void)state;
    enum { N = 9 };
    for (int gone = 0; gone < N; gone++) {
        struct timer_queue q;
        struct timer_entry entries[N] = {0};
        timer_queue_init(&q);
        for (int i = 0; i < N; i++)
            timer_queue_set(&q, &entries[i], at(i * 7 % N));
        timer_queue_remove(&q, &entries[gone]);
        assert_false(timer_entry_is_set(&entries[gone]));
        int64_t last = -1;
        int count = 0;
        for (struct timer_entry *e; (e = timer_queue_pop(&q, at(N))) != NULL; count++) {
            assert_ptr_not_equal(e, &entries[gone]);
            assert_true(e->at.ms >= last);
            last = e->at.ms;
        }
        assert_int_equal(count, N - 1);
        timer_queue_release(&q);
    }
}

static int64_t earliest(const struct timer_entry *entries, size_t n)
{
    int64_t ms = INT64_MAX;
    for (size_t i = 0; i < n; i++)
        if (timer_entry_is_set(&entries[i]) && entries[i].at.ms < ms)
            ms = entries[i].at.ms;
    return ms;
}

static void test_random_use(void **state)
{
    (void)state;
    enum { N = 300, STEPS = 20000 };
    static struct timer_entry entries[N];
    struct timer_queue q;
    struct random r;
    int64_t now = 0;
    timer_queue_init(&q);
    random_init(&r, 42);
    for (int step = 0; step < STEPS; step++) {
        struct timer_entry *e = &entries[random_below(&r, N)];
        switch (random_below(&r, 4)) {
        case 0:
        case 1:
            timer_queue_set(&q, e, at(now + (int64_t)random_below(&r, 1000)));
            break;
        case 2:
            timer_queue_remove(&q, e);
            break;
        default:
            now += (int64_t)random_below(&r, 20);
            int64_t due = earliest(entries, N);
            struct timer_entry *popped = timer_queue_pop(&q, at(now));
            assert_int_equal(popped != NULL, due <= now);
            if (popped)
                assert_int_equal(popped->at.ms, due);
        }
        assert_int_equal(timer_queue_next(&q).ms, earliest(entries, N));
    }
    timer_queue_release(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_order_and_due),
        cmocka_unit_test(test_removed_from_anywhere),
        cmocka_unit_test(test_random_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
