/* What was accepted and charged, ids, states over time, and the job's JSON. */
#include "sandbox/record.h"

#include "base/text.h"
#include "test.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RETENTION_MS = 100000 };

static struct job *accept(struct record *r, const char *model, const char *file,
                          enum job_failure failure)
{
    struct form form;
    form_init(&form);
    form.model = catalog_find(NULL, model);
    assert_non_null(form.model);
    form.file = file;
    form.file_len = strlen(file);
    form.type = "application/pdf";
    form.filename = xstrdup("a \"quoted\" \xff name.pdf");
    form.alias = xstrdup("mb-1");
    form.webhooks = (struct webhook_choice){.places = {1}, .count = 1};
    struct job *j =
        record_accept(r, &form, (struct wall){1776709678974}, (struct mono){5000}, 2500, failure);
    form_release(&form);
    return j;
}

static const char invoices[] = "11111111-1111-4111-8111-0000000e0001";
static const char receipts[] = "22222222-2222-4222-8222-0000000e0002";
static const char two_pages[] = "%PDF-1.4 /Type /Page /Type /Page ";

static void test_charges(void **state)
{
    (void)state;
    struct record r;
    record_init(&r, 1, RETENTION_MS);
    accept(&r, invoices, two_pages, JOB_SUCCEEDS);
    accept(&r, invoices, "%PDF-1.4 other", JOB_FAILS_422);
    assert_int_equal(r.charged_pages, 2);
    assert_int_equal(r.duplicates, 0);
    accept(&r, invoices, two_pages, JOB_SUCCEEDS);        /* paid twice */
    accept(&r, invoices, "%PDF-1.4 other", JOB_SUCCEEDS); /* again, but paid once */
    accept(&r, receipts, two_pages, JOB_SUCCEEDS);        /* another model is another document */
    assert_int_equal(r.accepted, 5);
    assert_int_equal(r.charged_pages, 7);
    assert_int_equal(r.duplicates, 2);
    assert_int_equal(r.double_charged, 1);
    record_release(&r);
}

static void test_ids(void **state)
{
    (void)state;
    struct record r, same;
    record_init(&r, 7, RETENTION_MS);
    record_init(&same, 7, RETENTION_MS);
    for (int i = 0; i < 3000; i++) {
        char id[ID_TEXT], inference[ID_TEXT], twin[ID_TEXT];
        struct job *j = accept(&r, invoices, "%PDF-1.4", JOB_SUCCEEDS);
        job_id_text(j, id);
        job_inference_text(j, &r, inference);
        job_id_text(accept(&same, invoices, "%PDF-1.4", JOB_SUCCEEDS), twin);
        assert_string_equal(id, twin);
        assert_true(text_is_uuid(id) && text_is_uuid(inference));
        assert_int_equal(id[14], '4');
        assert_int_equal(inference[14], '4');
        assert_string_not_equal(id, inference);
        assert_ptr_equal(record_find_job(&r, id), j);
        assert_ptr_equal(record_find_inference(&r, inference), j);
        assert_null(record_find_job(&r, inference));
        assert_null(record_find_inference(&r, id));
    }
    assert_null(record_find_job(&r, "no id"));
    assert_int_equal(record_count(&r), 3000);
    record_release(&r);
    record_release(&same);
}

static void test_states(void **state)
{
    (void)state;
    struct record r;
    record_init(&r, 1, RETENTION_MS);
    struct job *good = accept(&r, invoices, "%PDF-1.4 a", JOB_SUCCEEDS);
    struct job *bad = accept(&r, invoices, "%PDF-1.4 b", JOB_FAILS_500);
    assert_int_equal(job_status_at(good, &r, (struct mono){7499}), JOB_PROCESSING);
    assert_int_equal(job_status_at(good, &r, (struct mono){7500}), JOB_PROCESSED);
    assert_int_equal(job_status_at(bad, &r, (struct mono){7499}), JOB_PROCESSING);
    assert_int_equal(job_status_at(bad, &r, (struct mono){7500}), JOB_FAILED);
    assert_int_equal(job_status_at(good, &r, (struct mono){107499}), JOB_PROCESSED);
    assert_int_equal(job_status_at(good, &r, (struct mono){107500}), JOB_EXPIRED);
    record_release(&r);
}

