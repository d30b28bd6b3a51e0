/* What goes over the wire for each call: paths, queries, form fields, and where the key goes. */
#include "client_fixture.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RESULT_7 "{\"inference\":{\"id\":\"inf-7\",\"result\":{}}}"

static const struct fault_route routes[] = {
    {.prefix = "/v2/products/extraction/enqueue", .answer = ACCEPTED},
    {.prefix = "/v2/products/ocr/enqueue", .answer = ACCEPTED},
    {.prefix = "/v2/jobs/" JOB_ID "?redirect=false",
     .answer = "HTTP/1.1 302 Found\r\nLocation: /v2/products/ocr/results/7\r\nContent-Length: "
               "116\r\n\r\n{\"job\":{\"id\":\"" JOB_ID "\",\"status\":\"Processed\","
               "\"result_url\":\"/v2/products/ocr/results/7\"}}"},
    {.prefix = "/v2/products/ocr/results/7", .answer = ANSWER("200 OK", "40", RESULT_7)},
    {.prefix = "/v2/search/models",
     .answer = ANSWER("200 OK", "74",
                      "{\"models\":[{\"id\":\"m\",\"name\":\"n\"}],\"pagination\":{\"total_pages\":"
                      "4,\"page\":1}}")},
    {0}};

/* Whether the multipart BODY has the field, with exactly that value. */
static void assert_field(const char *body, const char *name, const char *value)
{
    char part[512];
    snprintf(part, sizeof part, "form-data; name=\"%s\"\r\n\r\n%s\r\n--", name, value);
    if (!strstr(body, part))
        fail_msg("no %s=%s in:\n%.2000s", name, value, body);
}

static size_t occurrences(const char *text, const char *what)
{
    size_t n = 0;
    for (const char *p = text; (p = strstr(p, what)); p += strlen(what))
        n++;
    return n;
}

static void every_field_of_an_upload(void **state)
{
    struct fixture f;
    (void)state;
    fixture_start(&f, &(struct fault_options){.routes = routes, .keep_bodies = true});
    fixture_client(&f, "", NULL);
    struct told t = {.fixture = &f};
    struct mindee_enqueue q = fixture_enqueue(&f, fixture_file(&f, "a", 50));
    q.filename = "invoice 1.pdf";
    q.webhook_ids = "w1,w2";
    q.rag = 1;
    q.raw_text = 0;
    q.polygon = 1;
    q.confidence = 0;
    q.text_context = "caf\xc3\xa9\nline 2";
    q.data_schema = "{\"replace\": null}";
    assert_int_equal(mindee_enqueue(f.client, &q, on_answer, &t), 0);
    fixture_run(&f);
    assert_int_equal(t.fault, MINDEE_OK);
    assert_string_equal(t.job_id, JOB_ID);
    const struct fault_record *r = fault_server_find(f.server, "/v2/");
    assert_non_null(r);
    assert_string_equal(r->method, "POST");
    assert_string_equal(r->path, "/v2/products/extraction/enqueue");
    assert_string_equal(r->authorization, KEY);
    assert_false(r->chunked);
    assert_true(r->content_length > 0);
    assert_field(r->body, "model_id", "the-model");
    assert_field(r->body, "alias", "mb-1-2-3");
    assert_field(r->body, "webhook_ids", "w1");
    assert_field(r->body, "webhook_ids", "w2");
    assert_field(r->body, "rag", "true");
    assert_field(r->body, "raw_text", "false");
    assert_field(r->body, "polygon", "true");
    assert_field(r->body, "confidence", "false");
    assert_field(r->body, "text_context", "caf\xc3\xa9\nline 2");
    assert_field(r->body, "data_schema", "{\"replace\": null}");
    assert_non_null(strstr(r->body, "name=\"file\"; filename=\"invoice 1.pdf\"\r\n"
                                    "Content-Type: application/pdf\r\n\r\n"
                                    "abcdefghijklmnopqrstuvwabcdefghijklmnopqrstuvwabcd\r\n--"));
    assert_int_equal(occurrences(r->body, "form-data; name="), 11);
    fixture_end(&f);
}

