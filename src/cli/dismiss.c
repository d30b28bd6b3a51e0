/* mindee-batch dismiss: a person settles documents by hand. Needs the ledger alone: nothing is sent,
 * and no file is read. Where a run has the ledger, it is asked to do it; else one commit marks what
 * is meant, and the numbers and failures.csv are written anew. */
#include "base/text.h"
#include "batch/batch.h"
#include "batch/dismissal.h"
#include "cli/ask_run.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/resolved_path.h"
#include "report/failures.h"
#include "report/summary.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static int write_reports(struct ledger *l, const char *output)
{
    struct summary s;
    struct error e;
    int rc = summary_read(&s, l, &e);
    if (rc == 0)
        rc = summary_write(&s, output, &e);
    if (rc == 0)
        rc = failures_write(l, output, &e);
    return rc < 0 ? complain(exit_code_of(&e), "%s", e.text) : 0;
}

static int dismiss(struct ledger *l, const struct control_request *r, const char *output)
{
    struct dismissal d;
    int code = dismissal_select(&d, l, r);
    bool selected = code == 0;
    if (selected)
        code = mark_all(l, &d, r->note);
    if (code == 0 && d.count)
        code = write_reports(l, output);
    if (code == 0 || !selected)
        code = tell(code, buffer_text(&d.words));
    dismissal_release(&d);
    return code;
}

static int work(const struct control_request *r, const struct batch_options *o)
{
    struct ledger_options lo = {.path = o->ledger, .clock = &system_clock};
    struct ledger *l;
    struct error e;
    int code = -1;
    if (access(o->ledger, F_OK) != 0)
        return complain(EXIT_USAGE, "no ledger at %s: %s", text_show(o->ledger), strerror(errno));
    for (int i = 0; i < ASK_RUN_TRIES; i++) {
        if (i > 0)
            usleep(ASK_RUN_PAUSE_US);
        if (ledger_open(&l, &lo, &e) == 0) {
            code = dismiss(l, r, o->output);
            ledger_close(l);
            return code;
        }
        if (e.code != ERR_BUSY)
            return complain(exit_code_of(&e), "%s", e.text);
        if ((code = ask_run(r, o->output)) >= 0)
            return code;
    }
    return ask_run_in_vain(e.text);
}

int dismiss_command(const struct command_line *cl)
{
    const unsigned which = FLAG_FAILED | FLAG_IN_DOUBT | FLAG_LOST | FLAG_REJECTED;
    size_t count = (size_t)cl->path_count;
    struct batch_options o;
    if (!(cl->flags & which) && count == 0)
        return complain(EXIT_USAGE,
                        "dismiss what? --failed, --in-doubt, --lost, --rejected, or PATHs");
    if (cl->note && strlen(cl->note) > NOTE_MAX_BYTES)
        return complain(EXIT_USAGE, "--note: at most %d bytes", NOTE_MAX_BYTES);
    char **paths = xcalloc(count, sizeof *paths);
    for (size_t i = 0; i < count; i++)
        paths[i] = resolved_path(cl->paths[i]);
    const struct control_request r = {.command = "dismiss",
                                      .states = {[DOC_FAILED] = (cl->flags & FLAG_FAILED) != 0,
                                                 [DOC_IN_DOUBT] = (cl->flags & FLAG_IN_DOUBT) != 0,
                                                 [DOC_LOST] = (cl->flags & FLAG_LOST) != 0,
                                                 [DOC_REJECTED] = (cl->flags & FLAG_REJECTED) != 0},
                                      .paths = paths,
                                      .path_count = count,
                                      .all = (cl->flags & FLAG_ALL) != 0,
                                      .note = (char *)cl->note};
    batch_options_of_ledger(&o, cl->config);
    int code = work(&r, &o);
    batch_options_release(&o);
    for (size_t i = 0; i < count; i++)
        free(paths[i]);
    free(paths);
    return code;
}
