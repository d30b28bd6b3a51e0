/* payload: Mindee's own samples where they are present, hand-made answers, and hostile ones. */
#include "base/buffer.h"
#include "client/payload.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ID "12345678-1234-1234-1234-123456789ABC"

/* In a block of exactly its size. */
static char *exact(const char *text, size_t len)
{
    char *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, text, len);
    return copy;
}

static int job(struct payload *p, const char *text, const char *wanted, struct error *e)
{
    payload_init(p);
    *e = (struct error){0};
    char *body = exact(text, strlen(text));
    int r = payload_job(p, body, strlen(text), wanted, e);
    free(body);
    return r;
}

static void assert_job_error(const char *text, const char *message)
{
    struct payload p;
    struct error e;
    if (job(&p, text, ID, &e) >= 0)
        fail_msg("taken: %s", text);
    assert_non_null(strstr(e.text, message));
    payload_release(&p);
}

/* ---- Mindee's samples ---- */

static struct buffer read_sample(const char *name)
{
    struct buffer b;
    char path[1024], block[4096];
    size_t n;
    buffer_init(&b, 0);
    snprintf(path, sizeof path, "%s/%s", SAMPLES, name);
    FILE *f = fopen(path, "rb");
    if (!f) {
        print_message("skipped: no %s\n", path);
        skip();
    }
    while ((n = fread(block, 1, sizeof block, f)) > 0)
        assert_int_equal(buffer_append(&b, block, n), 0);
    fclose(f);
    return b;
}

static void sample_jobs(void **state)
{
    struct payload p;
    struct error e;
    (void)state;
    struct buffer b = read_sample("job/ok_processing.json");
    assert_int_equal(job(&p, b.data, ID, &e), 0);
    assert_string_equal(p.job.id, ID);
    assert_string_equal(p.job.alias, "dummy-alias.jpg");
    assert_string_equal(p.job.created_at, "2025-07-03T14:27:58.974451");
    assert_string_equal(p.job.completed_at, "");
    assert_string_equal(p.job.result_url, "");
    assert_int_equal(p.job.status, MINDEE_JOB_PROCESSING);
    assert_null(p.job.error);
    assert_int_equal(p.job.webhook_count, 0);
    payload_release(&p);
    buffer_release(&b);

    b = read_sample("job/ok_processed_webhooks_ok.json");
    assert_int_equal(job(&p, b.data, ID, &e), 0);
    assert_int_equal(p.job.status, MINDEE_JOB_PROCESSED);
    assert_string_equal(p.job.result_url, "https://api-v2.mindee.net/v2/inferences/" ID);
    assert_string_equal(p.job.completed_at, "2026-04-20T18:32:02.734312");
    assert_int_equal(p.job.webhook_count, 1);
    assert_string_equal(p.job.webhooks[0].id, "87654321-4321-4321-4321-123456789ABC");
    assert_int_equal(p.job.webhooks[0].status, MINDEE_JOB_PROCESSED);
    assert_int_equal(p.job.webhooks[0].attempts, 0);
    assert_string_equal(p.job.webhooks[0].error, "");
    payload_release(&p);
    buffer_release(&b);

    b = read_sample("job/fail_422.json");
    assert_int_equal(job(&p, b.data, ID, &e), 0);
    assert_int_equal(p.job.status, MINDEE_JOB_FAILED);
    assert_non_null(p.job.error);
    assert_int_equal(p.job.error->status, 422);
    assert_string_equal(p.job.error->title, "Invalid fields in form");
    assert_string_equal(p.job.error->code, "422-001");
    assert_string_equal(p.job.error->pointer, "#/model_id");
    assert_string_equal(p.job.error->pointer_detail, "model_id must be a valid UUID format");
    payload_release(&p);
    buffer_release(&b);
}

static void sample_problems(void **state)
{
    struct payload p;
    struct error e;
    (void)state;
    struct buffer b = read_sample("errors/error_401_invalid_api_key.json");
    payload_init(&p);
    assert_int_equal(payload_problem(&p, b.data, b.len, &e), 0);
    assert_int_equal(p.problem.status, 401);
    assert_string_equal(p.problem.title, "Invalid API key");
    assert_string_equal(p.problem.detail, "The provided API key is invalid.");
    assert_string_equal(p.problem.code, "401-001");
    assert_string_equal(p.problem.pointer, "");
    payload_release(&p);
    buffer_release(&b);
}

