/* See cut_off.h. The same record as recover.c leaves under the policy `hold`: what becomes of a
 * document in doubt is for the next run to say. */
#include "batch/cut_off.h"

#include "base/array.h"
#include "base/require.h"
#include "ledger/document_ledger.h"

#include <stdlib.h>

enum { AT_ONCE = 64 };

static int settle(struct ledger *l, const struct ledger_document *d)
{
    static const struct doc_event restart = {.kind = EV_RESTART, .retry_after_ms = -1};
    static const struct doc_policy hold;
    struct document now = {.state = d->state, .attempts = d->attempts};
    struct doc_step step;
    REQUIRE(document_step(&now, &restart, &hold, (struct mono){0}, &step));
    const struct ledger_step s = {.document_id = d->id,
                                  .from = d->state,
                                  .to = step.state,
                                  .event = EV_RESTART,
                                  .attempts = step.next.attempts,
                                  .attempt = d->attempt,
                                  .cause = "restart"};
    int rc = ledger_attempt_end(l, d->id, d->attempt, ATTEMPT_IN_DOUBT, 0, "restart");
    return rc < 0 ? rc : ledger_step(l, &s);
}

/* Those that are left as they are: few. */
struct left {
    int64_t *ids;
    size_t count, capacity;
};

static bool is_left(void *ctx, int64_t id)
{
    const struct left *left = ctx;
    for (size_t i = 0; i < left->count; i++)
        if (left->ids[i] == id)
            return true;
    return false;
}

static int settle_or_leave(struct ledger *l, const struct ledger_document *d, struct left *left)
{
    if (!d->failed)
        return settle(l, d);
    ARRAY_RESERVE(left->ids, left->capacity, left->count + 1);
    left->ids[left->count++] = d->id;
    return 0;
}

int cut_off_settle(struct ledger *l)
{
    struct ledger_document docs[AT_ONCE];
    struct left left = {0};
    int count, rc = 0;
    do {
        count = ledger_documents_in(l, DOC_SUBMITTING, is_left, &left, docs, AT_ONCE);
        for (int i = 0; i < count; i++) {
            if (rc == 0)
                rc = settle_or_leave(l, &docs[i], &left);
            ledger_document_release(&docs[i]);
        }
    } while (count > 0 && rc == 0);
    free(left.ids);
    return count < 0 ? count : rc;
}
