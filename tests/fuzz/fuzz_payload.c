/* Any bytes as the answer to each request with each kind of status: a response with all its texts,
 * fit for a terminal, or UNEXPECTED; the scanner never takes what isn't UTF-8 JSON, cJSON can read
 * all that it lets through, and both find the same values. */
#include "base/text.h"
#include "client/json_guard.h"
#include "client/reply.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#define JOB_ID "12345678-1234-1234-1234-jobid1234567"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_problem(const struct mindee_problem *p)
{
    if (p)
        REQUIRE(p->title && p->detail && p->code && p->pointer && p->pointer_detail);
}

static void check_job(const struct mindee_job *job)
{
    REQUIRE(job->id && *job->id && strlen(job->id) <= 64);
    REQUIRE(job->alias && job->created_at && job->completed_at && job->result_url);
    for (size_t i = 0; i < job->webhook_count; i++)
        REQUIRE(job->webhooks[i].id && job->webhooks[i].error && job->webhooks[i].attempts >= 0);
    check_problem(job->error);
}

static void check_response(const struct mindee_response *r, enum reply_kind kind)
{
    bool ok = r->fault == MINDEE_OK, refused = r->status >= 400;
    REQUIRE(ok || r->fault == MINDEE_UNEXPECTED);
    REQUIRE(strlen(r->text) < MINDEE_TEXT_MAX && text_is_utf8(r->text, strlen(r->text)));
    REQUIRE((*r->text == '\0') == (ok && !refused));
    for (const char *c = r->text; *c; c++)
        REQUIRE((unsigned char)*c >= 0x20 && *c != 0x7f);
    check_problem(r->problem);
    if (!ok || refused)
        return;
    if (kind == REPLY_TO_ENQUEUE || kind == REPLY_JOB)
        check_job(r->job);
    if (kind == REPLY_JOB)
        REQUIRE(r->job->status != MINDEE_JOB_PROCESSED || *r->job->result_url);
    if (kind == REPLY_RESULT)
        REQUIRE(r->inference->id && r->inference->alias && r->inference->page_count >= 0);
    for (size_t i = 0; i < r->model_count; i++)
        REQUIRE(r->models[i].id && r->models[i].name && r->models[i].webhook_count <= 8);
}

static void check_replies(const uint8_t *data, size_t size)
{
    static const int statuses[] = {200, 302, 422, 502};
    for (int kind = REPLY_TO_ENQUEUE; kind <= REPLY_MODELS; kind++)
        for (size_t i = 0; i < sizeof statuses / sizeof *statuses; i++) {
            const struct reply_question q = {(enum reply_kind)kind, JOB_ID, "md_key"};
            struct buffer body;
            buffer_init(&body, 0);
            REQUIRE(buffer_append(&body, data, size) == 0);
            struct transfer_result result = {.status = statuses[i],
                                             .on_wire = true,
                                             .body_sent_whole = true,
                                             .location = "",
                                             .body = &body};
            struct reply reply;
            reply_read(&reply, &q, &result);
            check_response(&reply.response, q.kind);
            reply_release(&reply);
            buffer_release(&body);
        }
}

static const char *text_at(const cJSON *object, const char *name)
{
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, name));
    return text ? text : "";
}

/* cJSON matches names after unescaping them, the scanner as they are written. */
static void compare(const cJSON *tree, const char *text, size_t size)
{
    struct mindee_inference i;
    struct mindee_inference_text *owner;
    const cJSON *inference = cJSON_GetObjectItemCaseSensitive(tree, "inference");
    const cJSON *result = cJSON_GetObjectItemCaseSensitive(inference, "result");
    bool is = cJSON_IsObject(tree) && cJSON_IsObject(inference) && cJSON_IsObject(result);
    REQUIRE((mindee_inference_parse(text, size, &i, &owner) == 0) == is);
    if (is) {
        const cJSON *file = cJSON_GetObjectItemCaseSensitive(inference, "file");
        REQUIRE(strcmp(i.id, text_at(inference, "id")) == 0);
        REQUIRE(strcmp(i.alias, text_at(cJSON_IsObject(file) ? file : NULL, "alias")) == 0);
    }
    mindee_inference_free(owner);
}

static void check_guard(const uint8_t *data, size_t size)
{
    struct json_guard g = {0};
    char *text = xcalloc(1, size + 1);
    memcpy(text, data, size);
    if (json_guard_scan(&g, text, size) == 0) {
        REQUIRE(text_is_utf8(text, size));
        json_guard_mend(text, size);
        const char *end = NULL;
        cJSON *tree = cJSON_ParseWithLengthOpts(text, size + 1, &end, true);
        bool long_number = strcspn(text, "0123456789") < size && size > 60;
        REQUIRE(tree || long_number); /* cJSON reads 63 characters of a number */
        if (tree && !memchr(text, '\\', size))
            compare(tree, text, size);
        cJSON_Delete(tree);
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_replies(data, size);
    check_guard(data, size);
    return 0;
}
