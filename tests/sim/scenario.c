/* See scenario.h. Most seeds have a few kinds of faults and not all: a bug that needs calm around
 * it shows as well as one that needs a storm. */
#include "scenario.h"

#include "aimed.h"
#include "dice.h"

#include <errno.h>
#include <string.h>

enum { LAST_COMINGS = 3 };

/* A rate of up to MOST, but none at all with chance 1 - P. */
static double rate(struct random *r, double p, double most)
{
    double unit = random_unit(r);
    return chance(r, p) ? unit * most : 0;
}

static void draw_files(struct scenario *s, struct random *r)
{
    s->file_count = chance(r, 0.1) ? between(r, 1, 3) : between(r, 1, SIM_FILES_MAX);
    s->settings = chance(r, 0.3) ? SIM_SETTINGS : 1;
    s->other_model = chance(r, 0.6);
    double duplicates = rate(r, 0.5, 0.4), odd = rate(r, 0.2, 0.3);
    for (int i = 0; i < s->file_count; i++) {
        struct sim_file *f = &s->files[i];
        f->content = i;
        f->below = chance(r, 0.3);
        f->settings = (int)random_below(r, (uint64_t)s->settings);
        if (i > 0 && chance(r, duplicates))
            f->content = s->files[random_below(r, (uint64_t)i)].content;
        else if (chance(r, odd))
            f->kind = chance(r, 0.5) ? SIM_TEXT : SIM_EMPTY;
        if (f->content != i)
            f->kind = s->files[f->content].kind;
    }
}

static void draw_options(struct scenario *s, struct random *r)
{
    static const char *const orders[] = {"name", "largest", "pages"};
    s->uploads = chance(r, 0.3) ? between(r, 1, 2) : between(r, 2, 16);
    s->post_per_minute = chance(r, 0.3) ? 0 : chance(r, 0.6) ? between(r, 5, 20) : 200;
    s->get_per_minute = chance(r, 0.3) ? 0 : chance(r, 0.5) ? between(r, 15, 60) : 1200;
    s->max_attempts = chance(r, 0.5) ? 8 : between(r, 1, 4);
    s->canary = chance(r, 0.3) ? 0 : between(r, 1, 6);
    s->max_credits = chance(r, 0.15) ? between(r, 1, 30) : -1;
    s->give_up_ms = chance(r, 0.7) ? 900000 : between(r, 5, 120) * 1000;
    s->hold = chance(r, 0.35);
    s->even = chance(r, 0.15);
    s->count_pages = chance(r, 0.3);
    s->order = orders[random_below(r, s->count_pages ? 3 : 2)];
    s->job_typical_ms = between(r, 300, 20000);
    s->latency_ms = between(r, 2, 400);
}

static void draw_upload_faults(struct sim_faults *f, struct random *r)
{
    double storm = chance(r, 0.15) ? 1.0 : 0.25;
    f->not_sent = rate(r, 0.3, 0.3 * storm);
    f->doubt_accepted = rate(r, 0.3, 0.4 * storm);
    f->doubt_refused = rate(r, 0.3, 0.4 * storm);
    f->late_arrival = rate(r, 0.5, 1);
    f->own_5xx = rate(r, 0.3, 0.5 * storm);
    f->gateway = rate(r, 0.3, 0.3 * storm);
    f->no_job_id = rate(r, 0.15, 0.3 * storm);
    f->spurious_429 = rate(r, 0.25, 0.3 * storm);
    f->slow_upload = rate(r, 0.3, 0.5);
    f->refused_file = rate(r, 0.2, 0.3);
}

static void draw_job_faults(struct sim_faults *f, struct random *r)
{
    double storm = chance(r, 0.15) ? 1.0 : 0.25;
    f->get_broken = rate(r, 0.3, 0.4 * storm);
    f->get_5xx = rate(r, 0.3, 0.4 * storm);
    f->get_garbage = rate(r, 0.2, 0.3 * storm);
    f->result_broken = rate(r, 0.2, 0.5 * storm);
    f->result_garbage = rate(r, 0.2, 0.3 * storm);
    f->slow_job = rate(r, 0.3, 0.3);
    f->job_422 = rate(r, 0.2, 0.4);
    f->job_500 = rate(r, 0.2, 0.4);
    f->invalid_result = rate(r, 0.1, 0.3);
    f->foreign_result = rate(r, 0.1, 0.3);
    f->foreign_url = rate(r, 0.1, 0.3);
    f->endless_job = rate(r, 0.1, 0.3);
    f->job_404_ms = chance(r, 0.2) ? between(r, 100, 20000) : 0;
    f->result_404_ms = chance(r, 0.2) ? between(r, 100, 1900) : 0;
    f->expiry_ms = chance(r, 0.12) ? between(r, 20, 600) * 1000 : 0;
    f->delete_when_fetched = chance(r, 0.25);
}

