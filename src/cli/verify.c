/* mindee-batch verify: is everything where it belongs? Needs the ledger alone; the inputs are looked
 * at where they are named, or input.directory is there. */
#include "base/text.h"
#include "batch/batch.h"
#include "cli/batches.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/verify_audit.h"
#include "cli/verify_ledger.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct verify_asked {
    bool repair;
    const char *audit;
};

static int read_options(struct batch_options *o, const struct command_line *cl, struct error *e)
{
    size_t count = (size_t)cl->path_count;
    int rc = batch_options_read(o, cl->config, cl->paths, count, false, e);
    if (rc < 0 && count > 0)
        return rc;
    if (rc < 0) {
        complain(0, "%s: the inputs are not looked at", e->text);
        batch_options_of_ledger(o, cl->config);
    }
    batch_access_as_found(o, cl->config);
    return 0;
}

static int verify(const struct command_line *cl)
{
    const struct verify_asked *asked = cl->own;
    struct batch_options o;
    struct verify v;
    struct error e;
    struct buffer out;
    if (read_options(&o, cl, &e) < 0)
        return complain(EXIT_USAGE, "%s", e.text);
    if (access(o.ledger, F_OK) != 0) { /* to mend it, one would be made */
        int code = complain_no_ledger(o.ledger, errno);
        batch_options_release(&o);
        return code;
    }
    struct loop *loop = loop_new(&system_clock);
    int code;
    buffer_init(&out, 0);
    if (verify_make(&v, loop, &o, asked->repair, &e) < 0) {
        code = complain(exit_code_of(&e), "%s", e.text);
    } else {
        verify_print(&v, &out);
        fputs(buffer_text(&out), stdout);
        code = verify_exit_code(&v);
        code = worse_exit(code, verify_audit(&o, asked->audit));
    }
    verify_release(&v);
    buffer_release(&out);
    loop_free(loop);
    batch_options_release(&o);
    return code;
}

static const struct command_option options[] = {
    {"repair", NULL, "write result files again that are missing or differ",
     offsetof(struct verify_asked, repair)},
    {"audit", "HASH", "whether that hash is in the audit trail",
     offsetof(struct verify_asked, audit)},
    {NULL, NULL, NULL, 0}};

const struct command verify_command = {
    .name = "verify",
    .arguments = "[PATH]...",
    .summary = "every input in one place, every result intact",
    .help = "Reads only, unless --repair is given; the audit trail of `review` too, whose\n"
            "decisions are in review.db alone and can't be made again: back that up, too.\n",
    .example = "-s output.directory=out invoices/",
    .options = options,
    .own_size = sizeof(struct verify_asked),
    .by_batch = true,
    .each = true,
    .run = verify,
};
