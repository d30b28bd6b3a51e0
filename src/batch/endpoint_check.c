/* See endpoint_check.h. */
#include "batch/endpoint_check.h"

#include "base/log.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

struct endpoint_check {
    struct run_context *context;
    struct ending *ending;
    struct pace *pace;
    bool made;
    struct mono began;
    int out;
};

struct endpoint_check *endpoint_check_new(struct run_context *c, struct ending *ending,
                                          struct pace *pace)
{
    struct endpoint_check *k = xcalloc(1, sizeof *k);
    k->context = c;
    k->ending = ending;
    k->pace = pace;
    return k;
}

void endpoint_check_free(struct endpoint_check *k)
{
    free(k);
}

/* The URL's path without its query: a secret may stand there. */
static char *path_of_url(const char *url)
{
    const char *host = strstr(url, "://");
    const char *path = host ? strchr(host + 3, '/') : NULL;
    char *only = xstrdup(path ? path : "/");
    only[strcspn(only, "?#")] = '\0';
    return only;
}

static void check_endpoint(const struct endpoint_check *k, const struct mindee_model *m,
                           const char *id)
{
    const char *ours = k->context->options->webhook.path;
    for (size_t i = 0; i < m->webhook_count; i++) {
        if (strcasecmp(m->webhooks[i].id, id) != 0)
            continue;
        char *theirs = path_of_url(m->webhooks[i].url);
        if (strcmp(theirs, ours) != 0)
            LOG(LOG_WARNING, "webhook.other_path", LOG_STR("endpoint", id),
                LOG_STR("its_path", theirs), LOG_STR("ours", ours),
                LOG_STR("what", "fine if a proxy in front changes the path"));
        free(theirs);
        return;
    }
    LOG(LOG_WARNING, "webhook.unknown_endpoint", LOG_STR("endpoint", id), LOG_STR("model", m->name),
        LOG_STR("what", "the model has no such webhook: `mindee-batch models` lists them"));
}

static void check_model(const struct endpoint_check *k, const struct mindee_model *m)
{
    char *ids = xstrdup(k->context->options->request.webhook_ids), *rest = ids;
    for (char *id = strsep(&rest, ","); id; id = strsep(&rest, ","))
        check_endpoint(k, m, id);
    free(ids);
}

static void models_cb(void *ctx, const struct mindee_response *r)
{
    struct endpoint_check *k = ctx;
    k->out--;
    pace_answered(k->pace, PACE_GET, r);
    meter_answer(k->context->options->meter, METER_MODELS, r,
                 mono_diff(clock_mono(k->context->clock), k->began), true);
    for (size_t i = 0; ending_life(k->ending) != RUN_CLOSING && i < r->model_count; i++)
        if (strcasecmp(r->models[i].id, k->context->options->request.model_id) == 0)
            check_model(k, &r->models[i]);
    run_poke(k->context);
}

bool endpoint_check_is_due(const struct endpoint_check *k)
{
    return k->context->options->webhook.listen && !k->made;
}

void endpoint_check_send(struct endpoint_check *k, struct mono now)
{
    enum mindee_product product = k->context->options->request.product;
    k->made = true;
    k->began = now;
    k->out++;
    pace_take(k->pace, PACE_GET, now);
    mindee_search_models(k->context->client, NULL, mindee_product_names[product], 1, models_cb, k);
}

int endpoint_check_out(const struct endpoint_check *k)
{
    return k->out;
}
