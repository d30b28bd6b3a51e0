/* Every pair of state and event, twice: about the current attempt and about an older one. What is
 * legal stands here in words, taken from the design and not from the code; every pair that isn't
 * here must be refused. Then what depends on more than the pair, with literal times. */
#include "core/document.h"

#include "test.h"

#include <stdio.h>
#include <string.h>

struct expected {
    const char *event, *next, *actions;
    int64_t wait_ms;
};

#define END                                                                                        \
    {                                                                                              \
        NULL, NULL, NULL, 0                                                                        \
    }

/* The document of each pair: second of 8 attempts used up, accepted 10 minutes ago; a job where the
 * state means one. Policy: resend after 2 minutes. Jitter 0.5 of 500 ms doubling to 90 s. */
static const struct document usual[DOC_STATE_COUNT] = {
    [DOC_QUEUED] = {.state = DOC_QUEUED, .attempts = 2},
    [DOC_SUBMITTING] = {.state = DOC_SUBMITTING, .attempts = 2},
    [DOC_IN_DOUBT] = {.state = DOC_IN_DOUBT, .attempts = 2},
    [DOC_PROCESSING] = {.state = DOC_PROCESSING, .attempts = 2, .has_job = true},
    [DOC_READY] = {.state = DOC_READY, .attempts = 2, .has_job = true},
    [DOC_STORED] = {.state = DOC_STORED, .attempts = 2, .has_job = true},
    [DOC_FAILED] = {.state = DOC_FAILED, .attempts = 2},
    [DOC_REJECTED] = {.state = DOC_REJECTED},
    [DOC_LOST] = {.state = DOC_LOST, .attempts = 2, .has_job = true},
};

static const struct doc_policy policy = {
    .max_attempts = 8,
    .first_delay_ms = 500,
    .max_delay_ms = 90000,
    .resend_in_doubt = true,
    .max_resends = 2,
    .in_doubt_wait_ms = 120000,
};

static const struct mono now = {600000};

