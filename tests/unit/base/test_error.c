/* Errors that travel outward, texts that outgrow their space, and the end of the program. */
#include "base/error.h"
#include "base/list.h"
#include "base/text.h"
#include "test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_set_and_wrap(void **state)
{
    (void)state;
    struct error e = {0};
    assert_int_equal(error_set(&e, ERR_FORMAT, "line %d", 3), ERR_FORMAT);
    assert_string_equal(e.text, "line 3");
    assert_int_equal(error_wrap(&e, "read %s", "a.json"), ERR_FORMAT);
    assert_string_equal(e.text, "read a.json: line 3");
    assert_int_equal(e.code, ERR_FORMAT);
}

static void test_system(void **state)
{
    (void)state;
    struct error e = {0};
    assert_int_equal(error_system(&e, ERR_IO, ENOENT, "open %s", "x"), ERR_IO);
    assert_string_equal(e.text, "open x: No such file or directory");
}

/* However long, the front stays, and no character is cut in the middle. */
static void test_long_texts(void **state)
{
    (void)state;
    char name[2000];
    for (size_t shift = 0; shift < 4; shift++) {
        struct error e = {0};
        memset(name, 'x', shift);
        for (size_t i = shift; i + 4 < sizeof name; i += 4)
            memcpy(name + i, "\xf0\x9f\x92\xb6", 5);
        assert_int_equal(error_set(&e, ERR_IO, "%s", name), ERR_IO);
        assert_true(text_is_utf8(e.text, strlen(e.text)));
        assert_true(strlen(e.text) > sizeof e.text - 8);
        assert_int_equal(error_wrap(&e, "read"), ERR_IO);
        assert_true(text_is_utf8(e.text, strlen(e.text)));
        assert_memory_equal(e.text, "read: ", 6);
        assert_int_equal(error_system(&e, ERR_IO, EACCES, "open %s", name), ERR_IO);
        assert_true(text_is_utf8(e.text, strlen(e.text)));
        assert_memory_equal(e.text, "open ", 5);
    }
}

static void test_full_to_the_last_byte(void **state)
{
    (void)state;
    struct error e = {0};
    char text[sizeof e.text];
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    memcpy(text + sizeof text - 3, "\xc3\xa9", 2); /* a whole character at the end */
    error_set(&e, ERR_IO, "%s", text);
    assert_string_equal(e.text, text);
}

/* The program's own broken invariant: exit 70, and a line that says so. */
static void test_require(void **state)
{
    (void)state;
    int out[2], status;
    char line[512] = "";
    assert_int_equal(pipe(out), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(out[1], STDERR_FILENO);
        unsetenv("MINDEE_BATCH_ABORT");
        REQUIRE(1 + 1 == 3);
        _Exit(0);
    }
    close(out[1]);
    assert_true(read(out[0], line, sizeof line - 1) > 0);
    close(out[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 70);
    assert_non_null(strstr(line, "1 + 1 == 3 (test_error.c:"));
}

struct item {
    int n;
    struct list node;
};

static void test_list(void **state)
{
    (void)state;
    struct list head;
    struct item items[4] = {{.n = 0}, {.n = 1}, {.n = 2}, {.n = 3}};
    char seen[8] = "";
    list_init(&head);
    assert_true(list_empty(&head));
    assert_null(list_first(&head));
    list_push_back(&head, &items[1].node);
    list_push_back(&head, &items[2].node);
    list_push_front(&head, &items[0].node);
    list_insert_before(&items[2].node, &items[3].node);
    LIST_EACH (pos, &head)
        seen[strlen(seen)] = (char)('0' + LIST_ENTRY(pos, struct item, node)->n);
    assert_string_equal(seen, "0132");
    LIST_EACH_SAFE (pos, &head)
        if (LIST_ENTRY(pos, struct item, node)->n % 2)
            list_remove(pos);
    assert_ptr_equal(list_first(&head), &items[0].node);
    assert_ptr_equal(head.prev, &items[2].node);
    list_remove(&items[3].node); /* removed twice: a lone node */
    list_remove(&items[0].node);
    list_remove(&items[2].node);
    assert_true(list_empty(&head));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_set_and_wrap), cmocka_unit_test(test_system),
        cmocka_unit_test(test_long_texts),   cmocka_unit_test(test_full_to_the_last_byte),
        cmocka_unit_test(test_require),      cmocka_unit_test(test_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
