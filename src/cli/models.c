/* mindee-batch models: what a key can use. Its GETs count against the organisation's limit like any
 * others, so they take a lease of the limiter's memory too. */
#include "cli/models.h"
#include "base/text.h"
#include "batch/batch.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "limits/limit_state.h"

#include <stdio.h>
#include <string.h>

enum { MOST_PAGES = 100 };

struct listing {
    struct loop *loop;
    struct loop_timer *timer; /* waits for the limit */
    const struct batch_options *options;
    struct mindee_client *client;
    struct limit_state *state;
    struct limiter post, get;
    const char *type; /* NULL: all */
    FILE *out;
    int page, code, listed;
};

static void close_listing(struct listing *l)
{
    loop_timer_close(l->timer);
    mindee_client_close(l->client, NULL, NULL);
}

static void print_model(struct listing *l, const struct mindee_model *m)
{
    fprintf(l->out, "  %s  %-16s %s\n", text_show(m->id), text_show(m->type), text_show(m->name));
    for (size_t i = 0; i < m->webhook_count; i++)
        fprintf(l->out, "      webhook %s  %s  %s\n", text_show(m->webhooks[i].id),
                text_show(m->webhooks[i].name), text_show(m->webhooks[i].url));
    l->listed++;
}

static void models_cb(void *ctx, const struct mindee_response *r)
{
    struct listing *l = ctx;
    struct mono now = loop_now(l->loop);
    if (r->on_wire && r->status)
        limiter_done(&l->get, now);
    else if (r->on_wire)
        limiter_lost(&l->get, now);
    else
        limiter_untaken(&l->get, now);
    if (r->status != 200 || r->fault != MINDEE_OK) {
        l->code = complain(r->status >= 401 && r->status <= 403 ? EXIT_REFUSED : EXIT_RESUMABLE,
                           "the key's models can't be listed: %s", r->text);
        close_listing(l);
        return;
    }
    for (size_t i = 0; i < r->model_count; i++)
        print_model(l, &r->models[i]);
    if (l->page < r->total_pages && l->page < MOST_PAGES) {
        l->page++;
        loop_timer_set(l->timer, now);
    } else {
        close_listing(l);
    }
}

static void ask_cb(void *ctx)
{
    struct listing *l = ctx;
    struct mono now = loop_now(l->loop);
    struct error e;
    if (l->state && limiter_needs_lease(&l->get, now) &&
        limit_state_lease(l->state, now, 0, 1, &l->post, &l->get, &e) < 0) {
        l->code = complain(EXIT_RESUMABLE, "what was sent lately (limits.state): %s", e.text);
        close_listing(l);
        return;
    }
    struct mono at = limiter_next(&l->get, now);
    if (!mono_reached(now, at) || (l->state && limiter_needs_lease(&l->get, now))) {
        loop_timer_set(l->timer, mono_add(now, LIMIT_LEASE_MS));
        return;
    }
    limiter_take(&l->get, now);
    mindee_search_models(l->client, NULL, l->type, l->page, models_cb, l);
}

static int list_models(struct loop *loop, const struct batch_options *o, const char *type,
                       FILE *out)
{
    struct listing l = {.loop = loop, .options = o, .type = type, .out = out, .page = 1};
    struct mono now = loop_now(loop);
    char text[MINDEE_TEXT_MAX], boot_id[40];
    struct error e;
    clock_boot_id(boot_id);
    limiter_init(&l.post, o->post_per_minute, PACE_WINDOW, now);
    limiter_init(&l.get, o->get_per_minute, PACE_WINDOW, now);
    if (o->get_per_minute) {
        if (limit_state_open(&l.state, o->limit_state, o->origin, batch_limit_owner(o), boot_id,
                             now, &e) < 0)
            return complain(EXIT_USAGE, "what was sent lately (limits.state): %s", e.text);
        limiter_lease(&l.get, 0, now);
    }
    if (mindee_client_new(&l.client, loop_uv(loop), &o->api, text, sizeof text) != 0) {
        l.code = complain(EXIT_USAGE, "%s", text);
    } else {
        l.timer = loop_timer_new(loop, ask_cb, &l);
        loop_timer_set(l.timer, now);
        loop_run(loop);
        if (l.code == 0 && l.listed == 0)
            fprintf(out, "  (none: make one on the Mindee platform)\n");
    }
    if (l.state)
        limit_state_close(l.state, loop_now(loop), &l.post, &l.get);
    return l.code;
}

int models_suggest(struct loop *loop, const struct batch_options *o)
{
    const char *product = mindee_product_names[o->request.product];
    complain(0, "no model is named: set api.model_id to one of this key's models for %s:", product);
    int code = list_models(loop, o, product, stderr);
    return code == EXIT_REFUSED ? code : EXIT_USAGE;
}

static int models(const struct command_line *cl)
{
    struct batch_options o;
    struct error e;
    if (batch_options_read(&o, cl->config, NULL, 0, true, &e) < 0)
        return complain(EXIT_USAGE, "%s", e.text);
    struct loop *loop = loop_new(&system_clock);
    int code = list_models(loop, &o, NULL, stdout);
    loop_free(loop);
    batch_options_release(&o);
    return code;
}

const struct command models_command = {
    .name = "models",
    .arguments = "",
    .summary = "models and webhooks of the key",
    .help = "",
    .example = "",
    .run = models,
};
