/* mindee-batch config: every option, its value, and where that came from. */
#include "cli/command.h"

#include <stdio.h>

static int print_config(const struct command_line *cl)
{
    struct buffer out;
    buffer_init(&out, 0);
    config_print(cl->config, &out);
    fputs(buffer_text(&out), stdout);
    buffer_release(&out);
    return 0;
}

const struct command config_command = {
    .name = "config",
    .arguments = "",
    .summary = "every option, its value and where that came from",
    .help = "",
    .example = "-c batch.ini",
    .by_batch = true,
    .run = print_config,
};
