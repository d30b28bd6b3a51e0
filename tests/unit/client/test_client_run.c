/* mindee_run: one document from its upload to its result, against a server that answers as told; and mindee_cancel. */
#include "client_fixture.h"

#include "client/client_internal.h"
#include "test.h"

#include <string.h>

#define RESULT_7    "{\"inference\":{\"id\":\"inf-7\",\"result\":{}}}"
#define JOB(status) "{\"job\":{\"id\":\"" JOB_ID "\",\"status\":\"" status "\"}}"
#define PROCESSED                                                                                  \
    "{\"job\":{\"id\":\"" JOB_ID "\",\"status\":\"Processed\",\"result_url\":\"/v2/results/7\"}}"
#define FAILED                                                                                     \
    "{\"job\":{\"id\":\"" JOB_ID "\",\"status\":\"Failed\",\"error\":{\"status\":422,\"code\":"    \
    "\"422-001\",\"detail\":\"no page\"}}}"

static const struct mindee_polling quick = {
    .size = sizeof quick, .first_ms = 1, .every_ms = 1, .timeout_ms = 600000};

/* The upload, and what comes of the GETs: their order on one connection. */
static const struct fault_route accepted = {.prefix = "/v2/products/", .answer = ACCEPTED};
static const struct fault_route processing = {.prefix = "/v2/jobs/",
                                              .answer = ANSWER("200 OK", "75", JOB("Processing"))};
static const struct fault_route processed = {.prefix = "/v2/jobs/",
                                             .answer = ANSWER("200 OK", "103", PROCESSED)};
static const struct fault_route result = {.prefix = "/v2/results/7",
                                          .answer = ANSWER("200 OK", "40", RESULT_7)};

static struct fault_route nth(struct fault_route route, int from_nth)
{
    route.from_nth = from_nth;
    return route;
}

static struct told run(struct fixture *f, const struct fault_route *routes,
                       const struct mindee_polling *polling)
{
    struct told t = {.fixture = f};
    fixture_start(f, &(struct fault_options){.routes = routes});
    fixture_client(f, "", NULL);
    struct mindee_enqueue q = fixture_enqueue(f, fixture_file(f, "a", 50));
    assert_int_equal(mindee_run(f->client, &q, polling, on_answer, &t), 0);
    assert_int_equal(t.calls, 0);
    fixture_run(f);
    assert_int_equal(t.calls, 1);
    assert_int_equal(fault_server_count(f->server, "/v2/products/", true) <= 1, 1);
    return t;
}

static void sent_waited_for_and_fetched(void **state)
{
    struct fixture f;
    const struct fault_route routes[] = {accepted, nth(processed, 4), processing, result, {0}};
    (void)state;
    struct told t = run(&f, routes, &quick);
    assert_int_equal(t.fault, MINDEE_OK);
    assert_int_equal(t.delivery, MINDEE_ANSWERED);
    assert_string_equal(t.inference_id, "inf-7");
    assert_string_equal(t.body, RESULT_7);
    assert_string_equal(t.job_id, JOB_ID);
    assert_int_equal(fault_server_count(f.server, "/v2/jobs/", true), 3);
    assert_int_equal(fault_server_count(f.server, "/v2/results/7", true), 1);
    fixture_end(&f);
}

static void what_passes_is_asked_again(void **state)
{
    struct fixture f;
    const struct fault_route routes[] = {
        accepted,
        nth(processed, 4),
        nth((struct fault_route){.prefix = "/v2/jobs/",
                                 .answer = ANSWER("429 Too Many Requests", "0", "")},
            3),
        {.prefix = "/v2/jobs/", .answer = ANSWER("503 Service Unavailable", "0", "")},
        nth(result, 6),
        {.prefix = "/v2/results/7", .answer = ANSWER("502 Bad Gateway", "0", "")},
        {0}};
    (void)state;
    struct told t = run(&f, routes, &quick);
    assert_int_equal(t.fault, MINDEE_OK);
    assert_string_equal(t.inference_id, "inf-7");
    assert_int_equal(fault_server_count(f.server, "/v2/jobs/", true), 3);
    assert_int_equal(fault_server_count(f.server, "/v2/results/7", true), 2);
    fixture_end(&f);
}

/* An upload is never made again, whatever its answer. */
static void what_ends_it(void **state)
{
    static const struct {
        const char *answer_to_upload, *answer_to_job;
        int status;
        enum mindee_delivery delivery;
        bool has_job;
    } rows[] = {
        {ANSWER("503 Service Unavailable", "0", ""), "", 503, MINDEE_ANSWERED, false},
        {ANSWER("429 Too Many Requests", "0", ""), "", 429, MINDEE_ANSWERED, false},
        {ANSWER("504 Gateway Timeout", "0", ""), "", 504, MINDEE_IN_DOUBT, false},
        {ACCEPTED, ANSWER("404 Not Found", "0", ""), 404, MINDEE_ANSWERED, true},
        {ACCEPTED, ANSWER("200 OK", "2", "{}"), 200, MINDEE_ANSWERED, true},
        {ACCEPTED, ANSWER("200 OK", "130", FAILED), 200, MINDEE_ANSWERED, true},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct fixture f;
        const struct fault_route routes[] = {
            {.prefix = "/v2/products/", .answer = rows[i].answer_to_upload},
            {.prefix = "/v2/jobs/", .answer = rows[i].answer_to_job},
            {0}};
        struct told t = run(&f, routes, &quick);
        assert_int_equal(t.status, rows[i].status);
        assert_int_equal(t.delivery, rows[i].delivery);
        assert_int_equal(t.has_job, rows[i].has_job);
        assert_string_equal(t.job_id, rows[i].has_job ? JOB_ID : "");
        assert_false(t.has_inference);
        fixture_end(&f);
    }
}

