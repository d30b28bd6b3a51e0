/* Webhooks as Mindee calls them: what is posted, what the job says of it, retries, TLS. */
#include "receiver.h"
#include "sandbox/catalog.h"
#include "sandbox/certificate.h"
#include "sandbox_fixture.h"
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct fixture f;
static struct receiver r;
static struct heard h;

static int setup(void **state)
{
    (void)state;
    fixture_init(&f);
    receiver_init(&r);
    f.options.catalog = catalog_new();
    f.options.webhook.retry_ms = 1;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    heard_release(&h);
    fixture_stop(&f);
    receiver_stop(&r);
    catalog_free(f.options.catalog);
    return 0;
}

static void hook_to(const char *id, const char *scheme, uint16_t port, const char *path)
{
    char spec[256];
    struct error e;
    snprintf(spec, sizeof spec, "%s=%s://127.0.0.1:%u%s," SECRET, id, scheme, port, path);
    assert_int_equal(catalog_add_webhook(f.options.catalog, spec, &e), 0);
}

static void start(void)
{
    receiver_start(&r);
    hook_to(HOOK_1, "http", r.port, "/first?token=x");
    fixture_start(&f);
}

/* Asks for the job of the last upload; it has ended. */
static void get_job(void)
{
    char path[256];
    snprintf(path, sizeof path, "%s?redirect=false", path_at(&h, "job/polling_url"));
    assert_int_equal(get(&f, &h, path), 200);
}

static void test_delivered_as_fetched(void **state)
{
    (void)state;
    receiver_start(&r);
    hook_to(HOOK_1, "http", r.port, "/first?token=x");
    hook_to(HOOK_2, "http", r.port, "/second");
    fixture_start(&f);
    char id[64];
    assert_int_equal(post_called(&f, &h, HOOK_1 "," HOOK_2, "%PDF-1.4 a", "mb-\"7\""), 202);
    strcpy(id, text_at(&h, "job/id"));
    await_deliveries(&f);
    get_job();
    assert_int_equal(cJSON_GetArraySize(item_at(&h, "job/webhooks")), 2);
    assert_string_equal(text_at(&h, "job/webhooks/0/id"), HOOK_1);
    assert_string_equal(text_at(&h, "job/webhooks/1/id"), HOOK_2);
    assert_string_equal(text_at(&h, "job/webhooks/1/status"), "Processed");
    assert_int_equal(number_at(&h, "job/webhooks/1/attempts_count"), 1);
    assert_true(cJSON_IsNull(item_at(&h, "job/webhooks/1/error")));
    assert_true(cJSON_IsString(item_at(&h, "job/webhooks/1/created_at")));
    assert_int_equal(get(&f, &h, path_at(&h, "job/result_url")), 200);
    assert_string_equal(text_at(&h, "inference/job/id"), id);
    assert_string_equal(text_at(&h, "inference/file/alias"), "mb-\"7\"");
    assert_int_equal(r.count, 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(r.posts[i].len, h.body.len);
        assert_memory_equal(r.posts[i].body, h.body.data, h.body.len);
        assert_true(r.posts[i].signed_right);
        assert_string_equal(r.posts[i].type, "application/json");
    }
    assert_string_not_equal(r.posts[0].path, r.posts[1].path);
    assert_int_equal(stat_of(&f, "webhooks/attempted"), 2);
    assert_int_equal(stat_of(&f, "webhooks/delivered"), 2);
    assert_int_equal(stat_of(&f, "results_served"), 1);
}

/* Nobody asked for it, or nobody is there to deliver it to. */
static void test_not_called(void **state)
{
    (void)state;
    start();
    assert_int_equal(post_called(&f, &h, NULL, "%PDF-1.4 a", "a"), 202);
    get_job();
    assert_int_equal(cJSON_GetArraySize(item_at(&h, "job/webhooks")), 0);
    assert_int_equal(post_called(&f, &h, HOOK_2, "%PDF-1.4 a", "a"), 202);
    get_job();
    assert_string_equal(text_at(&h, "job/webhooks/0/status"), "Failed");
    assert_non_null(strstr(text_at(&h, "job/webhooks/0/error/detail"), "--webhook"));
    assert_int_equal(number_at(&h, "job/webhooks/0/attempts_count"), 0);
    assert_int_equal(post_called(&f, &h, HOOK_1, "%PDF-1.4 a", "a"), 202);
    await_deliveries(&f);
    assert_int_equal(r.count, 1);
}

