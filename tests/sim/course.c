/* See course.h. */
#include "course.h"

#include "comings.h"
#include "dismissals.h"
#include "lives.h"
#include "script_play.h"
#include "virtual_loop.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { HEALED_RUNS = 4, FAULTY_RUNS = 2 };

static void check_exit(struct world *w, const struct segment *s)
{
    const struct sim_faults *f = &w->scenario->faults;
    const struct sim_run *r = &w->runs[s->ledger];
    bool expected = r->exit_code == 0 || r->exit_code == 1;
    if (r->exit_code == 2)
        expected = s->retry;
    else if (strstr(r->reason, "no files found"))
        expected = r->exit_code == 0 && (s->retry || r->nothing_there);
    else if (r->exit_code == 3)
        expected = s->refused || (w->disk_failed && !w->healed);
    else if (r->exit_code == 4)
        expected = !w->healed &&
                   (f->revoked_at_ms || f->job_422 > 0 || f->job_500 > 0 || f->no_job_id > 0);
    else if (r->exit_code == 5)
        expected = !w->scenario->faultless;
    if (!expected)
        world_fail(w, "unexpected exit code %d: %s", r->exit_code, r->reason);
}

/* While nothing at all can be read a run waits for input.patience, before it gives files up. */
static void check_patience(struct world *w, const struct segment *s, int64_t began_ms)
{
    const struct scenario *x = w->scenario;
    const struct sim_run *r = &w->runs[s->ledger];
    bool gave_up = r->exit_code == 5 && strstr(r->reason, "can't be read for now");
    int64_t from_ms = x->trouble.from_ms + VIRTUAL_MONO_START_MS;
    bool others =
        x->settings > 1 || x->comings.roots > 1; /* what an earlier run left unread counts */
    if (!gave_up || s->retry || others || x->trouble.often < 1)
        return;
    if (w->healed || w->mono_ms - (from_ms > began_ms ? from_ms : began_ms) < x->patience_ms)
        world_fail(w, "files were given up after %" PRId64 " ms: %s", w->mono_ms - began_ms,
                   r->reason);
}

/* A run that ended for want of an answer had none for api.patience; one that asked in an outage for much
 * longer ended. SLACK: until a request that is out times out, the breaker's pause is over, and what was
 * sent is taken for lost. */
static void check_silence(struct world *w, const struct segment *s, int64_t began_ms)
{
    enum { SLACK_MS = 600 * 1000 };
    const struct scenario *x = w->scenario;
    const struct sim_outage *o = &x->faults.outages[0];
    const struct sim_run *r = &w->runs[s->ledger];
    bool gave_up = r->exit_code == 5 && strstr(r->reason, "no answer from");
    int64_t from_ms = o->from_ms + VIRTUAL_MONO_START_MS, to_ms = o->to_ms + VIRTUAL_MONO_START_MS;
    from_ms = from_ms > began_ms ? from_ms : began_ms;
    to_ms = to_ms < w->mono_ms ? to_ms : w->mono_ms;
    if (gave_up && (w->healed || w->mono_ms - began_ms < x->api_patience_ms))
        world_fail(w, "no patience after %" PRId64 " ms: %s", w->mono_ms - began_ms, r->reason);
    bool silent = x->faults.outage_count == 1 && x->api_patience_ms < 3600000;
    if (silent && !w->healed && !s->receives && !x->comings.stays &&
        to_ms - from_ms > x->api_patience_ms + SLACK_MS)
        world_fail(w, "heard nothing for %" PRId64 " ms, and api.patience is %" PRId64 " ms",
                   to_ms - from_ms, x->api_patience_ms);
}

static void print_segment(const struct world *w, const struct segment *s)
{
    const struct sim_run *r = &w->runs[s->ledger];
    const char *what = s->retry      ? "retry"
                       : s->ledger   ? "neighbour"
                       : s->receives ? "receiver"
                       : s->restores ? "restored"
                                     : "run";
    printf("%9" PRId64 " %s %d %s: exit %d %s (%" PRId64 " steps, %" PRId64 " crash points)\n",
           w->mono_ms - VIRTUAL_MONO_START_MS, what, s->number, r->ended ? "ended" : "died",
           r->exit_code, r->reason, r->steps, r->crash_points);
}