static void not_done_in_time(void **state)
{
    struct fixture f;
    const struct fault_route routes[] = {accepted, processing, {0}};
    struct mindee_polling short_time = quick;
    (void)state;
    short_time.timeout_ms = 20;
    struct told t = run(&f, routes, &short_time);
    assert_int_equal(t.fault, MINDEE_TIMEOUT);
    assert_int_equal(t.delivery, MINDEE_ANSWERED);
    assert_string_equal(t.job_id, JOB_ID);
    fixture_end(&f);
}

static void refused_at_once(void **state)
{
    struct fixture f;
    struct told t = {.fixture = &f};
    struct mindee_polling back = quick;
    (void)state;
    fixture_start(&f, &(struct fault_options){0});
    fixture_client(&f, "", NULL);
    struct mindee_enqueue q = fixture_enqueue(&f, fixture_file(&f, "a", 50));
    back.every_ms = -1;
    assert_int_equal(mindee_run(f.client, &q, &back, on_answer, &t), -1);
    assert_non_null(strstr(mindee_refusal(f.client), "below 0"));
    q.model_id = NULL;
    assert_int_equal(mindee_run(f.client, &q, NULL, on_answer, &t), -1);
    assert_non_null(strstr(mindee_refusal(f.client), "model id"));
    q.size = 0;
    assert_int_equal(mindee_run(f.client, &q, NULL, on_answer, &t), -1);
    assert_non_null(strstr(mindee_refusal(f.client), "_INIT"));
    fixture_run(&f);
    assert_int_equal(t.calls, 0);
    fixture_end(&f);
}

static void run_until(struct fixture *f, const char *path)
{
    while (fault_server_count(f->server, path, true) < 1)
        uv_run(&f->loop, UV_RUN_ONCE);
}

/* Cancelled while it is sent, while it waits, while it asks; by its ctx, or with the client. */
static void cancelled_at_any_time(void **state)
{
    const struct fault_route silent[] = {
        {.prefix = "/v2/products/", .answer = "", .after = FAULT_HOLD}, {0}};
    const struct fault_route waits[] = {accepted, {0}};
    const struct fault_route asks[] = {
        accepted, {.prefix = "/v2/jobs/", .answer = "", .after = FAULT_HOLD}, {0}};
    const struct fault_route *const stages[] = {silent, waits, asks};
    struct mindee_polling slow = quick;
    slow.first_ms = 100000;
    (void)state;
    for (int i = 0; i < 6; i++) {
        struct fixture f;
        int stage = i / 2;
        fixture_start(&f, &(struct fault_options){.routes = stages[stage]});
        fixture_client(&f, "", NULL);
        struct told t = {.fixture = &f}, other = t;
        struct mindee_enqueue q = fixture_enqueue(&f, fixture_file(&f, "a", 50));
        const struct mindee_polling *polling = stage == 1 ? &slow : &quick;
        assert_int_equal(mindee_run(f.client, &q, polling, on_answer, &t), 0);
        run_until(&f, stage == 2 ? "/v2/jobs/" : "/v2/products/");
        while (stage == 1 && !list_empty(&f.client->uploads)) /* until the answer is in */
            uv_run(&f.loop, UV_RUN_ONCE);
        mindee_search_models(f.client, NULL, NULL, 1, on_answer, &other);
        if (i % 2 == 0)
            mindee_cancel(f.client, &t);
        else
            fixture_close_client(&f);
        assert_int_equal(t.calls, i % 2); /* never from inside the call */
        if (i % 2 == 0)
            fixture_run(&f);
        assert_int_equal(t.calls, 1);
        assert_int_equal(t.fault, MINDEE_CANCELLED);
        assert_int_equal(t.delivery, stage == 0 ? MINDEE_IN_DOUBT : MINDEE_ANSWERED);
        assert_string_equal(t.job_id, stage == 0 ? "" : JOB_ID);
        assert_int_equal(other.calls, 1);
        assert_int_equal(other.fault == MINDEE_CANCELLED, i % 2);
        fixture_end(&f);
    }
}

/* Of the calls that run, that wait to be sent and that are answered without a request. */
static void those_of_a_ctx_alone_are_cancelled(void **state)
{
    const struct fault_route routes[] = {{.prefix = "/v2/jobs/", .answer = "", .after = FAULT_HOLD},
                                         {0}};
    struct fixture f;
    (void)state;
    fixture_start(&f, &(struct fault_options){.routes = routes});
    fixture_client(&f, "", NULL);
    struct told mine = {.fixture = &f}, foreign = mine, models = mine;
    assert_int_equal(mindee_get_job(f.client, JOB_ID, on_answer, &mine), 0);
    mindee_get_result(f.client, "https://elsewhere.example/", on_answer, &mine);
    mindee_get_result(f.client, "https://elsewhere.example/", on_answer, &foreign);
    mindee_search_models(f.client, NULL, NULL, 1, on_answer, &models);
    mindee_cancel(f.client, &mine);
    assert_int_equal(mine.calls, 0);
    fixture_run(&f);
    assert_int_equal(mine.calls, 2);
    assert_int_equal(mine.fault, MINDEE_CANCELLED);
    assert_int_equal(foreign.fault, MINDEE_FOREIGN_URL);
    assert_int_equal(models.calls, 1);
    assert_int_not_equal(models.fault, MINDEE_CANCELLED);
    fixture_end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sent_waited_for_and_fetched),
        cmocka_unit_test(what_passes_is_asked_again),
        cmocka_unit_test(what_ends_it),
        cmocka_unit_test(not_done_in_time),
        cmocka_unit_test(refused_at_once),
        cmocka_unit_test(cancelled_at_any_time),
        cmocka_unit_test(those_of_a_ctx_alone_are_cancelled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
