/* See served_batch_run.h. */
#include "service/served_batch_run.h"
#include "base/crash_point.h"
#include "base/log.h"
#include "ledger/periods.h"
#include "ledger/spending.h"
#include "service/run_troubles.h"
#include "service/served_batch_budget.h"

#include <stdlib.h>
#include <string.h>

static void ended_cb(void *ctx)
{
    struct served_batch *s = ctx;
    s->ended = true;
    s->host->poke(s->host->ctx);
}

static int open_notifier(struct served_batch *s, const char *output, struct error *e)
{
    if (s->notifier && !s->notifier_is_old)
        return 0;
    int rc = batch_notifier_open(&s->notifier, s->host->loop, s->entry, output, s->host->poke,
                                 s->host->ctx, e);
    if (rc == 0)
        s->notifier_is_old = false;
    return rc;
}

void served_batch_need_notifier(struct served_batch *s)
{
    struct batch_options o;
    struct error e;
    batch_options_of_ledger(&o, s->entry->config);
    if (open_notifier(s, o.output, &e) < 0)
        LOG(LOG_WARNING, "serve.no_notifier", LOG_STR("batch", served_batch_name(s)),
            LOG_STR("cause", e.text));
    batch_options_release(&o);
}

/* Under the options that were read. */
static int open_batch(struct served_batch *s, struct error *e)
{
    struct batch_options *o = &s->options;
    o->webhook_router = s->host->webhook_router;
    o->seed = s->host->seed;
    o->control = true;
    o->meter = &s->seen.meter;
    int rc;
    notifier_detach(served_batch_notifier(s)); /* it may have had the ledger between the runs */
    rc = open_notifier(s, o->output, e);
    if (rc == 0)
        rc = batch_new(&s->batch, s->host->loop, o, e);
    if (rc < 0) {
        s->batch = NULL;
        batch_options_release(o);
    } else {
        s->running_on = s->entry;
    }
    return rc;
}

int served_batch_open(struct served_batch *s, struct error *e)
{
    int rc = batch_options_read(&s->options, s->entry->config, NULL, 0, true, e);
    if (rc < 0)
        return rc;
    s->options.mode = RUN_STAYS;
    return open_batch(s, e);
}

/* When it comes to rest, that may be after the newest commit. */
static void committed_cb(void *ctx, int64_t results)
{
    struct served_batch *s = ctx;
    s->look_at = mono_add(loop_now(s->host->loop), served_batch_rest_ms(s));
    notifier_committed(served_batch_notifier(s), results);
    s->host->poke(s->host->ctx);
}

/* Whom a result of this run is told. */
static int attach_notifier(struct served_batch *s, const char *period, struct error *e)
{
    struct notifier *n = served_batch_notifier(s);
    int rc = notifier_attach(n, batch_ledger(s->batch), period, e);
    if (rc == 0)
        batch_on_commit(s->batch, committed_cb, s);
    batch_on_hearing(s->batch, run_troubles_heard, n);
    return rc;
}

/* What is left to be told is told from the ledger, which is free then. */
void served_batch_close(struct served_batch *s)
{
    struct ledger *l = batch_ledger(s->batch);
    char *path = xstrdup(s->options.ledger);
    notifier_detach(served_batch_notifier(s));
    if (ledger_dirty(l) && ledger_commit(l) < 0) /* how far handovers are: they may come twice */
        LOG(LOG_WARNING, "serve.unrecorded", LOG_STR("batch", served_batch_name(s)),
            LOG_STR("cause", ledger_error(l)->text));
    batch_snapshot(s->batch, &s->seen.last);
    batch_free(s->batch);
    s->batch = NULL;
    batch_options_release(&s->options);
    s->running_on = NULL;
    s->ended = false;
    if (s->state != SERVED_OVER && !s->stopping)
        notifier_go_on(served_batch_notifier(s), path);
    free(path);
}

static int last_cutoff(void *ctx, const struct ledger_period *p)
{
    struct wall *last = ctx;
    if (p->state <= PERIOD_COVERED && p->due_at.ms > last->ms)
        *last = p->due_at;
    return 0;
}

/* Which period what the run takes in belongs to; of a scheduled one its row says so, too. */
static int prepare_cutoff(struct served_batch *s, bool scheduled)
{
    struct cutoff *c = &s->cutoff;
    struct wall last = {0};
    *c = (struct cutoff){.calendar = s->entry->calendar,
                         .late = s->entry->late,
                         .clock = loop_clock(s->host->loop),
                         .due = scheduled ? &s->due : NULL};
    int rc = ledger_periods(batch_ledger(s->batch), last_cutoff, &last);
    c->from = last.ms ? (struct wall){last.ms + 1} : served_batch_wall(s);
    if (s->entry->calendar) {
        s->options.period_of = cutoff_period_of;
        s->options.period_ctx = c;
    }
    if (rc == 0 && scheduled)
        rc = ledger_period_counts_to(batch_ledger(s->batch), s->due.rule, s->due.period,
                                     cutoff_period_of_run(c));
    return rc;
}