/* clang-format off */
static const struct expected queued[] = {
    {"admit",          "submitting", "persist submit", 0},
    {"run_stopped",    "queued",     "forget", 0},
    {"accepted",       "processing", "persist poll uncount_resend", 0},         /* its resend is withdrawn */
    {"source_gone",    "rejected",   "persist forget uncount_resend", 0},
    {"reject",         "rejected",   "persist forget uncount_resend", 0},
    {"restored",       "in_doubt",   "persist forget uncount_resend", 0},
    {"job_processing", "queued",     "", 0},
    {"job_ready",      "queued",     "", 0},
    {"job_failed",     "failed",     "persist forget uncount_resend", 0},
    {"job_fault",      "queued",     "", 0},
    {"job_gone",       "queued",     "", 0},
    {"ask_again",      "queued",     "", 0},
    {"result",         "stored",     "persist store forget uncount_resend", 0},
    {"result_invalid", "queued",     "", 0},
    {"result_gone",    "queued",     "", 0},
    {"foreign_url",    "queued",     "", 0},
    {"give_up",        "queued",     "", 0},
    END,
};
static const struct expected submitting[] = {
    {"not_sent",       "queued",     "persist queue", 250},
    {"limited",        "queued",     "persist queue queue_head", 250},
    {"fault",          "queued",     "persist queue", 1000},     /* its third */
    {"refused",        "failed",     "persist forget uncount_resend", 0},
    {"run_stopped",    "queued",     "persist forget", 0},
    {"accepted",       "processing", "persist poll", 0},
    {"doubt",          "in_doubt",   "persist resend_after", 120000},
    {"restart",        "in_doubt",   "persist resend_after", 120000},
    {"unreadable",     "in_doubt",   "persist forget", 0},       /* whatever the policy */
    {"restored",       "in_doubt",   "persist forget", 0},
    {"source_gone",    "rejected",   "persist forget uncount_resend", 0},
    {"job_failed",     "failed",     "persist", 0},              /* its upload is still on its way */
    {"job_fault",      "submitting", "", 0},
    {"result",         "stored",     "persist store", 0},
    END,
};
static const struct expected in_doubt[] = {
    {"run_stopped",    "in_doubt",   "forget", 0},
    {"accepted",       "processing", "persist poll", 0},
    {"restart",        "in_doubt",   "resend_after", 120000},
    {"restored",       "in_doubt",   "persist forget", 0},
    {"resend",         "queued",     "persist queue count_resend", 250},
    {"job_failed",     "failed",     "persist forget", 0},
    {"job_fault",      "queued",     "persist queue count_resend", 1000},
    {"result",         "stored",     "persist store forget", 0},
    {"retry",          "queued",     "persist queue count_resend", 0},
    {"dismiss",        "in_doubt",   "persist forget", 0},
    {"job_processing", "in_doubt",   "", 0},                     /* asked before it was in doubt */
    {"job_ready",      "in_doubt",   "", 0},
    {"job_gone",       "in_doubt",   "", 0},
    {"ask_again",      "in_doubt",   "", 0},
    {"result_invalid", "in_doubt",   "", 0},
    {"result_gone",    "in_doubt",   "", 0},
    {"foreign_url",    "in_doubt",   "", 0},
    {"give_up",        "in_doubt",   "", 0},
    END,
};
static const struct expected processing[] = {
    {"run_stopped",    "processing", "forget", 0},
    {"restart",        "processing", "poll", 0},
    {"restored",       "processing", "persist forget", 0},
    {"job_processing", "processing", "poll", 0},
    {"job_ready",      "ready",      "persist fetch", 0},
    {"job_failed",     "failed",     "persist forget", 0},
    {"job_fault",      "queued",     "persist queue", 1000},
    {"job_gone",       "lost",       "persist forget", 0},
    {"ask_again",      "processing", "poll", 250},
    {"result",         "stored",     "persist store forget", 0},
    {"foreign_url",    "failed",     "persist forget", 0},
    {"give_up",        "processing", "forget", 0},
    END,
};
static const struct expected ready[] = {
    {"run_stopped",    "ready",      "forget", 0},
    {"restart",        "ready",      "fetch", 0},
    {"restored",       "ready",      "persist forget", 0},
    {"job_failed",     "ready",      "", 0},
    {"job_fault",      "ready",      "", 0},
    {"ask_again",      "ready",      "fetch", 250},
    {"result",         "stored",     "persist store forget", 0},
    {"result_invalid", "ready",      "persist keep_bytes fetch", 250},
    {"result_gone",    "processing", "persist poll", 2000},
    {"foreign_url",    "failed",     "persist forget", 0},
    {"give_up",        "ready",      "forget", 0},
    END,
};
static const struct expected stored[] = {
    {"not_sent",       "stored",     "forget uncount_resend", 0},
    {"limited",        "stored",     "forget", 0},
    {"fault",          "stored",     "forget", 0},
    {"refused",        "stored",     "forget uncount_resend", 0},
    {"run_stopped",    "stored",     "forget", 0},
    {"accepted",       "stored",     "forget", 0},
    {"doubt",          "stored",     "forget", 0},
    {"unreadable",     "stored",     "forget", 0},
    {"source_gone",    "stored",     "forget uncount_resend", 0},
    {"job_processing", "stored",     "forget", 0},
    {"job_ready",      "stored",     "forget", 0},
    {"job_failed",     "stored",     "forget", 0},
    {"job_fault",      "stored",     "forget", 0},
    {"job_gone",       "stored",     "forget", 0},
    {"ask_again",      "stored",     "forget", 0},
    {"result",         "stored",     "forget", 0},
    {"result_invalid", "stored",     "forget", 0},
    {"result_gone",    "stored",     "forget", 0},
    {"foreign_url",    "stored",     "forget", 0},
    {"give_up",        "stored",     "forget", 0},
    END,
};
static const struct expected failed[] = {
    {"not_sent",       "failed",     "forget uncount_resend", 0},
    {"limited",        "failed",     "forget", 0},
    {"fault",          "failed",     "forget", 0},
    {"refused",        "failed",     "forget uncount_resend", 0},
    {"run_stopped",    "queued",     "persist forget", 0},       /* the canary takes it back */
    {"accepted",       "processing", "persist poll", 0},         /* a paid job after all */
    {"doubt",          "failed",     "forget", 0},
    {"unreadable",     "failed",     "forget", 0},
    {"source_gone",    "failed",     "forget uncount_resend", 0},
    {"job_processing", "failed",     "forget", 0},
    {"job_ready",      "failed",     "forget", 0},
    {"job_failed",     "failed",     "forget", 0},
    {"job_fault",      "failed",     "forget", 0},
    {"job_gone",       "failed",     "forget", 0},
    {"ask_again",      "failed",     "forget", 0},
    {"result",         "stored",     "persist store forget", 0},
    {"result_invalid", "failed",     "forget", 0},
    {"result_gone",    "failed",     "forget", 0},
    {"foreign_url",    "failed",     "forget", 0},
    {"give_up",        "failed",     "forget", 0},
    {"retry",          "queued",     "persist queue", 0},
    {"dismiss",        "failed",     "persist forget", 0},
    END,
};
static const struct expected rejected[] = {
    {"run_stopped",    "rejected",   "forget", 0},
    {"accepted",       "processing", "persist poll", 0},
    {"job_failed",     "rejected",   "forget", 0},
    {"job_fault",      "rejected",   "forget", 0},
    {"result",         "stored",     "persist store forget", 0},
    {"retry",          "queued",     "persist queue", 0},
    {"dismiss",        "rejected",   "persist forget", 0},
    {"job_processing", "rejected",   "forget", 0},               /* asked before */
    {"job_ready",      "rejected",   "forget", 0},
    {"job_gone",       "rejected",   "forget", 0},
    {"ask_again",      "rejected",   "forget", 0},
    {"result_invalid", "rejected",   "forget", 0},
    {"result_gone",    "rejected",   "forget", 0},
    {"foreign_url",    "rejected",   "forget", 0},
    {"give_up",        "rejected",   "forget", 0},
    END,
};
static const struct expected lost[] = {
    {"run_stopped",    "lost",       "forget", 0},
    {"accepted",       "lost",       "forget", 0},
    {"job_processing", "lost",       "forget", 0},
    {"job_ready",      "lost",       "forget", 0},
    {"job_failed",     "lost",       "forget", 0},
    {"job_fault",      "lost",       "forget", 0},
    {"job_gone",       "lost",       "forget", 0},
    {"ask_again",      "lost",       "forget", 0},
    {"result",         "stored",     "persist store forget", 0},
    {"result_invalid", "lost",       "forget", 0},
    {"result_gone",    "lost",       "forget", 0},
    {"foreign_url",    "lost",       "forget", 0},
    {"give_up",        "lost",       "forget", 0},
    {"retry",          "processing", "persist poll", 0},         /* asked before it is paid again */
    {"dismiss",        "lost",       "persist forget", 0},
    END,
};
static const struct expected *const current[DOC_STATE_COUNT] = {
    queued, submitting, in_doubt, processing, ready, stored, failed, rejected, lost,
};