static cJSON *job_json(const struct job *j, const struct record *r, int64_t now_ms)
{
    struct buffer b;
    buffer_init(&b, 0);
    job_write(&b, j, r, (struct mono){now_ms}, "https://h:1");
    cJSON *root = cJSON_ParseWithOpts(buffer_text(&b), NULL, true);
    assert_non_null(root);
    buffer_release(&b);
    cJSON *job = cJSON_DetachItemFromObject(root, "job");
    assert_non_null(job);
    cJSON_Delete(root);
    return job;
}

static const cJSON *get(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);
    assert_non_null(item);
    return item;
}

static void check_time(const cJSON *time, const struct job *j, const char *milliseconds)
{
    char whole[32];
    snprintf(whole, sizeof whole, "%s%03d", milliseconds, job_micros(j));
    assert_string_equal(time->valuestring, whole);
}

static void test_json(void **state)
{
    (void)state;
    struct record r;
    char id[ID_TEXT], url[128], inference[ID_TEXT];
    record_init(&r, 1, RETENTION_MS);
    struct job *good = accept(&r, invoices, "%PDF-1.4 a", JOB_SUCCEEDS);
    struct job *bad = accept(&r, invoices, "%PDF-1.4 b", JOB_FAILS_422);

    cJSON *job = job_json(good, &r, 5000);
    job_id_text(good, id);
    assert_string_equal(get(job, "id")->valuestring, id);
    assert_string_equal(get(job, "status")->valuestring, "Processing");
    assert_string_equal(get(job, "filename")->valuestring, "a \"quoted\" \\xFF name.pdf");
    assert_string_equal(get(job, "alias")->valuestring, "mb-1");
    check_time(get(job, "created_at"), good, "2026-04-20T18:27:58.974");
    assert_true(cJSON_IsNull(get(job, "completed_at")));
    assert_true(cJSON_IsNull(get(job, "result_url")));
    assert_true(cJSON_IsNull(get(job, "error")));
    assert_int_equal(cJSON_GetArraySize(get(job, "webhooks")), 1);
    assert_string_equal(get(get(job, "webhooks")->child, "status")->valuestring, "Processing");
    snprintf(url, sizeof url, "https://h:1/v2/jobs/%s", id);
    assert_string_equal(get(job, "polling_url")->valuestring, url);
    cJSON_Delete(job);

    job = job_json(good, &r, 7500);
    assert_string_equal(get(job, "status")->valuestring, "Processed");
    check_time(get(job, "completed_at"), good, "2026-04-20T18:28:01.474");
    job_inference_text(good, &r, inference);
    snprintf(url, sizeof url, "https://h:1/v2/products/extraction/results/%s", inference);
    assert_string_equal(get(job, "result_url")->valuestring, url);
    assert_int_equal(cJSON_GetArraySize(get(job, "webhooks")), 1);
    assert_string_equal(get(get(job, "webhooks")->child, "id")->valuestring,
                        "aaaaaaaa-1111-4111-8111-0000000e0002");
    cJSON_Delete(job);

    job = job_json(bad, &r, 7500);
    assert_string_equal(get(job, "status")->valuestring, "Failed");
    assert_true(cJSON_IsNull(get(job, "result_url")));
    assert_int_equal(get(get(job, "error"), "status")->valueint, 422);
    assert_string_equal(get(get(job, "error"), "code")->valuestring, "422-001");
    cJSON_Delete(job);
    record_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_charges),
        cmocka_unit_test(test_ids),
        cmocka_unit_test(test_states),
        cmocka_unit_test(test_json),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
