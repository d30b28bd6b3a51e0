/* pages.h - the manual's pages, from the tables of commands and options. */
#ifndef MB_MANUAL_PAGES_H
#define MB_MANUAL_PAGES_H

#include "base/buffer.h"
#include "cli/command.h"

void page_program(struct buffer *out);                          /* mindee-batch(1) */
void page_command(struct buffer *out, const struct command *c); /* mindee-batch-COMMAND(1) */
void page_sandbox(struct buffer *out, const char *help);        /* HELP: its --help-all */
void page_options(struct buffer *out);                          /* mindee-batch.ini(5) */

#endif