static void the_least_upload_and_one_by_url(void **state)
{
    struct fixture f;
    (void)state;
    fixture_start(&f, &(struct fault_options){.routes = routes, .keep_bodies = true});
    fixture_client(&f, "", NULL);
    struct told file = {.fixture = &f}, url = file;
    struct mindee_enqueue q = fixture_enqueue(&f, fixture_file(&f, "a", 50));
    q.alias = NULL;
    assert_int_equal(mindee_enqueue(f.client, &q, on_answer, &file), 0);
    struct mindee_enqueue by_url = MINDEE_ENQUEUE_INIT;
    by_url.product = MINDEE_OCR;
    by_url.model_id = "m2";
    by_url.url = "https://files.example/a.pdf?x=1&y=2";
    by_url.filename = "b.pdf";
    assert_int_equal(mindee_enqueue(f.client, &by_url, on_answer, &url), 0);
    fixture_run(&f);
    assert_int_equal(file.fault, MINDEE_OK);
    assert_int_equal(url.fault, MINDEE_OK);
    const struct fault_record *r = fault_server_find(f.server, "/v2/products/extraction");
    assert_int_equal(occurrences(r->body, "form-data; name="), 2);
    r = fault_server_find(f.server, "/v2/products/ocr");
    assert_field(r->body, "model_id", "m2");
    assert_field(r->body, "url", "https://files.example/a.pdf?x=1&y=2");
    assert_field(r->body, "filename", "b.pdf");
    assert_int_equal(occurrences(r->body, "form-data; name="), 3);
    fixture_end(&f);
}

/* The header's own calling sequence, with a job answered by 302, which isn't followed by itself. */
static void fetch(struct told *t)
{
    struct told *result = t + 1;
    mindee_get_result(t->fixture->client, t->result_url, on_answer, result);
}

static void a_job_and_its_result(void **state)
{
    struct fixture f;
    (void)state;
    fixture_start(&f, &(struct fault_options){.routes = routes});
    fixture_client(&f, "/", NULL);
    struct told t[2] = {{.fixture = &f, .then = fetch}, {.fixture = &f}};
    assert_int_equal(mindee_get_job(f.client, JOB_ID, on_answer, &t[0]), 0);
    fixture_run(&f);
    assert_int_equal(t[0].fault, MINDEE_OK);
    assert_int_equal(t[0].status, 302);
    assert_string_equal(t[0].result_url, "/v2/products/ocr/results/7");
    assert_int_equal(t[1].fault, MINDEE_OK);
    assert_string_equal(t[1].inference_id, "inf-7");
    assert_string_equal(t[1].body, RESULT_7);
    const struct fault_record *r = fault_server_find(f.server, "/v2/jobs");
    assert_string_equal(r->path, "/v2/jobs/" JOB_ID "?redirect=false");
    assert_string_equal(r->method, "GET");
    assert_string_equal(r->authorization, KEY);
    assert_int_equal(fault_server_count(f.server, "/", false), 2);
    fixture_end(&f);
}

static void models_are_searched(void **state)
{
    struct fixture f;
    (void)state;
    fixture_start(&f, &(struct fault_options){.routes = routes});
    fixture_client(&f, "/v2/", NULL); /* as the official SDKs write their base */
    struct told t = {.fixture = &f};
    mindee_search_models(f.client, "a b&", "crop", 3, on_answer, &t);
    fixture_run(&f);
    assert_int_equal(t.fault, MINDEE_OK);
    assert_int_equal(t.models, 1);
    assert_int_equal(t.total_pages, 4);
    const struct fault_record *r = fault_server_find(f.server, "/v2/search");
    assert_string_equal(r->path, "/v2/search/models?name=a%20b%26&model_type=crop&page=3");
    fixture_end(&f);
}

static void urls_of_others_are_not_followed(void **state)
{
    struct fixture f;
    struct fault_server *other = fault_server_start(&(struct fault_options){0});
    char urls[6][160];
    (void)state;
    fixture_start(&f, &(struct fault_options){.routes = routes});
    fixture_client(&f, "", NULL);
    int port = fault_server_port(other), own = fault_server_port(f.server);
    snprintf(urls[0], sizeof *urls, "http://127.0.0.1:%d/v2/products/ocr/results/7", port);
    snprintf(urls[1], sizeof *urls, "http://127.0.0.1:%d@127.0.0.1:%d/", own, port);
    snprintf(urls[2], sizeof *urls, "//127.0.0.1:%d/v2/products/ocr/results/7", port);
    snprintf(urls[3], sizeof *urls, "http://localhost:%d/v2/products/ocr/results/7", own);
    snprintf(urls[4], sizeof *urls, "https://127.0.0.1:%d/v2/products/ocr/results/7", own);
    snprintf(urls[5], sizeof *urls, "no url at all");
    for (int i = 0; i < 6; i++) {
        struct told t = {.fixture = &f};
        mindee_get_result(f.client, urls[i], on_answer, &t);
        assert_int_equal(t.calls, 0); /* never from inside */
        fixture_run(&f);
        assert_int_equal(t.calls, 1);
        assert_int_equal(t.fault, MINDEE_FOREIGN_URL);
        assert_int_equal(t.delivery, MINDEE_NOT_SENT);
        assert_false(t.on_wire);
        assert_int_equal(t.status, 0);
        assert_int_equal(t.retry_after_ms, -1);
        assert_true(strlen(t.text) > 0);
    }
    assert_int_equal(fault_server_connections(other), 0);
    assert_int_equal(fault_server_connections(f.server), 0);
    fixture_end(&f);
    fault_server_stop(other);
}

