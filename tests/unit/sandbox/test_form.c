/* Every rule of the enqueue form, each in one request that breaks only it. */
#include "sandbox/form.h"

#include "base/buffer.h"
#include "base/error.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

#define INVOICES "11111111-1111-4111-8111-0000000e0001"
#define HOOK_1   "aaaaaaaa-1111-4111-8111-0000000e0001"
#define HOOK_2   "aaaaaaaa-1111-4111-8111-0000000e0002"
/* As much of a PDF as the form asks for. */
#define WHOLE        "%PDF-1.4 obj %%EOF"
#define WHOLE_BASE64 "JVBERi0xLjQgb2JqICUlRU9G"
#define OCR          "66666666-6666-4666-8666-0000000c0006"

struct field {
    const char *name, *value, *filename;
};

static void build(struct buffer *body, const struct field *fields)
{
    buffer_init(body, 0);
    for (; fields->name != NULL; fields++) {
        buffer_printf(body, "--B\r\nContent-Disposition: form-data; name=\"%s\"", fields->name);
        if (fields->filename != NULL)
            buffer_printf(body, "; filename=\"%s\"", fields->filename);
        buffer_printf(body, "\r\n\r\n%s\r\n", fields->value);
    }
    buffer_put(body, "--B--\r\n");
}

/* The fields end with a NULL name; up to six of them. */
struct row {
    struct field fields[7];
    enum product product;
    int status; /* 0: accepted */
    const char *pointer;
};

#define SCHEMA(type)                                                                               \
    "{\"replace\":{\"fields\":[{\"name\":\"a\",\"title\":\"A\",\"description\":\"\","              \
    "\"is_array\":false,\"type\":\"" type "\"}]}}"
#define MODEL(id)                                                                                  \
    {                                                                                              \
        "model_id", id, NULL                                                                       \
    }
#define FILE_FIELD                                                                                 \
    {                                                                                              \
        "file", WHOLE, "a.pdf"                                                                     \
    }

