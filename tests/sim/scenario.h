/* scenario.h - what a seed decides: the files, the options, the faults of the server and of the
 * machine. Drawn once, before anything runs, and never changed. */
#ifndef MB_SIM_SCENARIO_H
#define MB_SIM_SCENARIO_H

#include <stdbool.h>
#include <stdint.h>

enum {
    SIM_FILES_MAX = 40,
    SIM_MUTATIONS_MAX = 4,
    SIM_OUTAGES_MAX = 3,
    SIM_CRASHES_MAX = 5,
    SIM_SETTINGS = 2,
    SIM_BESIDE = SIM_SETTINGS, /* "settings" of the neighbour's files: a ledger of its own */
    SIM_LEDGERS = 2,
    SIM_RETRIES_MAX = 3
};

enum sim_file_kind { SIM_PDF, SIM_TEXT, SIM_EMPTY };
/* The others: when the ledger was copied, and after it was put back (lives.h). */
enum sim_coming_time { AT_FIRST, ONCE_COPIED, ONCE_RESTORED };

struct sim_file {
    enum sim_file_kind kind;
    int content;  /* number of its bytes; files with the same are duplicates */
    bool below;   /* in a directory of its own */
    int settings; /* 1: read by runs with the other ones; SIM_BESIDE: by the neighbour */
    enum sim_coming_time comes;
};

#define IN_DOUBT        INT64_MAX
#define ASKED_FOR_AGAIN (INT64_MAX - 1) /* all of a scenario's, then */
enum sim_change { SIM_REWRITE, SIM_TOUCH, SIM_VANISH };
struct sim_mutation {
    int64_t at_ms; /* since the beginning; IN_DOUBT: when its document is in doubt; ASKED_FOR_AGAIN:
                      once somebody did, in the midst of it */
    int file, content;
    enum sim_change change;
};

enum sim_outage_kind { OUTAGE_NO_CONNECTION, OUTAGE_503, OUTAGE_SILENCE };
struct sim_outage {
    int64_t from_ms, to_ms;
    enum sim_outage_kind kind;
};

/* Chances of 0 to 1 for each request it could concern. */
struct sim_faults {
    double not_sent, doubt_accepted, doubt_refused, late_arrival, own_5xx, gateway, no_job_id;
    double spurious_429, get_broken, get_5xx, get_garbage, result_broken, result_garbage;
    double slow_upload, slow_job;
    /* of each content */
    double refused_file, job_422, job_500, invalid_result, foreign_result, foreign_url, endless_job;
    int64_t job_404_ms, result_404_ms; /* a replica lags behind so long */
    int64_t expiry_ms;                 /* results live so long; 0: for ever */
    bool delete_when_fetched;
    int64_t revoked_at_ms; /* the key; 0: never */
    double shared;         /* of the limit: what a second client uses at most; 0: there is none */
    struct sim_outage outages[SIM_OUTAGES_MAX];
    int outage_count;
};

/* Chances for each job. */
struct sim_webhooks {
    bool on, by_turns; /* by turns: only every second run listens */
    double early;      /* done, and told, before the 202 can be read */
    double late, twice, lost, strangers;
    double unheard; /* the receiver's 200 doesn't come through: it comes again */
    int64_t usual_ms, fallback_ms, in_doubt_wait_ms;
};

/* `mindee-batch retry`. */
struct sim_retry {
    bool failed, in_doubt, lost, rejected;
    int file;          /* named by its path; -1: none */
    int64_t crash_at;  /* crash point; 0: none */
    bool once_settled; /* after the end, or else in the middle of the faults */
    int settings;
};

/* The inputs' share or disk, or the process's own descriptors: what fails, how often, and when. */
struct sim_trouble {
    int error; /* errno */
    int64_t from_ms, to_ms;
    double often; /* 1: always */
};

/* Where the process is stopped: at a step; where a document is in doubt; where one is about to be sent
 * again. */
enum sim_pause { PAUSE_AT_STEP, PAUSE_IN_DOUBT, PAUSE_BEFORE_RESEND };

