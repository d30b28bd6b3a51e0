/* Random lives. First any event at all, in any order, against what must hold whatever happens; then
 * lives in a small world that keeps the truth: uploads that are accepted or not, answers that are
 * lost, webhooks once, twice or never and before their 202, jobs that fail or vanish, runs that
 * die, a user who retries. There, what the machine counted is compared with what
 * the world charged. */
#include "core/document.h"

#include "base/random.h"
#include "test.h"

#include <string.h>

static const struct doc_policy resend_policy = {.max_attempts = 4,
                                                .first_delay_ms = 500,
                                                .max_delay_ms = 90000,
                                                .resend_in_doubt = true,
                                                .max_resends = 3,
                                                .in_doubt_wait_ms = 1000};

static bool chance(struct random *r, double p)
{
    return random_unit(r) < p;
}

/* Each action means something in one state only, and each change is written down. */
static void check_step(const struct document *before, const struct doc_step *s)
{
    unsigned a = s->actions;
    bool changed = s->state != before->state;
    assert_int_equal(s->next.state, s->state);
    assert_true(s->wait_ms >= 0);
    assert_true(!changed || (a & DO_PERSIST));
    assert_true(!(a & DO_SUBMIT) || (s->state == DOC_SUBMITTING && before->state == DOC_QUEUED));
    assert_true(!(a & DO_QUEUE) || s->state == DOC_QUEUED);
    assert_true(!(a & DO_QUEUE_HEAD) || (a & DO_QUEUE));
    assert_true(!(a & DO_POLL) || s->state == DOC_PROCESSING);
    assert_true(!(a & DO_FETCH) || s->state == DOC_READY);
    assert_true(!(a & DO_RESEND_AFTER) || s->state == DOC_IN_DOUBT);
    assert_true(!(a & DO_RESEND_AFTER) || !s->next.unreadable);
    assert_false(s->next.dismissed && (s->state == DOC_QUEUED || s->state == DOC_SUBMITTING));
    assert_int_equal((a & DO_STORE) != 0, changed && s->state == DOC_STORED);
    assert_true(!(a & DO_KEEP_BYTES) || before->state == DOC_READY);
    assert_true(!(a & DO_COUNT_RESEND) || s->state == DOC_QUEUED);
    assert_true(!(a & DO_FORGET) ||
                !(a & (DO_SUBMIT | DO_QUEUE | DO_POLL | DO_FETCH | DO_RESEND_AFTER)));
    if (changed && doc_state_is_final(s->state) && before->state != DOC_SUBMITTING)
        assert_true(a & DO_FORGET);
    if (before->state == DOC_STORED)
        assert_int_equal(s->state, DOC_STORED);
    if (s->state == DOC_SUBMITTING && changed)
        assert_false(s->next.has_job);
    if (s->next.attempts != DOC_ATTEMPTS_UNKNOWN)
        assert_in_range(s->next.attempts, 0, resend_policy.max_attempts);
    else
        assert_false(a &
                     (DO_QUEUE | DO_SUBMIT)); /* a restored ledger's: only a retry begins anew */
    assert_in_range(s->next.resends, 0, resend_policy.max_resends);
    assert_true(s->next.charged >= 0);
}

static void test_any_events(void **state)
{
    (void)state;
    struct random r;
    random_init(&r, 11);
    int legal = 0;
    for (int life = 0; life < 4000; life++) {
        struct document d = {.state = DOC_QUEUED};
        struct doc_policy p = resend_policy;
        p.resend_in_doubt = life % 2;
        struct mono now = {0};
        for (int i = 0; i < 200; i++) {
            struct doc_event e = {.kind = (enum doc_event_kind)random_below(&r, EV_COUNT),
                                  .late = chance(&r, 0.2),
                                  .known = chance(&r, 0.2),
                                  .retry_after_ms = chance(&r, 0.1) ? 5000 : -1,
                                  .random = random_unit(&r)};
            struct doc_step s;
            if (!document_step(&d, &e, &p, now, &s)) {
                assert_memory_equal(&s.next, &d, sizeof d);
                assert_int_equal(s.actions, 0);
                continue;
            }
            legal++;
            check_step(&d, &s);
            /* but what was free, or what the canary takes back */
            bool free_again = e.kind == EV_JOB_FAULT || e.kind == EV_RUN_STOPPED;
            if (!p.resend_in_doubt && e.kind != EV_RETRY && !d.resend_if_gone && !free_again)
                assert_false(s.actions & DO_COUNT_RESEND);
            d = s.next;
            now.ms += (int64_t)random_below(&r, 40000);
            if (d.state == DOC_STORED && chance(&r, 0.1))
                break;
        }
    }
    assert_true(legal > 50000);
}

