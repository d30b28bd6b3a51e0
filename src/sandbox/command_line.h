/* command_line.h - the options of `mindee-batch sandbox`. */
#ifndef MB_SANDBOX_COMMAND_LINE_H
#define MB_SANDBOX_COMMAND_LINE_H

#include "sandbox/sandbox.h"

struct command_line {
    struct sandbox_options sandbox; /* its texts point into argv, its plan is owned here */
    struct catalog *catalog;        /* the sandbox's, owned here */
    const char *tls_made;           /* --tls: write a made certificate there; NULL: no */
    const char *tls_cert, *tls_key; /* files; NULL: none */
    const char *trace;              /* --trace: a file; NULL: none */
    int samples;                    /* --samples: make so many and exit; 0: serve */
    const char *samples_dir;
    int flaws;           /* --flaws: in so many of them; -1: not given */
    const char *totals;  /* --totals: the file for what is printed on them; NULL: none */
    const char *answers; /* --answers: a directory; NULL: none */
    const char *record;  /* --record: a run's output directory, to make answers of; NULL: serve */
    bool anonymous;      /* without names and texts */
    bool help, help_all, quiet;
    int verbose;
};

/* 0, or ERR_USAGE with a text that says what is wrong. Release it in any case. */
MUST_CHECK int command_line_parse(struct command_line *c, int argc, char **argv, struct error *e);
void command_line_release(struct command_line *c);
void command_line_help(const char *name, bool all); /* a screen of 24 lines, or all */

#endif
