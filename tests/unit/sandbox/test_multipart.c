/* Bodies as curl, browsers and undici write them, and as nobody should. */
#include "sandbox/multipart.h"

#include "base/error.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static int parse(const char *type, const char *body, size_t len, struct part *parts, int max)
{
    struct multipart m;
    int count = 0, rc = multipart_init(&m, type, body, len);
    struct part part;
    while (rc == 0 && (rc = multipart_next(&m, &part)) == 1) {
        assert_true(count < max);
        parts[count++] = part;
        rc = 0;
    }
    return rc < 0 ? rc : count;
}

static void test_parts(void **state)
{
    (void)state;
    static const char body[] =
        "--B\r\nContent-Disposition: form-data; name=\"model_id\"\r\n\r\nabc\r\n"
        "--B\r\ncontent-disposition: form-data; name=\"file\"; filename=\"a \\\"b\\\".pdf\"\r\n"
        "Content-Type: application/pdf\r\n\r\n%PDF\0\r\n--not\r\n-\r\n"
        "--B\r\nContent-Disposition: form-data; name=alias\r\n\r\n\r\n--B--\r\nepilogue";
    struct part parts[4];
    assert_int_equal(parse("multipart/form-data; boundary=B", body, sizeof body - 1, parts, 4), 3);
    assert_string_equal(parts[0].name, "model_id");
    assert_memory_equal(parts[0].data, "abc", parts[0].len);
    assert_int_equal(parts[0].len, 3);
    assert_false(parts[0].has_filename);
    assert_string_equal(parts[1].filename, "a \"b\".pdf");
    assert_int_equal(parts[1].len, 15);
    assert_memory_equal(parts[1].data, "%PDF\0\r\n--not\r\n-", 15);
    assert_string_equal(parts[2].name, "alias");
    assert_int_equal(parts[2].len, 0);
}

static void test_boundaries(void **state)
{
    (void)state;
    static const char body[] = "preamble\r\n--a b\r\n\r\nx\r\n--a b--";
    struct part parts[2];
    size_t len = sizeof body - 1;
    assert_int_equal(parse("multipart/form-data; charset=x; Boundary=\"a b\"", body, len, parts, 2),
                     1);
    assert_int_equal(parts[0].len, 1);
    assert_string_equal(parts[0].name, "");
    assert_int_equal(parse("multipart/form-data", body, len, parts, 2), ERR_FORMAT);
    assert_int_equal(parse("multipart/form-data; boundary=", body, len, parts, 2), ERR_FORMAT);
    assert_int_equal(parse("multipart/form-data; boundary=other", body, len, parts, 2), ERR_FORMAT);
    assert_int_equal(parse("multipart/form-data; boundary=x", "", 0, parts, 2), ERR_FORMAT);
}

/* Cut anywhere, or with any byte changed, it is an error or fewer parts, and nothing is read past
 * its end: the copy has exactly that size. */
static void test_damage(void **state)
{
    (void)state;
    static const char body[] = "--B\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
                               "--B\r\nContent-Disposition: form-data; name=\"b\"; "
                               "filename=\"c\"\r\n\r\n2\r\n--B--\r\n";
    struct part parts[8];
    for (size_t len = 0; len < sizeof body; len++) {
        char *copy = malloc(len + 1);
        memcpy(copy, body, len);
        assert_true(parse("multipart/form-data; boundary=B", copy, len, parts, 8) <= 2);
        free(copy);
    }
    for (size_t i = 0; i < sizeof body - 1; i++) {
        for (int c = 0; c < 256; c += 5) {
            char *copy = malloc(sizeof body - 1);
            memcpy(copy, body, sizeof body - 1);
            copy[i] = (char)c;
            assert_true(parse("multipart/form-data; boundary=B", copy, sizeof body - 1, parts, 8) <=
                        3);
            free(copy);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_boundaries),
        cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
