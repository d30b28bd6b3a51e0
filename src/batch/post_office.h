/* post_office.h - one webhook receiver for all the batches of a process.
 *
 *   post_office_open(&office, loop, &options, &e);     listens; what comes is refused (503: Mindee
 *                                                      comes again) while there is no box
 *   post_office_join(office, &box);                    a batch that is open
 *   post_office_leave(&box);
 *   post_office_close(office, grace_ms, closed, ctx);  when all have left
 *
 * A delivery is offered to each box, in the order they came; the first to know its job or its alias
 * has it. What none of them knows is for the first one to keep. While a box can't tell (its ledger
 * can't be written for now) or is absent, a delivery that nobody else knows may be its: it is
 * refused, and comes again. */
#ifndef MB_BATCH_POST_OFFICE_H
#define MB_BATCH_POST_OFFICE_H

#include "base/list.h"
#include "batch/options.h"
#include "batch/webhook_receiver.h"

enum post_answer {
    POST_UNKNOWN, /* not of this batch */
    POST_TAKEN,   /* the box replies to the delivery */
    POST_CANT,    /* it can't be told, or not be kept */
};

struct post_office;

struct post_box {
    /* W is NULL if the body couldn't be read. STRANGER: nobody knows it; keep it. BODY lives until
     * the reply. */
    enum post_answer (*offer)(void *ctx, struct webhook_delivery *d, const struct mindee_webhook *w,
                              const char *body, size_t len, bool stranger);
    void *ctx;
    struct list node; /* the office's */
};

/* Listens as OPTIONS' webhook_* say. Errors as webhook_receiver_new's. */
MUST_CHECK int post_office_open(struct post_office **out, struct loop *loop,
                                const struct batch_options *options, struct error *e);
/* How many boxes there are in all, here or not. */
void post_office_expect(struct post_office *office, size_t boxes);
void post_office_join(struct post_office *office, struct post_box *box);
void post_office_leave(struct post_box *box);
bool post_office_reload(struct post_office *office); /* the certificate */
void post_office_counts(const struct post_office *office, struct webhook_receiver_counts *out);
/* REQUIREs that every box has left. CLOSED may be NULL. */
void post_office_close(struct post_office *office, int64_t grace_ms, void (*closed)(void *ctx),
                       void *ctx);

#endif
