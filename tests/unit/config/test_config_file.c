/* INI files as people write them, right and wrong: values and where they came from, every error
 * with its line. */
#include "config/config.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[64], path[96];
static struct config *c;
static struct error_list errors;

static int make_directory(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/test_config.XXXXXX");
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

static int load_bytes(const char *bytes, size_t len)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(bytes, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
    return config_load_file(c, path, &errors);
}

static void assert_loads(const char *text)
{
    int rc = load_bytes(text, strlen(text));
    if (rc < 0)
        fail_msg("%s", errors.errors[0].text);
    assert_int_equal(errors.count, 0);
}

/* EXPECTED: each error's text behind the file's name and colon, NULL-ended. */
static void assert_errors(const char *const *expected)
{
    size_t n = 0;
    for (; expected[n]; n++) {
        if (n >= errors.count)
            fail_msg("missing: %s", expected[n]);
        assert_memory_equal(errors.errors[n].text, path, strlen(path));
        assert_string_equal(errors.errors[n].text + strlen(path) + 1, expected[n]);
        assert_int_equal(errors.errors[n].code, ERR_USAGE);
    }
    if (errors.count > n)
        fail_msg("one more: %s", errors.errors[n].text);
}

#define REFUSES(text, ...)                                                                         \
    do {                                                                                           \
        assert_int_equal(load_bytes(text, strlen(text)), ERR_USAGE);                               \
        assert_errors((const char *const[]){__VA_ARGS__, NULL});                                   \
    } while (0)

static void test_plain(void **state)
{
    (void)state;
    char origin[128];
    assert_loads("# a comment\n"
                 "; another\n"
                 "\n"
                 "[api]\n"
                 "model_id = 12345678-9abc-def0-1234-56789abcdef0 ; the invoices\n"
                 "product=ocr\n"
                 "[limits]\n"
                 "uploads: 8\n"
                 "  \n"
                 "share =  50%  \n"
                 "[api]\n"
                 "timeout = 30s");
    assert_string_equal(config_settings(c)->api.model_id, "12345678-9abc-def0-1234-56789abcdef0");
    assert_int_equal(config_settings(c)->api.product, MINDEE_OCR);
    assert_int_equal(config_settings(c)->limits.uploads, 8);
    assert_true(config_settings(c)->limits.share == 50);
    assert_int_equal(config_settings(c)->api.timeout, 30000);
    snprintf(origin, sizeof origin, "%s:8", path);
    assert_string_equal(config_origin(c, SETTING(limits.uploads)), origin);
    assert_true(config_is_set(c, SETTING(limits.uploads)));
    assert_false(config_is_set(c, SETTING(limits.pace)));
}

static void test_windows_file(void **state)
{
    (void)state;
    assert_loads("\xEF\xBB\xBF[limits]\r\nuploads = 8\r\n\r\n[input]\r\ninclude = *.pdf,\r\n "
                 "*.tif\r\n");
    assert_int_equal(config_settings(c)->limits.uploads, 8);
    assert_string_equal(config_settings(c)->input.include[0], "*.pdf");
    assert_string_equal(config_settings(c)->input.include[1], "*.tif");
    assert_null(config_settings(c)->input.include[2]);
}

static void test_empty_file(void **state)
{
    (void)state;
    assert_loads("");
    assert_loads("\n\n# nothing\n[api]\n");
}

static void test_continued_values(void **state)
{
    (void)state;
    assert_loads("[request]\n"
                 "text_context = These are invoices\n"
                 "    of suppliers in Spain;\n"
                 "    # what follows is still part of it\n"
                 "    totals = with tax ; and this isn't\n"
                 "[input]\n"
                 "exclude =\n"
                 "    .*\n"
                 "    *.bak, *.tmp\n"
                 "directory = /very/\n"
                 "\tlong\n");
    assert_string_equal(config_settings(c)->request.text_context,
                        "These are invoices of suppliers in Spain; totals = with tax");
    const char *const *list = config_settings(c)->input.exclude;
    assert_string_equal(list[0], ".*");
    assert_string_equal(list[1], "*.bak");
    assert_string_equal(list[2], "*.tmp");
    assert_null(list[3]);
    assert_string_equal(config_settings(c)->input.directory, "/very/long");
}

static void test_value_is_read_when_whole(void **state)
{
    (void)state;
    char origin[128];
    assert_loads("[request]\nwebhook_ids =\n 12345678-9abc-def0-1234-56789abcdef0\n"
                 "\n 00000000-0000-4000-8000-000000000000\n");
    assert_string_equal(config_settings(c)->request.webhook_ids[1],
                        "00000000-0000-4000-8000-000000000000");
    snprintf(origin, sizeof origin, "%s:2", path);
    assert_string_equal(config_origin(c, SETTING(request.webhook_ids)), origin);
}

static void test_what_cannot_continue(void **state)
{
    (void)state;
    REFUSES("[limits]\n"
            "uploads = 8\n"
            "  16\n",
            "3: this line is indented, so it goes on with the value of limits.uploads, which takes "
            "a single line");
}

static void test_key_indented_by_mistake(void **state)
{
    (void)state;
    REFUSES("[input]\n"
            "include = *.pdf\n"
            "  exclude = *.bak\n"
            "  directory: here\n",
            "3: this line is indented, so it goes on with the value above; to set input.exclude, "
            "take the blanks away",
            "4: this line is indented, so it goes on with the value above; to set input.directory, "
            "take the blanks away");
}

static void test_indented_after_section(void **state)
{
    (void)state;
    assert_loads("[limits]\n  uploads = 8\n"); /* nothing above that it could go on with */
    assert_int_equal(config_settings(c)->limits.uploads, 8);
}

static void test_every_error(void **state)
{
    (void)state;
    REFUSES("[limits]\n"
            "upload = 8\n"
            "share = 500%\n"
            "what\n"
            "pace = fast\n"
            "canary = 7\n"
            "[limit]\n"
            "uploads = 3\n"
            "[web]\n"
            "[api\n"
            "[api] key = x\n"
            "model_id = 1\n",
            "2: there is no option limits.upload; did you mean limits.uploads?",
            "3: limits.share: must be between 1% and 100%",
            "4: neither key = value nor [section] nor a comment (; or #)",
            "5: limits.pace: \"fast\" isn't one of window|even",
            "8: there is no option limit.uploads; did you mean limits.uploads?",
            "9: there is no section of this name",
            "10: a section is written [name]: the ] is missing",
            "11: what follows the ] belongs in a line of its own",
            "12: api.model_id: \"1\" isn't a UUID: it looks like "
            "12345678-9abc-def0-1234-56789abcdef0");
    assert_int_equal(config_settings(c)->limits.canary, 7); /* what is right is taken */
}

static void test_keys_outside_of_sections(void **state)
{
    (void)state;
    REFUSES("uploads = 8\nlimits.uploads = 8\n",
            "1: there is no option uploads; did you mean limits.uploads?",
            "2: limits.uploads stands outside of a section: write uploads below [limits]");
}

static void test_set_twice(void **state)
{
    (void)state;
    REFUSES("[limits]\nuploads = 8\n[api]\n[limits]\nuploads = 9\n  10\n",
            "5: limits.uploads is set twice, first in line 2");
    assert_int_equal(config_settings(c)->limits.uploads, 8);
}

static void test_long_lines(void **state)
{
    (void)state;
    char text[1000], expected[] =
                         "3: longer than 199 bytes: a long value goes on in the next lines, "
                         "indented";
    /* 199 bytes are taken whole */
    int n = snprintf(text, sizeof text, "[request]\ntext_context = %0184d\n", 7);
    assert_int_equal(n, 10 + 199 + 1);
    assert_loads(text);
    assert_int_equal(strlen(config_settings(c)->request.text_context), 184);
    /* 200 aren't; the line that would continue it isn't the value above's, and counting goes on */
    snprintf(text, sizeof text,
             "[input]\ndirectory = /ok\ninclude = %0190d\n  more\nnonsense\n[limits]\n", 7);
    REFUSES(text, expected, "5: neither key = value nor [section] nor a comment (; or #)");
    assert_string_equal(config_settings(c)->input.directory, "/ok");
}

static void test_secrets_stay_secret(void **state)
{
    (void)state;
    REFUSES("[api]\n"
            "key = md_SECRET with blank\n"
            "md_SECRET\n"
            "proxy = user:SECRET@host\n"
            "\n"
            "[nowhere] md_SECRET\n",
            "2: api.key: holds a space or a character that can't be in a key (it isn't shown)",
            "3: neither key = value nor [section] nor a comment (; or #)",
            "4: api.proxy: \"***@host\" isn't a URL: it begins with https:// and a host",
            "6: what follows the ] belongs in a line of its own",
            "6: there is no section of this name");
}

static void test_binary(void **state)
{
    (void)state;
    static const char bytes[] = "[limits]\nuploads = 8\0\ncanary = 3\n";
    assert_int_equal(load_bytes(bytes, sizeof bytes - 1), ERR_USAGE);
    assert_errors(
        (const char *const[]){"2: holds a NUL byte: this is no INI file, or one in UTF-16 "
                              "that should be saved as UTF-8",
                              NULL});
}

/* One complaint, however many lines. */
static void test_a_pdf(void **state)
{
    (void)state;
    static const char pdf[] = "%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n";
    assert_int_equal(load_bytes(pdf, sizeof pdf - 1), ERR_USAGE);
    assert_errors((const char *const[]){"1: this is a PDF, not an INI file", NULL});
}

static void test_a_table(void **state)
{
    (void)state;
    static const char csv[] = "date;amount\n2026-11-01;3\n2026-11-02;4\n2026-11-03;5\n";
    assert_int_equal(load_bytes(csv, sizeof csv - 1), ERR_USAGE);
    assert_errors((const char *const[]){"1: this is no INI file: it has no [section]", NULL});
}

static void test_unreadable(void **state)
{
    (void)state;
    char missing[128], expected[256];
    snprintf(missing, sizeof missing, "%s/missing.ini", directory);
    assert_int_equal(config_load_file(c, missing, &errors), ERR_IO);
    snprintf(expected, sizeof expected,
             "%s: the configuration can't be read: No such file or directory", missing);
    assert_string_equal(errors.errors[0].text, expected);
    assert_int_equal(config_load_file(c, directory, &errors), ERR_IO);
    assert_non_null(strstr(errors.errors[1].text, "Is a directory"));
}

static void test_too_large(void **state)
{
    (void)state;
    size_t size = (1 << 20) + 1;
    char *bytes = malloc(size);
    memset(bytes, '\n', size);
    int rc = load_bytes(bytes, size);
    free(bytes);
    assert_int_equal(rc, ERR_USAGE);
    assert_errors((const char *const[]){" over 1 MB: this isn't a configuration", NULL});
}

static void test_relative_paths(void **state)
{
    (void)state;
    char expected[128];
    assert_loads(
        "[input]\ndirectory = invoices\n[output]\ndirectory = /abs\n[log]\nfile = ../log\n");
    snprintf(expected, sizeof expected, "%s/invoices", directory);
    assert_string_equal(config_settings(c)->input.directory, expected);
    assert_string_equal(config_settings(c)->output.directory, "/abs");
    snprintf(expected, sizeof expected, "%s/../log", directory);
    assert_string_equal(config_settings(c)->log.file, expected);
    assert_int_equal(config_set(c, "input.directory=here", &errors), 0);
    assert_string_equal(config_settings(c)->input.directory, "here");
}

static void test_file_in_current_directory(void **state)
{
    (void)state;
    char before[4096];
    assert_non_null(getcwd(before, sizeof before));
    assert_loads("[input]\ndirectory = invoices\n[limits]\nuploads = 3\n");
    assert_int_equal(chdir(directory), 0);
    int rc = config_load_file(c, "a.ini", &errors);
    assert_int_equal(chdir(before), 0);
    assert_int_equal(rc, 0);
    assert_string_equal(config_settings(c)->input.directory, "invoices");
    assert_string_equal(config_origin(c, SETTING(limits.uploads)), "a.ini:4");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_plain),
        TEST(test_windows_file),
        TEST(test_empty_file),
        TEST(test_continued_values),
        TEST(test_value_is_read_when_whole),
        TEST(test_what_cannot_continue),
        TEST(test_key_indented_by_mistake),
        TEST(test_indented_after_section),
        TEST(test_every_error),
        TEST(test_keys_outside_of_sections),
        TEST(test_set_twice),
        TEST(test_long_lines),
        TEST(test_secrets_stay_secret),
        TEST(test_binary),
        TEST(test_a_pdf),
        TEST(test_a_table),
        TEST(test_unreadable),
        TEST(test_too_large),
        TEST(test_relative_paths),
        TEST(test_file_in_current_directory),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
