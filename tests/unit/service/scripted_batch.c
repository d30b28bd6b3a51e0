#include "scripted_batch.h"

#include "base/safe_file.h"
#include "service/cutoff.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct script script;

struct batch {
    const struct batch_options *options;
    struct loop *loop;
    struct ledger *ledger;
    struct loop_timer *timer;
    int exit_code;
    void (*ended)(void *ctx);
    void *ctx;
};

void script_tell(const struct clock *clock, const char *format, ...)
{
    char at[WALL_TEXT_MAX];
    size_t len = strlen(script.told);
    va_list ap;
    wall_format(clock_wall(clock), at);
    len += (size_t)snprintf(script.told + len, sizeof script.told - len, "%s%.2s %.5s ",
                            len ? "; " : "", at + 8, at + 11);
    va_start(ap, format);
    len += (size_t)vsnprintf(script.told + len, sizeof script.told - len, format, ap);
    va_end(ap);
    REQUIRE(len < sizeof script.told);
}

static void must(int rc)
{
    REQUIRE(rc == 0);
}

static void end_cb(void *ctx)
{
    struct batch *b = ctx;
    must(ledger_run_end(b->ledger, b->exit_code));
    must(ledger_commit(b->ledger));
    loop_timer_close(b->timer);
    b->timer = NULL;
    script_tell(loop_clock(b->loop), "end %d", b->exit_code);
    b->ended(b->ctx);
}

int exit_code_of(const struct error *e)
{
    return e->code == ERR_BUSY ? EXIT_LEDGER : EXIT_USAGE;
}

int batch_new(struct batch **out, struct loop *loop, const struct batch_options *options,
              struct error *e)
{
    struct batch *b = xcalloc(1, sizeof *b);
    const struct ledger_options lo = {.path = options->ledger, .clock = loop_clock(loop)};
    b->options = options;
    b->loop = loop;
    int rc = directory_make(options->output, e);
    if (rc == 0)
        rc = ledger_open(&b->ledger, &lo, e);
    if (rc < 0)
        free(b);
    else
        *out = b;
    return rc;
}

void batch_on_commit(struct batch *b, void (*committed)(void *ctx, int64_t results), void *ctx)
{
    (void)b, (void)committed, (void)ctx; /* nobody is told of anything */
}

void batch_start(struct batch *b, void (*ended)(void *ctx), void *ctx)
{
    int64_t run;
    const struct cutoff *c = b->options->period_ctx;
    b->ended = ended;
    b->ctx = ctx;
    b->timer = loop_timer_new(b->loop, end_cb, b);
    must(ledger_run_start(b->ledger, &run));
    must(ledger_commit(b->ledger));
    if (b->options->stay) {
        script_tell(loop_clock(b->loop), "stay");
        b->exit_code = EXIT_RESUMABLE;
        if (script.stay_ends)
            loop_timer_set(b->timer, loop_now(b->loop));
        return;
    }
    script_tell(loop_clock(b->loop), "run %s%s", c->due->period, c->due->resumed ? "*" : "");
    REQUIRE(script.run < SCRIPT_MOST);
    b->exit_code = script.runs[script.run].exit_code;
    loop_timer_set(b->timer, mono_add(loop_now(b->loop), script.runs[script.run++].takes_ms));
}

void batch_stop(struct batch *b, enum batch_stop how)
{
    (void)how;
    b->exit_code = EXIT_RESUMABLE;
    if (b->timer)
        loop_timer_set(b->timer, mono_add(loop_now(b->loop), script.stop_takes_ms));
}

int batch_exit_code(const struct batch *b)
{
    return b->exit_code;
}

const char *batch_reason(const struct batch *b)
{
    return b->exit_code >= EXIT_REFUSED ? "as the script has it" : "";
}

struct ledger *batch_ledger(struct batch *b)
{
    return b->ledger;
}

void batch_free(struct batch *b)
{
    ledger_close(b->ledger);
    free(b);
}

void batch_progress(struct batch *b, struct batch_progress *p)
{
    memset(p, 0, sizeof *p);
    p->started = loop_now(b->loop);
}
