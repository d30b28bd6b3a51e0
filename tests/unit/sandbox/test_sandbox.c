/* The whole sandbox by requests: the way of a document, the gate, limits, expiry, the record. */
#include "sandbox_fixture.h"

#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct fixture f;
static struct heard h;

static int setup(void **state)
{
    (void)state;
    fixture_init(&f);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    heard_release(&h);
    fixture_stop(&f);
    return 0;
}

static void test_a_document_by_polling(void **state)
{
    (void)state;
    f.options.latency_sigma = 0;
    f.options.retention_ms = INT64_MAX / 4;
    f.options.latency_median_ms = 60000;
    fixture_start(&f);
    char job[256], result[256], id[64];
    assert_int_equal(post(&f, &h, "extraction", INVOICES, "%PDF-1.4 a", "mb-7"), 202);
    assert_string_equal(text_at(&h, "job/status"), "Processing");
    assert_string_equal(text_at(&h, "job/alias"), "mb-7");
    strcpy(id, text_at(&h, "job/id"));
    strcpy(job, path_at(&h, "job/polling_url"));
    assert_int_equal(get(&f, &h, job), 200);
    assert_string_equal(text_at(&h, "job/status"), "Processing");
    fixture_forward(&f, 60000);
    assert_int_equal(get(&f, &h, job), 302);
    strcpy(result, path_at(&h, "job/result_url"));
    assert_non_null(strstr(h.headers, "Location: http://example.test:80/v2/products/extraction/"));
    assert_non_null(strstr(h.headers, result));
    strcat(job, "?redirect=false");
    assert_int_equal(get(&f, &h, job), 200);
    assert_string_equal(text_at(&h, "job/status"), "Processed");
    assert_int_equal(get(&f, &h, result), 200);
    assert_string_equal(text_at(&h, "inference/job/id"), id);
    assert_string_not_equal(text_at(&h, "inference/id"), id);
    assert_string_equal(text_at(&h, "inference/file/alias"), "mb-7");
    assert_int_equal(get(&f, &h, result), 200); /* as often as one likes */

    char legacy[256];
    snprintf(legacy, sizeof legacy, "/v2/inferences/%s", strrchr(result, '/') + 1);
    assert_int_equal(get(&f, &h, legacy), 200);
    snprintf(legacy, sizeof legacy, "/v2/products/ocr/results/%s", strrchr(result, '/') + 1);
    assert_int_equal(get(&f, &h, legacy), 404);
    assert_int_equal(stat_of(&f, "results_served"), 3);
}

static void test_a_result_before_its_time(void **state)
{
    (void)state;
    f.options.latency_median_ms = 60000;
    f.options.latency_sigma = 0;
    fixture_start(&f);
    assert_int_equal(post(&f, &h, "ocr", OCR, "%PDF-1.4 a", NULL), 202);
    assert_int_equal(ask(&f, &h, "GET", "/sandbox/jobs", NULL, NULL, NULL), 200);
    char path[128];
    snprintf(path, sizeof path, "/v2/products/ocr/results/%s", text_at(&h, "jobs/0/inference_id"));
    assert_int_equal(get(&f, &h, path), 404);
    fixture_forward(&f, 60000);
    assert_int_equal(get(&f, &h, path), 200);
}

static void test_expiry(void **state)
{
    (void)state;
    f.options.retention_ms = 1000000;
    fixture_start(&f);
    char job[256], result[256];
    assert_int_equal(post(&f, &h, "ocr", OCR, "%PDF-1.4 a", NULL), 202);
    strcpy(job, path_at(&h, "job/polling_url"));
    assert_int_equal(get(&f, &h, job), 302);
    strcpy(result, path_at(&h, "job/result_url"));
    assert_int_equal(get(&f, &h, result), 200);
    fixture_forward(&f, 1000000);
    assert_int_equal(get(&f, &h, result), 404);
    assert_string_equal(text_at(&h, "code"), "404-001");
    assert_int_equal(get(&f, &h, job), 404);
    assert_int_equal(stat_of(&f, "jobs/expired"), 1);
}

