/* enqueue_form: each field as it is sent, and what is refused before anything is sent. */
#include "client/enqueue_form.h"

#include "test.h"

#include <stdlib.h>
#include <string.h>

static const struct mindee_file_stamp stamp = {10, 20, 30, 40};

static struct mindee_enqueue a_file(void)
{
    struct mindee_enqueue q = MINDEE_ENQUEUE_INIT;
    q.model_id = "model";
    q.path = "/x/a.pdf";
    q.stamp = &stamp;
    q.filename = "a.pdf";
    return q;
}

/* "name=value|..." in the order sent */
static const char *fields_of(const struct enqueue_form *f)
{
    static char text[4096];
    struct buffer b;
    buffer_init(&b, sizeof text - 1);
    for (size_t i = 0; i < f->field_count; i++)
        buffer_printf(&b, "%s%s=%s", i ? "|" : "", f->fields[i].name, f->fields[i].value);
    memcpy(text, buffer_text(&b), b.len + 1);
    buffer_release(&b);
    return text;
}

static void the_least(void **state)
{
    struct enqueue_form f;
    struct error e;
    struct mindee_enqueue q = a_file();
    (void)state;
    assert_int_equal(enqueue_form_init(&f, &q, &e), 0);
    assert_string_equal(fields_of(&f), "model_id=model");
    assert_string_equal(f.path, "/v2/products/extraction/enqueue");
    assert_true(f.has_file);
    assert_string_equal(f.file.field, "file");
    assert_string_equal(f.file.path, "/x/a.pdf");
    assert_string_equal(f.file.filename, "a.pdf");
    assert_string_equal(f.file.content_type, "application/octet-stream");
    assert_int_equal(f.file.expected->size_bytes, 10);
    assert_int_equal(f.file.expected->mtime_ns, 20);
    assert_int_equal(f.file.expected->ctime_ns, 30);
    assert_int_equal(f.file.expected->inode, 40);
    enqueue_form_release(&f);
}

static void everything(void **state)
{
    struct enqueue_form f;
    struct error e;
    struct mindee_enqueue q = a_file();
    (void)state;
    q.content_type = "application/pdf";
    q.alias = "mb-1";
    q.webhook_ids = " w1, w2 ,,w3,";
    q.rag = 1;
    q.raw_text = 0;
    q.polygon = 1;
    q.confidence = 0;
    q.text_context = "line 1\nline 2";
    q.data_schema = "{\"replace\":null}";
    assert_int_equal(enqueue_form_init(&f, &q, &e), 0);
    assert_string_equal(fields_of(&f),
                        "model_id=model|alias=mb-1|webhook_ids=w1|webhook_ids=w2|webhook_ids=w3|"
                        "rag=true|raw_text=false|polygon=true|confidence=false|"
                        "text_context=line 1\nline 2|data_schema={\"replace\":null}");
    assert_string_equal(f.file.content_type, "application/pdf");
    enqueue_form_release(&f);
}

static void by_url(void **state)
{
    struct enqueue_form f;
    struct error e;
    struct mindee_enqueue q = MINDEE_ENQUEUE_INIT;
    (void)state;
    q.model_id = "model";
    q.url = "https://files.example/a.pdf?x=1";
    assert_int_equal(enqueue_form_init(&f, &q, &e), 0);
    assert_string_equal(fields_of(&f), "model_id=model|url=https://files.example/a.pdf?x=1");
    assert_false(f.has_file);
    enqueue_form_release(&f);
    q.filename = "b.pdf";
    assert_int_equal(enqueue_form_init(&f, &q, &e), 0);
    assert_string_equal(fields_of(&f),
                        "model_id=model|url=https://files.example/a.pdf?x=1|filename=b.pdf");
    enqueue_form_release(&f);
}

