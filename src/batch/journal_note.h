/* journal_note.h - one write of a turn, as journal.c keeps it and notes.c makes it. The kinds of notes are
 * the whole of what a run writes: to add one, add a row and a function to notes.c. */
#ifndef MB_BATCH_JOURNAL_NOTE_H
#define MB_BATCH_JOURNAL_NOTE_H

#include "base/list.h"
#include "batch/journal.h"
#include "ledger/document_ledger.h"
#include "ledger/file_book.h"

struct note;

/* A kind of write: what it does to the ledger. It is made once at once, and again after a turn that
 * failed, so that all it needs is in the note. */
struct note_kind {
    const char *name;
    int (*write)(struct ledger *l, const struct note *n);
    bool result; /* a new result */
};

struct note {
    struct list link;
    const struct note_kind *kind;
    bool unwritten; /* refused while a turn was outstanding: judged when that is known */
    int64_t id;     /* of the document, or the file */
    int attempt, number, status;
    struct ledger_step step;
    struct ledger_new_file file;
    struct ledger_move move;
    uint8_t sha256[SHA256_BYTES];
    int64_t document;     /* a published file's */
    int64_t at;           /* in a name that clashes */
    struct credits price; /* of an attempt's pages */
    int64_t post, get, http_429;
    char *texts[5];    /* owned copies of what the fields above point to */
    const char *bytes; /* the flight's payload, which lives until the commit */
    size_t len;
    char *owned; /* bytes that are the note's own */
};

/* All take over N, which came from xcalloc. */

/* Written, unless the journal is down, and remembered. What the ledger refuses is logged and
 * dropped: it would be refused again. */
void journal_add(struct journal *j, struct note *n);
/* Remembered only: it was written by the caller, or will be when the journal is up again. */
void journal_remember(struct journal *j, struct note *n);
void journal_drop(struct note *n);
/* A write of N (NULL: of none) failed: the ledger's trouble, or nobody can say yet. */
void journal_failed(struct journal *j, struct note *n);

const struct run_context *journal_context(const struct journal *j);
struct ending *journal_ending(const struct journal *j);

#endif
