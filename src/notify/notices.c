/* Notices on their way. Each has a row in the ledger for each sink, written before its first try
 * and gone after its last; one goes at a time, the oldest first. A row that is older than a day
 * goes untold: nobody wants to be woken by what happened last week.
 *
 * One that can't be written down (there is no ledger, or its disk is full, which may be what the
 * notice is about) is kept in memory, the newest alone, and tried from there. */
#include "base/crash_point.h"
#include "base/log.h"
#include "base/random.h"
#include "notify/mail_message.h"
#include "notify/notifier_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- told ---- */

static void keep_loose(struct notice_line *line, const char *body)
{
    free(line->loose);
    line->loose = xstrdup(body);
    line->sending_loose = false; /* what is on its way is another one */
}

/* Whether each sink has its row, durable or to be so with the turn's commit. */
static bool record(struct notifier *n, const char *body)
{
    int64_t id = 0;
    if (!n->ledger)
        return false;
    int rc = 0;
    for (int i = 0; i < SINKS && rc == 0; i++)
        if (n->notices[i].outlet)
            rc = ledger_notice_put(n->ledger, n->notices[i].sink, body, &id);
    CRASH_POINT("notice_put");
    if (!notifier_commit(n) || rc < 0)
        return false;
    if (n->alone)
        n->last_notice = id;
    else
        n->told = true;
    return true;
}

void notices_tell(struct notifier *n, const char *body)
{
    bool recorded = record(n, body);
    if (!recorded && n->ledger)
        LOG(LOG_WARNING, "notify.unrecorded", LOG_STR("cause", ledger_error(n->ledger)->text),
            LOG_STR("next", "it is tried now, and not by later runs"));
    CRASH_POINT("notice_recorded");
    for (int i = 0; i < SINKS && !recorded; i++)
        if (n->notices[i].outlet)
            keep_loose(&n->notices[i], body);
}

bool notices_wanted(const struct notifier *n, enum notice_event event)
{
    bool end = event == NOTICE_RUN_ENDED || event == NOTICE_NEEDS_ATTENTION;
    bool trouble = event != NOTICE_RUN_ENDED, anybody = false;
    for (int i = 0; i < SINKS; i++)
        anybody = anybody || n->notices[i].outlet;
    return anybody && ((n->options->at_trouble && trouble) || (n->options->at_end && end));
}

/* A run that finished with failures is trouble too, though its event is that of any end. One that
 * stays tells its failures as they come, and those alone that nobody was told of yet. */
bool notices_wanted_of(const struct notifier *n, const struct notice *notice)
{
    bool failures =
        notice->event == NOTICE_RUN_ENDED && notice_of_failures(notice->exit_code) && !n->rests;
    return notices_wanted(n, failures ? NOTICE_NEEDS_ATTENTION : notice->event);
}

void notices_put(struct notifier *n, const struct notice *notice)
{
    struct buffer body;
    if (!notices_wanted_of(n, notice))
        return;
    buffer_init(&body, 0);
    notice_json(&body, notice);
    notices_tell(n, buffer_text(&body));
    buffer_release(&body);
}

/* ---- delivered ---- */

/* Its row goes, with the next commit; one that comes back (a crash, a full disk) is told twice. */
static void drop(struct notice_line *line, int64_t id)
{
    struct notifier *n = line->n;
    if (id > line->handled)
        line->handled = id;
    if (!n->ledger) {
        line->undropped = id;
        return;
    }
    int rc = ledger_notice_drop(n->ledger, id);
    if (!notifier_commit(n) || rc < 0)
        LOG(LOG_WARNING, "notify.unrecorded", LOG_STR("cause", ledger_error(n->ledger)->text),
            LOG_STR("next", "it may be told again"));
}

void notices_attached(struct notice_line *line)
{
    if (line->undropped)
        drop(line, line->undropped);
    line->undropped = 0;
}

static void settle(struct notice_line *line)
{
    if (line->sending_loose) {
        free(line->loose);
        line->loose = NULL;
    } else if (line->sending) {
        drop(line, line->sending);
    }
}

