/* world.h - what outlives the simulated process: the clock, the server's own record, the state of
 * the input files. It is in memory shared with the forked children in
 * which the runs live and die. */
#ifndef MB_SIM_WORLD_H
#define MB_SIM_WORLD_H

#include "base/random.h"
#include "scenario.h"

#include <semaphore.h>
#include <stddef.h>

#define SIM_MODEL       "11111111-1111-4111-8111-111111111111"
#define SIM_OTHER_MODEL "22222222-2222-4222-8222-222222222222"
#define SIM_WEBHOOK     "33333333-3333-4333-8333-333333333333"

enum {
    SIM_JOBS_MAX = 2000,
    SIM_REQUESTS_MAX = 20000,
    SIM_DELIVERIES_MAX = 3 * SIM_JOBS_MAX,
    SIM_ALIAS_MAX = 64,
    SIM_KEY_WINDOW_MS = 60000,
    SIM_SCRIPT_ATTEMPTS = 8,
    SIM_NAMED_MAX = 400,
    SIM_PERIODS_MAX = 64,
    SIM_VERSIONS_MAX = 400,
    SIM_DOCUMENTS_MAX = 2 * SIM_FILES_MAX + 64
};

enum sim_job_end { JOB_END_RESULT, JOB_END_422, JOB_END_500 };

/* An upload that the server accepted. */
struct sim_job {
    char id[37], alias[SIM_ALIAS_MAX];
    int ledger; /* document is a number of that one */
    int content, attempt, settings;
    int64_t document;
    int64_t accepted_ms, done_ms; /* done_ms: INT64_MAX while it never ends */
    enum sim_job_end end;
    bool answered;   /* its 202 reached the client */
    bool unreadable; /* so did that one, without its id */
    bool deleted;    /* fetched, with Delete When Fetched */
    bool expired;    /* by a script */
    bool served;     /* its result reached the client whole */
    bool spoiled;    /* its result was broken off or garbled at least once */
    bool seen_early; /* asked for, and denied, before its replica caught up */
    bool told;       /* that it failed, by a webhook */
    bool said;       /* the same, by a poll's answer */
    bool forgotten;  /* the ledger that was put back has no attempt of it */
};

/* A webhook's delivery, again and again until it is taken. */
enum sim_delivery_kind {
    DELIVERY_OF_JOB,
    DELIVERY_STRANGER,         /* a result of another ledger: our numbers, another nonce */
    DELIVERY_STRANGER_FAILURE, /* likewise a failure */
    DELIVERY_FALSE_FAILURE, /* our very alias, and a failure that the job on record didn't have */
    DELIVERY_NAMESAKE,      /* our very alias, and another job than the one that is on record */
    DELIVERY_NONSENSE,      /* signed, and no payload that anybody knows */
    DELIVERY_KINDS
};
struct sim_delivery {
    enum sim_delivery_kind kind;
    int job;          /* in jobs: its own, or the one that it is made to look like */
    char id[37];      /* a stranger's job */
    int64_t after_ms; /* the job's end */
    int64_t at_ms;    /* of the next try; 0: there was none yet */
    int tries;
    bool in_hand; /* no answer yet */
    bool over;
};

/* One that is closed (scheduled.h): the close, and what belonged to it then. */
struct sim_period {
    char name[12];
    bool seen;
    int64_t event;
    uint64_t files, numbers;
};

struct sim_post {
    int ledger, content, pages, attempt, settings;
    int64_t document;
    char alias[SIM_ALIAS_MAX];
};

/* A run, and what its process has to say to the parent. */
struct sim_run {
    int canary;         /* the limits.canary that holds */
    bool ended;         /* by itself */
    bool nothing_there; /* when it ended: no file that runs with its settings would find */
    int exit_code;
    char reason[600];
    int64_t crash_points, steps; /* passed so far */
};

/* The ledger, since it was put back from a copy last (lives.h). */
struct sim_lives {
    bool copied;                  /* once at least */
    bool known;                   /* a run was under way: limits.state has heard of the ledger */
    int words;                    /* `ledger restored --yes` since the copy was made */
    int sent, sent_at_copy;       /* uploads begun; until the copy was made */
    int count;                    /* of `ledger restored --yes` */
    int64_t restored_ms;          /* then; 0: never */
    bool held[SIM_DOCUMENTS_MAX]; /* documents that were open in it */
    bool asked, asked_more;       /* for a retry, since; of others than those in doubt, ever */
};

