/* What one option alone can't tell: options that contradict each other,
 * a key that would travel in clear. */
#include "base/text.h"
#include "config/layers.h"
#include "config/url.h"

#include <inttypes.h>
#include <string.h>

static int check_key(const struct config *c, struct error_list *errors)
{
    const struct setting *key = setting_named(c, "api.key"),
                         *file = setting_named(c, "api.key_file");
    if (!key->value.present || !file->value.present || key->layer != file->layer)
        return 0;
    return error_list_add(errors, ERR_USAGE,
                          "api.key (%s) and api.key_file (%s): give one of them, not both",
                          key->origin, file->origin);
}

static int check_base_url(const struct config *c, struct error_list *errors)
{
    const struct setting *s = setting_named(c, "api.base_url");
    struct url url;
    char shown[URL_SHOWN_MAX];
    const char *where = config_origin(c, SETTING(api.base_url));
    REQUIRE(url_parse(s->value.text, &url) == 0);
    if (url.credentials || url.query_fragment)
        return error_list_add(
            errors, ERR_USAGE,
            "%s: api.base_url: must be https://host alone, without user, password, ? or #", where);
    if (!url.https && !url_is_loopback(&url))
        return error_list_add(errors, ERR_USAGE,
                              "%s: api.base_url: %s would send the API key unencrypted; use https "
                              "(http is accepted for loopback addresses alone)",
                              where, url_show(s->value.text, shown));
    return 0;
}

/* A share of a limit that rounds to nothing would stop everything, or lift the limit. */
static int check_share(const struct config *c, size_t limit, int64_t n, struct error_list *errors)
{
    double share = config_settings(c)->limits.share;
    if (n == 0 || (double)n * share >= 100)
        return 0;
    return error_list_add(errors, ERR_USAGE,
                          "%s: limits.share: %g%% of %s = %" PRId64 " is less than one a minute",
                          config_origin(c, SETTING(limits.share)), share, config_name(limit), n);
}

static int check_retry(const struct config *c, struct error_list *errors)
{
    const struct settings *s = config_settings(c);
    if (s->retry.first_delay <= s->retry.max_delay)
        return 0;
    return error_list_add(
        errors, ERR_USAGE, "retry.first_delay (%s) is longer than retry.max_delay (%s)",
        config_origin(c, SETTING(retry.first_delay)), config_origin(c, SETTING(retry.max_delay)));
}

/* Mindee knows these with extraction alone. */
static int check_request(const struct config *c, struct error_list *errors)
{
    static const size_t options[] = {
        SETTING(request.rag),          SETTING(request.raw_text),
        SETTING(request.polygon),      SETTING(request.confidence),
        SETTING(request.text_context), SETTING(request.data_schema_file)};
    int rc = 0;
    if (config_settings(c)->api.product == MINDEE_EXTRACTION)
        return 0;
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (config_is_set(c, options[i]))
            rc = error_list_add(
                errors, ERR_USAGE,
                "%s: %s: only extraction takes this; api.product is %s (leave one of them out)",
                config_origin(c, options[i]), config_name(options[i]),
                config_value(c, SETTING(api.product)));
    return rc;
}

static int check_pair(const struct config *c, size_t cert, size_t key, struct error_list *errors)
{
    size_t given = config_is_set(c, cert) ? cert : key, missing = given == cert ? key : cert;
    if (config_is_set(c, cert) == config_is_set(c, key))
        return 0;
    return error_list_add(errors, ERR_USAGE, "%s: %s is set, but not %s: give both, or neither",
                          config_origin(c, given), config_name(given), config_name(missing));
}

static int check_webhook(const struct config *c, struct error_list *errors)
{
    const char *path = config_settings(c)->webhook.path;
    int rc = 0;
    if (path[0] != '/' || strpbrk(path, "?# "))
        rc = error_list_add(errors, ERR_USAGE,
                            "%s: webhook.path: must be a path alone, as in /webhook: \"%s\" isn't",
                            config_origin(c, SETTING(webhook.path)), text_show(path));
    int pair = check_pair(c, SETTING(webhook.tls_cert), SETTING(webhook.tls_key), errors);
    rc = rc < 0 ? rc : pair;
    if (config_webhook_listen(c) && !config_is_set(c, SETTING(webhook.secret)) &&
        !config_is_set(c, SETTING(webhook.secret_file)))
        rc = error_list_add(errors, ERR_USAGE,
                            "%s: webhook.listen needs the webhook's signing secret: set "
                            "webhook.secret_file (or webhook.secret)",
                            config_origin(c, SETTING(webhook.listen)));
    return rc;
}

/* What may differ by batch: of each that runs. */
static int check_run(const struct config *c, struct error_list *errors)
{
    int request = check_request(c, errors), retry = check_retry(c, errors);
    return request < 0 ? request : retry;
}

/* What two batches have from the plain sections is said once. */
static int check_batches(const struct config *c, struct error_list *errors)
{
    int rc = config_batches_check(c, errors);
    for (size_t i = 0; i < c->batch_count; i++) {
        struct error_list of_batch;
        error_list_init(&of_batch);
        int checked = check_run(c->batches[i], &of_batch);
        rc = rc < 0 ? rc : checked;
        for (size_t k = 0; k < of_batch.count; k++)
            error_list_add_once(errors, &of_batch.errors[k]);
        error_list_release(&of_batch);
    }
    return rc;
}

int config_check(const struct config *c, struct error_list *errors)
{
    const struct settings *s = config_settings(c);
    int results[] = {
        check_key(c, errors),
        check_base_url(c, errors),
        c->batch_count ? check_batches(c, errors) : check_run(c, errors),
        check_share(c, SETTING(limits.post_per_minute), s->limits.post_per_minute, errors),
        check_share(c, SETTING(limits.get_per_minute), s->limits.get_per_minute, errors),
        check_pair(c, SETTING(http.tls_cert), SETTING(http.tls_key), errors),
        check_webhook(c, errors)};
    for (size_t i = 0; i < sizeof results / sizeof *results; i++)
        if (results[i] < 0)
            return results[i];
    return 0;
}