/* S was run. */
static void note_end(struct course *c, const struct segment *s, int64_t began_ms)
{
    struct world *w = c->w;
    const struct sim_run *r = &w->runs[s->ledger];
    c->crashes += !r->ended;
    if (world_verbose)
        print_segment(w, s);
    if (w->failure[0])
        return;
    if (!r->ended && !s->crash_at)
        world_fail(w, "the run died of itself");
    if (!s->receives && !s->restores)
        c->finished[s->settings] =
            !s->retry && r->ended && (r->exit_code <= 1 || (r->exit_code == 2 && r->nothing_there));
    if (r->ended && !s->script) {
        check_exit(w, s);
        check_patience(w, s, began_ms);
        check_silence(w, s, began_ms);
    }
    check_after_run(w, s->ledger, &c->stored[s->ledger]);
}

static struct segment neighbour(struct course *c)
{
    int n = c->beside_runs++;
    return (struct segment){
        .number = c->runs++,
        .ledger = 1,
        .settings = SIM_BESIDE,
        .crash_at = n < SIM_CRASHES_MAX && !c->w->healed ? c->w->scenario->beside_crash_at[n] : 0};
}

static void run_segment(struct course *c, struct segment s)
{
    struct world *w = c->w;
    int64_t began = w->mono_ms;
    int requests = w->post_count + w->get_count + w->tries_count;
    bool two = w->scenario->beside && !s.ledger && !s.receives && !s.restores &&
               random_below(&w->random, 3) > 0;
    struct segment beside = {0};
    s.number = c->runs++;
    if (s.number == 0)
        s.stop_at_step = w->scenario->stop_at_step;
    if (two)
        beside = neighbour(c);
    segment_run(w, &s, two ? &beside : NULL, two ? (int64_t)random_below(&w->random, 20000) : 0);
    if (two)
        note_end(c, &beside, began);
    note_end(c, &s, began);
    if (w->failure[0] || s.script)
        return;
    check_steps(w, w->runs[s.ledger].steps,
                w->post_count + w->get_count + w->tries_count - requests, w->mono_ms - began);
    if (w->scenario->faultless && s.number == 0 && !w->scenario->beside)
        check_makespan(w, w->mono_ms - began);
    w->mono_ms += (int64_t)random_below(&w->random, 3000); /* until it is started again */
}

static bool finished(const struct course *c)
{
    for (int i = 0; i < c->w->scenario->settings; i++)
        if (!c->finished[i])
            return false;
    return c->finished[SIM_BESIDE] || !c->w->scenario->beside;
}

/* Now and then webhooks are taken between two runs, as `serve` does. They pay for nothing, and what
 * they leave to be sent waits for the next run. */
static void receive(struct course *c)
{
    struct world *w = c->w;
    int posts = w->post_count;
    if (!w->scenario->webhooks.on || w->failure[0] || random_below(&w->random, 2))
        return;
    int64_t crash_at = !w->healed && random_below(&w->random, 4) == 0
                           ? 1 + (int64_t)random_below(&w->random, 40)
                           : 0;
    run_segment(c, (struct segment){.receives = true, .crash_at = crash_at});
    if (!w->failure[0] && w->post_count != posts)
        world_fail(w, "webhooks were taken, and %d documents sent", w->post_count - posts);
}

/* Before a run that sees what is left. */
static void maybe_dismiss(struct course *c)
{
    struct world *w = c->w;
    if (w->scenario->dismisses && !w->failure[0] && random_below(&w->random, 2))
        dismissals_make(w, 0);
}

/* --- a ledger that is put back (lives.h) --- */

/* Whatever it is, it doesn't begin. */
static void be_refused(struct course *c)
{
    struct world *w = c->w;
    int requests = w->post_count + w->get_count + w->taken_count;
    struct segment s = {.settings = (int)random_below(&w->random, (uint64_t)w->scenario->settings),
                        .refused = true};
    s.receives = w->scenario->webhooks.on && random_below(&w->random, 3) == 0;
    run_segment(c, s);
    if (w->failure[0])
        return;
    if (w->runs[0].exit_code != 3 && !w->disk_failed)
        world_fail(w, "a ledger that was put back ended a run with %d: %s", w->runs[0].exit_code,
                   w->runs[0].reason);
    if (w->post_count + w->get_count + w->taken_count != requests && !w->scenario->beside)
        world_fail(w, "a run was refused its ledger, and Mindee heard of it");
}

/* Interrupted, the word is given again; and so it is once there is room on the disk. */
static void give_word(struct course *c)
{
    struct world *w = c->w;
    lives_restored(w);
    run_segment(c, (struct segment){.restores = true, .crash_at = w->scenario->lives.crash_at});
    if (!w->failure[0] && w->runs[0].exit_code != 0) {
        if (world_disk_fails(w))
            w->mono_ms = world_disk_until(w);
        run_segment(c, (struct segment){.restores = true});
    }
    w->mono_ms++;
    lives_files_come(w, ONCE_RESTORED);
}

