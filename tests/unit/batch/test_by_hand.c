/* What a person asks of a run at work: noted, and answered after the commit. The ledger is real;
 * flights, the journal and the socket are fakes. */
#include "batch/by_hand.h"
#include "batch/exit_code.h"
#include "control/control_server.h"
#include "fake_flights.h"
#include "fake_notes.h"
#include "ledger/document_ledger.h"
#include "part_fixture.h"

#include <stdlib.h>
#include <string.h>

/* --- the socket --- */

struct control_server {
    control_asked_fn *asked;
    void *ctx;
};
struct control_peer {
    int number;
};

static struct control_server server;
static bool closed, no_socket;

int control_server_open(struct control_server **out, struct loop *loop, const char *directory,
                        enum file_access a, control_asked_fn *asked, void *ctx, struct error *e)
{
    (void)loop, (void)directory, (void)a;
    if (no_socket)
        return error_set(e, ERR_IO, "no sockets here");
    server = (struct control_server){asked, ctx};
    *out = &server;
    return 0;
}

void control_server_close(struct control_server *s)
{
    closed = s != NULL;
}

void control_peer_answer(struct control_peer *peer, int exit_code, const char *text)
{
    record("answer %d exit=%d %s", peer->number, exit_code, text);
}

/* --- retry.h --- */

struct retry {
    int code;
    const char *words;
    bool looks, later;
    retry_taken_fn *taken; /* LATER */
    void *ctx, *who;
};

void retry_ask(struct retry *r, const struct batch_retry *what, retry_taken_fn *taken, void *ctx,
               void *who)
{
    record("retry failed=%d lost=%d paths=%zu", what->states[DOC_FAILED], what->states[DOC_LOST],
           what->path_count);
    r->taken = taken;
    r->ctx = ctx;
    r->who = who;
    if (!r->later)
        taken(ctx, who, r->code, r->words);
}

bool retry_looks(const struct retry *r)
{
    return r->looks;
}

/* --- the part --- */

struct asking {
    struct part part; /* first */
    struct journal journal;
    struct flights *flights;
    struct retry retry;
    struct by_hand *by_hand;
    int64_t failed, queued, in_doubt;
};

static int64_t end_as(struct asking *t, const char *name, enum attempt_outcome outcome,
                      enum doc_state state, enum doc_event_kind event)
{
    struct fixture *f = t->part.ledger;
    int64_t id = fixture_put(f, name, name, NULL);
    int attempt = fixture_submit(f, id);
    assert_ok(f->l, ledger_attempt_end(f->l, id, attempt, outcome, 0, NULL));
    fixture_step(f, id, DOC_SUBMITTING, state, event, attempt);
    return id;
}

static int setup(void **state)
{
    struct asking *t = calloc(1, sizeof *t);
    part_open(&t->part);
    t->part.options.control = true;
    t->part.options.output = t->part.ledger->directory;
    t->flights = flights_new(&t->part.context, t->part.ending, &t->journal);
    t->by_hand = by_hand_new(&t->part.context, t->part.ending, &t->journal, t->flights, &t->retry);
    t->failed = end_as(t, "failed", ATTEMPT_ANSWERED, DOC_FAILED, EV_REFUSED);
    t->in_doubt = end_as(t, "in-doubt", ATTEMPT_IN_DOUBT, DOC_IN_DOUBT, EV_DOUBT);
    t->queued = fixture_put(t->part.ledger, "queued", "queued", NULL);
    closed = no_socket = false;
    by_hand_open(t->by_hand);
    *state = t;
    return 0;
}

static int teardown(void **state)
{
    struct asking *t = *state;
    by_hand_close(t->by_hand);
    by_hand_free(t->by_hand);
    flights_free(t->flights);
    t->part.options.output = NULL;
    part_close(&t->part);
    free(t);
    return 0;
}

static struct control_peer peers[] = {{1}, {2}, {3}};

static void ask(int peer, const char *command, enum doc_state state, const char *path)
{
    struct control_request r = {.command = command, .note = "by hand"};
    char *paths[] = {(char *)path};
    r.states[state] = true;
    r.paths = paths;
    r.path_count = path != NULL;
    server.asked(server.ctx, &peers[peer - 1], &r);
}

