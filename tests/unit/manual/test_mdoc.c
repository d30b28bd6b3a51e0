/* Plain text as mdoc: nothing of it is taken for a request or drawn as another character. */
#include "manual/mdoc.h"
#include "test.h"

#include <string.h>

static void assert_text(const char *text, const char *expected)
{
    struct buffer out;
    buffer_init(&out, 0);
    mdoc_text(&out, text);
    assert_string_equal(buffer_text(&out), expected);
    buffer_release(&out);
}

static void sentences_have_lines_of_their_own(void **state)
{
    (void)state;
    assert_text("One. Two: it's more! Three", "One.\nTwo: it\\(aqs more!\nThree\n");
    assert_text("ends here...\nnot yet", "ends here... not yet\n");
    assert_text("", "");
    assert_text("  \n ", "");
}

static void nothing_is_a_request(void **state)
{
    (void)state;
    assert_text(".*,~$*", "\\&.*,\\(ti$*\n");
    assert_text("a. .B b", "a.\n\\&.B b\n");
    assert_text("'x' \\n ^", "\\(aqx\\(aq \\en \\(ha\n");
}

static void paragraphs_are_kept(void **state)
{
    (void)state;
    assert_text("one\ntwo\n\nthree", "one two\n.Pp\nthree\n");
    assert_text("One.\n\nTwo.\n", "One.\n.Pp\nTwo.\n");
}

static void lines_are_filled(void **state)
{
    struct buffer text, out;
    (void)state;
    buffer_init(&text, 0);
    buffer_init(&out, 0);
    for (int i = 0; i < 100; i++)
        buffer_put(&text, "'word' ");
    mdoc_text(&out, buffer_text(&text));
    for (const char *p = buffer_text(&out); *p; p += strcspn(p, "\n") + 1)
        assert_in_range(strcspn(p, "\n"), 1, 80);
    buffer_release(&text);
    buffer_release(&out);
}

static void literal_lines_stay(void **state)
{
    struct buffer out;
    (void)state;
    buffer_init(&out, 0);
    mdoc_literal(&out, ".a  b\n\n  c");
    assert_string_equal(buffer_text(&out), ".Bd -literal -compact\n\\&.a  b\n\n  c\n.Ed\n");
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences_have_lines_of_their_own),
        cmocka_unit_test(nothing_is_a_request),
        cmocka_unit_test(paragraphs_are_kept),
        cmocka_unit_test(lines_are_filled),
        cmocka_unit_test(literal_lines_stay),
    };
    return cmocka_run_group_tests_name("mdoc", tests, NULL, NULL);
}
