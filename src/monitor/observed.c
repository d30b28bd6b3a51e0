/* See observed.h. */
#include "monitor/observed.h"

#include "ledger/told.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

static void read_paths(struct looked_up *l, struct config *config)
{
    struct batch_options o;
    const struct settings *s = config_settings(config);
    l->hands_over = s->on_stored.url || s->on_stored.command;
    batch_options_of_ledger(&o, config);
    l->ledger = xstrdup(o.ledger);
    l->output = xstrdup(o.output);
    batch_options_release(&o);
}

void observer_init(struct observer *o, const struct batch_views *views, struct wall now)
{
    *o = (struct observer){.views = *views, .started = now};
    o->batches = xcalloc(views->count, sizeof *o->batches);
    for (size_t i = 0; i < views->count; i++) {
        struct batch_view v;
        views->view(views->ctx, i, &v);
        read_paths(&o->batches[i], v.config);
    }
}

void observer_release(struct observer *o)
{
    for (size_t i = 0; i < o->views.count; i++) {
        free(o->batches[i].ledger);
        free(o->batches[i].output);
    }
    free(o->batches);
}

/* ---- what the system and the ledger are asked for ---- */

static void add_file(int64_t *bytes, const char *path, const char *ending)
{
    struct stat st;
    char name[4096];
    int len = snprintf(name, sizeof name, "%s%s", path, ending);
    if (len > 0 && (size_t)len < sizeof name && stat(name, &st) == 0)
        *bytes += st.st_size;
}

static void see_disk(struct observer *o, const struct looked_up *l)
{
    struct statvfs fs;
    add_file(&o->ledger_bytes, l->ledger, "");
    add_file(&o->ledger_bytes, l->ledger, "-wal");
    if (statvfs(l->output, &fs) != 0)
        return;
    int64_t free_bytes = (int64_t)fs.f_bavail * (int64_t)fs.f_frsize;
    if (o->ledger_free_bytes < 0 || free_bytes < o->ledger_free_bytes)
        o->ledger_free_bytes = free_bytes;
}

/* A query that fails leaves what was known: the run itself meets the error, and says so. */
void observer_look(struct observer *o)
{
    o->ledger_bytes = 0;
    o->ledger_free_bytes = -1;
    process_facts_read(&o->process);
    for (size_t i = 0; i < o->views.count; i++) {
        struct looked_up *l = &o->batches[i];
        struct batch_view v;
        int64_t left;
        struct wall since;
        see_disk(o, l);
        o->views.view(o->views.ctx, i, &v);
        if (!v.batch)
            continue;
        struct ledger *ledger = batch_ledger(v.batch);
        if (l->hands_over && ledger_handover_left(ledger, &left) == 0)
            l->handover_left = left;
        if (ledger_queue_since(ledger, &since) == 0)
            l->queue_since = since;
    }
}

/* ---- a moment ---- */

static void add_webhooks(struct webhook_receiver_counts *to,
                         const struct webhook_receiver_counts *c)
{
    to->accepted += c->accepted;
    to->delivered += c->delivered;
    to->refused_signature += c->refused_signature;
    to->refused_path += c->refused_path;
    to->refused_method += c->refused_method;
    to->too_large += c->too_large;
    to->busy += c->busy;
    to->timed_out += c->timed_out;
}

static void see_webhooks(struct observed *seen, const struct batch_views *views)
{
    struct webhook_router *router = views->router(views->ctx);
    struct webhook_receiver_counts c;
    seen->takes_webhooks = seen->takes_webhooks || router;
    if (!router)
        return;
    webhook_router_counts(router, &c);
    add_webhooks(&seen->webhooks, &c);
    if (!webhook_router_certificate(router, &seen->certificate_ends))
        seen->certificate_ends = (struct wall){0};
}

/* All batches share the limits: who was at work last knows best how much of them is used. */
static void see_limits(struct observer *o, const struct batch_snapshot *s, bool open)
{
    for (int k = 0; s->known && k < 2; k++) {
        const struct pace_measure *m = &s->limits[k];
        struct pace_measure *out = &o->limits[k];
        bool first = !o->limits_known;
        out->limit = m->limit;
        out->rate = first || m->rate < out->rate ? m->rate : out->rate;
        out->used = open && m->used > out->used ? m->used : out->used;
    }
    o->limits_known = o->limits_known || s->known;
}

static void see_batch(struct observer *o, struct observed *seen, size_t i)
{
    struct observed_batch *b = &seen->batches[i];
    o->views.view(o->views.ctx, i, &b->view);
    b->slow = &o->batches[i];
    if (b->view.batch)
        batch_snapshot(b->view.batch, &b->now);
    else
        b->now = *b->view.last;
    o->batches[i].pauses_seen |= b->view.at_work ? b->now.progress.pauses : 0;
    see_limits(o, &b->now, b->view.batch != NULL);
    seen->orphans += b->view.meter->orphans;
    if (b->view.meter->had_webhooks) {
        add_webhooks(&seen->webhooks, &b->view.meter->webhooks);
        seen->takes_webhooks = true;
    }
}

void observe(struct observer *o, struct observed *out, struct wall now)
{
    *out = (struct observed){.observer = o, .count = o->views.count, .now = now};
    out->batches = xcalloc(o->views.count, sizeof *out->batches);
    o->limits_known = false;
    o->limits[0].used = o->limits[1].used = 0;
    for (size_t i = 0; i < o->views.count; i++)
        see_batch(o, out, i);
    out->stopping = o->views.stopping(o->views.ctx);
    see_webhooks(out, &o->views);
    process_facts_cpu(&o->process);
}

void observed_release(struct observed *seen)
{
    free(seen->batches);
}
