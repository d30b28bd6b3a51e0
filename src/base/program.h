/* program.h - the programs that belong to this one. */
#ifndef MB_BASE_PROGRAM_H
#define MB_BASE_PROGRAM_H

/* Where the program NAME is: in the directory of the one that runs, or installed, below it, in
 * ../libexec/mindee-batch. Its path, to free; NULL if it is in neither. */
char *program_beside(const char *name);

#endif
