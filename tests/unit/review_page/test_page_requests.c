/* The page's addresses, the bodies of its requests, and the drafts that are kept of them. */
#include "review_page/drafts.h"
#include "review_page/page_body.h"
#include "review_page/page_route.h"

#include "test.h"

#include <stdio.h>
#include <string.h>

#define KEY "d0123456789abcdef"

static int route(struct page_route *r, const char *method, const char *path)
{
    return page_route_read(r, method, path);
}

static void finds_places(void **state)
{
    struct page_route r;
    (void)state;
    assert_int_equal(route(&r, "GET", "/"), 0);
    assert_int_equal(r.place, AT_HTML);
    assert_int_equal(route(&r, "GET", "/api/record/" KEY), 0);
    assert_int_equal(r.place, AT_RECORD);
    assert_string_equal(r.key, KEY);
    assert_int_equal(route(&r, "GET", "/api/record/" KEY "/2/13"), 0);
    assert_string_equal(r.key, KEY "/2/13");
    assert_int_equal(route(&r, "GET", "/api/page/" KEY "/2/3"), 0);
    assert_string_equal(r.key, KEY "/2");
    assert_int_equal(r.page, 3);
    assert_int_equal(route(&r, "POST", "/api/decide"), 0);
    assert_int_equal(route(&r, "GET", "/api/decide"), 405);
    assert_int_equal(route(&r, "POST", "/api/list"), 405);
    assert_int_equal(route(&r, "POST", "/"), 405);
}

static void other_forms_are_nowhere(void **state)
{
    static const char *const paths[] = {
        "",
        "/index.html",
        "/api/",
        "/api/list/",
        "/../etc/passwd",
        "/api/record/",
        "/api/record/x",
        "/api/record/d0123456789ABCDEF",
        "/api/record/" KEY "0",
        "/api/record/" KEY "/",
        "/api/record/" KEY "/0",
        "/api/record/" KEY "/../x",
        "/api/record/" KEY "/1111111111",
        "/api/record/" KEY "/1/1/1/1/1/1/1/1/1/1/1/1/1/1/1/1/1/1/1/1/1/1/1/1/1",
        "/api/page/" KEY,
        "/api/page/" KEY "/0",
        "/api/page/" KEY "/-1",
        "/api/page/" KEY "/1x",
        "/api/page/" KEY "/100001",
        "/api/page/../../etc/passwd/1",
    };
    struct page_route r;
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
        assert_int_equal(route(&r, "GET", paths[i]), 404);
}

static int read_body(struct page_body *b, const char *text)
{
    struct error e;
    return page_body_read(b, text, strlen(text), &e);
}

static void reads_a_decision(void **state)
{
    struct page_body b;
    (void)state;
    assert_int_equal(
        read_body(&b,
                  "{\"record\":\"" KEY "\",\"version\":\"00ff\",\"action\":\"accept\",\"note\":"
                  "\"gepr\\u00fcft\",\"x\":[[{\"path\":1}]],\"corrections\":["
                  "{\"path\":\"total_amount\",\"value\":1881.30},"
                  "{\"value\":\"a \\\"b\\\"\",\"path\":\"line_items[2].description\",\"y\":{}},"
                  "{\"path\":\"due_date\",\"value\":null},{\"path\":\"paid\",\"value\":true}]}"),
        0);
    assert_string_equal(b.record, KEY);
    assert_string_equal(b.version, "00ff");
    assert_string_equal(b.action, "accept");
    assert_string_equal(b.note, "gepr\xc3\xbc"
                                "ft");
    assert_int_equal(b.change_count, 4);
    assert_string_equal(b.changes[0].value, "1881.30"); /* as it was written */
    assert_string_equal(b.changes[1].path, "line_items[2].description");
    assert_string_equal(b.changes[1].value, "a \"b\"");
    assert_string_equal(b.changes[2].value, "");
    assert_string_equal(b.changes[3].value, "true");
    page_body_release(&b);
}

static void refuses_other_bodies(void **state)
{
    static const char *const texts[] = {
        "",
        "[]",
        "7",
        "{\"record\":\"" KEY "\"",
        "{}",
        "{\"record\":7}",
        "{\"record\":\"../x\"}",
        "{\"record\":\"" KEY "\",\"action\":[]}",
        "{\"record\":\"" KEY "\",\"corrections\":{}}",
        "{\"record\":\"" KEY "\",\"corrections\":[7]}",
        "{\"record\":\"" KEY "\",\"corrections\":[{}]}",
        "{\"record\":\"" KEY "\",\"corrections\":[{\"path\":\"a\"}]}",
        "{\"record\":\"" KEY "\",\"corrections\":[{\"path\":\"a\",\"value\":[1]}]}",
        "{\"record\":\"" KEY "\",\"corrections\":[{\"path\":\"a\",\"value\":\"\\u0000\"}]}",
        "{\"record\":\"" KEY "\",\"note\":\"\\ud800\"}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct page_body b;
        assert_int_equal(read_body(&b, texts[i]), ERR_FORMAT);
        page_body_release(&b);
    }
}

static void keep(struct drafts *d, const char *text)
{
    struct page_body b;
    assert_int_equal(read_body(&b, text), 0);
    drafts_keep(d, &b);
    page_body_release(&b);
}

static void assert_draft(const struct drafts *d, const char *expected)
{
    struct buffer out;
    buffer_init(&out, 0);
    drafts_put(d, KEY, &out);
    assert_string_equal(buffer_text(&out), expected);
    buffer_release(&out);
}

static void keeps_drafts(void **state)
{
    struct drafts *d = drafts_new();
    (void)state;
    assert_draft(d, "[]");
    keep(d, "{\"record\":\"" KEY "\",\"corrections\":[{\"path\":\"a\",\"value\":\"\\\"1\"}]}");
    keep(d, "{\"record\":\"" KEY "/1\",\"corrections\":[{\"path\":\"b\",\"value\":\"2\"}]}");
    assert_draft(d, "[{\"path\":\"a\",\"value\":\"\\\"1\"}]");
    keep(d, "{\"record\":\"" KEY "\",\"corrections\":[{\"path\":\"c\",\"value\":\"3\"}]}");
    assert_draft(d, "[{\"path\":\"c\",\"value\":\"3\"}]");
    keep(d, "{\"record\":\"" KEY "\",\"corrections\":[]}");
    assert_draft(d, "[]");
    drafts_free(d);
}

static void bounds_drafts(void **state)
{
    struct drafts *d = drafts_new();
    struct page_body b = {.record = KEY};
    struct page_change change = {"a", "1"};
    (void)state;
    b.changes = &change;
    b.change_count = 1;
    drafts_keep(d, &b);
    for (int i = 0; i < DRAFTS_MAX; i++) {
        snprintf(b.record, sizeof b.record, "d%016x", (unsigned)i);
        drafts_keep(d, &b);
    }
    assert_draft(d, "[]"); /* the oldest */
    drafts_free(d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_places),     cmocka_unit_test(other_forms_are_nowhere),
        cmocka_unit_test(reads_a_decision), cmocka_unit_test(refuses_other_bodies),
        cmocka_unit_test(keeps_drafts),     cmocka_unit_test(bounds_drafts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
