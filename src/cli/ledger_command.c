/* mindee-batch ledger: what is done to a ledger as a whole. `backup FILE` copies it beside a run
 * that may be at work; `restored --yes` goes on with one that was put back from such a copy, which a
 * run refuses. */
#include "base/text.h"
#include "batch/batch.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/resolved_path.h"
#include "cli/restored_ledger.h"
#include "ledger/backup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct ledger_asked {
    bool yes;
};

static int backup(const struct batch_options *o, const char *file)
{
    struct error e;
    char *to = resolved_path(file);
    int code = 0;
    if (ledger_backup(o->ledger, to, &e) < 0)
        code = complain(exit_code_of(&e), "%s", e.text);
    else
        printf("%s was copied to %s\n", text_show(o->ledger), text_show(to));
    free(to);
    return code;
}

static int explain_restored(void)
{
    return complain(
        EXIT_USAGE,
        "`ledger restored --yes` is for a ledger that was put back from a backup, or "
        "copied: it holds in doubt what was queued or on its way, and what is there and not in "
        "it, for that may have been sent since; if that is so, put lost files back first, and "
        "say --yes");
}

static void tell_missing(int64_t missing)
{
    char count[40] = "it isn't known how many uploads are";
    if (missing > 0)
        snprintf(count, sizeof count, "%" PRId64 " upload%s", missing,
                 missing == 1 ? " is" : "s are");
    printf("%s missing from it: documents that it doesn't know, and whose files are there already, "
           "are held in doubt too when a run finds them; files that come from now on are sent\n",
           count);
}

static void tell_held(const struct batch_options *o, const struct ledger_held *held)
{
    bool one = held->in_doubt == 1;
    printf("%s: %" PRId64
           " document%s held in doubt, for %s may have been sent since it was copied;"
           " `retry --in-doubt` sends %s, and may pay a second time\n",
           text_show(o->ledger), held->in_doubt, one ? " is" : "s are", one ? "it" : "they",
           one ? "it" : "them");
    if (held->missing != 0)
        tell_missing(held->missing);
    if (held->jobs)
        printf("%" PRId64 " job%s known: `run` asks for %s\n", held->jobs,
               held->jobs == 1 ? " is" : "s are", held->jobs == 1 ? "its result" : "their results");
}

static int restored(const struct batch_options *o, bool yes)
{
    struct ledger_held held;
    struct error e;
    if (access(o->ledger, F_OK) != 0)
        return complain_no_ledger(o->ledger, errno);
    if (!yes)
        return explain_restored();
    if (restored_ledger(o, &system_clock, &held, &e) < 0)
        return complain(exit_code_of(&e), "%s", e.text);
    tell_held(o, &held);
    return 0;
}

static int work(const struct command_line *cl, const struct batch_options *o)
{
    const struct ledger_asked *asked = cl->own;
    const char *word = cl->path_count ? cl->paths[0] : "";
    bool yes = asked->yes;
    if (strcmp(word, "backup") == 0 && cl->path_count == 2 && !yes)
        return backup(o, cl->paths[1]);
    if (strcmp(word, "restored") == 0 && cl->path_count == 1)
        return restored(o, yes);
    return complain(EXIT_USAGE, "ledger backup FILE, or ledger restored --yes (see mindee-batch "
                                "ledger --help)");
}

static int ledger(const struct command_line *cl)
{
    struct batch_options o;
    if (!cl->batch && config_batch_count(cl->config) > 0)
        return complain(EXIT_USAGE,
                        "each batch has a ledger of its own: say which with --batch NAME");
    batch_options_of_ledger(&o, cl->config);
    int code = work(cl, &o);
    batch_options_release(&o);
    return code;
}

static const struct command_option options[] = {
    {"yes", NULL, "it was put back, or copied", offsetof(struct ledger_asked, yes)},
    {NULL, NULL, NULL, 0}};

const struct command ledger_command = {
    .name = "ledger",
    .arguments = "backup FILE | restored --yes",
    .summary = "copy the ledger; go on with one that was put back",
    .help = "backup FILE: copies the ledger at one moment, also while a run is at work (and\n"
            "its file book to FILE.files; put back, both go together). Replaces nothing.\n"
            "restored --yes: says that the ledger was put back from a backup. What was\n"
            "queued or on its way then is held in doubt, for it may have been sent since,\n"
            "and so is a file that isn't in it and was there before, where uploads are\n"
            "missing from it: put lost files back first. `retry --in-doubt` sends what is\n"
            "held. Jobs that are known are asked for by the next run.\n",
    .example = "backup -s output.directory=out monday.db",
    .options = options,
    .own_size = sizeof(struct ledger_asked),
    .by_batch = true,
    .run = ledger,
};
