/* See monitored_run.h. */
#include "cli/monitored_run.h"

#include "monitor/monitor.h"

#include <stdlib.h>
#include <string.h>

/* A batch of this command, over all of its runs. */
struct entry {
    struct batch_meter meter;
    struct batch_snapshot last;
    struct wall began;
    int exit_code;
};

/* Of the process: it outlives each run. */
static struct {
    struct entry *entries; /* in the order of the configuration's batches; NULL: none began */
} known;

struct monitored_run {
    const struct command_line *cl;
    struct config *whole;
    size_t current; /* the batch that this run is of */
    struct batch *batch;
    bool ended, stopping;
    struct monitor *monitor;
};

static size_t count_of(const struct config *whole)
{
    size_t named = config_batch_count(whole);
    return named ? named : 1;
}

static const char *name_of(const struct monitored_run *m, size_t i)
{
    if (config_batch_count(m->whole))
        return config_batch_name(m->whole, i);
    return m->cl->batch ? m->cl->batch : ""; /* --batch: that one alone */
}

static void view_cb(void *ctx, size_t i, struct batch_view *out)
{
    const struct monitored_run *m = ctx;
    const struct entry *entry = &known.entries[i];
    bool named = config_batch_count(m->whole) > 0;
    *out = (struct batch_view){.name = name_of(m, i),
                               .config = named ? config_batch(m->whole, i) : m->whole,
                               .batch = i == m->current ? m->batch : NULL,
                               .at_work = i == m->current && m->batch && !m->ended,
                               .meter = &entry->meter,
                               .last = &entry->last,
                               .trouble = "",
                               .last_run = entry->began,
                               .last_exit = entry->exit_code};
}

static bool stopping_cb(void *ctx)
{
    const struct monitored_run *m = ctx;
    return m->stopping;
}

static struct webhook_router *router_cb(void *ctx)
{
    const struct monitored_run *m = ctx;
    return m->batch ? batch_webhook_router(m->batch) : NULL;
}

static void know_all(size_t count)
{
    if (known.entries)
        return;
    known.entries = xcalloc(count, sizeof *known.entries);
    for (size_t i = 0; i < count; i++)
        known.entries[i].exit_code = -1;
}

int monitored_run_new(struct monitored_run **out, const struct command_line *cl, struct loop *loop,
                      struct error *e)
{
    struct monitored_run *m = xcalloc(1, sizeof *m);
    *out = NULL;
    m->cl = cl;
    m->whole = cl->whole ? cl->whole : cl->config;
    size_t count = count_of(m->whole);
    for (size_t i = 0; i < count; i++)
        if (strcmp(name_of(m, i), cl->batch ? cl->batch : "") == 0)
            m->current = i;
    know_all(count);
    struct monitor_options options;
    monitor_options_read(&options, m->whole);
    const struct batch_views views = {
        .count = count, .view = view_cb, .stopping = stopping_cb, .router = router_cb, .ctx = m};
    int rc = monitor_new(&m->monitor, loop, &options, &views, e);
    if (rc < 0 || !m->monitor) {
        free(m);
        return rc;
    }
    *out = m;
    return 0;
}

struct batch_meter *monitored_run_meter(struct monitored_run *m)
{
    return m ? &known.entries[m->current].meter : NULL;
}

void monitored_run_begins(struct monitored_run *m, struct batch *batch)
{
    if (!m)
        return;
    m->batch = batch;
    known.entries[m->current].began = clock_wall(&system_clock);
}

void monitored_run_stops(struct monitored_run *m)
{
    if (m)
        m->stopping = true;
}

void monitored_run_end(struct monitored_run *m, int exit_code)
{
    if (!m || !m->monitor)
        return;
    struct monitor *monitor = m->monitor;
    m->monitor = NULL;
    m->ended = true;
    known.entries[m->current].exit_code = exit_code;
    monitor_close(monitor, NULL, NULL);
}

void monitored_run_free(struct monitored_run *m)
{
    if (m && m->batch)
        batch_snapshot(m->batch, &known.entries[m->current].last);
    free(m);
}
