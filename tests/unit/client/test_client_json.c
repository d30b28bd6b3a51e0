/* json_guard: what is JSON and what isn't, how deep, and what is picked out. */
#include "base/error.h"
#include "client/json_guard.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

/* In a block of exactly its size, so that a sanitizer sees a read past the end. */
static int scan(struct json_guard *g, const char *text, size_t len)
{
    char *exact = malloc(len ? len : 1);
    assert_non_null(exact);
    memcpy(exact, text, len);
    int r = json_guard_scan(g, exact, len);
    free(exact);
    return r;
}

static void accepts_json(void **state)
{
    static const char *const texts[] = {
        "{}",
        "[]",
        "0",
        "-0.5e+10",
        "1E5",
        "\"\"",
        "true",
        " [ null , false ] \r\n\t",
        "{\"a\":{\"b\":[1,[2,{}],[]]},\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\"}",
        "[\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x93\x84\"]",
        "[\"\\ud83d\\udcc4\"]",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct json_guard g = {0};
        if (scan(&g, texts[i], strlen(texts[i])) != 0)
            fail_msg("%s: %s at %zu", texts[i], g.error, g.error_at);
        assert_false(g.unfit);
        assert_null(g.error);
    }
}

static void refuses_what_is_not(void **state)
{
    static const char *const texts[] = {
        "",
        " ",
        "{",
        "[",
        "\"",
        "[1",
        "[1,",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,",
        "tru",
        "nul",
        "[1,]",
        "{\"a\":1,}",
        "[,1]",
        "{,}",
        "{1:2}",
        "{\"a\" 1}",
        "{\"a\",1}",
        "[1 2]",
        "[1}",
        "{\"a\":1]",
        "]",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "1e+",
        "+1",
        "-a",
        "0x10",
        "NaN",
        "Infinity",
        "nulL",
        "truex",
        "1 2",
        "{} {}",
        "{}x",
        "'a'",
        "{a:1}",
        "[\"\\x\"]",
        "[\"\\\"]",
        "[\"\\u12\"]",
        "[\"\\u12g4\"]",
        "[\"\\u",
        "[\"\\",
        "[\"a\nb\"]",
        "[\"\x01\"]",
        "[\"\x1f\"]",
        "\xef\xbb\xbf{}",
        /* not UTF-8: a lone byte, an overlong slash, a surrogate, beyond U+10FFFF,
         * a cut sequence */
        "[\"\xff\"]",
        "[\"\xc0\xaf\"]",
        "[\"\xed\xa0\x80\"]",
        "[\"\xf4\x90\x80\x80\"]",
        "[\"\xe2\x82\"]",
        "<html></html>",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct json_guard g = {0};
        if (scan(&g, texts[i], strlen(texts[i])) != ERR_FORMAT)
            fail_msg("accepted: %s", texts[i]);
        assert_non_null(g.error);
        assert_true(g.error_at <= strlen(texts[i]));
    }
    struct json_guard g = {0};
    assert_int_equal(scan(&g, "[\"a\0b\"]", 7), ERR_FORMAT);
    assert_int_equal(scan(&g, "{}\0", 3), ERR_FORMAT);
    assert_int_equal(scan(&g, "[1]\0", 2), ERR_FORMAT);
}

/* Every proper beginning of a text is refused: nothing that was cut off passes for whole. */
static void refuses_every_prefix(void **state)
{
    static const char text[] = "{\"a\":[1.5e3,\"\\u00e9\xc3\xa9\",{\"b\":null}],\"c\":true}";
    (void)state;
    for (size_t len = 0; len < sizeof text - 1; len++) {
        struct json_guard g = {0};
        assert_int_equal(scan(&g, text, len), ERR_FORMAT);
    }
    struct json_guard g = {0};
    assert_int_equal(scan(&g, text, sizeof text - 1), 0);
}

static void bounds_depth(void **state)
{
    enum { DEEP = 100000 };
    char *text = malloc(2 * DEEP);
    (void)state;
    assert_non_null(text);
    memset(text, '[', DEEP);
    memset(text + DEEP, ']', DEEP);
    struct json_guard g = {0};
    assert_int_equal(json_guard_scan(&g, text, 2 * DEEP), ERR_LIMIT);
    assert_int_equal(g.error_at, JSON_DEPTH_MAX);
    /* exactly as deep as allowed, and one deeper */
    assert_int_equal(json_guard_scan(&g, text + DEEP - JSON_DEPTH_MAX, 2 * JSON_DEPTH_MAX), 0);
    assert_int_equal(json_guard_scan(&g, text + DEEP - JSON_DEPTH_MAX - 1, 2 * JSON_DEPTH_MAX + 2),
                     ERR_LIMIT);
    for (size_t i = 0; i + 5 <= DEEP; i += 5)
        memcpy(text + i, "{\"a\":", 5);
    assert_int_equal(json_guard_scan(&g, text, DEEP), ERR_LIMIT);
    g.max_depth = 3;
    assert_int_equal(scan(&g, "[[[]]]", 6), 0);
    assert_int_equal(scan(&g, "[[[[]]]]", 8), ERR_LIMIT);
    free(text);
}

