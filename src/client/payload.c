/* See payload.h.
 *
 * Each answer passes json_guard first, so cJSON only ever sees one whole valid text of bounded
 * size, depth and number of values; texts it can't hold are mended in a copy, which hardly ever
 * happens. Reading takes a member by name and type; the first complaint stays in E and names the
 * member with its path. */
#include "client/payload.h"

#include "client/endpoint.h"
#include "client/json_guard.h"

#include <cjson/cJSON.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void payload_init(struct payload *p)
{
    *p = (struct payload){0};
}

void payload_release(struct payload *p)
{
    cJSON_Delete(p->tree);
    free(p->models);
    free(p->errors);
    payload_init(p);
}

static cJSON *parse_mended(const char *body, size_t len)
{
    char *copy = malloc(len);
    if (!copy)
        return NULL;
    memcpy(copy, body, len);
    json_guard_mend(copy, len);
    cJSON *tree = cJSON_ParseWithLength(copy, len);
    free(copy);
    return tree;
}

static int parse(struct payload *p, const char *body, size_t len, struct error *e)
{
    struct json_guard g = {.max_values = PAYLOAD_MAX_VALUES};
    if (!len)
        return error_set(e, ERR_FORMAT, "the answer is empty");
    if (len > PAYLOAD_MAX_BYTES)
        return error_set(e, ERR_LIMIT, "the answer is too large");
    int r = json_guard_scan(&g, body, len);
    if (r < 0)
        return error_set(e, r, "the answer isn't JSON: %s (byte %zu)", g.error, g.error_at);
    if (g.root != JSON_OBJECT)
        return error_set(e, ERR_FORMAT, "the answer isn't a JSON object");
    cJSON_Delete(p->tree);
    p->tree = g.unfit ? parse_mended(body, len) : cJSON_ParseWithLength(body, len);
    return p->tree ? 0 : error_set(e, ERR_FORMAT, "the answer can't be read as JSON");
}

/* One object being read: the first complaint is kept, later ones are passed over. */
struct reader {
    const cJSON *object;
    const char *path; /* "job" */
    bool lenient;     /* what is mistyped counts as absent */
    int result;
    struct error *e;
};

static void complain(struct reader *r, const char *name, const char *wanted)
{
    if (!r->lenient && r->result == 0)
        r->result = error_set(r->e, ERR_FORMAT, "%s.%s %s", r->path, name, wanted);
}

/* The member, or NULL if it is absent or null. */
static const cJSON *member(const struct reader *r, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(r->object, name);
    return cJSON_IsNull(item) ? NULL : item;
}

static const char *take_text(struct reader *r, const char *name, bool required)
{
    const cJSON *item = member(r, name);
    if (cJSON_IsString(item))
        return item->valuestring;
    if (item)
        complain(r, name, "isn't a string");
    else if (required)
        complain(r, name, "is missing");
    return "";
}

static int take_count(struct reader *r, const char *name)
{
    const cJSON *item = member(r, name);
    if (!item)
        return 0;
    double v = cJSON_IsNumber(item) ? item->valuedouble : -1;
    if (v >= 0 && v <= INT_MAX && v == (double)(int)v)
        return (int)v;
    complain(r, name, "isn't a whole number");
    return 0;
}

static const cJSON *take_kind(struct reader *r, const char *name, bool array)
{
    const cJSON *item = member(r, name);
    if (!item || (array ? cJSON_IsArray(item) : cJSON_IsObject(item)))
        return item;
    complain(r, name, array ? "isn't an array" : "isn't an object");
    return NULL;
}

