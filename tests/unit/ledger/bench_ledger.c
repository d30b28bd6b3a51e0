/* bench_ledger [DOCUMENTS] [DIRECTORY] - what a document's whole path costs in the ledger: put,
 * upload, 202, ready, stored with an 8 KB result, projected; each in a turn of its own, five
 * documents a turn, as in a run. Then a rerun's look-ups, and the numbers. Run by hand; build it
 * without sanitizers. */
#include "ledger/document_ledger.h"
#include "ledger/file_book.h"
#include "ledger/projections.h"
#include "ledger/sent_settings.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PER_TURN = 5, RESULT_BYTES = 8192 };

static struct ledger *ledger;
static int64_t root, settings;
static int64_t *ids;
static int *attempts;

static void must(int code)
{
    if (code >= 0)
        return;
    fprintf(stderr, "%s\n", ledger_error(ledger)->text);
    exit(1);
}

static double cpu_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double wall_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Directories come in no order: neither do the names here. */
static void path_of(int i, char *out, size_t size)
{
    unsigned mixed = (unsigned)i * 2654435761u;
    snprintf(out, size, "/home/someone/invoices/2026-08/supplier-%03u/invoice-%08x-%d.pdf",
             mixed % 200, mixed, i);
}

static void put(int i)
{
    char path[256];
    uint8_t digest[SHA256_BYTES];
    enum ledger_put what;
    path_of(i, path, sizeof path);
    sha256(path, strlen(path), digest);
    const struct ledger_new_file f = {.root_id = root,
                                      .settings_id = settings,
                                      .path = path,
                                      .name = path + 23,
                                      .stamp = {60000 + i % 5000, i, i, (uint64_t)i},
                                      .type = 1,
                                      .pages = -1,
                                      .sha256 = digest};
    must(ledger_file_put(ledger, &f, &what, &ids[i]));
}

static void step(int i, enum doc_state from, enum doc_state to, enum doc_event_kind event)
{
    const struct ledger_step s = {
        .document_id = ids[i], .from = from, .to = to, .event = event, .attempt = attempts[i]};
    must(ledger_step(ledger, &s));
}

static void stage(int i, int which)
{
    static const char url[] = "https://api-v2.mindee.net/v2/products/extraction/results/"
                              "9f2c1e0a-0000-4000-8000-000000000000";
    static char result[RESULT_BYTES];
    char alias[LEDGER_ALIAS_MAX], job[64];
    switch (which) {
    case 0:
        must(ledger_attempt_start(ledger, ids[i], credits_of(1), &attempts[i], alias));
        step(i, DOC_QUEUED, DOC_SUBMITTING, EV_ADMIT);
        break;
    case 1:
        /* in no order, like those that Mindee gives */
        snprintf(job, sizeof job, "%08x-0000-4000-8000-%012d", (unsigned)i * 2654435761u, i);
        must(ledger_attempt_accepted(ledger, ids[i], attempts[i], job));
        step(i, DOC_SUBMITTING, DOC_PROCESSING, EV_ACCEPTED);
        break;
    case 2:
        must(ledger_attempt_result_url(ledger, ids[i], attempts[i], url));
        step(i, DOC_PROCESSING, DOC_READY, EV_JOB_READY);
        break;
    case 3:
        must(ledger_result_put(ledger, ids[i], result, sizeof result, 1));
        must(ledger_attempt_end(ledger, ids[i], attempts[i], ATTEMPT_JOB_DONE, 200, NULL));
        step(i, DOC_READY, DOC_STORED, EV_RESULT);
        break;
    default: {
        struct ledger_projection p;
        must(ledger_unprojected_of(ledger, ids[i], 0, &p, 1));
        must(ledger_projected(ledger, p.file_id, p.document_id, p.name));
        ledger_projection_release(&p);
    }
    }
}

static long peak_kb(void)
{
    struct rusage u;
    getrusage(RUSAGE_SELF, &u);
    return u.ru_maxrss;
}

