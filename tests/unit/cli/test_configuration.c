/* What the sources come to: which goes before which, every mistake at once, a second reading; and
 * how much the log says. */
#include "base/log.h"
#include "capture.h"
#include "cli/configuration.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char ini[64];
static struct configuration_sources from;
static struct error_list errors;

static int set_up(void **state)
{
    (void)state;
    strcpy(ini, "/tmp/test_configuration.XXXXXX");
    int fd = mkstemp(ini);
    if (fd < 0 || close(fd) != 0)
        return -1;
    unsetenv("MINDEE_V2_API_KEY");
    unsetenv("MINDEE_V2_BASE_URL");
    unsetenv("MINDEE_V2_API_HOST");
    configuration_sources_init(&from, 8);
    error_list_init(&errors);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    configuration_sources_release(&from);
    error_list_release(&errors);
    return unlink(ini);
}

static void write_file(const char *text)
{
    FILE *f = fopen(ini, "wb");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    from.file = ini;
}

static void add(const char *assignment)
{
    from.sets[from.set_count++] = assignment;
}

static struct config *read_it(void)
{
    struct config *c = configuration_read(&from, &errors);
    if (!c)
        fail_msg("%s", errors.errors[0].text);
    assert_int_equal(errors.count, 0);
    return c;
}

/* That it is refused with COUNT errors, in whose texts stand WORDS, in their order. */
static void assert_refused(size_t count, const char *const *words)
{
    assert_null(configuration_read(&from, &errors));
    assert_int_equal(errors.count, count);
    for (size_t i = 0; i < count; i++)
        if (!strstr(errors.errors[i].text, words[i]))
            fail_msg("\"%s\" isn't in \"%s\"", words[i], errors.errors[i].text);
}
#define ASSERT_REFUSED(count, ...) assert_refused(count, (const char *const[]){__VA_ARGS__})

static void no_source_at_all(void **state)
{
    (void)state;
    struct config *c = read_it();
    assert_string_equal(config_origin(c, SETTING(limits.uploads)), "default");
    assert_null(config_settings(c)->api.key);
    config_free(c);
}

static void the_environment_then_the_file_then_the_command_line(void **state)
{
    (void)state;
    setenv("MINDEE_V2_API_KEY", "md_environment", 1);
    struct config *c = read_it();
    assert_string_equal(config_settings(c)->api.key, "md_environment");
    config_free(c);
    write_file("[api]\nkey = md_file\n[limits]\nuploads = 3\n");
    c = read_it();
    assert_string_equal(config_settings(c)->api.key, "md_file");
    config_free(c);
    add("api.model_id=11111111-1111-4111-8111-0000000e0001");
    c = read_it();
    assert_string_equal(config_settings(c)->api.key, "md_file");
    assert_int_equal(config_settings(c)->limits.uploads, 3);
    config_free(c);
}

static void the_last_of_two_on_the_line(void **state)
{
    (void)state;
    add("limits.uploads=4");
    add("limits.uploads=5");
    buffer_printf(&from.log_format, "log.format=json");
    struct config *c = read_it();
    assert_int_equal(config_settings(c)->limits.uploads, 5);
    assert_int_equal(config_settings(c)->log.format, LOG_JSON);
    config_free(c);
}

#define TWO "[batch.a]\noutput = /tmp/a\n[batch.b]\noutput = /tmp/b\n"

static void the_lines_options_are_the_named_batchs(void **state)
{
    (void)state;
    write_file(TWO);
    add("retry.in_doubt=hold");
    from.batch = "b";
    struct config *c = read_it();
    assert_int_equal(config_settings(config_batch(c, 0))->retry.in_doubt, IN_DOUBT_RESEND);
    assert_int_equal(config_settings(config_batch(c, 1))->retry.in_doubt, IN_DOUBT_HOLD);
    config_free(c);
    from.batch = NULL;
    c = read_it();
    assert_int_equal(config_settings(config_batch(c, 0))->retry.in_doubt, IN_DOUBT_HOLD);
    config_free(c);
}

static void a_batch_that_nobody_has(void **state)
{
    (void)state;
    write_file(TWO);
    from.batch = "other";
    ASSERT_REFUSED(1, "--batch: there is no batch other; there are: a, b");
}

