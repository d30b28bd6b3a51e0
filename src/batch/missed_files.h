/* missed_files.h - files of the ledger that a walk didn't come across: deleted, replaced, or left out
 * by the patterns. Those that were never sent leave the counts; nothing else is asked of them.
 *
 *   missed_walk_begins(m)         a walk over all PATHs
 *   missed_seen(m, file_id)       for each file that it finds again
 *   missed_walk_ended(m, whole)   WHOLE: it came across everything that it lets in, so what is there
 *                                 and wasn't found is left out
 *   missed_turn(m)                until missed_busy says no
 *
 * One bit for each file that the ledger had when the walk began; only those not seen are looked at. */
#ifndef MB_BATCH_MISSED_FILES_H
#define MB_BATCH_MISSED_FILES_H

#include "batch/ending.h"
#include "batch/notes.h"

struct missed_files;

struct missed_files *missed_files_new(struct run_context *c, struct ending *ending,
                                      struct journal *journal);
void missed_files_free(struct missed_files *m);
void missed_walk_begins(struct missed_files *m);
void missed_seen(struct missed_files *m, int64_t file_id);
/* A content was found at a path: its other files that aren't there, and were never sent, go with that,
 * before its document is sent. The pool looks whether they are there.
 *
 *   e = missed_elsewhere(m, sha256, settings);     NULL: there are none
 *   elsewhere_look(e);                             on the pool
 *   missed_elsewhere_gone(m, e);                   once the file that was found is noted */
struct elsewhere;
struct elsewhere *missed_elsewhere(struct missed_files *m, const uint8_t sha256[SHA256_BYTES],
                                   int64_t settings_id);
void elsewhere_look(struct elsewhere *e);
void missed_elsewhere_gone(struct missed_files *m, const struct elsewhere *e);
void elsewhere_free(struct elsewhere *e);
void missed_walk_ended(struct missed_files *m, bool whole);
/* A document that was on its way while the others were looked at turned out not to be sent, for its
 * file has changed or gone. */
void missed_look_again(struct missed_files *m);
struct mono missed_next(const struct missed_files *m, struct mono now);
void missed_turn(struct missed_files *m);
bool missed_busy(const struct missed_files *m);

#endif
