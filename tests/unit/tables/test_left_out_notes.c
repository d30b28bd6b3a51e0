/* What an export leaves out, in sentences: their number and length are bounded. */
#include "tables/left_out_notes.h"

#include "base/text.h"
#include "test.h"

#include <string.h>

static void sentences_in_their_order(void **state)
{
    struct left_out_notes notes = {0};
    (void)state;
    left_out_note(&notes, "%d columns", 3);
    left_out_note(&notes, "a text");
    assert_int_equal(notes.count, 2);
    assert_string_equal(notes.text[0], "3 columns");
    assert_string_equal(notes.text[1], "a text");
    left_out_note(NULL, "nobody asks");
}

static void the_rest_is_counted(void **state)
{
    struct left_out_notes notes = {0};
    (void)state;
    for (int i = 0; i < LEFT_OUT_NOTES_MOST + 7; i++)
        left_out_note(&notes, "note %d", i);
    assert_int_equal(notes.count, LEFT_OUT_NOTES_MOST);
    assert_int_equal(notes.more, 7);
    assert_string_equal(notes.text[LEFT_OUT_NOTES_MOST - 1], "note 31");
}

static void a_long_one_is_cut_between_characters(void **state)
{
    (void)state;
    for (int shift = 0; shift < 4; shift++) {
        struct left_out_notes notes = {0};
        char long_text[800] = "";
        memset(long_text, 'x', (size_t)shift);
        for (int i = 0; i < 150; i++)
            strcat(long_text, "\xf0\x9f\xa7\xbe");
        left_out_note(&notes, "%s", long_text);
        size_t len = strlen(notes.text[0]);
        assert_true(len < LEFT_OUT_NOTE_MAX && len > LEFT_OUT_NOTE_MAX - 9);
        assert_true(text_is_utf8(notes.text[0], len));
        assert_string_equal(notes.text[0] + len - 3, "...");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences_in_their_order),
        cmocka_unit_test(the_rest_is_counted),
        cmocka_unit_test(a_long_one_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
