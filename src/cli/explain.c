/* mindee-batch explain PATH: one document's whole history, for a person who asks "what happened to
 * this one?". */
#include "base/text.h"
#include "batch/batch.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/path_in_ledger.h"
#include "cli/story.h"
#include "ledger/listing.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct explain_asked {
    bool all;
};

struct printing {
    struct ledger *ledger;
    int count, rc;
};

static int print_one(void *ctx, const struct ledger_listing *row)
{
    struct printing *p = ctx;
    if (p->count++ > 0)
        printf("\n");
    p->rc = story_print(p->ledger, row);
    return p->rc < 0;
}

static int explain(struct ledger *l, const char *path, bool all)
{
    struct printing p = {.ledger = l};
    int rc = ledger_list_meant(l, path, all, print_one, &p);
    if (rc == 0)
        return complain(
            EXIT_USAGE,
            "%s is not in the ledger: no run has come across it, or the output directory is another one",
            text_show(path));
    rc = rc < 0 ? rc : p.rc;
    return rc < 0 ? complain(EXIT_LEDGER, "%s", ledger_error(l)->text) : 0;
}

static int explain_path(const struct command_line *cl)
{
    const struct explain_asked *asked = cl->own;
    struct batch_options o;
    struct error e;
    struct ledger *l;
    if (cl->path_count != 1)
        return complain(EXIT_USAGE, "explain takes one PATH: a document's");
    batch_options_of_ledger(&o, cl->config);
    struct ledger_options lo = {.path = o.ledger, .read_only = true, .clock = &system_clock};
    int code;
    if (ledger_open(&l, &lo, &e) < 0) {
        code = e.code == ERR_NOT_FOUND ? complain_no_ledger(o.ledger, ENOENT)
                                       : complain(exit_code_of(&e), "%s", e.text);
    } else {
        char *path = path_in_ledger(l, cl->paths[0]);
        code = explain(l, path, asked->all);
        free(path);
        ledger_close(l);
    }
    batch_options_release(&o);
    return code;
}

static const struct command_option options[] = {
    {"all", NULL, "every file that was at a PATH, not only the one there now",
     offsetof(struct explain_asked, all)},
    {NULL, NULL, NULL, 0}};

const struct command explain_command = {
    .name = "explain",
    .arguments = "PATH",
    .summary = "one document's whole history",
    .help = "What was done with it, when, and why: each upload, its job, its result. PATH is\n"
            "the file that is there now; where there is none, or with --all, every file that\n"
            "was there, newest first. It is found by the path it came to and by where it was\n"
            "moved.\n",
    .example = "-s output.directory=out invoices/17.pdf",
    .options = options,
    .own_size = sizeof(struct explain_asked),
    .by_batch = true,
    .each = true,
    .run = explain_path,
};
