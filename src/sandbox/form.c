/* Reading takes the fields, by multipart or from a JSON object, into one struct; checking is the
 * same for both. The first thing that is wrong is the answer: 422 with a pointer to the field, 404
 * for a model that doesn't exist, 413 for a file over 100 MB. Fields that the product doesn't have
 * are ignored, as the real one does. */
#include "sandbox/form.h"

#include "base/text.h"
#include "sandbox/multipart.h"
#include "sandbox/upload.h"

#include <cjson/cJSON.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { URL_MAX = 2048, BASE64_MIN = 15, TEXT_MAX = 1 << 20 };

void form_init(struct form *f)
{
    *f = (struct form){.model = NULL};
}

void form_release(struct form *f)
{
    free(f->decoded);
    free(f->url);
    free(f->filename);
    free(f->alias);
    free(f->model_id);
    free(f->file_base64);
    free(f->webhook_ids);
    free(f->data_schema);
    free(f->part_filename);
    form_init(f);
}

/* ---- the two encodings ---- */

struct text_field {
    const char *name;
    size_t offset; /* of a char * in struct form */
};

static const struct text_field text_fields[] = {
    {"model_id", offsetof(struct form, model_id)},
    {"url", offsetof(struct form, url)},
    {"file_base64", offsetof(struct form, file_base64)},
    {"filename", offsetof(struct form, filename)},
    {"alias", offsetof(struct form, alias)},
    {"data_schema", offsetof(struct form, data_schema)},
};

static const struct {
    const char *name;
    unsigned bit;
} flags[] = {
    {"rag", FORM_RAG},
    {"raw_text", FORM_RAW_TEXT},
    {"polygon", FORM_POLYGON},
    {"confidence", FORM_CONFIDENCE},
};

static char *copy_text(const char *text, size_t len)
{
    char *copy = malloc(len + 1);
    if (copy == NULL)
        return NULL;
    memcpy(copy, text, len);
    copy[len] = 0;
    return copy;
}

static int set_text(char **slot, const char *name, const char *text, size_t len, struct problem *p)
{
    if (memchr(text, 0, len) != NULL)
        return problem_field(p, name, "%s must not contain a NUL character", name);
    free(*slot);
    *slot = copy_text(text, len);
    return *slot != NULL ? 0 : problem_set(p, 500, NULL);
}

static int add_webhook_ids(struct form *f, const char *text, size_t len, struct problem *p)
{
    struct buffer all;
    buffer_init(&all, TEXT_MAX);
    int rc = 0;
    if (f->webhook_ids != NULL)
        rc = buffer_append(&all, f->webhook_ids, strlen(f->webhook_ids)) != 0 ||
             buffer_append(&all, ",", 1) != 0;
    if (rc != 0 || buffer_append(&all, text, len) != 0)
        rc = problem_field(p, "webhook_ids", "webhook_ids is too long");
    else
        rc = set_text(&f->webhook_ids, "webhook_ids", buffer_text(&all), all.len, p);
    buffer_release(&all);
    return rc;
}

static int set_flag(struct form *f, size_t i, const char *text, size_t len, struct problem *p)
{
    static const char *const on[] = {"true", "1", "on", "yes", "t", "y"};
    static const char *const off[] = {"false", "0", "off", "no", "f", "n"};
    for (size_t k = 0; k < sizeof on / sizeof *on; k++) {
        if (strlen(on[k]) == len && strncasecmp(on[k], text, len) == 0) {
            f->options |= flags[i].bit;
            return 0;
        }
        if (strlen(off[k]) == len && strncasecmp(off[k], text, len) == 0) {
            f->options &= ~flags[i].bit;
            return 0;
        }
    }
    return problem_field(p, flags[i].name, "%s must be a valid boolean", flags[i].name);
}

/* One field of either encoding; an empty value is as good as none. */
static int set_field(struct form *f, enum product product, const char *name, const char *text,
                     size_t len, struct problem *p)
{
    bool extraction = product == PRODUCT_EXTRACTION;
    if (strcmp(name, "webhook_ids") == 0)
        return len > 0 ? add_webhook_ids(f, text, len, p) : 0;
    if (strcmp(name, "text_context") == 0) {
        if (extraction && len > 0)
            f->options |= FORM_TEXT_CONTEXT;
        return 0;
    }
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        if (strcmp(name, flags[i].name) == 0)
            return extraction && len > 0 ? set_flag(f, i, text, len, p) : 0;
    }
    for (size_t i = 0; i < sizeof text_fields / sizeof *text_fields; i++) {
        if (strcmp(name, text_fields[i].name) == 0 && (len > 0 || strcmp(name, "model_id") == 0))
            return set_text((char **)(void *)((char *)f + text_fields[i].offset), name, text, len,
                            p);
    }
    return 0;
}