/* Processes that share the time: the one whose next event is the earliest goes on, the others wait
 * (relay.c). */
struct relay {
    sem_t turn[SIM_LEDGERS];
    bool on[SIM_LEDGERS];
    int64_t at_ms[SIM_LEDGERS];
};

struct world {
    const struct scenario *scenario;
    int64_t mono_ms;
    struct random random; /* the server's dice */
    char directory[128];  /* of this seed's files, ledger and results */

    bool healed;  /* the faults are over */
    int mutated;  /* how many of the scenario's changes have happened */
    int versions; /* of input files written so far: each has a stamp of its own */
    int64_t born_ms[SIM_VERSIONS_MAX], stamped_ms[SIM_VERSIONS_MAX]; /* when: the file; it */
    int64_t copied_ms[SIM_VERSIONS_MAX]; /* when it was moved to another file system */
    bool vanished[SIM_FILES_MAX];
    int content[SIM_FILES_MAX]; /* as it is now */

    struct sim_job jobs[SIM_JOBS_MAX];
    int job_count;
    int64_t post_ms[SIM_REQUESTS_MAX], get_ms[SIM_REQUESTS_MAX]; /* when the server saw them */
    int post_count, get_count, answered_429;
    struct sim_delivery deliveries[SIM_DELIVERIES_MAX];
    int delivery_count, tries_count, taken_count;
    struct sim_lives lives;

    /* Files that come and go (comings.h). */
    bool came[SIM_COMINGS_MAX];
    int strange; /* files of somebody else's, ever */
    struct {
        char name[80], path[200], period[12];
        bool left;          /* the counts: it may come back in another period */
    } named[SIM_NAMED_MAX]; /* by the file book's row */
    struct sim_period periods[SIM_PERIODS_MAX];

    /* While a script is played: its next line, and the uploads by their attempts. */
    bool is_scripted;
    int script_at;
    struct sim_post scripted[SIM_SCRIPT_ATTEMPTS + 1];

    int64_t stopped_from_ms, stopped_to_ms; /* the process, last, while it listened for webhooks */

    /* The children's words to the parent: by ledger. */
    struct sim_run runs[SIM_LEDGERS];
    struct relay relay;
    bool disk_failed; /* some write did, in some run */
    int results_written;
    int64_t disk_began_ms; /* where results began it; 0: not yet */
    bool doubt_retried;    /* a person asked for it, once at least */
    char failure[1000];
};

