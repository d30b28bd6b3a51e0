/* Webhooks: signatures that hold and that don't, results and failures, and what is neither. */
#include "base/digest.h"

#include "test.h"

#include <mindee.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* RFC 4231, test case 2: the one with a key that is text. */
#define RFC_KEY  "Jefe"
#define RFC_TEXT "what do ya want for nothing?"
#define RFC_HMAC "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"

static void signatures(void **state)
{
    (void)state;
    size_t len = strlen(RFC_TEXT);
    assert_true(mindee_webhook_verify(RFC_KEY, RFC_TEXT, len, RFC_HMAC));
    assert_true(
        mindee_webhook_verify(RFC_KEY, RFC_TEXT, len,
                              "5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843"));
    assert_false(mindee_webhook_verify("jefe", RFC_TEXT, len, RFC_HMAC));
    assert_false(mindee_webhook_verify(RFC_KEY, RFC_TEXT, len - 1, RFC_HMAC));
    assert_false(mindee_webhook_verify(RFC_KEY, "What do ya want for nothing?", len, RFC_HMAC));
    assert_false(mindee_webhook_verify(RFC_KEY, RFC_TEXT, len, NULL));
    assert_false(mindee_webhook_verify(RFC_KEY, RFC_TEXT, len, ""));
    assert_false(mindee_webhook_verify(RFC_KEY, RFC_TEXT, len, RFC_HMAC "0"));
    assert_false(mindee_webhook_verify(RFC_KEY, RFC_TEXT, len, RFC_HMAC " "));
    assert_false(mindee_webhook_verify(RFC_KEY, RFC_TEXT, len, "sha256=" RFC_HMAC));
    assert_false(mindee_webhook_verify(NULL, RFC_TEXT, len, RFC_HMAC));
}

static void each_digit_counts(void **state)
{
    (void)state;
    char signature[] = RFC_HMAC;
    for (size_t i = 0; i < sizeof signature - 1; i++) {
        char was = signature[i];
        signature[i] = was == '0' ? '1' : '0';
        assert_false(mindee_webhook_verify(RFC_KEY, RFC_TEXT, strlen(RFC_TEXT), signature));
        signature[i] = 'g';
        assert_false(mindee_webhook_verify(RFC_KEY, RFC_TEXT, strlen(RFC_TEXT), signature));
        signature[i] = was;
    }
    signature[63] = '\0';
    assert_false(mindee_webhook_verify(RFC_KEY, RFC_TEXT, strlen(RFC_TEXT), signature));
}

/* An empty secret signs nothing, although its HMAC can be worked out by everybody. */
static void no_secret_no_signature(void **state)
{
    (void)state;
    uint8_t mac[SHA256_BYTES];
    char hex[SHA256_HEX];
    hmac_sha256("", 0, "x", 1, mac);
    hex_encode(mac, sizeof mac, hex);
    assert_false(mindee_webhook_verify("", "x", 1, hex));
    hmac_sha256("k", 1, "", 0, mac); /* an empty body may be signed */
    hex_encode(mac, sizeof mac, hex);
    assert_true(mindee_webhook_verify("k", NULL, 0, hex));
}

static struct mindee_webhook_text *read_it(const char *text, struct mindee_webhook *webhook)
{
    struct mindee_webhook_text *owner = NULL;
    size_t len = strlen(text);
    char *body = malloc(len + 1); /* without its NUL: one byte too far is seen */
    memcpy(body, text, len);
    int r = mindee_webhook_parse(body, len, webhook, &owner);
    free(body);
    assert_int_equal(r, owner ? 0 : -1);
    return owner;
}

static void a_result(void **state)
{
    (void)state;
    struct mindee_webhook w;
    struct mindee_webhook_text *owner = read_it(
        "{\"inference\":{\"id\":\"i-1\",\"job\":{\"id\":\"j-1\"},\"model\":{\"id\":\"m-1\"},"
        "\"file\":{\"name\":\"a.pdf\",\"alias\":\"mb-1\",\"page_count\":3},"
        "\"result\":{\"fields\":{}}},\"error\":{\"status\":500}}",
        &w);
    assert_non_null(owner);
    assert_int_equal(w.kind, MINDEE_WEBHOOK_RESULT);
    assert_string_equal(w.inference.id, "i-1");
    assert_string_equal(w.inference.job_id, "j-1");
    assert_string_equal(w.inference.model_id, "m-1");
    assert_string_equal(w.inference.file_name, "a.pdf");
    assert_string_equal(w.inference.alias, "mb-1");
    assert_int_equal(w.inference.page_count, 3);
    assert_int_equal(w.problem.status, 0);
    assert_string_equal(w.problem.detail, "");
    assert_string_equal(w.created_at, "");
    mindee_webhook_free(owner);
}

