/* catalog.h - the five products, and the models that the sandbox's key may use. */
#ifndef MB_SANDBOX_CATALOG_H
#define MB_SANDBOX_CATALOG_H

#include "base/buffer.h"

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

enum { MODEL_WEBHOOKS_MAX = 2 };

struct model_webhook {
    const char *id, *name, *url;
};

struct model {
    const char *id, *name;
    enum product product;
    struct model_webhook webhooks[MODEL_WEBHOOKS_MAX];
    int webhook_count;
};

/* By id, whatever its case; NULL if unknown. */
const struct model *catalog_find(const char *id);
/* All of them; the list ends with one whose id is NULL. */
const struct model *catalog_models(void);
/* The place of a webhook's id among the model's, or -1. */
int model_webhook_find(const struct model *m, const char *id);

/* The answer of GET /v2/search/models. NAME (part of it, whatever its case) and TYPE may be NULL or
 * ""; PAGE counts from 1. */
void catalog_search(struct buffer *out, const char *name, const char *type, int page, int per_page);

#endif
