/* former_life.h - documents that may have been sent already, in a life of the ledger that it doesn't
 * know: it was put back from a backup, and uploads were made since (ledger/restored.h). Which, nobody
 * can tell any more. So a document that is new to the ledger, or that wasn't to be sent when the
 * backup was made and is now (its file couldn't be read, or was gone), is held in doubt if one of its
 * files was there before `ledger restored` was given; a file that came after it can't have been sent,
 * and what a person asked for since is.
 *
 * A file came when it was made on its file system, whatever its age says (a copy keeps the
 * original's mtime); where the file system doesn't know that, when its inode last changed. Files are
 * looked at on the pool:
 *
 *   switch (former_life_tells(l, f, looked_cb, ctx)) {      about to be sent
 *   case FORMER_LIFE_MAY_HAVE_SENT: former_life_hold(journal, f);
 *   case FORMER_LIFE_LOOKS: ...                             ask again when looked_cb(ctx, f) is called
 *   } */
#ifndef MB_BATCH_FORMER_LIFE_H
#define MB_BATCH_FORMER_LIFE_H

#include "batch/ending.h"
#include "batch/flight.h"

struct former_life;

enum former_life_word { FORMER_LIFE_NEVER_SENT, FORMER_LIFE_MAY_HAVE_SENT, FORMER_LIFE_LOOKS };

struct former_life *former_life_new(struct run_context *c, struct ending *ending);
void former_life_free(struct former_life *l); /* nothing is being looked at */

/* F is kept in memory until LOOKED. A ledger that can't be read ends the run. */
enum former_life_word former_life_tells(struct former_life *l, struct flight *f,
                                        void (*looked)(void *ctx, struct flight *f), void *ctx);
/* It is in doubt, and sent only if a person says so; the attempt that it may have had counts among
 * those at risk. */
void former_life_hold(struct journal *j, struct flight *f);
/* F is sent, or held: what was seen of its files is forgotten. Until then it isn't looked at again,
 * however often it is asked for (a budget or the rate may keep it waiting). */
void former_life_settled(struct former_life *l, const struct flight *f);

#endif
