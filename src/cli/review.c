/* mindee-batch review: which records need a person, and what a person decides. It reads the ledger, also beside a run
 * that is at work, and writes review.db alone. */
#include "cli/review.h"
#include "cli/complain.h"
#include "cli/configuration.h"
#include "cli/review_serve.h"

#include <string.h>

static int serve(struct review_work *w, const struct command_line *cl)
{
    const struct review_asked *asked = cl->own;
    const struct review_serve_asked how = {
        .port = asked->port, .idle = asked->idle, .by = asked->by, .open = asked->open};
    if (cl->batch && !cl->sources->batch)
        return complain(EXIT_USAGE, "the page is of one batch: say which with --batch NAME");
    return review_serve(w, &how, cl);
}

static int work(struct review_work *w, const struct command_line *cl)
{
    const struct review_asked *asked = cl->own;
    const char *word = cl->path_count ? cl->paths[0] : "";
    char *const *rest = cl->paths + (cl->path_count ? 1 : 0);
    size_t count = cl->path_count ? (size_t)cl->path_count - 1 : 0;
    for (enum review_action a = 0; a < REVIEW_ACTIONS; a++)
        if (strcmp(word, review_action_names[a]) == 0)
            return review_decide_all(w, asked, a, rest, count);
    if (strcmp(word, "correct") == 0)
        return review_correct_one(w, asked, rest, count);
    if (strcmp(word, "import") == 0 && count == 1)
        return review_import(w, asked, rest[0]);
    if (strcmp(word, "serve") == 0)
        return serve(w, cl);
    if (strcmp(word, "import") == 0)
        return complain(EXIT_USAGE, "review import FILE.csv");
    return review_show(w, asked, cl->paths, (size_t)cl->path_count);
}

static int review(const struct command_line *cl)
{
    struct review_work w;
    int code = review_work_open(&w, cl->config);
    if (!code)
        code = work(&w, cl);
    review_work_close(&w);
    return code;
}

static const struct command_option options[] = {
    {"open", NULL, "those that need a person; of serve: opens a browser",
     offsetof(struct review_asked, open)},
    {"later", NULL, "those that were put off", offsetof(struct review_asked, later)},
    {"all", NULL, "every record, decided or not", offsetof(struct review_asked, all)},
    {"reason", "C...", "with that reason alone: total-sum, duplicate-number",
     offsetof(struct review_asked, reasons)},
    {"json", NULL, "for programs", offsetof(struct review_asked, json)},
    {"csv", NULL, "a sheet to fill in for import", offsetof(struct review_asked, csv)},
    {"accept", NULL, "of correct: and it is right now", offsetof(struct review_asked, accept)},
    {"note", "TEXT", "why, for the audit trail", offsetof(struct review_asked, note)},
    {"by", "NAME", "who decides (the system's user)", offsetof(struct review_asked, by)},
    {"seen", "V", "refused if its version (of --json) isn't V any more",
     offsetof(struct review_asked, seen)},
    {"dry-run", NULL, "of import: only say what it would do",
     offsetof(struct review_asked, dry_run)},
    {"port", "N", "serve: a page for a browser here to settle them on; its port",
     offsetof(struct review_asked, port)},
    {"idle", "TIME", "of serve: ends when nothing was asked for so long (30m)",
     offsetof(struct review_asked, idle)},
    {NULL, NULL, NULL, 0}};

const struct command review_command = {
    .name = "review",
    .arguments = "[serve|accept|reject|later|reopen] [PATH]...",
    .summary = "what needs a person, and what is decided of it",
    .help = "import FILE.csv; correct PATH|RECORD FIELD=VALUE... (FIELD=, +LIST, -LIST[3]).\n",
    .example = "-s output.directory=out accept invoices/a.pdf",
    .options = options,
    .own_size = sizeof(struct review_asked),
    .by_batch = true,
    .each = true,
    .takes_rows = true,
    .run = review,
};
