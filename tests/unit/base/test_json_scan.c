/* json_scan: what it finds, in which order, and what a string stands for. What is JSON and what isn't
 * is also gone through in client/test_client_json.c. */
#include "base/error.h"
#include "base/json_scan.h"
#include "base/plain_bytes.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void put(char *out, size_t size, const struct json_scan *s)
{
    static const char letters[] = "?nbds[{";
    size_t used = strlen(out);
    if (s->key)
        used += (size_t)snprintf(out + used, size - used, "%.*s%s:", (int)s->key_len, s->key,
                                 s->key_escaped ? "!" : "");
    snprintf(out + used, size - used, "%c%.*s%s%zu ", s->closed ? '/' : letters[s->kind],
             (int)s->len, s->text, s->escaped && s->kind == JSON_STRING ? "!" : "", s->depth);
}

/* Every value as a word, from a block of exactly its size. */
static int scan(const char *text, char *out, size_t size, struct json_scan *s)
{
    size_t len = strlen(text);
    char *exact = malloc(len ? len : 1);
    int r;
    assert_non_null(exact);
    memcpy(exact, text, len);
    *out = '\0';
    json_scan_init(s, exact, len);
    while ((r = json_scan_next(s)) > 0)
        put(out, size, s);
    free(exact);
    return r;
}

static void finds_every_value(void **state)
{
    static const struct {
        const char *text, *found;
    } rows[] = {
        {"12", "d120 "},
        {" [ ] ", "[[1 /]0 "},
        {"{}", "{{1 /}0 "},
        {"{\"a\":1,\"b\\n\":[true,null,\"x\"],\"\":{\"c\":\"\\\"\"}}",
         "{{1 a:d11 b\\n!:[[2 btrue2 nnull2 sx2 /]1 :{{2 c:s\\\"!2 /}1 /}0 "},
        {"[[],{},-1.5E+3,\"\xc3\xa9 and more than eight\"]",
         "[[1 [[2 /]1 {{2 /}1 d-1.5E+31 s\xc3\xa9 and more than eight1 /]0 "},
    };
    struct json_scan s;
    char found[512];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(scan(rows[i].text, found, sizeof found, &s), 0);
        assert_string_equal(found, rows[i].found);
        assert_null(s.error);
    }
}

/* The fast way over plain text stops at each byte that is special, wherever it stands in eight. */
static void stops_at_what_is_special(void **state)
{
    static const char *const special[] = {"\\n", "\xc3\xa9", "\\u0041", "\x1f", "\xff", "\x7f"};
    (void)state;
    for (size_t k = 0; k < sizeof special / sizeof *special; k++)
        for (size_t before = 0; before < 20; before++) {
            char text[64] = "[\"", found[128];
            struct json_scan s;
            for (size_t i = 0; i < before; i++)
                strcat(text, i % 2 ? "a" : " ");
            strcat(text, special[k]);
            strcat(text, "0123456789\"]");
            int r = scan(text, found, sizeof found, &s);
            assert_int_equal(r, k == 3 || k == 4 ? ERR_FORMAT : 0);
            if (r < 0)
                assert_true(s.error_at >= 2 && s.error_at < strlen(text));
        }
}

static void says_what_is_wrong(void **state)
{
    static const struct {
        const char *text, *error;
        size_t at;
    } rows[] = {
        {"", "it ends in the middle", 0},
        {"[1,]", "a value is missing", 3},
        {"{\"a\":1,}", "a member without a name", 7},
        {"[1 2]", "a comma or a closing bracket is missing", 3},
        {"{} x", "something follows its end", 3},
        {"[01]", "a malformed number", 3},
        {"[nul]", "an unknown word", 1},
    };
    struct json_scan s;
    char found[64];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(scan(rows[i].text, found, sizeof found, &s), ERR_FORMAT);
        assert_string_equal(s.error, rows[i].error);
        assert_int_equal(s.error_at, rows[i].at);
    }
}