/* About an older attempt: only a result, a failure or a charge means anything. */
struct late_expected {
    const char *event;
    const char *next[DOC_STATE_COUNT], *actions[DOC_STATE_COUNT]; /* "": stays, only noted */
};
#define FAILS    "persist forget"
#define STORES   "persist store forget"
#define WITHDRAWN " uncount_resend" /* it was queued to be sent again */
static const struct late_expected late_settling[] = {
    {"result",
     {"stored", "stored",        "stored", "stored", "stored", "stored", "stored", "stored", "stored"},
     {STORES WITHDRAWN, "persist store", STORES,   STORES,   STORES,   "forget", STORES,   STORES,   STORES}},
    {"job_failed",
     {"failed", "failed",  "failed", "", "", "",       "",       "",       ""},
     {FAILS WITHDRAWN, "persist", FAILS,    "", "", "forget", "forget", "forget", "forget"}},
    {"accepted",
     {"", "", "", "", "", "",       "",       "",       ""},
     {"", "", "", "", "", "forget", "forget", "forget", "forget"}},
};
/* clang-format on */
static const char *const late_legal[] = {
    "not_sent",       "limited",   "fault",          "refused",     "run_stopped",
    "doubt",          "job_fault", "job_ready",      "unreadable",  "job_gone",
    "job_processing", "ask_again", "result_invalid", "result_gone", "foreign_url",
    "give_up",        NULL};
static const char *const late_refused[] = {"admit", "restart",  "resend",  "source_gone", "reject",
                                           "retry", "restored", "dismiss", NULL};

static unsigned actions_of(const char *words)
{
    static const struct {
        const char *word;
        unsigned bit;
    } all[] = {
        {"persist", DO_PERSIST},
        {"submit", DO_SUBMIT},
        {"queue", DO_QUEUE},
        {"queue_head", DO_QUEUE_HEAD},
        {"poll", DO_POLL},
        {"fetch", DO_FETCH},
        {"store", DO_STORE},
        {"keep_bytes", DO_KEEP_BYTES},
        {"resend_after", DO_RESEND_AFTER},
        {"forget", DO_FORGET},
        {"count_resend", DO_COUNT_RESEND},
        {"uncount_resend", DO_UNCOUNT_RESEND},
    };
    unsigned bits = 0;
    char copy[128], *rest = NULL;
    snprintf(copy, sizeof copy, "%s", words);
    for (char *w = strtok_r(copy, " ", &rest); w; w = strtok_r(NULL, " ", &rest)) {
        size_t i = 0;
        while (i < sizeof all / sizeof all[0] && strcmp(all[i].word, w) != 0)
            i++;
        assert_true(i < sizeof all / sizeof all[0]);
        bits |= all[i].bit;
    }
    return bits;
}

static int index_of(const char *name, const char *const *names, int count)
{
    int i = 0;
    while (i < count && strcmp(names[i], name) != 0)
        i++;
    assert_true(i < count);
    return i;
}

static enum doc_event_kind event_of(const char *name)
{
    return (enum doc_event_kind)index_of(name, doc_event_names, EV_COUNT);
}

static enum doc_state state_of(const char *name)
{
    return (enum doc_state)index_of(name, doc_state_names, DOC_STATE_COUNT);
}

static bool listed(const char *name, const char *const *list)
{
    for (; *list; list++)
        if (strcmp(*list, name) == 0)
            return true;
    return false;
}

static struct doc_event event_named(const char *name, bool late)
{
    return (struct doc_event){
        .kind = event_of(name), .late = late, .retry_after_ms = -1, .random = 0.5};
}

