/* What a configuration has the service serve: when it is refused, what is read of it, and what a
 * reload can't change. */
#include "base/log.h"
#include "capture.h"
#include "service/served_batches.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODEL "model_id = 11111111-1111-4111-8111-0000000e0001\n"

static char directory[64], ini[96], input[96];
static struct error_list errors;

static int set_up(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/test_served_batches.XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    snprintf(ini, sizeof ini, "%s/a.ini", directory);
    snprintf(input, sizeof input, "%s/in", directory);
    error_list_init(&errors);
    return mkdir(input, 0700);
}

static int tear_down(void **state)
{
    (void)state;
    error_list_release(&errors);
    unlink(ini);
    rmdir(input);
    return rmdir(directory);
}

/* The plain sections that every test needs, then TEXT. */
static struct config *load(const char *text)
{
    struct config *c = config_new();
    FILE *f = fopen(ini, "wb");
    assert_non_null(f);
    assert_true(fprintf(f, "[api]\nkey = md_served\n%s", text) > 0);
    assert_int_equal(fclose(f), 0);
    if (config_load_file(c, ini, &errors) < 0)
        fail_msg("%s", errors.errors[0].text);
    return c;
}

static struct served_batches *read_fine(const char *text)
{
    struct served_batches *batches;
    if (served_batches_read(&batches, load(text), &errors) < 0)
        fail_msg("%s", errors.errors[0].text);
    assert_int_equal(errors.count, 0);
    return batches;
}

static void assert_refused(const char *text, size_t count, const char *const *words)
{
    struct served_batches *batches;
    assert_int_equal(served_batches_read(&batches, load(text), &errors), ERR_USAGE);
    assert_null(batches);
    assert_int_equal(errors.count, count);
    for (size_t i = 0; i < count; i++)
        if (!strstr(errors.errors[i].text, words[i]))
            fail_msg("\"%s\" isn't in \"%s\"", words[i], errors.errors[i].text);
}
#define ASSERT_REFUSED(text, count, ...)                                                           \
    assert_refused(text, count, (const char *const[]){__VA_ARGS__})

static void one_without_a_name(void **state)
{
    (void)state;
    struct served_batches *b = read_fine(MODEL "[input]\ndirectory = in\n"
                                               "[schedule]\nwhen = daily 18:00\ncatch_up = 2h\n"
                                               "forecast = 30m\nlate = same\noverlap = skip\n");
    assert_int_equal(b->count, 1);
    const struct served_entry *entry = &b->entries[0];
    assert_string_equal(entry->name, "");
    assert_ptr_equal(entry->config, b->config);
    assert_non_null(entry->calendar);
    assert_int_equal(entry->catch_up_ms, 2 * 3600 * 1000);
    assert_int_equal(entry->forecast_ms, 30 * 60 * 1000);
    assert_int_equal(entry->late, LATE_SAME);
    assert_true(entry->skip_overlap);
    assert_false(entry->watch);
    assert_false(entry->stays);
    served_batches_free(b);
}

static void each_batch_by_its_own_options(void **state)
{
    (void)state;
    struct served_batches *b =
        read_fine(MODEL "[batch.b]\ndirectory = in\noutput = b\nwatch = yes\n"
                        "[batch.a]\ndirectory = in\noutput = a\nschedule = daily 18:00\n");
    assert_int_equal(b->count, 2);
    assert_string_equal(b->entries[0].name, "b");
    assert_null(b->entries[0].calendar);
    assert_true(b->entries[0].watch);
    assert_true(b->entries[0].stays);
    assert_false(b->entries[0].skip_overlap);
    assert_int_equal(b->entries[0].late, LATE_NEXT);
    assert_string_equal(b->entries[1].name, "a");
    assert_non_null(b->entries[1].calendar);
    assert_false(b->entries[1].stays);
    served_batches_free(b);
}

/* For webhooks it stays if there is no schedule; with one, its runs take them. */
static void webhooks_are_stayed_for(void **state)
{
    static const char receiver[] =
        MODEL "[input]\ndirectory = in\n"
              "[request]\nwebhook_ids = 22222222-2222-4222-8222-000000000001\n"
              "[webhook]\nlisten = 127.0.0.1:0\nsecret = whsec_0123456789abcdef\n";
    char text[400];
    (void)state;
    struct served_batches *b = read_fine(receiver);
    assert_true(b->entries[0].stays);
    assert_false(b->entries[0].watch);
    served_batches_free(b);
    snprintf(text, sizeof text, "%s[schedule]\nwhen = daily 18:00\n", receiver);
    b = read_fine(text);
    assert_false(b->entries[0].stays);
    served_batches_free(b);
}

static void what_is_missing_is_told_at_once(void **state)
{
    (void)state;
    ASSERT_REFUSED("", 2, "no documents are named", "there is nothing to stay for");
}

static void nothing_to_stay_for(void **state)
{
    (void)state;
    ASSERT_REFUSED(MODEL "[input]\ndirectory = in\n", 1, "there is nothing to stay for");
}

static void no_model(void **state)
{
    (void)state;
    ASSERT_REFUSED("[input]\ndirectory = in\n[watch]\nenabled = yes\n", 1, "no model is named");
}

static void the_batch_is_named(void **state)
{
    (void)state;
    ASSERT_REFUSED(MODEL "[batch.fine]\ndirectory = in\noutput = x\nwatch = yes\n"
                         "[batch.idle]\ndirectory = in\noutput = y\n",
                   1, "batch idle: there is nothing to stay for");
}

