/* command_line.h - from the words behind a command's name to a struct command_line. What configures
 * the program is only collected here: configuration.h reads it. */
#ifndef MB_CLI_COMMAND_LINE_H
#define MB_CLI_COMMAND_LINE_H

#include "cli/command.h"
#include "cli/configuration.h"

/* ARGV[0] is the command's name; OWN is its struct, zeroed; FROM has room for ARGC options of -s. -1 to go on, or an exit
 * code: --help was asked for and is printed, or a mistake was told. */
int command_line_read(struct command_line *cl, const struct command *command, void *own,
                      struct configuration_sources *from, int argc, char **argv);

#endif