static void bad_arguments_are_refused_in_words(void **state)
{
    struct fixture f;
    (void)state;
    fixture_start(&f, &(struct fault_options){.routes = routes});
    fixture_client(&f, "", NULL);
    struct told t = {.fixture = &f};
    assert_string_equal(mindee_refusal(f.client), "");
    assert_int_equal(mindee_get_job(f.client, "../models", on_answer, &t), -1);
    assert_string_equal(mindee_refusal(f.client), "../models is no job id");
    struct mindee_enqueue q = fixture_enqueue(&f, fixture_file(&f, "a", 50));
    q.product = MINDEE_OCR;
    q.rag = 1;
    assert_int_equal(mindee_enqueue(f.client, &q, on_answer, &t), -1);
    assert_non_null(strstr(mindee_refusal(f.client), "for extraction, not for ocr"));
    fixture_run(&f);
    assert_int_equal(t.calls, 0);
    assert_int_equal(fault_server_connections(f.server), 0);
    fixture_end(&f);
}

/* Plain http goes to this machine, whatever proxy the environment or the options name. */
static void loopback_goes_by_no_proxy(void **state)
{
    struct fixture f;
    struct fault_server *proxy = fault_server_start(&(struct fault_options){0});
    char url[64];
    (void)state;
    snprintf(url, sizeof url, "http://127.0.0.1:%d", fault_server_port(proxy));
    setenv("http_proxy", url, 1);
    setenv("all_proxy", url, 1);
    fixture_start(&f, &(struct fault_options){.routes = routes});
    for (int i = 0; i < 2; i++) {
        struct told t = {.fixture = &f};
        fixture_client(&f, "",
                       &(struct mindee_options){.size = sizeof(struct mindee_options),
                                                .proxy = i ? url : NULL});
        mindee_search_models(f.client, NULL, NULL, 1, on_answer, &t);
        fixture_run(&f);
        assert_int_equal(t.fault, MINDEE_OK);
        fixture_close_client(&f);
    }
    unsetenv("http_proxy");
    unsetenv("all_proxy");
    assert_int_equal(fault_server_connections(proxy), 0);
    fixture_end(&f);
    fault_server_stop(proxy);
}

/* With TLS the server must prove itself before the key is said. */
static void tls_is_verified(void **state)
{
    struct fixture f;
    struct fault_server *stranger = fault_server_start(&(struct fault_options){.tls = true});
    char ca[128], base[64];
    (void)state;
    fixture_start(&f, &(struct fault_options){.routes = routes, .tls = true});
    snprintf(ca, sizeof ca, "%s/ca.pem", f.dir);
    snprintf(base, sizeof base, "https://127.0.0.1:%d", fault_server_port(f.server));
    for (int good = 0; good < 2; good++) {
        struct told t = {.fixture = &f};
        fault_server_write_ca(good ? f.server : stranger, ca);
        fixture_client(&f, "",
                       &(struct mindee_options){.size = sizeof(struct mindee_options),
                                                .base_url = base,
                                                .ca_file = ca,
                                                .proxy = ""});
        mindee_search_models(f.client, NULL, NULL, 1, on_answer, &t);
        fixture_run(&f);
        assert_int_equal(t.fault, good ? MINDEE_OK : MINDEE_UNTRUSTED);
        assert_int_equal(t.delivery, good ? MINDEE_ANSWERED : MINDEE_NOT_SENT);
        assert_int_equal(fault_server_count(f.server, "/", false), good);
        fixture_close_client(&f);
    }
    assert_string_equal(fault_server_find(f.server, "/")->authorization, KEY);
    fixture_end(&f);
    fault_server_stop(stranger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_field_of_an_upload),
        cmocka_unit_test(the_least_upload_and_one_by_url),
        cmocka_unit_test(a_job_and_its_result),
        cmocka_unit_test(models_are_searched),
        cmocka_unit_test(urls_of_others_are_not_followed),
        cmocka_unit_test(bad_arguments_are_refused_in_words),
        cmocka_unit_test(loopback_goes_by_no_proxy),
        cmocka_unit_test(tls_is_verified),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
