/* See notifier.h. Everything that may have changed what can be done (a commit, an outlet that is
 * free again, a pause that is over, the wish to end) comes to notifier_kick(), which looks at all lines:
 * starts what can go, ends what needn't be waited for any longer, and sets the one timer for what
 * comes next.
 *
 * The ledger is the batch's: it is read at any time, as reads see committed rows (up to the numbers
 * noted at the last commit), and written into the batch's turn. Only when the batch has ended, and
 * says so by notifier_run_ended, is it committed here. */
#include "base/log.h"
#include "base/text.h"
#include "config/mail_url.h"
#include "notify/notifier_internal.h"
#include "notify/trouble_line.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const enum ledger_sink sinks[SINKS] = {SINK_URL, SINK_COMMAND, SINK_MAIL};

/* ---- what there is to do ---- */

/* When a line that has something to do wants to be looked after;
 * UNTIL: no longer than that, if it closes. */
static struct mono line_wake(const struct notifier *n, const struct outlet *o, struct mono paused,
                             struct mono until, struct mono now)
{
    struct mono at = outlet_busy(o) ? MONO_NEVER : mono_max(paused, outlet_next(o));
    if (!n->closing && !n->settling)
        return at;
    return mono_reached(now, until) ? MONO_NEVER : mono_min(at, until);
}

static struct mono next_wake(struct notifier *n, struct mono now)
{
    struct mono at = MONO_NEVER;
    for (int i = 0; i < SINKS; i++) {
        struct notice_line *notice = &n->notices[i];
        struct handover_line *handover = &n->handovers[i];
        if (notices_pending(notice))
            at = mono_min(at, line_wake(n, notice->outlet, (struct mono){0},
                                        closing_notices_until(notice), now));
        if (handovers_pending(handover))
            at = mono_min(at, line_wake(n, handover->outlet, handover->paused,
                                        closing_handovers_until(handover), now));
        if (handover->outlet && n->ledger && handover->cursor != handover->written)
            at = mono_min(at, mono_add(n->saved_at, SAVE_MS));
    }
    at = mono_min(at, trouble_wake(n, now));
    return at.ms == MONO_NEVER.ms ? at : mono_max(at, mono_add(now, 1));
}

bool notifier_busy(struct notifier *n)
{
    bool busy = false;
    for (int i = 0; n && i < SINKS; i++)
        busy |= notices_pending(&n->notices[i]) || handovers_pending(&n->handovers[i]);
    return busy;
}

/* ---- the turn ---- */

static void end(struct notifier *n)
{
    if (n->ledger)
        closing_report(n);
    notifier_detach(n);
    loop_timer_close(n->timer);
    n->timer = NULL;
    closing_outlets(n);
}

void notifier_kick(struct notifier *n)
{
    struct mono now = loop_now(n->loop);
    trouble_tell(n);
    for (int i = 0; i < SINKS && !n->stopping; i++) {
        notices_start(&n->notices[i], now);
        handovers_start(&n->handovers[i], now);
    }
    if (n->closing && closing_turn(n, now)) {
        end(n);
        return;
    }
    if (!n->closing && n->own && !notifier_busy(n))
        notifier_detach(n);
    if (n->timer)
        loop_timer_set(n->timer, n->stopping ? MONO_NEVER : next_wake(n, now));
    settling_turn(n, now); /* last: its callback may close all */
}

static void timer_cb(void *ctx)
{
    struct notifier *n = ctx;
    if (n->ledger)
        handovers_save(n, false);
    notifier_kick(n);
}

void notifier_committed(void *ctx, int64_t results)
{
    struct notifier *n = ctx;
    if (!n || !n->ledger)
        return;
    int rc = 0;
    if (results)
        rc = ledger_last_result(n->ledger, &n->results);
    if (rc == 0 && n->told)
        rc = ledger_last_notice(n->ledger, &n->last_notice);
    n->told &= rc < 0; /* else at the next one */
    trouble_committed(n);
    notifier_kick(n);
}

/* ---- a run's beginning and end ---- */

static int attach(struct notifier *n, struct ledger *l, struct error *e)
{
    bool known = n->ledger_id == ledger_id(l);
    REQUIRE(!n->ledger && !n->closing);
    n->ledger = l;
    n->ledger_id = ledger_id(l);
    n->alone = false;
    int rc = ledger_last_result(l, &n->results);
    if (rc == 0)
        rc = ledger_last_notice(l, &n->last_notice);
    for (int i = 0; i < SINKS && rc == 0; i++) {
        n->notices[i].handled = known ? n->notices[i].handled : 0;
        notices_attached(&n->notices[i]);
        rc = handovers_attached(&n->handovers[i], known);
    }
    if (rc == 0)
        rc = trouble_attached(n);
    if (rc < 0) {
        *e = *ledger_error(l);
        n->ledger = NULL;
    }
    return rc;
}