static void test_delete_when_fetched(void **state)
{
    (void)state;
    f.options.delete_when_fetched = true;
    fixture_start(&f);
    assert_int_equal(post(&f, &h, "ocr", OCR, "%PDF-1.4 a", NULL), 202);
    char result[256];
    assert_int_equal(get(&f, &h, path_at(&h, "job/polling_url")), 302);
    strcpy(result, path_at(&h, "job/result_url"));
    assert_int_equal(get(&f, &h, result), 200);
    assert_int_equal(get(&f, &h, result), 404);
    assert_int_equal(stat_of(&f, "results_served"), 1);
}

static void test_keys(void **state)
{
    (void)state;
    f.options.posts_per_minute = 1;
    fixture_start(&f);
    assert_int_equal(ask(&f, &h, "GET", "/v2/search/models", NULL, NULL, NULL), 401);
    assert_string_equal(text_at(&h, "code"), "401-008");
    assert_string_equal(text_at(&h, "title"), "Missing credentials");
    assert_int_equal(ask(&f, &h, "GET", "/v2/search/models", "Bearer k", NULL, NULL), 401);
    assert_string_equal(text_at(&h, "code"), "401-001");
    assert_int_equal(ask(&f, &h, "GET", "/v2/search/models", "token k", NULL, NULL), 401);
    assert_int_equal(ask(&f, &h, "GET", "/v2/search/models", "tokenized", NULL, NULL), 200);
    assert_int_equal(stat_of(&f, "refused_keys"), 3);
    assert_int_equal(stat_of(&f, "gets"), 1);
}

static void test_one_key_only(void **state)
{
    (void)state;
    f.options.key = "right";
    fixture_start(&f);
    assert_int_equal(ask(&f, &h, "GET", "/v2/search/models", "wrong", NULL, NULL), 401);
    assert_int_equal(ask(&f, &h, "GET", "/v2/search/models", "right", NULL, NULL), 200);
    assert_int_equal(ask(&f, &h, "GET", "/v2/search/models", "right2", NULL, NULL), 401);
}

static void test_revoked_key(void **state)
{
    (void)state;
    f.options.revoke_key_after = 2;
    fixture_start(&f);
    assert_int_equal(get(&f, &h, "/v2/search/models"), 200);
    assert_int_equal(get(&f, &h, "/v2/jobs/nonsense"), 422);
    assert_int_equal(get(&f, &h, "/v2/search/models"), 401);
    assert_int_equal(post(&f, &h, "ocr", OCR, "%PDF-1.4 a", NULL), 401);
}

static void test_limits(void **state)
{
    (void)state;
    f.options.posts_per_minute = 3;
    f.options.gets_per_minute = 5;
    fixture_start(&f);
    for (int i = 0; i < 3; i++)
        assert_int_equal(post(&f, &h, "ocr", i == 1 ? "bad" : OCR, "%PDF-1.4 a", NULL),
                         i == 1 ? 422 : 202);
    assert_int_equal(post(&f, &h, "ocr", OCR, "%PDF-1.4 a", NULL), 429);
    assert_string_equal(text_at(&h, "code"), "429-001");
    assert_null(strcasestr(h.headers, "retry-after"));
    for (int i = 0; i < 5; i++)
        assert_int_equal(get(&f, &h, "/v2/search/models"), 200);
    assert_int_equal(get(&f, &h, "/v2/search/models"), 429);
    fixture_forward(&f, 60000);
    assert_int_equal(post(&f, &h, "ocr", OCR, "%PDF-1.4 b", NULL), 202);
    assert_int_equal(get(&f, &h, "/v2/search/models"), 200);
    assert_int_equal(stat_of(&f, "posts"), 4);
    assert_int_equal(stat_of(&f, "posts_429"), 1);
    assert_int_equal(stat_of(&f, "gets"), 6);
    assert_int_equal(stat_of(&f, "gets_429"), 1);
    assert_int_equal(stat_of(&f, "max_posts_60s"), 3);
    assert_int_equal(stat_of(&f, "max_gets_60s"), 5);
    assert_int_equal(stat_of(&f, "accepted"), 3);
    assert_int_equal(stat_of(&f, "duplicates"), 1);
    assert_int_equal(stat_of(&f, "double_charged"), 1);
}