static int read_multipart(struct form *f, enum product product, const char *content_type,
                          const char *body, size_t len, struct problem *p)
{
    struct multipart m;
    struct part part;
    int rc = multipart_init(&m, content_type, body, len);
    while (rc == 0 && (rc = multipart_next(&m, &part)) == 1) {
        if (strcmp(part.name, "file") != 0) {
            if (set_field(f, product, part.name, part.data, part.len, p) != 0)
                return -1;
        } else if (part.has_filename || part.len > 0) {
            f->has_file = true;
            f->file = part.data;
            f->file_len = part.len;
            if (set_text(&f->part_filename, "filename", part.filename, strlen(part.filename), p) !=
                0)
                return -1;
        }
        rc = 0;
    }
    return rc == 0 ? 0 : problem_set(p, 400, "The multipart body can't be parsed.");
}

static int read_json_member(struct form *f, enum product product, const cJSON *member,
                            struct problem *p)
{
    const char *text = NULL;
    if (cJSON_IsString(member))
        text = member->valuestring;
    else if (cJSON_IsBool(member))
        text = cJSON_IsTrue(member) ? "true" : "false";
    if (text != NULL)
        return set_field(f, product, member->string, text, strlen(text), p);
    if (cJSON_IsNull(member))
        return 0;
    if (cJSON_IsArray(member) && strcmp(member->string, "webhook_ids") == 0) {
        const cJSON *id;
        cJSON_ArrayForEach(id, member)
        {
            if (!cJSON_IsString(id))
                return problem_field(p, "webhook_ids", "webhook_ids must be a list of UUIDs");
            if (set_field(f, product, "webhook_ids", id->valuestring, strlen(id->valuestring), p) !=
                0)
                return -1;
        }
        return 0;
    }
    return problem_field(p, member->string, "%s has the wrong type", member->string);
}

static int read_json(struct form *f, enum product product, const char *body, size_t len,
                     struct problem *p)
{
    cJSON *root = cJSON_ParseWithLength(body, len);
    int rc = 0;
    if (!cJSON_IsObject(root))
        rc = problem_set(p, 422, "The body isn't a JSON object.");
    const cJSON *member = rc == 0 ? root->child : NULL;
    for (; member != NULL && rc == 0; member = member->next)
        rc = read_json_member(f, product, member, p);
    cJSON_Delete(root);
    return rc;
}

/* ---- checks ---- */

static int check_model(struct form *f, enum product product, struct problem *p)
{
    if (f->model_id == NULL)
        return problem_field(p, "model_id", "model_id is required");
    if (!text_is_uuid(f->model_id))
        return problem_field(p, "model_id", "model_id must be a valid UUID format");
    f->model = catalog_find(f->model_id);
    if (f->model == NULL)
        return problem_set(p, 404, "The model doesn't exist.");
    if (f->model->product != product)
        return problem_field(p, "model_id", "the model is of type '%s', not '%s'",
                             product_name(f->model->product), product_name(product));
    return 0;
}

static int check_webhooks(struct form *f, struct problem *p)
{
    char *rest = f->webhook_ids, *id;
    while (rest != NULL && (id = strsep(&rest, ", ")) != NULL) {
        if (*id == 0)
            continue;
        if (!text_is_uuid(id))
            return problem_field(p, "webhook_ids", "webhook_ids must be valid UUIDs");
        int place = model_webhook_find(f->model, id);
        if (place < 0)
            return problem_field(p, "webhook_ids", "the model has no webhook '%s'", id);
        f->webhooks |= 1u << place;
    }
    return 0;
}

static int check_schema(struct form *f, struct problem *p)
{
    if (f->data_schema == NULL)
        return 0;
    cJSON *schema = cJSON_Parse(f->data_schema);
    bool object = cJSON_IsObject(schema);
    const cJSON *replace = cJSON_GetObjectItemCaseSensitive(schema, "replace");
    bool good = object && (replace == NULL || cJSON_IsNull(replace) ||
                           cJSON_IsArray(cJSON_GetObjectItemCaseSensitive(replace, "fields")));
    if (good && cJSON_IsObject(replace))
        f->options |= FORM_DATA_SCHEMA;
    cJSON_Delete(schema);
    if (!object)
        return problem_field(p, "data_schema", "data_schema must be a valid JSON object");
    return good ? 0 : problem_field(p, "data_schema", "data_schema/replace needs a list of fields");
}

