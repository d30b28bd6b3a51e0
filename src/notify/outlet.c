/* See outlet.h. A URL has a transfer pool of its own: what hangs here takes no place from the
 * uploads. The log has a warning when an outlet begins to fail and when it fails otherwise than
 * before, and a line when it works again; what lies between is for those who look for it. */
#include "notify/outlet.h"
#include "base/backoff.h"
#include "base/log.h"
#include "base/random.h"
#include "base/secret_file.h"
#include "base/text.h"
#include "net/mail_transfer.h"
#include "net/process.h"
#include "notify/command_words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ANSWER_MAX_BYTES = 64 * 1024, SHOWN_MAX = 300 };

struct outlet {
    const char *name;
    struct loop *loop;
    char *url, **words; /* one of them, or mail */
    const struct outlet_mail *mail;
    char **password; /* of a mail server: one line; NULL: none */
    char *ca_file;
    int64_t connect_timeout_ms;
    char shown[SHOWN_MAX];      /* for the log: the URL's origin, or the program */
    struct transfer_pool *pool; /* of a URL */
    int64_t timeout_ms, first_delay_ms, max_delay_ms;
    struct transfer *transfer; /* on their way */
    struct process *process;
    struct mail_transfer *letter;
    struct random random;
    int failures; /* since it last delivered */
    struct mono not_before;
    char cause[200]; /* of the newest failure */
    void (*done)(void *ctx, enum outlet_end end, const char *cause);
    void *ctx;
    bool closing;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

/* scheme://host:port, without what may be a secret. */
static void show_origin(const char *url, char out[SHOWN_MAX])
{
    const char *host = strstr(url, "://");
    size_t scheme = host ? (size_t)(host - url) + 3 : 0;
    snprintf(out, SHOWN_MAX, "%.*s", (int)(scheme + strcspn(url + scheme, "/?#")), url);
}

static int open_url(struct outlet *o, const struct outlet_options *options, struct error *e)
{
    o->url = xstrdup(options->url);
    show_origin(o->url, o->shown);
    return transfer_pool_new(
        &o->pool, o->loop,
        &(struct transfer_pool_options){.ca_file = options->ca_file,
                                        .proxy = options->proxy,
                                        .user_agent = options->user_agent,
                                        .connect_timeout_ms = options->connect_timeout_ms,
                                        .idle_timeout_ms = options->timeout_ms},
        e);
}

static int open_mail(struct outlet *o, const struct outlet_options *options, struct error *e)
{
    const char *file = options->mail->password_file;
    o->mail = options->mail;
    o->ca_file = options->ca_file ? xstrdup(options->ca_file) : NULL;
    o->connect_timeout_ms = options->connect_timeout_ms;
    text_copy(o->shown, sizeof o->shown, o->mail->server);
    if (!file)
        return 0;
    o->password = secret_file_lines(file, 1, "config.mail_password_file", e);
    return o->password ? 0 : error_wrap(e, "notify.mail_password_file %s", text_show(file));
}

static int open_command(struct outlet *o, const struct outlet_options *options, struct error *e)
{
    int rc = command_words(&o->words, options->command, e);
    if (rc == 0)
        text_copy(o->shown, sizeof o->shown, o->words[0]);
    return rc;
}

int outlet_new(struct outlet **out, struct loop *loop, const struct outlet_options *options,
               struct error *e)
{
    struct outlet *o = xcalloc(1, sizeof *o);
    REQUIRE(!!options->url + !!options->command + !!options->mail == 1);
    o->name = options->name;
    o->loop = loop;
    o->timeout_ms = options->timeout_ms;
    o->first_delay_ms = options->first_delay_ms;
    o->max_delay_ms = options->max_delay_ms;
    o->done = options->done;
    o->ctx = options->ctx;
    random_init_system(&o->random);
    int rc = options->url    ? open_url(o, options, e)
             : options->mail ? open_mail(o, options, e)
                             : open_command(o, options, e);
    if (rc < 0) {
        free(o->url);
        free(o->ca_file);
        free(o);
        return error_wrap(e, "%s", options->name);
    }
    *out = o;
    return 0;
}

bool outlet_is_url(const struct outlet *o)
{
    return o->url != NULL;
}

const char *outlet_name(const struct outlet *o)
{
    return o->name;
}

bool outlet_busy(const struct outlet *o)
{
    return o->transfer || o->process || o->letter;
}

bool outlet_ready(const struct outlet *o, struct mono now)
{
    return !outlet_busy(o) && !o->closing && mono_reached(now, o->not_before);
}

struct mono outlet_next(const struct outlet *o)
{
    return o->not_before;
}

const char *outlet_cause(const struct outlet *o)
{
    return o->cause;
}

void outlet_forgive(struct outlet *o)
{
    o->failures = 0;
    o->not_before = (struct mono){0};
}

/* ---- how a try ended ---- */

/* A refusal of a mail server is told with what becomes of the notice; its words differ each time. */
static void failed(struct outlet *o, enum outlet_end end, const char *cause, int64_t retry_after_ms)
{
    bool news = o->mail ? o->failures == 0 && end != OUTLET_REFUSED
                        : o->failures == 0 || strcmp(o->cause, cause) != 0;
    o->failures++;
    int64_t wait = backoff_delay_ms(o->failures, o->first_delay_ms, o->max_delay_ms,
                                    random_unit(&o->random), retry_after_ms);
    o->not_before = mono_add(loop_now(o->loop), wait > 1 ? wait : 1);
    text_copy(o->cause, sizeof o->cause, cause);
    LOG(news ? LOG_WARNING : LOG_DEBUG, "notify.failed", LOG_STR("by", o->name),
        LOG_STR("to", o->shown), LOG_STR("cause", o->cause), LOG_INT("tries", o->failures),
        LOG_MS("wait", wait));
}

static void tried(struct outlet *o, enum outlet_end end, const char *cause, int64_t retry_after_ms)
{
    o->transfer = NULL;
    o->process = NULL;
    o->letter = NULL;
    if (end == OUTLET_DELIVERED) {
        if (o->failures)
            LOG(LOG_INFO, "notify.works_again", LOG_STR("by", o->name), LOG_STR("to", o->shown),
                LOG_INT("after_tries", o->failures));
        o->failures = 0;
        o->cause[0] = '\0';
    } else if (end != OUTLET_CANCELLED) {
        failed(o, end, cause, retry_after_ms);
    }
    o->done(o->ctx, end, o->cause);
}

static enum outlet_end end_of_status(int status)
{
    if (status >= 200 && status < 300)
        return OUTLET_DELIVERED;
    bool about_this = status >= 400 && status < 500 && status != 408 && status != 429;
    return about_this ? OUTLET_REFUSED : OUTLET_FAILED;
}

static void answered_cb(void *ctx, struct transfer_result *r)
{
    struct outlet *o = ctx;
    char cause[sizeof o->cause];
    enum outlet_end end = OUTLET_FAILED;
    /* A long answer is an answer all the same. */
    bool whole = r->end == TRANSFER_COMPLETE || (r->end == TRANSFER_TOO_LARGE && r->status);
    if (r->end == TRANSFER_CANCELLED) {
        end = OUTLET_CANCELLED;
    } else if (whole) {
        end = end_of_status(r->status);
        snprintf(cause, sizeof cause, "http_%d%s", r->status,
                 r->status / 100 == 3 ? " (redirects aren't followed)" : "");
    } else {
        snprintf(cause, sizeof cause, "%.190s", r->text);
    }
    tried(o, end, end == OUTLET_CANCELLED ? "" : cause, r->retry_after_ms);
}

static void ended_cb(void *ctx, const struct process_result *r)
{
    struct outlet *o = ctx;
    char cause[sizeof o->cause];
    bool good = r->end == PROCESS_EXITED && r->number == 0;
    snprintf(cause, sizeof cause, "%.190s", r->text);
    tried(o,
          good                          ? OUTLET_DELIVERED
          : r->end == PROCESS_CANCELLED ? OUTLET_CANCELLED
                                        : OUTLET_FAILED,
          cause, -1);
}

static void mailed_cb(void *ctx, const struct mail_result *r)
{
    static const enum outlet_end ends[] = {[MAIL_TAKEN] = OUTLET_DELIVERED,
                                           [MAIL_REFUSED] = OUTLET_REFUSED,
                                           [MAIL_FAILED] = OUTLET_FAILED,
                                           [MAIL_CANCELLED] = OUTLET_CANCELLED};
    char cause[sizeof r->text];
    text_copy(cause, sizeof cause, r->text);
    tried(ctx, ends[r->end], cause, -1);
}

/* ---- a try ---- */

static struct mail_transfer *start_letter(struct outlet *o, const struct outlet_item *item)
{
    return mail_transfer_start(
        o->loop, &(struct mail_request){.server = o->mail->server,
                                        .needs_tls = o->mail->needs_tls,
                                        .user = o->password ? o->mail->user : NULL,
                                        .password = o->password ? o->password[0] : NULL,
                                        .from = o->mail->from,
                                        .to = o->mail->to,
                                        .message = item->body,
                                        .len = item->len,
                                        .ca_file = o->ca_file,
                                        .connect_timeout_ms = o->connect_timeout_ms,
                                        .timeout_ms = o->timeout_ms,
                                        .done = mailed_cb,
                                        .ctx = o});
}

void outlet_send(struct outlet *o, const struct outlet_item *item)
{
    REQUIRE(!outlet_busy(o) && !o->closing);
    if (o->url) {
        o->transfer = transfer_start(
            o->pool, &(struct transfer_request){.url = o->url,
                                                .raw_body = item->len ? item->body : "",
                                                .raw_len = item->len,
                                                .content_type = "application/json",
                                                .headers = item->headers,
                                                .header_count = item->header_count,
                                                .max_body_bytes = ANSWER_MAX_BYTES,
                                                .done = answered_cb,
                                                .ctx = o});
    } else if (o->mail) {
        o->letter = start_letter(o, item);
    } else {
        o->process =
            process_start(o->loop, &(struct process_options){.words = (const char *const *)o->words,
                                                             .environment = item->environment,
                                                             .input = item->body,
                                                             .input_len = item->len,
                                                             .timeout_ms = o->timeout_ms,
                                                             .done = ended_cb,
                                                             .ctx = o});
    }
}

void outlet_cancel(struct outlet *o)
{
    if (o->transfer)
        transfer_cancel(o->transfer);
    if (o->process)
        process_cancel(o->process);
    if (o->letter)
        mail_transfer_cancel(o->letter);
}

/* ---- closing ---- */

static void release_cb(void *ctx)
{
    struct outlet *o = ctx;
    void (*closed)(void *) = o->closed;
    void *closed_ctx = o->closed_ctx;
    if (o->url)
        explicit_bzero(o->url, strlen(o->url));
    free(o->url);
    free(o->ca_file);
    secret_lines_free(o->password);
    command_words_free(o->words);
    free(o);
    closed(closed_ctx);
}

void outlet_close(struct outlet *o, void (*closed)(void *ctx), void *ctx)
{
    REQUIRE(!outlet_busy(o) && !o->closing);
    o->closing = true;
    o->closed = closed;
    o->closed_ctx = ctx;
    if (o->pool)
        transfer_pool_close(o->pool, release_cb, o);
    else
        release_cb(o);
}