static void draw_webhooks(struct sim_webhooks *h, struct random *r)
{
    h->on = chance(r, 0.45);
    h->by_turns = chance(r, 0.15);
    h->early = rate(r, 0.5, 0.6);
    h->late = rate(r, 0.5, 0.5);
    h->twice = rate(r, 0.5, 0.5);
    h->lost = rate(r, 0.4, 0.6);
    h->strangers = rate(r, 0.4, 0.5);
    h->unheard = rate(r, 0.3, 0.3);
    h->usual_ms = between(r, 1, 3000);
    h->fallback_ms = chance(r, 0.4) ? 120000 : between(r, 0, 20000);
    h->in_doubt_wait_ms = chance(r, 0.4) ? 120000 : between(r, 0, 60000);
}

static void draw_faults(struct scenario *s, struct random *r)
{
    struct sim_faults *f = &s->faults;
    draw_upload_faults(f, r);
    draw_job_faults(f, r);
    f->revoked_at_ms = chance(r, 0.08) ? between(r, 0, 60) * 1000 + 1 : 0;
    f->shared = rate(r, 0.2, 1);
    f->outage_count = chance(r, 0.25) ? between(r, 1, SIM_OUTAGES_MAX) : 0;
    for (int i = 0; i < f->outage_count; i++) {
        struct sim_outage *o = &f->outages[i];
        o->kind = (enum sim_outage_kind)random_below(r, 3);
        o->from_ms = between(r, 0, 120) * 1000;
        o->to_ms = o->from_ms + between(r, 1, 400) * 1000;
    }
    s->mutation_count = chance(r, 0.25) ? between(r, 1, SIM_MUTATIONS_MAX) : 0;
    for (int i = 0; i < s->mutation_count; i++) {
        struct sim_mutation *m = &s->mutations[i];
        m->at_ms = chance(r, 0.5) ? between(r, 0, 2000) : between(r, 0, 120000);
        m->file = (int)random_below(r, (uint64_t)s->file_count);
        m->content = SIM_FILES_MAX + i;
        m->change = (enum sim_change)random_below(r, 3);
    }
    if (chance(r, 0.1)) {
        s->stop_at_step = between(r, 1, 300);
        s->stop_twice = chance(r, 0.5);
    }
}

/* Points are spread evenly over the orders of magnitude: openings and first commits deserve as much
 * of a chance as the long middle. */
static void draw_crashes(struct scenario *s, struct random *r)
{
    s->crash_count = chance(r, 0.6) ? between(r, 1, SIM_CRASHES_MAX) : 0;
    for (int i = 0; i < s->crash_count; i++)
        s->crash_points[i] = 1 + (int64_t)random_below(r, UINT64_C(1) << between(r, 3, 12));
}

static void draw_retries(struct scenario *s, struct random *r)
{
    s->retry_count = chance(r, 0.35) ? between(r, 1, SIM_RETRIES_MAX) : 0;
    for (int i = 0; i < s->retry_count; i++)
        s->retries[i] = (struct sim_retry){
            .failed = chance(r, 0.5),
            .in_doubt = chance(r, 0.5),
            .lost = chance(r, 0.4),
            .rejected = chance(r, 0.3),
            .file = chance(r, 0.3) ? between(r, 0, s->file_count - 1) : -1,
            .crash_at =
                chance(r, 0.5) ? 1 + (int64_t)random_below(r, UINT64_C(1) << between(r, 4, 10)) : 0,
            .once_settled = chance(r, 0.5),
            .settings = (int)random_below(r, (uint64_t)s->settings)};
}

