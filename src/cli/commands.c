/* The commands, in the order of --help. Each is told of in its own file. */
#include "cli/command.h"

#include <string.h>

const struct command *const commands[] = {
    &run_command,     &plan_command,     &status_command, &retry_command,   &dismiss_command,
    &serve_command,   &explain_command,  &verify_command, &export_command,  &report_command,
    &columns_command, &review_command,   &audit_command,  &credits_command, &ledger_command,
    &models_command,  &schedule_command, &config_command, &demo_command,    NULL,
};

const struct command *command_find(const char *name)
{
    for (const struct command *const *c = commands; *c; c++)
        if (strcmp((*c)->name, name) == 0)
            return *c;
    return NULL;
}