static void noted_and_answered_when_durable(void **state)
{
    struct asking *t = *state;
    ask(1, "dismiss", DOC_FAILED, NULL);
    assert_recorded("step doc=1 failed failed dismiss attempts=0 attempt=1 by hand - -\n");
    assert_true(by_hand_holds(t->by_hand));
    ask(2, "dismiss", DOC_IN_DOUBT, NULL);
    assert_recorded("step doc=2 in_doubt in_doubt dismiss attempts=0 attempt=1 by hand - -\n");
    by_hand_seal(t->by_hand);
    by_hand_reply(t->by_hand, true);
    assert_recorded(
        "answer 1 exit=0 1 document is dismissed: `mindee-batch retry PATH` takes one up again\n"
        "answer 2 exit=0 1 document is dismissed: `mindee-batch retry PATH` takes one up again\n");
    assert_false(by_hand_holds(t->by_hand));
}

/* One that this run has in memory hears of it there. */
static void one_in_flight(void **state)
{
    struct asking *t = *state;
    fake_flight(t->flights, t->in_doubt, DOC_IN_DOUBT);
    ask(1, "dismiss", DOC_IN_DOUBT, NULL);
    assert_recorded("event doc=2 dismiss by hand - -\n");
    assert_true(by_hand_holds(t->by_hand));
}

/* Where files are read first, what they hold is durable too when the answer comes. */
static void a_retry_waits_for_its_files(void **state)
{
    struct asking *t = *state;
    t->retry = (struct retry){.words = "taken up", .looks = true};
    ask(1, "retry", DOC_LOST, "/data/failed");
    assert_recorded("retry failed=0 lost=1 paths=1\n");
    assert_false(by_hand_holds(t->by_hand));
    ask(2, "dismiss", DOC_FAILED, NULL);
    assert_recorded("step doc=1 failed failed dismiss attempts=0 attempt=1 by hand - -\n");
    assert_true(by_hand_holds(t->by_hand));
    by_hand_seal(t->by_hand);
    by_hand_reply(t->by_hand, true);
    assert_recorded(
        "answer 2 exit=0 1 document is dismissed: `mindee-batch retry PATH` takes one up again\n");
    t->retry.looks = false;
    assert_true(by_hand_holds(t->by_hand));
    by_hand_seal(t->by_hand);
    by_hand_reply(t->by_hand, true);
    assert_recorded("answer 1 exit=0 taken up\n");
}

/* What it names is looked at first: others are answered meanwhile, and a commit is none of it. */
static void a_retry_that_is_taken_later(void **state)
{
    struct asking *t = *state;
    t->retry = (struct retry){.later = true};
    ask(1, "retry", DOC_LOST, "/data/failed");
    ask(2, "retry", DOC_LOST, "/data/failed");
    void *second = t->retry.who;
    assert_recorded("retry failed=0 lost=1 paths=1\nretry failed=0 lost=1 paths=1\n");
    assert_false(by_hand_holds(t->by_hand));
    by_hand_seal(t->by_hand);
    by_hand_reply(t->by_hand, true);
    by_hand_reply(t->by_hand, false); /* it isn't done, and may never be */
    assert_recorded("");
    t->retry.taken(t->retry.ctx, &peers[0], EXIT_LEDGER, "");
    assert_recorded("answer 1 exit=3 the run that has the ledger is ending: run the same command "
                    "again in a moment\n");
    t->retry.taken(t->retry.ctx, second, 0, "taken up");
    assert_true(by_hand_holds(t->by_hand));
    by_hand_seal(t->by_hand);
    by_hand_reply(t->by_hand, true);
    assert_recorded("answer 2 exit=0 taken up\n");
}

static void a_retry_that_comes_too_late(void **state)
{
    struct asking *t = *state;
    t->retry = (struct retry){.later = true};
    ask(1, "retry", DOC_LOST, "/data/failed");
    assert_recorded("retry failed=0 lost=1 paths=1\n");
    by_hand_close(t->by_hand);
    assert_recorded("answer 1 exit=3 the run that has the ledger is ending: run the same command "
                    "again in a moment\n");
    t->retry.taken(t->retry.ctx, t->retry.who, 0, "taken up");
    assert_recorded("");
    assert_false(by_hand_holds(t->by_hand));
}

