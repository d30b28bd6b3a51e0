/* See served_batches.h. Everything is read once here only to know that it can be: the options of a
 * batch are read again at each run's start, so that a directory or a key's file may come and go
 * between. */
#include "service/served_batches.h"
#include "base/log.h"
#include "config/schedule_options.h"
#include "ledger/sent_settings.h"
#include "notify/notifier.h"

#include <stdlib.h>
#include <string.h>

static int wrong(const struct served_entry *entry, struct error_list *errors, const char *text)
{
    if (*entry->name)
        return error_list_add(errors, ERR_USAGE, "batch %s: %s", entry->name, text);
    return error_list_add(errors, ERR_USAGE, "%s", text);
}

/* A directory that can't be looked at for now is no mistake: it is waited for (served_batch.c), and
 * all else is checked. */
static int check_options(const struct served_entry *entry, struct error_list *errors)
{
    struct batch_options o;
    struct error e;
    int read = batch_options_read(&o, entry->config, NULL, 0, true, &e);
    if (read == ERR_PASSING)
        read = batch_options_read_receiving(&o, entry->config, &e);
    if (read < 0)
        return wrong(entry, errors, e.text);
    struct notifier_options notifier;
    int rc = 0;
    if (notifier_options_read(&notifier, entry->config, entry->name, o.output, &e) < 0)
        rc = wrong(entry, errors, e.text);
    if (!o.request.model_id)
        rc = wrong(entry, errors,
                   "no model is named: set api.model_id; `mindee-batch models` lists the key's");
    batch_options_release(&o);
    return rc;
}

static int read_entry(struct served_entry *entry, struct error_list *errors)
{
    struct config *c = entry->config;
    const struct settings *s = config_settings(c);
    struct error e;
    bool webhooks = config_webhook_listen(c) != NULL;
    if (schedule_read(&entry->calendar, c, &e) < 0)
        return wrong(entry, errors, e.text);
    entry->catch_up_ms = s->schedule.catch_up;
    entry->forecast_ms = s->schedule.forecast;
    entry->late = s->schedule.late;
    entry->skip_overlap = s->schedule.overlap == OVERLAP_SKIP;
    entry->watch = s->watch.enabled;
    entry->stays = entry->watch || (webhooks && !entry->calendar);
    int rc = 0;
    if (!config_is_set(c, SETTING(input.directory)))
        rc = wrong(entry, errors, "no documents are named: set input.directory");
    if (!entry->calendar && !entry->stays)
        rc = wrong(entry, errors,
                   "there is nothing to stay for: set schedule.when (runs on certain days), "
                   "watch.enabled (files taken as they arrive), or webhook.listen (webhook.listen "
                   "is off); or use `mindee-batch run`, which ends");
    return rc == 0 ? check_options(entry, errors) : rc;
}

int served_batches_read(struct served_batches **out, struct config *config,
                        struct error_list *errors)
{
    struct served_batches *r = xcalloc(1, sizeof *r);
    size_t named = config_batch_count(config);
    int worst = 0;
    r->config = config;
    r->count = named ? named : 1;
    r->entries = xcalloc(r->count, sizeof *r->entries);
    for (size_t i = 0; i < r->count; i++) {
        struct served_entry *entry = &r->entries[i];
        entry->name = named ? config_batch_name(config, i) : "";
        entry->config = named ? config_batch(config, i) : config;
        int rc = read_entry(entry, errors);
        worst = rc < 0 ? rc : worst;
    }
    if (worst < 0) {
        served_batches_free(r);
        r = NULL;
    }
    *out = r;
    return worst;
}

void served_batches_free(struct served_batches *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->count; i++)
        calendar_free(r->entries[i].calendar);
    free(r->entries);
    config_free(r->config);
    free(r);
}

/* --- a reload --- */

