/* What troubles the batch, until somebody was told. What is told is marked in the ledger in the
 * transaction that has the notice's row: neither is there without the other, so that a crash or a
 * restart tells nothing twice and loses nothing. Failures aren't kept here at all: whichever documents
 * came to a bad end since the mark are told, the next time that something is.
 *
 * While a batch runs that transaction is its turn's, which may fail: what is pending stays until a
 * commit came (trouble_committed), and is told once more if none does. */
#include "notify/trouble_line.h"
#include "base/log.h"
#include "base/units.h"
#include "ledger/unread_files.h"
#include "notify/notifier_internal.h"

#include <stdio.h>
#include <string.h>

enum { CERTIFICATE_DAYS = 14, DAY_MS = 24 * 60 * 60 * 1000 };

static const char see_failures[] =
    "see failures.csv; `mindee-batch retry` or `dismiss` settles them";

/* --- the marks --- */

int trouble_attached(struct notifier *n)
{
    struct ledger *l = n->ledger;
    int64_t told_at = 0;
    int64_t sinks = 0;
    for (int i = 0; i < SINKS; i++)
        sinks |= n->handovers[i].outlet ? (int64_t)n->handovers[i].sink : 0;
    int rc = ledger_told_set(l, TOLD_SINKS, sinks);
    if (rc == 0)
        rc = ledger_told_get(l, TOLD_FAILURES, &n->failures_told);
    if (rc == 0) { /* nobody was ever told: it begins with what comes from now on */
        rc = ledger_newest_event(l, &n->failures_told);
        if (rc == 0)
            rc = ledger_told_set(l, TOLD_FAILURES, n->failures_told);
    }
    if (rc >= 0)
        rc = ledger_told_get(l, TOLD_TROUBLE_AT, &told_at);
    if (rc > 0 && told_at > n->troubles.told_at.ms)
        n->troubles.told_at.ms = told_at;
    n->unread_told = 0;
    if (rc >= 0)
        rc = ledger_told_get(l, TOLD_UNREAD, &n->unread_told);
    return rc < 0 ? rc : 0;
}

void trouble_committed(struct notifier *n)
{
    troubles_kept(&n->troubles);
}

/* As the ledger has them: a turn that was taken back took them along. */
static void read_marks(struct notifier *n)
{
    if (ledger_told_get(n->ledger, TOLD_FAILURES, &n->failures_told) < 0 ||
        ledger_told_get(n->ledger, TOLD_UNREAD, &n->unread_told) < 0)
        LOG(LOG_WARNING, "notify.unread", LOG_STR("cause", ledger_error(n->ledger)->text));
}

static int mark(struct notifier *n, bool failures, bool trouble)
{
    struct ledger *l = n->ledger;
    int64_t newest = 0, unread = 0;
    int rc = failures ? ledger_newest_event(l, &newest) : 0;
    if (rc == 0 && failures)
        rc = ledger_told_set(l, TOLD_FAILURES, newest);
    if (rc == 0)
        rc = ledger_unread_count(l, &unread);
    if (rc == 0)
        rc = ledger_told_set(l, TOLD_UNREAD, unread);
    if (rc == 0 && trouble)
        rc = ledger_told_set(l, TOLD_TROUBLE_AT, clock_wall(loop_clock(n->loop)).ms);
    return rc;
}

/* --- told --- */

static bool read_failures(struct notifier *n, struct failure_list *f)
{
    *f = (struct failure_list){0};
    if (!n->ledger)
        return false;
    read_marks(n);
    if (failure_list_read(f, n->ledger, n->failures_told) < 0) {
        failure_list_release(f);
        return false;
    }
    return f->count > 0;
}

static void written(struct notifier *n)
{
    troubles_written(&n->troubles, clock_wall(loop_clock(n->loop)));
    if (!n->told) /* no turn is waited for: it is durable, or in memory for good */
        troubles_kept(&n->troubles);
}