static void test_a_job_under_way_is_not_delivered(void **state)
{
    (void)state;
    f.options.latency_median_ms = 500000;
    f.options.latency_sigma = 0;
    start();
    assert_int_equal(post_called(&f, &h, HOOK_2 "," HOOK_1, "%PDF-1.4 a", NULL), 202);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(cJSON_GetArraySize(item_at(&h, "job/webhooks")), 2);
        assert_string_equal(text_at(&h, "job/webhooks/0/id"), HOOK_2); /* in the order asked for */
        assert_string_equal(text_at(&h, "job/webhooks/1/id"), HOOK_1);
        assert_string_equal(text_at(&h, "job/webhooks/1/status"), "Processing");
        assert_string_equal(text_at(&h, "job/webhooks/1/created_at"),
                            text_at(&h, "job/created_at"));
        assert_true(cJSON_IsNull(item_at(&h, "job/webhooks/1/error")));
        get_job();
    }
    assert_int_equal(stat_of(&f, "webhooks/pending"), 1);
    assert_int_equal(stat_of(&f, "webhooks/attempted"), 0);
}

static void test_a_failed_job(void **state)
{
    (void)state;
    f.options.fail_rate = 1;
    start();
    assert_int_equal(post_called(&f, &h, HOOK_1, "%PDF-1.4 a", "mb-7"), 202);
    await_deliveries(&f);
    get_job();
    assert_string_equal(text_at(&h, "job/status"), "Failed");
    assert_string_equal(text_at(&h, "job/webhooks/0/status"), "Processed");
    assert_int_equal(r.count, 1);
    assert_true(r.posts[0].signed_right);
    cJSON *sent = cJSON_ParseWithLength(r.posts[0].body, r.posts[0].len);
    assert_int_equal(cJSON_GetArraySize(sent), 6);
    assert_string_equal(cJSON_GetObjectItem(sent, "model_id")->valuestring, INVOICES);
    assert_string_equal(cJSON_GetObjectItem(sent, "file_name")->valuestring, "f.pdf");
    assert_string_equal(cJSON_GetObjectItem(sent, "file_alias")->valuestring, "mb-7");
    assert_string_equal(cJSON_GetObjectItem(sent, "created_at")->valuestring,
                        text_at(&h, "job/created_at"));
    assert_true(cJSON_Compare(cJSON_GetObjectItem(sent, "error"), item_at(&h, "job/error"), true));
    assert_null(strstr(r.posts[0].body, text_at(&h, "job/id")));
    ask(&f, &h, "GET", "/sandbox/jobs", NULL, NULL, NULL);
    assert_string_equal(cJSON_GetObjectItem(sent, "inference_id")->valuestring,
                        text_at(&h, "jobs/0/inference_id"));
    cJSON_Delete(sent);
}

static void test_refused_is_tried_again(void **state)
{
    (void)state;
    static const int statuses[] = {503, 302, 0, 204};
    memcpy(r.statuses, statuses, sizeof statuses);
    start();
    assert_int_equal(post_called(&f, &h, HOOK_1, "%PDF-1.4 a", NULL), 202);
    await_deliveries(&f);
    assert_int_equal(r.count, 4); /* the redirect wasn't followed */
    for (int i = 0; i < 4; i++) {
        assert_true(r.posts[i].signed_right);
        assert_string_equal(r.posts[i].path, "/first");
        assert_int_equal(r.posts[i].len, r.posts[0].len);
        assert_memory_equal(r.posts[i].body, r.posts[0].body, r.posts[0].len);
    }
    get_job();
    assert_string_equal(text_at(&h, "job/webhooks/0/status"), "Processed");
    assert_int_equal(number_at(&h, "job/webhooks/0/attempts_count"), 4);
    assert_true(cJSON_IsNull(item_at(&h, "job/webhooks/0/error")));
    assert_int_equal(stat_of(&f, "webhooks/attempted"), 4);
    assert_int_equal(stat_of(&f, "webhooks/refused/5xx"), 1);
    assert_int_equal(stat_of(&f, "webhooks/refused/3xx"), 1);
    assert_int_equal(stat_of(&f, "webhooks/refused/none"), 1);
    assert_int_equal(stat_of(&f, "webhooks/delivered"), 1);
}

static void test_given_up(void **state)
{
    (void)state;
    r.statuses[0] = 500;
    f.options.webhook.retries = 2;
    f.options.delete_when_fetched = true;
    start();
    assert_int_equal(post_called(&f, &h, HOOK_1, "%PDF-1.4 a", NULL), 202);
    await_deliveries(&f);
    assert_int_equal(r.count, 3);
    get_job();
    assert_string_equal(text_at(&h, "job/webhooks/0/status"), "Failed");
    assert_int_equal(number_at(&h, "job/webhooks/0/attempts_count"), 3);
    assert_int_equal(number_at(&h, "job/webhooks/0/error/status"), 500);
    assert_non_null(strstr(text_at(&h, "job/webhooks/0/error/detail"), "500"));
    assert_int_equal(get(&f, &h, path_at(&h, "job/result_url")), 200); /* still there */
    assert_int_equal(stat_of(&f, "webhooks/failed"), 1);
    assert_int_equal(stat_of(&f, "webhooks/delivered"), 0);
    ask(&f, &h, "GET", "/sandbox/jobs", NULL, NULL, NULL);
    assert_string_equal(text_at(&h, "jobs/0/webhooks/0/outcome"), "failed");
    assert_int_equal(number_at(&h, "jobs/0/webhooks/0/status"), 500);
}

