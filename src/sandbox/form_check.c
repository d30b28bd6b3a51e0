/* Checking the form: the first thing that is wrong is the answer. 422 with a pointer to the field,
 * 404 for a model that doesn't exist, 413 for a file over 100 MB. */
#include "sandbox/form_internal.h"

#include "base/text.h"
#include "sandbox/schema.h"
#include "sandbox/upload.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { URL_MAX = 2048, BASE64_MIN = 15 };

static int check_model(struct form *f, enum product product, struct problem *p)
{
    if (f->model_id == NULL)
        return problem_field(p, "model_id", "model_id is required");
    if (!text_is_uuid4(f->model_id))
        return problem_field(p, "model_id", "model_id must be a valid UUID format");
    f->model = catalog_find(f->catalog, f->model_id);
    if (f->model == NULL)
        return problem_set(p, 404, "The model doesn't exist.");
    if (f->model->product != product)
        return problem_field(p, "model_id", "the model is of type '%s', not '%s'",
                             product_name(f->model->product), product_name(product));
    return 0;
}

static void choose_webhook(struct webhook_choice *w, uint8_t place)
{
    if (memchr(w->places, place, (size_t)w->count) == NULL)
        w->places[w->count++] = place;
}

static int check_webhooks(struct form *f, struct problem *p)
{
    char *rest = f->webhook_ids, *id;
    while (rest != NULL && (id = strsep(&rest, ", ")) != NULL) {
        if (*id == 0)
            continue;
        if (!text_is_uuid4(id))
            return problem_field(p, "webhook_ids", "webhook_ids must be valid UUIDs");
        int place = model_webhook_find(f->model, id);
        if (place < 0) {
            problem_field(p, "webhook_ids", "the model has no webhook '%s'", id);
            return problem_detail(p, "No matching webhooks were found for the model.");
        }
        choose_webhook(&f->webhooks, (uint8_t)place);
    }
    return 0;
}

static int check_schema(struct form *f, struct problem *p)
{
    bool replaces = false;
    if (f->data_schema != NULL && schema_check(f->data_schema, &replaces, p) != 0)
        return -1;
    if (replaces) {
        f->options |= FORM_DATA_SCHEMA;
        return 0;
    }
    free(f->data_schema);
    f->data_schema = NULL;
    return 0;
}

static int decode_base64(struct form *f, struct problem *p)
{
    char *text = f->file_base64;
    if (strncmp(text, "data:", 5) == 0 && strstr(text, ";base64,") != NULL)
        text = strstr(text, ";base64,") + 8;
    size_t len = strlen(text), padding = 0;
    while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
        padding++;
    if (strlen(f->file_base64) < BASE64_MIN || len % 4 != 0 || len > INT32_MAX)
        return problem_field(p, "file_base64", "file_base64 must be a base64 string");
    f->decoded = malloc(len / 4 * 3 + 1);
    if (f->decoded == NULL)
        return problem_set(p, 500, NULL);
    int n = EVP_DecodeBlock((unsigned char *)f->decoded, (const unsigned char *)text, (int)len);
    if (n < 0)
        return problem_field(p, "file_base64", "file_base64 must be a base64 string");
    f->file = f->decoded;
    f->file_len = (size_t)n - padding;
    return 0;
}

static int check_url(struct form *f, struct problem *p)
{
    if (strlen(f->url) > URL_MAX)
        return problem_field(p, "url", "url must have at most %d characters", URL_MAX);
    bool clean = f->url[strcspn(f->url, " \t\r\n<>\"{}|\\^`")] == 0; /* an URI has none of these */
    if (!clean || strncasecmp(f->url, "https://", 8) != 0 || f->url[8] == 0 || f->url[8] == '/')
        return problem_field(p, "url", "url must be a valid HTTPS URL");
    f->type = "application/pdf";
    if (f->filename == NULL) {
        size_t len = strcspn(f->url, "?#");
        const char *slash = memrchr(f->url, '/', len);
        const char *name = slash + 1; /* there is one: "https://" */
        len -= (size_t)(name - f->url);
        bool bare = slash < f->url + 8 || len == 0; /* a host without a path */
        f->filename = bare ? xstrdup("document") : strndup(name, len);
        if (f->filename == NULL)
            return problem_set(p, 500, NULL);
    }
    return 0;
}

static int check_file(struct form *f, const char *field, struct problem *p)
{
    if (f->file_len == 0)
        return problem_field(p, field, "the file is empty");
    if (f->file_len > FORM_FILE_MAX_BYTES)
        return problem_set(p, 413, NULL);
    f->type = upload_type(f->file, f->file_len);
    if (f->type == NULL)
        return problem_field(p, field, "the file is of a type that isn't supported");
    if (strcmp(f->type, "application/pdf") != 0)
        return 0;
    if (!upload_is_whole_pdf(f->file, f->file_len))
        return problem_field(p, field, "the PDF is broken");
    if (upload_is_encrypted(f->file, f->file_len))
        return problem_field(p, field, "the PDF is protected by a password");
    return 0;
}

static int check_source(struct form *f, struct problem *p)
{
    int sources = f->has_file + (f->url != NULL) + (f->file_base64 != NULL);
    if (sources == 0)
        return problem_field(p, "file", "one of file, url, file_base64 is required");
    if (sources > 1)
        return problem_field(p, "file", "only one of file, url, file_base64 may be given");
    if (f->url != NULL)
        return check_url(f, p);
    if (f->file_base64 != NULL && decode_base64(f, p) != 0)
        return -1;
    if (check_file(f, f->has_file ? "file" : "file_base64", p) != 0)
        return -1;
    if (f->filename == NULL) {
        bool named = f->part_filename != NULL && f->part_filename[0] != 0;
        f->filename = xstrdup(named ? f->part_filename : "document");
    }
    return 0;
}

int form_check(struct form *f, enum product product, struct problem *p)
{
    if (check_model(f, product, p) != 0 || check_source(f, p) != 0 || check_webhooks(f, p) != 0)
        return -1;
    return product == PRODUCT_EXTRACTION ? check_schema(f, p) : 0;
}