static void bounds_values(void **state)
{
    struct json_guard g = {.max_values = 4};
    (void)state;
    assert_int_equal(scan(&g, "[1,2,3]", 7), 0);
    assert_int_equal(scan(&g, "[1,2,3,4]", 9), ERR_LIMIT);
}

static void tells_what_no_c_string_holds(void **state)
{
    static const struct {
        const char *text, *mended;
    } rows[] = {
        {"[\"a\\u0000b\"]", "[\"a\\ufffdb\"]"},
        {"[\"\\udcff\"]", "[\"\\ufffd\"]"},
        {"[\"\\ud83d\"]", "[\"\\ufffd\"]"},
        {"[\"\\ud83dx\"]", "[\"\\ufffdx\"]"},
        {"[\"\\ud83d\\n\"]", "[\"\\ufffd\\n\"]"},
        {"[\"\\ud83d\\u0041\"]", "[\"\\ufffd\\u0041\"]"},
        {"[\"\\ud83d\\ud83d\\udcc4\"]", "[\"\\ufffd\\ud83d\\udcc4\"]"},
        {"[\"\\udcc4\\ud83d\"]", "[\"\\ufffd\\ufffd\"]"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct json_guard g = {0};
        char copy[64];
        size_t len = strlen(rows[i].text);
        assert_int_equal(scan(&g, rows[i].text, len), 0);
        assert_true(g.unfit);
        memcpy(copy, rows[i].text, len + 1);
        json_guard_mend(copy, len);
        assert_string_equal(copy, rows[i].mended);
        assert_int_equal(scan(&g, copy, len), 0);
        assert_false(g.unfit);
    }
    /* an escaped backslash before a u is no escape */
    char copy[] = "[\"\\\\u0000\"]";
    struct json_guard g = {0};
    assert_int_equal(scan(&g, copy, strlen(copy)), 0);
    assert_false(g.unfit);
    json_guard_mend(copy, strlen(copy));
    assert_string_equal(copy, "[\"\\\\u0000\"]");
}

static void assert_pick(const struct json_pick *pick, enum json_kind kind, const char *text)
{
    assert_int_equal(pick->kind, kind);
    assert_int_equal(pick->len, strlen(text));
    if (pick->len)
        assert_memory_equal(pick->text, text, pick->len);
}

static void picks_by_path(void **state)
{
    static const char text[] =
        "{\"id\":\"wrong\",\"list\":[{\"a\":{\"id\":\"wrong\"}}],\"a\":{\"b\":{\"id\":\"deep\","
        "\"c\":{\"id\":\"wrong\"}},\"n\":12,\"flag\":true,\"void\":null,\"arr\":[1,{\"id\":2}],"
        "\"id\":\"right\",\"id\":\"second\"}}";
    struct json_pick picks[] = {{.path = "a.id"},   {.path = "a.b.id"},   {.path = "a.n"},
                                {.path = "a.flag"}, {.path = "a.void"},   {.path = "a.arr"},
                                {.path = "a"},      {.path = "a.absent"}, {.path = "a.arr.id"}};
    struct json_guard g = {.picks = picks, .pick_count = sizeof picks / sizeof *picks};
    (void)state;
    assert_int_equal(json_guard_scan(&g, text, sizeof text - 1), 0);
    assert_pick(&picks[0], JSON_STRING, "\"right\"");
    assert_pick(&picks[1], JSON_STRING, "\"deep\"");
    assert_pick(&picks[2], JSON_NUMBER, "12");
    assert_pick(&picks[3], JSON_BOOLEAN, "true");
    assert_pick(&picks[4], JSON_NULL, "null");
    assert_pick(&picks[5], JSON_ARRAY, "");
    assert_pick(&picks[6], JSON_OBJECT, "");
    assert_pick(&picks[7], JSON_ABSENT, "");
    assert_pick(&picks[8], JSON_ABSENT, "");
}

/* A second member of the same name isn't looked into, and a name with a dot is no path. */
static void first_of_duplicates_counts(void **state)
{
    struct json_pick picks[] = {{.path = "a"}, {.path = "a.x"}, {.path = "a.y"}};
    struct json_guard g = {.picks = picks, .pick_count = 3};
    static const char text[] = "{\"a\":{\"x\":1},\"a\":{\"x\":2,\"y\":3},\"a.y\":4,\"a\":5}";
    (void)state;
    assert_int_equal(json_guard_scan(&g, text, sizeof text - 1), 0);
    assert_pick(&picks[0], JSON_OBJECT, "");
    assert_pick(&picks[1], JSON_NUMBER, "1");
    assert_pick(&picks[2], JSON_ABSENT, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_json),         cmocka_unit_test(refuses_what_is_not),
        cmocka_unit_test(refuses_every_prefix), cmocka_unit_test(bounds_depth),
        cmocka_unit_test(bounds_values),        cmocka_unit_test(tells_what_no_c_string_holds),
        cmocka_unit_test(picks_by_path),        cmocka_unit_test(first_of_duplicates_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