static int decode_base64(struct form *f, struct problem *p)
{
    char *text = f->file_base64;
    if (strncmp(text, "data:", 5) == 0 && strstr(text, ";base64,") != NULL)
        text = strstr(text, ";base64,") + 8;
    size_t len = strlen(text), padding = 0;
    while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
        padding++;
    if (strlen(f->file_base64) < BASE64_MIN || len % 4 != 0 || len > INT32_MAX)
        return problem_field(p, "file_base64", "file_base64 must be a base64 string");
    f->decoded = malloc(len / 4 * 3 + 1);
    if (f->decoded == NULL)
        return problem_set(p, 500, NULL);
    int n = EVP_DecodeBlock((unsigned char *)f->decoded, (const unsigned char *)text, (int)len);
    if (n < 0)
        return problem_field(p, "file_base64", "file_base64 must be a base64 string");
    f->file = f->decoded;
    f->file_len = (size_t)n - padding;
    return 0;
}

static int check_url(struct form *f, struct problem *p)
{
    if (strlen(f->url) > URL_MAX)
        return problem_field(p, "url", "url must have at most %d characters", URL_MAX);
    if (strncasecmp(f->url, "https://", 8) != 0 || f->url[8] == 0 || f->url[8] == '/')
        return problem_field(p, "url", "url must be a valid HTTPS URL");
    f->type = "application/pdf";
    if (f->filename == NULL) {
        size_t len = strcspn(f->url, "?#");
        const char *slash = memrchr(f->url, '/', len);
        const char *name = slash + 1; /* there is one: "https://" */
        len -= (size_t)(name - f->url);
        bool bare = slash < f->url + 8 || len == 0; /* a host without a path */
        f->filename = bare ? xstrdup("document") : copy_text(name, len);
        if (f->filename == NULL)
            return problem_set(p, 500, NULL);
    }
    return 0;
}

static int check_file(struct form *f, const char *field, struct problem *p)
{
    if (f->file_len == 0)
        return problem_field(p, field, "the file is empty");
    if (f->file_len > FORM_FILE_MAX_BYTES)
        return problem_set(p, 413, NULL);
    f->type = upload_type(f->file, f->file_len);
    if (f->type == NULL)
        return problem_field(p, field, "the file is of a type that isn't supported");
    if (strcmp(f->type, "application/pdf") == 0 && upload_is_encrypted(f->file, f->file_len))
        return problem_field(p, field, "the PDF is protected by a password");
    return 0;
}

static int check_source(struct form *f, struct problem *p)
{
    int sources = f->has_file + (f->url != NULL) + (f->file_base64 != NULL);
    if (sources == 0)
        return problem_field(p, "file", "one of file, url, file_base64 is required");
    if (sources > 1)
        return problem_field(p, "file", "only one of file, url, file_base64 may be given");
    if (f->url != NULL)
        return check_url(f, p);
    if (f->file_base64 != NULL && decode_base64(f, p) != 0)
        return -1;
    if (check_file(f, f->has_file ? "file" : "file_base64", p) != 0)
        return -1;
    if (f->filename == NULL) {
        bool named = f->part_filename != NULL && f->part_filename[0] != 0;
        f->filename = xstrdup(named ? f->part_filename : "document");
    }
    return 0;
}

int form_read(struct form *f, enum product product, const char *content_type, const char *body,
              size_t len, struct problem *p)
{
    int rc;
    if (content_type != NULL && strncasecmp(content_type, "multipart/form-data", 19) == 0)
        rc = read_multipart(f, product, content_type, body, len, p);
    else if (content_type != NULL && strncasecmp(content_type, "application/json", 16) == 0)
        rc = read_json(f, product, body, len, p);
    else
        rc = problem_set(p, 422, "Send multipart/form-data or application/json.");
    if (rc != 0 || check_model(f, product, p) != 0 || check_source(f, p) != 0 ||
        check_webhooks(f, p) != 0)
        return -1;
    return product == PRODUCT_EXTRACTION ? check_schema(f, p) : 0;
}
