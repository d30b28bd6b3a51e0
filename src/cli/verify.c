/* mindee-batch verify: is everything where it belongs? */
#include "base/text.h"
#include "batch/batch.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/verify_ledger.h"

#include <stdio.h>

int verify_command(const struct command_line *cl)
{
    struct batch_options o;
    struct verify v;
    struct error e;
    struct buffer out;
    if (batch_options_read(&o, cl->config, cl->paths, (size_t)cl->path_count, false, &e) < 0)
        return complain(EXIT_USAGE, "%s", e.text);
    struct loop *loop = loop_new(&system_clock);
    int code;
    buffer_init(&out, 0);
    if (verify_make(&v, loop, &o, (cl->flags & FLAG_REPAIR) != 0, &e) < 0) {
        code = complain(exit_code_of(&e), "%s", e.text);
    } else {
        verify_print(&v, &out);
        fputs(buffer_text(&out), stdout);
        code = verify_exit_code(&v);
    }
    verify_release(&v);
    buffer_release(&out);
    loop_free(loop);
    batch_options_release(&o);
    return code;
}
