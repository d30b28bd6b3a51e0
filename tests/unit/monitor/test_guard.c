/* Who may look at what http.listen serves: each refusal alone, and in which order. */
#include "monitor/guard.h"

#include "test.h"

#include <stdio.h>
#include <string.h>

static struct guard guard;

static bool is_for(void *ctx, const char *name)
{
    return strcmp(name, ctx) == 0;
}

static char certificate[] = "watch.example.com";

static int make(void **state)
{
    (void)state;
    guard_init(&guard, &(struct guard_place){.host = "inside.lan", .machine = "mill.example.org"});
    return 0;
}

static int make_closed(void **state)
{
    make(state);
    guard_token(&guard, "open sesame");
    return 0;
}

static struct guard_visit visit(const char *method, const char *path)
{
    return (struct guard_visit){.method = method, .path = path, .host = "127.0.0.1:9464"};
}

static int look_at(struct guard_visit v, int64_t now_ms)
{
    const char *why = "";
    int status = guard_look(&guard, &v, now_ms, &why);
    assert_true(status == 0 || *why != '\0');
    return status;
}

static int with_host(const char *host)
{
    struct guard_visit v = visit("GET", "/metrics");
    v.host = host;
    return look_at(v, 0);
}

static void knows_its_names(void **state)
{
    static const char *const ours[] = {"127.0.0.1",      "127.0.0.1:1",        "localhost:9464",
                                       "LOCALHOST",      "[::1]:9464",         "[fe80::1]",
                                       "192.168.7.4:80", "inside.lan",         "Inside.LAN:9464",
                                       "mill:9464",      "mill.example.org:1", "localhost."};
    static const char *const foreign[] = {"evil",
                                          "evil.example:9464",
                                          "",
                                          ":9464",
                                          "127.0.0.1.evil.example",
                                          "localhost.evil.example",
                                          "mill.evil.example",
                                          "inside.lan.evil.example:9464",
                                          "[::1].evil.example",
                                          "[::1",
                                          "watch.example.com"};
    (void)state;
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (with_host(ours[i]) != 0)
            fail_msg("%s is refused", ours[i]);
    for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++)
        if (with_host(foreign[i]) != 421)
            fail_msg("%s gets in", foreign[i]);
    assert_int_equal(with_host(NULL), 421);
}

static void knows_its_certificates_names(void **state)
{
    (void)state;
    guard_init(&guard, &(struct guard_place){.tls = true, .is_for = is_for, .ctx = certificate});
    assert_int_equal(with_host("watch.example.com:9464"), 0);
    assert_int_equal(with_host("evil.example"), 421);
}

static void reads_alone(void **state)
{
    static const char *const methods[] = {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get"};
    (void)state;
    assert_int_equal(look_at(visit("HEAD", "/"), 0), 0);
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        assert_int_equal(look_at(visit(methods[i], "/metrics"), 0), 405);
    assert_int_equal(look_at(visit("PUT", "/login"), 0), 405);
}

static int form_from(const char *origin, const char *site)
{
    struct guard_visit v = visit("POST", "/login");
    v.origin = origin;
    v.fetch_site = site;
    return look_at(v, 0);
}

static void takes_the_form_from_its_own_page_alone(void **state)
{
    (void)state;
    assert_int_equal(form_from(NULL, NULL), 0);
    assert_int_equal(form_from("http://127.0.0.1:9464", "same-origin"), 0);
    assert_int_equal(form_from("http://127.0.0.1:80", NULL), 403);
    assert_int_equal(form_from("https://127.0.0.1:9464", NULL), 403);
    assert_int_equal(form_from("null", NULL), 403);
    assert_int_equal(form_from("http://evil.example", NULL), 403);
    assert_int_equal(form_from("http://127.0.0.1:9464", "cross-site"), 403);
}

static int with_token(const char *authorization, int64_t now_ms)
{
    struct guard_visit v = visit("GET", "/api/v1/status");
    v.authorization = authorization;
    return look_at(v, now_ms);
}

static void asks_for_the_token(void **state)
{
    (void)state;
    assert_int_equal(with_token(NULL, 0), 401);
    assert_int_equal(with_token("Bearer open sesam", 0), 401);
    assert_int_equal(with_token("Bearer open sesame ", 0), 401);
    assert_int_equal(with_token("Basic open sesame", 0), 401);
    assert_int_equal(with_token("Bearer ", 0), 401);
    assert_int_equal(with_token("Bearer open sesame", 0), 0);
    assert_int_equal(with_token("bearer open sesame", 0), 0);
    assert_int_equal(look_at(visit("GET", "/healthz"), 0), 0);
    assert_int_equal(look_at(visit("GET", "/login"), 0), 0);
    assert_int_equal(look_at(visit("GET", "/nowhere"), 0), 401);
}

static void sends_people_to_the_form(void **state)
{
    struct guard_visit v = visit("GET", "/");
    (void)state;
    v.accept = "text/html,application/xhtml+xml";
    assert_int_equal(look_at(v, 0), 303);
}

static int with_cookie(const char *format)
{
    char text[400];
    struct guard_visit v = visit("GET", "/");
    snprintf(text, sizeof text, format, guard.cookie);
    v.cookie = text;
    return look_at(v, 0);
}

static void takes_its_own_cookie(void **state)
{
    (void)state;
    assert_int_equal(with_cookie("mindee_batch=%s"), 0);
    assert_int_equal(with_cookie("a=b; mindee_batch=%s; c=d"), 0);
    assert_int_equal(with_cookie("mindee_batch=%sx"), 401);
    assert_int_equal(with_cookie("xmindee_batch=%s"), 401);
    assert_int_equal(with_cookie("mindee_batch="), 401);
    assert_null(strstr(guard.cookie, "sesame"));
}

static void a_new_token_ends_the_cookie(void **state)
{
    char old[GUARD_COOKIE_TEXT];
    (void)state;
    strcpy(old, guard.cookie);
    guard_token(&guard, "another");
    assert_string_not_equal(old, guard.cookie);
    assert_true(guard_takes_token(&guard, "another", 0));
    assert_false(guard_takes_token(&guard, "open sesame", 0));
}

static void wrong_tokens_are_slowed_down(void **state)
{
    (void)state;
    for (int i = 0; i < GUARD_WRONG_TOKENS; i++)
        assert_int_equal(with_token("Bearer wrong", 1000), 401);
    assert_int_equal(with_token("Bearer wrong", 2000), 429);
    assert_int_equal(with_token("Bearer open sesame", 2000), 0); /* nobody is locked out */
    assert_int_equal(with_token("Bearer wrong", 61000), 401);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(knows_its_names, make),
        cmocka_unit_test_setup(knows_its_certificates_names, make),
        cmocka_unit_test_setup(reads_alone, make),
        cmocka_unit_test_setup(takes_the_form_from_its_own_page_alone, make),
        cmocka_unit_test_setup(asks_for_the_token, make_closed),
        cmocka_unit_test_setup(sends_people_to_the_form, make_closed),
        cmocka_unit_test_setup(takes_its_own_cookie, make_closed),
        cmocka_unit_test_setup(a_new_token_ends_the_cookie, make_closed),
        cmocka_unit_test_setup(wrong_tokens_are_slowed_down, make_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
