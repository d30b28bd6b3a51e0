/* mindee-batch plan: what a run would send, and what it would cost. */
#include "service/plan.h"
#include "batch/batch.h"
#include "batch/verdict.h"
#include "cli/command.h"
#include "cli/complain.h"

#include <stdio.h>

static int plan(const struct command_line *cl)
{
    struct batch_options o;
    struct plan plan;
    struct error e;
    struct buffer out;
    if (batch_options_read(&o, cl->config, cl->paths, (size_t)cl->path_count, false, &e) < 0)
        return complain(EXIT_USAGE, "%s", e.text);
    if (o.root_count == 0) {
        batch_options_release(&o);
        return complain(EXIT_USAGE, "no documents are named: give a PATH, or input.directory");
    }
    struct loop *loop = loop_new(&system_clock);
    int code = 0;
    buffer_init(&out, 0);
    if (plan_make(&plan, loop, &o, &e) < 0) {
        code = complain(exit_code_of(&e), "%s", e.text);
    } else {
        plan_print(&plan, &o, &out);
        fputs(buffer_text(&out), stdout);
        if (plan.files == 0)
            complain(0, VERDICT_NO_FILES);
        plan_release(&plan);
    }
    buffer_release(&out);
    loop_free(loop);
    batch_options_release(&o);
    return code;
}

const struct command plan_command = {
    .name = "plan",
    .arguments = "[PATH]...",
    .summary = "documents, pages, credits, time; sends nothing",
    .help = "Looks at every file as `run` would, and says what it would send, leave out and\n"
            "cost.\n",
    .example = "invoices/",
    .by_batch = true,
    .each = true,
    .run = plan,
};