static void every_mistake_from_every_source(void **state)
{
    (void)state;
    setenv("MINDEE_V2_BASE_URL", "ftp://x", 1);
    write_file("[limits]\nuploads = many\n[nowhere]\nx = 1\n");
    add("limits.uplaods=1");
    buffer_printf(&from.log_format, "log.format=xml");
    ASSERT_REFUSED(5, "MINDEE_V2_BASE_URL", "uploads", "nowhere", "limits.uploads", "log.format");
}

static void a_file_that_isnt_there(void **state)
{
    (void)state;
    from.file = "/tmp/test_configuration.there-is-none";
    ASSERT_REFUSED(1, "there-is-none");
}

/* What is wrong only with all of it together is told when each value is right, and not before. */
static void the_whole_is_checked_last(void **state)
{
    (void)state;
    write_file("[output]\ndirectory = /tmp/one\n[batch.a]\n[batch.b]\n");
    ASSERT_REFUSED(1, "have one output directory");
    error_list_release(&errors);
    add("limits.uploads=many");
    ASSERT_REFUSED(1, "limits.uploads");
}

static void a_schedule_that_cant_be_is_refused(void **state)
{
    (void)state;
    add("schedule.when=someday 18:00");
    ASSERT_REFUSED(1, "someday");
}

static void read_again_it_is_as_the_file_is_now(void **state)
{
    (void)state;
    write_file("[limits]\nuploads = 3\n");
    struct config *first = read_it();
    write_file("[limits]\nuploads = 4\n");
    struct config *second = read_it();
    assert_int_equal(config_settings(first)->limits.uploads, 3);
    assert_int_equal(config_settings(second)->limits.uploads, 4);
    write_file("[limits]\nuploads = x\n");
    assert_null(configuration_read(&from, &errors));
    config_free(first);
    config_free(second);
}

/* --- the log --- */

/* The most talkative level that is on. */
static enum log_level level_of(const struct command_line *cl, bool service, const char *assignment)
{
    struct error e;
    enum log_level level = LOG_DEBUG;
    from.set_count = 0;
    if (assignment)
        add(assignment);
    struct config *c = read_it();
    capture_begin(); /* so that standard error is no terminal, however the tests are run */
    int rc = configuration_open_log(cl, c, service, &e);
    while (level > LOG_ERROR && !log_enabled(level))
        level--;
    log_close();
    capture_end();
    assert_int_equal(rc, 0);
    config_free(c);
    return level;
}

static void how_much_the_log_says(void **state)
{
    const struct command_line plain = {0}, quiet = {.quiet = true}, verbose = {.verbose = 1};
    const struct command_line both = {.quiet = true, .verbose = 1};
    (void)state;
    assert_int_equal(level_of(&plain, false, NULL), LOG_INFO);
    assert_int_equal(level_of(&plain, true, NULL), LOG_INFO);
    assert_int_equal(level_of(&quiet, false, NULL), LOG_ERROR);
    assert_int_equal(level_of(&quiet, true, NULL), LOG_ERROR);
    assert_int_equal(level_of(&verbose, false, NULL), LOG_DEBUG);
    assert_int_equal(level_of(&both, false, NULL), LOG_DEBUG);
    /* a level that was chosen is kept by -q, and only raised by -v */
    assert_int_equal(level_of(&plain, false, "log.level=warning"), LOG_WARNING);
    assert_int_equal(level_of(&quiet, false, "log.level=info"), LOG_INFO);
    assert_int_equal(level_of(&verbose, false, "log.level=error"), LOG_DEBUG);
}

static void a_log_that_cant_be_opened(void **state)
{
    const struct command_line cl = {0};
    struct error e;
    (void)state;
    add("log.file=/dev/null/no");
    struct config *c = read_it();
    assert_true(configuration_open_log(&cl, c, false, &e) < 0);
    assert_non_null(strstr(e.text, "/dev/null/no"));
    config_free(c);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(no_source_at_all),
        TEST(the_environment_then_the_file_then_the_command_line),
        TEST(the_last_of_two_on_the_line),
        TEST(the_lines_options_are_the_named_batchs),
        TEST(a_batch_that_nobody_has),
        TEST(every_mistake_from_every_source),
        TEST(a_file_that_isnt_there),
        TEST(the_whole_is_checked_last),
        TEST(a_schedule_that_cant_be_is_refused),
        TEST(read_again_it_is_as_the_file_is_now),
        TEST(how_much_the_log_says),
        TEST(a_log_that_cant_be_opened),
    };
    return cmocka_run_group_tests_name("configuration", tests, NULL, NULL);
}
