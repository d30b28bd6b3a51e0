/* What a command asks, and what it is answered, as lines: they come out as they went in. */
#include "control/control_request.h"

#include "test.h"

#include <string.h>

static void there_and_back(void **state)
{
    (void)state;
    char *paths[] = {"/in/a b.pdf", "/in/caf\xc3\xa9.pdf", "/in/\xff\xfe\x80 \"raw\"\n.pdf"};
    const struct control_request r = {.command = "dismiss",
                                      .states = {[DOC_FAILED] = true, [DOC_IN_DOUBT] = true},
                                      .paths = paths,
                                      .path_count = 3,
                                      .all = true,
                                      .note = "keyed in,\nby \xf0\x9f\x98\x80"};
    struct control_request back;
    struct buffer line;
    struct error e;
    buffer_init(&line, 0);
    assert_int_equal(control_request_write(&r, &line, &e), 0);
    assert_null(strchr(buffer_text(&line), '\n'));
    assert_int_equal(control_request_read(&back, buffer_text(&line), &e), 0);
    assert_string_equal(back.command, "dismiss");
    assert_memory_equal(back.states, r.states, sizeof r.states);
    assert_int_equal(back.path_count, 3);
    for (int i = 0; i < 3; i++)
        assert_string_equal(back.paths[i], paths[i]);
    assert_true(back.all);
    assert_string_equal(back.note, r.note);
    control_request_release(&back);
    buffer_release(&line);
}

static void the_least(void **state)
{
    (void)state;
    struct control_request r;
    struct error e;
    assert_int_equal(control_request_read(&r, "{\"command\":\"x\"}\n", &e), 0);
    assert_int_equal(r.path_count, 0);
    assert_false(r.all);
    assert_null(r.note);
    control_request_release(&r);
}

static void what_is_none(void **state)
{
    static const char *const lines[] = {
        "",
        "{",
        "null",
        "[]",
        "{}",
        "{\"command\":7}",
        "{\"command\":\"dismiss\",\"states\":[\"lost\",\"found\"]}",
        "{\"command\":\"dismiss\",\"states\":[7]}",
        "{\"command\":\"dismiss\",\"paths\":[\"/a\",7]}",
        "{\"command\":\"dismiss\",\"paths\":[\"\xe2\x82\xac\"]}", /* no byte's character */
        "{\"command\":\"dismiss\",\"note\":7}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct control_request r;
        struct error e;
        if (control_request_read(&r, lines[i], &e) != ERR_USAGE)
            fail_msg("taken: %s", lines[i]);
        assert_null(r.paths);
    }
}

static void too_long(void **state)
{
    (void)state;
    static char path[CONTROL_LINE_MAX];
    memset(path, 'x', sizeof path - 1);
    char *paths[] = {path};
    const struct control_request r = {.command = "dismiss", .paths = paths, .path_count = 1};
    struct buffer line;
    struct error e;
    buffer_init(&line, 0);
    assert_int_equal(control_request_write(&r, &line, &e), ERR_LIMIT);
    buffer_release(&line);
}

static void answers(void **state)
{
    (void)state;
    const struct control_answer a = {.exit_code = 3, .text = "it is \"ending\"\n\xff"};
    struct control_answer back;
    struct buffer line;
    struct error e;
    buffer_init(&line, 0);
    control_answer_write(&a, &line);
    assert_int_equal(control_answer_read(&back, buffer_text(&line), &e), 0);
    assert_int_equal(back.exit_code, 3);
    assert_string_equal(back.text, a.text);
    control_answer_release(&back);
    static const char *const none[] = {"", "{\"exit\":1}", "{\"text\":\"\"}",
                                       "{\"exit\":\"1\",\"text\":\"\"}"};
    for (int i = 0; i < 4; i++)
        assert_int_equal(control_answer_read(&back, none[i], &e), ERR_IO);
    buffer_release(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back), cmocka_unit_test(the_least),
        cmocka_unit_test(what_is_none),   cmocka_unit_test(too_long),
        cmocka_unit_test(answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
