/* The parts of a run: see run_internal.h, and run.c for what they answer. */
#include "batch/run_internal.h"

#include <string.h>

#define TURN(part)                                                                                 \
    static void part##_has_turn(void *self, struct mono now)                                       \
    {                                                                                              \
        part##_turn(self, now);                                                                    \
    }
#define NEXT(part)                                                                                 \
    static struct mono part##_has_next(void *self, struct mono now)                                \
    {                                                                                              \
        return part##_next(self, now);                                                             \
    }
#define BUSY(part)                                                                                 \
    static bool part##_is_busy(void *self)                                                         \
    {                                                                                              \
        return part##_busy(self);                                                                  \
    }
/* clang-format off */
TURN(find) NEXT(find) BUSY(find)
TURN(recover) NEXT(recover) BUSY(recover)
TURN(retry) NEXT(retry) BUSY(retry)
TURN(pace) NEXT(pace)
TURN(admit) NEXT(admit) BUSY(admit)
TURN(spending) NEXT(spending)
TURN(suspects)
TURN(publish) NEXT(publish) BUSY(publish)
TURN(move) NEXT(move) BUSY(move)
TURN(gets) NEXT(gets) BUSY(gets)
TURN(upload) NEXT(upload) BUSY(upload)
TURN(hearing) NEXT(hearing)
BUSY(poll) BUSY(fetch)
NEXT(receive) BUSY(receive)
NEXT(flights) BUSY(flights)
NEXT(ending)

/* In the order of a turn. What costs a look into the ledger to know comes last. */
static void list_parts(struct batch *b)
{
    const struct part parts[PARTS] = {
        {b->find, BEFORE_COMMIT, find_has_turn, find_has_next, find_is_busy},
        {b->recover, BEFORE_COMMIT, recover_has_turn, recover_has_next, recover_is_busy},
        {b->retry, BEFORE_COMMIT, retry_has_turn, retry_has_next, retry_is_busy},
        {b->pace, BEFORE_COMMIT, pace_has_turn, pace_has_next, NULL},
        {b->admit, BEFORE_COMMIT, admit_has_turn, admit_has_next, NULL},
        {b->suspects, BEFORE_COMMIT, suspects_has_turn, NULL, NULL},
        {b->spending, BEFORE_COMMIT, spending_has_turn, spending_has_next, NULL},
        {b->publish, WHEN_DURABLE, publish_has_turn, publish_has_next, publish_is_busy},
        {b->move, WHEN_DURABLE, move_has_turn, move_has_next, move_is_busy},
        {b->gets, LAST, gets_has_turn, gets_has_next, gets_is_busy},
        {b->upload, LAST, upload_has_turn, upload_has_next, upload_is_busy},
        {b->hearing, LAST, hearing_has_turn, hearing_has_next, NULL},
        {b->poll, LAST, NULL, NULL, poll_is_busy},
        {b->fetch, LAST, NULL, NULL, fetch_is_busy},
        {b->flights, LAST, NULL, flights_has_next, flights_is_busy},
        {b->ending, LAST, NULL, ending_has_next, NULL},
        {b->receive, LAST, NULL, receive_has_next, receive_is_busy},
        {b->admit, LAST, NULL, NULL, admit_is_busy},
    };
    memcpy(b->parts, parts, sizeof parts);
}
/* clang-format on */

void run_take_turns(struct batch *b, enum phase phase, struct mono now)
{
    for (const struct part *p = b->parts; p < b->parts + PARTS; p++)
        if (p->turn && p->phase == phase)
            p->turn(p->self, now);
}

bool run_has_work(struct batch *b)
{
    for (const struct part *p = b->parts; p < b->parts + PARTS; p++)
        if (p->busy && p->busy(p->self))
            return true;
    return b->context.options->mode == RUN_STAYS && !ending_has_begun(b->ending);
}

struct mono run_next_wake(struct batch *b, struct mono now)
{
    struct mono at = MONO_NEVER;
    bool down = journal_down(b->journal);
    bool waits = down || !run_is_durable(b); /* what has its turn when all is durable has none */
    for (const struct part *p = b->parts; p < b->parts + PARTS; p++)
        if (p->next && !(waits && p->phase == WHEN_DURABLE))
            at = mono_min(at, p->next(p->self, now));
    if (journal_out(b->journal)) /* its end wakes the run */
        return at;
    if (down)
        at = mono_min(at, mono_max(journal_next(b->journal), mono_add(now, 1)));
    else if (run_waits_for_commit(b))
        at = mono_min(at, mono_max(b->commit_at, mono_add(now, 1)));
    return at;
}

