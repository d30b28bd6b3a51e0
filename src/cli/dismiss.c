/* mindee-batch dismiss: a person settles documents by hand. What is meant is looked up first, all of
 * it, so that a PATH that can't be dismissed leaves the others as they were; then one commit marks
 * them, and the numbers and failures.csv are written anew. Needs the ledger alone: nothing is sent,
 * and no file is read. */
#include "base/array.h"
#include "base/text.h"
#include "base/units.h"
#include "batch/batch.h"
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

struct dismissal {
    const struct command_line *cl;
    struct ledger *ledger;
    int64_t *ids; /* documents, each once */
    size_t count, capacity;
    enum doc_state other; /* of a PATH's: none of its documents can be dismissed, this one not */
    size_t of_path;       /* its documents that can */
};

static void add(struct dismissal *d, const struct ledger_listing *row)
{
    if (row->dismissed.ms && !d->cl->note) /* it is settled, and there is nothing to add */
        return;
    ARRAY_RESERVE(d->ids, d->capacity, d->count + 1);
    d->ids[d->count++] = row->document_id;
}

static bool is_asked_for(const struct dismissal *d, enum doc_state state)
{
    static const unsigned flags[DOC_STATE_COUNT] = {[DOC_FAILED] = FLAG_FAILED,
                                                    [DOC_IN_DOUBT] = FLAG_IN_DOUBT,
                                                    [DOC_LOST] = FLAG_LOST,
                                                    [DOC_REJECTED] = FLAG_REJECTED};
    return (d->cl->flags & flags[state]) != 0;
}

static int select_row(void *ctx, const struct ledger_listing *row)
{
    struct dismissal *d = ctx;
    if (is_asked_for(d, row->state) && !row->dismissed.ms)
        add(d, row);
    return 0;
}

static int select_named(void *ctx, const struct ledger_listing *row)
{
    struct dismissal *d = ctx;
    if (doc_state_can_be_dismissed(row->state)) {
        d->of_path++;
        add(d, row);
    } else {
        d->other = row->state;
    }
    return 0;
}

static int ledger_trouble(const struct dismissal *d)
{
    const struct error *e = ledger_error(d->ledger);
    return complain(exit_code_of(e), "%s", e->text);
}

static int select_path(struct dismissal *d, const char *given)
{
    char *path = resolved_path(given);
    d->of_path = 0;
    int found = ledger_list_meant(d->ledger, path, (d->cl->flags & FLAG_ALL) != 0, select_named, d);
    int code = 0;
    if (found < 0)
        code = ledger_trouble(d);
    else if (found == 0)
        code = complain(EXIT_USAGE,
                        "%s is not in the ledger; name files as failures.csv does; nothing "
                        "was dismissed",
                        text_show(path));
    else if (d->of_path == 0)
        code = complain(EXIT_USAGE,
                        "%s is %s: only what failed, was rejected, is lost or in doubt can be "
                        "dismissed; nothing was",
                        text_show(path), doc_state_names[d->other]);
    free(path);
    return code;
}

static int select_all(struct dismissal *d)
{
    int code = ledger_list(d->ledger, false, select_row, d) < 0 ? ledger_trouble(d) : 0;
    for (int i = 0; i < d->cl->path_count && code == 0; i++)
        code = select_path(d, d->cl->paths[i]);
    return code;
}

static int mark(struct dismissal *d, int64_t id)
{
    struct ledger_document doc;
    int rc = ledger_document_get(d->ledger, id, &doc);
    if (rc < 0)
        return rc;
    const struct ledger_step s = {.document_id = id,
                                  .from = doc.state,
                                  .to = doc.state,
                                  .event = EV_DISMISS,
                                  .attempts = doc.attempts,
                                  .attempt = doc.attempt,
                                  .cause = d->cl->note};
    ledger_document_release(&doc);
    return ledger_step(d->ledger, &s);
}

static int mark_all(struct dismissal *d)
{
    int rc = 0;
    d->count = array_sort_numbers(d->ids, d->count);
    for (size_t i = 0; i < d->count && rc == 0; i++)
        rc = mark(d, d->ids[i]);
    if (rc == 0)
        rc = ledger_commit(d->ledger);
    return rc < 0 ? ledger_trouble(d) : 0;
}

static int write_reports(struct dismissal *d, const char *output)
{
    struct summary s;
    struct error e;
    int rc = summary_read(&s, d->ledger, &e);
    if (rc == 0)
        rc = summary_write(&s, output, &e);
    if (rc == 0)
        rc = failures_write(d->ledger, output, &e);
    return rc < 0 ? complain(exit_code_of(&e), "%s", e.text) : 0;
}

static int dismiss(struct dismissal *d, const char *output)
{
    char count[UNITS_TEXT_MAX];
    int code = select_all(d);
    if (code == 0)
        code = mark_all(d);
    if (code == 0 && d->count)
        code = write_reports(d, output);
    if (code == 0 && d->count)
        printf("%s document%s dismissed: `mindee-batch retry PATH` takes one up again\n",
               count_format((int64_t)d->count, count), d->count == 1 ? " is" : "s are");
    else if (code == 0)
        printf("there was nothing to dismiss\n");
    return code;
}

static int open_and_dismiss(struct dismissal *d, const struct batch_options *o)
{
    struct ledger_options lo = {.path = o->ledger, .clock = &system_clock};
    struct error e;
    if (access(o->ledger, F_OK) != 0)
        return complain(EXIT_USAGE, "no ledger at %s: %s", text_show(o->ledger), strerror(errno));
    if (ledger_open(&d->ledger, &lo, &e) < 0)
        return complain(exit_code_of(&e), "%s", e.text);
    int code = dismiss(d, o->output);
    ledger_close(d->ledger);
    return code;
}

int dismiss_command(const struct command_line *cl)
{
    const unsigned which = FLAG_FAILED | FLAG_IN_DOUBT | FLAG_LOST | FLAG_REJECTED;
    struct dismissal d = {.cl = cl};
    struct batch_options o;
    if (!(cl->flags & which) && cl->path_count == 0)
        return complain(EXIT_USAGE,
                        "dismiss what? --failed, --in-doubt, --lost, --rejected, or PATHs");
    if (cl->note && strlen(cl->note) > NOTE_MAX_BYTES)
        return complain(EXIT_USAGE, "--note: at most %d bytes", NOTE_MAX_BYTES);
    batch_options_of_ledger(&o, cl->config);
    int code = open_and_dismiss(&d, &o);
    batch_options_release(&o);
    free(d.ids);
    return code;
}