/* Notes why the seed fails, once; a child then ends at once. */
void world_fail(struct world *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
extern bool world_in_child, world_verbose;
/* The output directory of a ledger's runs. */
void world_output(const struct world *w, int ledger, char *out, size_t size);

/* --- the time that several processes share (relay.c) --- */

/* The parent's: nobody is on; I will be, from AT_MS; all go, the earliest first; I's process, whose
 * turn it was, is no more. */
void relay_init(struct relay *r);
void relay_enter(struct relay *r, int i, int64_t at_ms);
void relay_begin(struct relay *r);
void relay_leave(struct relay *r, int i);
/* The children's: I waits for its first turn; its next event is at AT_MS, and others whose own are
 * earlier go first. */
void relay_first(struct relay *r, int i);
void relay_wait(struct relay *r, int i, int64_t at_ms);

/* --- input files (inputs.c) --- */
void inputs_make(struct world *w);
/* No file is there that runs with those settings would find. */
bool inputs_are_gone(const struct world *w, int settings);
/* FILE goes, as the scenario's next change of that sort says. False: there is none left. */
bool inputs_go_in_doubt(struct world *w, int file);
/* Applies what is due; true if something changed. */
bool inputs_change(struct world *w, int64_t now_ms, bool all);
/* The directory that runs with those settings (or the neighbour's) read. */
void inputs_directory(const struct world *w, int settings, char *out, size_t size);
void inputs_path(const struct world *w, int file, char *out, size_t size);
/* Number of the content and its pages, from a file's own bytes; -1: it isn't there, or no PDF. */
int inputs_content_of(const char *path, int *pages);
/* It is there from now on. */
void inputs_come(struct world *w, int file);
/* When the file was made on its file system; -1: it isn't one of these. */
int64_t inputs_came_ms(const struct world *w, const char *path);
/* A file with that content, written anew or (OVER) renamed to its place. */
void inputs_write(struct world *w, const char *path, int content, enum sim_file_kind kind,
                  bool over);
void inputs_stamp(struct world *w, const char *path);

/* --- the server (fake_server.c) --- */

enum sim_verdict {
    VERDICT_ACCEPTED,
    VERDICT_429,
    VERDICT_401,
    VERDICT_REFUSED,  /* 422 about this file */
    VERDICT_OWN_5XX,  /* not accepted, and says so */
    VERDICT_GATEWAY,  /* 502 or the like; accepted or not */
    VERDICT_BROKEN,   /* no answer; accepted or not */
    VERDICT_NO_JOB_ID /* 202, accepted, without the id */
};

/* An upload arrives at AT_MS; *JOB: what it became, or NULL. */
enum sim_verdict server_post(struct world *w, int64_t at_ms, const struct sim_post *post,
                             struct sim_job **job);
/* It is taken, whatever else happens. */
struct sim_job *server_accept(struct world *w, int64_t at_ms, const struct sim_post *post);
/* A POST that never was complete: it counts all the same. */
void server_cut_post(struct world *w, int64_t at_ms);
/* A GET arrives: 0 if it may go on, or the status that it is refused with. */
int server_get(struct world *w, int64_t at_ms);
struct sim_job *server_job(struct world *w, const char *id);
bool sim_job_is_of(const struct sim_job *job, int ledger, int64_t document);
/* The disk's trouble is on; until when. */
bool world_disk_fails(const struct world *w);
int64_t world_disk_until(const struct world *w);
/* A result was renamed to its place. */
void world_result_written(struct world *w);
bool server_chance(struct world *w, double p); /* false once healed */
bool server_outage(const struct world *w, int64_t at_ms, enum sim_outage_kind *kind);
/* As seen from the outside at AT_MS. */
bool server_job_is_gone(struct world *w, struct sim_job *job, int64_t at_ms);
bool server_result_is_gone(struct world *w, struct sim_job *job, int64_t at_ms);
/* The result's bytes: always the same for a job. Returns the length. */
int server_result(const struct world *w, const struct sim_job *job, char *out, size_t size);
/* Those of a stranger's job that looks like JOB. */
int server_result_of(const struct world *w, const struct sim_job *job, const char *id,
                     const char *alias, int content, char *out, size_t size);
/* No more faults: all jobs come to their end. */
void server_heal(struct world *w);

/* --- its webhooks (fake_webhooks.c) --- */

/* JOB was accepted: plans what is delivered for it. */
void webhooks_plan(struct world *w, const struct sim_job *job);
/* Of JOB, which is over: one more, now. */
void webhooks_deliver(struct world *w, const struct sim_job *job);
/* ... and then. */
void webhooks_deliver_at(struct world *w, const struct sim_job *job, int64_t at_ms);
/* A run begins: what came while nobody listened is over or comes again; from here on the fake
 * receiver gets the rest. */
void webhooks_begin(struct world *w);
/* DOCUMENT is about to be sent: what came for it while the process was stopped has been read. */
void webhooks_check_read(struct world *w, int64_t document);

/* --- the fake client (fake_mindee.c) --- */

/* World, and number and path of the ledger, for the client about to be made. */
void fake_mindee_setup(struct world *w, int ledger, const char *ledger_path);
/* The ledger as it is on the disk; NULL: there is no client any more. */
struct durable *fake_mindee_durable(void);
struct mindee_client;
struct mindee_client *fake_mindee_client(void);
/* The script is over: what it left unanswered goes on. */
void fake_mindee_release(void);
/* The process dies: what was on the wire arrives, or doesn't. */
void fake_mindee_crash(void);

/* --- the machine (quiet_system.c) --- */

/* The errno that a step towards an input file or directory fails with just now; 0: none. */
enum system_step { STEP_LOOK, STEP_OPEN, STEP_READ };
int system_trouble(const char *path, enum system_step step);
/* stat() that no trouble touches. */
struct stat;
int system_stat(const char *path, struct stat *st);

/* Where a crash could happen; counts, and ends the process when its time has come. */
void crash_point(void);
_Noreturn void system_die(void);                                  /* now */
void crash_arm(struct world *w, struct sim_run *run, int64_t at); /* 0: never */
void system_random_seed(uint64_t seed);                           /* of getrandom() */

#endif
