/* unread.h - what can't be read for now, for a reason of the machine's or of the share's
 * (trouble.h): kept, and tried again with pauses, while all else goes on.
 *
 *   unread_add(u, &entry, error, now)      a file or a directory couldn't be read
 *   unread_read(u, root_id, path)          another one could
 *   if (unread_turn(u, now)) ...           another round is due: unread_places() are to be walked,
 *                                          unread_files() to be read; what fails comes in by
 *                                          unread_add again
 *   unread_round_ends(u, now)              what didn't fail again is kept no longer
 *
 * How long the run waits for them: while nothing below their PATH can be read, for input.patience.
 * Before each round a file of the PATH that could be read earlier is looked at; where that one can
 * be read the trouble is the file's place alone, and it keeps no run waiting that has nothing else to
 * do. Without a descriptor or memory nothing can be told of files: input.patience holds.
 * What is left then is *unread*: in the ledger, for the summary and failures.csv. */
#ifndef MB_BATCH_UNREAD_H
#define MB_BATCH_UNREAD_H

#include "batch/ending.h"
#include "intake/intake.h"

struct unread;

struct unread *unread_new(struct run_context *c, struct ending *ending);
void unread_free(struct unread *u);

void unread_add(struct unread *u, const struct intake_entry *entry, int error, struct mono now);
void unread_read(struct unread *u, int64_t root_id, const char *path);
/* One that an earlier run could read: it serves as well to know whether its PATH can be read. */
void unread_control(struct unread *u, int64_t root_id, const char *path);

/* A walk over all PATHs begins; it ends as any round does. */
void unread_walk_begins(struct unread *u);
/* True: a round begins. */
bool unread_turn(struct unread *u, struct mono now);
/* Of the round: both arrays are U's, until it ends. */
size_t unread_places(struct unread *u, const struct intake_root **places);
size_t unread_files(struct unread *u, struct intake_entry **files);
void unread_round_ends(struct unread *u, struct mono now);

struct mono unread_next(const struct unread *u);
bool unread_busy(const struct unread *u, struct mono now); /* the run waits for some */
bool unread_probing(const struct unread *u);               /* the pool looks at a file */
bool unread_away(const struct unread *u);                  /* below some PATH nothing can be read */
size_t unread_count(const struct unread *u);

/* Into the ledger, with the turn's commit, what the ledger doesn't know yet. WALKED: all PATHs of
 * this run were looked through, so that nothing else of them is unread. */
void unread_save(struct unread *u, bool walked);

#endif
