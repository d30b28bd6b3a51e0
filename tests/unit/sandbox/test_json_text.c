/* Parts of a JSON text, as they stand. */
#include "sandbox/json_text.h"

#include "test.h"

#include <string.h>

static void found(const char *text, const char *name, const char *wanted)
{
    size_t len = 0;
    const char *at = json_find(text, strlen(text), name, &len);
    if (wanted == NULL) {
        assert_null(at);
        return;
    }
    assert_non_null(at);
    assert_int_equal(len, strlen(wanted));
    assert_memory_equal(at, wanted, len);
}

static void members_are_found_as_written(void **state)
{
    (void)state;
    static const char text[] =
        " { \"a\" : 1.50 , \"b\":[1,{\"a\":2}, \"]\"], \"c\":{\"d\":{}} ,\"e\":\"\\\"}\","
        "\"f\":null,\"a\":3 } ";
    found(text, "a", "1.50"); /* the first */
    found(text, "b", "[1,{\"a\":2}, \"]\"]");
    found(text, "c", "{\"d\":{}}");
    found(text, "e", "\"\\\"}\"");
    found(text, "f", "null");
    found(text, "d", NULL); /* deeper */
    found(text, "", NULL);
    found("{}", "a", NULL);
    found("[1]", "a", NULL);
    found("\"a\"", "a", NULL);
    found("", "a", NULL);
    found("{\"a\":{\"b\":1}", "a", "{\"b\":1}"); /* what is behind it isn't looked at */
}

static void items_are_found_as_written(void **state)
{
    (void)state;
    static const char text[] = "[ 1, [2,3] ,{\"a\":[]},\"x\" ]";
    static const char *const wanted[] = {"1", "[2,3]", "{\"a\":[]}", "\"x\""};
    size_t len;
    for (size_t i = 0; i < 4; i++) {
        const char *at = json_item(text, strlen(text), i, &len);
        assert_non_null(at);
        assert_int_equal(len, strlen(wanted[i]));
        assert_memory_equal(at, wanted[i], len);
    }
    assert_null(json_item(text, strlen(text), 4, &len));
    assert_null(json_item("[]", 2, 0, &len));
    assert_null(json_item("{}", 2, 0, &len));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_are_found_as_written),
        cmocka_unit_test(items_are_found_as_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
