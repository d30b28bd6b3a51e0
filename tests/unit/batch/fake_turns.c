/* See fake_turns.h. */
#include "fake_turns.h"

#include "record.h"

#include <stdlib.h>

struct admit *fake_admit;
struct recover *fake_recover;
struct retry *fake_retry;

/* --- admit.h --- */

struct admit *admit_new(struct run_context *c, const struct upload_neighbours *with,
                        struct send_queue *queue, struct upload *upload, struct spending *spending)
{
    (void)c, (void)with, (void)queue, (void)upload, (void)spending;
    struct admit *a = xcalloc(1, sizeof *a);
    a->next = MONO_NEVER;
    return fake_admit = a;
}

void admit_free(struct admit *a)
{
    free(a);
    fake_admit = NULL;
}

void admit_turn(struct admit *a, struct mono now)
{
    (void)a, (void)now;
    record("turn_admit");
}

struct mono admit_next(struct admit *a, struct mono now)
{
    (void)now;
    return a->next;
}

bool admit_busy(const struct admit *a)
{
    return a->busy;
}

unsigned admit_pauses(const struct admit *a)
{
    return a->pauses;
}

bool admit_tries_later(const struct admit *a)
{
    return a->tries_later;
}

uint32_t admit_wanted(const struct admit *a)
{
    return a->wanted;
}

/* --- recover.h --- */

struct recover *recover_new(struct run_context *c, struct ending *ending, struct journal *journal,
                            struct flights *flights, struct pace *pace)
{
    (void)pace;
    struct recover *r = xcalloc(1, sizeof *r);
    *r = (struct recover){
        .next = MONO_NEVER, .context = c, .ending = ending, .journal = journal, .flights = flights};
    return fake_recover = r;
}

void recover_free(struct recover *r)
{
    free(r);
    fake_recover = NULL;
}

void recover_start(struct recover *r)
{
    (void)r;
    record("start_recover");
}

void recover_turn(struct recover *r, struct mono now)
{
    (void)r, (void)now;
    record("turn_recover");
}

struct mono recover_next(struct recover *r, struct mono now)
{
    (void)now;
    return r->next;
}

bool recover_busy(const struct recover *r)
{
    return r->busy;
}

/* --- retry.h --- */

struct retry *retry_new(struct run_context *c, struct ending *ending, struct journal *journal,
                        struct flights *flights, struct find *find)
{
    (void)c, (void)ending, (void)journal, (void)flights, (void)find;
    struct retry *r = xcalloc(1, sizeof *r);
    r->next = MONO_NEVER;
    return fake_retry = r;
}

void retry_free(struct retry *r)
{
    free(r);
    fake_retry = NULL;
}

void retry_start(struct retry *r)
{
    (void)r;
    record("start_retry");
}

void retry_turn(struct retry *r, struct mono now)
{
    (void)r, (void)now;
    record("turn_retry");
}

struct mono retry_next(const struct retry *r, struct mono now)
{
    (void)now;
    return r->next;
}

bool retry_busy(const struct retry *r)
{
    return r->busy;
}

void retry_ask(struct retry *r, const struct batch_retry *what, retry_taken_fn *taken, void *ctx,
               void *who)
{
    (void)r, (void)what;
    record("ask_retry");
    taken(ctx, who, 0, "");
}

bool retry_looks(const struct retry *r)
{
    (void)r;
    return false;
}
