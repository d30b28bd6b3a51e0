/* served_batch_end.h - what is done when a served batch's run has ended, and its reports. */
#ifndef MB_SERVICE_SERVED_BATCH_END_H
#define MB_SERVICE_SERVED_BATCH_END_H

#include "service/served_batch_state.h"

/* Each turn while S's batch has ended: its state after that, and its period's row. What takes long is done on a thread
 * before: until then s->work is set and nothing of this happens. */
void served_batch_run_ended(struct served_batch *s);
/* Each turn: a staying run that came to rest, with what isn't stored, is told. */
void served_batch_look(struct served_batch *s);
/* Each turn: what a person settled is out of the reports a second later, however much he settles. */
void served_batch_hands(struct served_batch *s);
/* Now and then: what a staying run has come to, to its files. */
void served_batch_report(struct served_batch *s);

#endif
