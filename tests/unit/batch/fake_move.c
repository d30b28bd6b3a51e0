/* See fake_move.h. */
#include "fake_move.h"

#include "record.h"

#include <stdlib.h>

struct move *fake_move;

struct move *move_new(struct run_context *c, struct ending *ending, struct journal *journal,
                      struct flights *flights, struct suspects *suspects)
{
    (void)c, (void)ending, (void)journal, (void)flights, (void)suspects;
    struct move *m = xcalloc(1, sizeof *m);
    m->next = MONO_NEVER;
    return fake_move = m;
}

void move_free(struct move *m)
{
    free(m);
    fake_move = NULL;
}

void move_start(struct move *m)
{
    (void)m;
    record("start_move");
}

void move_consider(struct move *m, int64_t document)
{
    (void)m;
    record("consider doc=%lld", (long long)document);
}

void move_wait(struct move *m, bool waits)
{
    m->waits = waits;
}

void move_turn(struct move *m, struct mono now)
{
    (void)m, (void)now;
    record("turn_move");
}

struct mono move_next(const struct move *m, struct mono now)
{
    (void)now;
    return m->next;
}

bool move_busy(const struct move *m)
{
    return m->busy;
}

bool move_is_done(struct move *m)
{
    return !m->not_done;
}
