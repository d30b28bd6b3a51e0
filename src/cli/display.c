/* See display.h. The rate shown is what was stored in the last minute, next to the limit; how it
 * looks is display_picture.h. The lines are drawn anew each time, so what was drawn is kept: a
 * terminal that has become narrower shows it in more rows. */
#include "cli/display.h"
#include "base/buffer.h"
#include "base/log.h"
#include "base/units.h"
#include "cli/display_picture.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { TERMINAL_MS = 250, LOG_MS = 10000, RATE_SLOTS = 60 };

struct display {
    struct loop *loop;
    struct batch *batch;
    struct loop_timer *timer;
    bool terminal;
    struct buffer drawn;           /* what stands on the terminal; empty: nothing */
    int64_t stored_at[RATE_SLOTS]; /* stored by second, a ring */
    int64_t last_second, first_second;
    struct batch_progress logged;
};

static int terminal_width(void)
{
    struct winsize w;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 0 ? w.ws_col : 80;
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

static void erase(struct display *d)
{
    if (d->drawn.len)
        fprintf(stderr, "\r\033[%dA\033[J", display_rows(buffer_text(&d->drawn), terminal_width()));
    buffer_clear(&d->drawn);
}

static void draw(struct display *d)
{
    struct batch_progress p;
    struct mono now = loop_now(d->loop);
    batch_progress(d->batch, &p);
    const struct picture_facts facts = {.progress = &p,
                                        .last_minute = stored_last_minute(d, &p, now),
                                        .elapsed_ms = mono_diff(now, p.started)};
    erase(d);
    display_picture(&d->drawn, &facts, terminal_width());
    fputs(buffer_text(&d->drawn), stderr);
    fflush(stderr);
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
    buffer_init(&d->drawn, 0);
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
    buffer_release(&d->drawn);
    free(d);
}
