/* Several processes in one virtual time, one at a time: each waits until its next event is the
 * earliest of all. So what they do to files, locks and the server comes in the order of time, the
 * same for each run of a seed. */
#include "world.h"

#include "base/require.h"

#include <errno.h>

/* Of those that are on; -1: none is. */
static int earliest(const struct relay *r)
{
    int first = -1;
    for (int i = 0; i < SIM_LEDGERS; i++)
        if (r->on[i] && (first < 0 || r->at_ms[i] < r->at_ms[first]))
            first = i;
    return first;
}

static void wait_for_turn(struct relay *r, int i)
{
    while (sem_wait(&r->turn[i]) != 0)
        REQUIRE(errno == EINTR);
}

void relay_init(struct relay *r)
{
    for (int i = 0; i < SIM_LEDGERS; i++) {
        REQUIRE(sem_init(&r->turn[i], 1, 0) == 0);
        r->on[i] = false;
    }
}

void relay_enter(struct relay *r, int i, int64_t at_ms)
{
    r->on[i] = true;
    r->at_ms[i] = at_ms;
}

void relay_begin(struct relay *r)
{
    int first = earliest(r);
    if (first >= 0)
        sem_post(&r->turn[first]);
}

void relay_first(struct relay *r, int i)
{
    wait_for_turn(r, i);
}

void relay_wait(struct relay *r, int i, int64_t at_ms)
{
    r->at_ms[i] = at_ms;
    int first = earliest(r);
    if (first == i)
        return;
    sem_post(&r->turn[first]);
    wait_for_turn(r, i);
}

void relay_leave(struct relay *r, int i)
{
    if (!r->on[i])
        return;
    r->on[i] = false;
    relay_begin(r);
}
