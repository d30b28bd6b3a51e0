/* Who wins, what options contradict each other, and where the key comes from. */
#include "base/log.h"
#include "config/config.h"
#include "config/url.h"
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[64], ini[96], key_file[96];
static struct config *c;
static struct error_list errors;

static int make_directory(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/test_layers.XXXXXX");
    if (!mkdtemp(directory))
        return -1;
    snprintf(ini, sizeof ini, "%s/a.ini", directory);
    snprintf(key_file, sizeof key_file, "%s/key", directory);
    return 0;
}

static int remove_directory(void **state)
{
    (void)state;
    unlink(ini);
    unlink(key_file);
    return rmdir(directory);
}

static int set_up(void **state)
{
    (void)state;
    unsetenv("MINDEE_V2_API_KEY");
    unsetenv("MINDEE_V2_BASE_URL");
    unsetenv("MINDEE_V2_API_HOST");
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

static void write_file(const char *name, const char *text)
{
    int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
}

static void load(const char *text)
{
    write_file(ini, text);
    assert_int_equal(config_load_file(c, ini, &errors), 0);
}

static void set(const char *assignment)
{
    assert_int_equal(config_set(c, assignment, &errors), 0);
}

static void environment(void)
{
    assert_int_equal(config_load_environment(c, &errors), 0);
}

static void assert_key(const char *expected)
{
    struct error e = {0};
    const char *key = config_api_key(c, &e);
    if (!key)
        fail_msg("%s", e.text);
    assert_string_equal(key, expected);
}

static void assert_no_key(const char *expected)
{
    struct error e = {0};
    assert_null(config_api_key(c, &e));
    assert_int_equal(e.code, ERR_USAGE);
    assert_non_null(strstr(e.text, expected));
}

static void test_layers_in_any_order(void **state)
{
    (void)state;
    set("limits.uploads=3");
    load("[limits]\nuploads = 2\ncanary = 2\n[api]\nbase_url = https://file\n");
    setenv("MINDEE_V2_BASE_URL", "https://environment", 1);
    environment();
    assert_int_equal(config_settings(c)->limits.uploads, 3);
    assert_int_equal(config_settings(c)->limits.canary, 2);
    assert_string_equal(config_settings(c)->api.base_url, "https://file");
    set("api.base_url=https://line");
    set("api.base_url=https://line2"); /* the later of two -s */
    assert_string_equal(config_settings(c)->api.base_url, "https://line2");
}

static void test_environment(void **state)
{
    (void)state;
    setenv("MINDEE_V2_API_KEY", "md_env", 1);
    setenv("MINDEE_V2_API_HOST", "eu.example.com", 1);
    environment();
    assert_string_equal(config_settings(c)->api.base_url, "https://eu.example.com");
    assert_string_equal(config_origin(c, SETTING(api.base_url)), "$MINDEE_V2_API_HOST");
    assert_string_equal(config_origin(c, SETTING(api.key)), "$MINDEE_V2_API_KEY");
    assert_key("md_env");
    setenv("MINDEE_V2_BASE_URL", "http://127.0.0.1:3000", 1);
    environment();
    assert_string_equal(config_settings(c)->api.base_url, "http://127.0.0.1:3000");
    assert_string_equal(config_origin(c, SETTING(api.base_url)), "$MINDEE_V2_BASE_URL");
}

static void test_environment_wrong_or_empty(void **state)
{
    (void)state;
    setenv("MINDEE_V2_API_KEY", "", 1);
    setenv("MINDEE_V2_BASE_URL", "", 1);
    environment();
    assert_string_equal(config_settings(c)->api.base_url, "https://api-v2.mindee.net");
    setenv("MINDEE_V2_API_KEY", "md SECRET", 1);
    setenv("MINDEE_V2_BASE_URL", "ftp://x", 1);
    assert_int_equal(config_load_environment(c, &errors), ERR_USAGE);
    assert_int_equal(errors.count, 2);
    assert_string_equal(errors.errors[0].text,
                        "$MINDEE_V2_API_KEY: api.key: holds a space or a character that can't be "
                        "in a key (it isn't shown)");
    assert_string_equal(errors.errors[1].text,
                        "$MINDEE_V2_BASE_URL: api.base_url: \"ftp://x\" isn't a URL: it begins "
                        "with https:// and a host");
}

static void test_key_file(void **state)
{
    (void)state;
    write_file(key_file, "  md_file\t\r\nsecond line\n");
    assert_no_key("no API key: set $MINDEE_V2_API_KEY, or api.key_file");
    load("[api]\nkey_file = key\n"); /* beside the INI file */
    assert_no_key("its first line holds what can't be in an API key");
    write_file(key_file, "md_file \t\r\nsecond line\n");
    assert_key("md_file");
    write_file(key_file, "\xef\xbb\xbfmd_marked\r\n"); /* as Windows' editors leave it */
    assert_key("md_marked");
    write_file(key_file, "md_old\rsecond line\r");
    assert_key("md_old");
    write_file(key_file, "md_no_newline");
    assert_key("md_no_newline");
    setenv("MINDEE_V2_API_KEY", "md_env", 1);
    environment();
    assert_key("md_no_newline"); /* the environment is only the default */
    set("api.key=md_line");
    assert_key("md_line"); /* the command line is nearer than the file's key_file */
    assert_int_equal(config_check(c, &errors), 0);
}

/* A key that anybody may read is used, with a warning that doesn't show it. */
static void test_key_file_open_to_all(void **state)
{
    (void)state;
    char log[96], text[1024] = "";
    struct error e;
    snprintf(log, sizeof log, "%s/log", directory);
    assert_int_equal(log_open(&(struct log_options){.level = LOG_WARNING, .file = log}, &e), 0);
    write_file(key_file, "md_SECRET\n");
    load("[api]\nkey_file = key\n");
    assert_int_equal(chmod(key_file, 0640), 0); /* a group may have been meant to */
    assert_key("md_SECRET");
    assert_int_equal(chmod(key_file, 0644), 0);
    assert_key("md_SECRET");
    log_close();
    FILE *f = fopen(log, "r");
    assert_non_null(f);
    assert_true(fread(text, 1, sizeof text - 1, f) > 0);
    fclose(f);
    remove(log);
    assert_int_equal(chmod(key_file, 0600), 0);
    assert_non_null(strstr(
        text,
        ": the file of the API key isn't private: anybody on this machine may read it; chmod 600"));
    assert_null(strstr(strchr(text, '\n') + 1, "config.key_file")); /* once */
    assert_null(strstr(text, "SECRET"));
}

static void test_key_file_that_is_none(void **state)
{
    (void)state;
    load("[api]\nkey_file = key\n");
    unlink(key_file);
    assert_no_key("open: No such file or directory");
    write_file(key_file, "");
    assert_no_key("its first line is empty: it should be the API key");
    write_file(key_file, "\nmd_second_line\n");
    assert_no_key("its first line is empty: it should be the API key");
    char text[5000];
    memset(text, 'k', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    write_file(key_file, text);
    assert_no_key("its first line is too long for a key");
}

static void test_key_and_key_file(void **state)
{
    (void)state;
    char expected[400];
    load("[api]\nkey = md_a\nkey_file = key\n");
    assert_int_equal(config_check(c, &errors), ERR_USAGE);
    snprintf(expected, sizeof expected,
             "api.key (%s:2) and api.key_file (%s:3): give one of them, not both", ini, ini);
    assert_int_equal(errors.count, 1);
    assert_string_equal(errors.errors[0].text, expected);
}

static void test_base_url_rule(void **state)
{
    (void)state;
    static const struct {
        const char *url;
        bool good;
    } rows[] = {{"https://api-v2.mindee.net", true},
                {"https://example.com:8443/prefix", true},
                {"HTTPS://EXAMPLE.COM", true},
                {"http://localhost:8080", true},
                {"http://LOCALHOST", true},
                {"http://127.0.0.1:3000", true},
                {"http://127.255.1.2", true},
                {"http://[::1]:3000", true},
                {"http://example.com", false},
                {"http://127.0.0.1.example.com", false},
                {"http://localhost.example.com", false},
                {"http://localhost@example.com", false},
                {"http://127.1", false},
                {"http://128.0.0.1", false},
                {"http://10.0.0.1", false},
                {"http://[::2]", false},
                {"http://[::ffff:127.0.0.1]", false},
                {"https://user:pw@example.com", false},
                {"https://example.com/?a=b", false},
                {"https://example.com#x", false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char assignment[128];
        snprintf(assignment, sizeof assignment, "api.base_url=%s", rows[i].url);
        set(assignment);
        if (config_check(c, &errors) != (rows[i].good ? 0 : ERR_USAGE))
            fail_msg("%s", rows[i].url);
        if (!rows[i].good)
            assert_null(strstr(errors.errors[errors.count - 1].text, "pw"));
    }
    set("api.base_url=http://example.com");
    size_t n = errors.count;
    assert_int_equal(config_check(c, &errors), ERR_USAGE);
    assert_string_equal(errors.errors[n].text,
                        "-s: api.base_url: http://example.com would send the API key unencrypted; "
                        "use https (http is accepted for loopback addresses alone)");
}

static void test_urls_that_are_none(void **state)
{
    (void)state;
    static const char *const bad[] = {"",
                                      "https://",
                                      "https:///path",
                                      "https://:443",
                                      "https://host:",
                                      "https://host:0",
                                      "https://host:65536",
                                      "https://host:4x",
                                      "https://ho st",
                                      "https://h\xc3\xb6st",
                                      "https://host\\@evil",
                                      "https://[::1",
                                      "https://[zz]",
                                      "https://[::1]x",
                                      "https//host",
                                      "file:///etc/passwd",
                                      "host"};
    struct url url;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (url_parse(bad[i], &url) != ERR_FORMAT)
            fail_msg("\"%s\" was read as a URL", bad[i]);
    assert_int_equal(url_parse("https://Host:65535/x?y", &url), 0);
    assert_string_equal(url.host, "host");
    assert_true(url.https && url.query_fragment && !url.credentials);
}

static void test_options_of_extraction(void **state)
{
    (void)state;
    set("request.rag=yes");
    set("request.polygon=no");
    set("request.webhook_ids=12345678-9abc-def0-1234-56789abcdef0");
    assert_int_equal(config_check(c, &errors), 0);
    set("api.product=ocr");
    assert_int_equal(config_check(c, &errors), ERR_USAGE);
    assert_int_equal(errors.count, 2);
    assert_string_equal(errors.errors[0].text,
                        "-s: request.rag: only extraction takes this; api.product is ocr (leave "
                        "one of them out)");
}

static void test_share_of_nothing(void **state)
{
    (void)state;
    set("limits.share=10%");
    set("limits.post_per_minute=10");
    set("limits.get_per_minute=0");
    assert_int_equal(config_check(c, &errors), 0);
    set("limits.post_per_minute=9");
    assert_int_equal(config_check(c, &errors), ERR_USAGE);
    assert_string_equal(errors.errors[0].text,
                        "-s: limits.share: 10% of limits.post_per_minute = 9 is less than one a "
                        "minute");
}

static void test_delays_out_of_order(void **state)
{
    (void)state;
    set("retry.first_delay=2m");
    assert_int_equal(config_check(c, &errors), ERR_USAGE);
    assert_string_equal(errors.errors[0].text,
                        "retry.first_delay (-s) is longer than retry.max_delay (default)");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_layers_in_any_order),        TEST(test_environment),
        TEST(test_environment_wrong_or_empty), TEST(test_key_file),
        TEST(test_key_file_open_to_all),       TEST(test_key_file_that_is_none),
        TEST(test_key_and_key_file),           TEST(test_base_url_rule),
        TEST(test_urls_that_are_none),         TEST(test_options_of_extraction),
        TEST(test_share_of_nothing),           TEST(test_delays_out_of_order),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