static void sample_models(void **state)
{
    struct payload p;
    struct error e;
    (void)state;
    struct buffer b = read_sample("search/models.json");
    payload_init(&p);
    assert_int_equal(payload_models(&p, b.data, b.len, &e), 0);
    assert_int_equal(p.model_count, 5);
    assert_int_equal(p.total_pages, 1);
    assert_string_equal(p.models[0].name, "Extraction With Webhooks");
    assert_string_equal(p.models[0].type, "extraction");
    assert_int_equal(p.models[0].webhook_count, 2);
    assert_string_equal(p.models[0].webhooks[1].name, "FAILURE 2");
    assert_string_equal(p.models[0].webhooks[1].url, "https://failure2.mindee.com");
    assert_int_equal(p.models[4].webhook_count, 0);
    payload_release(&p);
    buffer_release(&b);
}

static void sample_results(void **state)
{
    static const struct {
        const char *name, *job_id;
        int pages;
    } rows[] = {
        {"results/classification.json", "12345678-1234-1234-1234-jobid1234567", 1},
        {"results/crop.json", NULL, 1},
        {"results/extraction_blank.json", NULL, 1},
        {"results/extraction_invoice.json", "12345678-1234-1234-1234-jobid1234567", 1},
        {"results/extraction_rag_matched.json", NULL, 1},
        {"results/extraction_raw_text.json", NULL, -1},
        {"results/ocr_single.json", "12345678-1234-1234-1234-jobid1234567", 1},
        {"results/split.json", "12345678-1234-1234-1234-jobid1234567", 2},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mindee_inference inference;
        struct mindee_inference_text *owner;
        struct buffer b = read_sample(rows[i].name);
        assert_int_equal(mindee_inference_parse(b.data, b.len, &inference, &owner), 0);
        assert_int_equal(strlen(inference.id), 36);
        if (rows[i].job_id)
            assert_string_equal(inference.job_id, rows[i].job_id);
        if (rows[i].pages >= 0)
            assert_int_equal(inference.page_count, rows[i].pages);
        assert_true(strncmp(inference.file_name, "", 1) != 0);
        assert_string_equal(inference.alias, "");
        mindee_inference_free(owner);
        /* cut anywhere, it is no result */
        char *body = exact(b.data, b.len);
        for (size_t len = 0; len < b.len - 1; len += 1 + b.len / 500)
            assert_int_equal(mindee_inference_parse(body, len, &inference, &owner), -1);
        free(body);
        buffer_release(&b);
    }
}

/* ---- hand-made ---- */

static void job_that_says_all(void **state)
{
    struct payload p;
    struct error e;
    (void)state;
    const char *text =
        "{\"extra\":1,\"job\":{\"id\":\"" ID "\",\"status\":\"Failed\",\"alias\":\"caf\\u00e9\","
        "\"webhooks\":[{\"id\":\"w1\",\"status\":\"Failed\",\"attempts_count\":3,\"error\":{"
        "\"detail\":\"no route\"}},{\"id\":\"w2\"}],\"error\":{\"status\":500,\"detail\":\"oops\"},"
        "\"id\":\"second\"}}";
    assert_int_equal(job(&p, text, "12345678-1234-1234-1234-123456789abc", &e), 0);
    assert_string_equal(p.job.id, ID); /* the first of two; asked for in the other case */
    assert_string_equal(p.job.alias, "caf\xc3\xa9");
    assert_int_equal(p.job.webhook_count, 2);
    assert_int_equal(p.job.webhooks[0].attempts, 3);
    assert_int_equal(p.job.webhooks[0].status, MINDEE_JOB_FAILED);
    assert_string_equal(p.job.webhooks[0].error, "no route");
    assert_int_equal(p.job.webhooks[1].status, MINDEE_JOB_PROCESSING);
    assert_int_equal(p.job.error->status, 500);
    assert_string_equal(p.job.error->code, "");
    payload_release(&p);
}

