/* verify_ledger.h - is everything where it belongs? Every input in exactly one place, every result
 * as it was received, every file under results/ equal to the ledger, the numbers adding up. Reads
 * only; `repair` writes missing or differing result files again. */
#ifndef MB_CLI_VERIFY_LEDGER_H
#define MB_CLI_VERIFY_LEDGER_H

#include "base/buffer.h"
#include "batch/options.h"
#include "net/loop.h"

enum { VERIFY_FINDINGS_SHOWN = 50 };

struct verify {
    int64_t files;        /* in the ledger */
    int64_t results;      /* payloads whose hash was checked */
    int64_t result_files; /* compared byte for byte */
    bool inputs_named;    /* there is a PATH, or input.directory */
    int64_t inputs;       /* walked: under the PATHs, or the roots the ledger knows */
    int64_t left_out;     /* names below those that the options leave out */
    int64_t damaged;      /* payloads that are not what was received */
    int64_t missing, differing, repaired; /* result files */
    int64_t strays;                       /* files under results/ that belong to no document */
    int64_t
        unknown; /* inputs the ledger doesn't know, or that changed since: a run would take them */
    int64_t moved;          /* inputs that are where they were moved to */
    int64_t moved_away;     /* inputs that aren't there any more either: somebody took them */
    int64_t moved_changed;  /* of MOVED: other bytes were written there since: nobody sent them */
    int64_t open, unstored; /* documents still on their way; not stored in the end */
    int64_t dismissed;      /* not stored, and settled by hand */
    bool numbers_add_up;
    struct buffer findings; /* one line each, the first ones */
    int64_t finding_count;
};

/* Walks on LOOP, which it runs itself. The ledger is opened for reading. */
MUST_CHECK int verify_make(struct verify *v, struct loop *loop, const struct batch_options *o,
                           bool repair, struct error *e);
void verify_release(struct verify *v);
/* 0: all stored and sound; 1: sound, but not all stored, or a file that a run puts right; 3: the
 * ledger is damaged; 5: not finished. */
int verify_exit_code(const struct verify *v);
void verify_print(const struct verify *v, struct buffer *out);

#endif
