/* A fixed list of models with ids that a person can tell apart: the last group names the product.
 *
 * A catalog of one's own is a copy of that list, with webhooks to which something is delivered. Its
 * webhooks' texts are pieces of the specs, kept in `specs`. URLs are held to this machine: the
 * sandbox promises that nothing leaves it. */
#include "sandbox/catalog.h"

#include "base/text.h"
#include "sandbox/json_text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define INVOICES "11111111-1111-4111-8111-0000000e0001"

enum { MODELS = 11, SPECS_MAX = 32 };

static const char *const names[PRODUCT_COUNT] = {"extraction", "classification", "crop", "split",
                                                 "ocr"};

static const struct model usual[MODELS + 1] = {
    {.id = INVOICES,
     .name = "Invoices",
     .product = PRODUCT_EXTRACTION,
     .webhooks = {{.id = "aaaaaaaa-1111-4111-8111-0000000e0001",
                   .name = "Accounting",
                   .url = "https://localhost:8443/webhook"},
                  {.id = "aaaaaaaa-1111-4111-8111-0000000e0002",
                   .name = "Archive",
                   .url = "https://localhost:8444/webhook"}},
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
    {.id = "77777777-7777-4777-8777-0000000c0007",
     .name = "Document types, extracted",
     .product = PRODUCT_CLASSIFICATION,
     .extracts = INVOICES},
    {.id = "88888888-8888-4888-8888-0000000c0008",
     .name = "Receipts on a page, extracted",
     .product = PRODUCT_CROP,
     .extracts = INVOICES},
    {.id = "99999999-9999-4999-8999-000000050009",
     .name = "Documents in a file, extracted",
     .product = PRODUCT_SPLIT,
     .extracts = INVOICES},
    {.id = "abababab-abab-4bab-8bab-0000000e000a",
     .name = "Contracts",
     .product = PRODUCT_EXTRACTION,
     .schema = SCHEMA_NESTED},
    {.id = "bcbcbcbc-bcbc-4cbc-8cbc-0000000e000b",
     .name = "Awkward names",
     .product = PRODUCT_EXTRACTION,
     .schema = SCHEMA_NAMES},
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

/* ---- a catalog of one's own ---- */

struct catalog {
    struct model models[MODELS + 1];
    char *specs[SPECS_MAX];
    size_t spec_count;
};

struct catalog *catalog_new(void)
{
    struct catalog *c = xcalloc(1, sizeof *c);
    memcpy(c->models, usual, sizeof usual);
    return c;
}

void catalog_free(struct catalog *c)
{
    for (size_t i = 0; c != NULL && i < c->spec_count; i++) {
        explicit_bzero(c->specs[i], strlen(c->specs[i]));
        free(c->specs[i]);
    }
    free(c);
}

/* http or https to a name or address of this machine, "http://[::1]:8080/webhook?token=x". */
static bool is_local_url(const char *url)
{
    static const char *const schemes[] = {"http://", "https://"};
    const char *host = NULL;
    for (size_t i = 0; i < 2; i++) {
        if (strncasecmp(url, schemes[i], strlen(schemes[i])) == 0)
            host = url + strlen(schemes[i]);
    }
    if (host == NULL || url[strcspn(url, " \t\r\n")] != 0)
        return false;
    size_t authority = strcspn(host, "/?#");
    if (memchr(host, '@', authority) != NULL)
        return false;
    if (strncmp(host, "[::1]", 5) == 0)
        return authority == 5 || host[5] == ':';
    size_t len = strcspn(host, ":/?#");
    return (len == 9 && strncasecmp(host, "localhost", len) == 0) ||
           (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == len);
}

/* The webhook of that id, a new one if need be; NULL if there is no place for it. */
static struct model_webhook *place_for(struct catalog *c, const char *id)
{
    for (struct model *m = c->models; m->id != NULL; m++) {
        int place = model_webhook_find(m, id);
        if (place >= 0)
            return &m->webhooks[place];
    }
    struct model *first = c->models;
    if (first->webhook_count == MODEL_WEBHOOKS_MAX)
        return NULL;
    struct model_webhook *hook = &first->webhooks[first->webhook_count++];
    *hook = (struct model_webhook){.id = id, .name = "Added"};
    return hook;
}

int catalog_add_webhook(struct catalog *c, const char *spec, struct error *e)
{
    const char *shape =
        "ID=URL,SECRET with a UUID of version 4 and an http or https URL on this machine";
    if (c->spec_count == SPECS_MAX)
        return error_set(e, ERR_USAGE, "more than %d webhooks", SPECS_MAX);
    char *id = xstrdup(spec), *url = strchr(id, '='), *secret = strrchr(id, ',');
    if (url != NULL)
        *url++ = 0;
    if (secret != NULL)
        *secret++ = 0;
    struct model_webhook *hook = NULL;
    if (url == NULL || secret == NULL || secret < url || *secret == 0 || !text_is_uuid4(id) ||
        !is_local_url(url))
        error_set(e, ERR_USAGE, "'%s' is no webhook: it is %s", text_show(id), shape);
    else if ((hook = place_for(c, id)) == NULL)
        error_set(e, ERR_USAGE, "a model has %d webhooks at most", MODEL_WEBHOOKS_MAX);
    if (hook == NULL) {
        free(id);
        return e->code;
    }
    hook->url = url;
    hook->secret = secret;
    c->specs[c->spec_count++] = id;
    return 0;
}

bool catalog_delivers(const struct catalog *c)
{
    return c != NULL && c->spec_count > 0;
}

/* ---- looking up ---- */

const struct model *catalog_models(const struct catalog *c)
{
    return c != NULL ? c->models : usual;
}

const struct model *catalog_find(const struct catalog *c, const char *id)
{
    for (const struct model *m = catalog_models(c); m->id != NULL; m++) {
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

void catalog_search(const struct catalog *c, struct buffer *out, const char *name, const char *type,
                    int page, int per_page)
{
    int found = 0, all = 0, first = (page - 1) * per_page;
    buffer_put(out, "{\"models\":[");
    for (const struct model *m = catalog_models(c); m->id != NULL; m++) {
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
