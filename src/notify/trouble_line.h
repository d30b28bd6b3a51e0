/* trouble_line.h - what troubles the batch, until somebody was told; and the handovers of a batch that has
 * ended. */
#ifndef MB_NOTIFY_TROUBLE_LINE_H
#define MB_NOTIFY_TROUBLE_LINE_H

#include "notify/notice.h"

struct handover_line;
struct notifier;

/* trouble_line.c */
MUST_CHECK int trouble_attached(struct notifier *n);
void trouble_committed(struct notifier *n);
void trouble_add(struct notifier *n, enum trouble_kind kind, const char *text, const char *next);
bool trouble_over(struct notifier *n, enum trouble_kind kind); /* it was told */
void trouble_rested(struct notifier *n, bool unread);
bool trouble_certificate(struct notifier *n, const char *file, struct wall ends);
void trouble_of_handover(struct handover_line *line, bool delivered);
void trouble_tell(struct notifier *n); /* if a notice is due, or it closes */
/* With a run's end: what is pending goes into its notice. */
void trouble_tell_end(struct notifier *n, struct notice *notice);
struct mono trouble_wake(const struct notifier *n, struct mono now);

/* settling.c */
void settling_batch_ended(struct notifier *n); /* its ledger is ours now */
void settling_begin(struct notifier *n, bool stopped, void (*settled)(void *ctx), void *ctx);
void settling_turn(struct notifier *n, struct mono now);

/* notifier.c: looks at all that can be done */
void notifier_kick(struct notifier *n);

#endif