/* It is closed while a retry is to come. */
static void test_between_attempts(void **state)
{
    (void)state;
    r.statuses[0] = 429;
    f.options.webhook.retry_ms = 3000000;
    start();
    assert_int_equal(post_called(&f, &h, HOOK_1, "%PDF-1.4 a", NULL), 202);
    while (stat_of(&f, "webhooks/refused/4xx") == 0)
        usleep(2000);
    get_job();
    assert_string_equal(text_at(&h, "job/webhooks/0/status"), "Processing");
    assert_int_equal(number_at(&h, "job/webhooks/0/attempts_count"), 1);
    assert_int_equal(number_at(&h, "job/webhooks/0/error/status"), 429);
    assert_int_equal(stat_of(&f, "webhooks/pending"), 1);
}

static void test_nobody_there(void **state)
{
    (void)state;
    f.options.webhook.retries = 1;
    receiver_start(&r);
    hook_to(HOOK_1, "http", 1, "/"); /* a port that is nobody's */
    fixture_start(&f);
    assert_int_equal(post_called(&f, &h, HOOK_1, "%PDF-1.4 a", NULL), 202);
    await_deliveries(&f);
    get_job();
    assert_string_equal(text_at(&h, "job/webhooks/0/status"), "Failed");
    assert_int_equal(number_at(&h, "job/webhooks/0/error/status"), 504);
    assert_non_null(strstr(text_at(&h, "job/webhooks/0/error/detail"), "connected"));
    assert_int_equal(stat_of(&f, "webhooks/refused/none"), 2);
}

static void test_delivered_is_fetched(void **state)
{
    (void)state;
    f.options.delete_when_fetched = true;
    start();
    assert_int_equal(post_called(&f, &h, HOOK_1, "%PDF-1.4 a", NULL), 202);
    await_deliveries(&f);
    assert_true(r.posts[0].signed_right);
    get_job();
    assert_string_equal(text_at(&h, "job/status"), "Processed");
    assert_int_equal(get(&f, &h, path_at(&h, "job/result_url")), 404);
}

/* ---- https ---- */

static void write_text(const char *path, const struct buffer *text)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(text->data, 1, text->len, file), text->len);
    assert_int_equal(fclose(file), 0);
}

static void test_https(void **state)
{
    (void)state;
    struct buffer cert, key;
    struct error e;
    char ca[] = "/tmp/mb-webhook-ca-XXXXXX";
    int fd = mkstemp(ca);
    assert_true(fd >= 0);
    close(fd);
    buffer_init(&cert, 0);
    buffer_init(&key, 0);
    assert_int_equal(certificate_make(&cert, &key, &e), 0);
    write_text(ca, &cert);
    r.tls_cert_pem = cert.data;
    r.tls_key_pem = key.data;
    f.options.webhook.retries = 0;
    receiver_start(&r);
    hook_to(HOOK_1, "https", r.port, "/secure");
    fixture_start(&f); /* trusts the system's authorities */
    assert_int_equal(post_called(&f, &h, HOOK_1, "%PDF-1.4 a", NULL), 202);
    await_deliveries(&f);
    assert_int_equal(stat_of(&f, "webhooks/refused/none"), 1);
    assert_int_equal(r.count, 0);
    fixture_stop(&f);
    f.fd = -1;
    f.options.webhook.ca_file = ca;
    fixture_start(&f);
    assert_int_equal(post_called(&f, &h, HOOK_1, "%PDF-1.4 a", NULL), 202);
    await_deliveries(&f);
    assert_int_equal(r.count, 1);
    assert_true(r.posts[0].signed_right);
    unlink(ca);
    buffer_release(&cert);
    buffer_release(&key);
}

static void test_no_such_ca_file(void **state)
{
    (void)state;
    struct sandbox_options options = f.options;
    struct sandbox *sandbox;
    struct error e;
    hook_to(HOOK_1, "https", 1, "/");
    options.webhook.ca_file = "/nowhere/ca.pem";
    struct loop *loop = loop_new(&system_clock);
    assert_int_equal(sandbox_new(&sandbox, loop, &options, &e), ERR_IO);
    assert_non_null(strstr(e.text, "/nowhere/ca.pem"));
    loop_run(loop);
    loop_free(loop);
    catalog_free(f.options.catalog);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_delivered_as_fetched),
        TEST(test_not_called),
        TEST(test_a_job_under_way_is_not_delivered),
        TEST(test_a_failed_job),
        TEST(test_refused_is_tried_again),
        TEST(test_given_up),
        TEST(test_between_attempts),
        TEST(test_nobody_there),
        TEST(test_delivered_is_fetched),
        TEST(test_https),
        cmocka_unit_test_setup(test_no_such_ca_file, setup),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
