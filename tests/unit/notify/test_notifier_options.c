/* A notifier's options out of a configuration: what is refused before anything runs under them, and that
 * a secret is in no message. */
#include "notify/notifier.h"

#include "test.h"

#include <stdio.h>
#include <string.h>

#define TOKEN "t0ken"

static struct config *config_of(const char *const *sets)
{
    struct config *c = config_new();
    struct error_list errors;
    error_list_init(&errors);
    for (; *sets; sets++)
        if (config_set(c, *sets, &errors) != 0)
            fail_msg("%s", errors.errors[0].text);
    error_list_release(&errors);
    return c;
}

static void what_is_said_is_what_is_done(void **state)
{
    const char *const sets[] = {"notify.url=https://chat.example.com/" TOKEN,
                                "notify.command=/bin/cat",
                                "notify.every=5m",
                                "on_stored.url=http://127.0.0.1:8080/x",
                                "on_stored.command=sh -c 'exit 0'",
                                "on_stored.from=beginning",
                                "on_stored.timeout=7s",
                                "api.connect_timeout=3s",
                                "api.proxy=http://proxy.example.com:3128",
                                "retry.first_delay=2s",
                                "retry.max_delay=40s",
                                NULL};
    struct notifier_options o;
    struct error e;
    (void)state;
    struct config *c = config_of(sets);
    if (notifier_options_read(&o, c, "north", "/out", &e) != 0)
        fail_msg("%s", e.text);
    assert_string_equal(o.batch, "north");
    assert_string_equal(o.output, "/out");
    assert_string_equal(o.notify_url, "https://chat.example.com/" TOKEN);
    assert_string_equal(o.notify_command, "/bin/cat");
    assert_string_equal(o.stored_url, "http://127.0.0.1:8080/x"); /* this machine's own */
    assert_string_equal(o.stored_command, "sh -c 'exit 0'");
    assert_true(o.at_end && o.at_trouble && o.from_beginning);
    assert_int_equal(o.every_ms, 5 * 60 * 1000);
    assert_int_equal(o.stored_timeout_ms, 7000);
    assert_int_equal(o.connect_timeout_ms, 3000);
    assert_string_equal(o.proxy, "http://proxy.example.com:3128");
    assert_int_equal(o.first_delay_ms, 2000);
    assert_int_equal(o.max_delay_ms, 40000);
    config_free(c);
}

static void nothing_is_said(void **state)
{
    struct notifier_options o;
    struct error e;
    (void)state;
    struct config *c = config_of((const char *const[]){NULL});
    assert_int_equal(notifier_options_read(&o, c, NULL, "/out", &e), 0);
    assert_null(o.notify_url);
    assert_null(o.notify_command);
    assert_null(o.stored_url);
    assert_null(o.stored_command);
    assert_null(o.batch);
    assert_false(o.from_beginning);
    assert_int_equal(o.every_ms, 15 * 60 * 1000);
    config_free(c);
}

static void when_something_is_told(void **state)
{
    static const struct {
        const char *set;
        bool end, trouble;
    } rows[] = {{"notify.when=end", true, false},
                {"notify.when=trouble", false, true},
                {"notify.when=trouble,end", true, true}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct notifier_options o;
        struct error e;
        struct config *c = config_of((const char *const[]){rows[i].set, NULL});
        assert_int_equal(notifier_options_read(&o, c, NULL, "/out", &e), 0);
        assert_int_equal(o.at_end, rows[i].end);
        assert_int_equal(o.at_trouble, rows[i].trouble);
        config_free(c);
    }
}

/* By whoever finds it, with where it was said, why, and nothing of what may be a secret. */
static void refused(const char *set, const char *words)
{
    struct notifier_options o;
    struct error_list errors;
    struct error e;
    char name[60];
    struct config *c = config_new();
    error_list_init(&errors);
    snprintf(name, sizeof name, "-s: %.*s: ", (int)strcspn(set, "="), set);
    if (config_set(c, set, &errors) != 0)
        e = errors.errors[0];
    else if (notifier_options_read(&o, c, NULL, "/out", &e) != ERR_USAGE)
        fail_msg("taken: %s", set);
    if (strncmp(e.text, name, strlen(name)) != 0 || !strstr(e.text, words))
        fail_msg("%s: %s", set, e.text);
    assert_null(strstr(e.text, TOKEN));
    error_list_release(&errors);
    config_free(c);
}

