/* What --help prints: that each page fits a screen and tells of all that there is. */
#include "cli/help.h"

#include "batch/exit_code.h"
#include "config/options.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 24, COLUMNS = 80 };

static char *page; /* the newest one */

static FILE *page_begin(size_t *size)
{
    free(page);
    page = NULL;
    FILE *out = open_memstream(&page, size);
    assert_non_null(out);
    return out;
}

/* Lines, after each was found to fit; those of "mindee-batch ..." are to be copied, and stay whole. */
static int count_rows(void)
{
    int rows = 0;
    for (const char *line = page; *line; rows++) {
        size_t len = strcspn(line, "\n");
        if (len > COLUMNS)
            fail_msg("%zu columns: %.*s", len, (int)len, line);
        assert_int_equal(line[len], '\n');
        line += len + 1;
    }
    return rows;
}

static const char *of_program(void)
{
    size_t size;
    FILE *out = page_begin(&size);
    help_program(out);
    fclose(out);
    return page;
}

static const char *of_command(const struct command *c)
{
    size_t size;
    FILE *out = page_begin(&size);
    help_command(out, c);
    fclose(out);
    return page;
}

static void the_program_lists_its_commands(void **state)
{
    (void)state;
    const char *text = of_program();
    for (const struct command *const *c = commands; *c; c++) {
        char row[200];
        snprintf(row, sizeof row, "\n  %-9s %s\n", (*c)->name, (*c)->summary);
        if (!strstr(text, row))
            fail_msg("%s isn't listed", (*c)->name);
    }
    assert_in_range(count_rows(), 10, ROWS);
}

static void each_command_fits_a_screen_and_names_its_options(void **state)
{
    (void)state;
    for (const struct command *const *c = commands; *c; c++) {
        const char *text = of_command(*c);
        char words[100];
        if (count_rows() > ROWS)
            fail_msg("%s takes %d lines", (*c)->name, count_rows());
        for (const struct command_option *o = (*c)->options; o && o->name; o++) {
            snprintf(words, sizeof words, "\n  --%s", o->name);
            if (!strstr(text, words) || !strstr(text, o->help))
                fail_msg("%s --help doesn't tell of --%s", (*c)->name, o->name);
        }
        snprintf(words, sizeof words, "For example: mindee-batch %s", (*c)->name);
        assert_non_null(strstr(text, words));
        assert_int_equal(strstr(text, "--batch NAME") != NULL, (*c)->by_batch);
    }
}

/* Words that hang together: no full stop where one is added, none forgotten where none is. */
static void sentences_end_once(void **state)
{
    (void)state;
    for (const struct command *const *c = commands; *c; c++) {
        size_t len = strlen((*c)->help);
        assert_int_not_equal((*c)->summary[strlen((*c)->summary) - 1], '.');
        if (len && strcmp((*c)->help + len - 2, ".\n") != 0)
            fail_msg("the help of %s ends in the middle", (*c)->name);
        for (const struct command_option *o = (*c)->options; o && o->name; o++)
            assert_int_not_equal(o->help[strlen(o->help) - 1], '.');
    }
}

static void a_name_is_its_command_s_alone(void **state)
{
    (void)state;
    for (const struct command *const *c = commands; *c; c++)
        assert_ptr_equal(command_find((*c)->name), *c);
    assert_null(command_find(""));
    assert_null(command_find("Run"));
    assert_null(command_find("sandbox")); /* a program of its own */
}

static void every_exit_code_is_explained(void **state)
{
    static const int codes[] = {EXIT_ALL_STORED, EXIT_SOME_FAILED, EXIT_USAGE, EXIT_LEDGER,
                                EXIT_REFUSED,    EXIT_RESUMABLE,   70};
    size_t size, count = 0;
    (void)state;
    FILE *out = page_begin(&size);
    help_exit_codes(out);
    fclose(out);
    assert_in_range(count_rows(), 8, ROWS);
    for (const struct exit_meaning *e = exit_meanings; e->text; e++, count++) {
        char row[20];
        assert_int_equal(e->code, codes[count]);
        snprintf(row, sizeof row, "\n  %-3d ", e->code);
        assert_non_null(strstr(page, row));
    }
    assert_int_equal(count, sizeof codes / sizeof *codes);
}

static void every_option_is_listed_once(void **state)
{
    size_t size;
    (void)state;
    FILE *out = page_begin(&size);
    help_options(out);
    fclose(out);
    for (size_t i = 0; i < option_count; i++) {
        const char *key = strchr(option_table[i].name, '.') + 1;
        if (!strstr(page, key))
            fail_msg("%s isn't in help options", option_table[i].name);
    }
}

static int forget(void **state)
{
    (void)state;
    free(page);
    page = NULL;
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_program_lists_its_commands),
        cmocka_unit_test(each_command_fits_a_screen_and_names_its_options),
        cmocka_unit_test(sentences_end_once),
        cmocka_unit_test(a_name_is_its_command_s_alone),
        cmocka_unit_test(every_exit_code_is_explained),
        cmocka_unit_test(every_option_is_listed_once),
    };
    return cmocka_run_group_tests(tests, NULL, forget);
}
