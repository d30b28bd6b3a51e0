/* notice.h - what somebody should hear of: the end of a scheduled run, or trouble that needs a
 * person. Each is one line of the log; what goes further is notify/notifier.h's. */
#ifndef MB_SERVICE_NOTICE_H
#define MB_SERVICE_NOTICE_H

#include "service/served_batches.h"

enum service_notice_kind {
    NOTICE_END,     /* a scheduled run is over, its period done */
    NOTICE_TROUBLE, /* a run ended early, or can't begin; or it won't be ready in time */
};

struct service_notice {
    enum service_notice_kind kind;
    const struct served_entry *entry;
    const struct due *due; /* NULL: not of a scheduled run */
    int exit_code;         /* -1: none */
    const char *text;      /* one sentence */
};

void service_notice(const struct service_notice *n);

#endif
