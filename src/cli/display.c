/* See display.h. The rate shown is what was stored in the last minute, next to the limit. Lines
 * are cut to the terminal's width, so that renewing them never scrolls. */
#include "cli/display.h"
#include "base/log.h"
#include "base/units.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { TERMINAL_MS = 250, LOG_MS = 10000, RATE_SLOTS = 60, LINES = 2, BAR = 24 };

struct display {
    struct loop *loop;
    struct batch *batch;
    struct loop_timer *timer;
    bool terminal, drawn;
    int64_t stored_at[RATE_SLOTS]; /* stored by second, a ring */
    int64_t last_second, first_second;
    struct batch_progress logged;
};

static int terminal_width(void)
{
    struct winsize w;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 20 ? w.ws_col : 80;
}

/* Stored in the last minute. */
static int64_t stored_last_minute(struct display *d, const struct batch_progress *p,
                                  struct mono now)
{
    int64_t second = now.ms / 1000;
    for (; d->last_second < second; d->last_second++)
        d->stored_at[(d->last_second + 1) % RATE_SLOTS] = d->stored_at[d->last_second % RATE_SLOTS];
    d->stored_at[second % RATE_SLOTS] = p->stored_now;
    int64_t span = second - d->first_second;
    if (span >= RATE_SLOTS)
        span = RATE_SLOTS - 1;
    if (span <= 0)
        return p->stored_now;
    return p->stored_now - d->stored_at[(second - span) % RATE_SLOTS];
}

static const char *pauses_text(unsigned pauses, char *out, size_t size)
{
    size_t used = 0;
    out[0] = '\0';
    for (int i = 0; i < BATCH_PAUSES; i++)
        if (pauses & (1u << i) && used < size)
            used += (size_t)snprintf(out + used, size - used, "%s%s", used ? ", " : "",
                                     batch_pause_names[i]);
    return out;
}

static int64_t done_count(const struct batch_progress *p)
{
    return p->by_state[DOC_STORED] + p->by_state[DOC_FAILED] + p->by_state[DOC_REJECTED] +
           p->by_state[DOC_LOST] + p->dismissed;
}

static void bar(const struct batch_progress *p, char out[BAR + 1])
{
    int64_t done = done_count(p), full = p->documents ? done * BAR / p->documents : 0;
    for (int i = 0; i < BAR; i++)
        out[i] = i < full ? '#' : '.';
    out[BAR] = '\0';
}

static void erase(struct display *d)
{
    if (d->drawn)
        fprintf(stderr, "\r\033[%dA\033[J", LINES);
    d->drawn = false;
}

static void draw(struct display *d)
{
    struct batch_progress p;
    struct mono now = loop_now(d->loop);
    char line[2][400], pauses[160], eta[UNITS_TEXT_MAX], done[UNITS_TEXT_MAX], all[UNITS_TEXT_MAX],
        filled[BAR + 1];
    char elapsed[UNITS_TEXT_MAX], limit[48] = "";
    int width = terminal_width();
    batch_progress(d->batch, &p);
    bar(&p, filled);
    int64_t rate = stored_last_minute(d, &p, now);
    if (p.post_limit > 0)
        snprintf(limit, sizeof limit, " (limit %.0f)", p.post_limit);
    snprintf(line[0], sizeof line[0],
             "[%s] %s of %s%s done  %" PRId64 " in the last minute%s  %s elapsed%s%s", filled,
             count_format(done_count(&p), done), count_format(p.documents, all),
             p.walking ? "+" : "", rate, limit, duration_format(mono_diff(now, p.started), elapsed),
             p.eta_ms >= 0 ? ", about " : "", p.eta_ms >= 0 ? duration_format(p.eta_ms, eta) : "");
    if (p.eta_ms >= 0)
        strncat(line[0], " to go", sizeof line[0] - strlen(line[0]) - 1);
    pauses_text(p.pauses, pauses, sizeof pauses);
    snprintf(line[1], sizeof line[1],
             "stored %" PRId64 "  failed %" PRId64 "  rejected %" PRId64
             "  uploading %d  processing %d  to go %" PRId64 "%s%s",
             p.by_state[DOC_STORED], p.by_state[DOC_FAILED] + p.by_state[DOC_LOST],
             p.by_state[DOC_REJECTED], p.uploads_out, p.jobs, p.by_state[DOC_QUEUED],
             *pauses ? "  waits for: " : "", pauses);
    erase(d);
    fprintf(stderr, "%.*s\n%.*s\n", width - 1, line[0], width - 1, line[1]);
    fflush(stderr);
    d->drawn = true;
}

/* Nothing is under way, as the last line said already: one that stays is silent then. */
static bool nothing_new(const struct display *d, const struct batch_progress *p)
{
    return !p->walking && p->uploads_out == 0 && p->jobs == 0 && p->by_state[DOC_QUEUED] == 0 &&
           memcmp(p->by_state, d->logged.by_state, sizeof p->by_state) == 0;
}

static void log_progress(struct display *d)
{
    struct batch_progress p;
    char pauses[160];
    struct mono now = loop_now(d->loop);
    batch_progress(d->batch, &p);
    if (nothing_new(d, &p))
        return;
    d->logged = p;
    LOG(LOG_INFO, "run.progress", LOG_INT("stored", p.by_state[DOC_STORED]),
        LOG_INT("failed", p.by_state[DOC_FAILED] + p.by_state[DOC_LOST]),
        LOG_INT("rejected", p.by_state[DOC_REJECTED]), LOG_INT("uploading", p.uploads_out),
        LOG_INT("processing", p.jobs), LOG_INT("to_go", p.by_state[DOC_QUEUED]),
        LOG_INT("documents", p.documents), LOG_INT("last_minute", stored_last_minute(d, &p, now)),
        LOG_STR("waits_for", pauses_text(p.pauses, pauses, sizeof pauses)),
        LOG_STR("eta",
                p.eta_ms >= 0 ? duration_format(p.eta_ms, (char[UNITS_TEXT_MAX]){0}) : NULL));
}

static void tick_cb(void *ctx)
{
    struct display *d = ctx;
    if (d->terminal)
        draw(d);
    else
        log_progress(d);
    loop_timer_set(d->timer, mono_add(loop_now(d->loop), d->terminal ? TERMINAL_MS : LOG_MS));
}

static void around_log_cb(void *ctx, int before)
{
    struct display *d = ctx;
    if (before)
        erase(d);
}

struct display *display_new(struct loop *loop, struct batch *b, bool quiet)
{
    struct display *d = xcalloc(1, sizeof *d);
    d->loop = loop;
    d->batch = b;
    d->first_second = d->last_second = loop_now(loop).ms / 1000;
    if (quiet)
        return d;
    d->terminal = isatty(STDERR_FILENO) == 1;
    d->timer = loop_timer_new(loop, tick_cb, d);
    if (d->terminal)
        log_set_around(around_log_cb, d);
    loop_timer_set(d->timer, mono_add(loop_now(loop), d->terminal ? TERMINAL_MS : LOG_MS));
    return d;
}

void display_close(struct display *d)
{
    erase(d);
    fflush(stderr);
    log_set_around(NULL, NULL);
    if (d->timer)
        loop_timer_close(d->timer);
    free(d);
}
