/* A command taken apart: words, quotes, and the program that must be there. */
#include "notify/command_words.h"

#include "test.h"

#include <stdlib.h>
#include <string.h>

struct row {
    const char *command, *words[6];
};

static void words(void **state)
{
    static const struct row rows[] = {
        {"/bin/sh", {"/bin/sh"}},
        {"  /bin/sh\t-c  x ", {"/bin/sh", "-c", "x"}},
        {"/bin/sh 'a b' \"c d\"", {"/bin/sh", "a b", "c d"}},
        {"/bin/sh a' 'b\" \"c", {"/bin/sh", "a b c"}},
        {"/bin/sh '' \"\"", {"/bin/sh", "", ""}},
        {"/bin/sh a\\ b \\' \\\\ \\\"", {"/bin/sh", "a b", "'", "\\", "\""}},
        {"/bin/sh 'a\\b' '\"'", {"/bin/sh", "a\\b", "\""}},
        {"/bin/sh \"a\\\"b\" \"c\\\\d\" \"\\n\"", {"/bin/sh", "a\"b", "c\\d", "\\n"}},
        {"/bin/sh $HOME * ; | > ~ #x", {"/bin/sh", "$HOME", "*", ";", "|", ">"}}, /* and more */
        {"/bin/sh a\\", {"/bin/sh", "a\\"}},
        {"'/bin/sh' x", {"/bin/sh", "x"}},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char **out = NULL;
        struct error e = {0};
        assert_int_equal(command_words(&out, rows[i].command, &e), 0);
        for (size_t n = 0; n < 6; n++) {
            if (!rows[i].words[n]) {
                assert_null(out[n]);
                break;
            }
            assert_string_equal(out[n], rows[i].words[n]);
        }
        command_words_free(out);
    }
}

static void found_in_path(void **state)
{
    char **out = NULL;
    struct error e = {0};
    (void)state;
    setenv("PATH", "relative:/nonexistent:/bin:/usr/bin", 1);
    assert_int_equal(command_words(&out, "sh -c x", &e), 0);
    assert_string_equal(out[0], "/bin/sh");
    command_words_free(out);
}

static void refused(void **state)
{
    static const struct row rows[] = {
        {"", {"no program is named"}},
        {"  \t", {"no program is named"}},
        {"'' x", {"no program is named"}},
        {"/bin/sh 'x", {"a quote is opened"}},
        {"/bin/sh \"x\\\"", {"a quote is opened"}},
        {"/no/such", {"/no/such"}},
        {"no-such-program", {"no-such-program in $PATH"}},
        {"./sh", {"whole path"}},
        {"/etc/passwd", {"chmod"}},
        {"/bin", {"chmod"}},
    };
    (void)state;
    setenv("PATH", "/bin:/usr/bin", 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char **out = NULL;
        struct error e = {0};
        assert_int_equal(command_words(&out, rows[i].command, &e), ERR_USAGE);
        if (!strstr(e.text, rows[i].words[0]))
            fail_msg("%s: %s", rows[i].command, e.text);
        assert_null(out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words),
        cmocka_unit_test(found_in_path),
        cmocka_unit_test(refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
