/* mindee-batch run, and what retry shares with it: a batch to its end. The first Ctrl-C (or SIGTERM, or the SIGHUP of a
 * terminal that is closed) stops admitting and finishes what is being sent; the second stops at
 * once; both are safe. */
#include "cli/run.h"
#include "base/crash_point.h"
#include "base/log.h"
#include "base/text.h"
#include "base/units.h"
#include "batch/batch.h"
#include "batch/own_settings.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/configuration.h"
#include "cli/display.h"
#include "cli/fields_check.h"
#include "cli/models.h"
#include "cli/monitored_run.h"
#include "cli/report_at_end.h"
#include "cli/review_at_end.h"
#include "notify/notifier.h"
#include "results/failures.h"
#include "results/summary.h"
#include "service/run_troubles.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct run {
    const struct command_line *cl;
    struct batch_options options;
    struct loop *loop;
    struct batch *batch;
    struct display *display;
    struct notifier_options notifier_options;
    struct notifier *notifier;
    struct monitored_run *monitored;
    struct loop_signal *signals[3];    /* NULL: not taken */
    bool asked_to_stop, asked_by_hand; /* BY_HAND: not by a terminal alone, which may ask twice */
    struct summary_review review;      /* once it has ended */
    bool ended;                        /* only word of it is still on its way */
    int code;
};

static void signal_cb(void *ctx, int signum)
{
    struct run *r = ctx;
    bool hand = signum != SIGHUP, again = hand && r->asked_by_hand;
    r->asked_by_hand = r->asked_by_hand || hand;
    if (r->ended) {
        r->asked_to_stop = true;
        notifier_hurry(r->notifier);
        return;
    }
    if (!r->asked_to_stop)
        LOG(LOG_WARNING, "run.stop",
            LOG_STR(
                "what",
                "finishing the uploads on their way; again to stop at once, which is safe too"));
    batch_stop(r->batch, again ? BATCH_NOW : BATCH_DRAIN);
    monitored_run_stops(r->monitored);
    r->asked_to_stop = true;
}

/* A terminal that is closed says so; whoever started the run with nohup said that it shall go on. */
static bool ignores_hangup(void)
{
    struct sigaction now;
    return sigaction(SIGHUP, NULL, &now) == 0 && now.sa_handler == SIG_IGN;
}

/* As a shell takes it: one word. */
static void print_word(const char *text)
{
    bool plain = *text && !text[strcspn(text, " \t'\"\\$&|;<>()*?[]#~`!{}")];
    const char *shown = text_show(text);
    if (plain || strchr(text, '\''))
        printf("%s", shown);
    else
        printf("'%s'", shown);
}

/* What finance opens: of a configuration file, by that file again. */
static void print_how_to_export(const struct run *r)
{
    const char *file = r->cl->sources ? r->cl->sources->file : NULL;
    printf("as a workbook: mindee-batch export ");
    printf("%s", file ? "-c " : "-s output.directory=");
    print_word(file ? file : r->options.output);
    if (file && r->cl->batch)
        printf(" --batch %s", r->cl->batch);
    printf(" --format xlsx\n");
}

static void print_where(const struct run *r, const struct ledger_counts *c, const char *report)
{
    const char *output = text_show(r->options.output);
    bool any = c->by_state[DOC_STORED] > 0,
         open_ends = c->by_state[DOC_STORED] + c->dismissed != c->documents;
    if (any)
        printf("\nresults are in %s/results%s\n", output,
               open_ends ? ", what isn't stored in failures.csv beside it" : "");
    if (any)
        print_how_to_export(r);
    else if (open_ends)
        printf("\nwhat isn't stored is in %s/failures.csv\n", output);
    if (*report && (any || open_ends))
        printf("on one page: %s\n", text_show(report));
}

static int write_files(struct run *r, struct summary *s, struct error *e)
{
    struct ledger *l = batch_ledger(r->batch);
    int rc = summary_read(s, l, e);
    s->review = r->review;
    if (rc == 0)
        rc = summary_write(s, r->options.output, e);
    CRASH_POINT("summary_written");
    if (rc == 0)
        rc = failures_write(l, r->options.output, &r->options.csv, e);
    CRASH_POINT("failures_written");
    return rc;
}

static void say_left(const struct run *r)
{
    if (*notifier_left(r->notifier))
        complain(0, "%s: the next run hands them over", notifier_left(r->notifier));
}