static void addresses_that_are_none(void **state)
{
    static const char *const options[] = {"notify.url", "on_stored.url"};
    static const struct {
        const char *url, *words;
    } rows[] = {
        {"http://chat.example.com/" TOKEN, "http://chat.example.com would send it unencrypted"},
        {"http://10.0.0.7/" TOKEN, "would send it unencrypted"},
        {"http://127.0.0.1.example.com/" TOKEN, "would send it unencrypted"},
        {"https://user:" TOKEN "@chat.example.com/", "without a user"},
        {"https://" TOKEN "@chat.example.com/", "without a user"},
        {"ftp://chat.example.com/" TOKEN, "https://"},
        {"https:///" TOKEN, "https://"},
        {TOKEN, "https://"},
    };
    (void)state;
    for (size_t i = 0; i < 2; i++)
        for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
            char set[200];
            snprintf(set, sizeof set, "%s=%s", options[i], rows[k].url);
            refused(set, rows[k].words);
        }
}

static void commands_that_cannot_be_run(void **state)
{
    (void)state;
    refused("notify.command=/no/such/program x", "/no/such/program");
    refused("on_stored.command=/no/such/program x", "/no/such/program");
    refused("notify.command=no-such-program-anywhere", "in $PATH");
    refused("on_stored.command=/etc/passwd", "chmod +x");
    refused("notify.command=/bin/sh -c 'open", "a quote is opened and not closed");
    refused("on_stored.command=\"\"", "no program is named");
}

static void mail_is_whole_or_refused(void **state)
{
    static const struct {
        const char *mail, *to, *file, *words; /* NULL: it is right */
    } rows[] = {
        {"smtp://127.0.0.1:2525", "a@example.com", NULL, NULL},
        {"smtps://me%40example.com@mail.example.com:465/", "a@example.com,b@example.com", "/x",
         NULL},
        {"smtps://me@example.com@mail.example.com", "a@example.com", "/x", NULL},
        {"smtp://mail.example.com", NULL, NULL, "notify.mail_to"},
        {"smtp://mail.example.com", "a@b@example.com", NULL, "notify.mail_to"},
        {"smtp://mail.example.com", "-f@example.com", NULL, "notify.mail_to"},
        {"smtp://mail.example.com", "a@example.com\r\nBcc: b@example.com", NULL, "notify.mail_to"},
        {"smtp://me@mail.example.com", "a@example.com", NULL, "go together"},
        {"smtp://mail.example.com", "a@example.com", "/x", "go together"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char mail[100], to[100] = "notify.mail_to=", file[100] = "notify.mail_password_file=";
        struct notifier_options o;
        struct error e = {0};
        snprintf(mail, sizeof mail, "notify.mail=%s", rows[i].mail);
        snprintf(to, sizeof to, "notify.mail_to=%s", rows[i].to ? rows[i].to : "");
        snprintf(file, sizeof file, "notify.mail_password_file=%s",
                 rows[i].file ? rows[i].file : "");
        struct config *c = config_of((const char *const[]){mail, to, file, NULL});
        int rc = notifier_options_read(&o, c, NULL, "/out", &e);
        assert_int_equal(rc, rows[i].words ? ERR_USAGE : 0);
        if (rows[i].words && !strstr(e.text, rows[i].words))
            fail_msg("%s: %s", rows[i].mail, e.text);
        if (!rows[i].words && rows[i].file) {
            assert_string_equal(o.mail.user, "me@example.com");
            assert_true(o.mail.tls && !o.mail.loopback);
            assert_int_equal(strncmp(o.mail.server, "smtps://mail.example.com", 24), 0);
        }
        config_free(c);
    }
}

static void mail_servers_that_are_none(void **state)
{
    static const char *const wrong[] = {"https://mail.example.com",
                                        "smtps://",
                                        "smtps://me:t0ken@mail.example.com",
                                        "smtps://@mail.example.com",
                                        "smtps://mail.example.com:99999",
                                        "smtps://mail.example.com/t0ken",
                                        "smtps://mail.example.com?x",
                                        "smtps://a%0d%0ab@mail.example.com",
                                        "smtps://a%4@mail.example.com",
                                        "smtps://mail.example.com\r\nx",
                                        TOKEN};
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        char set[100];
        snprintf(set, sizeof set, "notify.mail=%s", wrong[i]);
        refused(set, "smtps://[user@]host[:port]");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_said_is_what_is_done),
        cmocka_unit_test(nothing_is_said),
        cmocka_unit_test(when_something_is_told),
        cmocka_unit_test(addresses_that_are_none),
        cmocka_unit_test(mail_is_whole_or_refused),
        cmocka_unit_test(mail_servers_that_are_none),
        cmocka_unit_test(commands_that_cannot_be_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