static void a_failure(void **state)
{
    (void)state;
    struct mindee_webhook w;
    struct mindee_webhook_text *owner = read_it(
        "{\"inference_id\":\"i-2\",\"model_id\":\"m-2\",\"file_name\":\"b\\u00e4.pdf\","
        "\"file_alias\":\"mb-2\",\"error\":{\"status\":422,\"title\":\"Invalid\",\"detail\":"
        "\"Broken PDF.\",\"code\":\"422-004\",\"errors\":[{\"pointer\":\"#/file\",\"detail\":"
        "\"no pages\"}]},\"created_at\":\"2026-08-31T18:00:05Z\"}",
        &w);
    assert_non_null(owner);
    assert_int_equal(w.kind, MINDEE_WEBHOOK_FAILURE);
    assert_string_equal(w.inference.id, "i-2");
    assert_string_equal(w.inference.job_id, "");
    assert_string_equal(w.inference.model_id, "m-2");
    assert_string_equal(w.inference.file_name, "b\xc3\xa4.pdf");
    assert_string_equal(w.inference.alias, "mb-2");
    assert_int_equal(w.inference.page_count, 0);
    assert_int_equal(w.problem.status, 422);
    assert_string_equal(w.problem.title, "Invalid");
    assert_string_equal(w.problem.detail, "Broken PDF.");
    assert_string_equal(w.problem.code, "422-004");
    assert_string_equal(w.problem.pointer, "#/file");
    assert_string_equal(w.problem.pointer_detail, "no pages");
    assert_string_equal(w.created_at, "2026-08-31T18:00:05Z");
    mindee_webhook_free(owner);
}

static void a_failure_with_little_in_it(void **state)
{
    (void)state;
    struct mindee_webhook w;
    struct mindee_webhook_text *owner =
        read_it("{\"inference_id\":null,\"file_alias\":\"mb-3\",\"model_id\":7,\"error\":{},"
                "\"inference\":{\"result\":null}}",
                &w);
    assert_non_null(owner);
    assert_int_equal(w.kind, MINDEE_WEBHOOK_FAILURE);
    assert_string_equal(w.inference.id, "");
    assert_string_equal(w.inference.alias, "mb-3");
    assert_string_equal(w.inference.model_id, "");
    assert_int_equal(w.problem.status, 0);
    assert_string_equal(w.problem.code, "");
    assert_string_equal(w.problem.pointer, "");
    assert_string_equal(w.created_at, "");
    mindee_webhook_free(owner);
}

static void what_is_neither(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "{}",
        "[]",
        "null",
        "{\"inference\":{\"result\":{}}",
        "{\"inference\":{}}",
        "{\"inference_id\":\"i\",\"file_alias\":\"a\"}",
        "{\"inference_id\":\"i\",\"error\":null}",
        "{\"inference_id\":\"i\",\"error\":\"broken\"}",
        "{\"error\":{\"status\":500}}",
        "{\"inference_id\":\"\xff\",\"error\":{}}",
        "{\"job\":{\"id\":\"j\",\"status\":\"Processing\"}}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct mindee_webhook w;
        if (read_it(texts[i], &w))
            fail_msg("%s was read", texts[i]);
    }
    mindee_webhook_free(NULL);
}

/* Deeper than allowed, or a failure of a megabyte: refused, not read. */
static void bounds(void **state)
{
    (void)state;
    enum { BIG = 1200000 };
    struct mindee_webhook w;
    char *text = calloc(1, BIG);
    strcpy(text, "{\"file_alias\":\"a\",\"error\":{},\"x\":");
    memset(text + strlen(text), '[', 5000);
    assert_null(read_it(text, &w));
    strcpy(text, "{\"file_alias\":\"a\",\"error\":{},\"x\":\"");
    memset(text + strlen(text), 'y', BIG - 100);
    strcat(text, "\"}");
    assert_null(read_it(text, &w));
    memset(text, 0, BIG);
    strcpy(text, "{\"inference\":{\"result\":{\"x\":\""); /* a result may be large */
    memset(text + strlen(text), 'y', BIG - 100);
    strcat(text, "\"}}}");
    struct mindee_webhook_text *owner = read_it(text, &w);
    assert_non_null(owner);
    mindee_webhook_free(owner);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures),      cmocka_unit_test(each_digit_counts),
        cmocka_unit_test(a_result),        cmocka_unit_test(no_secret_no_signature),
        cmocka_unit_test(a_failure),       cmocka_unit_test(a_failure_with_little_in_it),
        cmocka_unit_test(what_is_neither), cmocka_unit_test(bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
