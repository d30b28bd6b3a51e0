/* What the poll planner learned goes into the ledger now and then, with a commit that is made
 * anyway, and comes back when a run with the same settings begins. Nothing depends on it: what
 * can't be read is learned again. */
#include "base/log.h"
#include "batch/state.h"

enum { SAVE_EVERY_MS = 15000 };

void learning_recall(struct batch *b)
{
    uint8_t memory[POLL_MEMORY_BYTES];
    size_t len;
    for (int kind = 0; kind < POLL_SIZE_CLASSES; kind++) {
        int n = ledger_learned_get(b->ledger, b->settings_id, kind, memory, sizeof memory, &len);
        if (n < 0)
            LOG(LOG_WARNING, "learned.unread", LOG_STR("reason", ledger_error(b->ledger)->text),
                LOG_STR("next", "polling learns again"));
        if (n <= 0)
            continue;
        poll_planner_recall(b->planner, kind, memory, len);
    }
}

void learning_save(struct batch *b)
{
    uint8_t memory[POLL_MEMORY_BYTES];
    for (int kind = 0; kind < POLL_SIZE_CLASSES; kind++) {
        size_t len = poll_planner_remember(b->planner, kind, memory);
        if (len > 0)
            journal_learned(b, kind, (const char *)memory, len);
    }
}

void learning_turn(struct batch *b, struct mono now)
{
    if (b->journal.down || mono_diff(now, b->learned_at) < SAVE_EVERY_MS)
        return;
    b->learned_at = now;
    learning_save(b);
}
