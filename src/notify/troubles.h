/* troubles.h - what somebody should hear of, until he has: one thing of each kind at most, the newest
 * words. Notices of trouble are grouped, and at most one goes out each `notify.every`; what comes
 * within that time waits for the next. Pure.
 *
 *   troubles_add(&t, TROUBLE_SILENCE, text, next);
 *   if (troubles_pending(&t) && troubles_wait_ms(&t, now) == 0)
 *       troubles_written(&t, now);      all that are pending are in a notice
 *   troubles_kept(&t);                  and that is durable; or
 *   troubles_lost(&t);                  it isn't: they are pending as before */
#ifndef MB_NOTIFY_TROUBLES_H
#define MB_NOTIFY_TROUBLES_H

#include "base/clock.h"

/* The gravest first: in that order they are told. */
enum trouble_kind {
    TROUBLE_SILENCE,     /* Mindee isn't heard */
    TROUBLE_BUDGET,      /* a budget is reached: nothing more is sent */
    TROUBLE_FAILURES,    /* documents failed; the words are made when it is told */
    TROUBLE_UNREAD,      /* files can't be read */
    TROUBLE_HANDOVERS,   /* results aren't taken */
    TROUBLE_CERTIFICATE, /* the webhook receiver's ends soon */
    TROUBLE_BACK,        /* Mindee is heard again: no trouble, so it waits for nothing */
    TROUBLE_KINDS
};
extern const char *const trouble_names[TROUBLE_KINDS]; /* "silence", ... */

enum { TROUBLE_TEXT_MAX = 320 };

struct trouble {
    bool pending;
    bool written;                /* in a notice that isn't durable yet */
    char text[TROUBLE_TEXT_MAX]; /* half a sentence, with the numbers */
    char next[TROUBLE_TEXT_MAX]; /* what to do */
};

struct troubles {
    struct trouble of[TROUBLE_KINDS];
    int64_t every_ms;
    struct wall told_at; /* the newest notice of trouble; 0: none yet */
};

void troubles_add(struct troubles *t, enum trouble_kind kind, const char *text, const char *next);
void troubles_drop(struct troubles *t, enum trouble_kind kind); /* it is over, and wasn't told */
bool troubles_pending(const struct troubles *t);
/* 0: one may go out now. A clock that went back makes nobody wait. */
int64_t troubles_wait_ms(const struct troubles *t, struct wall now);

void troubles_written(struct troubles *t, struct wall now);
void troubles_kept(struct troubles *t);
void troubles_lost(struct troubles *t);

#endif