static void job_errors_name_the_member(void **state)
{
    (void)state;
    assert_job_error("{}", "job is missing");
    assert_job_error("{\"job\":[]}", "job isn't an object");
    assert_job_error("{\"job\":null}", "job isn't an object");
    assert_job_error("[]", "isn't a JSON object");
    assert_job_error("\"job\"", "isn't a JSON object");
    assert_job_error("{\"job\":{}}", "job.id is missing");
    assert_job_error("{\"job\":{\"id\":null}}", "job.id is missing");
    assert_job_error("{\"job\":{\"id\":7,\"status\":\"Failed\"}}", "job.id isn't an id");
    assert_job_error("{\"job\":{\"id\":\"../x\",\"status\":\"Failed\"}}", "job.id isn't an id");
    assert_job_error("{\"job\":{\"id\":\"other\",\"status\":\"Failed\"}}", "not the one asked for");
    assert_job_error("{\"job\":{\"id\":\"" ID "\"}}", "job.status");
    assert_job_error("{\"job\":{\"id\":\"" ID "\",\"status\":\"processed\"}}", "job.status");
    assert_job_error("{\"job\":{\"id\":\"" ID "\",\"status\":3}}", "job.status isn't a string");
}

#define WITH(member) "{\"job\":{\"id\":\"" ID "\",\"status\":\"Processing\"," member "}}"

/* What isn't needed to fetch a result keeps none from being fetched. */
static void what_a_job_says_besides_may_be_anything(void **state)
{
    static const char *const members[] = {"alias",    "created_at", "completed_at",
                                          "webhooks", "error",      "model_id"};
    static const char *const values[] = {"5",
                                         "\"x\"",
                                         "null",
                                         "true",
                                         "[]",
                                         "{}",
                                         "[1,null,[],\"a\"]",
                                         "[{}]",
                                         "[{\"id\":7}]",
                                         "[{\"id\":\"a\",\"status\":\"Retrying\"}]",
                                         "[{\"id\":\"a\",\"status\":null}]",
                                         "[{\"id\":\"a\",\"attempts_count\":\"3\"}]",
                                         "[{\"id\":\"a\",\"attempts_count\":1.5}]",
                                         "[{\"id\":\"a\",\"attempts_count\":1e300}]",
                                         "[{\"id\":\"a\",\"error\":\"none\"}]",
                                         "{\"status\":\"500\",\"errors\":7}"};
    char text[600];
    (void)state;
    for (size_t m = 0; m < sizeof members / sizeof *members; m++)
        for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
            struct payload p;
            struct error e;
            snprintf(text, sizeof text,
                     "{\"job\":{\"id\":\"" ID "\",\"%s\":%s,\"status\":\"Processed\","
                     "\"result_url\":\"/v2/x\"}}",
                     members[m], values[v]);
            if (job(&p, text, ID, &e) != 0)
                fail_msg("%s: %s", text, e.text);
            assert_int_equal(p.job.status, MINDEE_JOB_PROCESSED);
            assert_string_equal(p.job.result_url, "/v2/x");
            assert_true(p.job.webhook_count <= 1);
            payload_release(&p);
        }
}

/* Of an accepted upload the id is worth money, whatever else is odd. */
static void accepted_job_needs_only_its_id(void **state)
{
    static const char *const good[] = {
        "{\"job\":{\"id\":\"" ID "\"}}",
        "{\"job\":{\"id\":\"" ID "\",\"status\":\"Queued\",\"alias\":3,\"webhooks\":[1,{}],"
        "\"error\":[],\"result_url\":false}}",
        "{\"job\":{\"filename\":\"\\udcff\",\"alias\":\"\\u0000\",\"id\":\"" ID "\"}}",
    };
    static const char *const bad[] = {"{\"job\":{\"status\":\"Processing\"}}",
                                      "{\"job\":{\"id\":\"a b\"}}", "{\"job\":{\"id\":\"\"}}",
                                      "{\"job\":{\"id\":\"a\\u0000b\"}}", "{\"job\":\"" ID "\"}"};
    struct payload p;
    struct error e;
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        if (job(&p, good[i], NULL, &e) != 0)
            fail_msg("%s: %s", good[i], e.text);
        assert_string_equal(p.job.id, ID);
        assert_int_equal(p.job.status, MINDEE_JOB_PROCESSING);
        payload_release(&p);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(job(&p, bad[i], NULL, &e), ERR_FORMAT);
        payload_release(&p);
    }
}

