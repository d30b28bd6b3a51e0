/* program.h - how each of our programs begins and ends, and where the others are. */
#ifndef MB_BASE_PROGRAM_H
#define MB_BASE_PROGRAM_H

#include "base/error.h"

/* First of all in a program. Of the descriptors 0, 1 and 2 those that were closed when it began are
 * opened on /dev/null: the next file opened would get that number, and whatever is printed would go
 * into it. And a write to a pipe that nobody reads, or beyond the size that `ulimit -f` allows, is
 * an error from here on, not the program's end: SIGPIPE and SIGXFSZ are ignored. */
void program_begin(void);

/* Last of all: whether what was printed arrived where standard output leads. 0 or ERR_IO. */
MUST_CHECK int program_output_end(struct error *e);

/* Where the program NAME is: in the directory of the one that runs, or installed, below it, in
 * ../libexec/mindee-batch. Its path, to free; NULL if it is in neither. */
char *program_beside(const char *name);

#endif
