/* The models, and the webhooks that the command line adds to them. */
#include "sandbox/catalog.h"

#include "test.h"

#include <string.h>

#define INVOICES "11111111-1111-4111-8111-0000000e0001"
#define HOOK_2   "aaaaaaaa-1111-4111-8111-0000000e0002"
#define NEW      "cccccccc-1111-4111-8111-000000000003"

static void add(struct catalog *c, const char *spec)
{
    struct error e;
    if (catalog_add_webhook(c, spec, &e) != 0)
        fail_msg("%s: %s", spec, e.text);
}

static void test_usual(void **state)
{
    (void)state;
    const struct model *m = catalog_find(NULL, "11111111-1111-4111-8111-0000000E0001");
    assert_non_null(m);
    assert_int_equal(m->webhook_count, 2);
    assert_null(m->webhooks[0].secret);
    assert_false(catalog_delivers(NULL));
    assert_null(catalog_find(NULL, NEW));
}

static void test_added(void **state)
{
    (void)state;
    struct catalog *c = catalog_new();
    assert_false(catalog_delivers(c));
    add(c, "AAAAAAAA-1111-4111-8111-0000000e0002=http://127.0.0.1:81/a,b?c=d,s3cret");
    add(c, NEW "=https://localhost:8443/hook,x");
    assert_true(catalog_delivers(c));
    const struct model *m = catalog_find(c, INVOICES);
    assert_ptr_equal(m, catalog_models(c));
    assert_int_equal(m->webhook_count, 3);
    assert_null(m->webhooks[0].secret);
    assert_string_equal(m->webhooks[1].id, HOOK_2);
    assert_string_equal(m->webhooks[1].url, "http://127.0.0.1:81/a,b?c=d");
    assert_string_equal(m->webhooks[1].secret, "s3cret");
    assert_int_equal(model_webhook_find(m, NEW), 2);
    add(c, NEW "=http://[::1]:9/later,y"); /* the last word counts */
    assert_int_equal(m->webhook_count, 3);
    assert_string_equal(m->webhooks[2].url, "http://[::1]:9/later");

    struct buffer listed;
    buffer_init(&listed, 0);
    catalog_search(c, &listed, "invoices", NULL, 1, 50);
    assert_non_null(strstr(listed.data, "\"id\":\"" NEW "\""));
    assert_non_null(strstr(listed.data, "\"url\":\"http://[::1]:9/later\""));
    assert_null(strstr(listed.data, "s3cret"));
    buffer_release(&listed);
    assert_int_equal(catalog_find(NULL, INVOICES)->webhook_count, 2); /* the usual is as it was */
    catalog_free(c);
}

static void test_mistakes(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",
        NEW,
        NEW "=",
        NEW "=http://127.0.0.1/",
        NEW "=http://127.0.0.1/,",
        "x=http://127.0.0.1/,tell-nobody",
        NEW "=,tell-nobody",
        NEW "=ftp://127.0.0.1/,tell-nobody",
        NEW "=http://mindee.net/,tell-nobody",
        NEW "=http://127.0.0.1.mindee.net/,tell-nobody",
        NEW "=http://127.0.0.1@mindee.net/,tell-nobody",
        NEW "=http://localhost.mindee.net/,tell-nobody",
        NEW "=http://[::1].mindee.net/,tell-nobody",
        NEW "=http://127.0.0.1/\r\nHost: x,tell-nobody",
        NEW "=http:///hook,tell-nobody",
    };
    struct catalog *c = catalog_new();
    struct error e;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        if (catalog_add_webhook(c, wrong[i], &e) != ERR_USAGE)
            fail_msg("taken: %s", wrong[i]);
        assert_null(strstr(e.text, "tell-nobody"));
    }
    assert_false(catalog_delivers(c));
    for (int i = 0; i < MODEL_WEBHOOKS_MAX - 2; i++) {
        char spec[] = "cccccccc-1111-4111-8111-00000000000x=http://localhost/,s";
        spec[35] = (char)('0' + i);
        add(c, spec);
    }
    assert_int_equal(catalog_add_webhook(c, NEW "9=http://localhost/,s", &e), ERR_USAGE);
    assert_int_equal(
        catalog_add_webhook(c, "dddddddd-1111-4111-8111-000000000000=http://localhost/,s", &e),
        ERR_USAGE);
    assert_non_null(strstr(e.text, "at most"));
    catalog_free(c);
    catalog_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usual),
        cmocka_unit_test(test_added),
        cmocka_unit_test(test_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
