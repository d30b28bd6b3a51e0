/* promises.h - what must hold, whatever the order of events was. */
#ifndef MB_SIM_EXPLORE_PROMISES_H
#define MB_SIM_EXPLORE_PROMISES_H

#include "moves.h"

/* In every state. */
void promises_check(const struct rules *rules, const struct life *l, struct complaint *c);

/* From LIFE on nothing goes wrong any more, and nobody does anything: what is out is answered, jobs
 * end well, the run does its work, and another one comes if it gave something up. The document must
 * come to an end. The moves that lead there go to SCRIPT (room for QUIET_MOVES), their number to
 * *COUNT; NULL: not wanted. */
enum { QUIET_MOVES = 60 };
void promises_check_quiet_finish(const struct rules *rules, const struct life *life,
                                 struct complaint *c, struct move *script, int *count);

#endif
