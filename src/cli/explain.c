/* mindee-batch explain PATH: one document's whole history, for a person who asks "what happened to
 * this one?". */
#include "base/text.h"
#include "batch/batch.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/path_in_ledger.h"
#include "cli/story.h"
#include "ledger/listing.h"
#include "monitor/history_json.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct explain_asked {
    bool all, json;
};

struct printing {
    struct ledger *ledger;
    bool json;
    int count, rc;
    int64_t last; /* document that was printed */
};

/* A document once, however many of its files are meant. */
static int print_one_json(struct printing *p, int64_t document)
{
    struct buffer text;
    if (p->last == document)
        return 0;
    p->last = document;
    buffer_init(&text, 0);
    p->rc = history_json_put(&text, p->ledger, document);
    if (p->rc == 0)
        printf("%s", buffer_text(&text));
    buffer_release(&text);
    return p->rc < 0;
}

static int print_one(void *ctx, const struct ledger_listing *row)
{
    struct printing *p = ctx;
    if (p->json)
        return print_one_json(p, row->document_id);
    if (p->count++ > 0)
        printf("\n");
    p->rc = story_print(p->ledger, row);
    return p->rc < 0;
}

static int explain(struct ledger *l, const char *path, const struct explain_asked *asked)
{
    struct printing p = {.ledger = l, .json = asked->json};
    int rc = ledger_list_meant(l, path, asked->all, print_one, &p);
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
        code = explain(l, path, asked);
        free(path);
        ledger_close(l);
    }
    batch_options_release(&o);
    return code;
}

static const struct command_option options[] = {
    {"all", NULL, "every file that was at a PATH, not only the one there now",
     offsetof(struct explain_asked, all)},
    {"json", NULL, "for programs: an object a document", offsetof(struct explain_asked, json)},
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