/* What the ledger, the receiver or the log were opened with. All of them are texts. */
static const size_t fixed[] = {
    SETTING(api.key),
    SETTING(api.key_file),
    SETTING(api.base_url),
    SETTING(limits.state),
    SETTING(limits.group),
    SETTING(ledger.path),
    SETTING(output.directory),
    SETTING(webhook.listen),
    SETTING(webhook.path),
    SETTING(webhook.secret),
    SETTING(webhook.secret_file),
    SETTING(webhook.query_secret),
    SETTING(webhook.tls_cert),
    SETTING(webhook.tls_key),
    SETTING(http.listen),
    SETTING(http.tls_cert),
    SETTING(http.tls_key),
    SETTING(http.token_file),
    SETTING(metrics.file),
    SETTING(log.file),
    SETTING(log.format),
};

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static int keep_one(struct served_batches *next, struct served_entry *entry,
                    const struct served_entry *old, size_t option, struct error_list *errors)
{
    const char *was = config_value(old->config, option);
    if (same_text(was, config_value(entry->config, option)))
        return 0;
    LOG(LOG_WARNING, "serve.needs_restart", LOG_STR("batch", *entry->name ? entry->name : NULL),
        LOG_STR("option", config_name(option)),
        LOG_STR("next", "it stays as it was until the service starts again"));
    struct buffer text;
    buffer_init(&text, 0);
    buffer_printf(&text, "%s=%s", config_name(option), was ? was : "");
    int rc = config_set_batch(next->config, *entry->name ? entry->name : NULL, buffer_text(&text),
                              errors);
    buffer_release(&text);
    return rc;
}

/* 1: the ledger of this batch has documents that were paid for under PRODUCT and MODEL; 0: it
 * hasn't, or there is none yet. One that can't be read now is taken to have some: a reload that may
 * be wrong changes nothing. */
static bool has_documents_of(const struct batch_options *o, const char *product, const char *model)
{
    const struct ledger_options lo = {.path = o->ledger, .read_only = true, .clock = &system_clock};
    struct ledger *l;
    struct error e;
    int rc = ledger_open(&l, &lo, &e);
    if (rc < 0)
        return rc != ERR_NOT_FOUND;
    rc = ledger_model_in_use(l, product, model);
    ledger_close(l);
    return rc != 0;
}

/* A batch that was sent with one model isn't drained for another: it could never open again. */
static int check_model(const struct served_entry *next, const struct served_entry *current,
                       struct error_list *errors)
{
    struct batch_options was, now;
    struct error e;
    int rc = 0;
    if (batch_options_read_receiving(&was, current->config, &e) < 0)
        return 0; /* it isn't at work as it is */
    if (batch_options_read_receiving(&now, next->config, &e) < 0) {
        batch_options_release(&was);
        return wrong(next, errors, e.text);
    }
    const char *product = mindee_product_names[was.request.product];
    bool same = was.request.product == now.request.product &&
                same_text(was.request.model_id, now.request.model_id);
    if (!same && has_documents_of(&was, product, was.request.model_id ? was.request.model_id : ""))
        rc = wrong(next, errors,
                   "api.model_id or api.product is another one, and documents were sent with the "
                   "old one: give the new one an output.directory of its own (and restart), or go "
                   "back to the old one");
    batch_options_release(&now);
    batch_options_release(&was);
    return rc;
}

int served_batches_keep(struct served_batches *next, const struct served_batches *current,
                        struct error_list *errors)
{
    bool same = next->count == current->count;
    for (size_t i = 0; same && i < next->count; i++)
        same = strcmp(next->entries[i].name, current->entries[i].name) == 0;
    if (!same)
        return error_list_add(errors, ERR_USAGE,
                              "the file has other batches than before, or in another order: that "
                              "needs a restart of the service");
    for (size_t i = 0; i < next->count; i++)
        for (size_t k = 0; k < sizeof fixed / sizeof *fixed; k++) {
            int rc = keep_one(next, &next->entries[i], &current->entries[i], fixed[k], errors);
            if (rc < 0)
                return rc;
        }
    int worst = 0;
    for (size_t i = 0; i < next->count; i++) {
        int rc = check_model(&next->entries[i], &current->entries[i], errors);
        worst = rc < 0 ? rc : worst;
    }
    return worst;
}
