/* Options of every type: defaults as the contract states them, what each type takes and refuses,
 * and how refusals read. */
#include "config/layers.h"
#include "config/options.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct config *c;
static struct error_list errors;

static int set_up(void **state)
{
    (void)state;
    unsetenv("MINDEE_V2_API_KEY");
    unsetenv("MINDEE_V2_BASE_URL");
    unsetenv("MINDEE_V2_API_HOST");
    setenv("HOME", "/home/ada", 1);
    setenv("XDG_STATE_HOME", "/state", 1);
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

static void assert_sets(const char *assignment)
{
    if (config_set(c, assignment, &errors) != 0)
        fail_msg("%s", errors.errors[errors.count - 1].text);
}

static void assert_refuses(const char *assignment, const char *expected)
{
    size_t before = errors.count;
    assert_int_equal(config_set(c, assignment, &errors), ERR_USAGE);
    assert_int_equal(errors.count, before + 1);
    assert_string_equal(errors.errors[before].text, expected);
}

static void test_text_defaults(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text;
    } rows[] = {{"api.key", NULL},
                {"api.key_file", NULL},
                {"api.base_url", "https://api-v2.mindee.net"},
                {"api.product", "extraction"},
                {"api.model_id", NULL},
                {"api.ca_file", NULL},
                {"api.proxy", NULL},
                {"api.http_version", "1.1"},
                {"request.text_context", NULL},
                {"request.data_schema_file", NULL},
                {"limits.state", "/state/mindee-batch"},
                {"limits.pace", "window"},
                {"input.directory", NULL},
                {"input.order", "name"},
                {"output.directory", "mindee-results"},
                {"polling.planner", "learned"},
                {"retry.in_doubt", "resend"},
                {"ledger.path", NULL},
                {"log.level", "info"},
                {"log.format", "text"},
                {"log.file", NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *text = setting_named(c, rows[i].name)->value.text;
        if (rows[i].text)
            assert_string_equal(text, rows[i].text);
        else
            assert_null(text);
        assert_false(config_is_set(c, option_find(rows[i].name)->field));
        assert_string_equal(config_origin(c, option_find(rows[i].name)->field), "default");
    }
}

static void test_number_defaults(void **state)
{
    (void)state;
    assert_int_equal(config_settings(c)->api.connect_timeout, 10000);
    assert_int_equal(config_settings(c)->api.timeout, 120000);
    assert_int_equal(config_settings(c)->limits.post_per_minute, 200);
    assert_int_equal(config_settings(c)->limits.get_per_minute, 1200);
    assert_true(config_settings(c)->limits.share == 100);
    assert_int_equal(config_settings(c)->limits.uploads, 16);
    assert_true(config_settings(c)->limits.max_credits.micro < 0);
    assert_int_equal(config_settings(c)->limits.credits_per_page.micro, CREDIT_MICROS);
    assert_int_equal(config_settings(c)->limits.canary, 4);
    assert_int_equal(config_settings(c)->polling.first_delay, 2000);
    assert_int_equal(config_settings(c)->polling.interval, 1000);
    assert_int_equal(config_settings(c)->polling.give_up_after, 15 * 60000);
    assert_int_equal(config_settings(c)->retry.max_attempts, 8);
    assert_int_equal(config_settings(c)->retry.first_delay, 500);
    assert_int_equal(config_settings(c)->retry.max_delay, 90000);
    assert_int_equal(config_settings(c)->retry.max_resends, 2);
    assert_int_equal(config_settings(c)->retry.in_doubt_wait, 120000);
    assert_true(config_settings(c)->input.recursive);
    assert_false(config_settings(c)->input.follow_symlinks);
    assert_int_equal(config_settings(c)->request.rag, -1);
    assert_int_equal(config_settings(c)->request.raw_text, -1);
    assert_int_equal(config_settings(c)->request.polygon, -1);
    assert_int_equal(config_settings(c)->request.confidence, -1);
}

static void assert_list(const char *const *list, const char *const *expected)
{
    size_t i = 0;
    for (; expected[i]; i++) {
        assert_non_null(list[i]);
        assert_string_equal(list[i], expected[i]);
    }
    assert_null(list[i]);
}

static void test_lists(void **state)
{
    (void)state;
    assert_list(config_settings(c)->input.include, (const char *const[]){"*", NULL});
    static const char *const litter[] = {".*",
                                         "~$*",
                                         "Thumbs.db",
                                         "desktop.ini",
                                         "@eaDir",
                                         "@Recycle",
                                         "#recycle",
                                         "#snapshot",
                                         "~snapshot",
                                         "$RECYCLE.BIN",
                                         "System Volume Information",
                                         "lost+found",
                                         "__MACOSX",
                                         "*:Zone.Identifier",
                                         "old",
                                         "*.bak",
                                         NULL};
    enum { LITTER = sizeof litter / sizeof *litter - 3 };
    const char *defaults[LITTER + 1] = {NULL};
    memcpy(defaults, litter, LITTER * sizeof *litter);
    assert_list(config_settings(c)->input.exclude, defaults);
    assert_sets("input.exclude=+old, *.bak");
    assert_list(config_settings(c)->input.exclude, litter);
    assert_sets("input.exclude=+");
    assert_list(config_settings(c)->input.exclude, defaults);
    assert_sets("input.exclude=a+,+b"); /* a name may begin with one, behind the first */
    assert_list(config_settings(c)->input.exclude, (const char *const[]){"a+", "+b", NULL});
    assert_list(config_settings(c)->request.webhook_ids, (const char *const[]){NULL});
    assert_sets("input.include= *.pdf ,, with space.* ,*.tif,");
    assert_list(config_settings(c)->input.include,
                (const char *const[]){"*.pdf", "with space.*", "*.tif", NULL});
    assert_sets("input.exclude=");
    assert_list(config_settings(c)->input.exclude, (const char *const[]){NULL});
    assert_true(config_is_set(c, SETTING(input.exclude)));
    assert_sets("request.webhook_ids=12345678-9abc-def0-1234-56789abcdef0,"
                "00000000-0000-4000-8000-000000000000");
    assert_refuses("request.webhook_ids=12345678-9abc-def0-1234-56789abcdef0,hook",
                   "-s: request.webhook_ids: \"hook\" isn't a UUID: it looks like "
                   "12345678-9abc-def0-1234-56789abcdef0");
}

static void test_columns_of_lists(void **state)
{
    static const char *const expected[] = {"qty", "count", NULL};
    static const char *const none[] = {NULL};
    (void)state;
    assert_sets("fields.lines.quantity=qty, count");
    assert_list(config_settings(c)->fields.lines_quantity, expected);
    assert_sets("fields.lines_quantity=");
    assert_list(config_settings(c)->fields.lines_quantity, none);
    assert_refuses(
        "fields.lines.quantiti=x",
        "-s: there is no option fields.lines.quantiti; did you mean fields.lines_quantity?");
    assert_refuses("api.model.id=x",
                   "-s: there is no option api.model.id; did you mean api.model_id?");
    assert_sets("checks.off=total-sum, iban-new");
    assert_sets("review.required=");
    assert_sets("review.min_confidence=Medium");
    assert_int_equal(config_settings(c)->review.min_confidence, CONFIDENCE_MEDIUM);
}

static void test_whole_numbers(void **state)
{
    (void)state;
    assert_sets("limits.uploads = 8 ");
    assert_int_equal(config_settings(c)->limits.uploads, 8);
    assert_string_equal(config_origin(c, SETTING(limits.uploads)), "-s");
    assert_true(config_is_set(c, SETTING(limits.uploads)));
    assert_sets("limits.uploads=1000");
    assert_refuses("limits.uploads=1001", "-s: limits.uploads: must be between 1 and 1000");
    assert_refuses("limits.uploads=0", "-s: limits.uploads: must be between 1 and 1000");
    assert_refuses("limits.uploads=-1", "-s: limits.uploads: must be between 1 and 1000");
    assert_refuses("limits.uploads=99999999999999999999",
                   "-s: limits.uploads: must be between 1 and 1000");
    assert_refuses("limits.uploads=8x", "-s: limits.uploads: \"8x\" isn't a whole number");
    assert_refuses("limits.uploads=8.5", "-s: limits.uploads: \"8.5\" isn't a whole number");
    assert_refuses("limits.uploads=none", "-s: limits.uploads: \"none\" isn't a whole number");
    assert_refuses("limits.uploads=", "-s: limits.uploads: needs a value (the default is 16)");
    assert_int_equal(config_settings(c)->limits.uploads, 1000); /* the last good one */
}

static void test_number_that_may_be_unset(void **state)
{
    (void)state;
    assert_sets("limits.max_credits=0");
    assert_int_equal(config_settings(c)->limits.max_credits.micro, 0);
    assert_sets("limits.max_credits=none");
    assert_true(config_settings(c)->limits.max_credits.micro < 0);
    assert_false(config_is_set(c, SETTING(limits.max_credits)));
    assert_sets("limits.max_credits=12");
    assert_sets("limits.max_credits=");
    assert_true(config_settings(c)->limits.max_credits.micro < 0);
}

static void test_amounts(void **state)
{
    (void)state;
    assert_sets("limits.max_credits=2500.5");
    assert_int_equal(config_settings(c)->limits.max_credits.micro, 2500500000);
    assert_sets("limits.credits_per_page=0.1");
    assert_int_equal(config_settings(c)->limits.credits_per_page.micro, 100000);
    assert_refuses(
        "limits.max_credits=-1",
        "-s: limits.max_credits: \"-1\" isn't an amount of credits: write it like 2500 or "
        "0.25, with 6 digits behind the point at most");
    assert_refuses("limits.max_credits=1000000000000.1",
                   "-s: limits.max_credits: must be between 0 and 1000000000000");
    assert_refuses("limits.credits_per_page=1001",
                   "-s: limits.credits_per_page: must be between 0 and 1000");
    assert_refuses(
        "limits.credits_per_page=0.0000001",
        "-s: limits.credits_per_page: \"0.0000001\" isn't an amount of credits: write it "
        "like 2500 or 0.25, with 6 digits behind the point at most");
    assert_refuses("limits.credits_per_page=",
                   "-s: limits.credits_per_page: needs a value (the default is 1)");
}

static void test_durations(void **state)
{
    (void)state;
    assert_sets("api.timeout=1.5m");
    assert_int_equal(config_settings(c)->api.timeout, 90000);
    assert_refuses("api.timeout=0", "-s: api.timeout: must be between 1 ms and 1 h 00 min");
    assert_refuses("api.timeout=90",
                   "-s: api.timeout: \"90\" isn't a duration: write it like 500ms, 2s, 15m, 1h");
    assert_sets("polling.give_up_after=30d");
    assert_int_equal(config_settings(c)->polling.give_up_after, INT64_C(2592000000));
}

static void test_yes_and_no(void **state)
{
    (void)state;
    static const char *const yes[] = {"yes", "true", "on", "1", "YES", "True"};
    static const char *const no[] = {"no", "false", "off", "0", "No", "OFF"};
    char text[64];
    for (size_t i = 0; i < 6; i++) {
        snprintf(text, sizeof text, "input.follow_symlinks=%s", yes[i]);
        assert_sets(text);
        assert_true(config_settings(c)->input.follow_symlinks);
        snprintf(text, sizeof text, "input.follow_symlinks=%s", no[i]);
        assert_sets(text);
        assert_false(config_settings(c)->input.follow_symlinks);
        snprintf(text, sizeof text, "request.rag=%s", yes[i]);
        assert_sets(text);
        assert_int_equal(config_settings(c)->request.rag, 1);
        snprintf(text, sizeof text, "request.rag=%s", no[i]);
        assert_sets(text);
        assert_int_equal(config_settings(c)->request.rag, 0);
    }
    assert_sets("request.rag=");
    assert_int_equal(config_settings(c)->request.rag, -1);
    assert_refuses("input.recursive=maybe", "-s: input.recursive: \"maybe\" is neither yes nor no");
    assert_refuses("request.rag=2", "-s: request.rag: \"2\" is neither yes nor no");
}

static void test_choices(void **state)
{
    (void)state;
    static const struct {
        const char *assignment, *name, *word;
        int index;
    } rows[] = {{"api.product=classification", "api.product", "classification", 1},
                {"api.product=CROP", "api.product", "crop", 2},
                {"api.product=split", "api.product", "split", 3},
                {"api.product=ocr", "api.product", "ocr", 4},
                {"api.http_version=2", "api.http_version", "2", 1},
                {"limits.pace=even", "limits.pace", "even", 1},
                {"input.order=largest", "input.order", "largest", 1},
                {"input.order=pages", "input.order", "pages", 2},
                {"polling.planner=fixed", "polling.planner", "fixed", 1},
                {"retry.in_doubt=hold", "retry.in_doubt", "hold", 1},
                {"log.level=error", "log.level", "error", 0},
                {"log.level=warning", "log.level", "warning", 1},
                {"log.level=debug", "log.level", "debug", 3},
                {"log.format=json", "log.format", "json", 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_sets(rows[i].assignment);
        assert_int_equal(setting_named(c, rows[i].name)->value.number, rows[i].index);
        assert_string_equal(setting_named(c, rows[i].name)->value.text, rows[i].word);
    }
    assert_refuses("limits.pace=fast", "-s: limits.pace: \"fast\" isn't one of window|even");
}

static void test_percent(void **state)
{
    (void)state;
    assert_sets("limits.share=50%");
    assert_true(config_settings(c)->limits.share == 50);
    assert_sets("limits.share=12.5 %");
    assert_true(config_settings(c)->limits.share == 12.5);
    assert_sets("limits.share=1");
    assert_refuses("limits.share=0.9%", "-s: limits.share: must be between 1% and 100%");
    assert_refuses("limits.share=101", "-s: limits.share: must be between 1% and 100%");
    static const char *const bad[] = {"%", "5%%", "-5", "1e1", "half", "0x10", "1.2.3"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char text[64], expected[128];
        snprintf(text, sizeof text, "limits.share=%s", bad[i]);
        snprintf(expected, sizeof expected,
                 "-s: limits.share: \"%s\" isn't a percentage: write it like 50%%", bad[i]);
        assert_refuses(text, expected);
    }
}

static void test_paths(void **state)
{
    (void)state;
    assert_sets("output.directory=out/here");
    assert_string_equal(config_settings(c)->output.directory, "out/here"); /* of -s: as it is */
    assert_sets("output.directory=~/out");
    assert_string_equal(config_settings(c)->output.directory, "/home/ada/out");
    assert_sets("output.directory=~");
    assert_string_equal(config_settings(c)->output.directory, "/home/ada");
    assert_sets("output.directory=~bob/x"); /* nobody else's home */
    assert_string_equal(config_settings(c)->output.directory, "~bob/x");
    unsetenv("HOME");
    assert_refuses("log.file=~/log", "-s: log.file: \"~/log\" needs $HOME, which isn't set");
    assert_sets("log.file=x");
    assert_sets("log.file=");
    assert_null(config_settings(c)->log.file);
}

static void test_state_directory(void **state)
{
    (void)state;
    static const struct {
        const char *xdg, *home, *expected;
    } rows[] = {{"/state", "/home/ada", "/state/mindee-batch"},
                {"", "/home/ada", "/home/ada/.local/state/mindee-batch"},
                {"relative/is/ignored", "/home/ada", "/home/ada/.local/state/mindee-batch"},
                {"", "/", "/.local/state/mindee-batch"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        setenv("XDG_STATE_HOME", rows[i].xdg, 1);
        setenv("HOME", rows[i].home, 1);
        struct config *other = config_new();
        assert_string_equal(config_settings(other)->limits.state, rows[i].expected);
        config_free(other);
    }
}

static void test_ids_urls_and_secrets(void **state)
{
    (void)state;
    assert_sets("api.model_id=12345678-9abc-DEF0-1234-56789abcdef0");
    assert_string_equal(config_settings(c)->api.model_id, "12345678-9abc-DEF0-1234-56789abcdef0");
    assert_refuses("api.model_id=invoice\n",
                   "-s: api.model_id: \"invoice\\x0A\" isn't a UUID: it looks like "
                   "12345678-9abc-def0-1234-56789abcdef0");
    assert_refuses("api.proxy=me:hunter2@proxy:3128",
                   "-s: api.proxy: \"***@proxy:3128\" isn't a URL: it begins with https:// and a "
                   "host");
    assert_refuses("api.proxy=http://me:hunt/er2@pro xy",
                   "-s: api.proxy: \"http://***@pro xy\" isn't a URL: it begins with https:// and "
                   "a host");
    assert_refuses("api.key=md secret",
                   "-s: api.key: holds a space or a character that can't be in a key (it isn't "
                   "shown)");
    assert_refuses("request.text_context=\xff", "-s: request.text_context: isn't UTF-8 text");
    assert_sets("request.text_context=a = b, \xc3\xa9");
    assert_string_equal(config_settings(c)->request.text_context, "a = b, \xc3\xa9");
}

static void test_unknown_names(void **state)
{
    (void)state;
    assert_refuses("limits.upload=8",
                   "-s: there is no option limits.upload; did you mean limits.uploads?");
    assert_refuses("Limits.Uploads=8",
                   "-s: there is no option Limits.Uploads; did you mean limits.uploads?");
    assert_refuses("uploads=8", "-s: there is no option uploads; did you mean limits.uploads?");
    assert_refuses("request.model_id=8",
                   "-s: there is no option request.model_id; did you mean api.model_id?");
    assert_refuses("what.ever=8", "-s: there is no option what.ever; `mindee-batch config` lists "
                                  "them all");
    assert_refuses("=8", "-s: there is no option ; `mindee-batch config` lists them all");
    /* What isn't an assignment may be a key that slipped. */
    assert_refuses("md_very_secret", "-s: write section.key=value, as in -s limits.uploads=8");
}

/* Each type arrives in its field as it was read. */
static void test_fields(void **state)
{
    (void)state;
    assert_sets("api.product=split");
    assert_sets("api.model_id=12345678-9abc-def0-1234-56789abcdef0");
    assert_sets("request.rag=yes");
    assert_sets("limits.share=12.5%");
    assert_sets("input.recursive=no");
    assert_sets("input.exclude=a,b");
    const struct settings *s = config_settings(c);
    assert_int_equal(s->api.product, MINDEE_SPLIT);
    assert_string_equal(s->api.model_id, "12345678-9abc-def0-1234-56789abcdef0");
    assert_int_equal(s->request.rag, 1);
    assert_true(s->limits.share == 12.5);
    assert_false(s->input.recursive);
    assert_string_equal(s->input.exclude[1], "b");
    assert_null(s->input.exclude[2]);
    for (size_t i = 0; i < option_count; i++) /* none shares a field with another */
        assert_ptr_equal(option_of_field(option_table[i].field), &option_table[i]);
    assert_string_equal(config_name(SETTING(api.timeout)), "api.timeout");
    assert_string_equal(config_value(c, SETTING(api.product)), "split");
    assert_null(config_value(c, SETTING(log.file)));
}

static void test_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < option_count; i++) {
        const struct option *o = &option_table[i];
        char shape[OPTION_SHAPE_MAX];
        assert_ptr_equal(option_find(o->name), o); /* no name twice */
        assert_non_null(strchr(o->name, '.'));
        assert_true(strlen(option_shape(o, shape)) > 0);
        assert_true(strlen(o->help) > 0 && o->help[strlen(o->help) - 1] != '.');
        if (o->type != OPTION_LIST) /* where they may be what the items are */
            assert_int_equal(o->words != NULL, o->type == OPTION_CHOICE);
    }
    assert_null(option_find("api"));
    assert_null(option_find("api."));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_text_defaults),   TEST(test_number_defaults),
        TEST(test_lists),           TEST(test_columns_of_lists),
        TEST(test_whole_numbers),   TEST(test_number_that_may_be_unset),
        TEST(test_durations),       TEST(test_yes_and_no),
        TEST(test_choices),         TEST(test_percent),
        TEST(test_amounts),         TEST(test_paths),
        TEST(test_state_directory), TEST(test_ids_urls_and_secrets),
        TEST(test_unknown_names),   TEST(test_fields),
        TEST(test_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