void trouble_tell(struct notifier *n)
{
    struct wall now = clock_wall(loop_clock(n->loop));
    struct failure_list failures;
    struct summary s;
    struct error e;
    if (n->closing && n->rests && read_failures(n, &failures)) {
        troubles_add(&n->troubles, TROUBLE_FAILURES, "", see_failures);
        failure_list_release(&failures);
    }
    if (!troubles_pending(&n->troubles) || n->stopping || n->settling ||
        (!n->closing && troubles_wait_ms(&n->troubles, now) > 0))
        return;
    bool asked = n->troubles.of[TROUBLE_FAILURES].pending; /* else some are on their way */
    bool any = read_failures(n, &failures) && asked;
    bool numbers = n->ledger && summary_read(&s, n->ledger, &e) == 0;
    if (!any)
        troubles_drop(&n->troubles, TROUBLE_FAILURES); /* all settled meanwhile */
    if (troubles_pending(&n->troubles)) {
        if (n->ledger && mark(n, any, true) < 0)
            LOG(LOG_WARNING, "notify.unrecorded", LOG_STR("cause", ledger_error(n->ledger)->text),
                LOG_STR("next", "it may be told again"));
        notices_put(n, &(struct notice){.event = NOTICE_TROUBLE,
                                        .batch = n->options->batch,
                                        .period = n->period,
                                        .exit_code = -1,
                                        .output = n->options->output,
                                        .summary = numbers ? &s : NULL,
                                        .troubles = &n->troubles,
                                        .failures = any ? &failures : NULL});
        written(n);
    }
    failure_list_release(&failures);
}

/* Failures alone are what exit code 1 says, whose notice counts and names them. Where that isn't wanted
 * they stay pending, for a notice of their own. */
static bool only_failures(const struct notifier *n)
{
    for (int i = 0; i < TROUBLE_KINDS; i++)
        if (i != TROUBLE_FAILURES && n->troubles.of[i].pending && !n->troubles.of[i].written)
            return false;
    return true;
}

/* What is pending goes along, and makes it a notice of trouble. */
void trouble_tell_end(struct notifier *n, struct notice *notice)
{
    struct failure_list failures;
    bool plain = notice->event == NOTICE_RUN_ENDED && only_failures(n);
    if (troubles_pending(&n->troubles) && !plain) {
        notice->event = NOTICE_NEEDS_ATTENTION;
        notice->troubles = &n->troubles;
    }
    bool any = read_failures(n, &failures);
    if (!any)
        troubles_drop(&n->troubles, TROUBLE_FAILURES);
    notice->failures = any ? &failures : NULL;
    if (notices_wanted_of(n, notice)) {
        if (n->ledger && mark(n, true, notice->event == NOTICE_NEEDS_ATTENTION) < 0)
            LOG(LOG_WARNING, "notify.unrecorded", LOG_STR("cause", ledger_error(n->ledger)->text),
                LOG_STR("next", "it may be told again"));
        notices_put(n, notice);
        if (notice->event == NOTICE_NEEDS_ATTENTION)
            written(n);
        else
            troubles_drop(&n->troubles, TROUBLE_FAILURES);
    }
    failure_list_release(&failures);
}

struct mono trouble_wake(const struct notifier *n, struct mono now)
{
    if (!troubles_pending(&n->troubles) || n->closing || n->settling)
        return MONO_NEVER;
    return mono_add(now, troubles_wait_ms(&n->troubles, clock_wall(loop_clock(n->loop))) + 1);
}

/* --- what comes --- */

void trouble_add(struct notifier *n, enum trouble_kind kind, const char *text, const char *next)
{
    if (notices_wanted(n, NOTICE_TROUBLE))
        troubles_add(&n->troubles, kind, text, next);
}

bool trouble_over(struct notifier *n, enum trouble_kind kind)
{
    struct trouble *t = &n->troubles.of[kind];
    bool untold = t->pending && !t->written;
    if (untold)
        troubles_drop(&n->troubles, kind);
    return !untold && notices_wanted(n, NOTICE_TROUBLE);
}

