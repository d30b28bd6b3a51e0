/* former_life.h - documents that may have been sent already, in a life of the ledger that it doesn't
 * know: it was put back from a backup, and uploads were made since (ledger/restored.h). Which, nobody
 * can tell any more. So a document that is new to the ledger, or that wasn't to be sent when the
 * backup was made and is now (its file couldn't be read, or was gone), is held in doubt if one of its
 * files was there before `ledger restored` was given; a file that came after it can't have been sent,
 * and what a person asked for since is.
 *
 * A file came when it was made on its file system, whatever its age says (a copy keeps the
 * original's mtime); where the file system doesn't know that, when its inode last changed.
 *
 *   if (former_life_may_have_sent(c, ending, f))       about to be sent
 *       former_life_hold(journal, f);                  instead */
#ifndef MB_BATCH_FORMER_LIFE_H
#define MB_BATCH_FORMER_LIFE_H

#include "batch/ending.h"
#include "batch/flight.h"

bool former_life_may_have_sent(const struct run_context *c, struct ending *ending,
                               const struct flight *f);
/* It is in doubt, and sent only if a person says so; the attempt that it may have had counts among
 * those at risk. */
void former_life_hold(struct journal *j, struct flight *f);

#endif
