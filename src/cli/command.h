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
};

struct command_line {
    struct config *config; /* defaults, environment, -c file, -s options */
    char **paths;
    int path_count;
    bool quiet;
    unsigned flags; /* command_flag bits: the words of single commands */
    int verbose;
    const char *program; /* argv[0] */
};

struct command {
    const char *name, *arguments, *summary;
    const char *help; /* what --help of the command says besides the options */
    unsigned flags;   /* those it takes */
    int (*run)(const struct command_line *cl); /* the exit code */
};

int run_command(const struct command_line *cl);
int plan_command(const struct command_line *cl);
int status_command(const struct command_line *cl);
int retry_command(const struct command_line *cl);
int serve_command(const struct command_line *cl);
int explain_command(const struct command_line *cl);
int verify_command(const struct command_line *cl);
int models_command(const struct command_line *cl);
int config_command(const struct command_line *cl);
int demo_command(const struct command_line *cl);

/* The absolute path of a file that may be gone by now, as the ledger knows it. To be freed. */
char *ledger_path_of(const char *path);

/* Prints "mindee-batch: <text>" to standard error; returns CODE. */
int complain(int code, const char *format, ...) PRINTF(2, 3);

#endif
