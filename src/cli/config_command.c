/* mindee-batch config: every option, its value, and where that came from. */
#include "cli/command.h"

#include <stdio.h>

int config_command(const struct command_line *cl)
{
    struct buffer out;
    buffer_init(&out, 0);
    config_print(cl->config, &out);
    fputs(buffer_text(&out), stdout);
    buffer_release(&out);
    return 0;
}
