/* RAG documents in memory. There is no description of this API but Mindee's SDKs (PHP, .NET), whose
 * forms these are. A field of an annotation is {selected, guidelines} with a value, fields or items;
 * how deep they go is bounded by the parser. */
#include "sandbox/rag.h"

#include "base/array.h"
#include "base/text.h"
#include "sandbox/json_text.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CHANGE_MAX_BYTES = 1 << 20 };

/* ---- the store ---- */

void rag_init(struct rag_store *s)
{
    *s = (struct rag_store){.all = NULL};
}

static void document_free(struct rag_document *d)
{
    free(d->filename);
    free(d->annotation);
    free(d);
}

void rag_release(struct rag_store *s)
{
    for (size_t i = 0; i < s->count; i++)
        document_free(s->all[i]);
    free(s->all);
    rag_init(s);
}

struct rag_document *rag_add(struct rag_store *s, struct form *form, struct wall wall,
                             struct mono ready_at, const char *id, char *annotation)
{
    if (s->count == RAG_DOCUMENTS_MAX)
        return NULL;
    struct rag_document *d = xcalloc(1, sizeof *d);
    text_copy(d->id, sizeof d->id, id);
    sha256(form->file, form->file_len, d->sha);
    d->model = form->model;
    d->filename = form->filename;
    form->filename = NULL;
    d->annotation = annotation;
    d->created_at = wall;
    d->ready_at = ready_at;
    ARRAY_RESERVE(s->all, s->capacity, s->count + 1);
    s->all[s->count++] = d;
    return d;
}

struct rag_document *rag_find(const struct rag_store *s, const char *id)
{
    for (size_t i = 0; i < s->count; i++) {
        if (strcasecmp(s->all[i]->id, id) == 0)
            return s->all[i];
    }
    return NULL;
}

void rag_delete(struct rag_store *s, struct rag_document *d)
{
    size_t i = 0;
    while (s->all[i] != d)
        i++;
    memmove(s->all + i, s->all + i + 1, (s->count - i - 1) * sizeof *s->all);
    s->count--;
    document_free(d);
}

void rag_match(struct rag_store *s, struct job *job, struct wall wall)
{
    if ((job->options & FORM_RAG) == 0)
        return;
    for (size_t i = 0; i < s->count; i++) {
        struct rag_document *d = s->all[i];
        if (d->model != job->model || memcmp(d->sha, job->content->sha, sizeof d->sha) != 0)
            continue;
        memcpy(job->rag_document, d->id, sizeof job->rag_document);
        d->total_matches++;
        d->last_match_at = wall;
        return;
    }
}

/* ---- how they show ---- */

static const char *status_of(const struct rag_document *d, struct mono now)
{
    if (!mono_reached(now, d->ready_at))
        return "Processing";
    return d->active ? "Active" : "Draft";
}

void rag_write(struct buffer *b, const struct rag_document *d, struct mono now, bool whole)
{
    buffer_printf(b, "{\"id\":\"%s\",\"model_id\":\"%s\",", d->id, d->model->id);
    json_put_member(b, "filename", d->filename);
    buffer_put(b, ",\"created_at\":");
    json_put_time(b, d->created_at, 0);
    buffer_printf(b,
                  ",\"status\":\"%s\",\"total_matches\":%u,\"last_match_at\":", status_of(d, now),
                  d->total_matches);
    if (d->total_matches > 0)
        json_put_time(b, d->last_match_at, 0);
    else
        buffer_put(b, "null");
    if (whole) {
        buffer_put(b, ",\"annotation\":");
        buffer_put(b, mono_reached(now, d->ready_at) ? d->annotation : "null");
    }
    buffer_put(b, "}");
}

void rag_search(const struct rag_store *s, struct buffer *b, const struct model *model,
                const char *filename, int page, int per_page, struct mono now)
{
    size_t found = 0, all = 0, first = (size_t)(page - 1) * (size_t)per_page;
    buffer_put(b, "{\"rag_documents\":[");
    for (size_t i = 0; i < s->count; i++) {
        const struct rag_document *d = s->all[i];
        if (model != NULL && d->model != model)
            continue;
        all++;
        if (filename != NULL && strcasestr(d->filename, filename) == NULL)
            continue;
        if (found >= first && found - first < (size_t)per_page) {
            buffer_put(b, found > first ? "," : "");
            rag_write(b, d, now, false);
        }
        found++;
    }
    buffer_printf(b,
                  "],\"pagination\":{\"per_page\":%d,\"page\":%d,\"total_items\":%zu,"
                  "\"total_pages\":%zu,\"total_items_unfiltered\":%zu}}",
                  per_page, page, found, (found + (size_t)per_page - 1) / (size_t)per_page, all);
}

