/* See ask_run.h. */
#include "cli/ask_run.h"

#include "batch/batch.h"
#include "cli/complain.h"
#include "control/control_client.h"

#include <limits.h>
#include <stdio.h>

/* In the output directory, or where the lock says. */
static int ask(const struct control_request *r, const struct batch_options *o,
               struct control_answer *a, struct error *e)
{
    char elsewhere[PATH_MAX];
    int rc = control_ask(o->output, r, a, e);
    if (rc == ERR_NOT_FOUND && ledger_find_asked_at(o->ledger, elsewhere, sizeof elsewhere))
        rc = control_ask(elsewhere, r, a, e);
    return rc;
}

int ask_run(const struct control_request *r, const struct batch_options *o)
{
    struct control_answer a;
    struct error e;
    int rc = ask(r, o, &a, &e);
    if (rc == ERR_NOT_FOUND)
        return -1;
    if (rc < 0)
        return complain(rc == ERR_LIMIT ? EXIT_USAGE : EXIT_LEDGER, "%s", e.text);
    int code = a.exit_code == EXIT_LEDGER ? -1 : a.exit_code; /* it is ending */
    if (code > 0)
        complain(code, "%s", a.text);
    else if (code == 0)
        printf("%s\n", a.text);
    control_answer_release(&a);
    return code;
}

int ask_run_in_vain(const char *busy)
{
    return complain(EXIT_LEDGER,
                    "%s; it can't be asked: run the same command again when it has ended", busy);
}
