/* mindee-batch dismiss: a person settles documents by hand. Needs the ledger alone: nothing is sent,
 * and no file is read. Where a run has the ledger, it is asked to do it; else one commit marks what
 * is meant (what a run that was cut off left on the wire is in doubt), and the numbers and failures.csv are written anew. */
#include "base/text.h"
#include "batch/batch.h"
#include "batch/cut_off.h"
#include "batch/dismissal.h"
#include "cli/ask_run.h"
#include "cli/audit_note.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/path_in_ledger.h"
#include "cli/resolved_path.h"
#include "cli/states_asked.h"
#include "ledger/document_ledger.h"
#include "results/failures.h"
#include "results/summary.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct dismiss_asked {
    struct states_asked states;
    bool all;
    const char *note;
};

enum { NOTE_MAX_BYTES = 1000 };

/* What was done goes to standard output, what wasn't is a complaint. */
static int tell(int code, const char *words)
{
    if (code != 0)
        return complain(code, "%s", words);
    printf("%s\n", words);
    return 0;
}

/* --- with the ledger in hand --- */

static int mark(struct ledger *l, int64_t id, const char *note)
{
    struct ledger_document doc;
    int rc = ledger_document_get(l, id, &doc);
    if (rc < 0)
        return rc;
    const struct ledger_step s = dismissal_step(&doc, note);
    ledger_document_release(&doc);
    return ledger_step(l, &s);
}

static int mark_all(struct ledger *l, const struct dismissal *d, const char *note)
{
    int rc = 0;
    for (size_t i = 0; i < d->count && rc == 0; i++)
        rc = mark(l, d->ids[i], note);
    if (rc == 0)
        rc = ledger_commit(l);
    return rc < 0 ? complain(exit_code_of(ledger_error(l)), "%s", ledger_error(l)->text) : 0;
}

static int write_reports(struct ledger *l, const struct batch_options *o)
{
    struct summary s;
    struct error e;
    int rc = summary_read(&s, l, &e);
    if (rc == 0)
        rc = summary_write(&s, o->output, &e);
    if (rc == 0)
        rc = failures_write(l, o->output, &o->csv, &e);
    return rc < 0 ? complain(exit_code_of(&e), "%s", e.text) : 0;
}

static int dismiss(struct ledger *l, const struct control_request *r, const struct batch_options *o)
{
    struct dismissal d;
    if (cut_off_settle(l) < 0)
        return complain(exit_code_of(ledger_error(l)), "%s", ledger_error(l)->text);
    int code = dismissal_select(&d, l, r);
    bool selected = code == 0;
    if (selected)
        code = mark_all(l, &d, r->note);
    if (code == 0 && d.count)
        code = write_reports(l, o);
    if (code == 0 || !selected)
        code = tell(code, buffer_text(&d.words));
    dismissal_release(&d);
    return code;
}

static int work(const struct control_request *r, const struct batch_options *o)
{
    struct ledger_options lo = {.path = o->ledger, .access = o->access, .clock = &system_clock};
    struct ledger *l;
    struct error e;
    int code = -1;
    if (access(o->ledger, F_OK) != 0)
        return complain_no_ledger(o->ledger, errno);
    for (int i = 0; i < ASK_RUN_TRIES; i++) {
        if (i > 0)
            usleep(ASK_RUN_PAUSE_US);
        if (ledger_open(&l, &lo, &e) == 0) {
            code = dismiss(l, r, o);
            ledger_close(l);
            return code;
        }
        code = ask_run(r, o); /* also who may not write to it: the run may let him ask */
        if (code >= 0)
            return code;
        if (e.code != ERR_BUSY)
            return complain(exit_code_of(&e), "%s", e.text);
    }
    return ask_run_in_vain(e.text);
}

/* Also beside a run, which is asked with them then. Who may not read the ledger names the files as
 * they are. */
static char **read_paths(const struct command_line *cl, const struct batch_options *o)
{
    struct ledger_options lo = {.path = o->ledger, .read_only = true, .clock = &system_clock};
    size_t count = (size_t)cl->path_count;
    char **paths = xcalloc(count, sizeof *paths);
    struct ledger *l;
    struct error e;
    bool readable = count > 0 && ledger_open(&l, &lo, &e) == 0;
    for (size_t i = 0; i < count; i++)
        paths[i] = readable ? path_in_ledger(l, cl->paths[i]) : resolved_path(cl->paths[i]);
    if (readable)
        ledger_close(l);
    return paths;
}

static int dismiss_asked_for(const struct command_line *cl)
{
    const struct dismiss_asked *asked = cl->own;
    size_t count = (size_t)cl->path_count;
    struct batch_options o;
    if (!states_asked_any(&asked->states) && count == 0)
        return complain(EXIT_USAGE,
                        "dismiss what? --failed, --in-doubt, --lost, --rejected, or PATHs");
    if (asked->note && strlen(asked->note) > NOTE_MAX_BYTES)
        return complain(EXIT_USAGE, "--note: at most %d bytes", NOTE_MAX_BYTES);
    batch_options_of_ledger(&o, cl->config);
    char **paths = read_paths(cl, &o);
    struct control_request r = {.command = "dismiss",
                                .paths = paths,
                                .path_count = count,
                                .all = asked->all,
                                .note = (char *)asked->note};
    states_asked_mark(&asked->states, r.states);
    int code = work(&r, &o);
    if (code == EXIT_ALL_STORED)
        audit_note(cl->config, &o, "dismiss", paths, count, r.states, asked->note);
    batch_options_release(&o);
    for (size_t i = 0; i < count; i++)
        free(paths[i]);
    free(paths);
    return code;
}

static const struct command_option options[] = {
    STATES_ASKED_OPTIONS(struct dismiss_asked, "all that couldn't be sent"),
    {"all", NULL, "every file that was at a PATH, not only the one there now",
     offsetof(struct dismiss_asked, all)},
    {"note", "TEXT", "why, for the history that `explain` tells",
     offsetof(struct dismiss_asked, note)},
    {NULL, NULL, NULL, 0}};

const struct command dismiss_command = {
    .name = "dismiss",
    .arguments = "[PATH]...",
    .summary = "settle by hand what won't be stored",
    .help = "Such documents count as dismissed, make no exit code 1, are in failures.csv no\n"
            "longer, and are never sent: `retry PATH` takes one up again (retry --failed and\n"
            "the like pass it over), and so does a result that comes after all. PATHs are\n"
            "files, as failures.csv names them, with --all every one that was there.\n",
    .example = "--rejected -s output.directory=out",
    .options = options,
    .own_size = sizeof(struct dismiss_asked),
    .by_batch = true,
    .each = true,
    .run = dismiss_asked_for,
};
