/* The shapes of the five products' results, and where their values come from. */
#include "sandbox/result.h"

#include "sandbox/invoice/mark.h"

#include "test.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

static const char *const models[PRODUCT_COUNT] = {
    "11111111-1111-4111-8111-0000000e0001", "33333333-3333-4333-8333-0000000c0003",
    "44444444-4444-4444-8444-0000000c0004", "55555555-5555-4555-8555-000000050005",
    "66666666-6666-4666-8666-0000000c0006"};

/* The inference of that model for a file of that content; TRUTH is what a sample says of itself. */
static cJSON *make_by(const char *model, const char *file, unsigned options, const char *truth)
{
    struct record r;
    struct form form;
    struct buffer b, bytes, mark;
    record_init(&r, 1, 1000);
    form_init(&form);
    buffer_init(&bytes, 0);
    buffer_init(&mark, 0);
    if (truth != NULL)
        invoice_mark_make(truth, &mark);
    buffer_printf(&bytes, "%s%s", file, buffer_text(&mark));
    form.model = catalog_find(NULL, model);
    form.file = bytes.data;
    form.file_len = bytes.len;
    form.type = "application/pdf";
    form.filename = xstrdup("name.pdf");
    form.options = options;
    struct job *j = record_accept(&r, &form, (struct wall){0}, (struct mono){0}, 0, JOB_SUCCEEDS);
    form_release(&form);
    buffer_init(&b, 0);
    result_write(&b, j, &r);
    cJSON *root = cJSON_ParseWithOpts(buffer_text(&b), NULL, true);
    if (root == NULL)
        fail_msg("no JSON: %s", buffer_text(&b));
    buffer_release(&b);
    buffer_release(&bytes);
    buffer_release(&mark);
    record_release(&r);
    cJSON *inference = cJSON_DetachItemFromObject(root, "inference");
    cJSON_Delete(root);
    return inference;
}

