/* walk.h - a walk's insides: walk.c has the loop's side of it, walk_steps.c the pool's. Never both
 * at once: between items the loop owns all of it, during one the pool does (but for CLOSING). */
#ifndef MB_INTAKE_WALK_H
#define MB_INTAKE_WALK_H

#include "base/log.h"

#include "intake/directory_stack.h"
#include "intake/intake.h"
#include "intake/left_out.h"

#include <stdatomic.h>

/* What is to be logged: on the loop's thread, which shares the terminal with a live display. */
struct walk_note {
    enum log_level level;
    const char *event, *why;
    char *path; /* owned */
};
enum { WALK_NOTES = 16 };

/* A directory that is never walked. */
struct walk_bar {
    char *path; /* owned */
    const char *why;
    struct inode_key key; /* zeros until it is there */
};
enum { WALK_BARS = 8 };

struct walk_root {
    char *path, *prefix; /* owned; the path without slashes at its end */
    int64_t id;
};

struct intake_walk {
    struct loop *loop;
    struct intake_walk_callbacks callbacks;
    void *ctx;

    char **include, **exclude; /* NULL-ended, or NULL: all, none */
    bool recursive, follow_symlinks;
    struct walk_bar bars[WALK_BARS]; /* the output directory, if any, is the first */
    size_t bar_count;
    bool directories;

    struct walk_root *roots, *root; /* ROOT: the one being walked */
    size_t root_count, root_next;
    struct directory_stack stack;
    struct inode_set visited; /* of this root, with links followed: each directory so far */
    bool ended;               /* the last root is done */

    struct intake_entry entries[INTAKE_CHUNK];
    size_t count;
    struct walk_note notes[WALK_NOTES];
    size_t note_count;
    struct left_out left_out; /* by the whole walk so far */

    bool working;     /* an item is on the pool */
    bool in_callback; /* the caller's code is on the stack */
    bool done;        /* done() was called */
    atomic_bool closing;
};

/* Lets the last chunk go and makes the next: looks at INTAKE_CHUNK names at most, so that one item
 * is short whatever the tree; a chunk may come out smaller, or empty before the end. */
void walk_fill(struct intake_walk *w);
void walk_clear_chunk(struct intake_walk *w);

#endif
