/* course.h - one world from its first run to its last: what a seed decided, or a script says. What goes
 * wrong is in the world's failure. */
#ifndef MB_SIM_COURSE_H
#define MB_SIM_COURSE_H

#include "checks.h"
#include "segment.h"

struct course { /* of one seed */
    struct world *w;
    struct stored_so_far stored[SIM_LEDGERS];
    int runs, crashes, beside_runs;
    bool copied;  /* the ledger (lives.h), */
    int back, at; /* how often it was put back; the run after which the last of this happened */
    bool finished[SIM_SETTINGS + 1]; /* their last run said so: exit 0 or 1 */
};

void course_play(struct course *c);
struct script;
void course_play_script(struct course *c, const struct script *script);

#endif