static void check_pair(enum doc_state from, const char *event, bool late, const char *next,
                       const char *actions, int64_t wait_ms)
{
    struct doc_event e = event_named(event, late);
    struct doc_step step;
    bool legal = document_step(&usual[from], &e, &policy, now, &step);
    assert_int_equal(legal, step.legal);
    if (next == NULL) {
        if (legal)
            fail_msg("%s %s%s: legal", doc_state_names[from], late ? "late " : "", event);
        assert_int_equal(step.state, from);
        assert_int_equal(step.actions, 0);
        assert_memory_equal(&step.next, &usual[from], sizeof step.next);
        return;
    }
    enum doc_state to = *next ? state_of(next) : from;
    if (!legal || step.state != to || step.actions != actions_of(actions) ||
        step.wait_ms != wait_ms || step.next.state != to)
        fail_msg("%s %s%s: legal %d, %s, actions %#x (not %#x), wait %lld", doc_state_names[from],
                 late ? "late " : "", event, legal, doc_state_names[step.state], step.actions,
                 actions_of(actions), (long long)step.wait_ms);
}

static void test_every_pair(void **state)
{
    (void)state;
    for (int from = 0; from < DOC_STATE_COUNT; from++)
        for (int kind = 0; kind < EV_COUNT; kind++) {
            const struct expected *x = current[from];
            while (x->event && strcmp(x->event, doc_event_names[kind]) != 0)
                x++;
            check_pair((enum doc_state)from, doc_event_names[kind], false, x->next, x->actions,
                       x->wait_ms);
        }
}

static void test_every_pair_of_older_attempts(void **state)
{
    (void)state;
    int seen = 0;
    for (int kind = 0; kind < EV_COUNT; kind++)
        for (int from = 0; from < DOC_STATE_COUNT; from++, seen++) {
            const char *event = doc_event_names[kind];
            bool final = from >= DOC_STORED;
            if (listed(event, late_legal))
                check_pair((enum doc_state)from, event, true, "", final ? "forget" : "", 0);
            else if (listed(event, late_refused))
                check_pair((enum doc_state)from, event, true, NULL, NULL, 0);
            else {
                size_t i = 0;
                while (i < 3 && strcmp(late_settling[i].event, event) != 0)
                    i++;
                assert_true(i < 3);
                check_pair((enum doc_state)from, event, true, late_settling[i].next[from],
                           late_settling[i].actions[from], 0);
            }
        }
    assert_int_equal(seen, EV_COUNT * DOC_STATE_COUNT);
}

static void test_names(void **state)
{
    (void)state;
    for (int i = 0; i < DOC_STATE_COUNT; i++) {
        assert_non_null(doc_state_names[i]);
        assert_int_equal(doc_state_is_final((enum doc_state)i), i >= DOC_STORED);
        assert_int_equal(doc_state_can_be_dismissed((enum doc_state)i),
                         i == DOC_IN_DOUBT || i > DOC_STORED);
    }
    for (int i = 0; i < EV_COUNT; i++)
        assert_non_null(doc_event_names[i]);
    assert_string_equal(doc_state_names[DOC_IN_DOUBT], "in_doubt"); /* stored in ledgers */
    assert_int_equal(DOC_LOST, 8);
}

/* --- what depends on more --- */

static struct doc_step step_under(const struct document *doc, const char *event,
                                  const struct doc_policy *p)
{
    struct doc_event e = event_named(event, false);
    struct doc_step step;
    assert_true(document_step(doc, &e, p, now, &step));
    return step;
}

static struct doc_step step_of(const struct document *doc, const char *event)
{
    return step_under(doc, event, &policy);
}

static void assert_step(const struct doc_step *s, enum doc_state to, const char *actions,
                        int64_t wait_ms)
{
    assert_int_equal(s->state, to);
    assert_int_equal(s->actions, actions_of(actions));
    assert_int_equal(s->wait_ms, wait_ms);
}

static void test_attempts_are_used_up_by_faults_alone(void **state)
{
    (void)state;
    static const int64_t waits[] = {250, 500, 1000, 2000, 4000, 8000, 61000};
    struct document d = {.state = DOC_SUBMITTING};
    struct document other = d;
    for (int i = 0; i < 7; i++) {
        struct doc_step s = step_of(&d, "fault");
        assert_step(&s, DOC_QUEUED, "persist queue", waits[i]);
        assert_int_equal(s.next.attempts, i + 1);
        d = step_of(&s.next, "admit").next;

        other = (struct document){.state = DOC_PROCESSING, .has_job = true, .attempts = i};
        s = step_of(&other, "job_fault");
        assert_step(&s, DOC_QUEUED, "persist queue", waits[i]);
        assert_false(s.next.has_job);
    }
    struct doc_step s = step_of(&d, "fault");
    assert_step(&s, DOC_FAILED, "persist forget", 0);
    assert_int_equal(s.next.attempts, 8);
    other.attempts = 7;
    s = step_of(&other, "job_fault");
    assert_step(&s, DOC_FAILED, "persist forget", 0);

    static const char *const free_events[] = {"not_sent", "limited", "doubt", "run_stopped"};
    d.attempts = 7;
    for (int i = 0; i < 4; i++)
        assert_int_equal(step_of(&d, free_events[i]).next.attempts, 7);
}

static struct document dismissed(enum doc_state state)
{
    struct doc_step s = step_of(&usual[state], "dismiss");
    assert_true(s.next.dismissed);
    assert_int_equal(s.next.state, state);
    return s.next;
}