/* --- the world --- */

enum { MAX_ATTEMPTS = 200 };

enum fate { RUNS, WORKS, FAILS, FAULTS }; /* of a job */

struct attempt {
    bool accepted, on_record; /* by the server; known to us as accepted, done or failed */
    enum fate job;
    bool webhook; /* one is sent once the job is over */
};

struct world {
    struct random r;
    struct document doc;
    struct doc_policy policy;
    struct mono now;
    struct attempt attempts[MAX_ATTEMPTS];
    int count; /* of attempts; the newest is the current one */
    int resent, extra;
    bool stopped; /* nothing is due any more */
};

static bool tell(struct world *w, enum doc_event_kind kind, int attempt, struct doc_step *s)
{
    bool about = attempt >= 0;
    struct doc_event e = {.kind = kind,
                          .late = about && attempt != w->count - 1,
                          .known = about && w->attempts[attempt].on_record,
                          .retry_after_ms = -1,
                          .random = random_unit(&w->r)};
    if (!document_step(&w->doc, &e, &w->policy, w->now, s))
        return false;
    check_step(&w->doc, s);
    bool settles =
        kind == EV_ACCEPTED || kind == EV_RESULT || kind == EV_JOB_FAILED || kind == EV_JOB_FAULT;
    if (about && settles)
        w->attempts[attempt].on_record = true;
    /* a failed job was free: what is counted with it would be another attempt, of which this world
     * knows nothing */
    w->resent += s->actions & DO_COUNT_RESEND && kind != EV_JOB_FAULT;
    w->extra += s->next.charged > 1 && s->next.charged > w->doc.charged;
    w->doc = s->next;
    w->now.ms += s->wait_ms + 1 + (int64_t)random_below(&w->r, 20000);
    return true;
}

static void must_tell(struct world *w, enum doc_event_kind kind, int attempt)
{
    struct doc_step s;
    enum doc_state was = w->doc.state;
    if (!tell(w, kind, attempt, &s))
        fail_msg("%s refused in %s", doc_event_names[kind], doc_state_names[was]);
}

static bool charged(const struct attempt *a)
{
    return a->accepted && a->job != FAILS && a->job != FAULTS;
}

/* One webhook of some attempt, maybe. */
static void maybe_webhook(struct world *w, double p)
{
    if (w->count == 0 || !chance(&w->r, p))
        return;
    int i = (int)random_below(&w->r, (uint64_t)w->count);
    struct attempt *a = &w->attempts[i];
    if (!a->accepted || !a->webhook || a->job == RUNS)
        return;
    must_tell(w, a->job == WORKS ? EV_RESULT : a->job == FAILS ? EV_JOB_FAILED : EV_JOB_FAULT, i);
}

static void upload(struct world *w)
{
    assert_true(w->count < MAX_ATTEMPTS);
    struct attempt *a = &w->attempts[w->count++];
    *a = (struct attempt){.webhook = chance(&w->r, 0.5)};
    must_tell(w, EV_ADMIT, -1);

    static const enum doc_event_kind declined[] = {EV_NOT_SENT, EV_LIMITED, EV_FAULT};
    if (chance(&w->r, 0.3)) {
        maybe_webhook(w, 0.2);
        must_tell(w, declined[random_below(&w->r, 3)], w->count - 1);
        return;
    }
    a->accepted = chance(&w->r, 0.7);
    static const enum fate fates[] = {WORKS, WORKS, WORKS, FAILS, FAULTS, RUNS};
    a->job = fates[random_below(&w->r, 6)];
    maybe_webhook(w, 0.4);
    bool answer_arrives = a->accepted && chance(&w->r, 0.6);
    bool died = !answer_arrives && chance(&w->r, 0.3) && w->doc.state == DOC_SUBMITTING;
    bool garbled = a->accepted && !answer_arrives && !died && chance(&w->r, 0.3);
    must_tell(w,
              answer_arrives ? EV_ACCEPTED
              : died         ? EV_RESTART
              : garbled      ? EV_UNREADABLE
                             : EV_DOUBT,
              w->count - 1);
}

