/* The shapes of the five products' results, and where their values come from. */
#include "sandbox/result.h"

#include "test.h"

#include <cjson/cJSON.h>
#include <string.h>

static const char *const models[PRODUCT_COUNT] = {
    "11111111-1111-4111-8111-0000000e0001", "33333333-3333-4333-8333-0000000c0003",
    "44444444-4444-4444-8444-0000000c0004", "55555555-5555-4555-8555-000000050005",
    "66666666-6666-4666-8666-0000000c0006"};

/* The inference for a file of that content; TRUTH is put in its place as if it had been found. */
static cJSON *make(enum product product, const char *file, unsigned options, const char *truth)
{
    struct record r;
    struct form form;
    struct buffer b;
    record_init(&r, 1, 1000);
    form_init(&form);
    form.model = catalog_find(NULL, models[product]);
    form.file = file;
    form.file_len = strlen(file);
    form.type = "application/pdf";
    form.filename = xstrdup("name.pdf");
    form.options = options;
    struct job *j = record_accept(&r, &form, (struct wall){0}, (struct mono){0}, 0, JOB_SUCCEEDS);
    form_release(&form);
    if (truth != NULL)
        j->content->truth = xstrdup(truth);
    buffer_init(&b, 0);
    result_write(&b, j, &r);
    cJSON *root = cJSON_ParseWithOpts(buffer_text(&b), NULL, true);
    if (root == NULL)
        fail_msg("no JSON: %s", buffer_text(&b));
    buffer_release(&b);
    record_release(&r);
    cJSON *inference = cJSON_DetachItemFromObject(root, "inference");
    cJSON_Delete(root);
    return inference;
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

static void test_a_sample_has_its_own_values(void **state)
{
    (void)state;
    static const char truth[] =
        "{\"supplier_name\":{\"locations\":[],\"confidence\":null,\"value\":\"\\\"confidence\\\":"
        "null\"},\"taxes\":{\"items\":[],\"confidence\":null}}";
    cJSON *plain = make(PRODUCT_EXTRACTION, "%PDF-1.4 s", 0, truth), *wanted = cJSON_Parse(truth);
    assert_true(cJSON_Compare(at(plain, "result/fields"), wanted, true));
    cJSON *i = make(PRODUCT_EXTRACTION, "%PDF-1.4 s", FORM_CONFIDENCE | FORM_POLYGON, truth);
    assert_string_equal(at(i, "result/fields/supplier_name/value")->valuestring,
                        "\"confidence\":null");
    assert_true(cJSON_IsString(at(i, "result/fields/supplier_name/confidence")));
    assert_true(cJSON_IsString(at(i, "result/fields/taxes/confidence")));
    assert_int_equal(cJSON_GetArraySize(at(i, "result/fields/supplier_name/locations/0/polygon")),
                     4);
    assert_true(cJSON_IsTrue(at(i, "active_options/polygon")));
    assert_true(cJSON_IsFalse(at(i, "active_options/rag")));
    cJSON_Delete(i);
    cJSON_Delete(plain);
    cJSON_Delete(wanted);
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
        cmocka_unit_test(test_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