/* Whatever a run, a webhook or a poll brings; only a person's retry, or a result, ends it. */
static void test_what_was_dismissed_is_not_sent(void **state)
{
    (void)state;
    struct document d = dismissed(DOC_IN_DOUBT);
    struct doc_step s = step_of(&d, "restart");
    assert_step(&s, DOC_IN_DOUBT, "forget", 0);
    s = step_of(&d, "resend");
    assert_step(&s, DOC_IN_DOUBT, "forget", 0);
    s = step_of(&d, "job_fault"); /* free, and yet */
    assert_step(&s, DOC_FAILED, "persist forget", 0);
    assert_true(s.next.dismissed);
    s = step_of(&d, "job_failed");
    assert_true(s.next.dismissed);
    s = step_of(&d, "accepted"); /* asked for, as it may be paid */
    assert_step(&s, DOC_PROCESSING, "persist poll", 0);
    assert_true(s.next.dismissed);
    s = step_of(&s.next, "job_fault");
    assert_step(&s, DOC_FAILED, "persist forget", 0);
    assert_true(s.next.dismissed);
    d = dismissed(DOC_FAILED);
    s = step_of(&d, "run_stopped"); /* the canary takes others back */
    assert_step(&s, DOC_FAILED, "forget", 0);
    static const enum doc_state all[] = {DOC_IN_DOUBT, DOC_FAILED, DOC_REJECTED, DOC_LOST};
    for (int i = 0; i < 4; i++) {
        d = dismissed(all[i]);
        assert_false(step_of(&d, "retry").next.dismissed);
        s = step_of(&d, "result");
        assert_int_equal(s.state, DOC_STORED);
        assert_false(s.next.dismissed);
    }
}

/* The last try comes after the limit's window, but never later than retry.max_delay. */
static void test_patience_is_bounded_by_the_policy(void **state)
{
    (void)state;
    struct doc_policy quick = policy;
    quick.max_delay_ms = 1000;
    struct document d = {.state = DOC_SUBMITTING, .attempts = 6};
    struct doc_event e = event_named("fault", false);
    struct doc_step s;
    assert_true(document_step(&d, &e, &quick, now, &s));
    assert_step(&s, DOC_QUEUED, "persist queue", 1000);
    e.retry_after_ms = 300000;
    assert_true(document_step(&d, &e, &policy, now, &s));
    assert_step(&s, DOC_QUEUED, "persist queue", 300000);
}

static void test_backoff_grows_until_something_is_learned(void **state)
{
    (void)state;
    struct document d = usual[DOC_PROCESSING];
    for (int64_t wait = 250; wait <= 32000; wait *= 2) {
        struct doc_step s = step_of(&d, "ask_again");
        assert_step(&s, DOC_PROCESSING, "poll", wait);
        d = s.next;
    }
    assert_int_equal(step_of(&d, "ask_again").wait_ms, 45000);
    d = step_of(&d, "job_processing").next;
    assert_int_equal(step_of(&d, "ask_again").wait_ms, 250);

    struct doc_event e = event_named("ask_again", false);
    e.retry_after_ms = 20000;
    struct doc_step s;
    assert_true(document_step(&d, &e, &policy, now, &s));
    assert_int_equal(s.wait_ms, 20000);

    struct document u = usual[DOC_SUBMITTING]; /* not sent, again and again */
    for (int64_t wait = 250; wait <= 4000; wait *= 2) {
        s = step_of(&u, "not_sent");
        assert_int_equal(s.wait_ms, wait);
        u = step_of(&s.next, "admit").next;
    }
    u = step_of(&u, "accepted").next;
    assert_int_equal(u.asks_failed, 0);
    assert_true(u.has_job);
    assert_int_equal(u.accepted_at.ms, now.ms);
}

static void test_gone_within_a_minute_is_not_yet(void **state)
{
    (void)state;
    struct document d = usual[DOC_PROCESSING];
    d.accepted_at.ms = now.ms - 59999;
    struct doc_step s = step_of(&d, "job_gone");
    assert_step(&s, DOC_PROCESSING, "poll", 0);
    d.accepted_at.ms = now.ms - 60000;
    s = step_of(&d, "job_gone");
    assert_step(&s, DOC_LOST, "persist forget", 0);
    assert_true(s.next.has_job);
    d.accepted_at.ms = now.ms - 1000; /* its result was gone before: it isn't young */
    d.asked_again = true;
    s = step_of(&d, "job_gone");
    assert_step(&s, DOC_LOST, "persist forget", 0);
    d.asked_again = false; /* asked in time, and the answer was long on its way */
    d.accepted_at.ms = now.ms - 65000;
    struct doc_event e = event_named("job_gone", false);
    e.took_ms = 5001;
    assert_true(document_step(&d, &e, &policy, now, &s));
    assert_step(&s, DOC_PROCESSING, "poll", 0);
    e.took_ms = 5000;
    assert_true(document_step(&d, &e, &policy, now, &s));
    assert_step(&s, DOC_LOST, "persist forget", 0);
}

