/* simulate: whole batches in virtual time, thousands of them, each decided by its seed.
 *
 *   simulate [--seeds A-B] [--jobs N] [--first] [--slow-ledger]
 *                                   --first: until one fails; --slow-ledger: each seed's ledger is slow
 *                                   and lossy (slow_ledger.h), as a third of them are anyway
 *   simulate --seed N [-v] [--keep] one alone; -v: its faults, requests and log; --keep: its files
 *                                   stay, and where is said
 *   simulate --script FILE [-v]     an order of events that the explorer printed (script_play.h)
 *
 * The real core, ledger, intake, report and batch run over a virtual loop against a fake Mindee, in
 * a forked process that dies where the seed says; started again, until all is settled. The
 * promises are checked on the way and at the end, against the server's own record. */
#include "course.h"
#include "script_play.h"
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

enum { DEFAULT_LAST = 2000, JOBS_MAX = 64 };

struct plan {
    uint64_t from, last;
    int jobs;
    bool keep, first, slow_ledger;
    const char *script;
    char place[64];
};

struct tally {
    int64_t seeds, failed, runs, crashes, documents, posts, gets, webhooks, virtual_s;
};

/* --- one seed --- */

static void *shared_memory(size_t size)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(p != MAP_FAILED);
    return p;
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

/* A new world, in a directory of its own. */
static void world_init(struct world *w, const struct scenario *s, uint64_t seed,
                       const struct plan *p)
{
    memset(w, 0, sizeof *w);
    w->scenario = s;
    w->mono_ms = VIRTUAL_MONO_START_MS;
    random_init(&w->random, seed ^ 0x5eed);
    snprintf(w->directory, sizeof w->directory, "%s/%llu", p->place, (unsigned long long)seed);
    REQUIRE(mkdir(w->directory, 0700) == 0);
    inputs_make(w);
    if (world_verbose)
        scenario_print(s);
}

static bool run_seed(struct world *w, uint64_t seed, const struct plan *p, struct tally *t)
{
    static struct scenario s;
    static struct course c;
    scenario_draw(&s, seed);
    if (p->slow_ledger)
        scenario_slow_ledger(&s);
    world_init(w, &s, seed, p);
    c = (struct course){.w = w};
    course_play(&c);
    if (w->failure[0])
        printf("seed %llu: %s\n  alone, with a log: simulate --seed %llu -v%s\n",
               (unsigned long long)seed, w->failure, (unsigned long long)seed,
               p->slow_ledger ? " --slow-ledger" : "");
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

/* --- a script --- */

static int run_script(const struct plan *p)
{
    static struct script script;
    static struct scenario s;
    static struct course c;
    struct world *w = shared_memory(sizeof *w);
    int rc = script_play_read(&script, p->script);
    if (rc)
        return rc;
    script_play_scenario(&script, &s);
    world_init(w, &s, 0, p);
    c = (struct course){.w = w};
    course_play_script(&c, &script);
    if (!p->keep)
        remove_tree(w->directory);
    printf("%s: %s\n", p->script, w->failure[0] ? w->failure : "every promise is kept");
    return w->failure[0] != '\0';
}

/* --- many --- */

static bool some_failed(const struct plan *p, const struct tally *tallies)
{
    for (int i = 0; i < p->jobs; i++)
        if (tallies[i].failed > 0)
            return true;
    return false;
}

static void work(const struct plan *p, int worker, struct tally *tallies)
{
    struct world *w = shared_memory(sizeof *w);
    for (uint64_t seed = p->from + (uint64_t)worker; seed <= p->last; seed += (uint64_t)p->jobs) {
        if (p->first && some_failed(p, tallies))
            break;
        run_seed(w, seed, p, &tallies[worker]);
    }
}

static struct tally run_all(const struct plan *p)
{
    struct tally *tallies = shared_memory(sizeof *tallies * JOBS_MAX), sum = {0};
    for (int i = 0; i < p->jobs; i++) {
        pid_t pid = fork();
        REQUIRE(pid >= 0);
        if (pid == 0) {
            work(p, i, tallies);
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
    fputs(
        "usage: simulate [--seeds A-B] [--seed N] [--jobs N] [--first] [--slow-ledger] [-v] [--keep]\n"
        "       simulate --script FILE [-v]\n",
        stderr);
    exit(2);
}

static void read_arguments(struct plan *p, int argc, char **argv)
{
    unsigned long long a, b;
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (strcmp(argv[i], "-v") == 0) {
            world_verbose = true;
        } else if (strcmp(argv[i], "--script") == 0 && *value) {
            p->script = value;
            i++;
        } else if (strcmp(argv[i], "--first") == 0) {
            p->first = true;
        } else if (strcmp(argv[i], "--slow-ledger") == 0) {
            p->slow_ledger = true;
        } else if (strcmp(argv[i], "--keep") == 0) {
            p->keep = true;
        } else if (strcmp(argv[i], "--seeds") == 0 && sscanf(value, "%llu-%llu", &a, &b) == 2) {
            p->from = a;
            p->last = b;
            i++;
        } else if (strcmp(argv[i], "--seed") == 0 && sscanf(value, "%llu", &a) == 1) {
            p->from = p->last = a;
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
    struct plan p = {.from = 1, .last = DEFAULT_LAST, .jobs = 1};
    read_arguments(&p, argc, argv);
    snprintf(p.place, sizeof p.place, "%s/mb-simulate-XXXXXX",
             access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
    REQUIRE(mkdtemp(p.place) != NULL);
    if (p.script) {
        int rc = run_script(&p);
        remove_tree(p.place);
        return rc;
    }
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
