/* command.h - what every command gets, the command line as it was read, and what there is to know
 * of a command. One file a command; main.c has the table of them. */
#ifndef MB_CLI_COMMAND_H
#define MB_CLI_COMMAND_H

#include "config/config.h"

#include <stdbool.h>

enum command_flag {
    FLAG_JSON = 1,
    FLAG_REPAIR = 2,
    FLAG_FAILED = 4,
    FLAG_IN_DOUBT = 8,
    FLAG_LOST = 16,
    FLAG_REJECTED = 32,
    FLAG_BATCH = 64,   /* --batch NAME */
    FLAG_NEXT = 128,   /* --next N */
    FLAG_FROM = 256,   /* --from DATE */
    FLAG_PERIOD = 512, /* --period P */
    FLAG_YES = 1024,
    FLAG_ALL = 2048,
    FLAG_NOTE = 4096, /* --note TEXT */
};

struct configuration_sources;

struct command_line {
    struct config *config;            /* what all sources come to; a batch's, if one is meant */
    const char *batch;                /* its name, else NULL */
    bool *interrupted;                /* to be set where somebody stopped a run; may be NULL */
    const char *next, *from, *period; /* what follows --next, --from and --period; else NULL */
    const char *note;                 /* what follows --note; else NULL */
    char **paths;
    int path_count;
    bool quiet;
    unsigned flags; /* command_flag bits: what single commands take */
    int verbose;
    const char *program;                         /* argv[0] */
    const struct configuration_sources *sources; /* to read the configuration again */
};

struct command {
    const char *name, *arguments, *summary;
    const char *help;    /* what --help of the command says besides its options; whole lines */
    const char *example; /* what follows the name in an example of it */
    unsigned flags;      /* those it takes */
    bool each;           /* run is called for each batch (batches.h), not once for all */
    int (*run)(const struct command_line *cl); /* the exit code */
};

int run_command(const struct command_line *cl);
int plan_command(const struct command_line *cl);
int status_command(const struct command_line *cl);
int retry_command(const struct command_line *cl);
int dismiss_command(const struct command_line *cl);
int serve_command(const struct command_line *cl);
int explain_command(const struct command_line *cl);
int verify_command(const struct command_line *cl);
int ledger_command(const struct command_line *cl);
int models_command(const struct command_line *cl);
int schedule_command(const struct command_line *cl);
int config_command(const struct command_line *cl);
int demo_command(const struct command_line *cl);

#endif