/* ---- annotations ---- */

static cJSON *annotate_fields(const cJSON *fields);

static cJSON *annotate(const cJSON *field)
{
    cJSON *out = cJSON_CreateObject();
    cJSON_AddBoolToObject(out, "selected", false);
    cJSON_AddNullToObject(out, "guidelines");
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(field, "value"), *item,
                *fields = cJSON_GetObjectItemCaseSensitive(field, "fields"),
                *items = cJSON_GetObjectItemCaseSensitive(field, "items");
    if (cJSON_IsObject(fields)) {
        cJSON_AddItemToObject(out, "fields", annotate_fields(fields));
    } else if (cJSON_IsArray(items)) {
        cJSON *list = cJSON_AddArrayToObject(out, "items");
        cJSON_ArrayForEach(item, items) cJSON_AddItemToArray(list, annotate(item));
    } else {
        cJSON_AddItemToObject(out, "value", cJSON_Duplicate(value, true));
    }
    return out;
}

static cJSON *annotate_fields(const cJSON *fields)
{
    cJSON *out = cJSON_CreateObject();
    const cJSON *field;
    cJSON_ArrayForEach(field, fields) cJSON_AddItemToObject(out, field->string, annotate(field));
    return out;
}

char *rag_annotation_of(const char *result)
{
    cJSON *root = cJSON_Parse(result), *out = cJSON_CreateObject();
    const cJSON *at = root;
    static const char *const way[] = {"inference", "result", "fields"};
    for (size_t i = 0; i < sizeof way / sizeof *way; i++)
        at = cJSON_GetObjectItemCaseSensitive(at, way[i]);
    cJSON_AddItemToObject(out, "fields", annotate_fields(at));
    char *text = cJSON_PrintUnformatted(out);
    REQUIRE(text != NULL);
    cJSON_Delete(root);
    cJSON_Delete(out);
    return text;
}

static bool are_fields(const cJSON *fields);

static bool is_field(const cJSON *field)
{
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(field, "value"), *item,
                *fields = cJSON_GetObjectItemCaseSensitive(field, "fields"),
                *items = cJSON_GetObjectItemCaseSensitive(field, "items");
    const cJSON *selected = cJSON_GetObjectItemCaseSensitive(field, "selected");
    if (!cJSON_IsObject(field) || (selected != NULL && !cJSON_IsBool(selected)))
        return false;
    if (fields != NULL)
        return are_fields(fields);
    if (items == NULL)
        return value != NULL && !cJSON_IsObject(value) && !cJSON_IsArray(value);
    cJSON_ArrayForEach(item, items)
    {
        if (!is_field(item))
            return false;
    }
    return cJSON_IsArray(items);
}

static bool are_fields(const cJSON *fields)
{
    const cJSON *field;
    cJSON_ArrayForEach(field, fields)
    {
        if (!is_field(field))
            return false;
    }
    return cJSON_IsObject(fields);
}

static int apply(struct rag_document *d, const cJSON *root, struct problem *p)
{
    const cJSON *annotation = cJSON_GetObjectItemCaseSensitive(root, "annotation");
    const cJSON *status = cJSON_GetObjectItemCaseSensitive(root, "status");
    bool annotated = annotation != NULL && !cJSON_IsNull(annotation);
    bool active = cJSON_IsString(status) && strcmp(status->valuestring, "Active") == 0;
    bool draft = cJSON_IsString(status) && strcmp(status->valuestring, "Draft") == 0;
    if (status != NULL && !cJSON_IsNull(status) && !active && !draft)
        return problem_field(p, "status", "status must be Active or Draft");
    if (annotated && !are_fields(cJSON_GetObjectItemCaseSensitive(annotation, "fields")))
        return problem_field(p, "annotation", "annotation must hold annotated fields");
    if (annotated) {
        free(d->annotation);
        d->annotation = cJSON_PrintUnformatted(annotation);
        REQUIRE(d->annotation != NULL);
    }
    d->active = active || (d->active && !draft);
    return 0;
}

int rag_change(struct rag_document *d, const char *body, size_t len, struct mono now,
               struct problem *p)
{
    if (!mono_reached(now, d->ready_at))
        return problem_set(p, 422, "The document is still being processed.");
    if (len > CHANGE_MAX_BYTES)
        return problem_set(p, 413, "An annotation has at most 1 MB.");
    cJSON *root = cJSON_ParseWithLength(body, len);
    int rc = cJSON_IsObject(root) ? apply(d, root, p)
                                  : problem_set(p, 422, "The body isn't a JSON object.");
    cJSON_Delete(root);
    return rc;
}
