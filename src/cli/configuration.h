/* configuration.h - the configuration that a command line asks for: the environment, the file of
 * -c, the options of -s, each of them stronger than those before it; and the log as it says. It can
 * be read again from the same sources while the program is at work. */
#ifndef MB_CLI_CONFIGURATION_H
#define MB_CLI_CONFIGURATION_H

#include "base/buffer.h"
#include "cli/command.h"

/* As the command line names them; all of its texts are the command line's. */
struct configuration_sources {
    const char *batch; /* --batch: whose the options of -s are; NULL: everybody's */
    const char *file;  /* -c; NULL: none */
    const char **sets; /* -s, in their order; owned */
    int set_count;
    struct buffer log_format; /* one more to be set; empty: none */
};

void configuration_sources_init(struct configuration_sources *from, int most_sets);
void configuration_sources_release(struct configuration_sources *from);

/* What the sources say at this moment, checked as a whole; the caller's to free. NULL and every
 * error. */
MUST_CHECK struct config *configuration_read(const struct configuration_sources *from,
                                             struct error_list *errors);

/* Opens the log as C says. A service says more, and so does what has no display for the rest. */
MUST_CHECK int configuration_open_log(const struct command_line *cl, const struct config *c,
                                      bool service, struct error *e);

#endif
