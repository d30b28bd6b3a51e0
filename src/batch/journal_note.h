/* journal_note.h - one write of a turn, as journal.c keeps it and notes.c makes it. */
#ifndef MB_BATCH_JOURNAL_NOTE_H
#define MB_BATCH_JOURNAL_NOTE_H

#include "base/list.h"
#include "batch/journal.h"
#include "ledger/file_book.h"

enum note_kind {
    NOTE_FILE,
    NOTE_FILE_CHANGED,
    NOTE_PAGES,
    NOTE_PUBLISHED,
    NOTE_ATTEMPT_START,
    NOTE_ATTEMPT_END,
    NOTE_ACCEPTED,
    NOTE_RESULT_URL,
    NOTE_RESENT,
    NOTE_UNRESENT,
    NOTE_STEP,
    NOTE_RESULT,
    NOTE_KEEP,
    NOTE_RUN,
    NOTE_ORPHAN,
    NOTE_LEARNED,
    NOTE_MOVE,
    NOTE_MOVED,
    NOTE_UNMOVED,
    NOTE_NAMES,
    NOTE_CLASH,
    NOTE_GONE,
};

struct note {
    struct list link;
    enum note_kind kind;
    bool unwritten; /* refused while a turn was outstanding: judged when that is known */
    int64_t id;     /* of the document, or the file */
    int attempt, number, status;
    struct ledger_step step;
    struct ledger_new_file file;
    struct ledger_move move;
    uint8_t sha256[SHA256_BYTES];
    int64_t document; /* a published file's */
    int64_t at;       /* in a name that clashes */
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
