/* admit.h - which document goes out next, and whether one may: stopping, room on the disk, files
 * that can be read, uploads at once, jobs the GETs can cover, the canary, the service's health, the limit, the budget: in this
 * order, and the first that says no has a name that `status` and the display show.
 *
 * One that goes out gets its attempt and its intent written here, and leaves after the commit
 * (upload.h). */
#ifndef MB_BATCH_ADMIT_H
#define MB_BATCH_ADMIT_H

#include "batch/pause.h"
#include "batch/spending.h"
#include "batch/upload.h"

struct admit;

struct admit *admit_new(struct run_context *c, const struct upload_neighbours *with,
                        struct send_queue *queue, struct upload *upload, struct spending *spending);
void admit_free(struct admit *a);

void admit_turn(struct admit *a, struct mono now);
struct mono admit_next(struct admit *a, struct mono now);
bool admit_busy(const struct admit *a); /* more will go out, or pages are being counted */
unsigned admit_pauses(const struct admit *a);
/* What is left in the queue waits for its own next try, all of it. */
bool admit_tries_later(const struct admit *a);
/* POSTs that could go out within a second: uploads end and begin again. */
uint32_t admit_wanted(const struct admit *a);

#endif
