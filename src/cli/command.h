/* command.h - what every command gets: the command line, read; and how commands are found. One file
 * a command. */
#ifndef MB_CLI_COMMAND_H
#define MB_CLI_COMMAND_H

#include "base/error.h"
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
};

struct command_line {
    struct config
        *config;       /* defaults, environment, -c file, -s options; a batch's, if one is meant */
    const char *batch; /* its name, else NULL */
    bool *interrupted; /* to be set where somebody stopped a run; may be NULL */
    const char *next, *from, *period; /* what follows --next, --from and --period; else NULL */
    char **paths;
    int path_count;
    bool quiet;
    unsigned flags; /* command_flag bits: the words of single commands */
    int verbose;
    const char *program; /* argv[0] */
    const struct sources *sources;
};

struct command {
    const char *name, *arguments, *summary;
    const char *help; /* what --help of the command says besides the options */
    unsigned flags;   /* those it takes */
    bool each;        /* run is called for each batch, not once for all */
    int (*run)(const struct command_line *cl); /* the exit code */
};

/* Calls WORK for each batch, in the file's order, with a heading; or once, where there are none or
 * CL is of one already. The worst exit code. */
int each_batch(const struct command_line *cl, int (*work)(const struct command_line *));
/* The worse of two exit codes: 70, 3, 2, 4, 5, 1, 0. */
int worse_exit(int a, int b);

int run_command(const struct command_line *cl);
int plan_command(const struct command_line *cl);
int status_command(const struct command_line *cl);
int retry_command(const struct command_line *cl);
int serve_command(const struct command_line *cl);
int explain_command(const struct command_line *cl);
int verify_command(const struct command_line *cl);
int models_command(const struct command_line *cl);
int schedule_command(const struct command_line *cl);
int config_command(const struct command_line *cl);
int demo_command(const struct command_line *cl);

/* The absolute path of a file that may be gone by now, as the ledger knows it. To be freed. */
char *ledger_path_of(const char *path);

/* The configuration as its sources have it now, checked like the first one; NULL and every error.
 */
struct config *configuration_again(const struct command_line *cl, struct error_list *errors);
/* Opens the log as C says. A service, and what has no display to tell the rest, says more. */
int log_open_for(const struct command_line *cl, const struct config *c, bool service,
                 struct error *e);

/* Prints "mindee-batch: <text>" to standard error; returns CODE. */
int complain(int code, const char *format, ...) PRINTF(2, 3);
/* From now on what is printed there begins with the batch's name; NULL: not any more. */
void complain_of(const char *batch);

#endif