static void decodes(void **state)
{
    static const struct {
        const char *raw, *text;
        size_t len;
        int64_t mended;
    } rows[] = {
        {"", "", 0, 0},
        {"plain", "plain", 5, 0},
        {"\\\"\\\\\\/\\b\\f\\n\\r\\t.", "\"\\/\b\f\n\r\t.", 9, 0},
        {"\\u0041\\u00e9\\u20ac\\ud83d\\udcc4", "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\x84", 10, 0},
        {"a\\u0000b", "a\0b", 3, 0},
        {"\\ud83d", "\xef\xbf\xbd", 3, 1},
        {"\\udcc4\\ud83dx", "\xef\xbf\xbd\xef\xbf\xbdx", 7, 2},
        {"\\ud83d\\ud83d\\udcc4", "\xef\xbf\xbd\xf0\x9f\x93\x84", 7, 1},
        {"\\\\u0041", "\\u0041", 6, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        size_t len = strlen(rows[i].raw);
        char *room = malloc(len ? len : 1);
        int64_t mended = 0;
        assert_non_null(room);
        assert_int_equal(json_decode(rows[i].raw, len, room, &mended), rows[i].len);
        assert_memory_equal(room, rows[i].text, rows[i].len);
        assert_int_equal(mended, rows[i].mended);
        memcpy(room, rows[i].raw, len);
        assert_int_equal(json_decode(room, len, room, &mended), rows[i].len);
        assert_memory_equal(room, rows[i].text, rows[i].len);
        free(room);
    }
}

/* Every byte that isn't plain, at every place of strings of every length about a step's. */
static void plain_bytes_are_skipped(void **state)
{
    enum { MOST = 40 };
    (void)state;
    for (int len = 0; len <= MOST; len++)
        for (int at = 0; at <= len; at++)
            for (int byte = 0; byte < 256; byte++) {
                char *text = malloc(MOST + 1);
                bool plain = byte >= 0x20 && byte < 0x80 && byte != '"' && byte != '\\';
                assert_non_null(text);
                memset(text, 'a', MOST);
                text[at] = (char)byte;
                const char *end = text + len, *stop = at < len && !plain ? text + at : end;
                const char *quick = plain_bytes(text, end), *slow = plain_bytes_by_8(text, end);
                assert_true(quick <= stop && (quick == stop || end - quick < 8));
                assert_true(slow <= stop && (slow == stop || end - slow < 8));
                free(text);
            }
}

/* What is passed over is checked all the same. */
static void passes_over_what_is_open(void **state)
{
    static const struct {
        const char *text;
        int code;
        size_t at; /* of the error, or the end's place */
    } rows[] = {
        {"{\"a\":[1,{\"b\":[]},\"]\"],\"c\":2}", 1, 20},
        {"{\"a\":[]}", 1, 6},
        {"{\"a\":[1,]}", ERR_FORMAT, 8},
        {"{\"a\":[\"x", ERR_FORMAT, 8},
        {"{\"a\":[{\"b\":\"\x01\"}]}", ERR_FORMAT, 12},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct json_scan s;
        json_scan_init(&s, rows[i].text, strlen(rows[i].text));
        assert_int_equal(json_scan_next(&s), 1);
        assert_int_equal(json_scan_next(&s), 1);
        assert_int_equal(s.kind, JSON_ARRAY);
        assert_int_equal(json_scan_pass(&s), rows[i].code);
        if (rows[i].code > 0)
            assert_true(s.closed && s.depth == 1);
        assert_int_equal(rows[i].code > 0 ? s.text - rows[i].text : (ptrdiff_t)s.error_at,
                         rows[i].at);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_every_value),       cmocka_unit_test(stops_at_what_is_special),
        cmocka_unit_test(says_what_is_wrong),      cmocka_unit_test(decodes),
        cmocka_unit_test(plain_bytes_are_skipped), cmocka_unit_test(passes_over_what_is_open),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
