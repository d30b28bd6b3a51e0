/* mindee-batch report: one page that tells what a batch has come to, for people. It reads the ledger alone, also beside
 * a run that is at work. */
#include "report/report.h"
#include "base/text.h"
#include "batch/batch.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/export_selection.h"
#include "cli/fields_check.h"
#include "cli/report_setup.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct report_asked {
    const char *period, *to;
};

static bool is_directory(const char *path)
{
    struct stat st;
    size_t len = strlen(path);
    return (len && path[len - 1] == '/') || (stat(path, &st) == 0 && S_ISDIR(st.st_mode));
}

/* The file's path into PATH, and where its links begin, without symbolic links, into DIRECTORY. */
static int find_place(const struct report_asked *asked, const struct batch_options *o,
                      struct buffer *path, char directory[PATH_MAX])
{
    if (!asked->to || strcmp(asked->to, "-") == 0)
        report_place(path, o->output, asked->period);
    else if (is_directory(asked->to))
        report_place(path, asked->to, asked->period);
    else
        buffer_put(path, asked->to);
    char *parent = xstrdup(buffer_text(path));
    char *slash = strrchr(parent, '/');
    if (slash)
        slash[slash == parent ? 1 : 0] = '\0';
    const char *real = realpath(slash ? parent : ".", directory);
    free(parent);
    return real ? 0
                : complain(EXIT_USAGE, "--to %s: %s", text_show(asked->to ? asked->to : o->output),
                           strerror(errno));
}

static int to_standard_output(const struct report_options *options, struct ledger *l,
                              bool *does_not_add_up, struct error *e)
{
    struct buffer page;
    buffer_init(&page, 0);
    int err = report_make(&page, options, l, does_not_add_up, e);
    if (!err && (fwrite(buffer_text(&page), 1, page.len, stdout) != page.len || fflush(stdout)))
        err = error_system(e, ERR_IO, errno, "write the report");
    buffer_release(&page);
    return err;
}

static int make(const struct report_asked *asked, struct report_options *options,
                const struct batch_options *o, struct ledger *l, bool quiet)
{
    struct buffer path;
    struct error e;
    char directory[PATH_MAX];
    bool to_stdout = asked->to && strcmp(asked->to, "-") == 0, does_not_add_up = false;
    buffer_init(&path, 0);
    int code = find_place(asked, o, &path, directory);
    options->directory = directory;
    if (!code && (to_stdout ? to_standard_output(options, l, &does_not_add_up, &e)
                            : report_write(options, buffer_text(&path), l, &does_not_add_up, &e)))
        code = complain(does_not_add_up ? EXIT_BUG : exit_code_of(&e), "%s", e.text);
    else if (!code && !to_stdout && !quiet)
        printf("%s\n", text_show(buffer_text(&path)));
    buffer_release(&path);
    return code;
}

static int report_batch(const struct command_line *cl)
{
    const struct report_asked *asked = cl->own;
    struct batch_options o;
    struct report_setup setup;
    struct ledger *l = NULL;
    struct error e;
    int code = 0;
    batch_options_of_ledger(&o, cl->config);
    struct ledger_options lo = {.path = o.ledger, .read_only = true, .clock = &system_clock};
    if (report_setup_read(&setup, &o, cl->config, cl->batch, asked->period, &e) < 0)
        code = complain(EXIT_USAGE, "%s", e.text);
    else if (ledger_open(&l, &lo, &e) < 0)
        code = e.code == ERR_NOT_FOUND ? complain_no_ledger(o.ledger, ENOENT)
                                       : complain(exit_code_of(&e), "%s", e.text);
    else if (asked->period)
        code = complain_unless_period(l, &o, asked->period);
    if (!code)
        code = complain_of_fields(cl->config, setup.options.roles, l, &o);
    if (!code)
        code = make(asked, &setup.options, &o, l, cl->quiet);
    if (l)
        ledger_close(l);
    report_setup_release(&setup);
    batch_options_release(&o);
    return code;
}

static const struct command_option options[] = {
    {"period", "P", "of the documents of that period (2026-11) alone",
     offsetof(struct report_asked, period)},
    {"to", "PATH", "there, instead of OUTPUT/report.html; - is standard output",
     offsetof(struct report_asked, to)},
    {NULL, NULL, NULL, 0}};

const struct command report_command = {
    .name = "report",
    .arguments = "",
    .summary = "one page for a browser: what came, what it is worth, what is missing",
    .help = "A page of HTML in one file, to be read in a minute and kept: what became of all\n"
            "documents, amounts by currency and supplier, how fast it went, what isn't stored\n"
            "and why. Each run ends with one (report.enabled).\n",
    .example = "-s output.directory=out",
    .options = options,
    .own_size = sizeof(struct report_asked),
    .by_batch = true,
    .each = true,
    .run = report_batch,
};
