/* What ours is held against: the SDKs' way without any regard to limits, and a client that knows
 * everything. */
#include "month.h"

#include "base/require.h"
#include "base/timer_queue.h"

#include <stdlib.h>

enum { SDK_FIRST_MS = 2000, SDK_INTERVAL_MS = 1500, SDK_POLLS = 80, GET_MS = 50 };

/* --- an SDK: so many documents at once, each sent, then polled to its end; a 429 is an error, and
 * the document is lost to it --- */

struct worker {
    struct timer_entry timer;
    struct document_draw draw;
    int64_t ends_ms;
    int polls; /* -1: its upload arrives */
    bool fetching;
};

struct sdk {
    const struct month *m;
    struct outcome_of_month *out;
    struct tally *tally;
    struct timer_queue timers;
    struct server_window post, get;
    int64_t next;
};

static void take_document(struct sdk *s, struct worker *w, int64_t now_ms)
{
    if (s->next == s->m->documents)
        return;
    w->draw = month_draw(s->m, s->next++);
    w->polls = -1;
    w->fetching = false;
    timer_queue_set(&s->timers, &w->timer, (struct mono){now_ms + w->draw.upload_ms / 2});
}

static void lose(struct sdk *s, struct worker *w, int64_t now_ms)
{
    s->out->lost++;
    take_document(s, w, now_ms);
}

/* A request of W's arrives at the server. */
static void sdk_arrival(struct sdk *s, struct worker *w, int64_t now_ms)
{
    bool post = w->polls < 0;
    int64_t half_ms = post ? w->draw.upload_ms / 2 : GET_MS / 2, next_ms = SDK_INTERVAL_MS;
    *(post ? &s->out->posts : &s->out->gets) += 1;
    if (!server_window_admits(post ? &s->post : &s->get, now_ms)) {
        s->out->refused++;
        lose(s, w, now_ms + half_ms);
        return;
    }
    if (w->fetching) {
        s->out->got++;
        s->out->makespan_s = (double)(now_ms + half_ms) / 1000;
        take_document(s, w, now_ms + half_ms);
        return;
    }
    if (post) {
        w->ends_ms = now_ms + half_ms + w->draw.took_ms;
        next_ms = SDK_FIRST_MS;
    } else if (now_ms >= w->ends_ms) {
        tally_found(s->tally, (double)w->ends_ms / 1000,
                    (double)(now_ms + half_ms - w->ends_ms) / 1000);
        w->fetching = true;
        next_ms = 0;
    }
    if (++w->polls >= SDK_POLLS && !w->fetching) {
        lose(s, w, now_ms + half_ms);
        return;
    }
    timer_queue_set(&s->timers, &w->timer, (struct mono){now_ms + half_ms + next_ms + GET_MS / 2});
}

enum { SDK_AT_ONCE = 64 };

void month_run_sdk(const struct month *m, struct outcome_of_month *out)
{
    static struct worker workers[SDK_AT_ONCE];
    struct sdk s = {.m = m, .out = out, .tally = tally_new(m)};
    struct timer_entry *e;
    timer_queue_init(&s.timers);
    server_window_init(&s.post, m->shape->post_limit);
    server_window_init(&s.get, m->shape->get_limit);
    for (int i = 0; i < SDK_AT_ONCE; i++)
        take_document(&s, &workers[i], 0);
    while ((e = timer_queue_pop(&s.timers, MONO_NEVER)) != NULL)
        sdk_arrival(&s, TIMER_OWNER(e, struct worker, timer), e->at.ms);
    tally_finish(s.tally, out);
    timer_queue_release(&s.timers);
    server_window_release(&s.post);
    server_window_release(&s.get);
}

/* --- a clairvoyant: knows to the millisecond when the server's window has a place, and when each
 * job ends --- */

void month_run_clairvoyant(const struct month *m, struct outcome_of_month *out)
{
    uint32_t limit = m->shape->post_limit;
    int64_t *free_at = xcalloc((size_t)m->uploads, sizeof *free_at);
    int64_t *arrived = xcalloc(limit ? limit : 1, sizeof *arrived); /* the last, newest first */
    uint32_t known = 0;
    struct tally *tally = tally_new(m);
    for (int64_t i = 0; i < m->documents; i++) {
        struct document_draw d = month_draw(m, i);
        int slot = 0;
        for (int w = 1; w < m->uploads; w++)
            if (free_at[w] < free_at[slot])
                slot = w;
        int64_t at = free_at[slot] + d.upload_ms / 2;
        if (limit && known == limit && at < arrived[limit - 1] + WINDOW_MS)
            at = arrived[limit - 1] + WINDOW_MS;
        if (limit) { /* nearly in order: the oldest goes out, the new one comes in */
            arrived[known < limit ? known++ : limit - 1] = at;
            for (uint32_t k = known - 1; k > 0 && arrived[k - 1] < arrived[k]; k--) {
                int64_t t = arrived[k];
                arrived[k] = arrived[k - 1];
                arrived[k - 1] = t;
            }
        }
        free_at[slot] = at + d.upload_ms - d.upload_ms / 2;
        double ends_s = (double)(free_at[slot] + d.took_ms) / 1000, here_s = GET_MS / 2000.0;
        tally_found(tally, ends_s, here_s);
        out->makespan_s = ends_s + here_s > out->makespan_s ? ends_s + here_s : out->makespan_s;
    }
    out->got = out->posts = out->gets = m->documents;
    tally_finish(tally, out);
    free(arrived);
    free(free_at);
}