/* Nothing was sent since, and a run may still find the copy out: by the word that was given since,
 * or where limits.state never heard of the ledger: its runs died as they began. */
static bool may_be_refused(const struct world *w)
{
    return w->lives.words > 0 || (w->scenario->lives.by_backup && !w->lives.known);
}

static void put_back(struct course *c)
{
    struct world *w = c->w;
    bool newer_comes_back = w->scenario->lives.taken_back && c->back == 0;
    lives_put_back(w, &c->stored[0]);
    c->back++;
    if (lives_sent_since(w) > 0)
        be_refused(c);
    if (w->failure[0])
        return;
    if (newer_comes_back)
        lives_take_back(w, &c->stored[0]);
    else if (lives_sent_since(w) > 0 || may_be_refused(w) || random_below(&w->random, 2))
        give_word(c);
    memset(c->finished, 0, sizeof c->finished);
    c->at = c->runs;
}

static bool is_to_be_put_back(const struct course *c)
{
    const struct sim_restoring *l = &c->w->scenario->lives;
    return !c->w->failure[0] && c->copied && c->back < l->times + l->taken_back;
}

/* Between two runs. */
static void copy_or_put_back(struct course *c)
{
    struct world *w = c->w;
    const struct sim_restoring *l = &w->scenario->lives;
    if (!l->on || w->failure[0])
        return;
    bool due = c->runs >= l->copy_after + (l->copy_step ? 2 : 0);
    if (!c->copied && (w->lives.copied || (due && lives_copy(w)))) {
        c->copied = true;
        c->at = c->runs;
        lives_files_come(w, ONCE_COPIED);
        memset(c->finished, 0, sizeof c->finished);
    } else if (is_to_be_put_back(c) && !l->late && c->runs >= c->at + l->back_after) {
        put_back(c);
    }
}

/* --- runs --- */

/* Each settings' run, one after the other, until all say that they are done; at most MOST times. */
static void run_to_end(struct course *c, int most)
{
    for (int i = 0; i < most && !c->w->failure[0] && !finished(c); i++) {
        maybe_dismiss(c);
        for (int settings = 0; settings < c->w->scenario->settings && !c->w->failure[0]; settings++)
            run_segment(c, (struct segment){.settings = settings});
        if (c->w->scenario->beside && !c->w->failure[0])
            run_segment(c, neighbour(c));
        receive(c);
        if (!c->w->healed)
            copy_or_put_back(c);
    }
}

static void retry(struct course *c, bool once_settled)
{
    struct world *w = c->w;
    const struct scenario *s = w->scenario;
    for (int i = 0; i < s->retry_count && !w->failure[0]; i++) {
        const struct sim_retry *r = &s->retries[i];
        if (r->once_settled != once_settled)
            continue;
        run_segment(c,
                    (struct segment){.crash_at = r->crash_at, .settings = r->settings, .retry = r});
        if (once_settled)
            run_to_end(c, HEALED_RUNS);
    }
}

/* A finished batch, run again, sends nothing; unless a webhook brings something new. */
static void run_again(struct course *c, struct segment s)
{
    struct world *w = c->w;
    const struct sim_run *r = &w->runs[s.ledger];
    int posts = w->post_count, gets = w->get_count, taken = w->taken_count;
    run_segment(c, s);
    if (!w->failure[0] && w->taken_count == taken &&
        (w->post_count != posts || w->get_count != gets || !c->finished[s.settings]))
        world_fail(w,
                   "a finished batch, run again, sent %d POSTs and %d GETs and ended with %d, %s",
                   w->post_count - posts, w->get_count - gets, r->exit_code, r->reason);
}

static void run_all_again(struct course *c)
{
    struct world *w = c->w;
    for (int settings = 0; settings < w->scenario->settings && !w->failure[0]; settings++)
        run_again(c, (struct segment){.settings = settings});
    if (w->scenario->beside && !w->failure[0])
        run_again(c, neighbour(c));
}

static void check_all_at_end(struct course *c)
{
    struct world *w = c->w;
    for (int ledger = 0; ledger <= w->scenario->beside; ledger++)
        if (!w->failure[0] && w->runs[ledger].exit_code != 2)
            check_at_end(w, ledger, c->crashes > 0 || c->back > 0 || w->disk_failed);
    check_windows(w);
}

/* As the scenario draws them; the runs of files that come are many. */
static int64_t draw_crash(struct world *w)
{
    if (random_below(&w->random, 2))
        return 0;
    uint64_t most = UINT64_C(1) << (4 + random_below(&w->random, 8));
    return 1 + (int64_t)random_below(&w->random, most);
}

