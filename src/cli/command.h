/* command.h - what there is to know of a command, and what it gets: the command line as it was read.
 * One file a command, which holds all of it: its options, its help, what it does. commands.c lists
 * them. */
#ifndef MB_CLI_COMMAND_H
#define MB_CLI_COMMAND_H

#include "config/config.h"

#include <stdbool.h>
#include <stddef.h>

struct configuration_sources;

struct command_line {
    struct config *config; /* what all sources come to; a batch's, if one is meant */
    struct config *whole;  /* of several batches: what they are all part of; else NULL */
    const char *batch;     /* its name, else NULL */
    bool of_several;       /* the same command is given for other batches, too */
    bool *interrupted;     /* to be set where somebody stopped a run; may be NULL */
    const void *own;       /* the command's own options, the struct of its file */
    char **paths;
    int path_count;
    bool quiet;
    int verbose;
    const char *program;                         /* argv[0] */
    const struct configuration_sources *sources; /* to read the configuration again */
};

/* What an option that may be given again and again has come to. */
enum { COMMAND_LIST_MAX = 64 };
struct command_list {
    const char *items[COMMAND_LIST_MAX];
    size_t count;
};

/* An option that only some commands take, as a field of the struct of the command's file. */
struct command_option {
    const char *name;     /* without its dashes */
    const char *argument; /* what follows it, for people; NULL: nothing does; "NAME...": the option
                             may be given again, and its field is a struct command_list */
    const char *help;     /* one line, no full stop */
    size_t field; /* a bool; where something follows, a const char *, NULL if it isn't given */
};

struct command {
    const char *name, *arguments, *summary;
    const char *help;    /* what --help of the command says besides its options; whole lines */
    const char *example; /* what follows the name in an example of it */
    const struct command_option *options; /* ended by one without a name; NULL: none of its own */
    size_t own_size;                      /* of its struct, in bytes */
    bool by_batch;                        /* it takes --batch NAME */
    bool each;       /* run is called for each batch (batches.h), not once for all */
    bool takes_rows; /* an argument like -line_items[3] is no option */
    bool service;    /* it stays, and says more in its log */
    int (*run)(const struct command_line *cl); /* the exit code */
};

extern const struct command run_command, plan_command, status_command, retry_command,
    dismiss_command, serve_command, explain_command, verify_command, export_command, report_command,
    columns_command, review_command, audit_command, credits_command, ledger_command, models_command,
    schedule_command, config_command, demo_command;

/* commands.c: in the order of --help, ended by NULL. */
extern const struct command *const commands[];
/* NULL: there is none of that name. */
const struct command *command_find(const char *name);

#endif