static void draw_disk(struct scenario *s, struct random *r)
{
    if (!chance(r, 0.12))
        return;
    s->disk_from_ms = chance(r, 0.3) ? between(r, 0, 500) : between(r, 0, 60000);
    s->disk_to_ms =
        s->disk_from_ms + (chance(r, 0.5) ? between(r, 1, 5000) : between(r, 1, 900000));
    s->disk_sync_fails = chance(r, 0.3);
    s->disk_nearly_full = !s->disk_sync_fails && chance(r, 0.4);
    if (s->disk_nearly_full && chance(r, 0.7))
        s->disk_from_ms = 0;
}

/* Some of the files are the neighbour's. */
static void draw_neighbour(struct scenario *s, struct random *r)
{
    s->beside = s->file_count > 1 && chance(r, 0.25);
    for (int i = 0; i < s->file_count && s->beside; i++)
        if (i == 0 || chance(r, 0.4))
            s->files[i].settings = SIM_BESIDE;
    for (int i = 0; i < SIM_CRASHES_MAX; i++)
        if (!s->faultless && chance(r, 0.4))
            s->beside_crash_at[i] = 1 + (int64_t)random_below(r, UINT64_C(1) << between(r, 3, 11));
}

static void draw_trouble(struct scenario *s, struct random *r)
{
    static const int errors[] = {ESTALE, EIO, EHOSTDOWN, EMFILE, ENOMEM, EACCES};
    s->patience_ms = chance(r, 0.5) ? 600000 : between(r, 10, 120) * 1000;
    if (s->faultless || !chance(r, 0.2))
        return;
    struct sim_trouble *t = &s->trouble;
    t->error = errors[random_below(r, sizeof errors / sizeof *errors)];
    t->from_ms = chance(r, 0.4) ? 0 : between(r, 0, 20000);
    t->to_ms = t->from_ms + (chance(r, 0.6) ? between(r, 1, 8000) : between(r, 1, 900000));
    t->often = chance(r, 0.6) ? 1 : random_unit(r);
}

/* Half of the contents were there before. */
static void draw_comings(struct scenario *s, struct random *r)
{
    struct sim_comings *c = &s->comings;
    c->on = chance(r, 0.25) && !s->faultless && SIM_FILE_BOOK;
    if (!c->on)
        return;
    c->moves = chance(r, 0.6);
    c->stays = chance(r, 0.3);
    c->roots = chance(r, 0.4) ? SIM_ROOTS : 1;
    c->strangers = chance(r, 0.3);
    c->runs = between(r, 3, 8);
    c->count = between(r, 4, SIM_COMINGS_MAX);
    for (int i = 0; i < c->count; i++)
        c->list[i] = (struct sim_coming){
            .kind = chance(r, 0.8) ? (chance(r, 0.5) ? COMES : COMES_OVER)
                                   : (chance(r, 0.6) ? TAKEN_AWAY : TOUCHED),
            .root = between(r, 0, c->roots - 1),
            .name = between(r, 0, SIM_NAMES - 1),
            .content = between(r, 0, 19),
            .run = between(r, 0, c->runs - 1),
            .step =
                chance(r, 0.5) ? 0 : 1 + (int64_t)random_below(r, UINT64_C(1) << between(r, 2, 8))};
    for (int i = c->count - LAST_COMINGS; i < c->count; i++)
        c->list[i].run = SIM_COMINGS_MAX; /* once all those runs are over */
    for (int i = 0; i < c->count && c->strangers; i++)
        if (chance(r, 0.15))
            c->list[i].kind = chance(r, 0.5) ? STRANGE_RESULT : STRANGE_MOVED;
    s->file_count = s->mutation_count = 0;
    for (int i = 0; i < s->retry_count; i++) {
        s->retries[i].file = -1;
        s->retries[i].settings = 0;
    }
    s->settings = 1;
    s->beside = false;
    s->max_credits = -1;
    s->disk_to_ms = s->stop_at_step = 0;
    s->faults.expiry_ms = 0;
}

static void draw_max_resends(struct scenario *s, struct random *r)
{
    s->max_resends = chance(r, 0.4) ? 16 : chance(r, 0.4) ? 2 : between(r, 0, 3);
}

