/* gets.h - GETs: results before polls, out of one budget. */
#ifndef MB_BATCH_GETS_H
#define MB_BATCH_GETS_H

#include "batch/endpoint_check.h"
#include "batch/fetch.h"
#include "batch/poll.h"

struct gets;

struct gets_neighbours {
    struct ending *ending;
    struct journal *journal;
    struct flights *flights;
    struct pace *pace;
    struct publish *publish;
    struct upload *upload;
    struct poll *poll;
    struct fetch *fetch;
    struct endpoint_check *check;
};

struct gets *gets_new(const struct gets_neighbours *with);
void gets_free(struct gets *g);

void gets_turn(struct gets *g, struct mono now);
struct mono gets_next(struct gets *g, struct mono now);
bool gets_busy(const struct gets *g);
int gets_out(const struct gets *g); /* on the wire, of every kind */
/* How many could go out within a second. SOON: one that only waits for its time falls due then. */
uint32_t gets_wanted(const struct gets *g, bool soon);

#endif
