/* See own_settings.h. The options were written by options.c. */
#include "batch/own_settings.h"

#include "base/text.h"
#include "ledger/sent_settings.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

static int flag(const cJSON *options, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(options, name);
    return cJSON_IsBool(item) ? cJSON_IsTrue(item) : -1;
}

static char *text(const cJSON *options, const char *name)
{
    const char *value = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(options, name));
    return value ? xstrdup(value) : NULL;
}

static bool find_product(const char *name, enum mindee_product *product)
{
    for (int i = 0; mindee_product_names[i]; i++)
        if (strcmp(mindee_product_names[i], name) == 0) {
            *product = (enum mindee_product)i;
            return true;
        }
    return false;
}

int own_settings_use(struct batch_options *o, const struct ledger_settings *s, struct error *e)
{
    struct mindee_enqueue *r = &o->request;
    cJSON *options = cJSON_Parse(s->options);
    if (!cJSON_IsObject(options) || !find_product(s->product, &r->product)) {
        cJSON_Delete(options);
        return error_set(e, ERR_DAMAGED, "%s: %s isn't the settings of a document",
                         text_show(o->ledger), text_show(s->options));
    }
    free(o->own.model);
    free(o->own.text_context);
    free(o->own.data_schema);
    free(o->request_json);
    r->model_id = o->own.model = xstrdup(s->model_id);
    r->rag = flag(options, "rag");
    r->raw_text = flag(options, "raw_text");
    r->polygon = flag(options, "polygon");
    r->confidence = flag(options, "confidence");
    r->text_context = o->own.text_context = text(options, "text_context");
    r->data_schema = o->own.data_schema = text(options, "data_schema");
    o->request_json = xstrdup(s->options);
    cJSON_Delete(options);
    return 0;
}