static const struct row rows[] = {
    {{MODEL(INVOICES), FILE_FIELD}, PRODUCT_EXTRACTION, 0, NULL},
    {{MODEL("11111111-1111-4111-8111-0000000E0001"), FILE_FIELD}, PRODUCT_EXTRACTION, 0, NULL},
    {{FILE_FIELD}, PRODUCT_EXTRACTION, 422, "#/model_id"},
    {{MODEL(""), FILE_FIELD}, PRODUCT_EXTRACTION, 422, "#/model_id"},
    {{MODEL("x"), FILE_FIELD}, PRODUCT_EXTRACTION, 422, "#/model_id"},
    {{MODEL(OCR), FILE_FIELD}, PRODUCT_EXTRACTION, 422, "#/model_id"},
    {{MODEL("99999999-9999-4999-8999-999999999999"), FILE_FIELD}, PRODUCT_OCR, 404, ""},
    {{MODEL("00000000-0000-0000-0000-000000000000"), FILE_FIELD}, PRODUCT_OCR, 422, "#/model_id"},
    {{MODEL("11111111-1111-1111-8111-0000000e0001"), FILE_FIELD}, PRODUCT_OCR, 422, "#/model_id"},
    {{MODEL(OCR), FILE_FIELD}, PRODUCT_OCR, 0, NULL},
    {{MODEL(OCR), {"file", "%PDF-1.4", "a.pdf"}}, PRODUCT_OCR, 422, "#/file"},
    {{MODEL(OCR), {"file", "%PDF-1.4\n1 0 obj<<", "a.pdf"}}, PRODUCT_OCR, 422, "#/file"},
    {{MODEL(OCR)}, PRODUCT_OCR, 422, "#/file"},
    {{MODEL(OCR), {"file", "", "a.pdf"}}, PRODUCT_OCR, 422, "#/file"},
    {{MODEL(OCR), {"file", "PK\3\4 zip", "a.pdf"}}, PRODUCT_OCR, 422, "#/file"},
    {{MODEL(OCR), {"file", WHOLE "/Encrypt 3 0 R", "a.pdf"}}, PRODUCT_OCR, 422, "#/file"},
    {{MODEL(OCR), FILE_FIELD, {"url", "https://x/y", NULL}}, PRODUCT_OCR, 422, "#/file"},
    {{MODEL(OCR), FILE_FIELD, {"file_base64", WHOLE_BASE64, NULL}}, PRODUCT_OCR, 422, "#/file"},
    {{MODEL(OCR), {"url", "http://x/y", NULL}}, PRODUCT_OCR, 422, "#/url"},
    {{MODEL(OCR), {"url", "https://", NULL}}, PRODUCT_OCR, 422, "#/url"},
    {{MODEL(OCR), {"url", "https://x/y z", NULL}}, PRODUCT_OCR, 422, "#/url"},
    {{MODEL(OCR), {"url", "https://x/y.pdf", NULL}}, PRODUCT_OCR, 0, NULL},
    {{MODEL(OCR), {"file_base64", WHOLE_BASE64, NULL}}, PRODUCT_OCR, 0, NULL},
    {{MODEL(OCR), {"file_base64", "JVBERi0xLjQgb2JqICUlRU9", NULL}},
     PRODUCT_OCR,
     422,
     "#/file_base64"},
    {{MODEL(OCR), {"file_base64", "JVBERi0x!!QgeHh4", NULL}}, PRODUCT_OCR, 422, "#/file_base64"},
    {{MODEL(OCR), {"file_base64", "AAAA", NULL}}, PRODUCT_OCR, 422, "#/file_base64"},
    {{MODEL(INVOICES), FILE_FIELD, {"rag", "maybe", NULL}}, PRODUCT_EXTRACTION, 422, "#/rag"},
    {{MODEL(INVOICES), FILE_FIELD, {"polygon", "2", NULL}}, PRODUCT_EXTRACTION, 422, "#/polygon"},
    {{MODEL(OCR), FILE_FIELD, {"rag", "maybe", NULL}}, PRODUCT_OCR, 0, NULL}, /* isn't its field */
    {{MODEL(INVOICES), FILE_FIELD, {"data_schema", "{", NULL}},
     PRODUCT_EXTRACTION,
     422,
     "#/data_schema"},
    {{MODEL(INVOICES), FILE_FIELD, {"data_schema", "{\"replace\": {}}", NULL}},
     PRODUCT_EXTRACTION,
     422,
     "#/data_schema"},
    {{MODEL(INVOICES), FILE_FIELD, {"data_schema", "{\"replace\": {\"fields\": []}}", NULL}},
     PRODUCT_EXTRACTION,
     0,
     NULL},
    {{MODEL(INVOICES), FILE_FIELD, {"data_schema", SCHEMA("string"), NULL}},
     PRODUCT_EXTRACTION,
     0,
     NULL},
    {{MODEL(INVOICES), FILE_FIELD, {"data_schema", SCHEMA("text"), NULL}},
     PRODUCT_EXTRACTION,
     422,
     "#/data_schema"},
    {{MODEL(OCR), FILE_FIELD, {"data_schema", "{", NULL}}, PRODUCT_OCR, 0, NULL},
    {{MODEL(INVOICES), FILE_FIELD, {"webhook_ids", "x", NULL}},
     PRODUCT_EXTRACTION,
     422,
     "#/webhook_ids"},
    {{MODEL(INVOICES), FILE_FIELD, {"webhook_ids", OCR, NULL}},
     PRODUCT_EXTRACTION,
     422,
     "#/webhook_ids"},
};

static void test_rules(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct buffer body;
        struct form form;
        struct problem p = {.status = 0};
        build(&body, rows[i].fields);
        form_init(&form);
        int rc = form_read(&form, rows[i].product, "multipart/form-data; boundary=B", body.data,
                           body.len, &p);
        if ((rc == 0) != (rows[i].status == 0) || p.status != rows[i].status)
            fail_msg("row %zu: %d, status %d %s", i, rc, p.status, p.item);
        if (rows[i].pointer != NULL)
            assert_string_equal(p.pointer, rows[i].pointer);
        form_release(&form);
        buffer_release(&body);
    }
}

