/* bench_month_end: a month's end in virtual time, for several kinds of documents and several
 * clients, in seconds.
 *
 *   bench_month_end [--documents N] [--uploads N] [--seed N] [--months N] [--only SHAPE]...
 *                   [--json] [--check]
 *
 * Prints, for each shape of processing times, the makespan beside the floor and a clairvoyant's,
 * GETs a document (the result's included), how late jobs' ends were seen, and 429s: for the learned
 * planner, cold and with the memory of an earlier run, the SDKs' fixed 2 s + 1.5 s under our
 * limiter, and an SDK as it is. Below ours, the delay of the optimal schedule for as many GETs.
 *
 * --check exits 1 where the learned planner misses what the project promises of it; --json prints
 * one object a line instead of the table. --months repeats it all with the seeds that follow. */
#include "month.h"

#include "base/require.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const client_names[CLIENTS] = {"learned", "learned, warm", "fixed 2 s + 1.5 s",
                                           "SDK, no limiter", "clairvoyant"};

/* At most; delays in seconds. Of months with so many documents at least: the most that fits holds. */
struct promises {
    const char *shape;
    int64_t documents;
    double gets, delay_mean, delay_over_optimum, delay_last;
};

/* The first three are the project's word; the others say that nothing starves, storms or swings. Of
 * every shape besides: no 429, nothing lost, no result kept waiting behind polls, no end seen later
 * than the slowest polling, and a makespan at most 2 %, or 2 s, over the clairvoyant's: it can't
 * ask more than once a second. */
static const struct promises promises[] = {
    {"usual", 200, 5.0, 2.3, 1.45, 1.0},      {"usual", 1000, 4.5, 2.0, 1.15, 1.0},
    {"slow", 1, 6.0, INFINITY, 1.15, 1.4},    {"quick", 1, 3.5, 1.3, 1.15, 1.0},
    {"alike", 1, 4.8, 2.0, 1.30, 1.0},        {"long", 1, 6.5, 11.0, 1.30, 1.4},
    {"sizes", 1, 5.0, 2.0, 1.20, 1.0},        {"mixed", 1, 5.5, 2.5, 1.20, 1.0},
    {"slowdown", 1, 6.0, 5.5, INFINITY, 1.5}, {"stuck", 1, 5.5, 2.5, INFINITY, 2.0},
    {"tight", 1, 3.0, 5.0, 1.25, 1.5},        {"free", 1, 4.6, 2.0, 1.15, 1.0},
};
static const double MAKESPAN_MOST = 1.02, MAKESPAN_MOST_S = 2, DELAY_MOST_S = 61,
                    RESULT_WAIT_MOST_S = 0.5;

struct arguments {
    int64_t documents;
    uint64_t seed;
    int months, uploads;
    bool json, check;
    const char *only[16];
    int only_count;
};

void month_run(const struct month *m, enum client client, struct outcome_of_month *out)
{
    memset(out, 0, sizeof *out);
    if (client == CLIENT_SDK)
        month_run_sdk(m, out);
    else if (client == CLIENT_CLAIRVOYANT)
        month_run_clairvoyant(m, out);
    else
        month_run_planner(m, client, out);
}

static double floor_s(const struct month *m)
{
    uint32_t limit = m->shape->post_limit;
    return limit ? (double)((m->documents - 1) / limit) * WINDOW_MS / 1000 : 0;
}

static double gets_each(const struct outcome_of_month *o)
{
    return o->got ? (double)o->gets / (double)o->got : 0;
}

/* Where the true distribution isn't one but two, there is no one optimum. */
static double optimum_of(const struct month *m, const struct outcome_of_month *o)
{
    return m->shape->slower > 0 ? NAN : optimum_delay_s(m->shape, gets_each(o));
}

static bool is_learned(int client)
{
    return client == CLIENT_LEARNED || client == CLIENT_LEARNED_WARM;
}

/* --- what is shown --- */