static void texts_no_c_string_holds_are_mended(void **state)
{
    struct payload p;
    struct error e;
    (void)state;
    assert_int_equal(job(&p, WITH("\"alias\":\"a\\u0000\\ud800b\""), ID, &e), 0);
    assert_string_equal(p.job.alias, "a\xef\xbf\xbd\xef\xbf\xbd"
                                     "b");
    payload_release(&p);
}

static int problem(const char *text)
{
    struct payload p;
    struct error e;
    payload_init(&p);
    char *body = exact(text, strlen(text));
    int r = payload_problem(&p, body, strlen(text), &e);
    if (r == 0) {
        assert_non_null(p.problem.title);
        assert_non_null(p.problem.detail);
        assert_non_null(p.problem.pointer);
        assert_non_null(p.problem.pointer_detail);
    }
    payload_release(&p);
    free(body);
    return r;
}

static void a_problem_has_all_its_errors(void **state)
{
    struct payload p;
    struct error e;
    const char body[] = "{\"status\":422,\"code\":\"422-001\",\"errors\":[{\"pointer\":\"#/rag\","
                        "\"detail\":\"no flag\"},7,{\"detail\":\"too many\"}]}";
    (void)state;
    payload_init(&p);
    for (int twice = 0; twice < 2; twice++) {
        assert_int_equal(payload_problem(&p, body, sizeof body - 1, &e), 0);
        assert_int_equal(p.problem.error_count, 2);
        assert_string_equal(p.problem.errors[0].pointer, "#/rag");
        assert_string_equal(p.problem.errors[0].detail, "no flag");
        assert_string_equal(p.problem.errors[1].pointer, "");
        assert_string_equal(p.problem.errors[1].detail, "too many");
        assert_string_equal(p.problem.pointer, "#/rag");
    }
    payload_release(&p);
}

