/* month.h - a month's end in virtual time: what is sent, by whom, and what came of it.
 *
 * A document's upload and processing time are drawn from the month's seed and its own number alone,
 * so that every client meets the same documents in the same order. */
#ifndef MB_BENCH_MONTH_H
#define MB_BENCH_MONTH_H

#include <stdbool.h>
#include <stdint.h>

enum {
    UPLOAD_LEAST_MS = 200, /* an upload takes so long, */
    UPLOAD_MOST_MS = 400,
    GET_LEAST_MS = 30, /* and a GET so long; the server looks half-way */
    GET_MOST_MS = 70,
    WINDOW_MS = 60000, /* the server's, a sliding one */
    NEVER_MS = 590000, /* a job that hangs fails then */

    LAST = 10, /* documents that end last */
    PARTS_MAX = 2,
};

/* A kind of documents: lognormal times. */
struct part {
    double share, median_s, sigma;
    int pages;
};

struct shape {
    const char *name, *title;
    struct part parts[PARTS_MAX];
    double never;       /* share of jobs that hang */
    double slower_from; /* share of the documents after which jobs take */
    double slower;      /* so many times longer; 0: none do */
    uint32_t post_limit, get_limit;
};

extern const struct shape shapes[];
extern const int shape_count;

struct month {
    const struct shape *shape;
    int64_t documents;
    uint64_t seed;
    int uploads; /* at once */
};

struct document_draw {
    int64_t upload_ms, took_ms;
    int pages;
};

struct document_draw month_draw(const struct month *m, int64_t number);
/* Share of the jobs of PART (-1: of all) that take longer than AGE; without a slowdown. */
double shape_survival(const struct shape *s, int part, double age_s);
/* After which all but a few in a hundred thousand are done. */
double shape_end_s(const struct shape *s);

/* Delay: from the job's end at the server to the answer that tells of it. */
struct outcome_of_month {
    int64_t got, lost; /* documents */
    int64_t posts, gets, refused;
    double makespan_s; /* to the last result */
    double delay_mean_s, delay_p95_s, delay_most_s;
    double delay_last_s, delay_last_most_s; /* of the documents that end last */
    double result_wait_most_s;              /* for a place in the window */
};

enum client { CLIENT_LEARNED, CLIENT_LEARNED_WARM, CLIENT_FIXED, CLIENT_SDK, CLIENT_CLAIRVOYANT };
enum { CLIENTS = CLIENT_CLAIRVOYANT + 1 };
extern const char *const client_names[CLIENTS];

void month_run(const struct month *m, enum client client, struct outcome_of_month *out);

/* parts of month_run */
struct tally; /* tally.c: what becomes an outcome */
struct tally *tally_new(const struct month *m);
void tally_found(struct tally *t, double ended_s, double delay_s);
void tally_finish(struct tally *t, struct outcome_of_month *out); /* and frees it */
void month_run_planner(const struct month *m, enum client client, struct outcome_of_month *out);
void month_run_sdk(const struct month *m, struct outcome_of_month *out);
void month_run_clairvoyant(const struct month *m, struct outcome_of_month *out);

/* The least mean delay of any schedule that does with so many GETs a document, its result's
 * included; kinds of documents that differ in pages may have schedules of their own. */
double optimum_delay_s(const struct shape *s, double gets_each);

/* The server's window: true if a request that arrives at AT is within the limit. */
struct server_window {
    uint32_t limit; /* 0: none */
    int64_t *arrived;
    uint32_t next;
};

void server_window_init(struct server_window *w, uint32_t limit);
bool server_window_admits(struct server_window *w, int64_t at_ms);
void server_window_release(struct server_window *w);

#endif
