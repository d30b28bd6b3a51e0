/* What people read of the table: the `config` command, help, the man page; and the example files,
 * which must say what the table says and must load. */
#include "config/layers.h"
#include "config/options.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct config *c;
static struct error_list errors;
static struct buffer out;

static int set_up(void **state)
{
    (void)state;
    c = config_new();
    error_list_init(&errors);
    buffer_init(&out, 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    config_free(c);
    error_list_release(&errors);
    buffer_release(&out);
    return 0;
}

static void set(const char *assignment)
{
    assert_int_equal(config_set(c, assignment, &errors), 0);
}

/* The printed line of option NAME, without the newline. */
static const char *line_of(const char *name)
{
    static char line[1024];
    char front[64];
    snprintf(front, sizeof front, "\n%s ", name);
    buffer_clear(&out);
    buffer_put(&out, "\n");
    config_print(c, &out);
    const char *at = strstr(buffer_text(&out), front);
    assert_non_null(at);
    snprintf(line, sizeof line, "%.*s", (int)strcspn(at + 1, "\n"), at + 1);
    return line;
}

static void test_print(void **state)
{
    (void)state;
    set("limits.uploads=8");
    set("request.rag=no");
    set("input.exclude=");
    assert_string_equal(line_of("limits.uploads"), "limits.uploads             8                "
                                                   "                      -s");
    assert_string_equal(line_of("limits.canary"), "limits.canary              4                "
                                                  "                      default");
    assert_non_null(strstr(line_of("request.rag"), " no "));
    assert_non_null(strstr(line_of("request.polygon"), " - "));
    assert_non_null(strstr(line_of("input.exclude"), " (empty) "));
    assert_non_null(strstr(line_of("limits.share"), " 100% "));
    for (size_t i = 0; i < option_count; i++) /* every option has its line */
        line_of(option_table[i].name);
}

static void test_print_masks_secrets(void **state)
{
    (void)state;
    set("api.key=md_SECRET");
    set("api.proxy=http://user:SECRET@proxy:3128");
    assert_non_null(strstr(line_of("api.key"), " (set) "));
    assert_non_null(strstr(line_of("api.proxy"), " http://***@proxy:3128 "));
    assert_null(strstr(buffer_text(&out), "SECRET"));
}

static void test_print_hostile_values(void **state)
{
    (void)state;
    set("output.directory=\x1b[2J\n\xff");
    set("input.include=\x07*");
    assert_non_null(strstr(line_of("output.directory"), " \\x1B[2J\\x0A\\xFF "));
    assert_non_null(strstr(line_of("input.include"), " \\x07* "));
}

static void test_help(void **state)
{
    (void)state;
    config_help(&out);
    for (size_t i = 0; i < option_count; i++) {
        char front[64];
        snprintf(front, sizeof front, "\n  %s=", option_table[i].name);
        assert_non_null(strstr(buffer_text(&out), front));
    }
    assert_non_null(strstr(buffer_text(&out),
                           "\n  limits.pace=window|even\n      send as soon as the limit allows, "
                           "or evenly spaced [window]\n"));
    for (const char *p = buffer_text(&out); *p; p += strcspn(p, "\n") + 1) {
        size_t indent = strspn(p, " "), word = strcspn(p + indent, " \n");
        /* a default may be one long word, which can't be broken */
        assert_true(strcspn(p, "\n") <= 80 || strcspn(p, "\n") == indent + word);
    }
}

static char *read_file(const char *path)
{
    static char text[65536];
    FILE *f = fopen(path, "rb");
    if (!f)
        fail_msg("%s can't be opened", path);
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = '\0';
    return text;
}

static void test_full_example_is_the_table(void **state)
{
    (void)state;
    config_example(&out);
    if (strcmp(read_file(CONFIG_DIRECTORY "/mindee-batch-full.ini"), buffer_text(&out)) != 0) {
        FILE *f = fopen("mindee-batch-full.ini", "w");
        if (f) {
            fputs(buffer_text(&out), f);
            fclose(f);
        }
        fail_msg("config/mindee-batch-full.ini isn't what the table says; what it should be was "
                 "written to mindee-batch-full.ini in the current directory");
    }
}

/* With every "#key = value" made live, it still loads, and changes nothing. */
static void test_full_example_loads(void **state)
{
    (void)state;
    char path[] = "/tmp/test_example.XXXXXX";
    int fd = mkstemp(path);
    FILE *f = fdopen(fd, "w");
    assert_non_null(f);
    config_example(&out);
    for (const char *p = buffer_text(&out); *p; p += strcspn(p, "\n") + 1)
        fprintf(f, "%.*s\n", (int)strcspn(p, "\n") - (*p == '#' && p[1] != ' '),
                p + (*p == '#' && p[1] != ' '));
    fclose(f);
    int rc = config_load_file(c, path, &errors);
    remove(path);
    if (rc < 0)
        fail_msg("%s", errors.errors[0].text);
    struct config *fresh = config_new();
    for (size_t i = 0; i < option_count; i++) {
        const struct option *o = &option_table[i];
        if (o->type == OPTION_INT || o->type == OPTION_DURATION)
            assert_int_equal(setting_of(c, o)->value.number, setting_of(fresh, o)->value.number);
        if (o->fallback) {
            assert_true(config_is_set(c, o->field)); /* the line is there */
            assert_memory_equal(config_origin(c, o->field), path, strlen(path));
        }
    }
    config_free(fresh);
}

static void test_short_example_loads(void **state)
{
    (void)state;
    if (config_load_file(c, CONFIG_DIRECTORY "/mindee-batch.ini", &errors) < 0 ||
        config_check(c, &errors) < 0)
        fail_msg("%s", errors.errors[0].text);
    assert_true(config_is_set(c, SETTING(api.model_id)));
    assert_true(config_is_set(c, SETTING(input.directory)));
}

/* Line by line: a # that stands before an option or a section is taken away. */
static void take_up_all_that_is_commented(const char *text, struct buffer *taken_up)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        size_t key = *text == '#' ? strspn(text + 1, "abcdefghijklmnopqrstuvwxyz_.") : 0;
        bool option = key > 0 && strncmp(text + 1 + key, " = ", 3) == 0;
        bool taken = option || strncmp(text, "#[", 2) == 0;
        buffer_printf(taken_up, "%.*s\n", (int)(len - taken), text + taken);
        text += len + (text[len] == '\n');
    }
}