static void test_result_gone_twice(void **state)
{
    (void)state;
    struct doc_step s = step_of(&usual[DOC_READY], "result_gone");
    assert_true(s.next.asked_again);
    s = step_of(&s.next, "job_processing");
    assert_step(&s, DOC_PROCESSING, "poll", 0);
    s = step_of(&s.next, "job_ready");
    assert_step(&s, DOC_READY, "persist fetch", 0);
    struct doc_step second = step_of(&s.next, "result_gone");
    assert_step(&second, DOC_LOST, "persist forget", 0);
    struct doc_step there = step_of(&s.next, "result");
    assert_step(&there, DOC_STORED, "persist store forget", 0);
}

static void test_invalid_results(void **state)
{
    (void)state;
    struct doc_step s = step_of(&usual[DOC_READY], "result_invalid");
    assert_step(&s, DOC_READY, "persist keep_bytes fetch", 250);
    s = step_of(&s.next, "result_invalid");
    assert_step(&s, DOC_READY, "persist keep_bytes fetch", 500);
    s = step_of(&s.next, "result_invalid");
    assert_step(&s, DOC_FAILED, "persist keep_bytes forget", 0);
    assert_true(s.next.has_job);

    s = step_of(&s.next, "retry"); /* the job is asked first, and nothing paid */
    assert_step(&s, DOC_PROCESSING, "persist poll", 0);
    s = step_of(&s.next, "job_ready");
    s = step_of(&s.next, "result_invalid");
    assert_step(&s, DOC_READY, "persist keep_bytes fetch", 250);
}

static void test_hold(void **state)
{
    (void)state;
    struct doc_policy hold = policy;
    hold.resend_in_doubt = false;
    static const struct {
        enum doc_state from;
        const char *event, *actions;
    } rows[] = {
        {DOC_SUBMITTING, "doubt", "persist forget"},
        {DOC_SUBMITTING, "restart", "persist forget"},
        {DOC_IN_DOUBT, "restart", "forget"},
        {DOC_IN_DOUBT, "resend", "forget"},
    };
    for (int i = 0; i < 4; i++) {
        struct doc_event e = event_named(rows[i].event, false);
        struct doc_step s;
        assert_true(document_step(&usual[rows[i].from], &e, &hold, now, &s));
        assert_step(&s, DOC_IN_DOUBT, rows[i].actions, 0);
    }
}

/* Accepted, and nobody can read as what: whatever happens, only a person sends it again. */
static void test_unreadable_is_held(void **state)
{
    (void)state;
    struct doc_step s = step_of(&usual[DOC_SUBMITTING], "unreadable");
    assert_true(s.next.unreadable);
    struct document held = s.next;
    static const char *const passing[] = {"restart", "resend", "run_stopped"};
    for (int i = 0; i < 3; i++) {
        s = step_of(&held, passing[i]);
        assert_step(&s, DOC_IN_DOUBT, "forget", 0);
        assert_memory_equal(&s.next, &held, sizeof held);
    }
    s = step_of(&held, "result"); /* a webhook */
    assert_step(&s, DOC_STORED, "persist store forget", 0);
    s = step_of(&held, "job_fault"); /* another: it was free */
    assert_int_equal(s.state, DOC_QUEUED);
    s = step_of(&s.next, "admit");
    assert_false(s.next.unreadable);
    s = step_of(&held, "retry");
    assert_step(&s, DOC_QUEUED, "persist queue count_resend", 0);
    s = step_of(&s.next, "admit");
    s = step_of(&s.next, "doubt"); /* the new attempt is an ordinary one */
    assert_step(&s, DOC_IN_DOUBT, "persist resend_after", 120000);
}

/* What a restored ledger holds is sent by a person's word alone, whatever is heard of it. */
static void test_restored_is_held(void **state)
{
    (void)state;
    static const enum doc_state held[] = {DOC_QUEUED, DOC_SUBMITTING, DOC_IN_DOUBT};
    for (int i = 0; i < 3; i++) {
        struct doc_step s = step_of(&usual[held[i]], "restored");
        struct document d = s.next;
        s = step_of(&d, "restart");
        assert_step(&s, DOC_IN_DOUBT, "forget", 0);
        s = step_of(&d, "resend");
        assert_step(&s, DOC_IN_DOUBT, "forget", 0);
        s = step_of(&d, "job_fault"); /* of the attempt that is known: another may have followed */
        assert_int_equal(s.state, DOC_FAILED);
        s = step_of(&d, "retry");
        assert_step(&s, DOC_QUEUED, "persist queue count_resend", 0);
        assert_int_equal(s.next.attempts, 0);
    }
    static const enum doc_state asked[] = {DOC_PROCESSING, DOC_READY};
    for (int i = 0; i < 2; i++) {
        struct doc_step s = step_of(&usual[asked[i]], "restored");
        struct document d = s.next;
        assert_true(d.has_job);
        s = step_of(&d, "restart");
        assert_int_equal(s.state, asked[i]);
        assert_true(s.actions & (DO_POLL | DO_FETCH));
    }
    struct doc_step s = step_of(&usual[DOC_PROCESSING], "restored");
    s = step_of(&s.next, "job_fault");
    assert_step(&s, DOC_FAILED, "persist forget", 0);
    s = step_of(&s.next, "retry");
    assert_step(&s, DOC_QUEUED, "persist queue", 0);
}

