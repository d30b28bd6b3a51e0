/* The command line: what is understood, and what each mistake is told. */
#include "sandbox/command_line.h"

#include "sandbox/catalog.h"
#include "test.h"

#include <string.h>

enum { WORDS_MAX = 24 };

static int parse(struct command_line *c, const char *const *words, struct error *e)
{
    char *argv[WORDS_MAX] = {(char[]){"sandbox"}};
    int argc = 1;
    for (; words[argc - 1] != NULL; argc++)
        argv[argc] = (char *)(uintptr_t)words[argc - 1];
    return command_line_parse(c, argc, argv, e);
}

static void test_defaults(void **state)
{
    (void)state;
    struct command_line c;
    struct error e;
    assert_int_equal(parse(&c, (const char *const[]){NULL}, &e), 0);
    assert_int_equal(c.sandbox.posts_per_minute, 200);
    assert_int_equal(c.sandbox.gets_per_minute, 1200);
    assert_int_equal(c.sandbox.latency_median_ms, 3000);
    assert_int_equal(c.sandbox.retention_ms, 43200000);
    assert_int_equal(c.sandbox.port, 0);
    command_line_release(&c);
}

static void test_everything(void **state)
{
    (void)state;
    struct command_line c;
    struct error e;
    const char *const words[] = {"--port=4711",
                                 "--key",
                                 "k",
                                 "--post-per-minute",
                                 "0",
                                 "--latency-median",
                                 "1.5s",
                                 "--latency-sigma",
                                 "0",
                                 "--fail-rate",
                                 "0.25",
                                 "--delete-when-fetched",
                                 "--retention",
                                 "1h",
                                 "--seed",
                                 "9",
                                 "-q",
                                 "--tls",
                                 "ca.pem",
                                 "--fault",
                                 "post:500=0.5",
                                 NULL};
    assert_int_equal(parse(&c, words, &e), 0);
    assert_int_equal(c.sandbox.port, 4711);
    assert_string_equal(c.sandbox.key, "k");
    assert_int_equal(c.sandbox.posts_per_minute, 0);
    assert_int_equal(c.sandbox.latency_median_ms, 1500);
    assert_true(c.sandbox.fail_rate > 0.24 && c.sandbox.fail_rate < 0.26);
    assert_true(c.sandbox.delete_when_fetched && c.quiet);
    assert_int_equal(c.sandbox.retention_ms, 3600000);
    assert_string_equal(c.tls_made, "ca.pem");
    command_line_release(&c);
    assert_int_equal(parse(&c, (const char *const[]){"--samples", "12", "dir", NULL}, &e), 0);
    assert_int_equal(c.samples, 12);
    assert_string_equal(c.samples_dir, "dir");
    command_line_release(&c);
}

static void test_webhooks(void **state)
{
    (void)state;
    struct command_line c;
    struct error e;
    const char *const words[] = {"--webhook",
                                 "aaaaaaaa-1111-4111-8111-0000000e0001=http://127.0.0.1:9/,s",
                                 "--webhook-ca",
                                 "ca.pem",
                                 "--webhook-delay=2s",
                                 "--webhook-retries=5",
                                 "--webhook-pause=10ms",
                                 "--webhook-shuffle",
                                 "--webhook-duplicate=0.1",
                                 "--webhook-loss=0.2",
                                 "--webhook-bad-signature=0.3",
                                 "--webhook-early=0.4",
                                 NULL};
    assert_int_equal(parse(&c, words, &e), 0);
    const struct webhook_options *w = &c.sandbox.webhook;
    assert_true(catalog_delivers(c.sandbox.catalog));
    assert_string_equal(w->ca_file, "ca.pem");
    assert_int_equal(w->delay_ms, 2000);
    assert_int_equal(w->retries, 5);
    assert_int_equal(w->retry_ms, 10);
    assert_true(w->shuffle);
    assert_true(w->duplicate_rate > 0.09 && w->duplicate_rate < 0.11);
    assert_true(w->loss_rate > 0.19 && w->loss_rate < 0.21);
    assert_true(w->forged_rate > 0.29 && w->forged_rate < 0.31);
    assert_true(w->early_rate > 0.39 && w->early_rate < 0.41);
    command_line_release(&c);
    assert_int_equal(parse(&c, (const char *const[]){NULL}, &e), 0);
    assert_int_equal(c.sandbox.webhook.retries, 3);
    assert_int_equal(c.sandbox.webhook.retry_ms, 1000);
    assert_false(catalog_delivers(c.sandbox.catalog));
    command_line_release(&c);
}

static void test_mistakes(void **state)
{
    (void)state;
    static const struct {
        const char *words[4], *says;
    } rows[] = {
        {{"--prot", "1"}, "did you mean --port"},
        {{"--port", "70000"}, "--port"},
        {{"--port", "x"}, "--port"},
        {{"--port"}, "needs a value"},
        {{"--latency-median", "3"}, "duration"},
        {{"--fail-rate", "1.1"}, "--fail-rate"},
        {{"--fault", "post:oops=1"}, "post:oops"},
        {{"--samples", "12"}, "directory"},
        {{"--samples", "0", "dir"}, "--samples"},
        {{"--webhook", "x=http://127.0.0.1/,s"}, "no webhook"},
        {{"--webhook-loss", "2"}, "--webhook-loss"},
        {{"--webhook-delay", "2"}, "duration"},
        {{"word"}, "one word too many"},
        {{"--tls-cert", "x"}, "--tls-key"},
        {{"-x"}, "isn't an option"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct command_line c;
        struct error e;
        assert_int_equal(parse(&c, rows[i].words, &e), ERR_USAGE);
        if (strstr(e.text, rows[i].says) == NULL)
            fail_msg("row %zu says: %s", i, e.text);
        command_line_release(&c);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_everything),
        cmocka_unit_test(test_webhooks),
        cmocka_unit_test(test_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
