/* What a data schema may say, and the fields that follow from it. */
#include "sandbox/schema.h"

#include "test.h"

#include <cjson/cJSON.h>
#include <string.h>

#define REST   ",\"title\":\"A title\",\"description\":\"\",\"is_array\":false"
#define FIELD  "{\"name\":\"a\",\"type\":\"string\"" REST
#define ALL(f) "{\"replace\":{\"fields\":[" f "]}}"

static const struct {
    const char *schema, *wrong; /* NULL: nothing is */
    bool replaces;
} rows[] = {
    {"{}", NULL, false},
    {"{\"replace\":null}", NULL, false},
    {"{\"replace\":{\"fields\":[]}}", NULL, true},
    {ALL(FIELD "}"), NULL, true},
    {ALL(FIELD ",\"other\":[1]}"), NULL, true},
    {ALL(FIELD ",\"guidelines\":null,\"unique_values\":true,\"classification_values\":[\"x\"]}"),
     NULL, true},
    {ALL("{\"name\":\"a\",\"type\":\"barcode\"" REST "}"), NULL, true},
    {ALL("{\"name\":\"a\",\"type\":\"nested_object\",\"nested_fields\":[" FIELD "}]" REST "}"),
     NULL, true},
    {"[]", "valid JSON object", false},
    {"{", "valid JSON object", false},
    {"{} x", "valid JSON object", false},
    {"{\"replace\":[]}", "list of fields", false},
    {"{\"replace\":{}}", "list of fields", false},
    {"{\"replace\":{\"fields\":{}}}", "list of fields", false},
    {ALL("1"), "replace/fields/0/ must be an object", false},
    {ALL("{\"type\":\"string\"" REST "}"), "fields/0/name is required", false},
    {ALL("{\"name\":\"a\"" REST "}"), "fields/0/type is required", false},
    {ALL(FIELD "},"
               "{\"name\":\"a\",\"type\":\"money\"" REST "}"),
     "fields/1/type isn't", false},
    {ALL("{\"name\":\"a\",\"type\":5" REST "}"), "fields/0/type isn't", false},
    {ALL("{\"name\":7,\"type\":\"string\"" REST "}"), "fields/0/name must", false},
    {ALL("{\"name\":\"a\",\"type\":\"date\",\"description\":\"\",\"is_array\":true}"),
     "title is required", false},
    {ALL("{\"name\":\"a\",\"type\":\"date\",\"title\":\"\",\"is_array\":true}"),
     "description is required", false},
    {ALL("{\"name\":\"a\",\"type\":\"date\",\"title\":\"\",\"description\":\"\"}"),
     "is_array is required", false},
    {ALL("{\"name\":\"a\",\"type\":\"date\",\"title\":\"\",\"description\":\"\",\"is_array\":\"true\"}"),
     "is_array must be", false},
    {ALL(FIELD ",\"guidelines\":1}"), "guidelines must be", false},
    {ALL(FIELD ",\"unique_values\":1}"), "unique_values must be", false},
    {ALL(FIELD ",\"classification_values\":\"x\"}"), "classification_values must be a list", false},
    {ALL(FIELD ",\"classification_values\":[1]}"), "classification_values must be strings", false},
    {ALL(FIELD ",\"nested_fields\":{}}"), "nested_fields must be a list", false},
    {ALL(FIELD ",\"nested_fields\":[{\"name\":\"a\",\"type\":\"barcode\"" REST "}]}"),
     "fields/0/nested_fields/0/type isn't", false},
};

static void test_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct problem p = {.status = 0};
        bool replaces = true;
        int rc = schema_check(rows[i].schema, &replaces, &p);
        if ((rc == 0) != (rows[i].wrong == NULL) || replaces != rows[i].replaces)
            fail_msg("row %zu: %d, %s", i, rc, p.item);
        if (rc == 0)
            continue;
        assert_int_equal(p.status, 422);
        assert_string_equal(p.pointer, "#/data_schema");
        if (strstr(p.item, rows[i].wrong) == NULL)
            fail_msg("row %zu: %s", i, p.item);
    }
}

static cJSON *fields_of(const char *schema, const char *truth)
{
    struct buffer b;
    struct problem p;
    bool replaces;
    assert_int_equal(schema_check(schema, &replaces, &p), 0);
    buffer_init(&b, 0);
    schema_put_fields(&b, schema, truth, truth != NULL ? strlen(truth) : 0, 7);
    cJSON *fields = cJSON_ParseWithOpts(buffer_text(&b), NULL, true);
    if (fields == NULL)
        fail_msg("no JSON: %s", buffer_text(&b));
    buffer_release(&b);
    return fields;
}