static void a_notice_that_cant_be_sent(void **state)
{
    (void)state;
    ASSERT_REFUSED(MODEL "[input]\ndirectory = in\n[watch]\nenabled = yes\n"
                         "[notify]\nurl = http://example.com/hook\n",
                   1, "notify.url: http://example.com would send it unencrypted");
}

/* --- a reload --- */

#define PLAIN MODEL "[input]\ndirectory = in\n[watch]\nenabled = yes\n"

/* Keeps NEXT's fixed options as CURRENT has them; the log of it in captured_err. */
static int keep(struct served_batches *next, const struct served_batches *current)
{
    const struct log_options o = {.level = LOG_WARNING, .clock = &system_clock};
    struct error e;
    capture_begin();
    int opened = log_open(&o, &e);
    int rc = served_batches_keep(next, current, &errors);
    log_close();
    capture_end();
    assert_int_equal(opened, 0);
    return rc;
}

static void what_needs_no_restart_changes(void **state)
{
    (void)state;
    struct served_batches *current = read_fine(PLAIN);
    struct served_batches *next = read_fine(PLAIN "rescan = 7s\n[limits]\nuploads = 3\n");
    assert_int_equal(keep(next, current), 0);
    assert_string_equal(captured_err, "");
    assert_int_equal(config_settings(next->entries[0].config)->limits.uploads, 3);
    served_batches_free(current);
    served_batches_free(next);
}

static void what_needs_one_stays_and_is_logged(void **state)
{
    (void)state;
    struct served_batches *current = read_fine(PLAIN "[output]\ndirectory = one\n");
    struct served_batches *next =
        read_fine(PLAIN "[output]\ndirectory = two\n[log]\nformat = json\n");
    assert_int_equal(keep(next, current), 0);
    const struct config *c = next->entries[0].config;
    assert_string_equal(config_settings(c)->output.directory,
                        config_settings(current->entries[0].config)->output.directory);
    assert_int_equal(config_settings(c)->log.format, LOG_TEXT);
    assert_non_null(strstr(captured_err, " (option output.directory); it stays as it was "));
    assert_non_null(strstr(captured_err, "(option log.format)"));
    served_batches_free(current);
    served_batches_free(next);
}

/* Not set before, set now: it is taken back to not set. */
static void what_was_not_set_is_taken_back(void **state)
{
    (void)state;
    struct served_batches *current = read_fine(PLAIN);
    struct served_batches *next = read_fine(PLAIN "[ledger]\npath = other.db\n");
    assert_int_equal(keep(next, current), 0);
    assert_null(config_settings(next->entries[0].config)->ledger.path);
    served_batches_free(current);
    served_batches_free(next);
}

static void of_a_batch_alone(void **state)
{
    static const char text[] = MODEL "[watch]\nenabled = yes\n"
                                     "[batch.a]\ndirectory = in\noutput = a\n"
                                     "[batch.b]\ndirectory = in\noutput = ";
    char before[400], after[400];
    (void)state;
    snprintf(before, sizeof before, "%sb\n", text);
    snprintf(after, sizeof after, "%sc\n", text);
    struct served_batches *current = read_fine(before), *next = read_fine(after);
    assert_int_equal(keep(next, current), 0);
    assert_non_null(strstr(
        captured_err,
        "batch b: a change that isn't taken up while the service goes on (option output.directory)"));
    assert_null(strstr(captured_err, "batch a"));
    for (size_t i = 0; i < 2; i++)
        assert_string_equal(config_settings(next->entries[i].config)->output.directory,
                            config_settings(current->entries[i].config)->output.directory);
    served_batches_free(current);
    served_batches_free(next);
}

static void other_batches_are_refused(void **state)
{
    static const char a[] = MODEL "[watch]\nenabled = yes\n[batch.a]\ndirectory = in\noutput = a\n";
    char ab[400], ba[400];
    (void)state;
    snprintf(ab, sizeof ab, "%s[batch.b]\ndirectory = in\noutput = b\n", a);
    snprintf(ba, sizeof ba, "%s",
             MODEL "[watch]\nenabled = yes\n[batch.b]\ndirectory = in\noutput = b\n"
                   "[batch.a]\ndirectory = in\noutput = a\n");
    struct served_batches *one = read_fine(a), *two = read_fine(ab), *turned = read_fine(ba);
    assert_int_equal(keep(two, one), ERR_USAGE);
    assert_non_null(strstr(errors.errors[0].text, "other batches than before"));
    assert_int_equal(keep(one, two), ERR_USAGE);
    assert_int_equal(keep(turned, two), ERR_USAGE);
    served_batches_free(one);
    served_batches_free(two);
    served_batches_free(turned);
    served_batches_free(NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(one_without_a_name),
        TEST(each_batch_by_its_own_options),
        TEST(webhooks_are_stayed_for),
        TEST(what_is_missing_is_told_at_once),
        TEST(nothing_to_stay_for),
        TEST(no_model),
        TEST(the_batch_is_named),
        TEST(a_notice_that_cant_be_sent),
        TEST(what_needs_no_restart_changes),
        TEST(what_needs_one_stays_and_is_logged),
        TEST(what_was_not_set_is_taken_back),
        TEST(of_a_batch_alone),
        TEST(other_batches_are_refused),
    };
    return cmocka_run_group_tests_name("served_batches", tests, NULL, NULL);
}
