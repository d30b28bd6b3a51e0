/* receive.h - results by webhook: what the receiver hands over becomes an event of the document it
 * belongs to, and is answered 2xx after the commit that holds it (503 if there can be none: Mindee
 * comes again).
 *
 * A delivery is matched by its job id alone where that job is known; else by our alias, which every
 * upload carries: so one that comes before its own 202, or after a crash that lost it, settles the
 * doubt. An alias whose attempt has another job is no match. A result for an older attempt counts
 * too, and the first result wins. What matches nothing is kept as an orphan.
 *
 * A failure names no job. Where its attempt's job is known, it only makes that job be asked for at
 * once: the job's own answer decides.
 *
 * The net under it: a document whose webhook is late is polled (webhook.fallback_after, less once
 * the run has seen how fast they come). If the first jobs polled so were done and not one webhook
 * has come, nobody can reach us: that is said, and the run goes on by polling, until one comes.
 *
 * Without webhook.listen there is no receiver, and every function here does nothing. */
#ifndef MB_BATCH_RECEIVE_H
#define MB_BATCH_RECEIVE_H

#include "batch/upload.h"

struct receive;

struct receive *receive_new(struct run_context *c, const struct upload_neighbours *with,
                            struct upload *upload);
void receive_free(struct receive *r);
MUST_CHECK int receive_open(struct receive *r, struct error *e);
void receive_start(struct receive *r); /* before it a delivery has to wait: no turn commits */
/* CLOSED may be NULL. */
/* The file of its certificate, and when that ENDS; NULL: it has none. */
const char *receive_certificate(const struct receive *r, struct wall *ends);
struct webhook_router *receive_router(const struct receive *r); /* NULL: there is none */
void receive_close(struct receive *r, void (*closed)(void *ctx), void *ctx);

bool receive_holds(const struct receive *r); /* deliveries that wait for a commit to begin */
void receive_seal(struct receive *r);        /* it begins: what is held waits for this one */
/* Answers what was noted: durable by now, or not to be had. */
void receive_reply(struct receive *r, bool durable);
/* The flight's job id is known and durable: a webhook that came before it may be kept. */
void receive_adopt(struct receive *r, struct flight *f);

bool receive_expects(const struct receive *r); /* webhooks, and no polls before they are late */
int64_t receive_fallback_ms(const struct receive *r);                 /* late: after that */
void receive_missed(struct receive *r, const struct mindee_job *job); /* done, and none came */

/* Something is in doubt, and a webhook may still settle it; or the run is there to receive alone,
 * and one came a moment ago. */
bool receive_busy(const struct receive *r);
struct mono receive_next(const struct receive *r, struct mono now);

#endif