static void look_for_unread(struct notifier *n)
{
    char text[TROUBLE_TEXT_MAX], count[UNITS_TEXT_MAX];
    int64_t unread = 0;
    if (ledger_unread_count(n->ledger, &unread) < 0)
        return;
    if (unread < n->unread_told && ledger_told_set(n->ledger, TOLD_UNREAD, unread) == 0)
        n->unread_told = unread;
    if (unread <= n->unread_told)
        return;
    snprintf(text, sizeof text, "%s %s can't be read for input.patience by now",
             count_format(unread, count),
             unread == 1 ? "file or directory" : "files or directories");
    troubles_add(&n->troubles, TROUBLE_UNREAD, text,
                 "see failures.csv for which and why, and mend the share or the machine");
}

void trouble_rested(struct notifier *n, bool unread)
{
    struct failure_list failures;
    if (!n->ledger || !notices_wanted(n, NOTICE_TROUBLE))
        return;
    if (read_failures(n, &failures))
        troubles_add(&n->troubles, TROUBLE_FAILURES, "", see_failures);
    failure_list_release(&failures);
    if (unread)
        look_for_unread(n);
}

/* Where no ledger is open only this process knows when it told. */
static bool was_told_today(struct notifier *n, struct wall now)
{
    int64_t told_at = n->certificate_told_at.ms, in_ledger = 0;
    if (n->ledger && ledger_told_get(n->ledger, TOLD_CERTIFICATE_AT, &in_ledger) > 0 &&
        in_ledger > told_at)
        told_at = in_ledger;
    return told_at && told_at <= now.ms && now.ms - told_at < DAY_MS;
}

bool trouble_certificate(struct notifier *n, const char *file, struct wall ends)
{
    char text[TROUBLE_TEXT_MAX], date[WALL_TEXT_MAX];
    if (n->closing || n->settling || !notices_wanted(n, NOTICE_TROUBLE))
        return false;
    struct wall now = clock_wall(loop_clock(n->loop));
    int64_t left_ms = ends.ms - now.ms;
    if (left_ms >= (int64_t)CERTIFICATE_DAYS * DAY_MS || was_told_today(n, now))
        return true;
    n->certificate_told_at = now;
    if (n->ledger && ledger_told_set(n->ledger, TOLD_CERTIFICATE_AT, now.ms) < 0)
        LOG(LOG_WARNING, "notify.unrecorded", LOG_STR("cause", ledger_error(n->ledger)->text));
    log_time_told(ends, date);
    if (left_ms > 0)
        snprintf(text, sizeof text, "the webhook certificate %.150s ends on %.10s, in %lld days",
                 file, date, (long long)(left_ms / DAY_MS));
    else
        snprintf(text, sizeof text, "the webhook certificate %.150s ended on %.10s", file, date);
    trouble_add(n, TROUBLE_CERTIFICATE, text,
                "renew it: the new one is read by itself; without, results are polled for");
    return true;
}

/* --- handovers --- */

/* The same result, again and again. */
void trouble_of_handover(struct handover_line *line, bool delivered)
{
    struct notifier *n = line->n;
    struct mono now = loop_now(n->loop);
    char text[TROUBLE_TEXT_MAX], count[UNITS_TEXT_MAX];
    int64_t left = 0, lasted_ms = mono_diff(now, line->stuck_since);
    if (delivered) {
        if (line->stuck_told)
            (void)trouble_over(n, TROUBLE_HANDOVERS);
        line->stuck_told = false;
        line->stuck_since = (struct mono){0};
        return;
    }
    if (!line->stuck_since.ms)
        line->stuck_since = now;
    if (!line->stuck_since.ms || lasted_ms < STUCK_MS || line->stuck_since.ms == now.ms ||
        lasted_ms < 2 * n->options->stored_timeout_ms || line->stuck_told || n->closing ||
        n->settling || !n->ledger ||
        ledger_handovers_between(n->ledger, line->cursor, n->results, &left) < 0)
        return;
    line->stuck_told = true;
    snprintf(text, sizeof text, "%s %s waiting to be handed over by %s: %.120s",
             count_format(left, count), left == 1 ? "result is" : "results are",
             outlet_name(line->outlet), outlet_cause(line->outlet));
    trouble_add(n, TROUBLE_HANDOVERS, text,
                "mend what takes them; nothing is lost, it is tried again and again");
}