static void show_head(const struct month *m)
{
    printf("\n%s: %s. %lld documents, %u POSTs and %u GETs a minute, %d uploads at once; "
           "floor %.0f s\n",
           m->shape->name, m->shape->title, (long long)m->documents, m->shape->post_limit,
           m->shape->get_limit, m->uploads, floor_s(m));
    printf("  %-20s%10s%8s%7s%8s%8s%8s%8s%8s%8s%9s\n", "", "makespan", "over", "GETs", "delay",
           "p95", "most", "optimum", "ratio", "last", "429/lost");
}

static void show_row(const struct month *m, int client, const struct outcome_of_month *o,
                     const struct outcome_of_month *best)
{
    printf("  %-20s%8.0f s%7.1f%%%7.2f%6.2f s%6.2f s%6.1f s", client_names[client], o->makespan_s,
           100 * (o->makespan_s / best->makespan_s - 1), gets_each(o), o->delay_mean_s,
           o->delay_p95_s, o->delay_most_s);
    double optimum = is_learned(client) ? optimum_of(m, o) : NAN;
    if (isfinite(optimum))
        printf("%6.2f s%8.3f", optimum, o->delay_mean_s / optimum);
    else
        printf("%8s%8s", "", "");
    printf("%6.2f s%5lld/%lld\n", o->delay_last_s, (long long)o->refused, (long long)o->lost);
}

static void show_json(const struct month *m, int client, const struct outcome_of_month *o,
                      const struct outcome_of_month *best)
{
    printf("{\"shape\": \"%s\", \"client\": \"%s\", \"documents\": %lld, \"uploads\": %d, "
           "\"seed\": %llu, \"floor_s\": %.3f, \"makespan_s\": %.3f, "
           "\"clairvoyant_makespan_s\": %.3f, \"gets_a_document\": %.4f, "
           "\"delay_mean_s\": %.4f, \"delay_p95_s\": %.4f, \"delay_most_s\": %.4f, "
           "\"delay_last_mean_s\": %.4f, \"delay_last_most_s\": %.4f, "
           "\"result_wait_most_s\": %.4f, \"http_429\": %lld, \"got\": %lld, \"lost\": %lld",
           m->shape->name, client_names[client], (long long)m->documents, m->uploads,
           (unsigned long long)m->seed, floor_s(m), o->makespan_s, best->makespan_s, gets_each(o),
           o->delay_mean_s, o->delay_p95_s, o->delay_most_s, o->delay_last_s, o->delay_last_most_s,
           o->result_wait_most_s, (long long)o->refused, (long long)o->got, (long long)o->lost);
    double optimum = is_learned(client) ? optimum_of(m, o) : NAN;
    if (isfinite(optimum))
        printf(", \"optimum_delay_s\": %.4f", optimum);
    printf("}\n");
}

/* --- what must hold --- */

static bool holds(const struct month *m, int client, const char *what, double is, double most)
{
    if (is <= most)
        return true;
    fprintf(stderr, "bench_month_end: %s, %s, seed %llu: %s is %.3f, more than %.3f\n",
            m->shape->name, client_names[client], (unsigned long long)m->seed, what, is, most);
    return false;
}

static const struct promises *promises_of(const struct month *m)
{
    const struct promises *found = NULL;
    for (size_t i = 0; i < sizeof promises / sizeof *promises; i++)
        if (strcmp(promises[i].shape, m->shape->name) == 0 && promises[i].documents <= m->documents)
            found = &promises[i];
    return found;
}

