/* reply: from the end of a transfer to the response, made of literal transfer results. */
#include "base/text.h"
#include "client/reply.h"
#include "client/wording.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ID  "12345678-1234-1234-1234-jobid1234567"
#define KEY "md_secret_key_0123456789"

struct scene {
    struct buffer body;
    struct transfer_result result;
    struct reply reply;
};

static const struct mindee_response *ask(struct scene *s, enum reply_kind kind, int status,
                                         const char *body)
{
    const struct reply_question q = {.kind = kind, .job_id = ID, .key = KEY};
    buffer_init(&s->body, 0);
    buffer_put(&s->body, body);
    s->result.status = status;
    s->result.on_wire = true;
    s->result.body_sent_whole = true;
    s->result.retry_after_ms = -1;
    s->result.body = &s->body;
    reply_read(&s->reply, &q, &s->result);
    return &s->reply.response;
}

static void done(struct scene *s)
{
    reply_release(&s->reply);
    buffer_release(&s->body);
    memset(s, 0, sizeof *s);
}

static void accepted_upload(void **state)
{
    struct scene s = {0};
    (void)state;
    s.result.body_sent_bytes = 1234;
    const struct mindee_response *r =
        ask(&s, REPLY_TO_ENQUEUE, 202, "{\"job\":{\"id\":\"" ID "\",\"status\":\"Processing\"}}");
    assert_int_equal(r->delivery, MINDEE_ANSWERED);
    assert_int_equal(r->fault, MINDEE_OK);
    assert_string_equal(r->text, "");
    assert_string_equal(r->job->id, ID);
    assert_true(r->on_wire);
    assert_int_equal(r->body_sent_bytes, 1234);
    assert_int_equal(r->retry_after_ms, -1);
    assert_null(r->problem);
    assert_null(r->inference);
    done(&s);
}

static void accepted_without_an_id_is_doubt(void **state)
{
    static const char *const bodies[] = {"", "{}", "<html>ok</html>", "{\"job\":{\"id\":\"a/b\"}}"};
    struct scene s = {0};
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        const struct mindee_response *r = ask(&s, REPLY_TO_ENQUEUE, 202, bodies[i]);
        assert_int_equal(r->delivery, MINDEE_IN_DOUBT);
        assert_int_equal(r->fault, MINDEE_UNEXPECTED);
        assert_null(r->job);
        assert_non_null(strstr(r->text, "202 Accepted, but "));
        assert_string_equal(r->body, bodies[i]);
        done(&s);
    }
}

static void refusals_in_words(void **state)
{
    static const struct {
        int status;
        const char *body, *text;
        bool problem;
    } rows[] = {
        {401,
         "{\"status\":401,\"detail\":\"The provided API key is invalid.\",\"title\":\"Invalid API "
         "key\",\"code\":\"401-001\",\"errors\":[]}",
         "401 Unauthorized: Invalid API key. The provided API key is invalid. (401-001)", true},
        {422,
         "{\"status\":422,\"detail\":\"One or more fields failed validation.\",\"title\":\"Invalid "
         "fields\",\"code\":\"422-001\",\"errors\":[{\"pointer\":\"#/model_id\",\"detail\":\"must "
         "be a UUID\"}]}",
         "422 Unprocessable Content: Invalid fields. One or more fields failed validation. "
         "#/model_id: must be a UUID. (422-001)",
         true},
        {429, "", "429 Too Many Requests", false},
        {502, "<html>", "502 Bad Gateway, without an error body of Mindee's", false},
        {599, "{\"status\":599,\"code\":\"c\",\"title\":\"\\u001b[2Jred\"}",
         "599: \\x1B[2Jred. (c)", true},
        {418, "{\"detail\":\"teapot\"}", "418", false},
    };
    struct scene s = {0};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct mindee_response *r = ask(&s, REPLY_JOB, rows[i].status, rows[i].body);
        assert_string_equal(r->text, rows[i].text);
        assert_int_equal(r->fault, MINDEE_OK);
        assert_int_equal(r->delivery, MINDEE_ANSWERED);
        assert_int_equal(r->problem != NULL, rows[i].problem);
        assert_int_equal(r->status, rows[i].status);
        done(&s);
    }
}

