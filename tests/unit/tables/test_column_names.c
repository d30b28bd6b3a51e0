/* column_names: names that can't be taken for a path, for something about a value, or for ours. */
#include "base/error.h"
#include "tables/column_names.h"
#include "test.h"

#include <string.h>

static void escapes(void **state)
{
    static const struct {
        const char *name, *escaped;
        size_t len;
    } rows[] = {
        {"total_net", "total_net", 9},
        {"a.b", "a%2Eb", 3},
        {"%41", "%2541", 3},
        {"#", "%23", 1},
        {"_file", "%5Ffile", 5},
        {"a_", "a_", 2},
        {"A/a", "A/a", 3},
        {"a\0b\n\x7f", "a%00b%0A%7F", 5},
        {"", "", 0},
        {"\xc3\xa9", "\xc3\xa9", 2},
        {"value", "value", 5},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer out;
        buffer_init(&out, 0);
        assert_int_equal(column_name_escape(&out, rows[i].name, rows[i].len), 0);
        assert_string_equal(buffer_text(&out), rows[i].escaped);
        buffer_release(&out);
    }
}

/* Nothing of a path, or of what is ours, is left in an escaped name, and two names never become one. */
static void collides_with_nothing(void **state)
{
    static const char *const names[] = {"",   "%",  ".",   "#",     "_",  "a",   "%2E",
                                        "%%", "..", "a.a", "a%2Ea", "5F", "%5F", "__"};
    enum { NAMES = sizeof names / sizeof *names };
    struct buffer texts[NAMES];
    (void)state;
    for (size_t i = 0; i < NAMES; i++) {
        buffer_init(&texts[i], 0);
        assert_int_equal(column_name_escape(&texts[i], names[i], strlen(names[i])), 0);
        assert_null(strpbrk(buffer_text(&texts[i]), ".#"));
        assert_int_not_equal(*buffer_text(&texts[i]), '_');
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(buffer_text(&texts[i]), buffer_text(&texts[k]));
    }
    for (size_t i = 0; i < NAMES; i++)
        buffer_release(&texts[i]);
}

static void has_a_limit(void **state)
{
    struct buffer out;
    (void)state;
    buffer_init(&out, 8);
    assert_int_equal(column_name_escape(&out, "12345678", 8), 0);
    assert_int_equal(column_name_escape(&out, "9", 1), ERR_LIMIT);
    buffer_release(&out);
}

static void knows_our_tables(void **state)
{
    (void)state;
    assert_true(table_name_taken("documents"));
    assert_true(table_name_taken("pages"));
    assert_false(table_name_taken("line_items"));
    assert_false(table_name_taken("x.pages"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes),
        cmocka_unit_test(collides_with_nothing),
        cmocka_unit_test(has_a_limit),
        cmocka_unit_test(knows_our_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