/* Numbers for programs and people; a batch that ended well but can't say so has not ended well. */
static int report(struct run *r, int code)
{
    struct summary s;
    struct error e;
    struct buffer text, place;
    int rc = write_files(r, &s, &e);
    if (rc < 0) {
        complain(0, "%s", e.text);
        code = code <= EXIT_SOME_FAILED ? exit_code_of(&e) : code;
    }
    buffer_init(&text, 0);
    buffer_init(&place, 0);
    if (rc == 0 && report_at_end(r->cl->config, &r->options, r->cl->batch, &place, &e) < 0)
        LOG(LOG_WARNING, "report.failed", LOG_STR("cause", e.text),
            LOG_STR("next", "everything else is there; `mindee-batch report` makes it"));
    CRASH_POINT("report_made");
    notifier_report(r->notifier, buffer_text(&place));
    if (!r->cl->quiet && rc == 0) {
        summary_table(&text, &s);
        printf("%s", buffer_text(&text));
        print_where(r, &s.total, buffer_text(&place));
    }
    buffer_release(&text);
    buffer_release(&place);
    bool said = rc < 0 && strncmp(batch_reason(r->batch), e.text, strlen(e.text)) == 0;
    if (*batch_reason(r->batch) && !said)
        complain(0, "%s", batch_reason(r->batch));
    say_left(r);
    return code;
}

static void told_cb(void *ctx)
{
    struct run *r = ctx;
    for (int i = 0; i < 3; i++)
        if (r->signals[i])
            loop_signal_close(r->signals[i]);
    monitored_run_end(r->monitored, r->code);
}

/* The last thing that holds the loop is the notice of how it ended. */
static void run_ended(struct run *r, int code, const char *reason)
{
    r->ended = true;
    r->code = code;
    LOG(LOG_INFO, "run.end", LOG_INT("exit", code));
    notifier_run_ended(r->notifier, code, code == EXIT_ALL_STORED ? "" : reason);
    notifier_close(r->notifier, r->asked_to_stop, told_cb, r);
}

/* What could be handed over is: now the numbers are final. */
static void settled_cb(void *ctx)
{
    struct run *r = ctx;
    run_ended(r, report(r, batch_exit_code(r->batch)), batch_reason(r->batch));
}

/* Whoever looks at the files needn't wait for what takes the results. */
static void ended_cb(void *ctx)
{
    struct run *r = ctx;
    struct summary s;
    struct error e;
    display_close(r->display);
    r->ended = true;
    if (review_at_end(r->cl->config, &r->options, batch_exit_code(r->batch), &r->review, &e) < 0)
        LOG(LOG_WARNING, "review.failed", LOG_STR("cause", e.text),
            LOG_STR("next", "`mindee-batch review` does it again"));
    if (r->review.field_missing)
        LOG(LOG_WARNING, "review.no_such_field", LOG_STR("cause", r->review.missing),
            LOG_STR("next", "`mindee-batch columns --roles` shows what is checked"));
    CRASH_POINT("reviewed");
    notifier_to_review(r->notifier, &r->review);
    if (r->notifier)
        (void)write_files(r, &s, &e); /* said when they are written for good */
    notifier_settle(r->notifier, r->asked_to_stop, settled_cb, r);
}

/* What a user named is on a share that is away, as far as RC goes: true, and a moment has passed, if
 * it is to be tried again. BEGAN: the first try. */
static bool waits(const struct run *r, struct mono began, bool *told, int rc, const struct error *e)
{
    enum { PAUSE_US = 250 * 1000 };
    int64_t patience_ms = config_settings(r->cl->config)->input.patience;
    if (rc != ERR_PASSING || mono_reached(clock_mono(&system_clock), mono_add(began, patience_ms)))
        return false;
    if (!*told)
        LOG(LOG_WARNING, "input.unreadable_now", LOG_STR("reason", e->text),
            LOG_STR("next", "it is tried again until input.patience is over"));
    *told = true;
    usleep(PAUSE_US);
    return true;
}

static int open_batch(struct run *r, struct error *e)
{
    struct mono began = clock_mono(&system_clock);
    bool told = false;
    int rc;
    do
        rc = batch_new(&r->batch, r->loop, &r->options, e);
    while (waits(r, began, &told, rc, e));
    return rc;
}