/* Whose run it is: for summary.json and the notices. */
static void record_period(struct served_batch *s)
{
    struct ledger *l = batch_ledger(s->batch);
    int rc = ledger_period_run(l, s->due.rule, s->due.period);
    if (rc == 0)
        rc = ledger_commit(l);
    if (rc < 0)
        LOG(LOG_WARNING, "period.run_unrecorded", LOG_STR("batch", served_batch_name(s)),
            LOG_STR("cause", ledger_error(l)->text));
}

void served_batch_start(struct served_batch *s, enum served_batch_event event)
{
    char stamp[WALL_TEXT_MAX];
    bool scheduled = event == SERVED_BEGINS;
    REQUIRE(served_batch_happens(s, event) & SERVED_DO_START);
    s->look_at = mono_add(loop_now(s->host->loop), served_batch_rest_ms(s));
    s->options.mode = scheduled ? RUN_SCHEDULED : RUN_STAYS;
    if (!scheduled)
        notifier_tells_failures(served_batch_notifier(s));
    s->trouble[0] = '\0';
    s->away_since = (struct mono){0};
    s->began_at = served_batch_wall(s);
    memset(&s->reported, 0, sizeof s->reported);
    s->by_hand = 0;
    s->hand_at = (struct mono){0};
    LOG(LOG_INFO, "run.start", LOG_STR("batch", served_batch_name(s)),
        LOG_STR("period", scheduled ? s->due.period : NULL),
        LOG_STR("rule", scheduled ? s->due.rule : NULL),
        LOG_STR("due", scheduled ? log_time(s->due.at, stamp) : NULL),
        LOG_STR("goes_on", scheduled && s->due.resumed ? "yes" : NULL),
        LOG_STR("output", s->options.output), LOG_STR("server", s->options.origin));
    batch_start(s->batch, ended_cb, s);
    if (scheduled)
        record_period(s);
}

/* The batch is open: what is due, if anything is, has its row from here on. */
int served_batch_take(struct served_batch *s, bool *scheduled, struct error *e)
{
    struct ledger *l = batch_ledger(s->batch);
    struct agenda a = served_batch_agenda(s);
    struct due due;
    a.missed = &s->seen.missed;
    served_batch_checked(s, served_batch_wall(s));
    int n = served_batch_is_held(s, &a.held);
    s->budget_told = s->budget_told && a.held;
    if (n == 0)
        n = agenda_take(&a, l, s->checked_until, &due);
    *scheduled = n == 1;
    if (n == 1) {
        bool same = strcmp(s->due.rule, due.rule) == 0 && strcmp(s->due.period, due.period) == 0;
        s->resumes = same ? s->resumes : 0;
        s->due = due;
    } else if (n == 0) {
        s->waited_from = (struct wall){0};
    }
    int rc = n < 0 ? n : prepare_cutoff(s, n == 1);
    if (rc == 0 && n == 1 && !due.resumed) /* with its row, so that it is once */
        rc = ledger_spent_begin(l);
    if (rc == 0 && ledger_dirty(l))
        rc = ledger_commit(l);
    CRASH_POINT("period_begun");
    if (rc < 0) {
        *e = *ledger_error(l);
        return rc;
    }
    /* also where there is nothing to run: what was left to tell is told then */
    return attach_notifier(s, n == 1 ? s->due.period : NULL, e);
}

int served_batch_open_receiving(struct served_batch *s, struct error *e)
{
    int rc = batch_options_read_receiving(&s->options, s->entry->config, e);
    if (rc < 0)
        return rc;
    char *path = xstrdup(s->options.ledger);
    rc = open_batch(s, e);
    if (rc < 0) /* what it had to tell it goes on with */
        notifier_go_on(served_batch_notifier(s), path);
    free(path);
    if (rc < 0)
        return rc;
    rc = attach_notifier(s, NULL, e);
    if (rc < 0) {
        served_batch_close(s);
        return rc;
    }
    memset(&s->reported, 0, sizeof s->reported);
    s->by_hand = 0;
    s->hand_at = (struct mono){0};
    LOG(LOG_INFO, "webhook.opens", LOG_STR("batch", served_batch_name(s)),
        LOG_STR("output", s->options.output));
    REQUIRE(served_batch_happens(s, SERVED_WEBHOOK) & SERVED_DO_START);
    batch_start(s->batch, ended_cb, s);
    return 0;
}
