/* file_move.h - one file from here to there: on the thread pool, whatever the two places are. Never
 * over another file, and at no moment is the file in neither place.
 *
 *   file_move_choose(directory, name, 0, &target, &e)   the first free name there
 *   ... the intent is made durable ...
 *   switch (file_move_do(&m))
 *
 * On one file system it is a rename; between two the file is copied beside the target, synced,
 * given its name, and only then taken away at the source, if that is still what was copied. After a
 * crash the same call with `resumed` finishes what was begun. */
#ifndef MB_INTAKE_FILE_MOVE_H
#define MB_INTAKE_FILE_MOVE_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/file_access.h"
#include "base/file_stamp.h"

/* Whether ST is the file that STAMP tells of. Of one with several names (hard links) the change
 * time may differ: it changes whenever one of its other names does. */
bool file_move_is_same(const struct stat *st, const struct file_stamp *stamp);

/* DIRECTORY/NAME, or with what NUMBER makes of it, 2, 3, ...: the first that isn't taken, but not one
 * of the first SKIP. *N is its number. Makes the directories above it; a symbolic link below
 * DIRECTORY isn't followed. What is too long for a file system is cut. */
typedef void (*file_move_number)(struct buffer *out, const char *name, int n);
MUST_CHECK int file_move_choose(const char *directory, enum file_access a, const char *name,
                                int skip, file_move_number number, int *n, struct buffer *target,
                                struct error *e);

enum file_move_outcome {
    FILE_MOVED,
    FILE_MOVE_TAKEN,   /* there is something at the target, and it isn't ours */
    FILE_MOVE_CHANGED, /* the source isn't the file of that stamp (any more); it stays */
    FILE_MOVE_GONE,    /* it is in neither place */
    FILE_MOVE_FAILED,  /* see error; the source is where it was */
};

struct file_move {
    const char *source, *target;
    const char *directory; /* the target is below it, and no symbolic link there is followed; NULL:
                              it isn't known any more */
    const char *temporary; /* a name of its own for a copy, in the target's directory */
    struct file_stamp stamp;
    bool resumed;

    int there_fd;            /* file_move_do's own */
    struct file_stamp there; /* FILE_MOVED: as it is at the target */
    struct error error;      /* FILE_MOVE_FAILED */
};
enum file_move_outcome file_move_do(struct file_move *m);

#endif
