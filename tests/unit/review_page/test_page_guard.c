/* Who may talk to the review page: each refusal alone, and in which order. */
#include "review_page/page_guard.h"

#include "test.h"

#include <stdio.h>
#include <string.h>

static struct page_guard guard;
static char token[PAGE_TOKEN_TEXT];

static int make(void **state)
{
    (void)state;
    page_token_make(token);
    page_guard_init(&guard, 8123, token);
    return 0;
}

static struct page_visit visit(const char *method, const char *path)
{
    return (struct page_visit){
        .method = method, .path = path, .host = "127.0.0.1:8123", .token = token};
}

static int look_at(struct page_visit v, int64_t now_ms)
{
    const char *why = NULL;
    int status = page_guard_look(&guard, &v, now_ms, &why);
    assert_true((status != 0) == (why != NULL));
    return status;
}

static void takes_the_page_itself(void **state)
{
    (void)state;
    struct page_visit v = visit("GET", "/");
    v.token = NULL;
    assert_int_equal(look_at(v, 0), 0);
    assert_int_equal(look_at(visit("GET", "/api/list"), 0), 0);
}

static void tokens_are_random(void **state)
{
    char other[PAGE_TOKEN_TEXT];
    (void)state;
    page_token_make(other);
    assert_int_equal(strlen(other), 64);
    assert_string_not_equal(other, token);
}

static void refuses_foreign_hosts(void **state)
{
    static const char *const ours[] = {"127.0.0.1:8123", "localhost:8123", "LOCALHOST:8123",
                                       "[::1]:8123"};
    static const char *const foreign[] = {"evil.example:8123",
                                          "127.0.0.1",
                                          "127.0.0.1:8124",
                                          "127.0.0.1:81230",
                                          "127.0.0.1:8123.evil.example",
                                          "localhost.evil.example:8123",
                                          "127.0.0.2:8123",
                                          "",
                                          NULL};
    (void)state;
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        struct page_visit v = visit("GET", "/");
        v.host = ours[i];
        assert_int_equal(look_at(v, 0), 0);
    }
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
        struct page_visit v = visit("GET", "/");
        v.host = foreign[i];
        assert_int_equal(look_at(v, 0), 421);
    }
}

static void refuses_other_pages(void **state)
{
    static const struct {
        const char *origin, *site;
        int status;
    } rows[] = {{NULL, NULL, 0},
                {"http://127.0.0.1:8123", "same-origin", 0},
                {"http://localhost:8123", "none", 0},
                {"https://127.0.0.1:8123", NULL, 403},
                {"http://127.0.0.1:8000", NULL, 403},
                {"null", NULL, 403},
                {"http://evil.example", NULL, 403},
                {NULL, "cross-site", 403},
                {NULL, "same-site", 403},
                {NULL, "", 403}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct page_visit v = visit("GET", "/api/list");
        v.origin = rows[i].origin;
        v.fetch_site = rows[i].site;
        assert_int_equal(look_at(v, 0), rows[i].status);
    }
}

static void host_and_origin_come_before_the_token(void **state)
{
    (void)state;
    struct page_visit v = visit("GET", "/api/list");
    v.token = "wrong";
    v.host = "evil.example";
    for (int i = 0; i < 2 * PAGE_WRONG_TOKENS; i++)
        assert_int_equal(look_at(v, 0), 421);
    v = visit("GET", "/api/list");
    v.token = "wrong";
    assert_int_equal(look_at(v, 0), 401); /* the others weren't counted */
}

static void counts_wrong_tokens(void **state)
{
    (void)state;
    struct page_visit wrong = visit("GET", "/api/list");
    char nearly[PAGE_TOKEN_TEXT];
    snprintf(nearly, sizeof nearly, "%s", token);
    nearly[63] = nearly[63] == '0' ? '1' : '0';
    const char *const tokens[] = {NULL, "", "0", nearly};
    for (int i = 0; i < PAGE_WRONG_TOKENS; i++) {
        wrong.token = tokens[i % 4];
        assert_int_equal(look_at(wrong, 1000000 + i), 401);
    }
    assert_int_equal(look_at(wrong, 1000050), 429);
    assert_int_equal(look_at(visit("GET", "/api/list"), 1000051), 0); /* nobody is locked out */
    assert_int_equal(look_at(wrong, 1000000 + 59999), 429);
    assert_int_equal(look_at(wrong, 1000000 + 60000), 401);
}

static void takes_json_of_a_known_length(void **state)
{
    static const struct {
        const char *type;
        int64_t bytes;
        int status;
    } rows[] = {{"application/json", 10, 0},
                {"application/json; charset=utf-8", PAGE_BODY_MAX, 0},
                {"Application/JSON", 0, 0},
                {"application/json", PAGE_BODY_MAX + 1, 413},
                {"application/json", -1, 411},
                {"application/jsonp", 10, 415},
                {"text/plain", 10, 415},
                {"text/plain; application/json", 10, 415},
                {NULL, 10, 415}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct page_visit v = visit("POST", "/api/decide");
        v.content_type = rows[i].type;
        v.body_bytes = rows[i].bytes;
        assert_int_equal(look_at(v, 0), rows[i].status);
    }
}

static void knows_two_methods(void **state)
{
    static const char *const methods[] = {"OPTIONS", "HEAD", "PUT", "DELETE", "PATCH", "TRACE"};
    (void)state;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        assert_int_equal(look_at(visit(methods[i], "/api/list"), 0), 405);
    struct page_visit v = visit("GET", "/");
    v.body_bytes = -1;
    assert_int_equal(look_at(v, 0), 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(takes_the_page_itself, make),
        cmocka_unit_test_setup(tokens_are_random, make),
        cmocka_unit_test_setup(refuses_foreign_hosts, make),
        cmocka_unit_test_setup(refuses_other_pages, make),
        cmocka_unit_test_setup(host_and_origin_come_before_the_token, make),
        cmocka_unit_test_setup(counts_wrong_tokens, make),
        cmocka_unit_test_setup(takes_json_of_a_known_length, make),
        cmocka_unit_test_setup(knows_two_methods, make),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
