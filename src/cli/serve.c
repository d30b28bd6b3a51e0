/* mindee-batch serve: the command around the supervisor (src/service), which does the work. Here
 * are the signals: SIGTERM and SIGINT stop it, a second one at once; SIGHUP has the configuration
 * read again, from the same file, environment and command line. */
#include "base/log.h"
#include "batch/batch.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/configuration.h"
#include "cli/fields_check.h"
#include "cli/report_at_end.h"
#include "cli/review_at_end.h"
#include "monitor/monitor.h"
#include "service/supervisor.h"
#include "store/database.h"

#include <signal.h>

struct serve {
    const struct command_line *cl;
    struct monitor *monitor;
    struct supervisor *supervisor;
};

static void stop_cb(void *ctx, int signum)
{
    struct serve *s = ctx;
    (void)signum;
    supervisor_stop(s->supervisor);
}

static void hangup_cb(void *ctx, int signum)
{
    struct serve *s = ctx;
    (void)signum;
    supervisor_reload(s->supervisor);
    monitor_reload(s->monitor);
}

static void ended_cb(void *ctx)
{
    struct serve *s = ctx;
    struct monitor *m = s->monitor;
    s->monitor = NULL;
    monitor_close(m, NULL, NULL);
}

static struct config *load_cb(void *ctx, struct error_list *errors)
{
    const struct serve *s = ctx;
    return configuration_read(s->cl->sources, errors);
}

static void reloaded_cb(void *ctx, const struct config *config)
{
    const struct serve *s = ctx;
    struct error e;
    if (configuration_open_log(s->cl, config, true, &e) < 0)
        complain(0, "%s", e.text);
}

/* With a configuration of their own, which they keep until they are replaced. */
static struct served_batches *read_batches(const struct command_line *cl)
{
    struct error_list errors;
    struct served_batches *batches = NULL;
    error_list_init(&errors);
    struct config *config = configuration_read(cl->sources, &errors);
    int rc = config ? served_batches_read(&batches, config, &errors) : ERR_USAGE;
    if (rc < 0)
        complain_errors(0, &errors);
    error_list_release(&errors);
    return batches;
}

/* What it can't do is no reason to let the batches begin. */
static int start_monitor(struct serve *s, struct loop *loop, struct error *e)
{
    struct batch_views views;
    struct monitor_options options;
    supervisor_views(s->supervisor, &views);
    monitor_options_read(&options, s->cl->config);
    int rc = monitor_new(&s->monitor, loop, &options, &views, e);
    if (rc < 0)
        supervisor_stop(s->supervisor);
    return rc;
}

static int serve(struct serve *s, struct loop *loop, struct served_batches *batches)
{
    struct supervisor_options options = {.load = load_cb,
                                         .reloaded = reloaded_cb,
                                         .ended = ended_cb,
                                         .ctx = s,
                                         .review = review_at_end,
                                         .report = report_at_end};
    struct error e;
    int rc = supervisor_new(&s->supervisor, loop, batches, &options, &e);
    if (rc == 0)
        rc = start_monitor(s, loop, &e);
    if (rc < 0)
        complain(0, "%s", e.text);
    struct loop_signal *signals[] = {loop_signal_new(loop, SIGINT, stop_cb, s),
                                     loop_signal_new(loop, SIGTERM, stop_cb, s),
                                     loop_signal_new(loop, SIGHUP, hangup_cb, s)};
    supervisor_start(s->supervisor);
    if (rc == 0)
        LOG(LOG_INFO, "serve.ready",
            LOG_STR("next", "SIGTERM ends it, SIGHUP reads the configuration again"));
    loop_run(loop);
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
        loop_signal_close(signals[i]);
    int code = rc < 0 ? exit_code_of(&e) : supervisor_exit_code(s->supervisor);
    supervisor_free(s->supervisor);
    return code;
}

static int serve_all(const struct command_line *cl)
{
    struct serve s = {.cl = cl};
    if (cl->path_count)
        return complain(EXIT_USAGE, "serve takes no PATH: set input.directory");
    database_use_threads(); /* one batch's end is reviewed beside another's run */
    struct served_batches *batches = read_batches(cl);
    if (!batches)
        return EXIT_USAGE;
    for (size_t i = 0; i < batches->count; i++)
        fields_warn(batches->entries[i].config, batches->entries[i].name);
    struct loop *loop = loop_new(&system_clock);
    int code = serve(&s, loop, batches);
    loop_free(loop);
    return code;
}

const struct command serve_command = {
    .name = "serve",
    .arguments = "",
    .summary = "stay: runs on their day, watched folders, webhooks",
    .help = "Runs each batch when its schedule.when says so, takes files as they arrive\n"
            "(watch.enabled), and waits for webhooks (webhook.listen), until SIGTERM or\n"
            "Ctrl-C. A run that was missed is caught up, once. SIGHUP: the configuration,\n"
            "the certificate and the webhooks' secrets are read again. Tells systemd that it\n"
            "is ready and alive.\n",
    .example = "-c /etc/mindee-batch.ini",
    .service = true,
    .run = serve_all,
};