/* Runs that die leave something for the copy to know half of. */
static void draw_lives(struct scenario *s, struct random *r)
{
    struct sim_restoring *l = &s->lives;
    l->on = chance(r, 0.15) && !s->faultless;
    if (!l->on)
        return;
    l->by_backup = chance(r, 0.7);
    l->taken_back = chance(r, 0.15);
    l->late = chance(r, 0.3);
    l->times = chance(r, 0.3) ? 2 : 1;
    l->copy_after = chance(r, 0.6) ? 1 : between(r, 2, 3);
    if (l->by_backup && chance(r, 0.6)) {
        l->copy_after = chance(r, 0.6) ? 0 : 1;
        l->copy_step = 1 + (int64_t)random_below(r, UINT64_C(1) << between(r, 2, 7));
    }
    l->back_after = chance(r, 0.6) ? 1 : between(r, 2, 4);
    l->crash_at = chance(r, 0.3) ? between(r, 1, 60) : 0;
    if (s->crash_count == 0 && chance(r, 0.7)) {
        s->crash_count = 1;
        s->crash_points[0] = 1 + (int64_t)random_below(r, UINT64_C(1) << between(r, 6, 11));
    }
    if (!s->trouble.error && chance(r, 0.5)) { /* what is rejected then is read again later */
        s->trouble.error = EACCES;
        s->trouble.from_ms = between(r, 50, 3000);
        s->trouble.to_ms = s->trouble.from_ms + between(r, 500, 10000);
        s->trouble.often = 1;
    }
    for (int i = 1; i < s->file_count; i++)
        if (s->files[i].content == i)
            s->files[i].comes = chance(r, 0.6)   ? AT_FIRST
                                : chance(r, 0.6) ? ONCE_COPIED
                                                 : ONCE_RESTORED;
}

/* Commits that take their time: what was admitted before one leaves after it, and answers come in
 * between. */
static void draw_slow_disk(struct scenario *s, struct random *r)
{
    bool asks_canary = s->faults.no_job_id > 0 && s->canary > 0;
    if (!s->faultless && chance(r, asks_canary ? 0.6 : 0.1))
        s->sync_ms = between(r, 1, chance(r, 0.5) ? 10 : 100);
}

/* Files that go while nobody knows whether they were sent. */
static void draw_gone_in_doubt(struct scenario *s, struct random *r)
{
    bool doubts = s->faults.doubt_accepted + s->faults.doubt_refused > 0 && !s->comings.on;
    if (s->faultless || !doubts || s->settings == 1 || !chance(r, 0.5))
        return;
    s->mutation_count = SIM_MUTATIONS_MAX;
    for (int i = 0; i < SIM_MUTATIONS_MAX; i++)
        s->mutations[i] = (struct sim_mutation){.at_ms = IN_DOUBT, .change = SIM_VANISH};
    if (chance(r, 0.6)) { /* and nothing else goes wrong for good */
        struct sim_faults *f = &s->faults;
        f->refused_file = f->job_422 = f->job_500 = f->own_5xx = f->gateway = f->no_job_id = 0;
        f->invalid_result = f->foreign_result = f->foreign_url = f->endless_job = 0;
        f->result_garbage = 0;
        f->expiry_ms = f->revoked_at_ms = 0;
        f->delete_when_fetched = s->hold = s->dismisses = false;
        s->max_attempts = 8;
        s->max_resends = 16;
    }
}

/* While results are written, and not synced yet. */
static void draw_disk_after_results(struct scenario *s, struct random *r)
{
    if (s->disk_to_ms && !s->disk_nearly_full && chance(r, 0.5)) {
        s->disk_after_results = between(r, 1, 8);
        s->disk_to_ms = s->disk_from_ms + between(r, 2000, chance(r, 0.5) ? 20000 : 600000);
    }
}

/* Stopped for longer than it waits, while webhooks come. */
static void draw_pause_in_doubt(struct scenario *s, struct random *r)
{
    bool doubts = s->faults.doubt_accepted > 0 && s->webhooks.on && !s->hold && !s->faultless;
    if (!doubts || !chance(r, 0.4))
        return;
    s->pause_where = chance(r, 0.5) ? PAUSE_IN_DOUBT : PAUSE_BEFORE_RESEND;
    s->pause_at_step = 0;
    s->pause_ms = between(r, 1000, chance(r, 0.5) ? 60000 : 600000);
}

