/* lives.h - a ledger that is put back. Between two runs its books are copied, as `ledger backup` does
 * or file by file (or in the middle of one, as `ledger backup` does); later the copy takes their place, while limits.state, the results and the inputs
 * stay as they are, and webhooks go on coming. What the ledger doesn't know of any more was a former
 * life: its jobs are nobody's, and what they were sent for isn't sent again unasked. */
#ifndef MB_SIM_LIVES_H
#define MB_SIM_LIVES_H

#include "checks.h"

/* Copies both books. False: there is no ledger yet. */
bool lives_copy(struct world *w);
/* In the middle of run NUMBER, before its step STEP, if that is when. */
void lives_copy_beside(struct world *w, int number, int64_t step);
/* The copy takes the ledger's place, which is put aside. What was stored SO_FAR is what it says. */
void lives_put_back(struct world *w, struct stored_so_far *so_far);
/* And so does what was put aside: nothing happened. */
void lives_take_back(struct world *w, struct stored_so_far *so_far);
/* Uploads since the copy was made: if there are any, no run may go on with it. */
int lives_sent_since(const struct world *w);
/* A person is about to give the word: what is open, and what was sent, is held from here on. */
void lives_restored(struct world *w);

/* Files that come later than the others. */
void lives_files_come(struct world *w, enum sim_coming_time when);

/* An upload begins: it may be one of those that are held. */
void lives_check_upload(struct world *w, const struct sim_post *post, const char *path);
/* A person asks for documents again. */
void lives_asked(struct world *w, const struct sim_retry *retry);

#endif
