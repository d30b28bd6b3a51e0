/* The webhook's options: its secrets and where they stand, and what contradicts each other. */
#include "config/config.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[64];
static struct config *c;
static struct error_list errors;

static int set_up(void **state)
{
    (void)state;
    strcpy(path, "/tmp/test_secrets.XXXXXX");
    int fd = mkstemp(path);
    c = config_new();
    error_list_init(&errors);
    return fd < 0 || close(fd) != 0;
}

static int tear_down(void **state)
{
    (void)state;
    config_free(c);
    error_list_release(&errors);
    return unlink(path);
}

static void set(const char *name, const char *value)
{
    char text[256];
    snprintf(text, sizeof text, "%s=%s", name, value);
    if (config_set(c, text, &errors) != 0)
        fail_msg("%s", errors.errors[errors.count - 1].text);
}

static void write_secrets(const void *text, size_t len)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, len, f), len);
    assert_int_equal(fclose(f), 0);
}

static void assert_secrets(const char *const *expected)
{
    struct error e = {0};
    const char *const *secrets = config_webhook_secrets(c, &e);
    if (!secrets)
        fail_msg("%s", e.text);
    size_t i = 0;
    for (; expected[i]; i++) {
        assert_non_null(secrets[i]);
        assert_string_equal(secrets[i], expected[i]);
    }
    assert_null(secrets[i]);
}

#define SECRETS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void assert_no_secrets(const char *expected)
{
    struct error e = {0};
    assert_null(config_webhook_secrets(c, &e));
    assert_int_equal(e.code, ERR_USAGE);
    if (!strstr(e.text, expected))
        fail_msg("'%s' isn't in '%s'", expected, e.text);
    assert_null(strstr(e.text, "whsec"));
}

static void secrets_from_here_and_there(void **state)
{
    (void)state;
    static const char lines[] = "\n  whsec new \t\r\n\n# is one too\nwhsec_old";
    assert_no_secrets("no signing secret: set webhook.secret_file");
    set("webhook.secret", "whsec_a");
    assert_secrets(SECRETS("whsec_a"));
    set("webhook.secret_file", path);
    write_secrets(lines, sizeof lines - 1);
    assert_secrets(SECRETS("whsec_a", "whsec new", "# is one too", "whsec_old"));
    set("webhook.secret", "");
    assert_secrets(SECRETS("whsec new", "# is one too", "whsec_old"));
    static const char marked[] = "\xef\xbb\xbfwhsec_new\r\nwhsec_old\r\n";
    write_secrets(marked, sizeof marked - 1);
    assert_secrets(SECRETS("whsec_new", "whsec_old"));
    static const char wide[] = "\xff\xfe"
                               "a\0b\0\r\0\n\0c\0";
    write_secrets(wide, sizeof wide - 1);
    assert_secrets(SECRETS("ab", "c"));
    static const char other_wide[] = "\xfe\xff"
                                     "\0a\0b\0\n";
    write_secrets(other_wide, sizeof other_wide - 1);
    assert_secrets(SECRETS("ab"));
    write_secrets("changed\n", 8); /* read anew each time */
    assert_secrets(SECRETS("changed"));
}

static void files_that_hold_none(void **state)
{
    (void)state;
    char many[17000];
    set("webhook.secret", "whsec_a");
    set("webhook.secret_file", path);
    write_secrets("", 0);
    assert_no_secrets("there is no secret in it");
    write_secrets(" \n\t\n\r\n", 6);
    assert_no_secrets("there is no secret in it");
    write_secrets("whsec\0_b", 8);
    assert_no_secrets("it isn't text");
    write_secrets("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n", 36);
    assert_non_null(config_webhook_secrets(c, &(struct error){0}));
    write_secrets("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n", 39);
    assert_no_secrets("there are more than 16 secrets");
    memset(many, 'k', sizeof many);
    write_secrets(many, sizeof many);
    assert_no_secrets("it is too large for a file of secrets");
    set("webhook.secret_file", "/nonexistent/file");
    assert_no_secrets("webhook.secret_file /nonexistent/file: open: No such file or directory");
}

static void off_is_nowhere(void **state)
{
    (void)state;
    assert_null(config_webhook_listen(c));
    set("webhook.listen", "Off");
    assert_null(config_webhook_listen(c));
    set("webhook.listen", "8443");
    assert_string_equal(config_webhook_listen(c), "8443");
    set("webhook.listen", "off");
    assert_null(config_webhook_listen(c));
    assert_string_equal(config_settings(c)->webhook.path, "/webhook");
    assert_int_equal(config_settings(c)->webhook.fallback_after, 120000);
    assert_int_equal(config_settings(c)->retry.in_doubt_wait, 120000);
    assert_int_equal(config_check(c, &errors), 0);
}

static void assert_refused(const char *expected)
{
    size_t before = errors.count;
    assert_int_equal(config_check(c, &errors), ERR_USAGE);
    assert_int_equal(errors.count, before + 1);
    assert_string_equal(errors.errors[before].text, expected);
}

static void what_belongs_together(void **state)
{
    (void)state;
    set("webhook.listen", "127.0.0.1:8443");
    assert_refused("-s: webhook.listen needs the webhook's signing secret: set webhook.secret_file "
                   "(or webhook.secret)");
    set("webhook.secret_file", path);
    assert_int_equal(config_check(c, &errors), 0);
    set("webhook.tls_cert", "chain.pem");
    assert_refused("-s: webhook.tls_cert is set, but not webhook.tls_key: give both, or neither");
    set("webhook.tls_key", "key.pem");
    assert_int_equal(config_check(c, &errors), 0);
    set("webhook.tls_cert", "");
    assert_refused("-s: webhook.tls_key is set, but not webhook.tls_cert: give both, or neither");
    set("webhook.tls_key", "");
    set("webhook.path", "webhook");
    assert_refused("-s: webhook.path: must be a path alone, as in /webhook: \"webhook\" isn't");
    set("webhook.path", "/webhook?secret=a");
    assert_int_equal(config_check(c, &errors), ERR_USAGE);
    set("webhook.path", "/a/b");
    assert_int_equal(config_check(c, &errors), 0);
}

static void secrets_are_not_shown(void **state)
{
    (void)state;
    struct buffer out;
    buffer_init(&out, 0);
    set("webhook.secret", "whsec_a");
    set("webhook.query_secret", "whsec_b");
    config_print(c, &out);
    assert_non_null(strstr(buffer_text(&out), "webhook.query_secret"));
    assert_null(strstr(buffer_text(&out), "whsec"));
    buffer_release(&out);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(secrets_from_here_and_there), TEST(files_that_hold_none),  TEST(off_is_nowhere),
        TEST(what_belongs_together),       TEST(secrets_are_not_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
