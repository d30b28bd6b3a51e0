/* notifier_internal.h - what the files of this folder share.
 *
 *   notifier.c   life, the timer: it calls all others    closing.c   what is waited for at the end
 *   notices.c    what is told, kept until delivered      notice.c    the words of a notice
 *   handovers.c  results to sinks                        commit.c    when the ledger is written
 *   outlet.c     a URL, a command, mail             settling.c  handovers, when a batch has ended
 *   trouble_line.c  what troubles the batch, until it is told, with troubles.c and failure_list.c */
#ifndef MB_NOTIFY_NOTIFIER_INTERNAL_H
#define MB_NOTIFY_NOTIFIER_INTERNAL_H

#include "ledger/handovers.h"
#include "ledger/told.h"
#include "notify/notice.h"
#include "notify/notifier.h"
#include "notify/outlet.h"

enum {
    SINKS = 3, /* a URL, a command, mail, which gets notices alone */
    NOTICE_TIMEOUT_MS = 30 * 1000,
    NOTICE_WAIT_MS = 5 * 1000, /* of a run's end for its notice */
    MAIL_TIMEOUT_MS = 25 * 1000,
    MAIL_WAIT_MS = 30 * 1000, /* the same of mail, whose servers let strangers wait */
    NOTICE_MAX_AGE_MS = 24 * 60 * 60 * 1000,
    SAVE_MS = 100,              /* between commits that are made for cursors alone */
    LEDGER_PAUSE_MS = 5 * 1000, /* after one of its reads failed */
    STUCK_MS = 30 * 1000,       /* a handover that fails for so long is told of */
    MAIL_FROM_MAX = 255,
    FILE_WAIT_MS = 2 * 1000, /* of a command for the result file to be written */
};

/* One of the sinks of notify. */
struct notice_line {
    struct notifier *n;
    struct outlet *outlet; /* NULL: not configured */
    enum ledger_sink sink;
    int64_t handled;   /* delivered or given up, all up to this one */
    int64_t sending;   /* on its way; 0: none, or the loose one */
    int64_t undropped; /* its row is to go as soon as there is a ledger; 0: none */
    char *loose;       /* a body that isn't in the ledger; NULL: none */
    bool sending_loose;
};

/* One of the sinks of on_stored. */
struct handover_line {
    struct notifier *n;
    struct outlet *outlet;
    enum ledger_sink sink;
    int64_t cursor;  /* it has all results up to this one */
    int64_t written; /* what of that the ledger was told */
    int64_t sending;
    struct mono moved_at;    /* the cursor */
    struct mono stuck_since; /* the same one failed again and again; 0: it doesn't */
    bool stuck_told;
    struct mono paused; /* until then: the ledger, or a result file, isn't ready */
    int64_t awaited;    /* the result whose file was waited for */
};

struct notifier {
    struct loop *loop;
    const struct notifier_options *options;
    struct loop_timer *timer;
    struct notice_line notices[SINKS];
    struct handover_line handovers[SINKS];

    struct ledger *ledger; /* NULL: none is attached */
    struct ledger *own;    /* the same, opened here; NULL: it is a batch's */
    uint64_t ledger_id;    /* of the newest one, 0: there was none */
    bool left;             /* when it was detached something was to be delivered */
    bool alone;            /* no batch commits it any more */
    bool told;             /* a notice was written, not yet committed */
    char *period, *report;
    struct summary_review review;
    struct troubles troubles;
    struct outlet_mail mail;
    char mail_from[MAIL_FROM_MAX];      /* if no option says it */
    int64_t failures_told, unread_told; /* marks of the ledger, as it has them */
    struct wall certificate_told_at;
    bool rests;                   /* failures are told: a run that stays */
    int64_t results, last_notice; /* durable up to these numbers */
    struct mono saved_at;

    bool closing, hurried, stopping; /* waits; doesn't any more; the outlets are being closed */
    bool settling, settled;          /* handovers are waited for; aren't any more */
    void (*settle_cb)(void *ctx);
    void *settle_ctx;
    bool stopped; /* see notifier_close */
    struct mono close_at;
    int outlets_open;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

/* commit.c: commits if nobody else does. False: it failed. */
bool notifier_commit(struct notifier *n);

/* closing.c */
/* Whether everything has ended that was waited for or cancelled: the end may come. */
bool closing_turn(struct notifier *n, struct mono now);
void closing_report(struct notifier *n);  /* logs what is left for the next run; needs the ledger */
void closing_outlets(struct notifier *n); /* the last one to close calls n->closed */
/* While it closes: what isn't done then is left for the next run. */
struct mono closing_notices_until(const struct notice_line *line);
struct mono closing_handovers_until(const struct handover_line *line); /* which is pending */

/* notices.c */
bool notices_wanted(const struct notifier *n,
                    enum notice_event event); /* somebody is to hear of it */
bool notices_wanted_of(const struct notifier *n, const struct notice *notice); /* the same */
void notices_put(struct notifier *n, const struct notice *notice);             /* if it is wanted */
void notices_tell(struct notifier *n, const char *body);
void notices_start(struct notice_line *line, struct mono now);
void notices_done(struct notice_line *line, enum outlet_end end, const char *cause);
bool notices_pending(struct notice_line *line);
void notices_attached(struct notice_line *line);

/* handovers.c */
MUST_CHECK int handovers_attached(struct handover_line *line, bool known);
void handovers_start(struct handover_line *line, struct mono now);
void handovers_done(struct handover_line *line, enum outlet_end end);
bool handovers_pending(const struct handover_line *line);
void handovers_save(struct notifier *n, bool now);

#endif
