/* See fake_spending.h. */
#include "fake_spending.h"

#include <stdlib.h>

struct spending *fake_spending;

struct spending *spending_new(struct run_context *c, const struct spending_neighbours *with)
{
    (void)c, (void)with;
    struct spending *s = xcalloc(1, sizeof *s);
    s->next = MONO_NEVER;
    return fake_spending = s;
}

void spending_free(struct spending *s)
{
    free(s);
    fake_spending = NULL;
}

enum budget_answer spending_ask(struct spending *s, const struct flight *f)
{
    if (flight_pages(f) > s->left)
        return BUDGET_COUNT_REACHED;
    s->left -= flight_pages(f);
    return BUDGET_ALLOWS;
}

void spending_turn(struct spending *s, struct mono now)
{
    (void)s, (void)now;
}

struct mono spending_next(const struct spending *s, struct mono now)
{
    (void)now;
    return s->next;
}

void spending_end(struct spending *s, bool documents_wait)
{
    s->ended++;
    s->documents_wait = documents_wait;
}

const char *spending_reason(const struct spending *s)
{
    return s->reason;
}
