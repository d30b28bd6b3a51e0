/* Room that grows in doublings, keeps what was there, and isn't bought twice. */
#include "base/array.h"

#include "test.h"

struct item {
    int number;
    char filling[20];
};

static void test_items_stay(void **state)
{
    (void)state;
    struct item *items = NULL;
    size_t count = 0, capacity = 0;
    for (int i = 0; i < 10000; i++) {
        ARRAY_RESERVE(items, capacity, count + 1);
        assert_true(capacity > count);
        items[count++].number = i;
    }
    for (int i = 0; i < 10000; i++)
        assert_int_equal(items[i].number, i);
    assert_int_equal(capacity, 16384);
    free(items);
}

static void test_room_that_is_there_is_kept(void **state)
{
    (void)state;
    int *items = NULL;
    size_t capacity = 0;
    ARRAY_RESERVE(items, capacity, 0);
    assert_null(items);
    ARRAY_RESERVE(items, capacity, 1);
    assert_int_equal(capacity, ARRAY_FIRST);
    int *before = items;
    ARRAY_RESERVE(items, capacity, ARRAY_FIRST);
    assert_ptr_equal(items, before);
    assert_int_equal(capacity, ARRAY_FIRST);
    ARRAY_RESERVE(items, capacity, ARRAY_FIRST + 1);
    assert_int_equal(capacity, 2 * ARRAY_FIRST);
    free(items);
}

static void test_far_ahead(void **state)
{
    (void)state;
    char *items = NULL;
    size_t capacity = 0;
    ARRAY_RESERVE(items, capacity, 100000);
    assert_int_equal(capacity, 131072);
    items[capacity - 1] = 'x';
    free(items);
}

static void test_numbers_in_order_each_once(void **state)
{
    (void)state;
    int64_t numbers[] = {7, -1, INT64_MAX, 7, INT64_MIN, 3, 7, -1};
    assert_int_equal(array_sort_numbers(numbers, 8), 5);
    const int64_t sorted[] = {INT64_MIN, -1, 3, 7, INT64_MAX};
    assert_memory_equal(numbers, sorted, sizeof sorted);
    assert_int_equal(array_sort_numbers(NULL, 0), 0);
    assert_true(array_has_number(numbers, 5, numbers[0]) &&
                array_has_number(numbers, 5, numbers[4]));
    assert_false(array_has_number(numbers, 5, 4) || array_has_number(NULL, 0, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_items_stay),
        cmocka_unit_test(test_room_that_is_there_is_kept),
        cmocka_unit_test(test_numbers_in_order_each_once),
        cmocka_unit_test(test_far_ahead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