/* Nothing is configured: nothing is left to be handed over. A ledger that knows no sink stays as it
 * is. */
static int forget_sinks(struct ledger *l, struct error *e)
{
    int64_t had = 0;
    int rc = ledger_told_get(l, TOLD_SINKS, &had);
    if (rc > 0 && had)
        rc = ledger_told_set(l, TOLD_SINKS, 0);
    if (rc < 0)
        *e = *ledger_error(l);
    return rc < 0 ? rc : 0;
}

int notifier_attach(struct notifier *n, struct ledger *l, const char *period, struct error *e)
{
    if (!n)
        return forget_sinks(l, e);
    int rc = attach(n, l, e);
    if (rc < 0)
        return rc;
    free(n->period);
    n->period = period ? xstrdup(period) : NULL;
    handovers_save(n, true);
    notifier_kick(n);
    return 0;
}

void notifier_detach(struct notifier *n)
{
    if (!n || !n->ledger)
        return;
    handovers_save(n, true);
    n->left = notifier_busy(n);
    n->ledger = NULL;
    n->alone = false;
    if (n->own)
        ledger_close(n->own);
    n->own = NULL;
}

void notifier_go_on(struct notifier *n, const char *ledger_path)
{
    struct error e;
    struct ledger *l;
    if (!n || n->ledger || !n->left || n->closing)
        return;
    const struct ledger_options o = {.path = ledger_path, .clock = loop_clock(n->loop)};
    int rc = ledger_open(&l, &o, &e);
    if (rc == 0) {
        rc = attach(n, l, &e);
        n->own = rc == 0 ? l : NULL;
        n->alone = rc == 0;
        if (rc < 0)
            ledger_close(l);
    }
    if (rc < 0) {
        LOG(LOG_WARNING, "notify.waits", LOG_STR("cause", e.text),
            LOG_STR("next", "the next run tells what is left to tell"));
        return;
    }
    handovers_save(n, true);
    notifier_kick(n);
}

void notifier_to_review(struct notifier *n, const struct summary_review *review)
{
    if (n)
        n->review = *review;
}

void notifier_report(struct notifier *n, const char *path)
{
    if (!n)
        return;
    free(n->report);
    n->report = xstrdup(path);
}

void notifier_run_ended(struct notifier *n, int exit_code, const char *reason)
{
    struct summary s;
    struct error e;
    if (!n)
        return;
    if (!n->settled)
        settling_batch_ended(n);
    bool numbers = n->ledger && summary_read(&s, n->ledger, &e) == 0;
    s.review = n->review;
    trouble_tell_end(n, &(struct notice){.event = notice_event_of(exit_code),
                                         .batch = n->options->batch,
                                         .period = n->period,
                                         .exit_code = exit_code,
                                         .reason = reason,
                                         .output = n->options->output,
                                         .report = n->report,
                                         .summary = numbers ? &s : NULL});
    notifier_kick(n);
}

void notifier_forecast(struct notifier *n, const char *period, const char *text)
{
    if (!n)
        return;
    notices_put(n, &(struct notice){.event = NOTICE_FORECAST,
                                    .batch = n->options->batch,
                                    .period = period,
                                    .exit_code = -1,
                                    .output = n->options->output,
                                    .words = text});
    notifier_kick(n);
}

/* ---- made ---- */

static void nobody_cb(void *ctx)
{
    (void)ctx;
}

/* Nothing is on its way: the outlets close by themselves, and may outlive us. */
static void give_up_outlets(struct notifier *n)
{
    for (int i = 0; i < SINKS; i++) {
        if (n->notices[i].outlet)
            outlet_close(n->notices[i].outlet, nobody_cb, NULL);
        if (n->handovers[i].outlet)
            outlet_close(n->handovers[i].outlet, nobody_cb, NULL);
    }
}

static void notice_done_cb(void *ctx, enum outlet_end end, const char *cause)
{
    struct notice_line *line = ctx;
    notices_done(line, end, cause);
    notifier_kick(line->n);
}

static void handover_done_cb(void *ctx, enum outlet_end end, const char *cause)
{
    struct handover_line *line = ctx;
    (void)cause;
    handovers_done(line, end);
    notifier_kick(line->n);
}

/* WANTED has what differs from outlet to outlet; nothing is made where it has no way out. */
static int make_outlet(struct outlet **out, const struct notifier *n, struct outlet_options wanted,
                       struct error *e)
{
    const struct notifier_options *o = n->options;
    if (!wanted.url && !wanted.command && !wanted.mail)
        return 0;
    wanted.ca_file = o->ca_file;
    wanted.proxy = o->proxy;
    wanted.user_agent = "mindee-batch/" MB_VERSION;
    wanted.connect_timeout_ms = o->connect_timeout_ms;
    wanted.first_delay_ms = o->first_delay_ms;
    wanted.max_delay_ms = o->max_delay_ms;
    return outlet_new(out, n->loop, &wanted, e);
}

