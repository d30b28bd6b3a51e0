/* run_internal.h - a run, for the files that make it up:
 *
 *   run.c          its life, and its turn
 *   run_parts.c    its parts: made, tied together, asked in order, freed
 *   run_commit.c   what a turn commits, and what is released then
 *   run_end.c      how it ends
 *   run_snapshot.c how it stands */
#ifndef MB_BATCH_RUN_INTERNAL_H
#define MB_BATCH_RUN_INTERNAL_H

#include "batch/batch.h"
#include "batch/by_hand.h"
#include "batch/gets.h"
#include "batch/learn.h"
#include "batch/release.h"
#include "batch/remember.h"
#include "batch/spending.h"

enum { TURN_MS = 20 }; /* one commit for what happens within it */

enum { PARTS = 18 };

/* When a part has its turn. */
enum phase { BEFORE_COMMIT, WHEN_DURABLE, LAST };

/* A part as the run sees it; what it has no answer to is NULL. */
struct part {
    void *self;
    enum phase phase;
    void (*turn)(void *self, struct mono now);
    struct mono (*next)(void *self, struct mono now);
    bool (*busy)(void *self);
};

struct batch {
    struct run_context context;
    struct ending *ending;
    struct journal *journal;
    struct flights *flights;
    struct pace *pace;
    struct answers *answers;
    struct suspects *suspects;
    struct send_queue *queue;
    struct publish *publish;
    struct move *move;
    struct find *find;
    struct upload *upload;
    struct receive *receive;
    struct poll *poll;
    struct fetch *fetch;
    struct endpoint_check *check;
    struct gets *gets;
    struct spending *spending;
    struct admit *admit;
    struct hearing *hearing;
    struct recover *recover;
    struct retry *retry;
    struct release *release;
    struct by_hand *by_hand;
    struct learn *learn;
    struct remember *remember;

    struct part parts[PARTS];
    struct loop_turn *turn;
    struct mono commit_at; /* not before */
    struct mono commit_began;
    struct mono started_at;
    bool started;
    bool by_budget;    /* it has ended, and that is why */
    int closing_parts; /* client, receiver */
    void (*ended)(void *ctx);
    void *ended_ctx;
};

/* --- run_parts.c --- */

void run_make_parts(struct batch *b);
void run_free_parts(struct batch *b);
void run_take_turns(struct batch *b, enum phase phase, struct mono now);
bool run_has_work(struct batch *b);
struct mono run_next_wake(struct batch *b, struct mono now);

/* --- run_commit.c --- */

bool run_waits_for_commit(const struct batch *b); /* for one that hasn't begun */
bool run_is_durable(const struct batch *b);       /* all that was noted */
/* Begins one, if one is due: what waits for it is released when it is durable. */
void run_begin_commit(struct batch *b, struct mono now);
bool run_commit_last(struct batch *b);    /* the run's last: waited for */
void run_see_to_storage(struct batch *b); /* it may be lost */

/* --- run_end.c --- */

void run_finish(struct batch *b);

#endif
