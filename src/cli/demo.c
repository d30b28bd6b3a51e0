/* mindee-batch demo: a new user's first minute. Sample invoices, a sandbox with Mindee's own limits
 * in a process of its own, and a real run against it; then one result, in short. Everything is in a
 * new directory under $TMPDIR and stays there to be looked at; nothing leaves the machine. */
#include "base/text.h"
#include "batch/batch.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/export.h"
#include "cli/result_excerpt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SAMPLES = 60, SAMPLES_SEED = 2026, FLAWS = 6 /* one of each kind */ };

#define DEMO_MODEL "11111111-1111-4111-8111-0000000e0001" /* the sandbox's "Invoices" */

struct demo {
    char directory[4096];
    char invoices[4200], results[4200], state[4200];
    pid_t sandbox;
    FILE *words; /* what the sandbox says */
    char url[256];
};

static int make_directory(struct demo *d)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(d->directory, sizeof d->directory, "%.4000s/mindee-demo-XXXXXX",
             tmp && *tmp ? tmp : "/tmp");
    if (!mkdtemp(d->directory))
        return complain(EXIT_USAGE, "make a directory for the demo: %s: %s",
                        text_show(d->directory), strerror(errno));
    snprintf(d->invoices, sizeof d->invoices, "%s/invoices", d->directory);
    snprintf(d->results, sizeof d->results, "%s/mindee-results", d->directory);
    snprintf(d->state, sizeof d->state, "%s/state", d->directory);
    return 0;
}

/* `mindee-batch sandbox --samples`, to its end. */
static int make_samples(const struct demo *d)
{
    char count[16], seed[16], flaws[16], expected[4300], aside[4200];
    snprintf(flaws, sizeof flaws, "%d", FLAWS);
    snprintf(count, sizeof count, "%d", SAMPLES);
    snprintf(seed, sizeof seed, "%d", SAMPLES_SEED);
    const char *const argv[] = {"mindee-batch", "sandbox",   "--seed",  seed,  "--samples",
                                count,          d->invoices, "--flaws", flaws, NULL};
    posix_spawn_file_actions_t quiet;
    pid_t pid;
    int status = 0;
    posix_spawn_file_actions_init(&quiet);
    posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    int rc =
        posix_spawn(&pid, "/proc/self/exe", &quiet, NULL, (char *const *)(uintptr_t)argv, environ);
    posix_spawn_file_actions_destroy(&quiet);
    bool made =
        rc == 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
    /* what the review should find is told beside the documents, not among them */
    snprintf(expected, sizeof expected, "%s/expected.json", d->invoices);
    snprintf(aside, sizeof aside, "%s/expected.json", d->directory);
    if (made && rename(expected, aside) == 0)
        return 0;
    rc = made ? errno : rc;
    return complain(EXIT_RESUMABLE, "the sample invoices weren't made: %s",
                    rc ? strerror(rc) : "see above");
}

/* Starts `mindee-batch sandbox` and reads the address it listens on. */
static int start_sandbox(struct demo *d)
{
    char *const argv[] = {"mindee-batch", "sandbox", "--port", "0", "--quiet", NULL};
    char line[256] = "";
    int pipe_fds[2];
    posix_spawn_file_actions_t actions;
    if (pipe2(pipe_fds, O_CLOEXEC) != 0)
        return complain(EXIT_RESUMABLE, "start the sandbox: %s", strerror(errno));
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_fds[1], STDOUT_FILENO);
    int rc = posix_spawn(&d->sandbox, "/proc/self/exe", &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(pipe_fds[1]);
    d->words = fdopen(pipe_fds[0], "r");
    if (rc != 0 || !d->words || !fgets(line, sizeof line, d->words) ||
        sscanf(line, "listening on %255s", d->url) != 1)
        return complain(EXIT_RESUMABLE, "the sandbox didn't start: %s",
                        rc ? strerror(rc) : "see above");
    return 0;
}

static void stop_sandbox(struct demo *d)
{
    if (d->sandbox > 0) {
        kill(d->sandbox, SIGTERM);
        waitpid(d->sandbox, NULL, 0);
    }
    if (d->words)
        fclose(d->words);
}

