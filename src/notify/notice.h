/* notice.h - the JSON that notify.url and notify.command get: what happened, in fields for programs
 * and in one sentence for people ("text", which Slack's incoming webhooks show: of
 * NOTICE_TEXT_BYTES at most, so that a chat shows it whole), and the numbers as summary.json has them. */
#ifndef MB_NOTIFY_NOTICE_H
#define MB_NOTIFY_NOTICE_H

#include "ledger/summary.h"
#include "notify/failure_list.h"
#include "notify/troubles.h"

enum notice_event {
    NOTICE_RUN_ENDED,
    NOTICE_NEEDS_ATTENTION, /* a run ended, and goes on only when somebody did something */
    NOTICE_FORECAST,
    NOTICE_TROUBLE, /* the batch goes on, and somebody should know */
};

enum { NOTICE_TEXT_BYTES = 200 };

struct notice {
    enum notice_event event;
    const char *batch, *period;          /* NULL: none */
    int exit_code;                       /* -1: there was no run */
    const char *reason;                  /* why it ended early; "" or NULL: it didn't */
    const char *output;                  /* the output directory */
    const char *report;                  /* the path of the run's report; "" or NULL: none */
    const char *words;                   /* of a forecast: what is to be told; else NULL */
    const struct summary *summary;       /* NULL: the numbers aren't known */
    const struct troubles *troubles;     /* what is pending of it is told; NULL: nothing */
    const struct failure_list *failures; /* those that are new; NULL: none */
};

/* Exit codes from 2 on need a person: what is wrong doesn't mend itself. */
enum notice_event notice_event_of(int exit_code);
/* The run finished, and some documents failed, were rejected or lost, or are in doubt. */
bool notice_of_failures(int exit_code);

void notice_json(struct buffer *out, const struct notice *notice);

#endif
