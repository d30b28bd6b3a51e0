/* The table against a plain array of what was put into it, with keys that spread well and with keys
 * that all want the same place; entries that are structs and entries that are pointers. */
#include "base/hash_set.h"

#include "base/hash.h"
#include "base/random.h"
#include "test.h"

struct word {
    uint64_t key; /* 0: none */
    int64_t value;
};

static const void *word_key(const void *entry)
{
    const struct word *w = entry;
    return w->key ? &w->key : NULL;
}

static uint64_t mixed(const void *key)
{
    return hash_mix(*(const uint64_t *)key);
}

static uint64_t last_place(const void *key)
{
    (void)key;
    return UINT64_MAX;
}

static bool same(const void *key, const void *other)
{
    return *(const uint64_t *)key == *(const uint64_t *)other;
}

static const struct hash_set_kind spread = {sizeof(struct word), word_key, mixed, same};
static const struct hash_set_kind crowded = {sizeof(struct word), word_key, last_place, same};

static void test_empty(void **state)
{
    (void)state;
    struct hash_set s = {0};
    uint64_t key = 1;
    assert_null(hash_set_find(&s, &spread, &key));
    assert_null(hash_set_next(&s, &spread, NULL));
    hash_set_release(&s);
    hash_set_release(&s);
}

/* N puts of keys below BELOW, then every key looked for and every entry met. */
static void check_against_array(const struct hash_set_kind *kind, int n, uint64_t below)
{
    struct hash_set s = {0};
    struct random r;
    int64_t *expected = calloc(below + 1, sizeof *expected); /* by key; 0: never put */
    size_t count = 0;
    random_init(&r, (uint64_t)n);
    for (int i = 1; i <= n; i++) {
        uint64_t key = 1 + random_below(&r, below);
        struct word *w = hash_set_put(&s, kind, &key);
        assert_non_null(w);
        assert_int_equal(w->value, expected[key]);
        assert_int_equal(w->key, expected[key] ? key : 0);
        count += w->key == 0;
        *w = (struct word){key, i};
        expected[key] = i;
        assert_int_equal(s.count, count);
        assert_true(2 * s.count <= s.capacity);
    }
    for (uint64_t key = 1; key <= below; key++) {
        const struct word *w = hash_set_find(&s, kind, &key);
        assert_int_equal(w ? w->value : 0, expected[key]);
    }
    struct word *w = NULL;
    size_t met = 0;
    for (; (w = hash_set_next(&s, kind, w)) != NULL; met++) {
        assert_int_equal(w->value, expected[w->key]);
        expected[w->key] = 0; /* each once */
    }
    assert_int_equal(met, count);
    free(expected);
    hash_set_release(&s);
    assert_int_equal(s.count, 0);
}

static void test_spread(void **state)
{
    (void)state;
    check_against_array(&spread, 32, 32);
    check_against_array(&spread, 100000, 30000);
    check_against_array(&spread, 50000, 1000000);
}

/* All from the last place on, around the end. */
static void test_crowded(void **state)
{
    (void)state;
    check_against_array(&crowded, 33, 40);
    check_against_array(&crowded, 2000, 500);
}

static void test_grows_only_for_what_is_new(void **state)
{
    (void)state;
    struct hash_set s = {0};
    for (uint64_t key = 1; key <= HASH_SET_FIRST / 2; key++)
        ((struct word *)hash_set_put(&s, &spread, &key))->key = key;
    assert_int_equal(s.capacity, HASH_SET_FIRST);
    uint64_t key = 1;
    void *there = hash_set_put(&s, &spread, &key);
    assert_int_equal(s.capacity, HASH_SET_FIRST);
    assert_ptr_equal(there, hash_set_find(&s, &spread, &key));
    key = 1000;
    ((struct word *)hash_set_put(&s, &spread, &key))->key = key;
    assert_int_equal(s.capacity, 2 * HASH_SET_FIRST);
    assert_int_equal(s.count, HASH_SET_FIRST / 2 + 1);
    hash_set_release(&s);
}

static const void *pointer_key(const void *entry)
{
    const struct word *w = *(struct word *const *)entry;
    return w ? &w->key : NULL;
}

static void test_pointers(void **state)
{
    (void)state;
    static const struct hash_set_kind kind = {sizeof(struct word *), pointer_key, mixed, same};
    static struct word words[1000];
    struct hash_set s = {0};
    for (uint64_t i = 0; i < 1000; i++) {
        words[i].key = i + 1;
        struct word **place = hash_set_put(&s, &kind, &words[i].key);
        assert_null(*place);
        *place = &words[i];
    }
    for (uint64_t key = 1; key <= 1000; key++)
        assert_ptr_equal(*(struct word **)hash_set_find(&s, &kind, &key), &words[key - 1]);
    hash_set_release(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_empty),    cmocka_unit_test(test_spread),
        cmocka_unit_test(test_crowded),  cmocka_unit_test(test_grows_only_for_what_is_new),
        cmocka_unit_test(test_pointers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