static void make_parts(struct batch *b)
{
    struct run_context *c = &b->context;
    const struct batch_options *o = c->options;
    b->ending = ending_new(c);
    b->journal = journal_new(c, b->ending);
    b->flights = flights_new(c, b->ending, b->journal);
    b->pace = pace_new(c, b->ending);
    b->answers = answers_new(b->ending, b->pace);
    /* a retry is asked for: all of it may go */
    b->suspects = suspects_new(b->ending, b->flights, o->retrying ? 0 : o->canary);
    b->queue = send_queue_new(c, b->ending, b->flights);
    b->publish = publish_new(c, b->ending, b->journal);
    b->move = move_new(c, b->ending, b->journal, b->flights, b->suspects);
    const struct find_neighbours find = {.ending = b->ending,
                                         .journal = b->journal,
                                         .flights = b->flights,
                                         .queue = b->queue,
                                         .publish = b->publish,
                                         .move = b->move};
    b->find = find_new(c, &find);
    const struct upload_neighbours with = {.ending = b->ending,
                                           .journal = b->journal,
                                           .flights = b->flights,
                                           .pace = b->pace,
                                           .answers = b->answers,
                                           .suspects = b->suspects,
                                           .find = b->find};
    b->upload = upload_new(c, &with);
    b->receive = receive_new(c, &with, b->upload);
    b->poll = poll_new(c, &with, b->receive);
    b->fetch = fetch_new(c, &with);
    b->check = endpoint_check_new(c, b->ending, b->pace);
    b->recover = recover_new(c, b->ending, b->journal, b->flights, b->pace);
    b->retry = retry_new(c, b->ending, b->journal, b->flights, b->find);
    const struct spending_neighbours spending = {.ending = b->ending,
                                                 .journal = b->journal,
                                                 .flights = b->flights,
                                                 .find = b->find,
                                                 .recover = b->recover,
                                                 .retry = b->retry};
    b->spending = spending_new(c, &spending);
    b->admit = admit_new(c, &with, b->queue, b->upload, b->spending);
    b->hearing = hearing_new(c, &with, b->admit);
    b->by_hand = by_hand_new(c, b->ending, b->journal, b->flights, b->retry);
    b->learn = learn_new(c, b->journal);
    b->remember = remember_new(c, b->ending);
}

/* Those that tie the others together. */
static void tie_parts(struct batch *b)
{
    const struct gets_neighbours gets = {.ending = b->ending,
                                         .journal = b->journal,
                                         .flights = b->flights,
                                         .pace = b->pace,
                                         .publish = b->publish,
                                         .upload = b->upload,
                                         .poll = b->poll,
                                         .fetch = b->fetch,
                                         .check = b->check};
    b->gets = gets_new(&gets);
    const struct release_neighbours release = {.flights = b->flights,
                                               .pace = b->pace,
                                               .queue = b->queue,
                                               .publish = b->publish,
                                               .move = b->move,
                                               .find = b->find,
                                               .upload = b->upload,
                                               .receive = b->receive,
                                               .poll = b->poll,
                                               .fetch = b->fetch,
                                               .admit = b->admit,
                                               .recover = b->recover,
                                               .retry = b->retry};
    b->release = release_new(&release);
    list_parts(b);
}

void run_make_parts(struct batch *b)
{
    make_parts(b);
    tie_parts(b);
}

void run_free_parts(struct batch *b)
{
    release_free(b->release);
    gets_free(b->gets);
    by_hand_free(b->by_hand);
    learn_free(b->learn);
    remember_free(b->remember);
    retry_free(b->retry);
    recover_free(b->recover);
    hearing_free(b->hearing);
    admit_free(b->admit);
    spending_free(b->spending);
    endpoint_check_free(b->check);
    fetch_free(b->fetch);
    poll_free(b->poll);
    receive_free(b->receive);
    upload_free(b->upload);
    find_free(b->find);
    move_free(b->move);
    publish_free(b->publish);
    send_queue_free(b->queue);
    suspects_free(b->suspects);
    answers_free(b->answers);
    flights_free(b->flights);
    journal_free(b->journal);
    pace_free(b->pace);
    ending_free(b->ending);
}
