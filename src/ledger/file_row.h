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
MUST_CHECK int document_loses_file(struct ledger *l, int64_t document_id);
/* FILE_ID's file, which counts if COUNTED, points to document TO instead of FROM, which goes if no
 * file points to it any more. */
MUST_CHECK int file_repoint(struct ledger *l, int64_t file_id, bool counted, int64_t from,
                            int64_t to);
/* What was sent never leaves the counts. */
bool row_was_sent(const struct document_row *row);

#endif
