/* find_internal.h - the parts of find.h, from the top down; each calls those below it alone.
 *
 *   find.c          walks, and rounds over what couldn't be read; the part of the run
 *   find_entry.c    what becomes of an entry
 *   find_read.c     files being read
 *   find_record.c   what was found goes into the ledger */
#ifndef MB_BATCH_FIND_INTERNAL_H
#define MB_BATCH_FIND_INTERNAL_H

#include "batch/find.h"
#include "batch/missed_files.h"
#include "batch/passed_over.h"
#include "batch/rest.h"
#include "batch/unread.h"

enum { EXAMINE_AT_ONCE = 16 /* files being read */ };

struct find {
    struct run_context *context;
    struct find_neighbours with;
    struct rest *rest; /* NULL: the roots are walked once */
    struct unread *unread;
    struct missed_files *missed;
    struct passed_over passed_over;
    struct intake_walk *walk;
    struct intake_entry *entries;
    size_t entry_count, entry_next;
    int examining;
    bool walking, examine_all, stopped;
    bool in_round, again;  /* AGAIN: the round is of what couldn't be read before */
    bool places_due;       /* AGAIN: directories are still to be walked */
    bool walked;           /* a walk over all PATHs came to its end */
    bool walk_ended;       /* and its files aren't all read yet */
    bool unnamed;          /* some may need a number, when the rest has its names */
    size_t examined_again; /* changed while being sent */
    int64_t kept;          /* documents of other request options, in this walk */
    struct walk_times walk_times;
    void (*read)(struct find *f); /* a file was read: there is room for the next */
};

/* A file being read. */
struct examination {
    struct find *find;
    bool watched, asked;         /* ASKED: by a person, whatever it was before */
    struct file_stamp looked_at; /* WATCHED, and not asked for: as it was when it was at rest */
    int64_t root_id;
    char *path, *name;
    char *at;    /* where it was moved to; NULL: it is at its path */
    bool stored; /* the last file of its path has a result */
};

static inline bool find_stopping(const struct find *f)
{
    return f->stopped || ending_has_begun(f->with.ending);
}

/* --- an entry --- */

void find_take_entry(struct find *f, struct intake_entry *entry);

/* --- reading --- */

bool find_is_gone(int error);
/* Not the file's fault, or no file at all. */
bool find_passes(int error, bool directory);
void find_keep_unread(struct find *f, const struct intake_entry *entry, int error);
/* The ledger knows it like this: watching need not look again. */
void find_settle(struct find *f, const char *path, const struct file_stamp *stamp, int error);
/* AT: where it was moved to, and is owned by this from now on; or NULL. */
struct examination *find_examine(struct find *f, const struct intake_entry *entry, bool stored,
                                 char *at);
/* Queued by a run that had no need to know its pages; this one sends by them. */
void find_count_pages(struct find *f, const char *path, const struct ledger_file *known);
/* Where the file was moved to; NULL if it wasn't, or a walk has just found it at its path. */
char *find_moved_place(struct find *f, const struct ledger_file *known);

/* --- recording --- */

void find_put(struct find *f, const struct ledger_new_file *file);
void find_put_rejected(struct find *f, const struct intake_entry *entry, enum reject_reason reason,
                       const char *detail);
void find_put_examined(struct find *f, const struct examination *ex, const struct examined *x);

#endif
