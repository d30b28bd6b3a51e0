/* simulate: whole batches in virtual time, thousands of them, each decided by its seed.
 *
 *   simulate [--seeds A-B] [--jobs N]
 *   simulate --seed N [-v] [--keep] one alone; -v: its faults, requests and log; --keep: its files
 *                                   stay, and where is said
 *
 * The real core, ledger, intake, report and batch run over a virtual loop against a fake Mindee, in
 * a forked process that dies where the seed says; started again, until all is settled. The
 * promises are checked on the way and at the end, against the server's own record. */
#include "checks.h"
#include "segment.h"
#include "virtual_loop.h"

#include <ftw.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { DEFAULT_LAST = 2000, HEALED_RUNS = 4, FAULTY_RUNS = 2, JOBS_MAX = 64 };

struct course { /* of one seed */
    struct world *w;
    struct stored_so_far stored[SIM_LEDGERS];
    int runs, crashes, beside_runs;
    bool finished[SIM_SETTINGS + 1]; /* their last run said so: exit 0 or 1 */
};

struct plan {
    uint64_t first, last;
    int jobs;
    bool keep;
    char place[64];
};

struct tally {
    int64_t seeds, failed, runs, crashes, documents, posts, gets, webhooks, virtual_s;
};

/* --- one seed --- */

/* No file is there that runs with those settings would find. */
static bool nothing_there(const struct world *w, int settings)
{
    for (int i = 0; i < w->scenario->file_count; i++)
        if (!w->vanished[i] && w->scenario->files[i].settings == settings)
            return false;
    return true;
}

static void check_exit(struct world *w, const struct segment *s)
{
    const struct sim_faults *f = &w->scenario->faults;
    const struct sim_run *r = &w->runs[s->ledger];
    bool expected = r->exit_code == 0 || r->exit_code == 1;
    if (r->exit_code == 2)
        expected = s->retry || nothing_there(w, s->settings);
    else if (r->exit_code == 3)
        expected = w->disk_failed && !w->healed;
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
    if (!gave_up || s->retry || x->settings > 1 || x->trouble.often < 1)
        return;
    if (w->healed || w->mono_ms - (from_ms > began_ms ? from_ms : began_ms) < x->patience_ms)
        world_fail(w, "files were given up after %" PRId64 " ms: %s", w->mono_ms - began_ms,
                   r->reason);
}

/* With a budget: what the server charged stays within it, while it is set. */
static void check_budget(struct world *w)
{
    int64_t pages = 0;
    if (w->scenario->max_credits < 0 || w->healed)
        return;
    for (int i = 0; i < w->job_count; i++)
        if (w->jobs[i].end == JOB_END_RESULT && !w->jobs[i].ledger)
            pages += scenario_pages(w->scenario, w->jobs[i].content);
    if (pages > w->scenario->max_credits)
        world_fail(w, "%" PRId64 " credits spent, limits.max_credits is %d", pages,
                   w->scenario->max_credits);
}