static int set(struct config *c, const char *name, const char *value)
{
    struct error_list errors;
    struct buffer text;
    error_list_init(&errors);
    buffer_init(&text, 0);
    buffer_printf(&text, "%s=%s", name, value);
    int rc = config_set(c, buffer_text(&text), &errors);
    if (rc < 0)
        complain(EXIT_USAGE, "%s", errors.errors[0].text);
    buffer_release(&text);
    error_list_release(&errors);
    return rc;
}

static int configure(const struct demo *d, struct config *c)
{
    const struct {
        const char *name, *value;
    } options[] = {{"api.base_url", d->url},         {"api.key", "md_demo"},
                   {"api.product", "extraction"},    {"api.model_id", DEMO_MODEL},
                   {"output.directory", d->results}, {"limits.state", d->state},
                   {"input.directory", d->invoices}, {"request.confidence", "yes"},
                   {"request.polygon", "yes"}};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (set(c, options[i].name, options[i].value) < 0)
            return EXIT_USAGE;
    return 0;
}

/* What a person wants to see of the first result. A run that left no ledger has told why. */
static void show_some_result(struct config *c)
{
    struct batch_options o;
    struct ledger *l;
    struct error e;
    struct buffer out;
    if (batch_options_read(&o, c, NULL, 0, false, &e) < 0)
        return;
    struct ledger_options lo = {.path = o.ledger, .read_only = true, .clock = &system_clock};
    buffer_init(&out, 0);
    if (ledger_open(&l, &lo, &e) == 0) {
        if (result_excerpt(l, o.output, &out) < 0)
            complain(0, "%s", ledger_error(l)->text);
        ledger_close(l);
    }
    if (out.len)
        printf("\n%s", buffer_text(&out));
    buffer_release(&out);
    batch_options_release(&o);
}

/* What finance opens: a workbook, and the same as tables for programs. */
static int export_results(const struct demo *d, const struct command_line *cl)
{
    char workbook[4300];
    snprintf(workbook, sizeof workbook, "%s/invoices.xlsx", d->results);
    int code = export_as(cl, "csv", NULL);
    if (!code)
        code = export_as(cl, "xlsx", workbook);
    if (!code)
        printf("\nfor finance:\n  %s, a workbook\n  %s/report.html, one page\n"
               "  %s/exports, the same as CSV files\n"
               "what needs a person, to be settled in a browser:\n"
               "  mindee-batch review serve -s output.directory=%s\n",
               text_show(workbook), text_show(d->results), text_show(d->results),
               text_show(d->results));
    return code;
}

static int demo(const struct command_line *cl)
{
    struct demo d = {.sandbox = -1};
    int code = make_directory(&d);
    if (code)
        return code;
    code = make_samples(&d);
    if (code)
        return code;
    printf("%d sample invoices are in %s\n", SAMPLES, d.invoices);
    code = start_sandbox(&d);
    if (!code) {
        printf("a sandbox with Mindee's limits listens on %s; the batch starts\n\n", d.url);
        fflush(stdout);
        code = configure(&d, cl->config);
    }
    if (!code) {
        struct command_line run = *cl;
        void *plain = xcalloc(1, run_command.own_size + 1);
        run.path_count = 0;
        run.own = plain;
        code = run_command.run(&run);
        free(plain);
        show_some_result(cl->config);
        if (code == EXIT_ALL_STORED)
            code = export_results(&d, cl);
        printf("\nnow with documents of your own and a key of Mindee's:\n"
               "  export MINDEE_V2_API_KEY=md_...\n"
               "  mindee-batch models\n"
               "  mindee-batch plan invoices/\n"
               "  mindee-batch run -s api.model_id=UUID invoices/\n");
    }
    stop_sandbox(&d);
    return code;
}

const struct command demo_command = {
    .name = "demo",
    .arguments = "",
    .summary = "sample invoices through the sandbox, end to end",
    .help = "Makes 60 sample invoices, starts a sandbox with Mindee's limits on this\n"
            "machine, and runs the batch against it. Nothing leaves the machine. Results are\n"
            "kept under $TMPDIR.\n",
    .example = "",
    .run = demo,
};
