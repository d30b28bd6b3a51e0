/* part_fixture.h - what a part of a run is given (run_context.h), made by hand, so that it can be
 * tested without the others.
 *
 *   struct part p;
 *   part_open(&p);
 *   struct learn *l = learn_new(&p.context, journal);
 *   ... part_pass(&p, 15000); learn_before_commit(l, part_now(&p)); ...
 *   part_close(&p);
 *
 * The ledger is a real one in a directory of its own (ledger_fixture.h), and so is the run's ending.
 * The clock stands until part_pass(); the loop (fake_loop.h) and the client (fake_client.h) do
 * what they are told. */
#ifndef MB_TESTS_BATCH_PART_FIXTURE_H
#define MB_TESTS_BATCH_PART_FIXTURE_H

#include "base/log.h"
#include "batch/ending.h"
#include "fake_client.h"
#include "fake_loop.h"
#include "ledger_fixture.h"
#include "record.h"

struct part {
    struct fixture *ledger; /* ledger->l is context.ledger */
    struct batch_options options;
    char output[96];
    struct run_context context;
    struct ending *ending;
};

enum { PART_START_MS = 1000000 /* the clock's, of both kinds */ };

/* The options: 4 uploads, no canary, no budget, nothing limited, polls after 2 s and then every
 * second, given up after an hour; 5 attempts, 1 s apart and up to a minute; resent out of doubt
 * after 10 s. */
void part_open(struct part *p);
void part_close(struct part *p);

void part_pass(struct part *p, int64_t ms);
struct mono part_now(const struct part *p);
struct mono part_at(int64_t ms); /* so long after the start */
/* Whether a turn was asked for (run_poke) since the last call. */
bool part_poked(struct part *p);

/* What is logged from here on, down to LEVEL; taking it ends that. A line's stamp is left out:
 * "warning doc.failed doc=3 ...\n". */
void part_log(struct part *p, enum log_level level);
const char *part_log_take(struct part *p);

#endif
