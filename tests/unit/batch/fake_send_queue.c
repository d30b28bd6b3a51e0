/* See fake_send_queue.h. */
#include "fake_send_queue.h"

#include "record.h"

#include <stdlib.h>

struct send_queue *fake_send_queue;

struct send_queue *send_queue_new(struct run_context *c, struct ending *ending,
                                  struct flights *flights)
{
    (void)c, (void)ending, (void)flights;
    struct send_queue *q = xcalloc(1, sizeof *q);
    list_init(&q->ready);
    return fake_send_queue = q;
}

void send_queue_free(struct send_queue *q)
{
    free(q);
    fake_send_queue = NULL;
}

void send_queue_add(struct send_queue *q, struct flight *f)
{
    record("queue doc=%lld%s", (long long)f->id, f->queue_head ? " head" : "");
    flight_to_line(f, &q->ready, f->queue_head);
}

void send_queue_grew(struct send_queue *q)
{
    record("queue_grew");
    q->ledger_has_more = true;
}

void send_queue_choose_again(struct send_queue *q)
{
    (void)q;
    record("choose_again");
}

bool send_queue_has_more(struct send_queue *q)
{
    return send_queue_is_ready(q);
}

struct flight *send_queue_first(struct send_queue *q)
{
    REQUIRE(send_queue_is_ready(q));
    return LIST_ENTRY(list_first(&q->ready), struct flight, line);
}

bool send_queue_is_ready(const struct send_queue *q)
{
    return !list_empty(&q->ready);
}

bool send_queue_ledger_empty(const struct send_queue *q)
{
    return !q->ledger_has_more;
}
