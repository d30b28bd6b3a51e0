/* trouble.h - whose an error of the system is: the file's, or ours. The one place that decides it,
 * for intake, uploads and moves.
 *
 * What is the file's own says something about it and stays so: it isn't there, its permissions don't
 * let us, its name is impossible. Everything else is trouble of ours, of the machine or of the disk
 * or share that the file is on. It passes, and says nothing about the file: whoever meets it tries
 * again later. An error that isn't known is trouble: a good document is never rejected for it. */
#ifndef MB_BASE_TROUBLE_H
#define MB_BASE_TROUBLE_H

#include <stdbool.h>

enum trouble {
    TROUBLE_NONE,       /* no error, or the file's own */
    TROUBLE_OF_MACHINE, /* no descriptor, no memory: nothing can be opened for now */
    TROUBLE_OF_PLACE,   /* the disk or share doesn't answer, or answers with an error */
};

enum trouble trouble_of(int system_error);

/* Trouble that doesn't pass by itself, where something is to be written: a disk without room is for a
 * person. */
bool trouble_is_full(int system_error);

/* The same for an open() that failed at PATH: ENXIO is what a socket in a file's place answers, and
 * what a disk that was pulled out does. Only a look at PATH tells them apart. It may wait for the
 * disk. */
enum trouble trouble_of_open(const char *path, int system_error);

#endif
