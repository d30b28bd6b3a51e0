/* batches.h - a command over the batches of a configuration, one after the other. */
#ifndef MB_CLI_BATCHES_H
#define MB_CLI_BATCHES_H

#include "cli/command.h"

/* Calls WORK for each batch, in the file's order, with a heading; or once, where there are none or
 * CL is of one already. The worst exit code. */
int each_batch(const struct command_line *cl, int (*work)(const struct command_line *));
/* The worse of two exit codes: 70, 3, 2, 4, 5, 1, 0. */
int worse_exit(int a, int b);

#endif
