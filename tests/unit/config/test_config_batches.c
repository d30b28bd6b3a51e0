/* Several batches in one file: what each has of its own and what it has from the plain sections,
 * who wins, and every way to get a section wrong. */
#include "config/config.h"
#include "config/options.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MODEL "12345678-9abc-def0-1234-56789abcdef0"

static char directory[64], path[96];
static struct config *c;
static struct error_list errors;

static int make_directory(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/test_batches.XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    snprintf(path, sizeof path, "%s/a.ini", directory);
    return 0;
}

static int remove_directory(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(directory);
}

static int set_up(void **state)
{
    (void)state;
    c = config_new();
    error_list_init(&errors);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    config_free(c);
    error_list_release(&errors);
    return 0;
}

static int try_load(const char *text)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    return config_load_file(c, path, &errors);
}

static void load(const char *text)
{
    if (try_load(text) < 0)
        fail_msg("%s", errors.errors[0].text);
}

static void set(const char *assignment)
{
    if (config_set(c, assignment, &errors) < 0)
        fail_msg("%s", errors.errors[0].text);
}

static struct config *batch(const char *name)
{
    int i = config_batch_find(c, name);
    assert_true(i >= 0);
    assert_string_equal(config_batch_name(c, (size_t)i), name);
    return config_batch(c, (size_t)i);
}

/* EXPECTED: each error's text, "%" at its beginning standing for the file; NULL-ended. */
static void assert_errors(const char *const *expected)
{
    size_t n = 0;
    for (; expected[n]; n++) {
        char text[600];
        bool in_file = expected[n][0] == '%';
        if (n >= errors.count)
            fail_msg("missing: %s", expected[n]);
        snprintf(text, sizeof text, "%s%s", in_file ? path : "", expected[n] + in_file);
        assert_string_equal(errors.errors[n].text, text);
        assert_int_equal(errors.errors[n].code, ERR_USAGE);
    }
    if (errors.count > n)
        fail_msg("one more: %s", errors.errors[n].text);
    error_list_release(&errors);
}

#define ERRORS(...) assert_errors((const char *const[]){__VA_ARGS__, NULL})

static void test_none(void **state)
{
    (void)state;
    load("[input]\ndirectory = /in\n");
    assert_int_equal(config_batch_count(c), 0);
    assert_int_equal(config_batch_find(c, "a"), -1);
}

static void test_own_values_and_shared_ones(void **state)
{
    (void)state;
    char origin[128], in[128];
    load("[batch.globex]\n"
         "directory = globex\n"
         "model = " MODEL "\n"
         "product = ocr\n"
         "output = /out/globex\n"
         "schedule = last-business-day 18:00,\n"
         "    business-day+2 06:30\n"
         "watch = yes\n"
         "[batch.acme-2_B]\n"
         "input.directory = /in/acme\n"
         "limits.uploads = 3\n"
         "[limits]\n"
         "uploads = 8\n"
         "share = 50%\n"
         "[batch.globex]\n"
         "retry.in_doubt = hold\n");
    assert_int_equal(config_batch_count(c), 2);
    assert_string_equal(config_batch_name(c, 0), "globex"); /* the file's order */
    assert_string_equal(config_batch_name(c, 1), "acme-2_B");
    struct config *g = batch("globex"), *a = batch("acme-2_B");
    snprintf(in, sizeof in, "%s/globex", directory); /* relative to the file, as everywhere */
    assert_string_equal(config_settings(g)->input.directory, in);
    assert_string_equal(config_settings(g)->api.model_id, MODEL);
    assert_int_equal(config_settings(g)->api.product, MINDEE_OCR);
    assert_string_equal(config_settings(g)->output.directory, "/out/globex");
    assert_string_equal(config_settings(g)->schedule.when[0], "last-business-day 18:00");
    assert_string_equal(config_settings(g)->schedule.when[1], "business-day+2 06:30");
    assert_true(config_settings(g)->watch.enabled);
    assert_int_equal(config_settings(g)->retry.in_doubt, IN_DOUBT_HOLD);
    assert_int_equal(config_settings(g)->limits.uploads, 8);
    assert_true(config_settings(g)->limits.share == 50);
    assert_int_equal(config_settings(a)->limits.uploads, 3);
    assert_int_equal(config_settings(a)->api.product, MINDEE_EXTRACTION);
    assert_string_equal(config_settings(a)->schedule.when[0], "off");
    assert_string_equal(config_settings(a)->limits.state, config_settings(c)->limits.state);
    snprintf(origin, sizeof origin, "%s:11", path);
    assert_string_equal(config_origin(a, SETTING(limits.uploads)), origin);
    snprintf(origin, sizeof origin, "%s:13", path);
    assert_string_equal(config_origin(g, SETTING(limits.uploads)), origin);
    assert_string_equal(config_origin(g, SETTING(log.level)), "default");
    assert_true(config_is_set(a, SETTING(input.directory)));
    assert_false(config_is_set(c, SETTING(input.directory))); /* a batch's isn't everybody's */
    assert_false(config_is_set(a, SETTING(api.model_id)));
}

