/* mindee-batch serve: a run that stays when nothing is left to send, for webhooks that come late,
 * until SIGTERM or SIGINT. Here is only what a service needs beside the batch (a run_companion):
 * SIGHUP reads the certificate again; whenever the batch has come to rest, summary.json and
 * failures.csv say so; and whoever started it hears of it by sd_notify: READY=1 once the receiver
 * listens and the ledger is open, STATUS= with the numbers, STOPPING=1, and WATCHDOG=1 from a timer
 * of the loop, so that a loop which hangs is noticed. Without $NOTIFY_SOCKET nobody hears it, which
 * is no error. */
#include "base/log.h"
#include "base/require.h"
#include "base/units.h"
#include "cli/run.h"
#include "report/failures.h"
#include "report/summary.h"

#include <inttypes.h>
#include <string.h>
#include <systemd/sd-daemon.h>

enum { STATUS_MS = 10000 };

struct service {
    struct loop *loop;
    struct batch *batch;
    const char *output;
    struct loop_timer *status, *watchdog; /* watchdog NULL: nobody watches */
    int64_t ping_ms;
    struct batch_progress reported; /* as summary.json has it */
    bool stopping;
};

static void watchdog_cb(void *ctx)
{
    struct service *s = ctx;
    sd_notify(0, "WATCHDOG=1");
    loop_timer_set(s->watchdog, mono_add(loop_now(s->loop), s->ping_ms));
}

static bool at_rest(const struct batch_progress *p)
{
    return !p->walking && p->uploads_out == 0 && p->jobs == 0 && p->by_state[DOC_QUEUED] == 0;
}

static void write_reports(struct service *s)
{
    struct summary numbers;
    struct error e;
    struct ledger *l = batch_ledger(s->batch);
    int rc = summary_read(&numbers, l, &e);
    if (rc == 0)
        rc = summary_write(&numbers, s->output, &e);
    if (rc == 0)
        rc = failures_write(l, s->output, &e);
    if (rc < 0)
        LOG(LOG_WARNING, "serve.report_failed", LOG_STR("cause", e.text));
}

static void tell_status(const struct batch_progress *p)
{
    char stored[UNITS_TEXT_MAX], all[UNITS_TEXT_MAX], queued[UNITS_TEXT_MAX];
    sd_notifyf(0,
               "STATUS=%s of %s%s documents stored, %" PRId64 " failed, %" PRId64
               " rejected, %" PRId64 " in doubt; %d uploading, %d processing, %s to go",
               count_format(p->by_state[DOC_STORED], stored), count_format(p->documents, all),
               p->walking ? "+" : "", p->by_state[DOC_FAILED] + p->by_state[DOC_LOST],
               p->by_state[DOC_REJECTED], p->by_state[DOC_IN_DOUBT], p->uploads_out, p->jobs,
               count_format(p->by_state[DOC_QUEUED], queued));
}

static void status_cb(void *ctx)
{
    struct service *s = ctx;
    struct batch_progress p;
    batch_progress(s->batch, &p);
    tell_status(&p);
    bool news = p.files != s->reported.files ||
                memcmp(p.by_state, s->reported.by_state, sizeof p.by_state) != 0;
    if (!s->stopping && at_rest(&p) && news) { /* at the end they are written anyway */
        write_reports(s);
        s->reported = p;
    }
    loop_timer_set(s->status, mono_add(loop_now(s->loop), STATUS_MS));
}

static void started_cb(void *ctx, struct loop *loop, struct batch *b,
                       const struct batch_options *options)
{
    struct service *s = ctx;
    uint64_t usec = 0;
    s->loop = loop;
    s->batch = b;
    s->output = options->output;
    s->status = loop_timer_new(loop, status_cb, s);
    sd_notify(0, "READY=1");
    if (sd_watchdog_enabled(0, &usec) > 0) {
        s->ping_ms = (int64_t)(usec / 2000) > 0 ? (int64_t)(usec / 2000) : 1;
        s->watchdog = loop_timer_new(loop, watchdog_cb, s);
        watchdog_cb(s);
    }
    loop_timer_set(s->status, loop_now(loop));
}

static void stopping_cb(void *ctx)
{
    struct service *s = ctx;
    if (!s->stopping)
        sd_notify(0, "STOPPING=1");
    s->stopping = true;
}

static void ended_cb(void *ctx)
{
    struct service *s = ctx;
    stopping_cb(s); /* also where nobody asked: it was refused, or the disk is full */
    loop_timer_close(s->status);
    if (s->watchdog)
        loop_timer_close(s->watchdog);
}

int serve_command(const struct command_line *cl)
{
    struct service s = {0};
    struct run_companion companion = {
        .started = started_cb, .stopping = stopping_cb, .ended = ended_cb, .ctx = &s};
    if (cl->path_count)
        return complain(EXIT_USAGE, "serve takes no PATH: set input.directory");
    if (!config_is_set(cl->config, "input.directory"))
        return complain(EXIT_USAGE, "no documents are named: set input.directory");
    if (!config_webhook_listen(cl->config))
        return complain(EXIT_USAGE,
                        "serve stays for webhooks, and webhook.listen is off: set it (and "
                        "webhook.secret_file), or use `mindee-batch run`, which ends");
    return run_batch(cl, &(struct run_way){.stay = true, .companion = &companion});
}
