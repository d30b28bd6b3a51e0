/* recover.h - restart is the normal way in. What an earlier run left on its way is taken up again: an
 * upload whose answer nobody recorded is in doubt; a job is asked for, soonest to expire first; a
 * result whose GET was begun is fetched. A few at a time, as there is room for them. */
#ifndef MB_BATCH_RECOVER_H
#define MB_BATCH_RECOVER_H

#include "batch/flight.h"
#include "batch/pace.h"

struct recover;

struct recover *recover_new(struct run_context *c, struct ending *ending, struct journal *journal,
                            struct flights *flights, struct pace *pace);
void recover_free(struct recover *r);

void recover_start(struct recover *r);
void recover_turn(struct recover *r, struct mono now);
struct mono recover_next(struct recover *r, struct mono now);
bool recover_busy(const struct recover *r);

#endif
