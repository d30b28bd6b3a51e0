/* notifier.h - word gets out: a notice when a run ends or needs a person, and each stored result to
 * whoever comes next. One notifier a batch (a configuration with its ledger), whatever runs there
 * are of it; NULL where nothing is configured, which every function here takes.
 *
 *   notifier_options_read(&o, config, batch_name, output, &e);
 *   notifier_new(&n, loop, &o, &e);         *N is NULL if there is nobody to tell
 *
 *   batch_new(&b, ...);                     each run:
 *   notifier_attach(n, batch_ledger(b), period, &e);
 *   batch_on_commit(b, notifier_committed, n);
 *   batch_start(b, ...);                    in its ended callback, when summary.json is written:
 *   notifier_run_ended(n, exit_code, reason);
 *
 *   notifier_close(n, stopped, closed, ctx);  then, in a program that ends; B is kept until CLOSED
 *   notifier_free(n);                       after that
 *
 *   notifier_detach(n); batch_free(b);      or, in one that stays:
 *   notifier_go_on(n, ledger_path);         what is left is delivered until the next run is due
 *   notifier_detach(n);                     before its batch_new, which wants the ledger
 *
 * A run that couldn't begin (batch_new failed) is told too: notifier_run_ended without attaching.
 * Other options: close this one and make another; what is left is in the ledger.
 *
 * A run is never held up: what goes out has connections and processes of its own, one thing at a
 * time, and reads the ledger after the turn's commit. What it writes there (how far each sink is,
 * which notices are delivered) joins the turn's commit while a batch runs, and is committed here
 * when none does.
 *
 * Notices are in the ledger before their first try, and are tried again, by later runs too, until
 * they are delivered, refused (a 4xx), or a day old. Without a ledger, or one that can't be
 * written, they are tried from memory. Results go out in the order they were stored, each at least
 * once, the next only when the one before was taken; there is no giving up. A sink that is new to a
 * ledger begins with what is stored from then on, unless from_beginning says otherwise; one that
 * was left out for a while goes on where it was. */
#ifndef MB_NOTIFY_NOTIFIER_H
#define MB_NOTIFY_NOTIFIER_H

#include "config/config.h"
#include "config/mail_url.h"
#include "ledger/ledger.h"
#include "ledger/summary.h"
#include "net/loop.h"
#include "notify/troubles.h"

struct notifier;

struct notifier_options {
    const char *batch;                       /* its name; NULL: the configuration has no batches */
    const char *output;                      /* absolute; its results/ have the result files */
    const char *notify_url, *notify_command; /* NULL: not set */
    struct mail_url mail;                    /* its server is "": none */
    const char *mail_from, *const *mail_to, *mail_password_file;
    bool at_end, at_trouble; /* notify.when; a run with failures is both */
    int64_t every_ms;        /* between notices of trouble */
    const char *stored_url, *stored_command;
    bool from_beginning;
    /* A handover's longest time, and how long a run's end waits for one to succeed. */
    int64_t stored_timeout_ms;
    const char *ca_file, *proxy; /* as for the API */
    int64_t connect_timeout_ms;
    int64_t first_delay_ms, max_delay_ms; /* between tries */
};

/* ERR_USAGE: a URL that would carry invoices in clear, or mail that goes to nobody.
 * CONFIG, BATCH and OUTPUT must outlive the notifier. */
MUST_CHECK int notifier_options_read(struct notifier_options *o, const struct config *config,
                                     const char *batch, const char *output, struct error *e);

/* ERR_USAGE: a command that can't be run, a password file that can't be used. OPTIONS must outlive it. */
MUST_CHECK int notifier_new(struct notifier **out, struct loop *loop,
                            const struct notifier_options *options, struct error *e);

/* The ledger of a batch that is about to run. PERIOD: what it runs for, copied; NULL: none. */
MUST_CHECK int notifier_attach(struct notifier *n, struct ledger *l, const char *period,
                               struct error *e);
/* After a commit: RESULTS new results are durable. For batch_on_commit; CTX is the notifier. */
void notifier_committed(void *ctx, int64_t results);
/* The run is over, and its ledger, if one is attached, is ours until it is detached. */
void notifier_run_ended(struct notifier *n, int exit_code, const char *reason);
/* What needs a person by now: the notice of a run's end has it. */
void notifier_to_review(struct notifier *n, const struct summary_review *review);
/* Where the run's report is, copied; "": there is none. Likewise. */
void notifier_report(struct notifier *n, const char *path);
/* Something somebody should know while the batch goes on: TEXT half a sentence with the numbers, NEXT
 * what to do. Told at once, or grouped with what else comes within every_ms; what is still to be told
 * when a run ends is told with its end. */
void notifier_trouble(struct notifier *n, enum trouble_kind kind, const char *text,
                      const char *next);
/* It is over: it isn't told if it wasn't yet. True: it was (or will be soon). */
bool notifier_trouble_over(struct notifier *n, enum trouble_kind kind);
/* Of a run that stays: whatever ends it, documents that came to a bad end are told. */
void notifier_tells_failures(struct notifier *n);
/* It came to rest: documents that came to a bad end since somebody was told last are
 * told, and UNREAD, whether files that can't be read are. The ledger knows which were. */
void notifier_rested(struct notifier *n, bool unread);
/* The receiver's certificate, of FILE: if it ends within 14 days that is told, once a day. False: nobody
 * hears of trouble here. */
bool notifier_certificate(struct notifier *n, const char *file, struct wall ends);
/* The batch has ended: its results are handed over as long as that succeeds, then SETTLED, within this
 * call or later. What is left is left for the next run, and is told. */
void notifier_settle(struct notifier *n, bool stopped, void (*settled)(void *ctx), void *ctx);
/* After that: what is left and why, for people; "": nothing. */
const char *notifier_left(const struct notifier *n);
/* Words about a run to come, for a person to act on (it doesn't fit before its deadline). */
void notifier_forecast(struct notifier *n, const char *period, const char *text);
/* Whether something is still to be delivered. */
bool notifier_busy(struct notifier *n);
/* The ledger isn't touched any more; what is on its way goes on. */
void notifier_detach(struct notifier *n);
/* No batch runs: what is left is delivered all the same, from the ledger at LEDGER_PATH, which is
 * closed when nothing is left. A ledger that can't be opened (somebody else runs there) waits for
 * the next run. */
void notifier_go_on(struct notifier *n, const char *ledger_path);

/* Waits for notices a few seconds, and for handovers as long as they succeed, each within
 * stored_timeout_ms; what is left then is left for the next run, and the log says so. STOPPED: the
 * program was asked to end: no handover begins any more,
 * and one on its way has those few seconds too. */
void notifier_close(struct notifier *n, bool stopped, void (*closed)(void *ctx), void *ctx);
void notifier_hurry(struct notifier *n); /* while it settles or closes: don't wait */
void notifier_free(struct notifier *n);

#endif
