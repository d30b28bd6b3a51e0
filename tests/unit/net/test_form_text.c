/* The text around a file in a form: byte for byte, whatever a name holds. */
#include "net/form_text.h"

#include "test.h"

#include <stdio.h>
#include <string.h>

static struct random fixed;

static int set_up(void **state)
{
    (void)state;
    random_init(&fixed, 1);
    return 0;
}

/* TEXT with each "@" replaced by the boundary. */
static void assert_text(const struct buffer *b, const char *text, const char *boundary)
{
    struct buffer expected;
    buffer_init(&expected, 0);
    for (const char *p = text; *p; p++)
        buffer_printf(&expected, "%.*s", *p == '@' ? (int)strlen(boundary) : 1,
                      *p == '@' ? boundary : p);
    assert_string_equal(buffer_text(b), buffer_text(&expected));
    buffer_release(&expected);
}

static void fields_and_a_file(void **state)
{
    struct form_text m;
    (void)state;
    form_text_init(&m, &fixed);
    form_text_field(&m, "model_id", "the model");
    form_text_field(&m, "alias", "mb-1\r\n\"%");
    form_text_file(&m, "file", "a.pdf", "application/pdf");
    form_text_end(&m);
    assert_text(&m.head,
                "--@\r\nContent-Disposition: form-data; name=\"model_id\"\r\n\r\nthe model\r\n"
                "--@\r\nContent-Disposition: form-data; name=\"alias\"\r\n\r\nmb-1\r\n\"%\r\n"
                "--@\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n"
                "Content-Type: application/pdf\r\n\r\n",
                m.boundary);
    assert_text(&m.tail, "\r\n--@--\r\n", m.boundary);
    form_text_release(&m);
}

static void a_form_without_a_file(void **state)
{
    struct form_text m;
    (void)state;
    form_text_init(&m, &fixed);
    form_text_field(&m, "url", "https://example.org/");
    form_text_end(&m);
    assert_text(
        &m.head,
        "--@\r\nContent-Disposition: form-data; name=\"url\"\r\n\r\nhttps://example.org/\r\n",
        m.boundary);
    assert_text(&m.tail, "--@--\r\n", m.boundary);
    form_text_release(&m);
}

static void assert_quoted(const char *filename, const char *quoted)
{
    struct form_text m;
    char wanted[256];
    form_text_init(&m, &fixed);
    form_text_file(&m, "file", filename, "x/y");
    snprintf(wanted, sizeof wanted, "; filename=%s\r\nContent-Type: x/y\r\n\r\n", quoted);
    assert_true(m.head.len > strlen(wanted));
    assert_string_equal(m.head.data + m.head.len - strlen(wanted), wanted);
    form_text_release(&m);
}

static void names_cant_break_out_of_their_quotes(void **state)
{
    (void)state;
    assert_quoted("a.pdf", "\"a.pdf\"");
    assert_quoted("", "\"\"");
    assert_quoted("\"", "\"%22\"");
    assert_quoted("say \"hi\".pdf", "\"say %22hi%22.pdf\"");
    assert_quoted("a\r\nX-Evil: 1\r\n\r\n.pdf", "\"a%0D%0AX-Evil: 1%0D%0A%0D%0A.pdf\"");
    assert_quoted("back\\slash 100%22.pdf", "\"back\\slash 100%22.pdf\"");
    assert_quoted("Rechnung \xc3\xa4\xff.pdf", "\"Rechnung \xc3\xa4\xff.pdf\"");
}

static void no_two_boundaries_are_alike(void **state)
{
    struct form_text one, other;
    (void)state;
    form_text_init(&one, &fixed);
    form_text_init(&other, &fixed);
    assert_string_not_equal(one.boundary, other.boundary);
    assert_true(strlen(one.boundary) <= 70); /* RFC 2046, 5.1.1 */
    form_text_release(&one);
    form_text_release(&other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(fields_and_a_file, set_up),
        cmocka_unit_test_setup(a_form_without_a_file, set_up),
        cmocka_unit_test_setup(names_cant_break_out_of_their_quotes, set_up),
        cmocka_unit_test_setup(no_two_boundaries_are_alike, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