static cJSON *make(enum product product, const char *file, unsigned options, const char *truth)
{
    return make_by(models[product], file, options, truth);
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

static const char pages_3[] = "%PDF-1.4 /Type /Page /Type /Page /Type /Page ";

static void test_common_parts(void **state)
{
    (void)state;
    for (int p = 0; p < PRODUCT_COUNT; p++) {
        cJSON *i = make((enum product)p, pages_3, 0, NULL);
        assert_true(cJSON_IsString(at(i, "id")) && cJSON_IsString(at(i, "job/id")));
        assert_string_equal(at(i, "model/id")->valuestring, models[p]);
        assert_string_equal(at(i, "file/name")->valuestring, "name.pdf");
        assert_true(cJSON_IsNull(at(i, "file/alias")));
        assert_int_equal(at(i, "file/page_count")->valueint, 3);
        assert_string_equal(at(i, "file/mime_type")->valuestring, "application/pdf");
        assert_true(cJSON_HasObjectItem(i, "active_options") == (p == PRODUCT_EXTRACTION));
        cJSON_Delete(i);
    }
}

static void test_products(void **state)
{
    (void)state;
    cJSON *i = make(PRODUCT_CLASSIFICATION, pages_3, 0, NULL);
    assert_true(cJSON_IsString(at(i, "result/classification/document_type")));
    cJSON_Delete(i);
    i = make(PRODUCT_CROP, pages_3, 0, NULL);
    assert_true(cJSON_IsString(at(i, "result/crops/0/object_type")));
    assert_int_equal(cJSON_GetArraySize(at(i, "result/crops/0/location/polygon")), 4);
    assert_int_equal(at(i, "result/crops/0/location/page")->valueint, 0);
    cJSON_Delete(i);
    i = make(PRODUCT_SPLIT, pages_3, 0, NULL);
    assert_int_equal(cJSON_GetArraySize(at(i, "result/splits")), 3);
    assert_int_equal(at(i, "result/splits/2/page_range/1")->valueint, 2);
    cJSON_Delete(i);
    i = make(PRODUCT_OCR, pages_3, 0, NULL);
    assert_int_equal(cJSON_GetArraySize(at(i, "result/pages")), 3);
    assert_true(cJSON_IsString(at(i, "result/pages/2/content")));
    assert_int_equal(cJSON_GetArraySize(at(i, "result/pages/0/words/0/polygon")), 4);
    cJSON_Delete(i);
}

/* Every string value below ITEM begins with SYNTHETIC; returns how many there are. */
static int check_synthetic(const cJSON *item)
{
    int count = 0;
    if (cJSON_IsString(item)) {
        if (strncmp(item->valuestring, "SYNTHETIC", 9) != 0)
            fail_msg("%s: %s", item->string, item->valuestring);
        return 1;
    }
    for (const cJSON *child = item->child; child != NULL; child = child->next)
        count += check_synthetic(child);
    return count;
}

static void test_synthetic_values_say_so(void **state)
{
    (void)state;
    cJSON *i = make(PRODUCT_EXTRACTION, "%PDF-1.4 any", 0, NULL);
    assert_true(check_synthetic(at(i, "result/fields")) > 15);
    assert_true(cJSON_IsString(at(i, "result/fields/customer_address/fields/value/value")));
    assert_true(cJSON_IsNumber(at(i, "result/fields/total_amount/value")));
    assert_true(cJSON_IsNull(at(i, "result/fields/supplier_name/confidence")));
    assert_true(cJSON_IsNull(at(i, "result/raw_text")));
    double net = at(i, "result/fields/total_net/value")->valuedouble, sum = 0;
    const cJSON *line;
    cJSON_ArrayForEach(line, at(i, "result/fields/line_items/items"))
    {
        sum += at((cJSON *)(uintptr_t)line, "fields/total_price/value")->valuedouble;
    }
    assert_true(net - sum < 0.005 && sum - net < 0.005);
    cJSON *same = make(PRODUCT_EXTRACTION, "%PDF-1.4 any", 0, NULL);
    cJSON *other = make(PRODUCT_EXTRACTION, "%PDF-1.4 other", 0, NULL);
    assert_true(cJSON_Compare(at(i, "result"), at(same, "result"), true));
    assert_false(cJSON_Compare(at(i, "result"), at(other, "result"), true));
    cJSON_Delete(i);
    cJSON_Delete(same);
    cJSON_Delete(other);
}

static const char sample[] =
    "{\"document_type\":\"receipt\",\"paper\":[[0.1,0.2],[0.9,0.2],[0.9,0.8],[0.1,0.8]],"
    "\"fields\":{\"supplier_name\":{\"locations\":[{\"polygon\":[[0.1,0.1],[0.2,0.1],[0.2,0.2],"
    "[0.1,0.2]],\"page\":0}],\"confidence\":\"High\",\"value\":\"\\\"confidence\\\":\\\"x\\\"\"},"
    "\"taxes\":{\"items\":[],\"confidence\":\"Certain\"}},"
    "\"pages\":[{\"words\":[{\"content\":\"word\",\"polygon\":[[0,0],[1,0],[1,1]]}],"
    "\"content\":\"word\"}]}";

static void test_a_sample_has_its_own_values(void **state)
{
    (void)state;
    cJSON *whole = cJSON_Parse(sample), *fields = at(whole, "fields");
    cJSON *i = make(PRODUCT_EXTRACTION, "%PDF-1.4 s ", FORM_CONFIDENCE | FORM_POLYGON, sample);
    assert_true(cJSON_Compare(at(i, "result/fields"), fields, true));
    assert_true(cJSON_IsTrue(at(i, "active_options/polygon")));
    assert_true(cJSON_IsFalse(at(i, "active_options/rag")));
    cJSON_Delete(i);
    i = make(PRODUCT_EXTRACTION, "%PDF-1.4 s ", FORM_RAW_TEXT, sample);
    assert_string_equal(at(i, "result/fields/supplier_name/value")->valuestring,
                        "\"confidence\":\"x\"");
    assert_true(cJSON_IsNull(at(i, "result/fields/supplier_name/confidence")));
    assert_true(cJSON_IsNull(at(i, "result/fields/taxes/confidence")));
    assert_int_equal(cJSON_GetArraySize(at(i, "result/fields/supplier_name/locations")), 0);
    assert_string_equal(at(i, "result/raw_text/pages/0/content")->valuestring, "word");
    cJSON_Delete(i);
    i = make(PRODUCT_EXTRACTION, "%PDF-1.4 s ", FORM_POLYGON, sample);
    assert_int_equal(cJSON_GetArraySize(at(i, "result/fields/supplier_name/locations")), 1);
    assert_true(cJSON_IsNull(at(i, "result/fields/supplier_name/confidence")));
    cJSON_Delete(i);
    cJSON_Delete(whole);
}

static void test_a_sample_by_the_other_products(void **state)
{
    (void)state;
    cJSON *whole = cJSON_Parse(sample);
    cJSON *i = make(PRODUCT_CLASSIFICATION, pages_3, 0, sample);
    assert_string_equal(at(i, "result/classification/document_type")->valuestring, "receipt");
    cJSON_Delete(i);
    i = make(PRODUCT_CROP, pages_3, 0, sample);
    assert_int_equal(cJSON_GetArraySize(at(i, "result/crops")), 1);
    assert_true(cJSON_Compare(at(i, "result/crops/0/location/polygon"), at(whole, "paper"), true));
    cJSON_Delete(i);
    i = make(PRODUCT_SPLIT, pages_3, 0, sample); /* one document of three pages */
    assert_int_equal(cJSON_GetArraySize(at(i, "result/splits")), 1);
    assert_int_equal(at(i, "result/splits/0/page_range/1")->valueint, 2);
    cJSON_Delete(i);
    i = make(PRODUCT_OCR, pages_3, 0, sample);
    assert_true(cJSON_Compare(at(i, "result/pages"), at(whole, "pages"), true));
    cJSON_Delete(i);
    cJSON_Delete(whole);
}

/* What is chained is a whole answer of its own, with ids that are nobody else's. */
static void check_chained(cJSON *item, const char *name, int pages)
{
    cJSON *nested = at(item, "extraction_response/inference");
    const char *id = at(nested, "id")->valuestring;
    assert_string_equal(at(nested, "job/id")->valuestring, id);
    assert_int_equal(id[14], '4');
    assert_string_equal(at(nested, "model/id")->valuestring, models[PRODUCT_EXTRACTION]);
    assert_string_equal(at(nested, "file/name")->valuestring, name);
    assert_int_equal(at(nested, "file/page_count")->valueint, pages);
    assert_true(cJSON_IsNull(at(nested, "result/raw_text")));
    assert_true(cJSON_IsObject(at(nested, "active_options")));
    assert_true(cJSON_IsObject(at(nested, "result/fields/supplier_name")));
}

static void test_chained_models(void **state)
{
    (void)state;
    static const char split[] = "99999999-9999-4999-8999-000000050009",
                      crop[] = "88888888-8888-4888-8888-0000000c0008",
                      classification[] = "77777777-7777-4777-8777-0000000c0007";
    cJSON *i = make_by(split, pages_3, 0, NULL);
    assert_int_equal(cJSON_GetArraySize(at(i, "result/splits")), 3);
    check_chained(at(i, "result/splits/0"), "name.pdf_split_0_1", 1);
    check_chained(at(i, "result/splits/2"), "name.pdf_split_2_3", 1);
    assert_false(cJSON_Compare(at(i, "result/splits/0/extraction_response/inference/result"),
                               at(i, "result/splits/1/extraction_response/inference/result"),
                               true));
    assert_string_not_equal(at(i, "result/splits/0/extraction_response/inference/id")->valuestring,
                            at(i, "result/splits/1/extraction_response/inference/id")->valuestring);
    cJSON_Delete(i);
    i = make_by(split, pages_3, FORM_CONFIDENCE, sample);
    check_chained(at(i, "result/splits/0"), "name.pdf_split_0_3", 3);
    cJSON_Delete(i);
    i = make_by(crop, pages_3, 0, sample);
    check_chained(at(i, "result/crops/0"), "name.pdf_crop_0", 1);
    cJSON_Delete(i);
    i = make_by(classification, pages_3, 0, NULL);
    check_chained(at(i, "result/classification"), "name.pdf", 3);
    cJSON_Delete(i);
    i = make(PRODUCT_SPLIT, pages_3, 0, NULL);
    assert_false(cJSON_HasObjectItem(at(i, "result/splits/0"), "extraction_response"));
    cJSON_Delete(i);
}

static void test_schemas_of_ones_own(void **state)
{
    (void)state;
    static const char nested[] = "abababab-abab-4bab-8bab-0000000e000a",
                      names[] = "bcbcbcbc-bcbc-4cbc-8cbc-0000000e000b";
    cJSON *i = make_by(nested, pages_3, FORM_CONFIDENCE | FORM_POLYGON, sample);
    assert_true(cJSON_IsObject(at(i, "result/fields/parties/items/0/fields/address/fields/city")));
    assert_true(cJSON_IsArray(at(i, "result/fields/parties/items/0/fields/contacts/items")));
    assert_true(cJSON_IsNumber(at(i, "result/fields/matrix/items/1/items/2/value")));
    assert_true(cJSON_IsBool(at(i, "result/fields/signed/value")));
    assert_true(cJSON_IsString(at(i, "result/fields/signed/confidence")));
    cJSON_Delete(i);
    i = make_by(names, pages_3, FORM_CONFIDENCE | FORM_POLYGON, NULL);
    assert_true(cJSON_IsNumber(at(i, "result/fields/value/value")));
    assert_true(cJSON_IsNumber(at(i, "result/fields/items/items/0/fields/items/value")));
    assert_true(cJSON_IsString(at(i, "result/fields/fields/fields/value/value")));
    assert_true(cJSON_IsArray(at(i, "result/fields/fields/fields/items/items")));
    assert_true(cJSON_IsString(at(i, "result/fields/confidence/value")));
    assert_true(cJSON_IsString(at(i, "result/fields/confidence/confidence")));
    assert_int_equal(cJSON_GetArraySize(at(i, "result/fields/locations/locations")), 1);
    cJSON_Delete(i);
}

/* Every number as Python writes a float, and as it was made: not through a double. */
static void check_shortest(const char *json)
{
    for (const char *at = json; (at = strstr(at, "\"value\":")) != NULL;) {
        at += 8;
        size_t n = strspn(at, "0123456789.");
        if (n == 0)
            continue;
        const char *point = memchr(at, '.', n);
        assert_non_null(point);
        assert_true(at[n - 1] != '0' || at + n - 2 == point);
    }
}

static void test_amounts_in_the_shortest_form(void **state)
{
    (void)state;
    struct record r;
    struct form form;
    struct buffer b;
    record_init(&r, 1, 1000);
    buffer_init(&b, 0);
    for (int n = 0; n < 40; n++) {
        char file[32];
        form_init(&form);
        snprintf(file, sizeof file, "%%PDF-1.4 %d", n);
        form.model = catalog_find(NULL, models[PRODUCT_EXTRACTION]);
        form.file = file;
        form.file_len = strlen(file);
        form.type = "application/pdf";
        form.filename = xstrdup("name.pdf");
        buffer_clear(&b);
        result_write(
            &b, record_accept(&r, &form, (struct wall){0}, (struct mono){0}, 0, JOB_SUCCEEDS), &r);
        form_release(&form);
        check_shortest(buffer_text(&b));
    }
    buffer_release(&b);
    record_release(&r);
}

static void test_options(void **state)
{
    (void)state;
    cJSON *i = make(PRODUCT_EXTRACTION, pages_3,
                    FORM_RAW_TEXT | FORM_RAG | FORM_DATA_SCHEMA | FORM_TEXT_CONTEXT, NULL);
    assert_int_equal(cJSON_GetArraySize(at(i, "result/raw_text/pages")), 3);
    assert_true(cJSON_HasObjectItem(at(i, "result/rag"), "retrieved_document_id"));
    assert_true(cJSON_IsTrue(at(i, "active_options/data_schema/replace")));
    assert_true(cJSON_IsTrue(at(i, "active_options/text_context")));
    cJSON_Delete(i);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_common_parts),
        cmocka_unit_test(test_products),
        cmocka_unit_test(test_synthetic_values_say_so),
        cmocka_unit_test(test_a_sample_has_its_own_values),
        cmocka_unit_test(test_a_sample_by_the_other_products),
        cmocka_unit_test(test_chained_models),
        cmocka_unit_test(test_schemas_of_ones_own),
        cmocka_unit_test(test_amounts_in_the_shortest_form),
        cmocka_unit_test(test_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