static void test_an_empty_value_takes_back(void **state)
{
    (void)state;
    load("[limits]\nmax_credits = 5\n[input]\ndirectory = /in\nexclude = *.bak\n"
         "[batch.a]\nlimits.max_credits = none\ninput.directory =\ninput.exclude =\n[batch.b]\n");
    assert_true(config_settings(batch("a"))->limits.max_credits.micro < 0);
    assert_null(config_settings(batch("a"))->input.directory);
    assert_null(config_settings(batch("a"))->input.exclude[0]);
    assert_int_equal(config_settings(batch("b"))->limits.max_credits.micro, 5000000);
    assert_string_equal(config_settings(batch("b"))->input.directory, "/in");
}

/* The command line before the file, whatever the order of the calls
 * and however special the file. */
static void check_who_wins(void)
{
    assert_int_equal(config_settings(batch("a"))->limits.uploads, 4);
    assert_int_equal(config_settings(batch("b"))->limits.uploads, 5);
    assert_string_equal(config_origin(batch("a"), SETTING(limits.uploads)), "-s");
    assert_string_equal(config_origin(batch("b"), SETTING(limits.uploads)), "-s batch.b");
    assert_int_equal(config_settings(batch("a"))->limits.canary, 2);
    assert_int_equal(config_settings(batch("b"))->api.product, MINDEE_OCR);
    assert_int_equal(config_check(c, &errors), 0);
}

static const char two_batches[] = "[batch.a]\nlimits.uploads = 3\nlimits.canary = 2\n[batch.b]\n"
                                  "limits.uploads = 6\n[limits]\ncanary = 9\n";

static void test_who_wins(void **state)
{
    (void)state;
    load(two_batches);
    set("limits.uploads=4");
    set("batch.b.limits.uploads=5");
    set("batch.b.product=ocr");
    check_who_wins();
}

static void test_who_wins_in_another_order(void **state)
{
    (void)state;
    set("batch.b.product = ocr ");
    set("batch.b.limits.uploads=5");
    set("limits.uploads=4");
    load(two_batches);
    check_who_wins();
}

static void test_set_for_the_batch_that_is_meant(void **state)
{
    (void)state;
    load(two_batches);
    assert_int_equal(config_set_batch(c, "a", "limits.uploads=7", &errors), 0);
    assert_int_equal(config_set_batch(c, "a", "limits.share=9%", &errors), 0);
    assert_int_equal(config_set_batch(c, "a", "batch.b.limits.canary=1", &errors), 0);
    assert_int_equal(config_settings(batch("a"))->limits.uploads, 7);
    assert_int_equal(config_settings(batch("b"))->limits.uploads, 6);
    assert_int_equal(config_settings(batch("b"))->limits.canary, 1);
    assert_int_equal(config_settings(batch("a"))->limits.canary, 2);
    assert_true(config_settings(batch("b"))->limits.share == 9); /* one for all */
}

static void test_wrong_sections(void **state)
{
    (void)state;
    assert_int_equal(try_load("[batch]\nnothing here = is looked at\n"
                              "[batch.]\n"
                              "[batch.a b]\n"
                              "[batch.caf\xc3\xa9]\n"
                              "[batch.a.b]\n"
                              "[batch.0123456789012345678901234567890123456789012345678901234567890"
                              "1234]\n"
                              "[batch.ok]\n"
                              "[batches.ok]\n"),
                     ERR_USAGE);
    static const char how[] =
        ": a batch is written [batch.NAME], where NAME is 1 to 64 letters, digits, - and _";
    char texts[6][160];
    static const int lines[] = {1, 3, 4, 5, 6, 7};
    for (int i = 0; i < 6; i++)
        snprintf(texts[i], sizeof texts[i], "%%:%d%s", lines[i], how);
    ERRORS(texts[0], texts[1], texts[2], texts[3], texts[4], texts[5],
           "%:9: there is no section of this name");
    assert_int_equal(config_batch_count(c), 1);
}

