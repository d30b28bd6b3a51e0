/* driver.h - what src/batch does with one document, on a struct life: the same steps in the same
 * order as flight.c, upload.c, poll.c, fetch.c, receive.c, recover.c, release.c and retry.c take
 * them, with the real machine (core/document.h) and the real rules of an attempt (core/attempt.h). */
#ifndef MB_SIM_EXPLORE_DRIVER_H
#define MB_SIM_EXPLORE_DRIVER_H

#include "life.h"

struct driver {
    const struct rules *rules;
    struct life *life;
    struct complaint *complaint;
};

/* Of an event: about which attempt, and what struct news says. */
struct told {
    int attempt; /* 0: about none */
    bool late, known;
    bool fresh; /* within a minute of the 202 */
};

void driver_event(struct driver *d, enum doc_event_kind kind, const struct told *told);

void driver_start(struct driver *d); /* a run begins: recover_start */
void driver_crash(struct driver *d); /* memory, and what the turn wrote, are gone */
bool driver_must_commit(const struct life *l);
void driver_commit(struct driver *d, bool send); /* and release; SEND: no stop cuts the upload */

bool driver_may_take_up(const struct rules *rules, const struct life *l);
void driver_take_up(struct driver *d);
bool driver_may_admit(const struct life *l);
void driver_admit(struct driver *d);
void driver_source_gone(struct driver *d); /* instead of being admitted */
void driver_send_get(struct driver *d);    /* the poll or fetch it waits for */
void driver_resend(struct driver *d);      /* the wait for a resend is over */
bool driver_may_acquit(const struct life *l);
void driver_acquit(struct driver *d); /* the canary found the run at fault */
bool driver_may_retry(const struct life *l);
void driver_retry(struct driver *d);
bool driver_may_dismiss(const struct life *l);
void driver_dismiss(struct driver *d);
/* A walk comes across a file of it: what is held in doubt may have been held for want of one. */
bool driver_may_be_found(const struct rules *rules, const struct life *l);
void driver_found(struct driver *d);
void driver_file_again(struct driver *d); /* of a rejected document */

/* Answers. */
void driver_uploaded(struct driver *d, int attempt, enum doc_event_kind kind);
void driver_upload_cut_short(struct driver *d, int attempt);
void driver_polled(struct driver *d, int attempt, enum doc_event_kind kind, bool fresh);
void driver_fetched(struct driver *d, int attempt, enum doc_event_kind kind);
void driver_webhook(struct driver *d, int attempt);

#endif
