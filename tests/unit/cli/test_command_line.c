/* The words behind a command's name: what each becomes, what is refused, and --help. */
#include "batch/batch.h"
#include "capture.h"
#include "cli/command_line.h"
#include "test.h"

#include <getopt.h>
#include <string.h>

enum { MOST = 160 };

static struct configuration_sources from;
static struct command_line cl;
static struct own {
    bool json;
    const char *period, *note;
    struct command_list tables;
} own;
static const struct command_option options[] = {
    {"json", NULL, "for programs", offsetof(struct own, json)},
    {"period", "P", "of that period alone", offsetof(struct own, period)},
    {"note", "TEXT", "why", offsetof(struct own, note)},
    {"table", "NAME...", "of these", offsetof(struct own, tables)},
    {NULL, NULL, NULL, 0}};
static const struct command command = {.name = "status",
                                       .arguments = "[PATH]",
                                       .summary = "what the ledger holds",
                                       .help = "More of it.\n",
                                       .example = "out",
                                       .options = options,
                                       .own_size = sizeof own,
                                       .by_batch = true};

static int set_up(void **state)
{
    (void)state;
    memset(&cl, 0, sizeof cl);
    memset(&own, 0, sizeof own);
    configuration_sources_init(&from, MOST);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    configuration_sources_release(&from);
    return 0;
}

/* Reads LINE, NULL-ended and without the command's name; getopt begins anew. */
static int read_line(const char *const *line)
{
    static char *argv[MOST + 2];
    int argc = 0;
    argv[argc++] = "status";
    for (; *line; line++)
        argv[argc++] = (char *)(uintptr_t)*line;
    argv[argc] = NULL;
    optind = 0;
    capture_begin();
    int code = command_line_read(&cl, &command, &own, &from, argc, argv);
    capture_end();
    return code;
}
#define READ(...) read_line((const char *const[]){__VA_ARGS__, NULL})

static void nothing_at_all(void **state)
{
    (void)state;
    assert_int_equal(read_line((const char *const[]){NULL}), -1);
    assert_int_equal(cl.path_count, 0);
    assert_null(from.file);
    assert_int_equal(from.set_count, 0);
    assert_int_equal(from.log_format.len, 0);
    assert_null(cl.batch);
    assert_false(own.json);
    assert_false(cl.quiet);
    assert_int_equal(cl.verbose, 0);
}

static void options_and_paths_in_any_order(void **state)
{
    (void)state;
    assert_int_equal(READ("a.pdf", "-s", "x.y=1", "-c", "one.ini", "b", "-sz=2", "-q", "--json"),
                     -1);
    assert_string_equal(from.file, "one.ini");
    assert_int_equal(from.set_count, 2);
    assert_string_equal(from.sets[0], "x.y=1");
    assert_string_equal(from.sets[1], "z=2");
    assert_int_equal(cl.path_count, 2);
    assert_string_equal(cl.paths[0], "a.pdf");
    assert_string_equal(cl.paths[1], "b");
    assert_true(cl.quiet);
    assert_true(own.json);
}

static void the_last_file_and_format_count(void **state)
{
    (void)state;
    assert_int_equal(
        READ("-c", "one.ini", "-c", "two.ini", "--log-format", "text", "--log-format", "json"), -1);
    assert_string_equal(from.file, "two.ini");
    assert_string_equal(buffer_text(&from.log_format), "log.format=json");
}

static void what_follows_an_option(void **state)
{
    (void)state;
    assert_int_equal(READ("--batch", "acme", "--note=keyed in", "--period", "2026-11", "-vv"), -1);
    assert_string_equal(cl.batch, "acme");
    assert_string_equal(from.batch, "acme"); /* its -s are that batch's */
    assert_string_equal(own.note, "keyed in");
    assert_string_equal(own.period, "2026-11");
    assert_int_equal(cl.verbose, 2);
    assert_false(own.json);
}

static void an_option_that_may_be_given_again(void **state)
{
    (void)state;
    assert_int_equal(READ("--table", "documents", "--table=line_items", "a.pdf"), -1);
    assert_int_equal(own.tables.count, 2);
    assert_string_equal(own.tables.items[0], "documents");
    assert_string_equal(own.tables.items[1], "line_items");
    const char *line[2 * COMMAND_LIST_MAX + 1] = {NULL};
    for (size_t i = 0; i < 2 * COMMAND_LIST_MAX; i++)
        line[i] = i % 2 ? "x" : "--table";
    assert_int_equal(read_line(line), EXIT_USAGE);
    assert_int_equal(own.tables.count, COMMAND_LIST_MAX);
}

static void behind_two_dashes_are_paths(void **state)
{
    (void)state;
    assert_int_equal(READ("-q", "--", "--json", "-v"), -1);
    assert_int_equal(cl.path_count, 2);
    assert_string_equal(cl.paths[0], "--json");
    assert_false(own.json);
    assert_int_equal(cl.verbose, 0);
}

/* --repair is verify's, not this command's. */
static void another_commands_option_is_refused(void **state)
{
    (void)state;
    assert_int_equal(READ("--repair"), EXIT_USAGE);
    assert_non_null(strstr(captured_err, "mindee-batch: see mindee-batch status --help\n"));
    struct command all = command;
    all.by_batch = false;
    optind = 0;
    capture_begin();
    int code =
        command_line_read(&cl, &all, &own, &from, 3, (char *[]){"status", "--batch", "acme", NULL});
    capture_end();
    assert_int_equal(code, EXIT_USAGE); /* where --batch isn't taken either */
}

static void what_nobody_knows_is_refused(void **state)
{
    (void)state;
    assert_int_equal(READ("--josn"), EXIT_USAGE);
    assert_non_null(strstr(captured_err, "--josn"));
    assert_non_null(strstr(captured_err, "mindee-batch: see mindee-batch status --help\n"));
    assert_int_equal(READ("-c"), EXIT_USAGE); /* without its file */
    assert_int_equal(READ("--json=yes"), EXIT_USAGE);
}

/* At the first mistake: what follows isn't read. */
static void the_first_mistake_ends_it(void **state)
{
    (void)state;
    assert_int_equal(READ("--repair", "-q", "--help"), EXIT_USAGE);
    assert_false(cl.quiet);
    assert_string_equal(captured_out, "");
}

static void help_of_the_command(void **state)
{
    static const char head[] = "mindee-batch status [OPTION]... [PATH]\n"
                               "what the ledger holds.\n\n"
                               "More of it.\n\n"
                               "  --json         for programs\n"
                               "  --period P     of that period alone\n"
                               "  --note TEXT    why\n"
                               "  --table NAME... of these\n"
                               "  --batch NAME   the file's section [batch.NAME] alone\n";
    (void)state;
    assert_int_equal(READ("--help"), 0);
    assert_memory_equal(captured_out, head, sizeof head - 1);
    assert_non_null(strstr(captured_out, "For example: mindee-batch status out\n"));
    assert_null(strstr(captured_out, "--repair")); /* another command's */
    assert_string_equal(captured_err, "");
    assert_int_equal(READ("-h"), 0);
    assert_memory_equal(captured_out, head, sizeof head - 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(nothing_at_all),
        TEST(options_and_paths_in_any_order),
        TEST(the_last_file_and_format_count),
        TEST(what_follows_an_option),
        TEST(an_option_that_may_be_given_again),
        TEST(behind_two_dashes_are_paths),
        TEST(another_commands_option_is_refused),
        TEST(what_nobody_knows_is_refused),
        TEST(the_first_mistake_ends_it),
        TEST(help_of_the_command),
    };
    return cmocka_run_group_tests_name("command_line", tests, NULL, NULL);
}
