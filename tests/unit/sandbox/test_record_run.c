/* Answers made from a run: which file each goes to, and that they are found again. */
#include "sandbox/record_run.h"

#include "sandbox/answers.h"
#include "test.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const uint8_t one[SHA256_BYTES] = {1}, two[SHA256_BYTES] = {2}, three[SHA256_BYTES] = {3};

#define RESULT(r) "{\"inference\":{\"id\":\"x\",\"result\":" r "}}"

static const struct {
    const uint8_t *sha;
    const char *json;
} stored[] = {
    {one, RESULT("{\"fields\":{\"total\":{\"value\":1.50}}}")},
    {two, RESULT("{\"fields\":{}}")},
    {two, RESULT("{\"fields\":{\"again\":{\"value\":null}}}")}, /* by another model */
    {three, "{\"error\":{}}"},
    {two, RESULT("{\"crops\":[]}")},
};

static int first, count;

static int read_stored(const char *run, int (*each)(void *ctx, const struct run_result *r),
                       void *ctx, struct error *e)
{
    int rc = 0;
    if (strcmp(run, "nowhere") == 0)
        return error_set(e, ERR_USAGE, "no ledger");
    assert_string_equal(run, "out");
    for (int i = first; i < first + count && rc == 0; i++) {
        const struct run_result r = {stored[i].sha, stored[i].json, strlen(stored[i].json)};
        rc = each(ctx, &r);
    }
    return rc;
}

static const struct run_reader reader = {read_stored};
static char root[64];

static int begin(void **state)
{
    (void)state;
    strcpy(root, "/tmp/test-record-XXXXXX");
    first = 0;
    return mkdtemp(root) != NULL ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

static int end(void **state)
{
    (void)state;
    return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void record(int documents, bool anonymous, int answers, int left, struct answers **out)
{
    char below[96];
    struct run_recorded done;
    struct error e = {0};
    count = documents;
    snprintf(below, sizeof below, "%s/a/b", root);
    if (record_run(&reader, "out", below, anonymous, &done, &e) != 0)
        fail_msg("%s", e.text);
    assert_int_equal(done.answers, answers);
    assert_int_equal(done.left, left);
    if (answers_load(out, below, &e) != 0)
        fail_msg("%s", e.text);
    assert_int_equal(answers_count(*out), answers);
}

static void assert_answer(const struct answers *a, enum product p, const uint8_t *sha,
                          const char *wanted)
{
    struct answer_part found = answers_find(a, p, sha, "a name");
    if (wanted == NULL) {
        assert_null(found.json);
        return;
    }
    assert_non_null(found.json);
    assert_int_equal(found.len, strlen(wanted));
    assert_memory_equal(found.json, wanted, found.len);
}

static void one_product_lies_together(void **state)
{
    (void)state;
    struct answers *a;
    record(4, false, 2, 2, &a);
    assert_answer(a, PRODUCT_EXTRACTION, one, "{\"fields\":{\"total\":{\"value\":1.50}}}");
    assert_answer(a, PRODUCT_EXTRACTION, two, "{\"fields\":{}}"); /* the first one's */
    assert_answer(a, PRODUCT_OCR, two, "{\"fields\":{}}");
    assert_answer(a, PRODUCT_EXTRACTION, three, NULL);
    answers_free(a);
}

static void several_products_lie_apart(void **state)
{
    (void)state;
    struct answers *a;
    record(5, false, 3, 2, &a);
    assert_answer(a, PRODUCT_EXTRACTION, two, "{\"fields\":{}}");
    assert_answer(a, PRODUCT_CROP, two, "{\"crops\":[]}");
    assert_answer(a, PRODUCT_OCR, two, NULL);
    answers_free(a);
}

static void nothing_but_the_result_is_left_of_an_anonymous_one(void **state)
{
    (void)state;
    struct answers *a;
    char path[160];
    record(1, true, 1, 0, &a);
    assert_answer(a, PRODUCT_EXTRACTION, one, "{\"fields\":{\"total\":{\"value\":1.50}}}");
    answers_free(a);
    snprintf(path, sizeof path, "%s/a/b/01%062d.json", root, 0);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    char text[200] = "";
    assert_true(fread(text, 1, sizeof text - 1, f) > 0);
    fclose(f);
    assert_string_equal(text,
                        "{\"inference\":{\"result\":{\"fields\":{\"total\":{\"value\":1.50}}}}}");
}

static void a_run_that_can_not_be_read_leaves_nothing(void **state)
{
    (void)state;
    struct run_recorded done;
    struct error e = {0};
    char below[96];
    snprintf(below, sizeof below, "%s/a", root);
    assert_int_equal(record_run(&reader, "nowhere", below, false, &done, &e), ERR_USAGE);
    assert_string_equal(e.text, "no ledger");
    assert_int_equal(access(below, F_OK), -1);
}

static void names_are_no_paths(void **state)
{
    (void)state;
    struct answers *a;
    record(5, false, 3, 2, &a); /* below crop/ and extraction/ */
    char name[160];
    snprintf(name, sizeof name, "crop/02%062d", 0);
    assert_null(answers_find(a, PRODUCT_OCR, NULL, name).json);
    assert_null(answers_find(a, PRODUCT_OCR, NULL, "").json);
    assert_null(answers_find(a, PRODUCT_OCR, NULL, NULL).json);
    assert_null(answers_find(NULL, PRODUCT_OCR, one, "a").json);
    snprintf(name, sizeof name, "x/02%062d", 0); /* what follows the slash counts */
    assert_non_null(answers_find(a, PRODUCT_CROP, NULL, name).json);
    answers_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_product_lies_together, begin, end),
        cmocka_unit_test_setup_teardown(several_products_lie_apart, begin, end),
        cmocka_unit_test_setup_teardown(nothing_but_the_result_is_left_of_an_anonymous_one, begin,
                                        end),
        cmocka_unit_test_setup_teardown(a_run_that_can_not_be_read_leaves_nothing, begin, end),
        cmocka_unit_test_setup_teardown(names_are_no_paths, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
