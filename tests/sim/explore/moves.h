/* moves.h - all that can happen next: at Mindee, on the wire, in the run, to it, and by people.
 *
 *   for (size_t i = 0; i < moves_count; i++)
 *       for (int attempt = ...)           moves[i].of_attempt: once for each, else once with 0
 *           if (move_is_possible(...))
 *               move_make(...)
 */
#ifndef MB_SIM_EXPLORE_MOVES_H
#define MB_SIM_EXPLORE_MOVES_H

#include "driver.h"

struct move {
    uint8_t kind, attempt; /* 0: of none */
};

enum move_kind {
    /* Mindee's */
    MOVE_ARRIVES,
    MOVE_JOB_DONE,
    MOVE_JOB_FAILS_422,
    MOVE_JOB_FAILS_500,
    MOVE_JOB_EXPIRES,
    /* an upload's end */
    MOVE_NOT_SENT,
    MOVE_CUT_SHORT,
    MOVE_SOURCE_CHANGED,
    MOVE_ANSWER_429,
    MOVE_ANSWER_500,
    MOVE_ANSWER_400,
    MOVE_ANSWER_401,
    MOVE_NO_ANSWER,
    MOVE_ANSWER_202,
    MOVE_UNREADABLE_202,
    /* a poll's answer */
    MOVE_POLL_RUNS,
    MOVE_POLL_READY,
    MOVE_POLL_FAILED,
    MOVE_POLL_404_FRESH,
    MOVE_POLL_404,
    MOVE_POLL_AGAIN,
    MOVE_POLL_GIVES_UP,
    MOVE_POLL_FOREIGN,
    MOVE_POLL_401,
    /* a fetch's */
    MOVE_FETCH_RESULT,
    MOVE_FETCH_INVALID,
    MOVE_FETCH_404,
    MOVE_FETCH_AGAIN,
    MOVE_FETCH_GIVES_UP,
    MOVE_FETCH_FOREIGN,
    MOVE_FETCH_401,
    MOVE_WEBHOOK,
    /* the run's own */
    MOVE_START,
    MOVE_CRASH,
    MOVE_COMMIT,
    MOVE_COMMIT_STOPPED,
    MOVE_TAKE_UP,
    MOVE_ADMIT,
    MOVE_SOURCE_GONE,
    MOVE_SEND_GET,
    MOVE_RESEND,
    MOVE_CANARY,
    /* people's */
    MOVE_RETRY,
    MOVE_DISMISS,
    MOVE_FILE_AGAIN,
    MOVE_FOUND,
    MOVE_COUNT
};

extern const char *const move_names[MOVE_COUNT];

bool move_is_of_attempt(enum move_kind kind);
bool move_is_possible(const struct rules *rules, const struct life *life, struct move m);
/* The move must be possible. What it breaks goes to C. */
void move_make(const struct rules *rules, const struct life *before, struct move m,
               struct life *after, struct complaint *c);

#endif