static void problems_are_mindees_own(void **state)
{
    (void)state;
    assert_int_equal(problem("{\"status\":422,\"code\":\"422-001\"}"), 0);
    assert_int_equal(problem("{\"status\":422,\"code\":\"422-001\",\"errors\":[5]}"), 0);
    assert_int_equal(problem("{\"status\":422,\"code\":\"422-001\",\"errors\":[],\"title\":1}"), 0);
    static const char *const others[] = {
        "",
        "null",
        "[]",
        "{}",
        "<html><body>502 Bad Gateway</body></html>",
        "{\"detail\":\"Not Found\"}",
        "{\"status\":502,\"title\":\"Bad gateway\",\"detail\":\"d\",\"error_code\":502}",
        "{\"status\":\"422\",\"code\":\"422-001\"}",
        "{\"status\":99,\"code\":\"x\"}",
        "{\"status\":600,\"code\":\"x\"}",
        "{\"status\":422.5,\"code\":\"x\"}",
        "{\"status\":422,\"code\":422}",
        "{\"status\":422,\"code\":\"\"}",
        "{\"status\":422,\"code\":\"422-001\"",
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (problem(others[i]) == 0)
            fail_msg("taken for Mindee's: %s", others[i]);
}

static int models(const char *text, struct payload *p, struct error *e)
{
    payload_init(p);
    return payload_models(p, text, strlen(text), e);
}

static void models_are_bounded_and_checked(void **state)
{
    struct payload p;
    struct error e;
    (void)state;
    assert_int_equal(
        models("{\"models\":[{\"id\":\"a\",\"name\":[],\"webhooks\":[{},1,{\"id\":\"w\"}]}]}", &p,
               &e),
        0);
    assert_string_equal(p.models[0].name, "");
    assert_int_equal(p.models[0].webhook_count, 1);
    assert_string_equal(p.models[0].webhooks[0].id, "w");
    payload_release(&p);
    assert_int_equal(models("{\"models\":[],\"pagination\":{\"total_pages\":3}}", &p, &e), 0);
    assert_int_equal(p.model_count, 0);
    assert_int_equal(p.total_pages, 3);
    payload_release(&p);
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"{}", "models is missing"},
        {"{\"models\":{}}", "models isn't an array"},
        {"{\"models\":[3]}", "models[].id is missing"},
        {"{\"models\":[],\"pagination\":[]}", "answer.pagination isn't an object"},
        {"{\"models\":[],\"pagination\":{\"total_pages\":\"1\"}}", "pagination.total_pages isn't"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_true(models(bad[i].text, &p, &e) < 0);
        assert_non_null(strstr(e.text, bad[i].message));
        payload_release(&p);
    }
    struct buffer b;
    buffer_init(&b, 0);
    buffer_put(&b, "{\"models\":[");
    for (int i = 0; i < PAYLOAD_MAX_MODELS + 5; i++)
        buffer_printf(&b, "%s{\"id\":\"m%d\",\"webhooks\":[%s]}", i ? "," : "", i,
                      i ? ""
                        : "{\"id\":\"1\"},{\"id\":\"2\"},{\"id\":\"3\"},{\"id\":\"4\"},"
                          "{\"id\":\"5\"},{\"id\":\"6\"},{\"id\":\"7\"},{\"id\":\"8\"},{}");
    buffer_put(&b, "]}");
    assert_int_equal(models(b.data, &p, &e), 0);
    assert_int_equal(p.model_count, PAYLOAD_MAX_MODELS);
    assert_int_equal(p.models[0].webhook_count, 8);
    assert_string_equal(p.models[0].webhooks[7].id, "8");
    payload_release(&p);
    buffer_release(&b);
}

static void hostile_answers(void **state)
{
    struct payload p;
    struct error e;
    struct buffer b;
    (void)state;
    buffer_init(&b, 0);
    buffer_put(&b, "{\"job\":");
    for (int i = 0; i < 100000; i++)
        buffer_put(&b, "[");
    payload_init(&p);
    assert_int_equal(payload_job(&p, b.data, b.len, ID, &e), ERR_LIMIT);
    assert_int_equal(payload_problem(&p, b.data, b.len, &e), ERR_LIMIT);
    assert_int_equal(payload_models(&p, b.data, b.len, &e), ERR_LIMIT);
    buffer_clear(&b);
    buffer_put(&b, "{\"models\":[0");
    for (int i = 0; i < PAYLOAD_MAX_VALUES; i++)
        buffer_put(&b, ",0");
    buffer_put(&b, "]}");
    assert_int_equal(payload_models(&p, b.data, b.len, &e), ERR_LIMIT);
    /* a length is refused before a byte of it is read */
    assert_int_equal(payload_job(&p, b.data, PAYLOAD_MAX_BYTES + 1, ID, &e), ERR_LIMIT);
    assert_int_equal(payload_job(&p, b.data, (size_t)1 << 40, ID, &e), ERR_LIMIT);
    struct mindee_inference inference;
    struct mindee_inference_text *owner;
    assert_int_equal(payload_inference(&inference, &owner, b.data, (size_t)1 << 40, &e), ERR_LIMIT);
    assert_null(owner);
    payload_release(&p);
    buffer_release(&b);
}

/* ---- results ---- */

static int inference(const char *text, struct mindee_inference *out,
                     struct mindee_inference_text **owner)
{
    char *body = exact(text, strlen(text));
    int r = mindee_inference_parse(body, strlen(text), out, owner);
    free(body);
    return r;
}

