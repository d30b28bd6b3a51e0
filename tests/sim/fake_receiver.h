/* fake_receiver.h - webhook_receiver.h without a socket: what a sender has for it comes in virtual
 * time. Behind it the real router and the real batch work.
 *
 *   fake_receiver_setup(&sender);   before the run; NULL: nobody may listen, it is an error
 *
 * The receiver asks once a turn when the sender's next delivery is due, takes it then, and says
 * what became of it: 200, 503, or silence if the process dies before the answer. */
#ifndef MB_SIM_FAKE_RECEIVER_H
#define MB_SIM_FAKE_RECEIVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fake_sender {
    int64_t (*due_ms)(void *ctx); /* INT64_MAX: nothing is known to come */
    /* What is due by now: its body, which lives until the next call; NULL: nothing after all. */
    const char *(*take)(void *ctx, int *delivery);
    void (*replied)(void *ctx, int delivery, int status);
    void *ctx;
};
void fake_receiver_setup(const struct fake_sender *sender);
bool fake_receiver_is_open(void);
/* What is due is taken now, and not at the next turn. */
void fake_receiver_deliver(void);

#endif