static void print_segment(const struct world *w, const struct segment *s)
{
    const struct sim_run *r = &w->runs[s->ledger];
    const char *what = s->retry ? "retry" : s->ledger ? "neighbour" : "run";
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
    c->finished[s->settings] =
        !s->retry && r->ended &&
        (r->exit_code <= 1 || (r->exit_code == 2 && nothing_there(w, s->settings)));
    if (r->ended) {
        check_exit(w, s);
        check_patience(w, s, began_ms);
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
    bool two = w->scenario->beside && !s.ledger && random_below(&w->random, 3) > 0;
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
    if (w->failure[0])
        return;
    check_steps(w, w->runs[s.ledger].steps,
                w->post_count + w->get_count + w->tries_count - requests, w->mono_ms - began);
    check_budget(w);
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

/* Each settings' run, one after the other, until all say that they are done; at most MOST times. */
static void run_to_end(struct course *c, int most)
{
    for (int i = 0; i < most && !c->w->failure[0] && !finished(c); i++) {
        for (int settings = 0; settings < c->w->scenario->settings && !c->w->failure[0]; settings++)
            run_segment(c, (struct segment){.settings = settings});
        if (c->w->scenario->beside && !c->w->failure[0])
            run_segment(c, neighbour(c));
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
            check_at_end(w, ledger, c->crashes > 0 || w->disk_failed);
    check_windows(w);
}

static void play(struct course *c)
{
    struct world *w = c->w;
    const struct scenario *s = w->scenario;
    for (int i = 0; i < s->crash_count && !w->failure[0]; i++)
        run_segment(
            c, (struct segment){.crash_at = s->crash_points[i],
                                .settings = (int)random_below(&w->random, (uint64_t)s->settings)});
    retry(c, false);
    run_to_end(c, FAULTY_RUNS);
    inputs_change(w, 0, true);
    server_heal(w);
    memset(c->finished, 0, sizeof c->finished);
    run_to_end(c, HEALED_RUNS);
    retry(c, true);
    if (!w->failure[0] && !finished(c))
        world_fail(w, "without faults it doesn't finish either: exit %d, %s", w->runs[0].exit_code,
                   w->runs[0].reason);
    run_all_again(c);
    check_all_at_end(c);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

static void remove_tree(const char *path)
{
    if (nftw(path, remove_entry, 16, FTW_DEPTH | FTW_PHYS) != 0)
        perror(path);
}

static bool run_seed(struct world *w, uint64_t seed, const struct plan *p, struct tally *t)
{
    static struct scenario s;
    static struct course c;
    scenario_draw(&s, seed);
    memset(w, 0, sizeof *w);
    c = (struct course){.w = w};
    w->scenario = &s;
    w->mono_ms = VIRTUAL_MONO_START_MS;
    random_init(&w->random, seed ^ 0x5eed);
    snprintf(w->directory, sizeof w->directory, "%s/%llu", p->place, (unsigned long long)seed);
    REQUIRE(mkdir(w->directory, 0700) == 0);
    inputs_make(w);
    if (world_verbose)
        scenario_print(&s);
    play(&c);
    if (w->failure[0])
        printf("seed %llu: %s\n  alone, with a log: simulate --seed %llu -v\n",
               (unsigned long long)seed, w->failure, (unsigned long long)seed);
    fflush(stdout);
    if (!p->keep)
        remove_tree(w->directory);
    t->seeds++;
    t->failed += w->failure[0] != '\0';
    t->runs += c.runs;
    t->crashes += c.crashes;
    t->documents += s.file_count;
    t->posts += w->post_count;
    t->gets += w->get_count;
    t->webhooks += w->taken_count;
    t->virtual_s += (w->mono_ms - VIRTUAL_MONO_START_MS) / 1000;
    return !w->failure[0];
}

/* --- many --- */

static void *shared_memory(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(p != MAP_FAILED);
    return p;
}

static void work(const struct plan *p, int worker, struct tally *t)
{
    struct world *w = shared_memory(sizeof *w);
    for (uint64_t seed = p->first + (uint64_t)worker; seed <= p->last; seed += (uint64_t)p->jobs)
        run_seed(w, seed, p, t);
}

static struct tally run_all(const struct plan *p)
{
    struct tally *tallies = shared_memory(sizeof *tallies * JOBS_MAX), sum = {0};
    for (int i = 0; i < p->jobs; i++) {
        pid_t pid = fork();
        REQUIRE(pid >= 0);
        if (pid == 0) {
            work(p, i, &tallies[i]);
            _exit(0);
        }
    }
    int status, bad = 0;
    while (wait(&status) > 0)
        bad += status != 0;
    for (int i = 0; i < p->jobs; i++) {
        const struct tally *t = &tallies[i];
        sum.seeds += t->seeds;
        sum.failed += t->failed;
        sum.runs += t->runs;
        sum.crashes += t->crashes;
        sum.documents += t->documents;
        sum.posts += t->posts;
        sum.gets += t->gets;
        sum.webhooks += t->webhooks;
        sum.virtual_s += t->virtual_s;
    }
    sum.failed += bad;
    return sum;
}

static _Noreturn void usage(void)
{
    fputs("usage: simulate [--seeds A-B] [--seed N] [--jobs N] [-v] [--keep]\n", stderr);
    exit(2);
}

static void read_arguments(struct plan *p, int argc, char **argv)
{
    unsigned long long a, b;
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "-v") == 0) {
            world_verbose = true;
        } else if (strcmp(argv[i], "--keep") == 0) {
            p->keep = true;
        } else if (strcmp(argv[i], "--seeds") == 0 && sscanf(value, "%llu-%llu", &a, &b) == 2) {
            p->first = a;
            p->last = b;
            i++;
        } else if (strcmp(argv[i], "--seed") == 0 && sscanf(value, "%llu", &a) == 1) {
            p->first = p->last = a;
            i++;
        } else if (strcmp(argv[i], "--jobs") == 0 && atoi(value) > 0 && atoi(value) <= JOBS_MAX) {
            p->jobs = atoi(value);
            i++;
        } else {
            usage();
        }
    }
}

int main(int argc, char **argv)
{
    struct plan p = {.first = 1, .last = DEFAULT_LAST, .jobs = 1};
    read_arguments(&p, argc, argv);
    snprintf(p.place, sizeof p.place, "%s/mb-simulate-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    REQUIRE(mkdtemp(p.place) != NULL);
    struct tally t = run_all(&p);
    if (p.keep)
        printf("kept: %s\n", p.place);
    else
        remove_tree(p.place);
    printf("%" PRId64 " seeds: %" PRId64 " runs, %" PRId64 " of them died; %" PRId64
           " files, %" PRId64 " POSTs, %" PRId64 " GETs, %" PRId64
           " webhooks taken, %.1f hours of virtual time\n",
           t.seeds, t.runs, t.crashes, t.documents, t.posts, t.gets, t.webhooks,
           (double)t.virtual_s / 3600);
    printf("%" PRId64 " passed, %" PRId64 " failed\n", t.seeds - t.failed, t.failed);
    return t.failed != 0;
}