static void every_product_has_its_path(void **state)
{
    static const char *const paths[] = {
        "/v2/products/extraction/enqueue", "/v2/products/classification/enqueue",
        "/v2/products/crop/enqueue", "/v2/products/split/enqueue", "/v2/products/ocr/enqueue"};
    (void)state;
    for (int i = 0; i < 5; i++) {
        struct enqueue_form f;
        struct error e;
        struct mindee_enqueue q = a_file();
        q.product = (enum mindee_product)i;
        assert_int_equal(enqueue_form_init(&f, &q, &e), 0);
        assert_string_equal(f.path, paths[i]);
        assert_non_null(strstr(paths[i], mindee_product_names[i]));
        enqueue_form_release(&f);
    }
    assert_null(mindee_product_names[5]);
}

static void assert_refused(const struct mindee_enqueue *q, const char *message)
{
    struct enqueue_form f;
    struct error e = {0};
    assert_int_equal(enqueue_form_init(&f, q, &e), ERR_USAGE);
    if (!strstr(e.text, message))
        fail_msg("%s, not %s", e.text, message);
    enqueue_form_release(&f);
}

static void refusals(void **state)
{
    char url[3000] = "https://";
    struct mindee_enqueue q;
    (void)state;
#define REFUSED(change, message) (q = a_file(), change, assert_refused(&q, message))
    REFUSED(q.model_id = NULL, "model id");
    REFUSED(q.model_id = "", "model id");
    REFUSED(q.path = NULL, "either a path or a URL");
    REFUSED(q.url = "https://x", "either a path or a URL");
    REFUSED(q.stamp = NULL, "stamp");
    REFUSED(q.filename = NULL, "file name");
    REFUSED(q.filename = "", "file name");
    REFUSED(q.product = (enum mindee_product)5, "product");
    REFUSED(q.product = (enum mindee_product) - 1, "product");
    REFUSED(q.rag = 2, "rag is 2");
    REFUSED(q.confidence = -2, "confidence is -2");
    REFUSED((q.path = NULL, q.url = "http://x"), "https://");
    memset(url + 8, 'a', 2048 - 7);
    REFUSED((q.path = NULL, q.url = url), "2048");
    url[2048] = '\0';
    q = a_file();
    q.path = NULL;
    q.url = url;
    struct enqueue_form f;
    struct error e;
    assert_int_equal(enqueue_form_init(&f, &q, &e), 0);
    enqueue_form_release(&f);
}

static void extraction_only(void **state)
{
    (void)state;
    for (int i = MINDEE_CLASSIFICATION; i <= MINDEE_OCR; i++) {
        struct mindee_enqueue q;
#define NOT_FOR_IT(change)                                                                         \
    (q = a_file(), q.product = (enum mindee_product)i, change,                                     \
     assert_refused(&q, mindee_product_names[i]))
        NOT_FOR_IT(q.rag = 0);
        NOT_FOR_IT(q.raw_text = 1);
        NOT_FOR_IT(q.polygon = 0);
        NOT_FOR_IT(q.confidence = 1);
        NOT_FOR_IT(q.text_context = "");
        NOT_FOR_IT(q.data_schema = "{}");
    }
}

/* All that a form can hold at once has room. */
static void the_most(void **state)
{
    struct enqueue_form f;
    struct error e;
    struct mindee_enqueue q = a_file();
    (void)state;
    q.path = NULL;
    q.url = "https://x/y";
    q.alias = "a";
    q.rag = q.raw_text = q.polygon = q.confidence = 1;
    q.text_context = q.data_schema = "{}";
    q.webhook_ids = "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16";
    assert_int_equal(enqueue_form_init(&f, &q, &e), 0);
    assert_int_equal(f.field_count, 10 + 16);
    enqueue_form_release(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_least), cmocka_unit_test(everything),
        cmocka_unit_test(by_url),    cmocka_unit_test(every_product_has_its_path),
        cmocka_unit_test(refusals),  cmocka_unit_test(extraction_only),
        cmocka_unit_test(the_most),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