/* Everything that its comments offer works when its # is gone; what it names is made beside it. */
static void test_short_example_loads_with_all_it_offers(void **state)
{
    static const char *const files[] = {"mindee.key", "webhook-secret", "fullchain.pem",
                                        "privkey.pem", "holidays.txt"};
    static const char *const offered[] = {"when", "url", "max_credits", "exclude", "listen"};
    char directory[] = "/tmp/test_short.XXXXXX", path[120];
    struct buffer text;
    (void)state;
    assert_non_null(mkdtemp(directory));
    buffer_init(&text, 0);
    take_up_all_that_is_commented(read_file(CONFIG_DIRECTORY "/mindee-batch.ini"), &text);
    for (size_t i = 0; i < sizeof offered / sizeof *offered; i++) {
        snprintf(path, sizeof path, "\n%s = ", offered[i]);
        if (!strstr(buffer_text(&text), path))
            fail_msg("%s is not offered", offered[i]);
    }
    for (size_t i = 0; i <= sizeof files / sizeof *files; i++) {
        bool ini = i == sizeof files / sizeof *files;
        snprintf(path, sizeof path, "%s/%s", directory, ini ? "a.ini" : files[i]);
        FILE *f = fopen(path, "w");
        assert_non_null(f);
        assert_true(fputs(ini ? buffer_text(&text) : "2026-12-25\n", f) >= 0);
        fclose(f);
        assert_int_equal(chmod(path, 0600), 0);
    }
    int rc = config_load_file(c, path, &errors);
    if (rc == 0)
        rc = config_check(c, &errors);
    char first[600];
    snprintf(first, sizeof first, "%s", rc < 0 ? errors.errors[0].text : "");
    for (size_t i = 0; i <= sizeof files / sizeof *files; i++) {
        snprintf(path, sizeof path, "%s/%s", directory,
                 i == sizeof files / sizeof *files ? "a.ini" : files[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(directory), 0);
    assert_string_equal(first, "");
    assert_int_equal(config_batch_count(c), 1);
    buffer_release(&text);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_print),
        TEST(test_print_masks_secrets),
        TEST(test_print_hostile_values),
        TEST(test_help),
        TEST(test_full_example_is_the_table),
        TEST(test_full_example_loads),
        TEST(test_short_example_loads),
        TEST(test_short_example_loads_with_all_it_offers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
