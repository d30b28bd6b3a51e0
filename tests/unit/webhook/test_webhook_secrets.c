/* The secrets that webhooks are signed with, while their file is changed, emptied, taken away. */
#include "webhook/webhook_secrets.h"

#include "base/digest.h"
#include "base/log.h"
#include "capture.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char directory[64], path[96];
static struct webhook_secrets secrets;

/* By rename, as who renews it should. */
static void keep(const char *text)
{
    char fresh[104];
    snprintf(fresh, sizeof fresh, "%s.new", path);
    FILE *f = fopen(fresh, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    assert_int_equal(chmod(fresh, 0600), 0);
    assert_int_equal(rename(fresh, path), 0);
}

static int set_up(void **state)
{
    static const char *const first[] = {"first", NULL};
    struct error e;
    (void)state;
    strcpy(directory, "/tmp/test-secrets-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/secrets", directory);
    keep("first\n");
    return webhook_secrets_init(&secrets, first, NULL, path, &e);
}

static int tear_down(void **state)
{
    (void)state;
    webhook_secrets_release(&secrets);
    unlink(path);
    return rmdir(directory);
}

static bool signs(const char *secret)
{
    uint8_t mac[SHA256_BYTES];
    char signature[2 * SHA256_BYTES + 1];
    hmac_sha256(secret, strlen(secret), "body", 4, mac);
    for (size_t i = 0; i < sizeof mac; i++)
        snprintf(signature + 2 * i, 3, "%02x", mac[i]);
    return webhook_secrets_fit(&secrets, "body", 4, signature);
}

/* What LOOKS looks say: how many lines. */
static int look(int looks)
{
    const struct log_options log = {.level = LOG_INFO, .clock = &system_clock};
    struct error e;
    int lines = 0;
    capture_begin();
    int opened = log_open(&log, &e);
    for (int i = 0; i < looks; i++)
        webhook_secrets_look(&secrets);
    log_close();
    capture_end();
    assert_int_equal(opened, 0);
    for (const char *p = captured_err; (p = strchr(p, '\n')) != NULL; p++)
        lines++;
    return lines;
}

static void a_file_that_stays_is_no_news(void **state)
{
    (void)state;
    assert_int_equal(look(3), 0);
    assert_true(signs("first"));
    assert_false(signs("second"));
}

static void a_new_one_is_taken(void **state)
{
    (void)state;
    keep("second\nthird\n");
    assert_int_equal(look(3), 1);
    assert_false(signs("first"));
    assert_true(signs("second"));
    assert_true(signs("third"));
    keep("third\n");
    assert_int_equal(look(1), 1);
    assert_false(signs("second"));
    assert_true(signs("third"));
}

/* It may have changed since the configuration was read. */
static void the_first_look_reads_whatever_the_stamp(void **state)
{
    (void)state;
    FILE *f = fopen(path, "r+");
    assert_non_null(f);
    fputs("other\n", f); /* as many bytes */
    fclose(f);
    assert_int_equal(look(1), 1);
    assert_true(signs("other"));
}

static void what_cant_be_used_changes_nothing_and_is_said_once(void **state)
{
    (void)state;
    assert_int_equal(look(1), 0);
    keep("");
    assert_int_equal(look(3), 1);
    assert_non_null(strstr(captured_err, "there is no secret in it"));
    assert_non_null(strstr(captured_err, "the old secrets stay"));
    assert_true(signs("first"));
    unlink(path);
    assert_int_equal(look(3), 1);
    assert_non_null(strstr(captured_err, "No such file"));
    assert_true(signs("first"));
    keep("second\n");
    assert_int_equal(look(3), 1);
    assert_true(signs("second"));
    assert_false(signs("first"));
    keep("first\n"); /* so that it can be put back */
    assert_int_equal(look(1), 1);
}

/* Its lines are there once, and opening it may wait for ever. */
static void a_pipe_is_left_alone(void **state)
{
    (void)state;
    unlink(path);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(look(3), 0);
    assert_true(signs("first"));
}

static void asked_for_it_says_so(void **state)
{
    (void)state;
    assert_true(webhook_secrets_read(&secrets));
    assert_int_equal(look(1), 0); /* it is the one last read */
    unlink(path);
    assert_false(webhook_secrets_read(&secrets));
    assert_int_equal(look(1), 0); /* said already */
    assert_true(signs("first"));
    keep("second\n");
    assert_true(webhook_secrets_read(&secrets));
    assert_true(signs("second"));
}

static void the_secret_of_its_own_stays(void **state)
{
    static const char *const both[] = {"own", "first", NULL};
    struct error e;
    (void)state;
    webhook_secrets_release(&secrets);
    assert_int_equal(webhook_secrets_init(&secrets, both, "own", path, &e), 0);
    assert_int_equal(look(1), 0);
    keep("second\n");
    assert_int_equal(look(1), 1);
    assert_true(signs("own"));
    assert_true(signs("second"));
    assert_false(signs("first"));
}

static void without_a_file_there_is_nothing_to_look_at(void **state)
{
    static const char *const one[] = {"own", NULL};
    struct error e;
    (void)state;
    webhook_secrets_release(&secrets);
    assert_int_equal(webhook_secrets_init(&secrets, one, "own", NULL, &e), 0);
    assert_int_equal(look(1), 0);
    assert_true(webhook_secrets_read(&secrets));
    assert_true(signs("own"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_file_that_stays_is_no_news),
        TEST(a_new_one_is_taken),
        TEST(the_first_look_reads_whatever_the_stamp),
        TEST(what_cant_be_used_changes_nothing_and_is_said_once),
        TEST(a_pipe_is_left_alone),
        TEST(asked_for_it_says_so),
        TEST(the_secret_of_its_own_stays),
        TEST(without_a_file_there_is_nothing_to_look_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
