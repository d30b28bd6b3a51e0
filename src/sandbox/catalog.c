/* A fixed list of models with ids that a person can tell apart: the last group names the product.
 */
#include "sandbox/catalog.h"

#include "sandbox/json_text.h"

#include <string.h>
#include <strings.h>

static const char *const names[PRODUCT_COUNT] = {"extraction", "classification", "crop", "split",
                                                 "ocr"};

static const struct model models[] = {
    {.id = "11111111-1111-4111-8111-0000000e0001",
     .name = "Invoices",
     .product = PRODUCT_EXTRACTION,
     .webhooks = {{"aaaaaaaa-1111-4111-8111-0000000e0001", "Accounting",
                   "https://localhost:8443/webhook"},
                  {"aaaaaaaa-1111-4111-8111-0000000e0002", "Archive",
                   "https://localhost:8444/webhook"}},
     .webhook_count = 2},
    {.id = "22222222-2222-4222-8222-0000000e0002",
     .name = "Receipts",
     .product = PRODUCT_EXTRACTION},
    {.id = "33333333-3333-4333-8333-0000000c0003",
     .name = "Document types",
     .product = PRODUCT_CLASSIFICATION},
    {.id = "44444444-4444-4444-8444-0000000c0004",
     .name = "Receipts on a page",
     .product = PRODUCT_CROP},
    {.id = "55555555-5555-4555-8555-000000050005",
     .name = "Documents in a file",
     .product = PRODUCT_SPLIT},
    {.id = "66666666-6666-4666-8666-0000000c0006", .name = "Plain text", .product = PRODUCT_OCR},
    {.id = NULL},
};

const char *product_name(enum product p)
{
    return names[p];
}

bool product_find(const char *name, size_t len, enum product *out)
{
    for (int i = 0; i < PRODUCT_COUNT; i++) {
        if (strlen(names[i]) == len && memcmp(names[i], name, len) == 0) {
            *out = (enum product)i;
            return true;
        }
    }
    return false;
}

const struct model *catalog_models(void)
{
    return models;
}

const struct model *catalog_find(const char *id)
{
    for (const struct model *m = models; m->id != NULL; m++) {
        if (strcasecmp(m->id, id) == 0)
            return m;
    }
    return NULL;
}

int model_webhook_find(const struct model *m, const char *id)
{
    for (int i = 0; i < m->webhook_count; i++) {
        if (strcasecmp(m->webhooks[i].id, id) == 0)
            return i;
    }
    return -1;
}

static void put_model(struct buffer *out, const struct model *m)
{
    buffer_put(out, "{");
    json_put_member(out, "id", m->id);
    buffer_put(out, ",");
    json_put_member(out, "name", m->name);
    buffer_put(out, ",");
    json_put_member(out, "model_type", product_name(m->product));
    buffer_put(out, ",\"webhooks\":[");
    for (int i = 0; i < m->webhook_count; i++) {
        buffer_put(out, i == 0 ? "{" : ",{");
        json_put_member(out, "id", m->webhooks[i].id);
        buffer_put(out, ",");
        json_put_member(out, "name", m->webhooks[i].name);
        buffer_put(out, ",");
        json_put_member(out, "url", m->webhooks[i].url);
        buffer_put(out, "}");
    }
    buffer_put(out, "]}");
}

static bool wanted(const struct model *m, const char *name, const char *type)
{
    return (name == NULL || name[0] == 0 || strcasestr(m->name, name) != NULL) &&
           (type == NULL || type[0] == 0 || strcmp(product_name(m->product), type) == 0);
}

void catalog_search(struct buffer *out, const char *name, const char *type, int page, int per_page)
{
    int found = 0, all = 0, first = (page - 1) * per_page;
    buffer_put(out, "{\"models\":[");
    for (const struct model *m = models; m->id != NULL; m++) {
        all++;
        if (!wanted(m, name, type))
            continue;
        if (found >= first && found < first + per_page) {
            buffer_put(out, found > first ? "," : "");
            put_model(out, m);
        }
        found++;
    }
    buffer_printf(out,
                  "],\"pagination\":{\"per_page\":%d,\"page\":%d,\"total_items\":%d,"
                  "\"total_pages\":%d,\"total_items_unfiltered\":%d}}",
                  per_page, page, found, (found + per_page - 1) / per_page, all);
}
