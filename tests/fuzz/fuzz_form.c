/* The sandbox's forms, multipart, urlencoded and JSON: whatever comes in is a document to accept or
 * a problem to answer, its pages can be counted, and a data schema that is taken gives fields that
 * are JSON. The first byte chooses the content type and the product. */
#include "base/buffer.h"
#include "sandbox/form.h"
#include "sandbox/schema.h"
#include "sandbox/upload.h"

#include <cjson/cJSON.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Its fields with a sample's values beside, some of which are cut off. */
static void check_schema(struct buffer *out, const char *schema)
{
    static const char truth[] = "{\"a\":{\"value\":\"x\\\\\\\"\"},\"c\":{\"value\":1.50},\"b\":{";
    schema_put_fields(out, schema, NULL, 0, 7);
    cJSON *fields = cJSON_Parse(buffer_text(out));
    REQUIRE(cJSON_IsObject(fields));
    cJSON_Delete(fields);
    buffer_clear(out);
    schema_put_fields(out, schema, truth, sizeof truth - 1, 7);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    const char *type = data[0] & 1 ? "multipart/form-data; boundary=B" : "application/json";
    if (data[0] & 128)
        type = "application/x-www-form-urlencoded";
    enum product product = (enum product)((data[0] & 127) >> 1) % PRODUCT_COUNT;
    char *body = malloc(size); /* NUL-ended, as a buffer is */
    memcpy(body, data + 1, size - 1);
    body[size - 1] = '\0';

    struct form form;
    struct problem problem = {0};
    struct buffer out;
    form_init(&form);
    buffer_init(&out, 0);
    int rc = form_read(&form, product, type, body, size - 1, &problem);
    if (rc == 0)
        REQUIRE(form.model != NULL && form.filename != NULL);
    else
        REQUIRE(problem.status >= 400 && problem.status < 600);
    if (rc != 0)
        problem_write(&out, &problem);
    else if (form.data_schema)
        check_schema(&out, form.data_schema);
    else if (form.file)
        upload_pages(form.type, form.file, form.file_len);
    buffer_release(&out);
    form_release(&form);
    free(body);
    return 0;
}