/* A text that is too long keeps its front and Mindee's code, and no character is cut in two. */
static void long_texts_are_cut(void **state)
{
    struct scene s = {0};
    struct buffer b;
    (void)state;
    for (int shift = 0; shift < 4; shift++) {
        buffer_init(&b, 0);
        buffer_printf(&b, "{\"status\":422,\"code\":\"422-042\",\"title\":\"%.*s", shift, "xyz");
        for (int i = 0; i < 2000; i++)
            buffer_put(&b, "\xe2\x82\xac");
        buffer_put(&b, "\"}");
        const struct mindee_response *r = ask(&s, REPLY_JOB, 422, buffer_text(&b));
        size_t len = strlen(r->text);
        assert_true(len < MINDEE_TEXT_MAX && len > MINDEE_TEXT_MAX - 8);
        assert_memory_equal(r->text, "422 Unprocessable Content: ", 27);
        assert_string_equal(r->text + len - 10, " (422-042)");
        assert_true(text_is_utf8(r->text, len));
        done(&s);
        buffer_release(&b);
    }
}

static void the_key_is_masked(void **state)
{
    struct scene s = {0};
    (void)state;
    const struct mindee_response *r = ask(&s, REPLY_JOB, 401,
                                          "{\"status\":401,\"code\":\"401-001\",\"title\":\"" KEY
                                          "\",\"detail\":\"no " KEY KEY " here\"}");
    assert_null(strstr(r->text, KEY));
    assert_null(strstr(r->problem->title, KEY));
    assert_null(strstr(r->problem->detail, KEY));
    assert_null(strstr(r->body, KEY));
    assert_non_null(strstr(r->text, "401 Unauthorized: ****"));
    done(&s);
    /* a result is left byte for byte */
    static const char result[] = "{\"inference\":{\"result\":{\"x\":\"" KEY "\"}}}";
    r = ask(&s, REPLY_RESULT, 200, result);
    assert_int_equal(r->fault, MINDEE_OK);
    assert_string_equal(r->body, result);
    done(&s);
}

static void jobs(void **state)
{
    static const struct {
        int status;
        const char *body, *location;
        enum mindee_fault fault;
        const char *text, *result_url;
    } rows[] = {
#define JOB(more) "{\"job\":{\"id\":\"" ID "\"," more "}}"
        {200, JOB("\"status\":\"Processing\""), "", MINDEE_OK, "", ""},
        {200, JOB("\"status\":\"Processed\",\"result_url\":\"https://a/b\""), "", MINDEE_OK, "",
         "https://a/b"},
        {302, JOB("\"status\":\"Processed\",\"result_url\":\"https://a/b\""), "https://a/c",
         MINDEE_OK, "", "https://a/b"},
        {302, JOB("\"status\":\"Processed\""), "https://a/c", MINDEE_OK, "", "https://a/c"},
        {302, JOB("\"status\":\"Processed\""), "", MINDEE_UNEXPECTED, "result_url is missing", ""},
        {200, JOB("\"status\":\"Processed\""), "https://a/c", MINDEE_UNEXPECTED,
         "result_url is missing", ""},
        {302, "", "https://a/c", MINDEE_UNEXPECTED, "302 Found, but the answer is empty", ""},
        {303, JOB("\"status\":\"Processed\""), "https://a/c", MINDEE_UNEXPECTED, "redirect", ""},
        {200, "{\"job\":{\"id\":\"another\",\"status\":\"Failed\"}}", "", MINDEE_UNEXPECTED,
         "not the one asked for", ""},
        {200, "<html>", "", MINDEE_UNEXPECTED, "200 OK, but the answer isn't JSON", ""},
        {200, "{\"inference\":{\"result\":{}}}", "", MINDEE_UNEXPECTED, "job is missing", ""},
    };
    struct scene s = {0};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        s.result.location = rows[i].location;
        const struct mindee_response *r = ask(&s, REPLY_JOB, rows[i].status, rows[i].body);
        assert_int_equal(r->fault, rows[i].fault);
        assert_int_equal(r->delivery, MINDEE_ANSWERED);
        assert_non_null(strstr(r->text, rows[i].text));
        assert_int_equal(r->job != NULL, rows[i].fault == MINDEE_OK);
        if (r->job)
            assert_string_equal(r->job->result_url, rows[i].result_url);
        done(&s);
    }
}