static int start(struct run *r, struct error *e)
{
    int rc = open_batch(r, e);
    if (rc == 0)
        rc = notifier_attach(r->notifier, batch_ledger(r->batch), NULL, e);
    if (rc < 0) {
        batch_free(r->batch);
        r->batch = NULL;
        return rc;
    }
    if (r->notifier)
        batch_on_commit(r->batch, notifier_committed, r->notifier);
    batch_on_hearing(r->batch, run_troubles_heard, r->notifier);
    r->signals[0] = loop_signal_new(r->loop, SIGINT, signal_cb, r);
    r->signals[1] = loop_signal_new(r->loop, SIGTERM, signal_cb, r);
    if (!ignores_hangup())
        r->signals[2] = loop_signal_new(r->loop, SIGHUP, signal_cb, r);
    r->display = display_new(r->loop, r->batch, r->cl->quiet);
    if (r->cl->batch)
        LOG(LOG_INFO, "run.batch", LOG_STR("batch", r->cl->batch));
    LOG(LOG_INFO, "run.start", LOG_STR("output", r->options.output),
        LOG_STR("server", r->options.origin),
        LOG_STR("product", mindee_product_names[r->options.request.product]),
        LOG_STR("model", r->options.request.model_id));
    struct wall ends;
    const char *certificate = batch_certificate(r->batch, &ends);
    monitored_run_begins(r->monitored, r->batch);
    fields_warn(r->cl->config, r->cl->batch);
    batch_start(r->batch, ended_cb, r);
    if (certificate)
        (void)notifier_certificate(r->notifier, certificate, ends);
    return 0;
}

static int work(struct run *r)
{
    struct error e;
    struct notifier_options *o = &r->notifier_options;
    if (!r->options.retrying && monitored_run_new(&r->monitored, r->cl, r->loop, &e) < 0)
        return complain(EXIT_USAGE, "%s", e.text);
    r->options.meter = monitored_run_meter(r->monitored);
    if (notifier_options_read(o, r->cl->config, r->cl->batch, r->options.output, &e) < 0 ||
        notifier_new(&r->notifier, r->loop, o, &e) < 0) {
        monitored_run_end(r->monitored, EXIT_USAGE);
        loop_run(r->loop);
        return complain(EXIT_USAGE, "%s", e.text);
    }
    if (start(r, &e) < 0)
        run_ended(r, complain(exit_code_of(&e), "%s", e.text), e.text);
    loop_run(r->loop);
    notifier_free(r->notifier);
    monitored_run_free(r->monitored);
    batch_free(r->batch);
    return r->code;
}

/* The options, with the PATHs looked at. A share that is away is waited for, as it is later on. */
static int read_options(struct run *r, bool retrying, struct error *e)
{
    const struct command_line *cl = r->cl;
    struct mono began = clock_mono(&system_clock);
    bool told = false;
    int rc;
    do
        rc = retrying ? batch_options_read_retrying(&r->options, cl->config, e)
                      : batch_options_read(&r->options, cl->config, cl->paths,
                                           (size_t)cl->path_count, true, e);
    while (waits(r, began, &told, rc, e));
    return rc;
}

int run_batch(const struct command_line *cl, const struct batch_retry *retrying, bool budget_again)
{
    struct run r = {.cl = cl};
    struct error e;
    if (read_options(&r, retrying != NULL, &e) < 0)
        return e.code == ERR_PASSING
                   ? complain(EXIT_RESUMABLE, "%s: it can't be read for now", e.text)
                   : complain(EXIT_USAGE, "%s", e.text);
    if (retrying && own_settings_use(&r.options, retrying->settings, &e) < 0) {
        batch_options_release(&r.options);
        return complain(exit_code_of(&e), "%s", e.text);
    }
    int code;
    r.loop = loop_new(&system_clock);
    r.options.retrying = retrying;
    if (retrying) /* needs the ledger's directory alone */
        batch_access_as_found(&r.options, cl->config);
    r.options.control = true;
    r.options.spending.again = budget_again;
    if (!retrying && r.options.root_count == 0)
        code = complain(EXIT_USAGE, "no documents are named: give a PATH, or input.directory");
    else if (!r.options.request.model_id)
        code = models_suggest(r.loop, &r.options);
    else
        code = work(&r);
    if (cl->interrupted && r.asked_to_stop)
        *cl->interrupted = true;
    loop_free(r.loop);
    batch_options_release(&r.options);
    return code;
}

struct run_asked {
    bool budget_again;
};

static int run(const struct command_line *cl)
{
    const struct run_asked *asked = cl->own;
    return run_batch(cl, NULL, asked->budget_again);
}

static const struct command_option options[] = {
    {"budget-again", NULL, "what limits.max_credits and _month allow, once more",
     offsetof(struct run_asked, budget_again)},
    {NULL, NULL, NULL, 0}};

const struct command run_command = {
    .name = "run",
    .arguments = "[PATH]...",
    .summary = "process a batch to its end",
    .help = "Sends every document below the PATHs (or input.directory) and leaves Mindee's\n"
            "result for each in output.directory. Stopped at any moment, the same command\n"
            "goes on where it was.\n",
    .example = "-s api.model_id=UUID invoices/",
    .options = options,
    .own_size = sizeof(struct run_asked),
    .by_batch = true,
    .each = true,
    .run = run,
};
