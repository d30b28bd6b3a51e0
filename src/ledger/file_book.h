/* file_book.h - the files of a ledger: which content came to which path, what it is called, where it
 * went, and what is to be written out. This machine's disk, in a database of its own beside the
 * ledger's (ledger.db.files); its writes join the turn's transaction like any other.
 *
 * A file is one coming of a content to a path: other content than was there before, or any content
 * after we moved the last one. It keeps its row, its document and its period for good. Its name is
 * given once, is unique, and says where its result is (results/NAME.json) and where it is moved to.
 *
 *   ledger_root_put(...)      a PATH
 *   ledger_file_put(...)      each file of it, as it was found
 *   ledger_names_give(...)    when it was walked: those that need a number get it (file_names.h)
 *   ledger_gone_next(...)     those that weren't found: what was never sent leaves the counts */
#ifndef MB_LEDGER_FILE_BOOK_H
#define MB_LEDGER_FILE_BOOK_H

#include "ledger/ledger.h"

/* --- PATHs --- */

struct ledger_new_root {
    const char *path;
    bool directory;
    bool alone; /* in its run */
};
struct ledger_root {
    int64_t id;
    char *path;   /* as it is known: of another spelling that is the same directory; owned */
    char *prefix; /* of its files' names; of a file, its name; owned */
};
/* Finds or makes the root. ERR_USAGE: it lies inside a known directory that is still there, or round
 * one. A file below a known directory is that directory's. */
MUST_CHECK int ledger_root_put(struct ledger *l, const struct ledger_new_root *root,
                               struct ledger_root *out);
/* The same, of a ledger that is only read: 1 and OUT, 0 if it is a new one, or an error. */
MUST_CHECK int ledger_root_find(struct ledger *l, const struct ledger_new_root *root,
                                struct ledger_root *out);
void ledger_root_release(struct ledger_root *root);

/* --- files --- */

/* Stored: never renumber. */
enum file_life {
    LIFE_THERE = 0, /* at its path, or where it was moved to */
    LIFE_PAST = 1,  /* its bytes are there no more */
    LIFE_LEFT = 2,  /* and it isn't counted: it was never sent */
};
/* Stored: never renumber. */
enum file_looks {
    LOOKS_NEVER = 0,   /* nobody could read it */
    LOOKS_REFUSED = 1, /* it was looked at, and is none that can be sent */
    LOOKS_CONTENT = 2, /* read to its end: its content is known */
};

struct ledger_file {
    int64_t id, root_id, document_id, settings_id;
    struct file_stamp stamp;
    enum doc_state state;         /* its document's */
    bool dismissed;               /* its document is, by hand */
    uint8_t sha256[SHA256_BYTES]; /* its document's; zeros if it was never read */
    int type, pages;              /* enum file_type; pages -1: not counted, 0: unknown */
    bool broken;
    enum file_life life;
    bool moved; /* by us, or about to be */
};
/* The last that came to PATH: 1 and *OUT, 0 if none did. */
MUST_CHECK int ledger_file_find(struct ledger *l, const char *path, struct ledger_file *out);

struct ledger_new_file {
    int64_t root_id, settings_id;
    const char *path; /* absolute, bytes */
    const char *name; /* its own: its path below its PATH, behind that PATH's prefix */
    struct file_stamp stamp;
    int type, pages; /* pages -1: not counted, 0: unknown */
    bool broken;
    bool looked_at;            /* it could be read, so far that it is known not to be sendable */
    const uint8_t *sha256;     /* NULL: could not be read, or wasn't to its end */
    const char *reject_code;   /* NULL: can be sent */
    const char *reject_detail; /* NULL or words */
    const char *period;        /* that a new file belongs to; NULL: none */
    bool moved;                /* it was read where it was moved to, not at its path */
};
enum ledger_put {
    PUT_QUEUED,    /* a new document */
    PUT_DUPLICATE, /* its content was known: it shares that document's fate */
    PUT_REJECTED,
    PUT_UNCHANGED, /* the same file as before; its stamp is noted */
};
/* A file as it was found at its path: the one that was there, or a new one. Finds or makes its
 * document (one content, one settings: one document; a file that could not be read gets a rejected
 * one of its own; a rejected document whose file reads fine now is queued again, whatever it was
 * rejected for; a dismissed one stays as it is). What it replaces goes by the name `NAME (replaced)` from now on, or, if it was
 * never sent, leaves the counts. */
