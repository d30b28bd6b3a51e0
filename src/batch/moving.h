/* moving.h - files on their way to the directories of input.move_*, each in the steps of move.h: a
 * free name, the intent and its commit, the move, and the note of it. Trouble that passes is tried
 * again after a pause, while input.patience lasts. move.c decides which files are moved. */
#ifndef MB_BATCH_MOVING_H
#define MB_BATCH_MOVING_H

#include "batch/ending.h"
#include "batch/journal.h"
#include "ledger/file_book.h"

struct moving;

struct moving *moving_new(struct run_context *c, struct ending *ending, struct journal *journal);
void moving_free(struct moving *m);

bool moving_has(const struct moving *m, int64_t file_id);
/* ROW is this part's from now on. With a target it is an intent that an earlier run left. */
void moving_take(struct moving *m, struct ledger_move *row);
void moving_go_on(struct moving *m); /* the intents are durable */
size_t moving_count(const struct moving *m);
/* Whether a run that ends waits for one. */
bool moving_holds_end(const struct moving *m);
/* One couldn't be moved for a reason that passes: all files are looked at again, at the time that
 * is given here (or MONO_NEVER), and with moving_pause_over() that is seen to. */
bool moving_tries_again(const struct moving *m);
struct mono moving_again_at(const struct moving *m);
bool moving_pause_over(struct moving *m, struct mono now);

#endif
