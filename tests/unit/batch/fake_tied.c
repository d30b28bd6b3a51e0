/* See fake_tied.h. */
#include "fake_tied.h"

#include "record.h"

#include <stdlib.h>

struct gets *fake_gets;
const struct fixture *fake_opening_ledger;
const char *fake_opening_fails;

struct learn {
    int unused;
};

/* --- gets.h --- */

struct gets *gets_new(const struct gets_neighbours *with)
{
    (void)with;
    struct gets *g = xcalloc(1, sizeof *g);
    g->next = MONO_NEVER;
    return fake_gets = g;
}

void gets_free(struct gets *g)
{
    free(g);
    fake_gets = NULL;
}

void gets_turn(struct gets *g, struct mono now)
{
    (void)g, (void)now;
    record("turn_gets");
}

struct mono gets_next(struct gets *g, struct mono now)
{
    (void)now;
    return g->next;
}

bool gets_busy(const struct gets *g)
{
    return g->busy;
}

int gets_out(const struct gets *g)
{
    return g->out;
}

uint32_t gets_wanted(const struct gets *g, bool soon)
{
    fake_gets->soon = soon;
    return g->wanted;
}

/* --- release.h --- */

struct release *release_new(const struct release_neighbours *with)
{
    struct release *r = xcalloc(1, sizeof *r);
    r->flights = with->flights;
    return r;
}

void release_free(struct release *r)
{
    free(r);
}

void release_due(struct release *r, struct mono now)
{
    (void)r, (void)now;
    record("release_due");
}

void release_after_commit(struct release *r, struct mono now)
{
    struct list waiting;
    (void)now;
    record("release_committed");
    list_init(&waiting);
    flights_after_commit(r->flights, &waiting);
    while (!list_empty(&waiting))
        list_remove(list_first(&waiting));
}

/* --- learn.h --- */

struct learn *learn_new(struct run_context *c, struct journal *journal)
{
    (void)c, (void)journal;
    return xcalloc(1, sizeof(struct learn));
}

void learn_free(struct learn *l)
{
    free(l);
}

void learn_recall(struct learn *l)
{
    (void)l;
    record("learn_recall");
}

void learn_save(struct learn *l)
{
    (void)l;
    record("learn_save");
}

void learn_before_commit(struct learn *l, struct mono now)
{
    (void)l, (void)now;
    record("learn_before_commit");
}

/* --- opening.h --- */

int opening_ledger(struct run_context *c, struct error *e)
{
    record("open_ledger");
    if (fake_opening_fails)
        return error_set(e, ERR_BUSY, "%s", fake_opening_fails);
    c->settings_id = fake_opening_ledger->settings;
    return fixture_try_open(fake_opening_ledger, false, &c->ledger, e);
}