/* Files that come and go under a few names (comings.h). */
enum { SIM_COMINGS_MAX = 40, SIM_NAMES = 5, SIM_ROOTS = 2 };
enum sim_coming_kind {
    COMES,
    COMES_OVER,
    TAKEN_AWAY,
    TOUCHED,
    STRANGE_RESULT, /* somebody puts a file of his own where a result might be */
    STRANGE_MOVED   /* ... where an input might be moved */
};
struct sim_coming {
    enum sim_coming_kind kind;
    enum sim_file_kind file;
    int root, name, content;
    int run; /* before its step STEP */
    int64_t step;
};
struct sim_comings {
    bool on, moves, stays, strangers; /* stays: as `serve` does with a watched folder */
    bool elsewhere;                   /* what is moved comes to another file system: it is copied */
    bool dies_moving;                 /* every second run, as soon as one is to be moved */
    int roots, runs, count;
    struct sim_coming list[SIM_COMINGS_MAX];
};

/* A ledger that is put back from a copy (lives.h). */
struct sim_restoring {
    bool on, by_backup;                /* by_backup: not file by file */
    bool taken_back;                   /* at first, when the run is refused, for the newer one */
    bool late;                         /* when all is settled */
    int copy_after, back_after, times; /* runs; how often it is put back */
    int64_t copy_step;                 /* of a run; 0: between two */
    int64_t crash_at;                  /* of `ledger restored --yes` */
};

/* A ledger that is another machine's (slow_ledger.h); most_ms 0: it isn't. */
struct sim_slow_ledger {
    int64_t most_ms;
    double refused, lost; /* chances of a turn */
};

struct scenario {
    uint64_t seed;
    struct sim_comings comings;
    struct sim_file files[SIM_FILES_MAX];
    int file_count;
    struct sim_mutation mutations[SIM_MUTATIONS_MAX];
    int mutation_count;

    int uploads, post_per_minute, get_per_minute, max_attempts, canary, max_credits; /* -1: none */
    int max_month;                                                                   /* likewise */
    int price_tenths;    /* of a page, in tenths of a credit */
    double budget_again; /* how often a person says so */
    int max_resends;
    int64_t give_up_ms;
    bool hold, even, count_pages;
    const char *order;
    int64_t job_typical_ms, latency_ms;

    struct sim_webhooks webhooks;
    struct sim_restoring lives;
    struct sim_faults faults;
    bool faultless; /* nothing of the above faults, and no crash */
    int64_t crash_points[SIM_CRASHES_MAX];
    int crash_count;
    /* The disk is full (or its writes fail on sync) from .. to; to 0: never. */
    int64_t disk_from_ms, disk_to_ms;
    int disk_after_results; /* from when so many were written, and for as long; 0: by the clock */
    bool disk_sync_fails, disk_nearly_full; /* nearly: small writes fit, a reserve doesn't */
    int sync_ms;                            /* so long the disk takes for each sync */
    struct sim_trouble trouble;             /* error 0: never */
    int64_t patience_ms;                    /* input.patience */
    int64_t api_patience_ms;
    struct sim_retry retries[SIM_RETRIES_MAX];
    int retry_count;
    int settings; /* how many the ledger's documents have: 1 or 2 */
    bool beside;  /* a neighbour runs now and then: another ledger under the same key */
    int64_t beside_crash_at[SIM_CRASHES_MAX]; /* of its runs: 0: it doesn't die */
    bool other_model; /* that is what they differ in; or else in an option */
    /* The process is stopped there for so long, and goes on: Ctrl-Z, a suspended machine. */
    int64_t pause_at_step, pause_ms;
    enum sim_pause pause_where;
    int64_t stop_at_step; /* Ctrl-C in the first run; 0: none */
    bool stop_twice;
    bool dismisses; /* a person does, between runs */
    struct sim_slow_ledger slow_ledger;
};

void scenario_draw(struct scenario *s, uint64_t seed);
/* S's ledger is another machine's, whether or not that was drawn. */
void scenario_slow_ledger(struct scenario *s);
/* For people. */
void scenario_print(const struct scenario *s);

/* A trait of a content that holds with chance P, always the same for a seed.
 * WHICH names the trait. */
bool scenario_trait(const struct scenario *s, int content, int which, double p);
int scenario_pages(const struct scenario *s, int content);

#endif
