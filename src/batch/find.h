/* find.h - from the directories to the ledger, while uploads go on: a chunk of the walk's entries at
 * a time, each looked up by its path. What is unchanged since the last run costs one look-up; what
 * is new or changed is read once (type, SHA-256) and becomes a document or joins one, sixteen files
 * at a time. The next chunk is asked for when the last of this one is in hand, so the walk never
 * runs ahead by more than that. A folder that is watched is walked again and again, through the
 * filter of rest.h. What can't be read for a reason that isn't the file's is kept, and tried again
 * (unread.h). */
#ifndef MB_BATCH_FIND_H
#define MB_BATCH_FIND_H

#include "batch/flight.h"
#include "batch/move.h"
#include "batch/publish.h"
#include "batch/send_queue.h"

struct find;

struct find_neighbours {
    struct ending *ending;
    struct journal *journal;
    struct flights *flights;
    struct send_queue *queue;
    struct publish *publish;
    struct move *move;
};

struct find *find_new(struct run_context *c, const struct find_neighbours *with);
void find_free(struct find *f); /* after find_stop */

void find_start(struct find *f); /* walks the roots, if there are any */
void find_stop(struct find *f);  /* no more entries; files being read are still waited for */

void find_turn(struct find *f, struct mono now);
struct mono find_next(const struct find *f, struct mono now);
bool find_busy(const struct find *f);
/* What can't be read for now is tried again: input.patience isn't over. */
bool find_has_patience(const struct find *f);
bool find_waits(const struct find *f); /* below some PATH nothing can be read for now */
void find_save(struct find *f); /* into the ledger: what can't be read for now, at the run's end */
bool find_is_walking(const struct find *f); /* there may be more files */

/* ENTRIES live as long as the run; all are read, whatever the ledger says of them. */
void find_take_again(struct find *f, struct intake_entry *entries, size_t count);
/* ENTRY's file is read, besides what is walked meanwhile, whatever the ledger says of it. False: not
 * now, there is enough to read. */
bool find_look_at(struct find *f, const struct intake_entry *entry);
bool find_is_examining(const struct find *f);
/* The file isn't what intake saw. MOVED: it was read at the place where we moved it to. */
void find_changed(struct find *f, const struct ledger_source *source, int64_t root_id);

#endif
