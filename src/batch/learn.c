/* See learn.h. */
#include "batch/learn.h"

#include "base/log.h"
#include "batch/notes.h"
#include "ledger/learned.h"

#include <stdlib.h>

enum { SAVE_EVERY_MS = 15000 };

struct learn {
    struct run_context *context;
    struct journal *journal;
    struct mono saved_at;
};

struct learn *learn_new(struct run_context *c, struct journal *journal)
{
    struct learn *l = xcalloc(1, sizeof *l);
    l->context = c;
    l->journal = journal;
    l->saved_at = clock_mono(c->clock);
    return l;
}

void learn_free(struct learn *l)
{
    free(l);
}

void learn_recall(struct learn *l)
{
    struct ledger *ledger = l->context->ledger;
    uint8_t memory[POLL_MEMORY_BYTES];
    size_t len;
    for (int kind = 0; kind < POLL_SIZE_CLASSES; kind++) {
        int n =
            ledger_learned_get(ledger, l->context->settings_id, kind, memory, sizeof memory, &len);
        if (n < 0)
            LOG(LOG_WARNING, "learned.unread", LOG_STR("reason", ledger_error(ledger)->text),
                LOG_STR("next", "how long Mindee takes is learned again"));
        if (n > 0)
            poll_planner_recall(l->context->planner, kind, memory, len);
    }
}

void learn_save(struct learn *l)
{
    uint8_t memory[POLL_MEMORY_BYTES];
    for (int kind = 0; kind < POLL_SIZE_CLASSES; kind++) {
        size_t len = poll_planner_remember(l->context->planner, kind, memory);
        if (len > 0)
            note_learned(l->journal, kind, (const char *)memory, len);
    }
}

void learn_before_commit(struct learn *l, struct mono now)
{
    if (journal_down(l->journal) || mono_diff(now, l->saved_at) < SAVE_EVERY_MS)
        return;
    l->saved_at = now;
    learn_save(l);
}