static void poll(struct world *w)
{
    int i = w->count - 1;
    struct attempt *a = &w->attempts[i];
    if (chance(&w->r, 0.1)) {
        must_tell(w, EV_ASK_AGAIN, i);
        return;
    }
    if (a->job == RUNS && chance(&w->r, 0.5))
        a->job = WORKS;
    if (a->job == RUNS)
        must_tell(w, chance(&w->r, 0.8) ? EV_JOB_PROCESSING : EV_GIVE_UP, i);
    else if (a->job == WORKS && chance(&w->r, 0.1)) /* expired: paid all the same */
        must_tell(w, EV_JOB_GONE, i);
    else
        must_tell(w,
                  a->job == WORKS   ? EV_JOB_READY
                  : a->job == FAILS ? EV_JOB_FAILED
                                    : EV_JOB_FAULT,
                  i);
}

static void fetch(struct world *w)
{
    static const enum doc_event_kind outcomes[] = {EV_RESULT, EV_RESULT, EV_ASK_AGAIN,
                                                   EV_RESULT_INVALID, EV_RESULT_GONE};
    must_tell(w, outcomes[random_below(&w->r, 5)], w->count - 1);
}

static void live(struct world *w)
{
    for (int step = 0; step < 300 && !w->stopped; step++) {
        maybe_webhook(w, 0.15);
        switch (w->doc.state) {
        case DOC_QUEUED:
            upload(w);
            break;
        case DOC_IN_DOUBT:
            if (w->policy.resend_in_doubt && !w->doc.unreadable &&
                w->doc.resends < w->policy.max_resends)
                must_tell(w, EV_RESEND, -1);
            else
                w->stopped = true;
            break;
        case DOC_PROCESSING:
            poll(w);
            break;
        case DOC_READY:
            fetch(w);
            break;
        case DOC_FAILED:
        case DOC_LOST:
            if (chance(&w->r, 0.3) && w->count < 20)
                must_tell(w, EV_RETRY, -1);
            else
                w->stopped = true;
            break;
        default:
            w->stopped = true;
        }
    }
}

struct truth {
    int accepted; /* attempts, whatever became of their jobs */
    int paid;
    int paid_known; /* of these, what we were told of */
};

static struct truth truth_of(const struct world *w)
{
    struct truth t = {0};
    for (int i = 0; i < w->count; i++) {
        const struct attempt *a = &w->attempts[i];
        t.accepted += a->accepted;
        t.paid += charged(a);
        t.paid_known += charged(a) && a->on_record;
    }
    return t;
}

/* Whatever was paid more than once was counted, before it was known whether it would be; and an
 * extra charge is what we were told of, no less, and nothing that wasn't accepted. */
static void test_charges_are_counted(void **state)
{
    (void)state;
    int doubles = 0, stored = 0;
    for (uint64_t seed = 0; seed < 20000; seed++) {
        struct world w = {.doc = {.state = DOC_QUEUED}, .policy = resend_policy};
        random_init(&w.r, seed);
        live(&w);
        struct truth t = truth_of(&w);
        if (t.paid > 1 + w.resent || w.extra < t.paid_known - 1 ||
            (w.extra > 0 && w.extra > t.accepted - 1))
            fail_msg("seed %llu: %d accepted, %d paid, %d of that known; %d resent, %d extra",
                     (unsigned long long)seed, t.accepted, t.paid, t.paid_known, w.resent, w.extra);
        doubles += t.paid > 1;
        stored += w.doc.state == DOC_STORED;
    }
    assert_true(doubles > 500); /* the world is hard enough to mean something */
    assert_true(stored > 10000);
}

/* With `hold`, and nobody to retry, nothing is paid twice, ever. */
static void test_hold_never_pays_twice(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 20000; seed++) {
        struct world w = {.doc = {.state = DOC_QUEUED}, .policy = resend_policy};
        w.policy.resend_in_doubt = false;
        random_init(&w.r, seed);
        while (!w.stopped && w.doc.state != DOC_FAILED && w.doc.state != DOC_LOST) {
            if (w.doc.state == DOC_QUEUED)
                upload(&w);
            else if (w.doc.state == DOC_PROCESSING)
                poll(&w);
            else if (w.doc.state == DOC_READY)
                fetch(&w);
            else
                w.stopped = true;
            maybe_webhook(&w, 0.2);
        }
        assert_int_equal(w.resent, 0);
        assert_int_equal(w.extra, 0);
        assert_true(truth_of(&w).paid <= 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_any_events),
        cmocka_unit_test(test_charges_are_counted),
        cmocka_unit_test(test_hold_never_pays_twice),
    };
    return cmocka_run_group_tests_name("document_walk", tests, NULL, NULL);
}
