/* fake_notes.h - stands in for journal.c and notes.c: nothing is written into the ledger, and every
 * note is a line (record.h):
 *
 *   file a.pdf pages=-1 reject=-
 *   file_changed file=1 CODE DETAIL
 *   pages doc=3 7
 *   published file=1 doc=3
 *   attempt_start doc=3 attempt=1
 *   attempt_end doc=3 attempt=1 in_doubt 0 restart
 *   accepted doc=3 attempt=1 JOB-ID
 *   result_url doc=3 attempt=1 URL
 *   resent doc=3 attempt=1
 *   step doc=3 queued submitting admit attempts=0 attempt=1 CAUSE CODE DETAIL
 *   result doc=3 pages=2 BYTES
 *   kept doc=3 BYTES
 *   orphan JOB-ID ALIAS BYTES
 *   learned kind=2 bytes=17
 *   move file=1 doc=3 TARGET
 *   moved file=1 size=100
 *   unmoved file=1
 *   run post=1 get=2 http_429=0
 *   commit
 *   forget
 *
 * What is NULL is "-". The journal's state is the test's to set. */
#ifndef MB_TESTS_BATCH_FAKE_NOTES_H
#define MB_TESTS_BATCH_FAKE_NOTES_H

#include "batch/notes.h"

struct journal {
    struct reserve *reserve;              /* a real one */
    bool down, was_down, hopeless, dirty; /* dirty: a note came since the last commit */
    struct mono next;
    bool no_memory; /* note_orphan returns false */
    /* What note_file answers, and the document, which counts up for each new one. */
    enum ledger_put put;
    int64_t document;
    /* Of the newest note_file; what FILE points to is the caller's, and may be gone. */
    struct ledger_new_file file;
    char reject_detail[400];
    int attempt;     /* the newest; note_attempt_start counts it up, over all documents */
    int64_t results; /* since the last commit */
    void (*committed)(void *ctx, int64_t results);
    void *committed_ctx;
    void (*durable)(void *ctx); /* of the turn that is out; NULL: none is */
    void *durable_ctx;
    bool takes_long; /* a turn: until fake_journal_tell */
};

void fake_journal_tell(struct journal *j);

#endif