static void results_need_only_their_result(void **state)
{
    struct mindee_inference i;
    struct mindee_inference_text *owner;
    (void)state;
    assert_int_equal(inference("{\"inference\":{\"result\":{}}}", &i, &owner), 0);
    assert_string_equal(i.id, "");
    assert_string_equal(i.job_id, "");
    assert_int_equal(i.page_count, 0);
    mindee_inference_free(owner);
    assert_int_equal(inference("{\"inference\":{\"id\":5,\"job\":\"x\",\"file\":{\"name\":null,"
                               "\"alias\":[],\"page_count\":\"3\"},\"model\":3,\"result\":{}}}",
                               &i, &owner),
                     0);
    assert_string_equal(i.id, "");
    assert_string_equal(i.file_name, "");
    assert_int_equal(i.page_count, 0);
    mindee_inference_free(owner);
    assert_int_equal(
        inference("{\"inference\":{\"result\":{\"fields\":{\"job\":{\"id\":\"no\"}}},"
                  "\"file\":{\"page_count\":42,\"name\":\"caf\\u00e9 \\\"1\\\".pdf\",\"alias\":"
                  "\"\\ud83d\\udcc4\\ud83d\\u0000\"},\"job\":{\"id\":\"j\",\"id\":\"k\"},"
                  "\"model\":{\"id\":\"m\"},\"id\":\"i\"}}",
                  &i, &owner),
        0);
    assert_string_equal(i.id, "i");
    assert_string_equal(i.job_id, "j");
    assert_string_equal(i.model_id, "m");
    assert_string_equal(i.file_name, "caf\xc3\xa9 \"1\".pdf");
    assert_string_equal(i.alias, "\xf0\x9f\x93\x84\xef\xbf\xbd\xef\xbf\xbd");
    assert_int_equal(i.page_count, 42);
    mindee_inference_free(owner);
}

static void what_is_no_result(void **state)
{
    static const char *const texts[] = {
        "",
        "{}",
        "null",
        "[]",
        "{\"inference\":[]}",
        "{\"inference\":{}}",
        "{\"inference\":{\"result\":null}}",
        "{\"inference\":{\"result\":\"x\"}}",
        "{\"result\":{}}",
        "{\"inference\":{\"nested\":{\"result\":{}}}}",
        "{\"inference\":null,\"inference\":{\"result\":{}}}",
        "{\"inference\":{\"result\":{}}",
        "{\"inference\":{\"result\":{}}}}",
        "{\"inference_id\":\"a\",\"error\":{\"status\":500}}",
        "{\"inference\":{\"result\":{\"x\":\"\xff\"}}}",
    };
    struct mindee_inference i;
    struct mindee_inference_text *owner;
    (void)state;
    for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
        if (inference(texts[k], &i, &owner) == 0)
            fail_msg("taken for a result: %s", texts[k]);
        assert_null(owner);
    }
}

static void page_counts(void **state)
{
    static const struct {
        const char *number;
        int pages;
    } rows[] = {{"0", 0},   {"1", 1},   {"200000000", 200000000}, {"99999999999", 0}, {"-1", 0},
                {"1.0", 0}, {"1e3", 0}, {"2147483648", 0},        {"true", 0},        {"null", 0}};
    (void)state;
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        char text[128];
        struct mindee_inference i;
        struct mindee_inference_text *owner;
        snprintf(text, sizeof text, "{\"inference\":{\"file\":{\"page_count\":%s},\"result\":{}}}",
                 rows[k].number);
        assert_int_equal(inference(text, &i, &owner), 0);
        assert_int_equal(i.page_count, rows[k].pages);
        mindee_inference_free(owner);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sample_jobs),
        cmocka_unit_test(sample_problems),
        cmocka_unit_test(sample_models),
        cmocka_unit_test(sample_results),
        cmocka_unit_test(job_that_says_all),
        cmocka_unit_test(job_errors_name_the_member),
        cmocka_unit_test(what_a_job_says_besides_may_be_anything),
        cmocka_unit_test(accepted_job_needs_only_its_id),
        cmocka_unit_test(texts_no_c_string_holds_are_mended),
        cmocka_unit_test(problems_are_mindees_own),
        cmocka_unit_test(a_problem_has_all_its_errors),
        cmocka_unit_test(models_are_bounded_and_checked),
        cmocka_unit_test(hostile_answers),
        cmocka_unit_test(results_need_only_their_result),
        cmocka_unit_test(what_is_no_result),
        cmocka_unit_test(page_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
