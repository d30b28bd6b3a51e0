/* projections.h - the files under results/, which can be written again at any time: which of them are
 * still to be written, and where a result stands under a name that its file doesn't have any more. */
#ifndef MB_LEDGER_PROJECTIONS_H
#define MB_LEDGER_PROJECTIONS_H

#include "ledger/ledger.h"

/* A file with a name whose document is stored, and whose result isn't published under that name. */
struct ledger_projection {
    int64_t file_id, document_id;
    bool again;   /* what stands there was published for it */
    char *name;   /* owned */
    char *stands; /* where it was published before it got this name; NULL: nowhere; owned */
};
void ledger_projection_release(struct ledger_projection *p);
/* Up to MAX, ids above AFTER. Returns how many. */
MUST_CHECK int ledger_unprojected(struct ledger *l, int64_t after_file_id,
                                  struct ledger_projection *out, int max);
MUST_CHECK int ledger_unprojected_of(struct ledger *l, int64_t document_id, int64_t after_file_id,
                                     struct ledger_projection *out, int max);
/* The document's result stands at that NAME, for good; nothing of its is anywhere else. Nothing
 * changes if the file has another name by now. */
MUST_CHECK int ledger_projected(struct ledger *l, int64_t file_id, int64_t document_id,
                                const char *name);
/* 1 if the result of a file that is called otherwise by now still stands at NAME; else 0. */
MUST_CHECK int ledger_name_stands(struct ledger *l, const char *name);
/* FILE_ID's result can't go from where it stands: its bytes are lost. What is there counts as a
 * stranger's. */
MUST_CHECK int ledger_stands_for_good(struct ledger *l, int64_t file_id);

/* Results that were published: up to MAX of them, ids above AFTER. Returns how many. */
struct ledger_published {
    int64_t file_id;
    bool lately;        /* since the mark: a power cut may have taken it */
    int64_t size_bytes; /* of the result, LATELY */
    char *name;         /* owned */
};
MUST_CHECK int ledger_published_next(struct ledger *l, int64_t after_file_id,
                                     struct ledger_published *out, int max);
/* It isn't there, or (AGAIN) isn't what was published: it is to be written anew. */
MUST_CHECK int ledger_unpublish(struct ledger *l, int64_t file_id, bool again);
/* All that was published so far is on the disk. BOOT: of this machine, as the kernel names it. */
MUST_CHECK int ledger_published_mark(struct ledger *l, const char *boot);
/* 1 if the mark was made under BOOT, else 0. */
MUST_CHECK int ledger_published_under(struct ledger *l, const char *boot);

#endif