/* An outage that lasts for longer than a run has patience with it. */
static void draw_silence(struct scenario *s, struct random *r)
{
    struct sim_faults *f = &s->faults;
    s->api_patience_ms = 3600000;
    if (s->faultless || s->pause_ms || !chance(r, 0.15))
        return;
    s->api_patience_ms = between(r, 20, 300) * 1000;
    int64_t from_ms = chance(r, 0.3) ? 0 : between(r, 0, 30000);
    f->outage_count = 1;
    f->outages[0] =
        (struct sim_outage){.kind = chance(r, 0.6) ? OUTAGE_NO_CONNECTION : OUTAGE_SILENCE,
                            .from_ms = from_ms,
                            .to_ms = from_ms + s->api_patience_ms + between(r, 300, 3000) * 1000};
}

static void slow_ledger_down(struct scenario *s, struct random *r)
{
    s->slow_ledger.most_ms = chance(r, 0.3) ? between(r, 1, 30) : between(r, 1, 500);
    if (s->faultless)
        return;
    s->slow_ledger.lost = chance(r, 0.6) ? 0.1 : 0;
    s->slow_ledger.refused = chance(r, 0.3) ? 0.02 : 0;
}

static void draw_slow_ledger(struct scenario *s, struct random *r)
{
    if (chance(r, 0.35))
        slow_ledger_down(s, r);
}

/* From numbers of its own: what else a seed draws stays as it is. */
static void draw_budgets(struct scenario *s)
{
    static const int prices[] = {10, 10, 10, 1, 5, 25};
    struct random r;
    random_init(&r, s->seed * 40503u + 5);
    s->price_tenths = prices[random_below(&r, 6)];
    s->max_month = !s->faultless && chance(&r, 0.15) ? between(&r, 1, 40) : -1;
    s->budget_again = chance(&r, 0.5) ? 0.3 : 0;
}

/* Likewise. */
static void draw_elsewhere(struct scenario *s)
{
    struct random r;
    random_init(&r, s->seed * 22695477u + 11);
    s->comings.elsewhere = s->comings.moves && chance(&r, 0.5);
}

void scenario_draw(struct scenario *s, uint64_t seed)
{
    struct random r;
    memset(s, 0, sizeof *s);
    s->seed = seed;
    random_init(&r, seed * 2654435761u + 17);
    draw_files(s, &r);
    draw_options(s, &r);
    draw_webhooks(&s->webhooks, &r);
    s->faultless = chance(&r, 0.1);
    if (!s->faultless) {
        draw_faults(s, &r);
        draw_crashes(s, &r);
        draw_retries(s, &r);
        if (chance(&r, 0.2)) {
            s->pause_at_step = between(&r, 1, chance(&r, 0.5) ? 30 : 300);
            s->pause_ms = between(&r, 1000, chance(&r, 0.5) ? 60000 : 1800000);
        }
        draw_disk(s, &r);
    } else {
        s->max_credits = -1;
        s->give_up_ms = 900000;
        s->webhooks.late = s->webhooks.lost = s->webhooks.unheard = 0;
    }
    draw_neighbour(s, &r);
    draw_trouble(s, &r);
    draw_comings(s, &r);
    draw_max_resends(s, &r);
    s->dismisses = chance(&r, 0.3);
    draw_lives(s, &r);
    draw_slow_disk(s, &r);
    draw_pause_in_doubt(s, &r);
    draw_disk_after_results(s, &r);
    draw_gone_in_doubt(s, &r);
    draw_silence(s, &r);
    draw_slow_ledger(s, &r);
    draw_budgets(s);
    draw_elsewhere(s);
    scenario_aim(s);
}

void scenario_slow_ledger(struct scenario *s)
{
    struct random r;
    random_init(&r, s->seed * 362437u + 3);
    slow_ledger_down(s, &r);
}

bool scenario_trait(const struct scenario *s, int content, int which, double p)
{
    struct random r;
    random_init(&r, s->seed * 1000003u + (uint64_t)content * 64 + (uint64_t)which);
    return chance(&r, p);
}

int scenario_pages(const struct scenario *s, int content)
{
    struct random r;
    random_init(&r, s->seed * 7919u + (uint64_t)content);
    return s->count_pages ? between(&r, 1, 4) : 1;
}
