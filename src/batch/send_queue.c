/* See send_queue.h. */
#include "batch/send_queue.h"
#include "ledger/document_ledger.h"

#include <stdlib.h>

enum { QUEUE_AHEAD = 32 /* documents taken from the ledger at a time */ };

struct send_queue {
    struct run_context *context;
    struct ending *ending;
    struct flights *flights;
    struct list ready;
    bool empty;      /* the ledger had no more, when flights had given back RETIRED */
    int64_t retired; /* what is in memory is passed over by the look-ups; given back, it isn't */
    bool grew;       /* since documents were last taken from it */
};

struct send_queue *send_queue_new(struct run_context *c, struct ending *ending,
                                  struct flights *flights)
{
    struct send_queue *q = xcalloc(1, sizeof *q);
    q->context = c;
    q->ending = ending;
    q->flights = flights;
    list_init(&q->ready);
    return q;
}

void send_queue_free(struct send_queue *q)
{
    free(q);
}

void send_queue_add(struct send_queue *q, struct flight *f)
{
    if (f->foreign) { /* it waits for a run of its settings */
        flight_retire(f);
        return;
    }
    if (!f->queue_head) {
        flight_to_line(f, &q->ready, false);
        return;
    }
    list_remove(&f->line);
    struct list *pos = q->ready.next;
    for (; pos != &q->ready; pos = pos->next) {
        const struct flight *other = LIST_ENTRY(pos, struct flight, line);
        if (!other->queue_head || other->sent_as > f->sent_as)
            break;
    }
    list_insert_before(pos, &f->line);
}

void send_queue_grew(struct send_queue *q)
{
    q->empty = false;
    q->grew = true;
}

bool send_queue_ledger_empty(const struct send_queue *q)
{
    return q->empty && q->retired == flights_tally(q->flights)->retired;
}

/* Documents waiting for another try are part of what is in memory: while there are many, none is
 * taken from the ledger. */
static bool refill(struct send_queue *q)
{
    const struct batch_options *o = q->context->options;
    struct ledger_document docs[QUEUE_AHEAD];
    size_t most_waiting = (size_t)o->uploads * 4 + QUEUE_AHEAD;
    if (send_queue_ledger_empty(q) || flights_count(q->flights, DOC_QUEUED) >= most_waiting)
        return false;
    int n = ledger_next_queued(q->context->ledger, q->context->settings_id, o->order, flight_known,
                               q->flights, docs, QUEUE_AHEAD);
    if (n < 0) {
        ending_storage_failed(q->ending);
        return false;
    }
    q->grew = false;
    for (int i = 0; i < n; i++) {
        struct flight *f = flight_new(q->flights, &docs[i]);
        f->fresh = true;
        flight_to_line(f, &q->ready, false);
        ledger_document_release(&docs[i]);
    }
    q->empty = n < QUEUE_AHEAD;
    q->retired = flights_tally(q->flights)->retired;
    return n > 0;
}

/* What came back to the head of the queue stays there. */
void send_queue_choose_again(struct send_queue *q)
{
    if (!q->grew)
        return;
    LIST_EACH_SAFE (node, &q->ready) {
        struct flight *f = LIST_ENTRY(node, struct flight, line);
        if (f->fresh && f->requests == 0)
            flight_retire(f);
    }
}

bool send_queue_has_more(struct send_queue *q)
{
    return !list_empty(&q->ready) || refill(q);
}

struct flight *send_queue_first(struct send_queue *q)
{
    return LIST_ENTRY(list_first(&q->ready), struct flight, line);
}

bool send_queue_is_ready(const struct send_queue *q)
{
    return !list_empty(&q->ready);
}
