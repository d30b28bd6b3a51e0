/* A result without what tells whose it was. */
#include "sandbox/anonymous.h"

#include "test.h"

#include <string.h>

static struct anonymous a;

static int begin(void **state)
{
    struct random r;
    (void)state;
    random_init(&r, 1);
    anonymous_init(&a, &r);
    return 0;
}

static int end(void **state)
{
    (void)state;
    anonymous_release(&a);
    return 0;
}

static void check(const char *result, const char *wanted)
{
    struct buffer out;
    buffer_init(&out, 0);
    anonymous_put(&a, result, strlen(result), &out);
    assert_string_equal(buffer_text(&out), wanted);
    buffer_release(&out);
}

static void names_become_numbers_the_same_for_the_same(void **state)
{
    (void)state;
    check(
        "{\"fields\":{ \"supplier_name\":{\"value\":\"M\\u00fcller\"},"
        "\"other\":{\"items\":[{\"value\":\"one\"},{\"value\":\"one\"},{\"value\":\"two\"}]}}}",
        "{\"fields\":{ \"supplier_name\":{\"value\":\"supplier_name 1\"},"
        "\"other\":{\"items\":[{\"value\":\"other 2\"},{\"value\":\"other 2\"},{\"value\":\"other 3\"}]}}}");
    check("{\"fields\":{\"supplier_name\":{\"value\":\"Müller\"}}}",
          "{\"fields\":{\"supplier_name\":{\"value\":\"supplier_name 1\"}}}");
}

static void amounts_dates_and_words_of_lists_stay(void **state)
{
    (void)state;
    static const char kept[] =
        "{\"fields\":{\"total\":{\"value\":12345678901234567890.10,\"confidence\":\"High\"},"
        "\"date\":{\"value\":\"2026-08-31\"},\"time\":{\"value\":\"12:52:33\"},"
        "\"locale\":{\"fields\":{\"currency\":{\"value\":\"EUR\"},\"country\":{\"value\":\"DE\"}}},"
        "\"document_type\":{\"value\":\"invoice\"},\"empty\":{\"value\":\"\"},"
        "\"none\":{\"value\":null},\"paid\":{\"value\":true}},\"rag\":null}";
    check(kept, kept);
    check("{\"classification\":{\"document_type\":\"invoice\"}}",
          "{\"classification\":{\"document_type\":\"invoice\"}}");
}

static void a_field_may_be_called_anything(void **state)
{
    (void)state;
    check(
        "{\"fields\":{\"value\":{\"value\":\"text\"},\"items\":{\"items\":[{\"fields\":{\"fields\":"
        "{\"value\":\"text\"}}}]}}}",
        "{\"fields\":{\"value\":{\"value\":\"value 1\"},\"items\":{\"items\":[{\"fields\":{\"fields\":"
        "{\"value\":\"fields 2\"}}}]}}}");
}

static void words_and_names_of_files_are_masked(void **state)
{
    (void)state;
    check("{\"pages\":[{\"words\":[{\"content\":\"Größe:\",\"polygon\":[[0,1]]}],"
          "\"content\":\"Nr. 42\\n\\\"A\\\"\"}]}",
          "{\"pages\":[{\"words\":[{\"content\":\"xxxxx:\",\"polygon\":[[0,1]]}],"
          "\"content\":\"xx. 00\\u000a\\\"x\\\"\"}]}");
    check("{\"file\":{\"name\":\"bill 7.pdf_split_0_1\",\"alias\":null}}",
          "{\"file\":{\"name\":\"xxxx 0.xxx_xxxxx_0_0\",\"alias\":null}}");
}

static void numbers_keep_their_shape(void **state)
{
    (void)state;
    static const char result[] = "{\"fields\":{\"vat\":{\"value\":\"DE 811204577\"},"
                                 "\"vat2\":{\"value\":\"DE 811204577\"}}}";
    struct buffer out;
    buffer_init(&out, 0);
    anonymous_put(&a, result, strlen(result), &out);
    assert_int_equal(out.len, sizeof result - 1);
    const char *first = strstr(out.data, "DE "), *second = strstr(first + 1, "DE ");
    assert_memory_equal(first, second, 12);
    for (int i = 3; i < 12; i++)
        assert_true(first[i] >= '0' && first[i] <= '9' && first[i] != "DE 811204577"[i]);
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_become_numbers_the_same_for_the_same, begin, end),
        cmocka_unit_test_setup_teardown(amounts_dates_and_words_of_lists_stay, begin, end),
        cmocka_unit_test_setup_teardown(a_field_may_be_called_anything, begin, end),
        cmocka_unit_test_setup_teardown(words_and_names_of_files_are_masked, begin, end),
        cmocka_unit_test_setup_teardown(numbers_keep_their_shape, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
