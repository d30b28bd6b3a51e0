/* file_row.h - a file's row in hand, and what changes with it. Private. */
#ifndef MB_LEDGER_FILE_ROW_H
#define MB_LEDGER_FILE_ROW_H

#include "ledger/file_book.h"
#include "ledger/private.h"

struct file_row {
    int64_t id, root, document; /* id 0: there is none */
    enum file_life life;
    enum file_looks looks;
    struct file_stamp stamp;
    int move;                      /* MOVE_THERE, MOVE_INTENDED, or -1 */
    struct file_stamp source;      /* if MOVE isn't -1: of what was, or is to be, moved */
    bool pending;                  /* it waits for a number */
    bool closed;                   /* of a period that is closed: it stays in the counts */
    char *name, *base;             /* owned; NULL: none */
    uint8_t content[SHA256_BYTES]; /* if looks is LOOKS_CONTENT */
};
/* The last that came to PATH. */
MUST_CHECK int file_row_at(struct ledger *l, const char *path, struct file_row *out);
MUST_CHECK int file_row_load(struct ledger *l, int64_t id, struct file_row *out);
void file_row_release(struct file_row *row);

MUST_CHECK int file_row_set_life(struct ledger *l, struct file_row *row, enum file_life life);

/* A file more, or fewer, counts for the document. */
MUST_CHECK int document_gains_file(struct ledger *l, int64_t document_id);
void document_has_file(struct ledger *l); /* it was made with it */
MUST_CHECK int document_loses_file(struct ledger *l, int64_t document_id);
/* FILE_ID's file, which counts if COUNTED, points to document TO instead of FROM, which goes if no
 * file points to it any more. */
MUST_CHECK int file_repoint(struct ledger *l, int64_t file_id, bool counted, int64_t from,
                            int64_t to);

/* Of a document's histories, by its newest attempt and event: it was taken once at least, or may have
 * been; a person asked for it again after it was sent. */
/* clang-format off */
#define WAS_TAKEN(last_attempt)                                                                    \
    "EXISTS(WITH RECURSIVE tried(outcome, prev) AS ("                                              \
    " SELECT outcome, prev FROM attempt WHERE id = " last_attempt                                  \
    " UNION ALL SELECT t.outcome, t.prev FROM tried JOIN attempt t ON t.id = tried.prev) "         \
    "SELECT 1 FROM tried WHERE outcome NOT IN (1, 2))"
_Static_assert(ATTEMPT_NOT_SENT == 1 && ATTEMPT_ANSWERED == 2, "as in WAS_TAKEN");
#define WAS_ASKED_FOR_AGAIN(last_event)                                                            \
    "EXISTS(WITH RECURSIVE past(kind, was, prev) AS ("                                             \
    " SELECT kind, was, prev FROM event WHERE id = " last_event                                    \
    " UNION ALL SELECT v.kind, v.was, v.prev FROM past JOIN event v ON v.id = past.prev) "         \
    "SELECT 1 FROM past WHERE kind = " EVENT_RETRY " AND was IN (2, 6, 8))"
_Static_assert(DOC_IN_DOUBT == 2 && DOC_FAILED == 6 && DOC_LOST == 8, "as in WAS_ASKED_FOR_AGAIN");
/* clang-format on */
/* was_sent.c. 1 or 0: it was accepted, or may have been, once at least: it keeps its settings. */
MUST_CHECK int row_was_accepted(struct ledger *l, const struct document_row *row);
/* 1 or 0: or it was refused, or answered by a fault: what was sent never leaves the counts. */
MUST_CHECK int row_was_sent(struct ledger *l, const struct document_row *row);

#endif