static void test_failing_jobs(void **state)
{
    (void)state;
    f.options.fail_rate = 1;
    fixture_start(&f);
    int by_status[600] = {0};
    for (int i = 0; i < 40; i++) {
        char file[32];
        snprintf(file, sizeof file, "%%PDF-1.4 %d", i);
        assert_int_equal(post(&f, &h, "ocr", OCR, file, NULL), 202);
        assert_int_equal(get(&f, &h, path_at(&h, "job/polling_url")), 200);
        assert_string_equal(text_at(&h, "job/status"), "Failed");
        assert_string_equal(path_at(&h, "job/result_url"), "");
        by_status[number_at(&h, "job/error/status")]++;
    }
    assert_true(by_status[422] > 0 && by_status[500] > 0);
    assert_int_equal(by_status[422] + by_status[500], 40);
    assert_int_equal(stat_of(&f, "charged_pages"), 0);
}

static void test_credits(void **state)
{
    (void)state;
    f.options.credits = 2;
    fixture_start(&f);
    assert_int_equal(post(&f, &h, "ocr", OCR, "%PDF-1.4 a", NULL), 202);
    assert_int_equal(post(&f, &h, "ocr", OCR, "%PDF-1.4 b", NULL), 202);
    assert_int_equal(post(&f, &h, "ocr", OCR, "%PDF-1.4 c", NULL), 402);
    assert_int_equal(stat_of(&f, "charged_pages"), 2);
}

static void test_models(void **state)
{
    (void)state;
    fixture_start(&f);
    assert_int_equal(get(&f, &h, "/v2/search/models"), 200);
    assert_string_equal(text_at(&h, "models/0/model_type"), "extraction");
    assert_int_equal(cJSON_GetArraySize(item_at(&h, "models/0/webhooks")), 2);
    assert_int_equal(number_at(&h, "pagination/total_items"),
                     cJSON_GetArraySize(item_at(&h, "models")));
    assert_int_equal(get(&f, &h, "/v2/search/models?model_type=ocr"), 200);
    assert_int_equal(cJSON_GetArraySize(item_at(&h, "models")), 1);
    assert_string_equal(text_at(&h, "models/0/id"), OCR);
    assert_int_equal(get(&f, &h, "/v2/search/models?name=INVO"), 200);
    assert_string_equal(text_at(&h, "models/0/id"), INVOICES);
    assert_int_equal(get(&f, &h, "/v2/search/models?page=2"), 200);
    assert_int_equal(cJSON_GetArraySize(item_at(&h, "models")), 0);
    assert_int_equal(get(&f, &h, "/v2/search/models?page=0"), 422);
    assert_int_equal(get(&f, &h, "/v2/search/models?per_page=1&page=2"), 200);
    assert_int_equal(cJSON_GetArraySize(item_at(&h, "models")), 1);
    assert_string_equal(text_at(&h, "models/0/name"), "Receipts");
    assert_int_equal(number_at(&h, "pagination/per_page"), 1);
    assert_int_equal(number_at(&h, "pagination/total_pages"),
                     number_at(&h, "pagination/total_items"));
}