MUST_CHECK int ledger_file_put(struct ledger *l, const struct ledger_new_file *f,
                               enum ledger_put *put, int64_t *document_id);
/* A file no longer holds the bytes it was read with: no document is sent from it until it was read
 * again. CODE and DETAIL: for a document that nobody read yet. */
MUST_CHECK int ledger_file_changed(struct ledger *l, int64_t file_id, const char *code,
                                   const char *detail);

/* A file that should hold the document's bytes. N counts from 0. 1 and *OUT (path and name owned by
 * the caller: free), or 0. */
struct ledger_source {
    int64_t file_id;
    char *path, *name;
    char *known_as; /* the file's path in this ledger, if it was moved from there; else NULL */
    struct file_stamp stamp;
};
MUST_CHECK int ledger_document_source(struct ledger *l, int64_t document_id, int n,
                                      struct ledger_source *out);
void ledger_source_release(struct ledger_source *s);

/* --- moves: where inputs go when their documents are done --- */

/* A file whose document is in STATE, and that is to be moved, or was about to be. */
struct ledger_move {
    int64_t file_id, document_id;
    enum doc_state state;
    struct file_stamp stamp; /* the file's, as last seen */
    char *path;              /* where it was found; owned */
    char *place;             /* where it is: there, or where it was moved to; owned */
    char *name;              /* its own: below the move directory too; owned */
    char *target;            /* only of one intended; else NULL; owned */
};
void ledger_move_release(struct ledger_move *m);
/* Bits (1 << enum doc_state) of the states whose files are to be moved. What was moved for its
 * document's state (failed and lost count as one) isn't given again, nor is what has no name yet, or
 * isn't where it was. */
/* Up to MAX of one document's files, ids above AFTER. Returns how many. */
MUST_CHECK int ledger_moves_of(struct ledger *l, int64_t document_id, unsigned states,
                               int64_t after, struct ledger_move *out, int max);
/* The same of any document, among the SPAN ids above AFTER. */
MUST_CHECK int ledger_moves_among(struct ledger *l, unsigned states, int64_t after, int64_t span,
                                  struct ledger_move *out, int max);
/* Those an earlier run intended and didn't settle. */
MUST_CHECK int ledger_moves_intended(struct ledger *l, int64_t after, struct ledger_move *out,
                                     int max);
/* 1, and where the file was moved to appended to PATH; 0: it wasn't. */
MUST_CHECK int ledger_file_place(struct ledger *l, int64_t file_id, struct buffer *path);

/* Committed before the move. Replaces an earlier intent of the file. */
MUST_CHECK int ledger_move_intend(struct ledger *l, const struct ledger_move *m);
/* It was moved; STAMP: as it is there. */
MUST_CHECK int ledger_move_done(struct ledger *l, int64_t file_id, const struct file_stamp *stamp);
/* It wasn't moved. */
MUST_CHECK int ledger_move_drop(struct ledger *l, int64_t file_id);

/* --- what isn't there any more --- */

struct ledger_missed {
    int64_t file_id;
    char *path; /* owned */
};
/* Up to MAX files at PATH or below it, of those up to UPTO, that count, were never sent, aren't of a
 * closed period and weren't moved by us, without those for which SKIP says so. Returns how many. */
MUST_CHECK int ledger_gone_next(struct ledger *l, const char *path, int64_t upto,
                                bool (*skip)(void *ctx, int64_t file_id), void *ctx,
                                struct ledger_missed *out, int max);
/* The same of the files of one content under one set of settings, wherever they are. */
MUST_CHECK int ledger_gone_of(struct ledger *l, const uint8_t sha256[SHA256_BYTES],
                              int64_t settings_id, int64_t upto, struct ledger_missed *out,
                              int max);
/* It isn't there: it leaves the counts, and keeps its row and name. */
MUST_CHECK int ledger_file_gone(struct ledger *l, int64_t file_id);
MUST_CHECK int ledger_last_file(struct ledger *l, int64_t *id); /* 0: none */

#endif