static int make_notice_outlet(struct notice_line *line, const char *name, const char *url,
                              const char *command, struct error *e)
{
    return make_outlet(&line->outlet, line->n,
                       (struct outlet_options){.name = name,
                                               .url = url,
                                               .command = command,
                                               .timeout_ms = NOTICE_TIMEOUT_MS,
                                               .done = notice_done_cb,
                                               .ctx = line},
                       e);
}

/* Where no option says who writes, it is this machine. */
static const char *sender(struct notifier *n)
{
    static const char name[] = "mindee-batch@";
    char *host = n->mail_from + sizeof name - 1;
    if (n->options->mail_from)
        return n->options->mail_from;
    text_copy(n->mail_from, sizeof n->mail_from, name);
    if (gethostname(host, sizeof n->mail_from - sizeof name) != 0 ||
        !mail_address_is_right(n->mail_from))
        text_copy(n->mail_from, sizeof n->mail_from, "mindee-batch@localhost");
    return n->mail_from;
}

static int make_mail_outlet(struct notice_line *line, struct error *e)
{
    struct notifier *n = line->n;
    const struct notifier_options *o = n->options;
    if (!*o->mail.server)
        return 0;
    bool user = *o->mail.user != '\0';
    n->mail = (struct outlet_mail){.server = o->mail.server,
                                   .needs_tls = user || !o->mail.loopback,
                                   .user = user ? o->mail.user : NULL,
                                   .password_file = o->mail_password_file,
                                   .from = sender(n),
                                   .to = o->mail_to};
    return make_outlet(&line->outlet, n,
                       (struct outlet_options){.name = "notify.mail",
                                               .mail = &n->mail,
                                               .timeout_ms = MAIL_TIMEOUT_MS,
                                               .done = notice_done_cb,
                                               .ctx = line},
                       e);
}

static int make_handover_outlet(struct handover_line *line, const char *name, const char *url,
                                const char *command, struct error *e)
{
    return make_outlet(&line->outlet, line->n,
                       (struct outlet_options){.name = name,
                                               .url = url,
                                               .command = command,
                                               .timeout_ms = line->n->options->stored_timeout_ms,
                                               .done = handover_done_cb,
                                               .ctx = line},
                       e);
}

static int make_outlets(struct notifier *n, struct error *e)
{
    const struct notifier_options *o = n->options;
    int rc = make_notice_outlet(&n->notices[0], "notify.url", o->notify_url, NULL, e);
    if (rc == 0)
        rc = make_notice_outlet(&n->notices[1], "notify.command", NULL, o->notify_command, e);
    if (rc == 0)
        rc = make_mail_outlet(&n->notices[2], e);
    if (rc == 0)
        rc = make_handover_outlet(&n->handovers[0], "on_stored.url", o->stored_url, NULL, e);
    if (rc == 0)
        rc =
            make_handover_outlet(&n->handovers[1], "on_stored.command", NULL, o->stored_command, e);
    return rc;
}

int notifier_new(struct notifier **out, struct loop *loop, const struct notifier_options *options,
                 struct error *e)
{
    *out = NULL;
    if (!options->notify_url && !options->notify_command && !options->stored_url &&
        !options->stored_command && !*options->mail.server)
        return 0;
    struct notifier *n = xcalloc(1, sizeof *n);
    n->loop = loop;
    n->options = options;
    n->troubles.every_ms = options->every_ms;
    for (int i = 0; i < SINKS; i++) {
        n->notices[i].n = n->handovers[i].n = n;
        n->notices[i].sink = n->handovers[i].sink = sinks[i];
    }
    n->timer = loop_timer_new(loop, timer_cb, n);
    int rc = make_outlets(n, e);
    if (rc < 0) {
        loop_timer_close(n->timer);
        n->timer = NULL;
        give_up_outlets(n);
        free(n);
        return rc;
    }
    *out = n;
    return 0;
}

/* ---- the end ---- */

void notifier_close(struct notifier *n, bool stopped, void (*closed)(void *ctx), void *ctx)
{
    if (!n) {
        closed(ctx);
        return;
    }
    n->closing = true;
    n->stopped = stopped;
    n->close_at = loop_now(n->loop);
    n->closed = closed;
    n->closed_ctx = ctx;
    notifier_kick(n);
}

void notifier_hurry(struct notifier *n)
{
    if (!n || (!n->closing && !n->settling))
        return;
    n->hurried = true;
    notifier_kick(n);
}

void notifier_free(struct notifier *n)
{
    if (!n)
        return;
    REQUIRE(!n->timer);
    for (int i = 0; i < SINKS; i++)
        free(n->notices[i].loose);
    free(n->period);
    free(n->report);
    free(n);
}