static void test_values(void **state)
{
    (void)state;
    const struct field fields[] = {MODEL(INVOICES),
                                   FILE_FIELD,
                                   {"rag", "True", NULL},
                                   {"confidence", "true", NULL},
                                   {"raw_text", "false", NULL},
                                   {"text_context", "a receipt", NULL},
                                   {"alias", "mb-1-2-3", NULL},
                                   {"webhook_ids", HOOK_2 "," HOOK_2, NULL},
                                   {"webhook_ids", HOOK_1, NULL},
                                   {NULL, NULL, NULL}};
    struct buffer body;
    struct form form;
    struct problem p;
    build(&body, fields);
    form_init(&form);
    assert_int_equal(form_read(&form, PRODUCT_EXTRACTION, "multipart/form-data; boundary=B",
                               body.data, body.len, &p),
                     0);
    assert_int_equal(form.options, FORM_RAG | FORM_CONFIDENCE | FORM_TEXT_CONTEXT);
    assert_int_equal(form.webhooks.count, 2);
    assert_int_equal(form.webhooks.places[0], 1); /* in the order asked for, each once */
    assert_int_equal(form.webhooks.places[1], 0);
    assert_string_equal(form.alias, "mb-1-2-3");
    assert_string_equal(form.filename, "a.pdf");
    assert_string_equal(form.type, "application/pdf");
    assert_int_equal(form.file_len, sizeof WHOLE - 1);
    form_release(&form);
    buffer_release(&body);
}

static int read_json(struct form *form, const char *json, struct problem *p)
{
    form_init(form);
    return form_read(form, PRODUCT_EXTRACTION, "application/json; charset=utf-8", json,
                     strlen(json), p);
}

