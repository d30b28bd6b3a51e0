/* Checking follows the OpenAPI's FieldSchema to the letter: what it requires, the types of the
 * rest, unknown members ignored. The problem's pointer names the form's field alone, its words the
 * place in the schema: "data_schema/replace/fields/2/type ...".
 *
 * A guideline that asks for one exact string, in single quotes, is obeyed: Mindee's own tests do
 * so. */
#include "sandbox/schema.h"

#include "sandbox/json_text.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#define ABSENT "\"locations\":[],\"confidence\":null,"

enum { TITLE_MAX = 200 };

/* The first five are what a nested field may be. */
static const char *const types[] = {"string",           "number",         "date",
                                    "boolean",          "classification", "nested_object",
                                    "object_detection", "barcode"};
enum { NESTED_TYPES = 5, TYPES = 8 };

/* ---- checking ---- */

static const cJSON *member(const cJSON *object, const char *name)
{
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

static int wrong(struct problem *p, const char *at, const char *name, const char *words)
{
    return problem_field(p, "data_schema", "%s/%s %s", at, name, words);
}

static int check_texts(const cJSON *field, const char *at, struct problem *p)
{
    static const char *const required[] = {"name", "title", "description"};
    for (size_t i = 0; i < sizeof required / sizeof *required; i++) {
        const cJSON *text = member(field, required[i]);
        if (text == NULL)
            return wrong(p, at, required[i], "is required");
        if (!cJSON_IsString(text))
            return wrong(p, at, required[i], "must be a string");
    }
    const cJSON *guidelines = member(field, "guidelines");
    if (guidelines != NULL && !cJSON_IsNull(guidelines) && !cJSON_IsString(guidelines))
        return wrong(p, at, "guidelines", "must be a string");
    return 0;
}

static int check_flags(const cJSON *field, const char *at, struct problem *p)
{
    const cJSON *array = member(field, "is_array"), *unique = member(field, "unique_values");
    if (array == NULL)
        return wrong(p, at, "is_array", "is required");
    if (!cJSON_IsBool(array))
        return wrong(p, at, "is_array", "must be a boolean");
    if (unique != NULL && !cJSON_IsBool(unique))
        return wrong(p, at, "unique_values", "must be a boolean");
    return 0;
}

static int check_type(const cJSON *field, const char *at, int count, struct problem *p)
{
    const cJSON *type = member(field, "type");
    if (type == NULL)
        return wrong(p, at, "type", "is required");
    for (int i = 0; i < count && cJSON_IsString(type); i++) {
        if (strcmp(types[i], type->valuestring) == 0)
            return 0;
    }
    return wrong(p, at, "type", "isn't a known type");
}

static int check_values(const cJSON *field, const char *at, struct problem *p)
{
    const cJSON *values = member(field, "classification_values"), *value;
    if (values != NULL && !cJSON_IsArray(values))
        return wrong(p, at, "classification_values", "must be a list");
    cJSON_ArrayForEach(value, values)
    {
        if (!cJSON_IsString(value))
            return wrong(p, at, "classification_values", "must be strings");
    }
    return 0;
}

static int check_field(const cJSON *field, const char *at, int type_count, struct problem *p)
{
    if (!cJSON_IsObject(field))
        return wrong(p, at, "", "must be an object");
    if (check_texts(field, at, p) != 0 || check_flags(field, at, p) != 0 ||
        check_type(field, at, type_count, p) != 0)
        return -1;
    return check_values(field, at, p);
}

static int check_fields(const cJSON *fields, struct problem *p)
{
    char at[80];
    int i = 0;
    const cJSON *field, *nested;
    cJSON_ArrayForEach(field, fields)
    {
        snprintf(at, sizeof at, "replace/fields/%d", i++);
        if (check_field(field, at, TYPES, p) != 0)
            return -1;
        const cJSON *inner = member(field, "nested_fields");
        if (inner != NULL && !cJSON_IsArray(inner))
            return wrong(p, at, "nested_fields", "must be a list");
        int k = 0;
        cJSON_ArrayForEach(nested, inner)
        {
            char below[120];
            snprintf(below, sizeof below, "%s/nested_fields/%d", at, k++);
            if (check_field(nested, below, NESTED_TYPES, p) != 0)
                return -1;
        }
    }
    return 0;
}

int schema_check(const char *text, bool *replaces, struct problem *p)
{
    cJSON *schema = cJSON_ParseWithOpts(text, NULL, true);
    const cJSON *replace = member(schema, "replace"), *fields = member(replace, "fields");
    int rc = 0;
    *replaces = false;
    if (!cJSON_IsObject(schema))
        rc = problem_field(p, "data_schema", "data_schema must be a valid JSON object");
    else if (replace == NULL || cJSON_IsNull(replace))
        rc = 0;
    else if (!cJSON_IsObject(replace) || !cJSON_IsArray(fields))
        rc = problem_field(p, "data_schema", "data_schema/replace needs a list of fields");
    else
        rc = check_fields(fields, p);
    *replaces = rc == 0 && cJSON_IsObject(replace);
    cJSON_Delete(schema);
    return rc;
}

/* ---- the fields that follow ---- */

/* The sample's own field of that name, if both are simple ones. */
static bool put_true_one(struct buffer *b, const cJSON *field, const char *truth, size_t truth_len)
{
    size_t len, unused;
    const char *name = member(field, "name")->valuestring;
    const char *found = truth != NULL ? json_find(truth, truth_len, name, &len) : NULL;
    if (found == NULL || json_find(found, len, "value", &unused) == NULL ||
        cJSON_IsTrue(member(field, "is_array")) ||
        strcmp(member(field, "type")->valuestring, "nested_object") == 0)
        return false;
    REQUIRE(buffer_append(b, found, len) == 0);
    return true;
}

/* The string that the guidelines ask for in single quotes; false: none. */
static bool put_exact_string(struct buffer *b, const cJSON *field)
{
    static const char asked[] = "exact string: '";
    const cJSON *guidelines = member(field, "guidelines");
    const char *from = cJSON_IsString(guidelines) ? strstr(guidelines->valuestring, asked) : NULL;
    const char *end = from != NULL ? strchr(from + sizeof asked - 1, '\'') : NULL;
    char text[TITLE_MAX];
    if (end == NULL || end - from >= (ptrdiff_t)sizeof text)
        return false;
    from += sizeof asked - 1;
    memcpy(text, from, (size_t)(end - from));
    text[end - from] = 0;
    json_put_text(b, text);
    return true;
}

static void put_value(struct buffer *b, const cJSON *field, unsigned seed)
{
    const char *type = member(field, "type")->valuestring;
    const cJSON *first = member(field, "classification_values");
    char text[TITLE_MAX];
    if (strcmp(type, "number") == 0) {
        buffer_printf(b, "%u.%u", 1 + seed % 900, 1 + seed % 9);
    } else if (strcmp(type, "date") == 0) {
        buffer_printf(b, "\"2026-%02u-%02u\"", 1 + seed / 28 % 12, 1 + seed % 28);
    } else if (strcmp(type, "boolean") == 0) {
        buffer_put(b, seed % 2 == 0 ? "true" : "false");
    } else if (strcmp(type, "classification") == 0) {
        first = first != NULL ? first->child : NULL;
        json_put_text(b, first != NULL ? first->valuestring : NULL);
    } else if (strcmp(type, "object_detection") == 0) {
        buffer_put(b, "null");
    } else if (!put_exact_string(b, field)) {
        snprintf(text, sizeof text, "SYNTHETIC %.120s", member(field, "title")->valuestring);
        json_put_text(b, text);
    }
}

static void put_simple(struct buffer *b, const cJSON *field, unsigned seed)
{
    buffer_put(b, "{" ABSENT "\"value\":");
    put_value(b, field, seed);
    buffer_put(b, "}");
}

/* One of it, or the items of a list; ONE puts a single one. */
static void put_ones(struct buffer *b, const cJSON *field, unsigned seed,
                     void (*one)(struct buffer *b, const cJSON *field, unsigned seed))
{
    if (!cJSON_IsTrue(member(field, "is_array"))) {
        one(b, field, seed);
        return;
    }
    buffer_put(b, "{\"confidence\":null,\"items\":[");
    one(b, field, seed);
    if (!cJSON_IsTrue(member(field, "unique_values"))) {
        buffer_put(b, ",");
        one(b, field, seed + 1);
    }
    buffer_put(b, "]}");
}

/* Of several fields of one name the first counts. */
static bool is_first(const cJSON *fields, const cJSON *field)
{
    const cJSON *other;
    cJSON_ArrayForEach(other, fields)
    {
        if (other == field)
            return true;
        if (strcmp(member(other, "name")->valuestring, member(field, "name")->valuestring) == 0)
            return false;
    }
    return true;
}

static void put_name(struct buffer *b, const cJSON *field)
{
    buffer_put(b, b->data[b->len - 1] == '{' ? "" : ",");
    json_put_text(b, member(field, "name")->valuestring);
    buffer_put(b, ":");
}

static void put_object(struct buffer *b, const cJSON *field, unsigned seed)
{
    const cJSON *nested, *all = member(field, "nested_fields");
    buffer_put(b, "{" ABSENT "\"fields\":{");
    cJSON_ArrayForEach(nested, all)
    {
        if (!is_first(all, nested))
            continue;
        put_name(b, nested);
        put_ones(b, nested, ++seed, put_simple);
    }
    buffer_put(b, "}}");
}

void schema_put_fields(struct buffer *b, const char *schema, const char *truth, size_t truth_len,
                       unsigned seed)
{
    cJSON *root = cJSON_Parse(schema);
    const cJSON *field, *fields = member(member(root, "replace"), "fields");
    buffer_put(b, "{");
    cJSON_ArrayForEach(field, fields)
    {
        if (!is_first(fields, field))
            continue;
        bool nested = strcmp(member(field, "type")->valuestring, "nested_object") == 0;
        put_name(b, field);
        if (!put_true_one(b, field, truth, truth_len))
            put_ones(b, field, ++seed, nested ? put_object : put_simple);
    }
    buffer_put(b, "}");
    cJSON_Delete(root);
}
