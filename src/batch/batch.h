/* batch.h - one run over a batch: everything between a list of paths and a result for each
 * document.
 *
 *   batch_options_read(&options, config, paths, n, &e);          options.h
 *   batch_new(&b, loop, &options, &e);      opens the output directory, the ledger, the limiter's
 * memory, the client batch_start(b, ended, ctx);             works on the loop; ENDED comes once,
 * when all is committed and closed batch_stop(b, BATCH_DRAIN);             stop admitting, finish
 * what is on the wire; again with BATCH_NOW: at once batch_free(b);                          after
 * ENDED, or after a batch_new that wasn't started
 *
 * Nothing waits for the end: results appear in results/ as they are stored. Whatever interrupts it,
 * the same command goes on where it was. */
#ifndef MB_BATCH_BATCH_H
#define MB_BATCH_BATCH_H

#include "batch/options.h"
#include "ledger/ledger.h"
#include "net/loop.h"

struct batch;

/* Exit codes of CONTRACT. */
enum batch_exit {
    EXIT_ALL_STORED = 0,
    EXIT_SOME_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_LEDGER = 3,
    EXIT_REFUSED = 4,
    EXIT_RESUMABLE = 5,
};
/* The exit code that an error of batch_new (or of another command's start) means. */
int exit_code_of(const struct error *e);

MUST_CHECK int batch_new(struct batch **out, struct loop *loop, const struct batch_options *options,
                         struct error *e);
/* COMMITTED(ctx, results) after each commit, from within the turn: RESULTS new results are durable
 * (fewer, if some were known already). It may read the ledger, and write to it what the next commit
 * shall take along. Before batch_start. */
void batch_on_commit(struct batch *b, void (*committed)(void *ctx, int64_t results), void *ctx);
void batch_start(struct batch *b, void (*ended)(void *ctx), void *ctx);

enum batch_stop { BATCH_DRAIN, BATCH_NOW };
void batch_stop(struct batch *b, enum batch_stop how);

/* Reads what may change again: the receiver's certificate (SIGHUP). */
void batch_reload(struct batch *b);

/* After ENDED: the exit code, and why it ended early: one sentence with the way out, "" if it ran
 * to its end. */
int batch_exit_code(const struct batch *b);
const char *batch_reason(const struct batch *b);
struct ledger *batch_ledger(struct batch *b);
void batch_free(struct batch *b);

/* What holds it up; several can hold at once. The names are batch_pause_names, in the order of the
 * bits. */
enum batch_pause {
    PAUSE_RATE = 1 << 0,    /* the POSTs of this minute are used up */
    PAUSE_UPLOADS = 1 << 1, /* limits.uploads are out */
    PAUSE_JOBS = 1 << 2,    /* as many jobs in flight as the GETs can cover */
    PAUSE_SERVICE = 1 << 3, /* the service is down: one probe at a time */
    PAUSE_CANARY = 1 << 4,  /* the first uploads' answers are awaited */
    PAUSE_BUDGET = 1 << 5,  /* limits.max_credits */
    PAUSE_STOPPING = 1 << 6,
};
enum { BATCH_PAUSES = 7 };
extern const char *const batch_pause_names[BATCH_PAUSES];

struct batch_progress {
    int64_t files, documents, by_state[DOC_STATE_COUNT];
    bool walking;          /* there may be more files */
    int uploads_out, jobs; /* on the wire; being processed */
    int64_t stored_now;    /* stored by this run */
    unsigned pauses;
    double post_limit; /* a minute, 0: none */
    int64_t eta_ms;    /* -1: can't say yet */
    struct mono started;
};
void batch_progress(struct batch *b, struct batch_progress *p);

#endif
