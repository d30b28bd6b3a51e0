#include "stand_in_batch.h"

#include "base/safe_file.h"

#include <stdlib.h>
#include <string.h>

static const struct stand_in_acts *acts;
const char *stand_in_away;

void stand_in_use(const struct stand_in_acts *a)
{
    acts = a;
}

void stand_in_check(struct batch *b, int rc)
{
    if (rc < 0)
        acts->failed(ledger_error(b->ledger)->text);
}

void stand_in_end(struct batch *b)
{
    stand_in_check(b, ledger_run_end(b->ledger, b->exit_code));
    stand_in_check(b, ledger_commit(b->ledger));
    loop_timer_close(b->timer);
    b->timer = NULL;
    acts->ends(b);
    b->ended(b->ctx);
}

static void due_cb(void *ctx)
{
    acts->due(ctx);
}

/* --- batch.h --- */

int exit_code_of(const struct error *e)
{
    return e->code == ERR_BUSY ? EXIT_LEDGER : e->code == ERR_PASSING ? EXIT_RESUMABLE : EXIT_USAGE;
}

int batch_new(struct batch **out, struct loop *loop, const struct batch_options *options,
              struct error *e)
{
    struct batch *b = xcalloc(1, sizeof *b);
    const struct ledger_options lo = {.path = options->ledger, .clock = loop_clock(loop)};
    b->options = options;
    b->loop = loop;
    if (stand_in_away) {
        free(b);
        return error_set(e, ERR_PASSING, "%s", stand_in_away);
    }
    int rc = directory_make(options->output, ACCESS_PRIVATE, e);
    if (rc == 0)
        rc = ledger_open(&b->ledger, &lo, e);
    if (rc < 0) {
        free(b);
        return rc;
    }
    if (acts->opened)
        acts->opened(b);
    *out = b;
    return 0;
}

void batch_on_commit(struct batch *b, void (*committed)(void *ctx, int64_t results), void *ctx)
{
    (void)b, (void)committed, (void)ctx; /* nobody is told of anything */
}

void batch_on_hearing(struct batch *b, void (*told)(void *ctx, const struct hearing_news *news),
                      void *ctx)
{
    (void)b, (void)told, (void)ctx;
}

void batch_start(struct batch *b, void (*ended)(void *ctx), void *ctx)
{
    int64_t run;
    b->ended = ended;
    b->ctx = ctx;
    b->timer = loop_timer_new(b->loop, due_cb, b);
    int64_t wait_ms = acts->begins(b);
    stand_in_check(b, ledger_run_start(b->ledger, &run));
    stand_in_check(b, ledger_commit(b->ledger));
    if (wait_ms >= 0)
        loop_timer_set(b->timer, mono_add(loop_now(b->loop), wait_ms));
}

bool batch_takes_webhooks(const struct batch *b)
{
    return b->timer != NULL;
}

const char *batch_certificate(const struct batch *b, struct wall *ends)
{
    (void)b, (void)ends;
    return NULL;
}

void batch_stop(struct batch *b, enum batch_stop how)
{
    (void)how;
    b->stopping = true;
    if (b->timer)
        loop_timer_set(b->timer, mono_add(loop_now(b->loop), acts->stopped(b)));
}

int batch_exit_code(const struct batch *b)
{
    return b->exit_code;
}

const char *batch_reason(const struct batch *b)
{
    return b->exit_code >= acts->reason_from ? acts->reason : "";
}

const char *batch_budget_reason(const struct batch *b)
{
    return b->budget ? b->budget : "";
}

int64_t batch_by_hand(const struct batch *b)
{
    return b->by_hand;
}

bool batch_made_way(const struct batch *b)
{
    return b->made_way;
}

struct ledger *batch_ledger(struct batch *b)
{
    return b->ledger;
}

void batch_free(struct batch *b)
{
    ledger_close(b->ledger);
    free(b->own);
    free(b);
}

void batch_progress(struct batch *b, struct batch_progress *p)
{
    memset(p, 0, sizeof *p);
    p->started = loop_now(b->loop);
}

void batch_snapshot(struct batch *b, struct batch_snapshot *out)
{
    (void)b;
    *out = (struct batch_snapshot){.oldest_job_ms = -1};
}