static bool keeps_promises(const struct month *m, int client, const struct outcome_of_month *o,
                           const struct outcome_of_month *best)
{
    bool kept = holds(m, client, "429s", (double)o->refused, 0);
    kept &= holds(m, client, "documents lost", (double)(m->documents - o->got), 0);
    kept &= holds(m, client, "makespan", o->makespan_s,
                  fmax(best->makespan_s * MAKESPAN_MOST, best->makespan_s + MAKESPAN_MOST_S));
    kept &= holds(m, client, "the longest delay", o->delay_most_s, DELAY_MOST_S);
    kept &= holds(m, client, "a result's wait", o->result_wait_most_s, RESULT_WAIT_MOST_S);
    const struct promises *p = promises_of(m);
    if (p) {
        double optimum = isfinite(p->delay_over_optimum) ? optimum_of(m, o) : INFINITY;
        kept &= holds(m, client, "GETs a document", gets_each(o), p->gets);
        kept &= holds(m, client, "the mean delay", o->delay_mean_s, p->delay_mean);
        kept &= holds(m, client, "the last documents' delay", o->delay_last_s, p->delay_last);
        kept &= holds(m, client, "delay over the optimum", o->delay_mean_s / optimum,
                      p->delay_over_optimum);
    }
    return kept;
}

static bool run_shape(const struct arguments *a, const struct shape *s, uint64_t seed)
{
    struct month m = {s, a->documents, seed, a->uploads};
    struct outcome_of_month best, o;
    bool kept = true;
    month_run(&m, CLIENT_CLAIRVOYANT, &best);
    if (!a->json)
        show_head(&m);
    for (int client = 0; client < CLIENTS; client++) {
        if (a->check && !is_learned(client))
            continue;
        month_run(&m, (enum client)client, &o);
        (a->json ? show_json : show_row)(&m, client, &o, &best);
        fflush(stdout);
        if (a->check && is_learned(client))
            kept &= keeps_promises(&m, client, &o, &best);
    }
    return kept;
}

static void usage(void)
{
    fprintf(stderr, "usage: bench_month_end [--documents N] [--uploads N] [--seed N] "
                    "[--months N] [--only SHAPE]... [--json] [--check]\nshapes:\n");
    for (int i = 0; i < shape_count; i++)
        fprintf(stderr, "  %-10s %s\n", shapes[i].name, shapes[i].title);
    exit(2);
}

static int64_t number_in(const char *text, int64_t least, int64_t most)
{
    char *end;
    long long n = strtoll(text, &end, 10);
    if (*text == '\0' || *end != '\0' || n < least || n > most)
        usage();
    return n;
}

static struct arguments read_arguments(int argc, char **argv)
{
    static const struct option options[] = {
        {"documents", required_argument, NULL, 'd'}, {"uploads", required_argument, NULL, 'u'},
        {"seed", required_argument, NULL, 's'},      {"months", required_argument, NULL, 'm'},
        {"only", required_argument, NULL, 'o'},      {"json", no_argument, NULL, 'j'},
        {"check", no_argument, NULL, 'c'},           {NULL, 0, NULL, 0}};
    struct arguments a = {.documents = 3000, .seed = 1, .months = 1, .uploads = 16};
    int option;
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == 'd')
            a.documents = number_in(optarg, 1, 10000000);
        else if (option == 'u')
            a.uploads = (int)number_in(optarg, 1, 1000);
        else if (option == 's')
            a.seed = (uint64_t)number_in(optarg, 0, INT64_MAX);
        else if (option == 'm')
            a.months = (int)number_in(optarg, 1, 1000);
        else if (option == 'o' && a.only_count < (int)(sizeof a.only / sizeof *a.only))
            a.only[a.only_count++] = optarg;
        else if (option == 'j')
            a.json = true;
        else if (option == 'c')
            a.check = true;
        else
            usage();
    }
    if (optind != argc)
        usage();
    return a;
}

static bool wanted(const struct arguments *a, const struct shape *s)
{
    bool found = a->only_count == 0;
    for (int i = 0; i < a->only_count; i++)
        found |= strcmp(a->only[i], s->name) == 0;
    return found;
}

int main(int argc, char **argv)
{
    struct arguments a = read_arguments(argc, argv);
    bool kept = true, any = false;
    for (int i = 0; i < shape_count; i++) {
        if (!wanted(&a, &shapes[i]))
            continue;
        any = true;
        for (int month = 0; month < a.months; month++)
            kept &= run_shape(&a, &shapes[i], a.seed + (uint64_t)month);
    }
    if (!any)
        usage();
    return kept ? 0 : 1;
}