static cJSON *at(cJSON *item, const char *path)
{
    char copy[128], *rest = copy, *name;
    strcpy(copy, path);
    while ((name = strsep(&rest, "/")) != NULL) {
        item = name[0] >= '0' && name[0] <= '9' ? cJSON_GetArrayItem(item, name[0] - '0')
                                                : cJSON_GetObjectItemCaseSensitive(item, name);
        if (item == NULL)
            fail_msg("nothing at %s", path);
    }
    return item;
}

#define OF(name, type, array, more)                                                                \
    "{\"name\":\"" name "\",\"type\":\"" type                                                      \
    "\",\"title\":\"A \\\"title\\\"\",\"description\":\"\","                                       \
    "\"is_array\":" array more "}"

static void test_a_value_for_each_type(void **state)
{
    (void)state;
    cJSON *f = fields_of(
        ALL(OF("s", "string", "false", "") "," OF("n", "number", "false", "") "," OF("d", "date", "false", "") "," OF(
            "b", "boolean", "false",
            "") "," OF("c", "classification", "false",
                       ",\"classification_values\":[\"x\",\"y\"]") "," OF("none", "classification",
                                                                          "false",
                                                                          "") "," OF("o",
                                                                                     "object_detection",
                                                                                     "false",
                                                                                     "") "," OF("list",
                                                                                                "string",
                                                                                                "true",
                                                                                                "") "," OF("one",
                                                                                                           "string",
                                                                                                           "true",
                                                                                                           ",\"unique_values\":true") "," OF("q",
                                                                                                                                             "string",
                                                                                                                                             "false",
                                                                                                                                             ",\"guidelines\":\"always this exact string: 'a test value'\"") "," OF("s",
                                                                                                                                                                                                                    "number",
                                                                                                                                                                                                                    "false",
                                                                                                                                                                                                                    "")),
        NULL);
    assert_int_equal(cJSON_GetArraySize(f), 10); /* the second "s" isn't there */
    assert_string_equal(at(f, "s/value")->valuestring, "SYNTHETIC A \"title\"");
    assert_true(cJSON_IsNull(at(f, "s/confidence")) && cJSON_IsArray(at(f, "s/locations")));
    assert_true(cJSON_IsNumber(at(f, "n/value")));
    assert_int_equal(strlen(at(f, "d/value")->valuestring), 10);
    assert_true(cJSON_IsBool(at(f, "b/value")));
    assert_string_equal(at(f, "c/value")->valuestring, "x");
    assert_true(cJSON_IsNull(at(f, "none/value")) && cJSON_IsNull(at(f, "o/value")));
    assert_int_equal(cJSON_GetArraySize(at(f, "list/items")), 2);
    assert_int_equal(cJSON_GetArraySize(at(f, "one/items")), 1);
    assert_true(cJSON_IsString(at(f, "list/items/0/value")));
    assert_string_equal(at(f, "q/value")->valuestring, "a test value");
    cJSON_Delete(f);
}

static void test_nested_fields(void **state)
{
    (void)state;
    static const char schema[] =
        ALL(OF("o", "nested_object", "false", ",\"nested_fields\":[" FIELD "}]") "," OF(
            "l", "nested_object", "true", ",\"nested_fields\":[" FIELD "}]"));
    cJSON *f = fields_of(schema, NULL);
    assert_true(cJSON_IsString(at(f, "o/fields/a/value")));
    assert_int_equal(cJSON_GetArraySize(at(f, "l/items")), 2);
    assert_true(cJSON_IsString(at(f, "l/items/1/fields/a/value")));
    cJSON_Delete(f);
}

/* What is printed on a sample, as it is written there. */
static void test_a_samples_own_values(void **state)
{
    (void)state;
    static const char truth[] =
        "{\"x\":{\"locations\":[],\"confidence\":null,\"value\":\"a \\\"},{\\\\\"},"
        "\"total\":{\"locations\":[],\"confidence\":null,\"value\":195.0},"
        "\"list\":{\"confidence\":null,\"items\":[]},\"last\":{\"value\":true}}";
    static const char schema[] =
        ALL(OF("total", "number", "false", "") "," OF("x", "string", "false", "") "," OF(
            "list", "string", "false", "") "," OF("tota", "string", "false",
                                                  "") "," OF("last", "boolean", "false", ""));
    struct buffer b;
    buffer_init(&b, 0);
    schema_put_fields(&b, schema, truth, strlen(truth), 7);
    assert_non_null(strstr(b.data, "\"value\":195.0}"));
    buffer_release(&b);
    cJSON *f = fields_of(schema, truth);
    assert_string_equal(at(f, "x/value")->valuestring, "a \"},{\\");
    assert_string_equal(at(f, "list/value")->valuestring, "SYNTHETIC A \"title\"");
    assert_string_equal(at(f, "tota/value")->valuestring, "SYNTHETIC A \"title\"");
    assert_true(cJSON_IsTrue(at(f, "last/value")));
    cJSON_Delete(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_a_value_for_each_type),
        cmocka_unit_test(test_nested_fields),
        cmocka_unit_test(test_a_samples_own_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