static void report(const char *what, int count, double cpu, double wall)
{
    printf("%-34s %8.3f CPU s per 1,000   %8.3f s wall   peak %ld KB\n", what, cpu * 1000.0 / count,
           wall, peak_kb());
}

static bool never(void *ctx, int64_t id)
{
    (void)ctx;
    (void)id;
    return false;
}

static void run_all(int count)
{
    double cpu = cpu_s(), wall = wall_s();
    for (int i = 0; i < count; i++) {
        put(i);
        if (i % 100 == 99)
            must(ledger_commit(ledger));
    }
    must(ledger_commit(ledger));
    report("files put, 100 a turn", count, cpu_s() - cpu, wall_s() - wall);

    cpu = cpu_s(), wall = wall_s();
    enum { LAG = 20, STAGES = 5 }; /* turns between a document's stages */
    struct ledger_document *next = calloc(PER_TURN, sizeof *next);
    int64_t turns = count / PER_TURN;
    int64_t *order = calloc((size_t)turns * PER_TURN, sizeof *order);
    for (int64_t turn = 0; turn < turns + LAG * STAGES; turn++) {
        if (turn < turns) {
            int n = ledger_next_queued(ledger, settings, ORDER_NAME, never, NULL, next, PER_TURN);
            must(n);
            for (int k = 0; k < n; k++) /* ids are 1.. in the order put */
                order[turn * PER_TURN + k] = next[k].id - 1;
        }
        for (int stage_no = 0; stage_no < STAGES; stage_no++) {
            int64_t then = turn - stage_no * LAG;
            for (int k = 0; then >= 0 && then < turns && k < PER_TURN; k++)
                stage((int)order[then * PER_TURN + k], stage_no);
        }
        must(ledger_commit(ledger));
    }
    report("sent to projected, 5 a turn", count, cpu_s() - cpu, wall_s() - wall);
    free(next);
    free(order);
}

int main(int argc, char **argv)
{
    int count = argc > 1 ? atoi(argv[1]) : 10000;
    const char *parent = argc > 2 ? argv[2] : "/tmp";
    char directory[256], path[300];
    struct error e;
    snprintf(directory, sizeof directory, "%s/bench-ledger-XXXXXX", parent);
    if (mkdtemp(directory) == NULL)
        return 1;
    snprintf(path, sizeof path, "%s/ledger.db", directory);
    const struct ledger_options options = {.path = path, .clock = &system_clock};
    ids = calloc((size_t)count, sizeof *ids);
    attempts = calloc((size_t)count, sizeof *attempts);
    if (ledger_open(&ledger, &options, &e) != 0) {
        fprintf(stderr, "%s\n", e.text);
        return 1;
    }
    const struct ledger_settings s = {"extraction", "model", "{}"};
    must(ledger_settings_put(ledger, &s, &settings));
    struct ledger_root put;
    const struct ledger_new_root new = {
        .path = "/home/someone/invoices", .directory = true, .alone = true};
    must(ledger_root_put(ledger, &new, &put));
    root = put.id;
    ledger_root_release(&put);
    run_all(count);

    double cpu = cpu_s(), wall = wall_s();
    for (int i = 0; i < count; i++) {
        struct ledger_file f;
        path_of(i, path, sizeof path);
        must(ledger_file_find(ledger, path, &f));
    }
    report("files found again", count, cpu_s() - cpu, wall_s() - wall);
    cpu = cpu_s(), wall = wall_s();
    struct ledger_counts c;
    for (int i = 0; i < 1000; i++)
        must(ledger_counts(ledger, &c));
    report("numbers asked for", 1000, cpu_s() - cpu, wall_s() - wall);
    printf("stored %lld of %lld\n", (long long)c.by_state[DOC_STORED], (long long)c.documents);
    cpu = cpu_s(), wall = wall_s();
    must(ledger_counts_check(ledger));
    report("numbers checked by counting", count, cpu_s() - cpu, wall_s() - wall);
    ledger_close(ledger);
    snprintf(path, sizeof path, "rm -rf '%s'", directory);
    return system(path) != 0;
}