void notices_done(struct notice_line *line, enum outlet_end end, const char *cause)
{
    CRASH_POINT("notice_done");
    if (end == OUTLET_DELIVERED) {
        LOG(LOG_INFO, "notify.told", LOG_STR("by", outlet_name(line->outlet)));
        settle(line);
    } else if (end == OUTLET_REFUSED) {
        LOG(LOG_WARNING, "notify.given_up", LOG_STR("by", outlet_name(line->outlet)),
            LOG_STR("cause", cause), LOG_STR("next", "this notice isn't told; check the option"));
        settle(line);
        outlet_forgive(line->outlet);
    }
    line->sending = 0;
    line->sending_loose = false;
}

/* ---- the next one ---- */

static void send_mail(struct notice_line *line, const char *key, const char *body)
{
    struct buffer message;
    buffer_init(&message, 0);
    mail_message(&message, &(struct mail_message){.from = line->n->mail.from,
                                                  .to = line->n->mail.to,
                                                  .id = key,
                                                  .at = clock_wall(loop_clock(line->n->loop)),
                                                  .notice = body});
    outlet_send(line->outlet, &(struct outlet_item){.body = message.data, .len = message.len});
    buffer_release(&message);
}

/* Of one that has no number: each is another. */
static void loose_key(char out[64])
{
    struct random random;
    char id[37];
    random_init_system(&random);
    random_uuid(&random, id);
    snprintf(out, 64, "mb-%s-notice", id);
}

static void send(struct notice_line *line, int64_t id, const char *body, size_t len)
{
    char key[64];
    snprintf(key, sizeof key, "mb-%016" PRIx64 "-notice-%" PRId64, line->n->ledger_id, id);
    line->sending = id;
    if (line->sink == SINK_MAIL) {
        if (!id)
            loose_key(key);
        send_mail(line, key, body);
        return;
    }
    outlet_send(line->outlet,
                &(struct outlet_item){
                    .body = body,
                    .len = len,
                    .headers = &(struct transfer_header){"Idempotency-Key", id ? key : NULL},
                    .header_count = 1});
}

static bool too_old(const struct notice_line *line, struct wall created_at)
{
    struct wall now = clock_wall(loop_clock(line->n->loop));
    return now.ms - created_at.ms > NOTICE_MAX_AGE_MS;
}

/* 1: BODY and *ID of the next one; 0: none; or an error. Those too old for it go. */
static int take_next(struct notice_line *line, int64_t *id, struct buffer *body)
{
    struct notifier *n = line->n;
    struct wall created_at;
    for (;;) {
        buffer_clear(body);
        int rc = ledger_notice_next(n->ledger, line->sink, line->handled, n->last_notice, id,
                                    &created_at, body);
        if (rc <= 0 || !too_old(line, created_at))
            return rc;
        LOG(LOG_WARNING, "notify.given_up", LOG_STR("by", outlet_name(line->outlet)),
            LOG_STR("cause", "it couldn't be told for a day"));
        drop(line, *id);
    }
}

bool notices_pending(struct notice_line *line)
{
    struct notifier *n = line->n;
    struct buffer body;
    int64_t id;
    if (!line->outlet)
        return false;
    if (outlet_busy(line->outlet) || line->loose)
        return true;
    if (!n->ledger || line->handled >= n->last_notice)
        return false;
    buffer_init(&body, 0);
    bool there = take_next(line, &id, &body) == 1;
    buffer_release(&body);
    return there;
}

void notices_start(struct notice_line *line, struct mono now)
{
    struct buffer body;
    int64_t id;
    if (!line->outlet || !outlet_ready(line->outlet, now))
        return;
    if (line->loose) {
        struct buffer loose;
        buffer_init(&loose, 0);
        buffer_put(&loose, line->loose);
        send(line, 0, buffer_text(&loose), loose.len);
        line->sending_loose = true;
        buffer_release(&loose);
        return;
    }
    if (!line->n->ledger || line->handled >= line->n->last_notice)
        return;
    buffer_init(&body, 0);
    int rc = take_next(line, &id, &body);
    if (rc == 1)
        send(line, id, buffer_text(&body), body.len);
    else if (rc == 0)
        line->handled = line->n->last_notice;
    buffer_release(&body);
}