/* Uploads that all end in doubt, from one in `submitting` to where it is held: as many resends as
 * retry.max_resends. Gives that last step. */
static struct doc_step doubt_to_the_end(struct document *d, const struct doc_policy *p)
{
    struct doc_step s = step_under(d, "doubt", p);
    int resends = 0;
    while (s.actions & DO_RESEND_AFTER) {
        s = step_under(&s.next, "resend", p);
        assert_true(s.actions & DO_COUNT_RESEND);
        assert_int_equal(s.next.resends, ++resends);
        assert_int_equal(s.next.attempts, 2);
        s = step_under(&s.next, "admit", p);
        s = step_under(&s.next, "doubt", p);
    }
    assert_int_equal(resends, p->max_resends);
    return s;
}

static void test_resends_end(void **state)
{
    (void)state;
    static const int limits[] = {0, 1, 2, 7};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        struct doc_policy p = policy;
        p.max_resends = limits[i];
        struct document d = usual[DOC_SUBMITTING];
        struct doc_step s = doubt_to_the_end(&d, &p);
        assert_step(&s, DOC_IN_DOUBT, "persist forget", 0);
        s = step_under(&s.next, "resend", &p);
        assert_step(&s, DOC_IN_DOUBT, "forget", 0);
        s = step_under(&s.next, "restart", &p);
        assert_step(&s, DOC_IN_DOUBT, "forget", 0);
        s = step_under(&s.next, "retry", &p); /* a person may, and the count begins anew */
        assert_step(&s, DOC_QUEUED, "persist queue count_resend", 0);
        assert_int_equal(s.next.resends, 0);
        s.next.attempts = 2;
        s = step_under(&s.next, "admit", &p);
        s = doubt_to_the_end(&s.next, &p);
        assert_step(&s, DOC_IN_DOUBT, "persist forget", 0);
    }
}

static void test_retry_asks_and_then_sends(void **state)
{
    (void)state;
    struct document d = step_of(&usual[DOC_LOST], "retry").next;
    assert_int_equal(d.attempts, 0);
    struct doc_step s = step_of(&d, "job_gone"); /* though "accepted" just now */
    assert_step(&s, DOC_QUEUED, "persist queue count_resend", 0);
    assert_false(s.next.has_job);
    s = step_of(&s.next, "admit");
    s = step_of(&s.next, "accepted");
    assert_step(&s, DOC_PROCESSING, "persist poll", 0);
    assert_int_equal(s.next.charged, 2);
    struct document old = s.next;
    old.accepted_at.ms = 0;
    s = step_of(&old, "job_gone"); /* once is enough: the next time it is lost */
    assert_step(&s, DOC_LOST, "persist forget", 0);

    s = step_of(&d, "job_failed");
    assert_step(&s, DOC_QUEUED, "persist queue", 0);
    s = step_of(&d, "job_ready");
    s = step_of(&s.next, "result_gone");
    assert_step(&s, DOC_PROCESSING, "persist poll", 2000);
    s = step_of(&s.next, "job_ready");
    s = step_of(&s.next, "result_gone");
    assert_step(&s, DOC_QUEUED, "persist queue count_resend", 0);

    struct document no_job = usual[DOC_LOST];
    no_job.has_job = false;
    s = step_of(&no_job, "retry");
    assert_step(&s, DOC_QUEUED, "persist queue count_resend", 0);
    struct document foreign = step_of(&usual[DOC_PROCESSING], "foreign_url").next;
    s = step_of(&foreign, "retry");
    assert_step(&s, DOC_PROCESSING, "persist poll", 0);
    struct doc_step stop = step_of(&foreign, "run_stopped");
    assert_step(&stop, DOC_FAILED, "forget", 0);
}

/* What was in doubt and goes to be sent again, and can't be, stays in doubt: it may have been paid,
 * and this time nothing was sent. */
static void test_a_resend_that_isnt_sent(void **state)
{
    (void)state;
    static const char *const ways[] = {"resend", "retry"};
    for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
        struct document d = usual[DOC_IN_DOUBT];
        d.doubted = true;
        d.resends = 0;
        struct doc_step again = step_of(&d, ways[i]);
        assert_true(again.actions & DO_COUNT_RESEND);
        struct doc_step s = step_of(&again.next, "source_gone");
        assert_step(&s, DOC_IN_DOUBT, "persist forget uncount_resend", 0);
        assert_int_equal(s.next.resends, 0);
        struct doc_step out = step_of(&again.next, "admit");
        s = step_of(&out.next, "source_gone");
        assert_step(&s, DOC_IN_DOUBT, "persist forget uncount_resend", 0);
        assert_int_equal(s.next.resends, 0);
        s = step_of(&out.next, "refused");
        assert_step(&s, DOC_FAILED, "persist forget uncount_resend", 0);
        s = step_of(&s.next, "retry"); /* and then it is counted again */
        assert_step(&s, DOC_QUEUED, "persist queue count_resend", 0);
    }
}

