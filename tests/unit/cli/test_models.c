/* The models of a key, listed from a server that answers as told: pages, webhooks, refusals, and words
 * that a terminal must not obey. */
#include "asked_of.h"
#include "batch/batch.h"
#include "cli/models.h"
#include "lib/fault_server.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MODEL(n, type, name, hooks)                                                                \
    "{\"id\":\"00000000-0000-4000-8000-00000000000" n "\",\"model_type\":\"" type                  \
    "\",\"name\":\"" name "\",\"webhooks\":[" hooks "]}"
#define PAGE(models, page, pages)                                                                  \
    "{\"models\":[" models "],\"pagination\":{\"page\":" page                                      \
    ",\"per_page\":50,\"total_pages\":" pages ",\"total_items\":1}}"

/* A route and its answer, made to measure. */
struct said {
    const char *prefix, *status, *body;
};

static struct fault_server *server;
static char answers[4][4000];
static struct fault_route routes[5];

static void serve(const struct said *said, size_t count)
{
    memset(routes, 0, sizeof routes);
    for (size_t i = 0; i < count; i++) {
        snprintf(answers[i], sizeof answers[i],
                 "HTTP/1.1 %s\r\nContent-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
                 said[i].status, strlen(said[i].body), said[i].body);
        routes[i] = (struct fault_route){.prefix = said[i].prefix, .answer = answers[i]};
    }
    server = fault_server_start(&(struct fault_options){.routes = routes});
}

static int models_of(const struct fixture *f, const char *limit)
{
    char url[100];
    snprintf(url, sizeof url, "api.base_url=http://127.0.0.1:%d", fault_server_port(server));
    const char *sets[] = {url, "api.key=md_secret-key", "api.proxy=", "polling.interval=1ms", limit,
                          NULL};
    return asked_of(&models_command, f, (const char *const[]){NULL}, sets);
}

static int ask_once(const struct fixture *f, const char *status, const char *body)
{
    const struct said said = {"/v2/search/models", status, body};
    serve(&said, 1);
    int code = models_of(f, "limits.get_per_minute=0");
    fault_server_stop(server);
    assert_null(strstr(captured_out, "md_secret-key"));
    assert_null(strstr(captured_err, "md_secret-key"));
    return code;
}

static void each_with_its_webhooks(void **state)
{
    const char *hook =
        "{\"id\":\"h-1\",\"name\":\"To ERP\",\"url\":\"https://erp.example.com/hook\"}";
    char body[1000];
    snprintf(body, sizeof body,
             PAGE(MODEL("1", "extraction", "Invoices", "%s") "," MODEL("2", "crop", "Cuts", ""),
                  "1", "1"),
             hook);
    assert_int_equal(ask_once(*state, "200 OK", body), 0);
    assert_string_equal(captured_out,
                        "  00000000-0000-4000-8000-000000000001  extraction       Invoices\n"
                        "      webhook h-1  To ERP  https://erp.example.com/hook\n"
                        "  00000000-0000-4000-8000-000000000002  crop             Cuts\n");
    assert_string_equal(captured_err, "");
}

static void a_key_without_any(void **state)
{
    assert_int_equal(ask_once(*state, "200 OK", PAGE("", "1", "1")), 0);
    assert_told("(none: make one on the Mindee platform)");
}

static void every_page_in_order(void **state)
{
    static const struct said said[] = {
        {"/v2/search/models?page=1", "200 OK", PAGE(MODEL("1", "crop", "First", ""), "1", "3")},
        {"/v2/search/models?page=2", "200 OK", PAGE(MODEL("2", "crop", "Second", ""), "2", "3")},
        {"/v2/search/models?page=3", "200 OK", PAGE(MODEL("3", "crop", "Third", ""), "3", "3")},
    };
    serve(said, 3);
    assert_int_equal(models_of(*state, "limits.get_per_minute=1200"), 0);
    const char *first = strstr(captured_out, "First"), *second = strstr(captured_out, "Second"),
               *third = strstr(captured_out, "Third");
    assert_true(first && second && third && first < second && second < third);
    assert_int_equal(fault_server_count(server, "/v2/search/models", FAULT_ANSWERED), 3);
    fault_server_stop(server);
}

static void a_page_that_fails_is_no_short_list(void **state)
{
    static const struct said said[] = {
        {"/v2/search/models?page=1", "200 OK", PAGE(MODEL("1", "crop", "First", ""), "1", "2")},
        {"/v2/search/models?page=2", "500 Oops", "{}"},
    };
    serve(said, 2);
    assert_int_equal(models_of(*state, "limits.get_per_minute=0"), EXIT_RESUMABLE);
    assert_complained("the key's models can't be listed: 500");
    fault_server_stop(server);
}

static void refused_or_out_of_order(void **state)
{
    static const struct {
        const char *status, *body;
        int code;
    } rows[] = {
        {"401 Unauthorized",
         "{\"status\":401,\"detail\":\"Invalid API key.\",\"title\":\"Invalid\",\"code\":\"401-001\"}",
         EXIT_REFUSED},
        {"402 Payment Required", "{}", EXIT_REFUSED},
        {"403 Forbidden", "{}", EXIT_REFUSED},
        {"404 Not Found", "{}", EXIT_RESUMABLE},
        {"429 Too Many Requests", "{}", EXIT_RESUMABLE},
        {"503 Service Unavailable", "{}", EXIT_RESUMABLE},
        {"200 OK", "{\"models\":7}", EXIT_RESUMABLE},
        {"200 OK", "<html>", EXIT_RESUMABLE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int code = ask_once(*state, rows[i].status, rows[i].body);
        if (code != rows[i].code)
            fail_msg("%s %s: %d", rows[i].status, rows[i].body, code);
        assert_complained("the key's models can't be listed: ");
        assert_string_equal(captured_out, "");
    }
}

/* A model's name is whatever somebody gave it. */
static void names_are_shown_and_not_obeyed(void **state)
{
    assert_int_equal(ask_once(*state, "200 OK",
                              PAGE(MODEL("1", "crop", "red \\u001b[31m\\u202e\\n", ""), "1", "1")),
                     0);
    assert_told("red \\x1B[31m\\u{202E}\\x0A\n");
}

static void nobody_listens(void **state)
{
    char url[100];
    snprintf(url, sizeof url, "api.base_url=http://127.0.0.1:%d", fault_server_dead_port());
    const char *sets[] = {url, "api.key=md_secret-key", "api.proxy=", NULL};
    assert_int_equal(asked_of(&models_command, *state, (const char *const[]){NULL}, sets),
                     EXIT_RESUMABLE);
    assert_complained("the key's models can't be listed: ");
    sets[1] = NULL;
    assert_int_equal(asked_of(&models_command, *state, (const char *const[]){NULL}, sets),
                     EXIT_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
        TEST(each_with_its_webhooks),  TEST(a_key_without_any),
        TEST(every_page_in_order),     TEST(a_page_that_fails_is_no_short_list),
        TEST(refused_or_out_of_order), TEST(names_are_shown_and_not_obeyed),
        TEST(nobody_listens),
    };
    unsetenv("MINDEE_V2_API_KEY");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