static void test_json(void **state)
{
    (void)state;
    struct form form;
    struct problem p;
    assert_int_equal(read_json(&form,
                               "{\"model_id\":\"" INVOICES "\",\"url\":\"https://h/a/b.pdf?x#y\","
                               "\"rag\":true,\"alias\":null,\"webhook_ids\":[\"" HOOK_2 "\"]}",
                               &p),
                     0);
    assert_string_equal(form.filename, "b.pdf");
    assert_int_equal(form.options, FORM_RAG);
    assert_int_equal(form.webhooks.count, 1);
    assert_int_equal(form.webhooks.places[0], 1);
    assert_null(form.alias);
    assert_null(form.file);
    form_release(&form);
    assert_int_equal(read_json(&form,
                               "{\"model_id\":\"" INVOICES "\",\"file_base64\":"
                               "\"data:application/pdf;base64," WHOLE_BASE64 "\","
                               "\"filename\":\"n.pdf\"}",
                               &p),
                     0);
    assert_int_equal(form.file_len, sizeof WHOLE - 1);
    assert_memory_equal(form.file, WHOLE, sizeof WHOLE - 1);
    assert_string_equal(form.filename, "n.pdf");
    form_release(&form);
    assert_int_equal(read_json(&form,
                               "{\"model_id\":\"" INVOICES "\",\"url\":\"https://h/a\","
                               "\"colour\":{\"any\":[1]},\"file\":7}",
                               &p),
                     0); /* unknown keys */
    form_release(&form);
    static const struct {
        const char *json, *pointer;
    } bad[] = {
        {"[]", ""},
        {"{", ""},
        {"", ""},
        {"{\"model_id\":5}", "#/model_id"},
        {"{\"model_id\":\"" INVOICES "\",\"url\":{}}", "#/url"},
        {"{\"model_id\":\"" INVOICES "\",\"url\":true}", "#/url"},
        {"{\"model_id\":\"" INVOICES "\",\"rag\":\"banana\"}", "#/rag"},
        {"{\"model_id\":\"" INVOICES "\",\"webhook_ids\":[1]}", "#/webhook_ids"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(read_json(&form, bad[i].json, &p), -1);
        assert_int_equal(p.status, 422);
        assert_string_equal(p.pointer, bad[i].pointer);
        form_release(&form);
    }
}

static int read_urlencoded(struct form *form, const char *body, struct problem *p)
{
    form_init(form);
    return form_read(form, PRODUCT_EXTRACTION, "application/x-www-form-urlencoded; charset=utf-8",
                     body, strlen(body), p);
}

static void test_urlencoded(void **state)
{
    (void)state;
    struct form form;
    struct problem p;
    assert_int_equal(
        read_urlencoded(&form,
                        "model_id=" INVOICES "&url=https%3A%2F%2Fh%2Fa%20b.pdf%3fx&rag=true&"
                        "alias=a+b%&unknown=1&&text_context&webhook_ids=" HOOK_1 "%2C" HOOK_2,
                        &p),
        -1);
    assert_string_equal(p.pointer, "#/url"); /* a blank in it, once it is decoded */
    form_release(&form);
    assert_int_equal(
        read_urlencoded(&form,
                        "model_id=" INVOICES "&url=https%3A%2F%2Fh%2Fa.pdf%3fx&rag=true&"
                        "alias=a+b%&unknown=1&&text_context&webhook_ids=" HOOK_1 "%2C" HOOK_2,
                        &p),
        0);
    assert_string_equal(form.filename, "a.pdf");
    assert_string_equal(form.url, "https://h/a.pdf?x");
    assert_string_equal(form.alias, "a b%");
    assert_int_equal(form.options, FORM_RAG);
    assert_int_equal(form.webhooks.count, 2);
    form_release(&form);
    assert_int_equal(read_urlencoded(&form, "", &p), -1);
    assert_string_equal(p.pointer, "#/model_id");
    form_release(&form);
    assert_int_equal(read_urlencoded(&form, "model_id=" INVOICES "&alias=a%00b", &p), -1);
    assert_string_equal(p.pointer, "#/alias");
    form_release(&form);
}

static void test_webhooks_that_are_none(void **state)
{
    (void)state;
    struct form form;
    struct problem p;
    assert_int_equal(read_urlencoded(&form,
                                     "model_id=" INVOICES "&url=https://h/a&webhook_ids="
                                     "99999999-9999-4999-8999-999999999999",
                                     &p),
                     -1);
    assert_int_equal(p.status, 422);
    assert_non_null(strstr(p.detail, "No matching webhooks"));
    assert_string_equal(p.pointer, "#/webhook_ids");
    form_release(&form);
}

static void test_url_names(void **state)
{
    (void)state;
    static const char *const rows_[][2] = {
        {"https://h", "document"}, {"https://h/", "document"}, {"https://h/a/", "document"},
        {"https://h/a", "a"},      {"https://h/a/b?c/d", "b"}, {"https://h?x/y", "document"},
    };
    for (size_t i = 0; i < sizeof rows_ / sizeof *rows_; i++) {
        struct buffer json;
        struct form form;
        struct problem p;
        buffer_init(&json, 0);
        buffer_printf(&json, "{\"model_id\":\"" INVOICES "\",\"url\":\"%s\"}", rows_[i][0]);
        assert_int_equal(read_json(&form, json.data, &p), 0);
        assert_string_equal(form.filename, rows_[i][1]);
        form_release(&form);
        buffer_release(&json);
    }
}

static void test_other_encodings(void **state)
{
    (void)state;
    struct form form;
    struct problem p;
    form_init(&form);
    assert_int_equal(form_read(&form, PRODUCT_OCR, NULL, "", 0, &p), -1);
    assert_int_equal(p.status, 422);
    assert_int_equal(form_read(&form, PRODUCT_OCR, "text/plain", "x", 1, &p), -1);
    assert_int_equal(p.status, 422);
    assert_int_equal(
        form_read(&form, PRODUCT_OCR, "multipart/form-data; boundary=B", "--B\r\n", 5, &p), -1);
    assert_int_equal(p.status, 400);
    form_release(&form);
}

static void test_size(void **state)
{
    (void)state;
    size_t file_len = (size_t)FORM_FILE_MAX_BYTES + 1;
    struct buffer body;
    struct form form;
    struct problem p;
    buffer_init(&body, 0);
    buffer_put(&body, "--B\r\nContent-Disposition: form-data; name=\"model_id\"\r\n\r\n" OCR "\r\n"
                      "--B\r\nContent-Disposition: form-data; name=\"file\"\r\n\r\n%PDF-1.4");
    char *zeros = calloc(1, file_len);
    assert_int_equal(buffer_append(&body, zeros, file_len - 8), 0);
    free(zeros);
    buffer_put(&body, "\r\n--B--");
    form_init(&form);
    assert_int_equal(
        form_read(&form, PRODUCT_OCR, "multipart/form-data; boundary=B", body.data, body.len, &p),
        -1);
    assert_int_equal(p.status, 413);
    form_release(&form);
    buffer_release(&body);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_urlencoded),
        cmocka_unit_test(test_webhooks_that_are_none),
        cmocka_unit_test(test_url_names),
        cmocka_unit_test(test_other_encodings),
        cmocka_unit_test(test_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
