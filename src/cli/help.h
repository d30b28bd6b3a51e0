/* help.h - what --help and `help` print. Each page but the list of options fits a screen of 24 lines
 * of 80 columns. */
#ifndef MB_CLI_HELP_H
#define MB_CLI_HELP_H

#include "cli/command.h"

#include <stdio.h>

/* What the program is for, and its commands. */
void help_program(FILE *out);
void help_command(FILE *out, const struct command *command);
/* Every option of the INI file and of -s. */
void help_options(FILE *out);
void help_exit_codes(FILE *out);

struct exit_meaning {
    int code;
    const char *text; /* no full stop */
};
/* Ended by one without a text. */
extern const struct exit_meaning exit_meanings[];

#endif
