/* Reading the form: the fields, by multipart, urlencoded or from a JSON object, into one struct.
 * Checking what they say is the same for all (form_check.c); here only a field's own form counts (a text without
 * NUL, a boolean). Fields that the product doesn't have are ignored. */
#include "sandbox/form_internal.h"

#include "base/digest.h"
#include "sandbox/multipart.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { TEXT_MAX = 1 << 20, SCHEMA_MAX = 1 << 18, NAME_MAX_BYTES = 64 };

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

/* ---- fields ---- */

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

static int set_text(char **slot, const char *name, const char *text, size_t len, struct problem *p)
{
    if (memchr(text, 0, len) != NULL)
        return problem_field(p, name, "%s must not contain a NUL character", name);
    free(*slot);
    *slot = strndup(text, len);
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

bool form_bool(const char *text, size_t len, bool *out)
{
    static const char *const words[] = {"true", "false", "1", "0", "on", "off",
                                        "yes",  "no",    "t", "f", "y",  "n"};
    for (size_t k = 0; k < sizeof words / sizeof *words; k++) {
        if (strlen(words[k]) == len && strncasecmp(words[k], text, len) == 0) {
            *out = k % 2 == 0;
            return true;
        }
    }
    return false;
}

static int set_flag(struct form *f, size_t i, const char *text, size_t len, struct problem *p)
{
    bool on;
    if (form_bool(text, len, &on)) {
        f->options = on ? f->options | flags[i].bit : f->options & ~flags[i].bit;
        return 0;
    }
    return problem_field(p, flags[i].name, "%s must be a valid boolean", flags[i].name);
}

/* Whether the product's form has a field of that name, `file` aside. */
static bool is_field(enum product product, const char *name)
{
    bool extraction = product == PRODUCT_EXTRACTION;
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        if (strcmp(name, flags[i].name) == 0)
            return extraction;
    }
    for (size_t i = 0; i < sizeof text_fields / sizeof *text_fields; i++) {
        if (strcmp(name, text_fields[i].name) == 0)
            return extraction || strcmp(name, "data_schema") != 0;
    }
    return strcmp(name, "webhook_ids") == 0 || (extraction && strcmp(name, "text_context") == 0);
}

/* One field of any encoding; an empty value is as good as none. */
static int set_field(struct form *f, enum product product, const char *name, const char *text,
                     size_t len, struct problem *p)
{
    if (!is_field(product, name))
        return 0;
    if (strcmp(name, "webhook_ids") == 0)
        return len > 0 ? add_webhook_ids(f, text, len, p) : 0;
    if (strcmp(name, "text_context") == 0) {
        if (len > 0)
            f->options |= FORM_TEXT_CONTEXT;
        return 0;
    }
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        if (strcmp(name, flags[i].name) == 0)
            return len > 0 ? set_flag(f, i, text, len, p) : 0;
    }
    for (size_t i = 0; i < sizeof text_fields / sizeof *text_fields; i++) {
        if (strcmp(name, text_fields[i].name) != 0)
            continue;
        if (strcmp(name, "data_schema") == 0 && len > SCHEMA_MAX)
            return problem_field(p, name, "data_schema is too long");
        if (len > 0 || strcmp(name, "model_id") == 0)
            return set_text((char **)(void *)((char *)f + text_fields[i].offset), name, text, len,
                            p);
    }
    return 0;
}

/* ---- the encodings ---- */

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

/* %XX and + are what they stand for; a % without two digits stays one. */
static size_t url_decode(const char *text, size_t len, char *out)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        uint8_t byte;
        char digits[3] = {0};
        if (text[i] == '%' && len - i > 2)
            memcpy(digits, text + i + 1, 2);
        if (digits[0] != 0 && hex_decode(digits, &byte, 1) == 0) {
            out[n++] = (char)byte;
            i += 2;
        } else {
            out[n++] = text[i] == '+' ? ' ' : text[i];
        }
    }
    return n;
}

static int read_urlencoded(struct form *f, enum product product, const char *body, size_t len,
                           struct problem *p)
{
    char name[NAME_MAX_BYTES + 1], *value = malloc(len + 1);
    const char *at = body, *end = body + len;
    int rc = value != NULL ? 0 : problem_set(p, 500, NULL);
    while (rc == 0 && at < end) {
        const char *next = memchr(at, '&', (size_t)(end - at));
        next = next != NULL ? next : end;
        const char *equals = memchr(at, '=', (size_t)(next - at));
        const char *name_end = equals != NULL ? equals : next;
        if (name_end - at <= NAME_MAX_BYTES) { /* longer ones are no field's */
            name[url_decode(at, (size_t)(name_end - at), name)] = 0;
            size_t n =
                equals != NULL ? url_decode(equals + 1, (size_t)(next - equals) - 1, value) : 0;
            rc = set_field(f, product, name, value, n, p);
        }
        at = next + 1;
    }
    free(value);
    return rc;
}

static bool is_flag(const char *name)
{
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        if (strcmp(name, flags[i].name) == 0)
            return true;
    }
    return false;
}

static int read_json_member(struct form *f, enum product product, const cJSON *member,
                            struct problem *p)
{
    const char *text = NULL;
    if (!is_field(product, member->string))
        return 0;
    if (cJSON_IsString(member))
        text = member->valuestring;
    else if (is_flag(member->string) && cJSON_IsBool(member))
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

int form_read(struct form *f, enum product product, const char *content_type, const char *body,
              size_t len, struct problem *p)
{
    int rc;
    if (content_type != NULL && strncasecmp(content_type, "multipart/form-data", 19) == 0)
        rc = read_multipart(f, product, content_type, body, len, p);
    else if (content_type != NULL && strncasecmp(content_type, "application/json", 16) == 0)
        rc = read_json(f, product, body, len, p);
    else if (content_type != NULL &&
             strncasecmp(content_type, "application/x-www-form-urlencoded", 33) == 0)
        rc = read_urlencoded(f, product, body, len, p);
    else
        rc = problem_set(p, 422,
                         "Send multipart/form-data, application/x-www-form-urlencoded or JSON.");
    return rc != 0 ? -1 : form_check(f, product, p);
}
