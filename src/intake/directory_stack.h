/* directory_stack.h - the open directories from a root down to where a walk is. Inside intake only.
 *
 *   directory_stack_enter(s, root, true)     then, for the one on top:
 *   while ((d = directory_stack_read(s, &error)))
 *       directory_stack_enter(s, d->d_name, follow)   goes down
 *   directory_stack_leave(s)                          goes up, and reads on where it was
 *
 * A directory is read through its own descriptor, never again by its path, and holds no list of
 * names. At most DIRECTORY_STACK_OPEN are open: of a deeper stack the outer ones are closed, and
 * opened again by their path when the walk comes back to them. */
#ifndef MB_INTAKE_DIRECTORY_STACK_H
#define MB_INTAKE_DIRECTORY_STACK_H

#include "intake/inode_set.h"

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

enum { DIRECTORY_STACK_OPEN = 64, DIRECTORY_STACK_DEPTH = PATH_MAX / 2 };

struct directory {
    DIR *stream; /* NULL while closed for others' sake */
    struct inode_key key;
    size_t path_len; /* of the stack's path, this one's */
    long position;   /* before the entry that was read last */
};

struct directory_stack {
    struct directory levels[DIRECTORY_STACK_DEPTH];
    size_t depth;
    size_t first_open;   /* the levels from here on are open */
    char path[PATH_MAX]; /* of the one on top */
};

/* Goes into NAME of the directory on top; into the root, a path, if there is none. 0 or errno:
 * ENAMETOOLONG if the path wouldn't fit PATH_MAX; ENOTDIR or ELOOP for a link unless FOLLOW. */
MUST_CHECK int directory_stack_enter(struct directory_stack *s, const char *name, bool follow);

/* The next entry of the one on top, valid until the next call; NULL at the end (*ERROR 0), or where
 * the directory can't be read on (errno; ESTALE: it changed so that the place was lost). */
struct dirent *directory_stack_read(struct directory_stack *s, int *error);

void directory_stack_leave(struct directory_stack *s);
void directory_stack_release(struct directory_stack *s); /* leaves them all */

static inline struct directory *directory_stack_top(struct directory_stack *s)
{
    return &s->levels[s->depth - 1];
}

#endif
