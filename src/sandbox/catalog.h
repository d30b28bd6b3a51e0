/* catalog.h - the five products, and the models that the sandbox's key may use,
 * each with its webhooks.
 *
 *   c = catalog_new();
 *   catalog_add_webhook(c, "ID=http://127.0.0.1:1/hook,secret", &e)   ID is a UUID4
 *
 * Wherever a catalog is asked for, NULL stands for the usual one, whose webhooks nobody calls. */
#ifndef MB_SANDBOX_CATALOG_H
#define MB_SANDBOX_CATALOG_H

#include "base/buffer.h"
#include "base/error.h"

#include <stdbool.h>

enum product {
    PRODUCT_EXTRACTION,
    PRODUCT_CLASSIFICATION,
    PRODUCT_CROP,
    PRODUCT_SPLIT,
    PRODUCT_OCR,
    PRODUCT_COUNT,
};

/* As in paths and in model_type: "extraction". */
const char *product_name(enum product p);
/* By LEN bytes of NAME; false if there is none. */
bool product_find(const char *name, size_t len, enum product *out);

enum { MODEL_WEBHOOKS_MAX = 8 };

struct model_webhook {
    const char *id, *name, *url;
    const char *secret; /* what deliveries are signed with; NULL: nothing is delivered */
};

/* What an extraction finds. */
enum model_schema {
    SCHEMA_INVOICE,
    SCHEMA_NESTED, /* one's own: objects and lists within each other */
    SCHEMA_NAMES,  /* fields that are called as what a field consists of */
};

struct model {
    const char *id, *name;
    enum product product;
    enum model_schema schema;
    const char *extracts; /* the model that each part found is given to (a chain); NULL: none */
    struct model_webhook webhooks[MODEL_WEBHOOKS_MAX];
    int webhook_count;
};

struct catalog;

struct catalog *catalog_new(void);
void catalog_free(struct catalog *c); /* NULL is fine */
/* SPEC is ID=URL,SECRET: the webhook of that id is delivered to URL from now on; one that isn't
 * there yet becomes the first model's. 0 or ERR_USAGE. */
MUST_CHECK int catalog_add_webhook(struct catalog *c, const char *spec, struct error *e);
bool catalog_delivers(const struct catalog *c); /* whether any webhook has a secret */

/* By id, whatever its case; NULL if unknown. */
const struct model *catalog_find(const struct catalog *c, const char *id);
/* All of them; the list ends with one whose id is NULL. */
const struct model *catalog_models(const struct catalog *c);
/* The place of a webhook's id among the model's, or -1. */
int model_webhook_find(const struct model *m, const char *id);

/* The answer of GET /v2/search/models. NAME (part of it, whatever its case) and TYPE may be NULL or
 * ""; PAGE counts from 1. */
void catalog_search(const struct catalog *c, struct buffer *out, const char *name, const char *type,
                    int page, int per_page);

#endif