static void test_paths(void **state)
{
    (void)state;
    static const struct {
        const char *method, *path;
        int status;
    } rows[] = {
        {"GET", "/", 404},
        {"GET", "/v2/products/extraction", 404},
        {"GET", "/v2/products/invoice/enqueue", 404},
        {"GET", "/v2/products/ocr/enqueue", 405},
        {"DELETE", "/v2/jobs/99999999-9999-4999-8999-999999999999", 405},
        {"GET", "/v2/jobs/99999999-9999-4999-8999-999999999999", 404},
        {"GET", "/v2/jobs/", 422},
        {"GET", "/v2/jobs/00000000-0000-0000-0000-000000000000", 422},
        {"GET", "/v2/inferences/99999999-9999-1999-8999-999999999999", 422},
        {"GET", "/v2/jobs/99999999-9999-4999-8999-999999999999?redirect=no", 404},
        {"GET", "/v2/jobs/99999999-9999-4999-8999-999999999999?redirect=banana", 422},
        {"GET", "/v2/jobs/99999999-9999-4999-8999-999999999999?redirect=", 422},
        {"GET", "/v2/search/models?page=banana", 422},
        {"GET", "/v2/search/models?per_page=0", 422},
        {"GET", "/v2/search/models?per_page=1.5", 422},
        {"GET", "/v2/search/models?per_page=", 422},
        {"GET", "/v2/jobs/a/b", 404},
        {"GET", "/v2/products/ocr/results/x", 422},
        {"GET", "/v2/inferences/99999999-9999-4999-8999-999999999999", 404},
        {"GET", "/sandbox/nothing", 404},
    };
    fixture_start(&f);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int status = ask(&f, &h, rows[i].method, rows[i].path, "k", NULL, NULL);
        if (status != rows[i].status)
            fail_msg("%s %s: %d", rows[i].method, rows[i].path, status);
        assert_int_equal(number_at(&h, "status"), status);
    }
    assert_int_equal(ask(&f, &h, "POST", "/v2/inferences/enqueue", "k", "application/json",
                         "{\"model_id\":\"" INVOICES "\",\"url\":\"https://h/x.pdf\"}"),
                     202);
    assert_string_equal(text_at(&h, "job/filename"), "x.pdf");
}

static void test_list_of_jobs(void **state)
{
    (void)state;
    fixture_start(&f);
    for (int i = 0; i < 5; i++) {
        char alias[8];
        snprintf(alias, sizeof alias, "mb-%d", i);
        assert_int_equal(post(&f, &h, "ocr", OCR, "%PDF-1.4 abc", alias), 202);
    }
    assert_int_equal(ask(&f, &h, "GET", "/sandbox/jobs?from=1&limit=3", NULL, NULL, NULL), 200);
    assert_int_equal(number_at(&h, "total"), 5);
    assert_int_equal(number_at(&h, "next"), 4);
    assert_int_equal(cJSON_GetArraySize(item_at(&h, "jobs")), 3);
    assert_string_equal(text_at(&h, "jobs/0/alias"), "mb-1");
    assert_string_equal(text_at(&h, "jobs/2/alias"), "mb-3");
    assert_string_equal(text_at(&h, "jobs/0/sha256"),
                        "7c7a5961c5604b1fa21914da3c6b42752bbab5d951c95bd3091df0f2c6125090");
    assert_int_equal(ask(&f, &h, "GET", "/sandbox/jobs?from=9", NULL, NULL, NULL), 200);
    assert_true(cJSON_IsNull(item_at(&h, "next")));
    assert_int_equal(cJSON_GetArraySize(item_at(&h, "jobs")), 0);
}

/* The same seed, the same times: the distribution's median is the one asked for. */
static void test_processing_times(void **state)
{
    (void)state;
    f.options.latency_median_ms = 10000;
    f.options.latency_sigma = 0.6;
    f.options.posts_per_minute = 0;
    fixture_start(&f);
    for (int i = 0; i < 400; i++) {
        char file[32];
        snprintf(file, sizeof file, "%%PDF-1.4 %d", i);
        assert_int_equal(post(&f, &h, "ocr", OCR, file, NULL), 202);
    }
    assert_int_equal(ask(&f, &h, "GET", "/sandbox/jobs", NULL, NULL, NULL), 200);
    int under = 0, first = 0;
    const cJSON *job;
    cJSON_ArrayForEach(job, item_at(&h, "jobs"))
    {
        double ms = cJSON_GetObjectItem(job, "duration_ms")->valuedouble;
        under += ms < 10000;
        first += ms < 10000 * 0.5488; /* e^-0.6: one deviation below */
    }
    assert_in_range(under, 160, 240);
    assert_in_range(first, 40, 90); /* 15.9 % */
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_a_document_by_polling),
        TEST(test_a_result_before_its_time),
        TEST(test_expiry),
        TEST(test_delete_when_fetched),
        TEST(test_keys),
        TEST(test_one_key_only),
        TEST(test_revoked_key),
        TEST(test_limits),
        TEST(test_failing_jobs),
        TEST(test_credits),
        TEST(test_models),
        TEST(test_paths),
        TEST(test_list_of_jobs),
        TEST(test_processing_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