/* All of them, into P; one that is no object is left out. */
static void take_errors(struct reader *r, struct payload *p, struct mindee_problem *out)
{
    const cJSON *errors = take_kind(r, "errors", true);
    size_t room = errors ? (size_t)cJSON_GetArraySize(errors) : 0;
    free(p->errors);
    p->errors = xcalloc(room + 1, sizeof *p->errors);
    for (const cJSON *item = room ? errors->child : NULL; item; item = item->next) {
        struct reader one = {item, "errors[]", true, 0, r->e};
        if (cJSON_IsObject(item))
            p->errors[out->error_count++] = (struct mindee_problem_error){
                .pointer = take_text(&one, "pointer", false),
                .detail = take_text(&one, "detail", false),
            };
    }
    out->errors = p->errors;
    if (out->error_count > 0 && cJSON_IsObject(errors->child)) {
        out->pointer = p->errors[0].pointer;
        out->pointer_detail = p->errors[0].detail;
    }
}

static void take_problem(struct reader *r, struct payload *p, struct mindee_problem *out)
{
    *out = (struct mindee_problem){
        .status = take_count(r, "status"),
        .title = take_text(r, "title", false),
        .detail = take_text(r, "detail", false),
        .code = take_text(r, "code", false),
        .pointer = "",
        .pointer_detail = "",
    };
    take_errors(r, p, out);
}

static enum mindee_job_status take_status(struct reader *r, bool required)
{
    static const char *const names[] = {"Processing", "Processed", "Failed", NULL};
    const char *text = take_text(r, "status", required);
    for (int i = 0; names[i]; i++)
        if (strcmp(text, names[i]) == 0)
            return (enum mindee_job_status)i;
    if (*text || required)
        complain(r, "status", "isn't one of Processing, Processed, Failed");
    return MINDEE_JOB_PROCESSING;
}

/* They only tell people why no webhook came. */
static void take_webhooks(struct reader *r, struct payload *p)
{
    const cJSON *array = take_kind(r, "webhooks", true);
    p->job.webhooks = p->webhooks;
    for (const cJSON *item = array ? array->child : NULL; item; item = item->next) {
        if (p->job.webhook_count == PAYLOAD_MAX_WEBHOOKS)
            return;
        if (!cJSON_IsObject(item))
            continue;
        struct reader w = {item, "job.webhooks[]", true, 0, r->e};
        struct mindee_job_webhook *out = &p->webhooks[p->job.webhook_count++];
        *out = (struct mindee_job_webhook){
            .id = take_text(&w, "id", false),
            .status = take_status(&w, false),
            .attempts = take_count(&w, "attempts_count"),
            .error = "",
        };
        const cJSON *error = take_kind(&w, "error", false);
        if (error) {
            struct reader inner = {error, "error", true, 0, r->e};
            out->error = take_text(&inner, "detail", false);
        }
    }
}

static int take_id(struct reader *r, struct payload *p, const char *wanted)
{
    const cJSON *id = member(r, "id");
    if (!id)
        return error_set(r->e, ERR_FORMAT, "job.id is missing");
    if (!cJSON_IsString(id) || !endpoint_is_job_id(id->valuestring))
        return error_set(r->e, ERR_FORMAT, "job.id isn't an id");
    if (wanted && strcasecmp(wanted, id->valuestring) != 0)
        return error_set(r->e, ERR_FORMAT, "job.id is %s, not the one asked for", id->valuestring);
    p->job.id = id->valuestring;
    return 0;
}

int payload_job(struct payload *p, const char *body, size_t len, const char *wanted,
                struct error *e)
{
    int result = parse(p, body, len, e);
    if (result < 0)
        return result;
    const cJSON *object = cJSON_GetObjectItemCaseSensitive(p->tree, "job");
    if (!cJSON_IsObject(object))
        return error_set(e, ERR_FORMAT, object ? "job isn't an object" : "job is missing");
    struct reader needed = {object, "job", wanted == NULL, 0, e};
    struct reader r = {object, "job", true, 0, e};
    p->job = (struct mindee_job){0};
    result = take_id(&r, p, wanted);
    if (result < 0)
        return result;
    p->job.status = take_status(&needed, true);
    p->job.alias = take_text(&r, "alias", false);
    p->job.created_at = take_text(&r, "created_at", false);
    p->job.completed_at = take_text(&r, "completed_at", false);
    p->job.result_url = take_text(&r, "result_url", false);
    take_webhooks(&r, p);
    const cJSON *error = take_kind(&r, "error", false);
    if (error) {
        struct reader inner = {error, "job.error", true, 0, e};
        take_problem(&inner, p, &p->problem);
        p->job.error = &p->problem;
    }
    return needed.result;
}

