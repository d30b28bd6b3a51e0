/* send_queue.h - documents that may go out: those in memory that are ready, and behind them the
 * ledger's queue, from which a few at a time are taken in sending order.
 *
 *   while (send_queue_has_more(q)) {
 *       f = send_queue_first(q);            leaves the line with its next event
 *
 * After a wait, what was found meanwhile may come before what was taken already: then
 * send_queue_choose_again() gives back what nothing has happened to. */
#ifndef MB_BATCH_SEND_QUEUE_H
#define MB_BATCH_SEND_QUEUE_H

#include "batch/flight.h"

struct send_queue;

struct send_queue *send_queue_new(struct run_context *c, struct ending *ending,
                                  struct flights *flights);
void send_queue_free(struct send_queue *q);

/* A document that waits in memory and is ready to go: at the end, or, where it is to be at the
 * head, behind those there that were sent before it. */
void send_queue_add(struct send_queue *q, struct flight *f);
void send_queue_grew(struct send_queue *q); /* the ledger's */
void send_queue_choose_again(struct send_queue *q);

bool send_queue_has_more(struct send_queue *q); /* looks into the ledger if need be */
struct flight *send_queue_first(struct send_queue *q);
bool send_queue_is_ready(const struct send_queue *q);     /* one is in memory */
bool send_queue_ledger_empty(const struct send_queue *q); /* as far as is known */

#endif