static void results_and_models(void **state)
{
    struct scene s = {0};
    (void)state;
    const struct mindee_response *r = ask(
        &s, REPLY_RESULT, 200,
        "{\"inference\":{\"id\":\"i\",\"file\":{\"page_count\":3},\"result\":{\"fields\":{}}}}");
    assert_int_equal(r->fault, MINDEE_OK);
    assert_string_equal(r->inference->id, "i");
    assert_int_equal(r->inference->page_count, 3);
    assert_int_equal(r->body_len, s.body.len);
    done(&s);
    r = ask(&s, REPLY_RESULT, 200, "{\"inference\":{\"id\":\"i\"");
    assert_int_equal(r->fault, MINDEE_UNEXPECTED);
    assert_null(r->inference);
    assert_string_equal(r->body, "{\"inference\":{\"id\":\"i\""); /* kept for the user */
    done(&s);
    r = ask(&s, REPLY_RESULT, 302, "{\"inference\":{\"result\":{}}}");
    assert_int_equal(r->fault, MINDEE_UNEXPECTED);
    done(&s);
    r = ask(&s, REPLY_MODELS, 200,
            "{\"models\":[{\"id\":\"m\",\"name\":\"n\",\"model_type\":\"crop\"}]}");
    assert_int_equal(r->fault, MINDEE_OK);
    assert_int_equal(r->model_count, 1);
    assert_string_equal(r->models[0].type, "crop");
    done(&s);
}

/* Half an answer isn't read, however good its half looks. */
static void ends_without_a_whole_answer(void **state)
{
    struct scene s = {0};
    (void)state;
    s.result.end = TRANSFER_BROKEN;
    snprintf(s.result.text, sizeof s.result.text, "connection lost: \x1b[31m reset");
    const struct mindee_response *r =
        ask(&s, REPLY_TO_ENQUEUE, 202, "{\"job\":{\"id\":\"" ID "\",\"status\":\"Processing\"}}");
    assert_int_equal(r->delivery, MINDEE_IN_DOUBT);
    assert_int_equal(r->fault, MINDEE_BROKEN);
    assert_null(r->job);
    assert_string_equal(r->text, "connection lost: \\x1B[31m reset");
    done(&s);
    s.result.end = TRANSFER_CANCELLED;
    r = ask(&s, REPLY_RESULT, 0, "");
    assert_int_equal(r->delivery, MINDEE_IN_DOUBT);
    assert_int_equal(r->fault, MINDEE_CANCELLED);
    done(&s);
}

static void retry_after_is_passed_on(void **state)
{
    struct scene s = {0};
    struct buffer body;
    struct transfer_result result = {
        .status = 429, .on_wire = true, .retry_after_ms = 62000, .body = &body};
    const struct reply_question q = {.kind = REPLY_MODELS, .key = KEY};
    (void)state;
    buffer_init(&body, 0);
    reply_read(&s.reply, &q, &result);
    assert_int_equal(s.reply.response.retry_after_ms, 62000);
    assert_string_equal(s.reply.response.body, "");
    reply_release(&s.reply);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepted_upload),
        cmocka_unit_test(accepted_without_an_id_is_doubt),
        cmocka_unit_test(refusals_in_words),
        cmocka_unit_test(long_texts_are_cut),
        cmocka_unit_test(the_key_is_masked),
        cmocka_unit_test(jobs),
        cmocka_unit_test(results_and_models),
        cmocka_unit_test(ends_without_a_whole_answer),
        cmocka_unit_test(retry_after_is_passed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
