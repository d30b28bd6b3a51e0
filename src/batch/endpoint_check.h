/* endpoint_check.h - are the webhook endpoints what they should be? One GET, once a run that takes
 * webhooks has sent something: the model's endpoints as Mindee knows them, held against
 * request.webhook_ids and webhook.path. Warns, and never stops a run. */
#ifndef MB_BATCH_ENDPOINT_CHECK_H
#define MB_BATCH_ENDPOINT_CHECK_H

#include "batch/pace.h"

struct endpoint_check;

struct endpoint_check *endpoint_check_new(struct run_context *c, struct ending *ending,
                                          struct pace *pace);
void endpoint_check_free(struct endpoint_check *k);

bool endpoint_check_is_due(const struct endpoint_check *k); /* it never was made */
/* The caller has seen that a GET may go. */
void endpoint_check_send(struct endpoint_check *k, struct mono now);
int endpoint_check_out(const struct endpoint_check *k); /* GETs on the wire */

#endif