int payload_problem(struct payload *p, const char *body, size_t len, struct error *e)
{
    int result = parse(p, body, len, e);
    if (result < 0)
        return result;
    struct reader r = {p->tree, "problem", true, 0, e};
    take_problem(&r, p, &p->problem);
    if (p->problem.status < 100 || p->problem.status > 599 || !*p->problem.code)
        return error_set(e, ERR_FORMAT, "the answer has no status and code of Mindee's");
    return 0;
}

int payload_failure(struct payload *p, struct mindee_webhook *out, const char *body, size_t len,
                    struct error *e)
{
    int result = parse(p, body, len, e);
    if (result < 0)
        return result;
    struct reader r = {p->tree, "webhook", true, 0, e};
    const cJSON *error = take_kind(&r, "error", false);
    if (!error)
        return error_set(e, ERR_FORMAT, "it has neither a result nor an error");
    out->kind = MINDEE_WEBHOOK_FAILURE;
    out->inference = (struct mindee_inference){
        .id = take_text(&r, "inference_id", false),
        .job_id = "",
        .model_id = take_text(&r, "model_id", false),
        .file_name = take_text(&r, "file_name", false),
        .alias = take_text(&r, "file_alias", false),
    };
    out->created_at = take_text(&r, "created_at", false);
    if (!*out->inference.id && !*out->inference.alias)
        return error_set(e, ERR_FORMAT, "it has an error, but neither inference_id nor file_alias");
    struct reader inner = {error, "error", true, 0, e};
    take_problem(&inner, p, &out->problem);
    return 0;
}

static void take_model(struct reader *needed, struct mindee_model *out)
{
    struct reader lenient = {needed->object, needed->path, true, 0, needed->e}, *r = &lenient;
    out->id = take_text(needed, "id", true);
    out->name = take_text(r, "name", false);
    out->type = take_text(r, "model_type", false);
    const cJSON *webhooks = take_kind(r, "webhooks", true);
    for (const cJSON *item = webhooks ? webhooks->child : NULL; item; item = item->next) {
        if (out->webhook_count == sizeof out->webhooks / sizeof *out->webhooks)
            return;
        struct reader w = {item, "models[].webhooks[]", true, 0, r->e};
        if (!*take_text(&w, "id", false))
            continue;
        out->webhooks[out->webhook_count].id = take_text(&w, "id", false);
        out->webhooks[out->webhook_count].name = take_text(&w, "name", false);
        out->webhooks[out->webhook_count].url = take_text(&w, "url", false);
        out->webhook_count++;
    }
}

int payload_models(struct payload *p, const char *body, size_t len, struct error *e)
{
    int result = parse(p, body, len, e);
    if (result < 0)
        return result;
    const cJSON *array = cJSON_GetObjectItemCaseSensitive(p->tree, "models");
    if (!cJSON_IsArray(array))
        return error_set(e, ERR_FORMAT, array ? "models isn't an array" : "models is missing");
    size_t count = 0;
    for (const cJSON *item = array->child; item && count < PAYLOAD_MAX_MODELS; item = item->next)
        count++;
    free(p->models);
    p->models = xcalloc(count + 1, sizeof *p->models);
    p->model_count = 0;
    for (const cJSON *item = array->child; p->model_count < count; item = item->next) {
        struct reader r = {item, "models[]", false, 0, e};
        take_model(&r, &p->models[p->model_count++]);
        if (r.result < 0)
            return r.result;
    }
    struct reader top = {p->tree, "answer", false, 0, e};
    const cJSON *pagination = take_kind(&top, "pagination", false);
    p->total_pages = 1;
    if (pagination) {
        struct reader r = {pagination, "pagination", false, 0, e};
        p->total_pages = take_count(&r, "total_pages");
        return r.result;
    }
    return top.result;
}