/* A resend whose first attempt's webhook comes while it is on its way. */
static void test_extra_charges(void **state)
{
    (void)state;
    struct document d = step_of(&usual[DOC_IN_DOUBT], "resend").next;
    d = step_of(&d, "admit").next;
    struct doc_event late_result = event_named("result", true);
    struct doc_step s;
    assert_true(document_step(&d, &late_result, &policy, now, &s));
    assert_step(&s, DOC_STORED, "persist store", 0);
    assert_int_equal(s.next.charged, 1);
    struct doc_step again;
    late_result.known = true;
    assert_true(document_step(&s.next, &late_result, &policy, now, &again));
    assert_step(&again, DOC_STORED, "forget", 0);
    assert_int_equal(again.next.charged, 1);
    struct doc_step doubt = step_of(&s.next, "doubt");
    assert_step(&doubt, DOC_STORED, "forget", 0);
    assert_int_equal(doubt.next.charged, 1);
    s = step_of(&s.next, "accepted");
    assert_step(&s, DOC_STORED, "forget", 0);
    assert_int_equal(s.next.charged, 2);
    s = step_of(&s.next, "result");
    assert_step(&s, DOC_STORED, "forget", 0);
    assert_int_equal(s.next.charged, 2);

    /* A webhook before the 202 of its own upload is one charge. */
    s = step_of(&usual[DOC_SUBMITTING], "result");
    s = step_of(&s.next, "accepted");
    assert_step(&s, DOC_STORED, "forget", 0);
    assert_int_equal(s.next.charged, 1);
}

static void test_old_news_of_a_failure(void **state)
{
    (void)state;
    enum doc_state from[] = {DOC_QUEUED, DOC_SUBMITTING, DOC_IN_DOUBT, DOC_PROCESSING};
    for (int i = 0; i < 4; i++) {
        struct doc_event e = event_named("job_failed", true);
        e.known = true;
        struct doc_step s;
        assert_true(document_step(&usual[from[i]], &e, &policy, now, &s));
        assert_step(&s, from[i], "", 0);
    }
    struct doc_event e = event_named("accepted", false); /* the 202 after its job's failure */
    e.known = true;
    struct doc_step s;
    assert_true(document_step(&usual[DOC_FAILED], &e, &policy, now, &s));
    assert_step(&s, DOC_FAILED, "forget", 0);
}

static void test_late_failure_keeps_the_running_job(void **state)
{
    (void)state;
    struct doc_event e = event_named("job_failed", true);
    struct doc_step s;
    assert_true(document_step(&usual[DOC_PROCESSING], &e, &policy, now, &s));
    assert_step(&s, DOC_PROCESSING, "", 0);
    assert_true(s.next.has_job);
}

/* A webhook told that its job failed by a fault, and then its upload ends without an answer, or the
 * run does: nothing is in doubt. */
static void test_no_doubt_about_a_known_failure(void **state)
{
    static const enum doc_event_kind ends[] = {EV_DOUBT, EV_UNREADABLE, EV_RESTART};
    (void)state;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct doc_event e = {.kind = ends[i], .known = true, .retry_after_ms = -1, .random = 0.5};
        struct document d = usual[DOC_SUBMITTING];
        struct doc_step step;
        assert_true(document_step(&d, &e, &policy, now, &step));
        assert_int_equal(step.state, DOC_QUEUED);
        assert_int_equal(step.actions, DO_PERSIST | DO_QUEUE);
        assert_int_equal(step.wait_ms, 1000);
        assert_int_equal(step.next.attempts, 3);
        assert_false(step.next.unreadable);
        d.attempts = policy.max_attempts - 1;
        assert_true(document_step(&d, &e, &policy, now, &step));
        assert_int_equal(step.state, DOC_FAILED);
        assert_int_equal(step.actions, DO_PERSIST | DO_FORGET);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_pair),
        cmocka_unit_test(test_every_pair_of_older_attempts),
        cmocka_unit_test(test_no_doubt_about_a_known_failure),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_attempts_are_used_up_by_faults_alone),
        cmocka_unit_test(test_what_was_dismissed_is_not_sent),
        cmocka_unit_test(test_patience_is_bounded_by_the_policy),
        cmocka_unit_test(test_backoff_grows_until_something_is_learned),
        cmocka_unit_test(test_gone_within_a_minute_is_not_yet),
        cmocka_unit_test(test_result_gone_twice),
        cmocka_unit_test(test_invalid_results),
        cmocka_unit_test(test_hold),
        cmocka_unit_test(test_unreadable_is_held),
        cmocka_unit_test(test_restored_is_held),
        cmocka_unit_test(test_resends_end),
        cmocka_unit_test(test_retry_asks_and_then_sends),
        cmocka_unit_test(test_a_resend_that_isnt_sent),
        cmocka_unit_test(test_extra_charges),
        cmocka_unit_test(test_old_news_of_a_failure),
        cmocka_unit_test(test_late_failure_keeps_the_running_job),
    };
    return cmocka_run_group_tests_name("document", tests, NULL, NULL);
}