static void test_the_longest_name(void **state)
{
    (void)state;
    load("[batch.0123456789012345678901234567890123456789012345678901234567890123]\n"
         "directory = /in\n");
    assert_int_equal(strlen(config_batch_name(c, 0)), 64);
    assert_string_equal(config_settings(config_batch(c, 0))->input.directory, "/in");
}

static void test_too_many(void **state)
{
    (void)state;
    struct buffer text;
    buffer_init(&text, 0);
    for (int i = 0; i < 101; i++)
        buffer_printf(&text, "[batch.b%d]\ndirectory = /in/%d\n", i, i);
    assert_int_equal(try_load(buffer_text(&text)), ERR_USAGE);
    buffer_release(&text);
    ERRORS("%:201: more than 100 batches");
    assert_int_equal(config_batch_count(c), 100);
    assert_string_equal(config_settings(batch("b99"))->input.directory, "/in/99");
}

static void test_wrong_keys(void **state)
{
    (void)state;
    assert_int_equal(try_load("[batch.a]\n"
                              "derectory = x\n"
                              "model_id = x\n"
                              "retry.in_dout = hold\n"
                              "quux = 1\n"
                              "key_file = x\n"
                              "directory = /in\n"
                              "input.directory = /in\n"
                              "limits.uploads = many\n"
                              "output = /out\n"
                              " model = " MODEL "\n"
                              "[batch.b]\n"
                              "directory = /in\n"),
                     ERR_USAGE);
    ERRORS("%:2: there is no option derectory; did you mean directory?",
           "%:3: there is no option model_id; did you mean model?",
           "%:4: there is no option retry.in_dout; did you mean retry.in_doubt?",
           "%:5: there is no option quux; a batch has directory, model, product, output, schedule, "
           "watch, and options under their full names, as in retry.in_doubt (`mindee-batch config` "
           "lists them)",
           "%:6: there is no option key_file; did you mean api.key_file, which is one for all "
           "batches?",
           "%:8: input.directory is set twice, first in line 7",
           "%:9: limits.uploads: \"many\" isn't a whole number",
           "%:11: this line is indented, so it goes on with the value above; to set api.model_id, "
           "take the blanks away");
    assert_string_equal(config_settings(batch("b"))->input.directory, "/in");
}

/* Exactly these are one for all, as the design has it: a list of its own, apart from the table. */
static void test_what_is_one_for_all(void **state)
{
    (void)state;
    static const char *const names[] = {"api.key",
                                        "api.key_file",
                                        "api.base_url",
                                        "api.ca_file",
                                        "api.proxy",
                                        "api.connect_timeout",
                                        "api.timeout",
                                        "api.patience",
                                        "api.http_version",
                                        "limits.group",
                                        "limits.state",
                                        "limits.post_per_minute",
                                        "limits.get_per_minute",
                                        "limits.share",
                                        "limits.pace",
                                        "webhook.listen",
                                        "webhook.path",
                                        "webhook.secret",
                                        "webhook.tls_key",
                                        "http.listen",
                                        "http.tls_cert",
                                        "http.tls_key",
                                        "http.token_file",
                                        "metrics.file",
                                        "webhook.secret_file",
                                        "webhook.query_secret",
                                        "webhook.tls_cert",
                                        "log.level",
                                        "log.format",
                                        "log.file"};
    size_t shared = 0;
    for (size_t i = 0; i < option_count; i++)
        shared += !(option_table[i].flags & OPTION_BY_BATCH);
    assert_int_equal(shared, sizeof names / sizeof *names);
    for (size_t i = 0; i < shared; i++) {
        char text[200], expected[200];
        const char *key = strchr(names[i], '.') + 1;
        snprintf(text, sizeof text, "[batch.acme]\n\n%s = md_SECRET\n", names[i]);
        snprintf(
            expected, sizeof expected,
            "%%:3: %s is one for all batches, and can't be batch acme's: set %s in the section "
            "[%.*s]",
            names[i], key, (int)(key - 1 - names[i]), names[i]);
        assert_int_equal(try_load(text), ERR_USAGE);
        ERRORS(expected);
        assert_false(config_is_set(c, option_find(names[i])->field));
    }
}

