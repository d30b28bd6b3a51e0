/* See served_batch_run.h. */
#include "service/served_batch_run.h"
#include "base/crash_point.h"
#include "base/log.h"

#include <stdlib.h>
#include <string.h>

static void ended_cb(void *ctx)
{
    struct served_batch *d = ctx;
    d->ended = true;
    d->host->poke(d->host->ctx);
}

static int open_word(struct served_batch *d, struct error *e)
{
    if (d->word && !d->notifier_is_old)
        return 0;
    int rc = batch_notifier_open(&d->word, d->host->loop, d->entry, d->options.output,
                                 d->host->poke, d->host->ctx, e);
    if (rc == 0)
        d->notifier_is_old = false;
    return rc;
}

int served_batch_open(struct served_batch *d, struct error *e)
{
    struct batch_options *o = &d->options;
    int rc = batch_options_read(o, d->entry->config, NULL, 0, true, e);
    if (rc < 0)
        return rc;
    o->webhook_router = d->host->webhook_router;
    o->seed = d->host->seed;
    o->stay = o->serving = true;
    notifier_detach(served_batch_notifier(d)); /* it may have had the ledger between the runs */
    rc = open_word(d, e);
    if (rc == 0)
        rc = batch_new(&d->batch, d->host->loop, o, e);
    if (rc < 0) {
        d->batch = NULL;
        batch_options_release(o);
    } else {
        d->running_on = d->entry;
    }
    return rc;
}

/* What is left to be told is told from the ledger, which is free then. */
void served_batch_close(struct served_batch *d)
{
    struct ledger *l = batch_ledger(d->batch);
    char *path = xstrdup(d->options.ledger);
    notifier_detach(served_batch_notifier(d));
    if (ledger_dirty(l) && ledger_commit(l) < 0) /* how far handovers are: they may come twice */
        LOG(LOG_WARNING, "serve.unrecorded", LOG_STR("batch", served_batch_name(d)),
            LOG_STR("cause", ledger_error(l)->text));
    batch_free(d->batch);
    d->batch = NULL;
    batch_options_release(&d->options);
    d->running_on = NULL;
    d->ended = false;
    if (d->state != SERVED_OVER && !d->stopping)
        notifier_go_on(served_batch_notifier(d), path);
    free(path);
}

static int last_cutoff(void *ctx, const struct ledger_period *p)
{
    struct wall *last = ctx;
    if (p->state <= PERIOD_COVERED && p->due_at.ms > last->ms)
        *last = p->due_at;
    return 0;
}

static int prepare_cutoff(struct served_batch *d, bool scheduled)
{
    struct cutoff *c = &d->cutoff;
    struct wall last = {0};
    *c = (struct cutoff){.calendar = d->entry->calendar,
                         .late = d->entry->late,
                         .clock = loop_clock(d->host->loop),
                         .due = scheduled ? &d->due : NULL};
    int rc = ledger_periods(batch_ledger(d->batch), last_cutoff, &last);
    c->from = last.ms ? (struct wall){last.ms + 1} : served_batch_wall(d);
    if (d->entry->calendar) {
        d->options.period_of = cutoff_period_of;
        d->options.period_ctx = c;
    }
    return rc;
}

void served_batch_start(struct served_batch *d, bool scheduled)
{
    char stamp[WALL_TEXT_MAX];
    d->state = scheduled ? SERVED_RUNNING : SERVED_STAYING;
    d->options.stay = !scheduled;
    d->said[0] = '\0';
    d->began_at = served_batch_wall(d);
    memset(&d->reported, 0, sizeof d->reported);
    LOG(LOG_INFO, "run.start", LOG_STR("batch", served_batch_name(d)),
        LOG_STR("period", scheduled ? d->due.period : NULL),
        LOG_STR("rule", scheduled ? d->due.rule : NULL),
        LOG_STR("due", scheduled ? wall_format(d->due.at, stamp) : NULL),
        LOG_STR("goes_on", scheduled && d->due.resumed ? "yes" : NULL),
        LOG_STR("output", d->options.output), LOG_STR("server", d->options.origin));
    batch_start(d->batch, ended_cb, d);
}

/* The batch is open: what is due, if anything is, has its row from here on. */
int served_batch_take(struct served_batch *d, bool *scheduled, struct error *e)
{
    struct ledger *l = batch_ledger(d->batch);
    struct agenda a = served_batch_agenda(d);
    struct due due;
    served_batch_looked(d, served_batch_wall(d));
    int n = agenda_take(&a, l, d->looked_at, &due);
    if (n >= 0 && ledger_dirty(l) && ledger_commit(l) < 0)
        n = ledger_error(l)->code;
    CRASH_POINT("period_begun");
    *scheduled = n == 1;
    if (n == 1) {
        bool same = strcmp(d->due.rule, due.rule) == 0 && strcmp(d->due.period, due.period) == 0;
        d->resumes = same ? d->resumes : 0;
        d->due = due;
    } else if (n == 0) {
        d->waited_from = (struct wall){0};
    }
    int rc = n < 0 ? n : prepare_cutoff(d, n == 1);
    if (rc < 0) {
        *e = *ledger_error(l);
        return rc;
    }
    /* also where there is nothing to run: what was left to tell is told then */
    rc = notifier_attach(served_batch_notifier(d), l, n == 1 ? d->due.period : NULL, e);
    if (rc == 0 && served_batch_notifier(d))
        batch_on_commit(d->batch, notifier_committed, served_batch_notifier(d));
    return rc;
}