static void a_retry_that_cannot_be(void **state)
{
    struct asking *t = *state;
    static const char ending[] = "answer 1 exit=3 the run that has the ledger is ending: run the "
                                 "same command again in a moment\n";
    t->retry = (struct retry){.code = EXIT_USAGE, .words = "not there"};
    ask(1, "retry", DOC_FAILED, "/data/none");
    assert_recorded("retry failed=1 lost=0 paths=1\nanswer 1 exit=2 not there\n");
    const struct batch_retry own = {.all = true};
    t->part.options.retrying = &own;
    ask(1, "retry", DOC_FAILED, NULL);
    assert_recorded(ending);
}

/* What only receives webhooks ends, so that the retry can have its ledger. */
static void what_only_receives_makes_way(void **state)
{
    struct asking *t = *state;
    t->part.options.mode = RUN_RECEIVES;
    ask(1, "dismiss", DOC_LOST, NULL);
    assert_recorded("answer 1 exit=0 there was nothing to dismiss\n");
    assert_false(ending_has_begun(t->part.ending) || by_hand_made_way(t->by_hand));
    ask(1, "retry", DOC_FAILED, NULL);
    assert_recorded("answer 1 exit=3 a service is taking webhooks: it makes way, run the same "
                    "command again in a moment\n");
    assert_true(ending_has_begun(t->part.ending) && by_hand_made_way(t->by_hand));
}

static void answered_at_once(void **state)
{
    struct asking *t = *state;
    ask(1, "dismiss", DOC_LOST, NULL);
    assert_recorded("answer 1 exit=0 there was nothing to dismiss\n");
    ask(1, "dismiss", DOC_FAILED, "/data/queued");
    assert_recorded("answer 1 exit=2 /data/queued is queued: only what failed, was rejected, is "
                    "lost or in doubt can be dismissed; nothing was\n");
    ask(1, "stop", DOC_FAILED, NULL);
    assert_recorded("answer 1 exit=2 a run at work doesn't know that request\n");
    assert_false(by_hand_holds(t->by_hand));
}

static void a_run_that_ends(void **state)
{
    struct asking *t = *state;
    static const char said[] =
        "answer 1 exit=3 the run that has the ledger is ending: run the same "
        "command again in a moment\n";
    ask(1, "dismiss", DOC_FAILED, NULL);
    assert_recorded("step doc=1 failed failed dismiss attempts=0 attempt=1 by hand - -\n");
    by_hand_close(t->by_hand);
    assert_recorded(said); /* the commit never came */
    assert_true(closed);
    by_hand_open(t->by_hand);
    ending_early(t->part.ending, EXIT_RESUMABLE, "interrupted");
    ask(1, "dismiss", DOC_FAILED, NULL);
    assert_recorded(said);
}

static void a_ledger_that_cannot_be_written(void **state)
{
    struct asking *t = *state;
    ask(1, "dismiss", DOC_FAILED, NULL);
    assert_recorded("step doc=1 failed failed dismiss attempts=0 attempt=1 by hand - -\n");
    by_hand_reply(t->by_hand, false);
    assert_recorded("answer 1 exit=5 the ledger can't be written for now: it is done as soon as it "
                    "can be\n");
    t->journal.down = true;
    ask(2, "dismiss", DOC_FAILED, NULL);
    assert_recorded("answer 2 exit=3 the run that has the ledger is ending: run the same command "
                    "again in a moment\n");
}

static void without_a_socket_the_run_goes_on(void **state)
{
    struct asking *t = *state;
    by_hand_close(t->by_hand);
    no_socket = true;
    by_hand_open(t->by_hand);
    assert_false(by_hand_holds(t->by_hand));
    assert_false(ending_has_begun(t->part.ending));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(noted_and_answered_when_durable),
        TEST(one_in_flight),
        TEST(answered_at_once),
        TEST(a_retry_waits_for_its_files),
        TEST(a_retry_that_is_taken_later),
        TEST(a_retry_that_comes_too_late),
        TEST(a_retry_that_cannot_be),
        TEST(what_only_receives_makes_way),
        TEST(a_run_that_ends),
        TEST(a_ledger_that_cannot_be_written),
        TEST(without_a_socket_the_run_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
