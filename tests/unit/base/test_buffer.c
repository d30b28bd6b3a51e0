/* Buffers: growth, limits, and that an error leaves the content alone. */
#include "base/buffer.h"
#include "base/error.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void test_empty(void **state)
{
    (void)state;
    struct buffer b;
    buffer_init(&b, 0);
    assert_string_equal(buffer_text(&b), "");
    assert_int_equal(buffer_append(&b, NULL, 0), 0);
    assert_string_equal(buffer_text(&b), "");
    buffer_release(&b);
    buffer_release(&b); /* usable, and releasable, again */
}

static void test_appends_any_bytes(void **state)
{
    (void)state;
    struct buffer b;
    buffer_init(&b, 0);
    assert_int_equal(buffer_append(&b, "a\0b", 3), 0);
    assert_int_equal(buffer_append(&b, "c", 1), 0);
    assert_int_equal(b.len, 4);
    assert_memory_equal(b.data, "a\0bc", 5); /* the NUL behind it too */
    buffer_release(&b);
}

static void test_grows_in_pieces(void **state)
{
    (void)state;
    struct buffer b;
    buffer_init(&b, 0);
    for (int i = 0; i < 10000; i++)
        buffer_printf(&b, "%d,", i % 10);
    assert_int_equal(b.len, 20000);
    for (size_t i = 0; i < b.len; i += 2)
        assert_int_equal(b.data[i], '0' + (int)(i / 2 % 10));
    assert_true(b.cap <= 4 * b.len);
    buffer_release(&b);
}

static void test_limit(void **state)
{
    (void)state;
    struct buffer b;
    buffer_init(&b, 5);
    assert_int_equal(buffer_append(&b, "abcd", 4), 0);
    assert_int_equal(buffer_append(&b, "ef", 2), ERR_LIMIT);
    assert_string_equal(buffer_text(&b), "abcd");
    assert_int_equal(buffer_append(&b, "e", 1), 0);
    assert_int_equal(buffer_reserve(&b, 1), ERR_LIMIT);
    assert_int_equal(buffer_reserve(&b, SIZE_MAX), ERR_LIMIT);
    assert_string_equal(buffer_text(&b), "abcde");
    buffer_release(&b);
    assert_int_equal(buffer_append(&b, "abcdef", 6), ERR_LIMIT); /* the limit stays */
    buffer_release(&b);
}

static void test_absurd_size_is_refused(void **state)
{
    (void)state;
    struct buffer b;
    buffer_init(&b, 0);
    buffer_put(&b, "kept");
    assert_int_equal(buffer_reserve(&b, SIZE_MAX / 2), ERR_LIMIT);
    assert_string_equal(buffer_text(&b), "kept");
    buffer_release(&b);
}

static void test_clear_keeps_memory(void **state)
{
    (void)state;
    struct buffer b;
    buffer_init(&b, 0);
    buffer_clear(&b);
    buffer_put(&b, "some text");
    size_t cap = b.cap;
    buffer_clear(&b);
    assert_string_equal(buffer_text(&b), "");
    assert_int_equal(b.cap, cap);
    buffer_release(&b);
}

static void test_detach(void **state)
{
    (void)state;
    struct buffer b;
    size_t len = 1;
    buffer_init(&b, 0);
    assert_null(buffer_detach(&b, &len)); /* nothing was ever put in */
    assert_int_equal(len, 0);
    buffer_put(&b, "mine");
    char *text = buffer_detach(&b, &len);
    assert_string_equal(text, "mine");
    assert_int_equal(len, 4);
    free(text);
    buffer_put(&b, "next");
    assert_string_equal(buffer_text(&b), "next");
    buffer_release(&b);
}

static void reads_what_a_descriptor_has(void **state)
{
    (void)state;
    struct buffer b;
    int fds[2];
    char bytes[10000];
    memset(bytes, 'x', sizeof bytes);
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(write(fds[1], bytes, sizeof bytes), sizeof bytes);
    close(fds[1]);
    buffer_init(&b, sizeof bytes);
    assert_int_equal(buffer_read(&b, fds[0]), 0);
    assert_int_equal(b.len, sizeof bytes);
    assert_memory_equal(b.data, bytes, sizeof bytes);
    close(fds[0]);
    assert_int_equal(buffer_read(&b, -1), ERR_IO);
    assert_int_equal(b.len, sizeof bytes);

    assert_int_equal(pipe(fds), 0);
    assert_int_equal(write(fds[1], "y", 1), 1);
    close(fds[1]);
    assert_int_equal(buffer_read(&b, fds[0]), ERR_LIMIT);
    close(fds[0]);
    buffer_release(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_a_descriptor_has),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_appends_any_bytes),
        cmocka_unit_test(test_grows_in_pieces),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_absurd_size_is_refused),
        cmocka_unit_test(test_clear_keeps_memory),
        cmocka_unit_test(test_detach),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