/* What is held for good is sent again when a person says so, and that is the end of it. */
static void settle_doubts(struct course *c)
{
    static const struct sim_retry all = {.in_doubt = true, .file = -1};
    struct world *w = c->w;
    if (!w->lives.count || w->scenario->settings > 1 || w->failure[0])
        return;
    run_segment(c, (struct segment){.retry = &all});
    run_to_end(c, HEALED_RUNS);
    if (!w->failure[0] && !finished(c))
        world_fail(w, "all were asked for again, and it doesn't finish: exit %d, %s",
                   w->runs[0].exit_code, w->runs[0].reason);
    run_all_again(c);
    check_all_at_end(c);
    if (!w->failure[0])
        check_none_in_doubt(w);
}

/* Between runs of files that come. */
static void maybe_retry(struct course *c)
{
    struct world *w = c->w;
    if (w->scenario->retry_count > 0 && !w->failure[0] && random_below(&w->random, 3) == 0)
        run_segment(c, (struct segment){.crash_at = w->scenario->retries[0].crash_at,
                                        .retry = &w->scenario->retries[0]});
}

/* The last that came, by runs that die: those after them find nothing new. */
static void find_the_last(struct course *c)
{
    struct world *w = c->w;
    if (!w->scenario->comings.on || w->failure[0])
        return;
    run_segment(c, (struct segment){.crash_at = INT64_MAX, .dies_unnamed = true});
    if (!w->failure[0])
        run_segment(c, (struct segment){.crash_at = 1 + (int64_t)random_below(&w->random, 400)});
}

void course_play(struct course *c)
{
    struct world *w = c->w;
    const struct scenario *s = w->scenario;
    const int more = s->lives.on ? s->lives.times * s->lives.back_after + 2 : 0;
    for (int i = 0; i < s->crash_count && !w->failure[0]; i++) {
        run_segment(
            c, (struct segment){.crash_at = s->crash_points[i],
                                .settings = (int)random_below(&w->random, (uint64_t)s->settings)});
        receive(c);
        copy_or_put_back(c);
    }
    for (int i = 0; i < s->comings.runs && !w->failure[0]; i++) {
        comings_change(w, c->runs, 0, false);
        maybe_dismiss(c);
        maybe_retry(c);
        bool dies_moving = s->comings.dies_moving && i % 2 == 0;
        run_segment(c, (struct segment){.crash_at = dies_moving ? INT64_MAX : draw_crash(w),
                                        .dies_moving = dies_moving});
        copy_or_put_back(c);
    }
    retry(c, false);
    if (s->mutation_count > 0 && s->mutations[0].at_ms == ASKED_FOR_AGAIN)
        inputs_change(w, ASKED_FOR_AGAIN, false);
    run_to_end(c, FAULTY_RUNS + more);
    if (is_to_be_put_back(c) && !s->lives.late)
        put_back(c);
    inputs_change(w, 0, true);
    comings_change(w, 0, 0, true);
    find_the_last(c);
    server_heal(w);
    memset(c->finished, 0, sizeof c->finished);
    run_to_end(c, HEALED_RUNS);
    while (is_to_be_put_back(c)) {
        put_back(c);
        run_to_end(c, HEALED_RUNS);
    }
    retry(c, true);
    if (!w->failure[0] && !finished(c))
        world_fail(w, "without faults it doesn't finish either: exit %d, %s", w->runs[0].exit_code,
                   w->runs[0].reason);
    run_all_again(c);
    check_all_at_end(c);
    settle_doubts(c);
}

void course_play_script(struct course *c, const struct script *script)
{
    static const struct sim_retry retry = {
        .failed = true, .in_doubt = true, .lost = true, .file = -1};
    struct world *w = c->w;
    bool retries;
    w->is_scripted = true;
    while (!w->failure[0] && script_play_goes_on(script, w, &retries)) {
        int at = w->script_at;
        run_segment(c, (struct segment){.crash_at = INT64_MAX,
                                        .script = script,
                                        .retry = retries ? &retry : NULL});
        w->script_at += w->script_at == at; /* the run has nothing to do with that line */
    }
    w->is_scripted = false;
    server_heal(w);
    run_to_end(c, HEALED_RUNS);
    if (!w->failure[0] && !finished(c))
        world_fail(w, "it doesn't finish: exit %d, %s", w->runs[0].exit_code, w->runs[0].reason);
    c->crashes++; /* scripts tell of some, wherever they end */
    check_all_at_end(c);
}