static void test_wrong_words_after_s(void **state)
{
    (void)state;
    load("[batch.acme]\n[batch.globex]\n");
    static const char *const wrong[] = {
        "batch.acme=1",    "batch.acme.api.key=md_SECRET", "batch.acme.modle=x",
        "batch.a b.x=1",   "batch.acme.model=md_SECRET",   "batch=1",
        "batch..output=x",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(config_set(c, wrong[i], &errors), ERR_USAGE);
    ERRORS(
        "-s: an option of one batch is written batch.NAME.section.key=value",
        "-s batch.acme: api.key is one for all batches, and can't be batch acme's: set key in the "
        "section [api]",
        "-s batch.acme: there is no option modle; did you mean model?",
        "-s: an option of one batch is written batch.NAME.section.key=value",
        "-s batch.acme: api.model_id: \"md_SECRET\" isn't a UUID: it looks like "
        "12345678-9abc-def0-1234-56789abcdef0",
        "-s: there is no option batch; `mindee-batch config` lists them all",
        "-s: an option of one batch is written batch.NAME.section.key=value");
}

/* A name misspelt after -s must not become a batch. */
static void test_unknown_batches(void **state)
{
    (void)state;
    set("batch.acne.limits.uploads=1");
    assert_int_equal(config_check(c, &errors), ERR_USAGE);
    ERRORS("-s: there is no batch acne: the configuration (-c FILE) has no section [batch.acne], "
           "nor any of [batch.NAME]");
    load("[batch.acme]\n[batch.globex]\n");
    set("batch.zzz.limits.uploads=1");
    assert_int_equal(config_check(c, &errors), ERR_USAGE);
    ERRORS("-s: there is no batch acne; did you mean acme?",
           "-s: there is no batch zzz; there are: acme, globex");
    assert_int_equal(config_batch_named(c, "globex", "--batch", &errors),
                     config_batch_find(c, "globex"));
    assert_int_equal(config_batch_named(c, "acne", "--batch", &errors), -1);
    ERRORS("--batch: there is no batch acne; did you mean acme?");
}

/* What concerns several options is asked of each batch, and said once. */
static void test_check_of_batches(void **state)
{
    (void)state;
    load("[request]\n"
         "rag = yes\n"
         "[api]\n"
         "product = ocr\n" /* nobody's: both batches say otherwise */
         "[batch.a]\n"
         "product = extraction\n"
         "[batch.b]\n"
         "product = extraction\n");
    assert_int_equal(config_check(c, &errors), 0);
    set("batch.a.product=crop");
    set("batch.b.product=crop");
    set("retry.first_delay=1h");
    assert_int_equal(config_check(c, &errors), ERR_USAGE);
    ERRORS("%:2: request.rag: only extraction takes this; api.product is crop (leave one of them "
           "out)",
           "retry.first_delay (-s) is longer than retry.max_delay (default)");
}

static void test_print(void **state)
{
    (void)state;
    struct buffer out;
    buffer_init(&out, 0);
    load("[batch.a]\nlimits.uploads = 3\nnotify.url = https://hooks.example.com/SECRET/x?y=SECRET\n"
         "[batch.b]\n[limits]\nuploads = 7\n");
    config_print(c, &out);
    const char *tail = strstr(buffer_text(&out), "\nbatch a, besides what is above:\n");
    assert_non_null(tail);
    assert_non_null(strstr(buffer_text(&out), "limits.uploads             7 "));
    char expected[400];
    snprintf(expected, sizeof expected,
             "\nbatch a, besides what is above:\n"
             "limits.uploads             3                                      %s:2\n"
             "notify.url                 https://hooks.example.com/***          %s:3\n"
             "\nbatch b, besides what is above:\n",
             path, path);
    assert_string_equal(tail, expected);
    buffer_clear(&out);
    config_print(batch("a"), &out); /* as a whole */
    assert_non_null(strstr(buffer_text(&out), "\nlimits.uploads             3 "));
    assert_non_null(strstr(buffer_text(&out), "\nlimits.canary              4 "));
    assert_null(strstr(buffer_text(&out), "SECRET"));
    assert_null(strstr(buffer_text(&out), "besides"));
    buffer_release(&out);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_none),
        TEST(test_own_values_and_shared_ones),
        TEST(test_an_empty_value_takes_back),
        TEST(test_who_wins),
        TEST(test_who_wins_in_another_order),
        TEST(test_set_for_the_batch_that_is_meant),
        TEST(test_wrong_sections),
        TEST(test_the_longest_name),
        TEST(test_too_many),
        TEST(test_wrong_keys),
        TEST(test_what_is_one_for_all),
        TEST(test_wrong_words_after_s),
        TEST(test_unknown_batches),
        TEST(test_check_of_batches),
        TEST(test_print),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
