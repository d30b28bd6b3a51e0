/* Results by webhook: whose each is, what it makes of the document, when it is answered, and what
 * happens where none comes. */
#include "batch/receive.h"

#include "around.h"
#include "base/text.h"
#include "fake_router.h"
#include "fake_upload.h"
#include "ledger/document_ledger.h"
#include "ledger/webhooks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scene {
    struct around around;
    struct upload *upload;
    struct receive *receive;
    bool closed;
};

/* --- the scene --- */

static void make(struct scene *s)
{
    *s = (struct scene){0};
    around_open(&s->around);
    s->around.part.options.webhook.listen = ":8443";
    s->around.part.options.webhook.path = "/webhook";
    s->upload = upload_new(&s->around.part.context, &s->around.with);
    s->receive = receive_new(&s->around.part.context, &s->around.with, s->upload);
}

static void open_it(struct scene *s)
{
    struct error e;
    assert_int_equal(receive_open(s->receive, &e), 0);
}

static void begin(struct scene *s)
{
    make(s);
    open_it(s);
    receive_start(s->receive);
    record_take();
}

static void closed_cb(void *ctx)
{
    ((struct scene *)ctx)->closed = true;
}

static void end(struct scene *s)
{
    receive_close(s->receive, closed_cb, s);
    if (fake_router)
        fake_router_closed();
    assert_true(s->closed);
    receive_free(s->receive);
    upload_free(s->upload);
    around_close(&s->around);
}

static struct ledger *ledger(struct scene *s)
{
    return s->around.part.context.ledger;
}

/* A document in flight with another attempt begun, which has a job if JOB_ID says so. */
static struct flight *document(struct scene *s, const char *name, const char *job_id,
                               enum doc_state state)
{
    struct flight *f = around_document(&s->around, name, name, state);
    f->job_id[0] = '\0';
    assert_ok(ledger(s),
              ledger_attempt_start(ledger(s), f->id, credits_of(1), &f->attempt, f->alias));
    if (job_id) {
        assert_ok(ledger(s), ledger_attempt_accepted(ledger(s), f->id, f->attempt, job_id));
        text_copy(f->job_id, sizeof f->job_id, job_id);
    }
    record_take();
    return f;
}

static struct mindee_webhook result(const char *job_id, const char *alias)
{
    return (struct mindee_webhook){
        .kind = MINDEE_WEBHOOK_RESULT,
        .inference = {.id = "i", .job_id = job_id, .alias = alias, .page_count = 2},
        .problem = {.code = "", .detail = ""}};
}

static struct mindee_webhook failure(const char *alias, int status, const char *code)
{
    return (struct mindee_webhook){
        .kind = MINDEE_WEBHOOK_FAILURE,
        .inference = {.id = "i", .job_id = "", .alias = alias},
        .problem = {.status = status, .code = code, .detail = "in Mindee's words"}};
}

/* Delivery NUMBER; NULL: its body can't be read. */
static enum route_answer offer(struct scene *s, int number, const struct mindee_webhook *w,
                               bool stranger)
{
    static struct webhook_delivery deliveries[100];
    (void)s;
    deliveries[number].number = number;
    return fake_router->route->offer(fake_router->route->ctx, &deliveries[number], w, "{body}", 6,
                                     stranger);
}

static void assert_taken(struct scene *s, struct mindee_webhook w)
{
    assert_int_equal(offer(s, 1, &w, false), ROUTE_TAKEN);
}

/* --- life --- */

static void without_an_address_there_is_no_receiver(void **state)
{
    struct scene s;
    (void)state;
    make(&s);
    s.around.part.options.webhook.listen = NULL;
    open_it(&s);
    receive_start(s.receive);
    receive_seal(s.receive);
    receive_reply(s.receive, true);
    struct flight *f = document(&s, "a.pdf", "job-1", DOC_IN_DOUBT);
    assert_ok(ledger(&s), ledger_orphan_put(ledger(&s), "{}", 2, "job-1", ""));
    receive_adopt(s.receive, f);
    assert_false(receive_expects(s.receive));
    assert_false(receive_busy(s.receive));
    assert_int_equal(receive_next(s.receive, around_now(&s.around)).ms, MONO_NEVER.ms);
    receive_close(s.receive, NULL, NULL);
    assert_recorded("");
    end(&s); /* and says at once that it has closed */
    assert_recorded("");
}

static void a_receiver_of_the_runs_own(void **state)
{
    struct scene s;
    (void)state;
    make(&s);
    open_it(&s);
    assert_recorded("open_router /webhook\n"
                    "join_router\n");
    assert_true(receive_expects(s.receive));
    receive_start(s.receive);
    fake_router->counts =
        (struct webhook_receiver_counts){.delivered = 7, .refused_signature = 2, .refused_path = 1};
    receive_close(s.receive, closed_cb, &s);
    assert_recorded("log info webhook.closed delivered=7 refused_signature=2 refused_path=1 "
                    "matched=0 missed=0\n"
                    "leave_router\n"
                    "close_router grace=2000\n");
    assert_false(s.closed); /* answers go out first */
    fake_router_closed();
    assert_true(s.closed);
    assert_false(receive_expects(s.receive));
    end(&s);
}

static void a_receiver_that_others_use_too(void **state)
{
    struct scene s;
    (void)state;
    make(&s);
    struct webhook_router *router = fake_router_new();
    s.around.part.options.webhook_router = router;
    open_it(&s);
    receive_start(s.receive);
    assert_recorded("join_router\n");
    receive_close(s.receive, closed_cb, &s);
    assert_true(s.closed);
    assert_recorded("log info webhook.closed delivered=0 refused_signature=0 refused_path=0 "
                    "matched=0 missed=0\n"
                    "leave_router\n");
    fake_router_closed();
    end(&s);
}

static void one_that_cannot_listen(void **state)
{
    struct scene s;
    struct error e;
    (void)state;
    make(&s);
    fake_router_open_fails = "webhook.listen: the port is taken";
    assert_int_equal(receive_open(s.receive, &e), ERR_USAGE);
    fake_router_open_fails = NULL;
    assert_int_equal(e.code, ERR_USAGE);
    assert_string_equal(e.text, "webhook.listen: the port is taken");
    assert_false(receive_expects(s.receive));
    end(&s);
}

static void a_run_that_never_started_has_nothing_to_tell(void **state)
{
    struct scene s;
    (void)state;
    make(&s);
    open_it(&s);
    record_take();
    receive_close(s.receive, NULL, NULL);
    assert_recorded("leave_router\n"
                    "close_router grace=2000\n");
    fake_router_closed();
    end(&s);
}

/* --- when it can be taken --- */

static void assert_refused(struct scene *s)
{
    const struct mindee_webhook w = result("job-1", "");
    assert_int_equal(offer(s, 1, &w, false), ROUTE_REFUSED);
    assert_int_equal(offer(s, 1, &w, true), ROUTE_REFUSED);
}

static void not_before_the_start(void **state)
{
    struct scene s;
    (void)state;
    make(&s);
    open_it(&s);
    document(&s, "a.pdf", "job-1", DOC_PROCESSING);
    const struct mindee_webhook w = result("job-1", "");
    assert_int_equal(offer(&s, 1, &w, false), ROUTE_LATER); /* no turn would commit it yet */
    receive_start(s.receive);
    assert_taken(&s, result("job-1", ""));
    end(&s);
}

static void not_while_nothing_can_be_written(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    document(&s, "a.pdf", "job-1", DOC_PROCESSING);
    s.around.with.journal->down = true;
    assert_refused(&s);
    s.around.with.journal->down = false;
    ending_early(s.around.part.ending, EXIT_RESUMABLE, "enough");
    assert_taken(&s, result("job-1", "")); /* a run that drains still takes it */
    ending_storage_failed(s.around.part.ending);
    assert_refused(&s);
    end(&s);
}

static void not_when_the_run_closes(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    document(&s, "a.pdf", "job-1", DOC_PROCESSING);
    ending_close(s.around.part.ending);
    assert_refused(&s);
    assert_recorded("");
    end(&s);
}

static void a_ledger_that_cannot_be_read_ends_the_run(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    document(&s, "a.pdf", "job-1", DOC_PROCESSING);
    around_break_ledger(&s.around);
    assert_refused(&s);
    assert_true(ending_storage_lost(s.around.part.ending));
    end(&s);
}

/* --- whose it is --- */

static void it_is_found_by_its_job(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    document(&s, "a.pdf", "job-1", DOC_PROCESSING);
    document(&s, "b.pdf", "job-2", DOC_PROCESSING);
    part_poked(&s.around.part);
    assert_taken(&s, result("job-2", ""));
    assert_recorded("attempt_end doc=2 attempt=1 job_done 200 webhook\n"
                    "event doc=2 result webhook - -\n");
    const struct news *n = &s.around.with.flights->news;
    assert_string_equal(n->body, "{body}");
    assert_int_equal(n->body_len, 6);
    assert_int_equal(n->page_count, 2);
    assert_int_equal(n->retry_after_ms, -1);
    assert_true(n->known);
    assert_false(n->late);
    assert_true(part_poked(&s.around.part));
    end(&s);
}

/* Its upload was sent, and its 202 hasn't come, or never will. */
static void or_by_our_alias_which_settles_the_doubt(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    struct flight *f = document(&s, "a.pdf", NULL, DOC_IN_DOUBT);
    assert_taken(&s, result("job-7", f->alias));
    assert_recorded("accepted doc=1 attempt=1 job-7\n"
                    "attempt_end doc=1 attempt=1 job_done 200 webhook\n"
                    "event doc=1 result webhook - -\n");
    assert_string_equal(f->job_id, "job-7");
    assert_false(s.around.with.flights->news.known);
    end(&s);
}

static void a_job_counts_more_than_an_alias(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    document(&s, "a.pdf", "job-1", DOC_PROCESSING);
    struct flight *b = document(&s, "b.pdf", "job-2", DOC_PROCESSING);
    assert_taken(&s, result("job-1", b->alias));
    assert_non_null(strstr(record_take(), "event doc=1 result"));
    end(&s);
}

static void a_failure_for_a_reason_in_the_document(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    struct flight *f = document(&s, "a.pdf", NULL, DOC_SUBMITTING);
    assert_taken(&s, failure(f->alias, 422, "422-004"));
    assert_recorded("attempt_end doc=1 attempt=1 job_failed 422 422-004\n"
                    "event doc=1 job_failed webhook 422-004 in Mindee's words\n");
    assert_string_equal(f->job_id, ""); /* there is no job id in one */
    end(&s);
}

/* It names no job: the one that is known says itself how it ended. */
static void a_failure_of_a_known_job_has_it_asked_for_at_once(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    struct flight *f = document(&s, "a.pdf", "job-1", DOC_PROCESSING);
    assert_taken(&s, failure(f->alias, 422, "422-004"));
    assert_recorded("event doc=1 restart webhook - -\n");
    assert_true(f->hinted);
    assert_true(receive_holds(s.receive));
    receive_seal(s.receive);
    receive_reply(s.receive, true);
    assert_recorded("reply 1 200\n");
    assert_false(receive_holds(s.receive));
    f->hinted = false;
    f->requests = 1; /* it is being asked for: its answer may be older than this */
    assert_taken(&s, failure(f->alias, 422, "422-004"));
    assert_recorded("");
    assert_true(f->hinted);
    f->requests = 0;
    end(&s);
}

static void but_not_where_that_would_change_nothing(void **state)
{
    struct scene s;
    char first[LEDGER_ALIAS_MAX];
    (void)state;
    begin(&s);
    struct flight *f = document(&s, "a.pdf", "job-1", DOC_READY);
    assert_taken(&s, failure(f->alias, 500, "500-001")); /* its result is there */
    f->doc.state = DOC_PROCESSING;
    text_copy(first, sizeof first, f->alias);
    assert_ok(ledger(&s),
              ledger_attempt_start(ledger(&s), f->id, credits_of(1), &f->attempt, f->alias));
    assert_taken(&s, failure(first, 500, "500-001")); /* of an older attempt */
    f->doc.state = DOC_READY;
    int64_t id = fixture_put(s.around.part.ledger, "b.pdf", "beta", NULL);
    int attempt;
    char alias[LEDGER_ALIAS_MAX];
    assert_ok(ledger(&s), ledger_attempt_start(ledger(&s), id, credits_of(1), &attempt, alias));
    assert_ok(ledger(&s), ledger_attempt_accepted(ledger(&s), id, attempt, "job-2"));
    assert_taken(&s,
                 failure(alias, 500, "500-001")); /* not in memory: it is asked for in its turn */
    assert_recorded("");
    assert_false(f->hinted);
    assert_null(flight_find(s.around.with.flights, id));
    end(&s);
}

/* An alias that came back: a ledger restored from a backup gives numbers again. */
static void an_alias_whose_attempt_has_another_job_is_no_match(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    struct flight *f = document(&s, "a.pdf", "job-1", DOC_PROCESSING);
    const struct mindee_webhook w = result("job-of-a-stranger", f->alias);
    assert_int_equal(offer(&s, 1, &w, false), ROUTE_UNKNOWN);
    assert_int_equal(offer(&s, 1, &w, true), ROUTE_TAKEN);
    assert_non_null(strstr(record_take(), "orphan job-of-a-stranger"));
    end(&s);
}

static void a_failure_by_a_fault_of_the_service(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    struct flight *f = document(&s, "a.pdf", NULL, DOC_SUBMITTING);
    assert_taken(&s, failure(f->alias, 500, "500-001"));
    assert_recorded("attempt_end doc=1 attempt=1 job_failed 500 500-001\n"
                    "event doc=1 job_fault webhook 500-001 in Mindee's words\n");
    assert_false(s.around.with.flights->news.known);
    assert_true(f->heard_of); /* its upload's own end is no news */
    end(&s);
}

static void one_for_an_older_attempt_counts_too(void **state)
{
    struct scene s;
    char first[LEDGER_ALIAS_MAX];
    (void)state;
    begin(&s);
    struct flight *f = document(&s, "a.pdf", NULL, DOC_PROCESSING);
    text_copy(first, sizeof first, f->alias);
    assert_ok(ledger(&s),
              ledger_attempt_start(ledger(&s), f->id, credits_of(1), &f->attempt, f->alias));
    text_copy(f->job_id, sizeof f->job_id, "job-of-2");
    assert_taken(&s, result("job-of-1", first));
    assert_recorded("accepted doc=1 attempt=1 job-of-1\n"
                    "attempt_end doc=1 attempt=1 job_done 200 webhook\n"
                    "event doc=1 result webhook - -\n");
    assert_true(s.around.with.flights->news.late);
    assert_false(f->heard_of);
    assert_string_equal(f->job_id, "job-of-2");
    end(&s);
}

static void the_same_one_twice_is_known(void **state)
{
    struct scene s;
    static const enum attempt_outcome outcomes[] = {ATTEMPT_JOB_DONE, ATTEMPT_JOB_FAILED};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        begin(&s);
        struct flight *f = document(&s, "a.pdf", NULL, DOC_STORED);
        assert_ok(ledger(&s), ledger_attempt_end(ledger(&s), f->id, 1, outcomes[i], 200, ""));
        assert_taken(&s, result("job-1", f->alias));
        assert_null(strstr(record_take(), "accepted"));
        assert_true(s.around.with.flights->news.known);
        end(&s);
    }
}

static void one_of_an_earlier_run_is_taken_into_memory(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    int64_t id = fixture_put(s.around.part.ledger, "a.pdf", "alpha", NULL);
    fixture_accept(s.around.part.ledger, id, "job-1");
    assert_taken(&s, result("job-1", ""));
    assert_recorded("attempt_end doc=1 attempt=1 job_done 200 webhook\n"
                    "event doc=1 result webhook - -\n");
    assert_non_null(flight_find(s.around.with.flights, id));
    end(&s);
}

/* Admitted in this turn, out of doubt, when the older attempt's result comes. */
static void an_upload_that_is_about_to_leave_stays(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    struct flight *f = document(&s, "a.pdf", NULL, DOC_SUBMITTING);
    f->pending = DO_PERSIST | DO_SUBMIT;
    assert_taken(&s, result("job-1", f->alias));
    assert_non_null(strstr(record_take(), "unsend doc=1\n"));
    f->pending = DO_PERSIST;
    assert_taken(&s, result("job-1", f->alias));
    assert_null(strstr(record_take(), "unsend"));
    end(&s);
}

/* --- whose it isn't --- */

static void what_matches_nothing_is_for_another_batch(void **state)
{
    struct scene s;
    const struct mindee_webhook w = result("job-9", "mb-1-1-1");
    (void)state;
    begin(&s);
    assert_int_equal(offer(&s, 1, &w, false), ROUTE_UNKNOWN);
    assert_int_equal(offer(&s, 2, NULL, false), ROUTE_UNKNOWN);
    receive_seal(s.receive);
    receive_reply(s.receive, true);
    assert_recorded("");
    end(&s);
}

static void or_is_kept_as_an_orphan(void **state)
{
    struct scene s;
    const struct mindee_webhook w = result("job-9", "mb-1-1-1");
    (void)state;
    begin(&s);
    assert_int_equal(offer(&s, 1, &w, true), ROUTE_TAKEN);
    assert_int_equal(offer(&s, 2, NULL, true), ROUTE_TAKEN);
    receive_seal(s.receive);
    receive_reply(s.receive, true);
    assert_recorded("orphan job-9 mb-1-1-1 {body}\n"
                    "log warning webhook.unreadable bytes=6 next=signed, but no payload that is "
                    "known: kept as it is\n"
                    "orphan   {body}\n"
                    "reply 1 200\n"
                    "reply 2 200\n");
    end(&s);
}

static void without_memory_for_it_it_comes_again(void **state)
{
    struct scene s;
    const struct mindee_webhook w = result("job-9", "");
    (void)state;
    begin(&s);
    s.around.with.journal->no_memory = true;
    assert_int_equal(offer(&s, 1, &w, true), ROUTE_REFUSED);
    record_take();
    receive_seal(s.receive);
    receive_reply(s.receive, true);
    assert_recorded(""); /* not ours to answer */
    end(&s);
}

/* --- the reply --- */

static void answered_once_it_is_durable(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    document(&s, "a.pdf", "job-1", DOC_PROCESSING);
    assert_taken(&s, result("job-1", ""));
    assert_null(strstr(record_take(), "reply"));
    receive_seal(s.receive);
    receive_reply(s.receive, true);
    assert_recorded("reply 1 200\n");
    receive_seal(s.receive);
    receive_reply(s.receive, true);
    assert_recorded("");
    assert_taken(&s, result("job-1", ""));
    record_take();
    receive_reply(s.receive, false);
    assert_recorded("reply 1 503\n");
    end(&s);
}

static void any_number_of_them(void **state)
{
    struct scene s;
    const struct mindee_webhook w = result("job-9", "");
    char last[32] = "";
    (void)state;
    begin(&s);
    for (int i = 0; i < 100; i++)
        assert_int_equal(offer(&s, i, &w, true), ROUTE_TAKEN);
    record_take();
    receive_seal(s.receive);
    receive_reply(s.receive, true);
    const char *lines = record_take();
    for (int i = 0; i < 100; i++) {
        snprintf(last, sizeof last, "reply %d 200\n", i);
        lines = strstr(lines, last);
        assert_non_null(lines);
    }
    assert_string_equal(lines, last);
    end(&s);
}

static void closing_answers_what_is_held(void **state)
{
    struct scene s;
    const struct mindee_webhook w = result("job-9", "");
    (void)state;
    begin(&s);
    offer(&s, 1, &w, true);
    record_take();
    receive_close(s.receive, NULL, NULL);
    assert_recorded("log info webhook.closed delivered=0 refused_signature=0 refused_path=0 "
                    "matched=0 missed=0\n"
                    "reply 1 503\n"
                    "leave_router\n"
                    "close_router grace=2000\n");
    fake_router_closed();
    end(&s);
}

/* --- orphans --- */

#define ORPHAN                                                                                     \
    "{\"inference\":{\"id\":\"i-1\",\"job\":{\"id\":\"job-1\"},\"file\":{\"alias\":\"x\","         \
    "\"page_count\":3},\"result\":{}}}"

static void put_orphan(struct scene *s, const char *body, const char *job_id, const char *alias)
{
    assert_ok(ledger(s), ledger_orphan_put(ledger(s), body, strlen(body), job_id, alias));
}

static int64_t orphans(struct scene *s)
{
    return fixture_counts(s->around.part.ledger).orphans;
}

static void one_that_came_before_its_202_is_adopted(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    struct flight *f = document(&s, "a.pdf", "job-1", DOC_PROCESSING);
    put_orphan(&s, ORPHAN, "job-1", "");
    receive_adopt(s.receive, f);
    assert_recorded("attempt_end doc=1 attempt=1 job_done 200 webhook\n"
                    "event doc=1 result webhook - -\n");
    assert_int_equal(s.around.with.flights->news.page_count, 3);
    assert_int_equal(orphans(&s), 0);
    receive_seal(s.receive);
    receive_reply(s.receive, true);
    assert_recorded(""); /* it was answered when it came */
    receive_adopt(s.receive, f);
    assert_recorded("");
    end(&s);
}

static void by_its_alias_where_it_has_no_job(void **state)
{
    struct scene s;
    char body[256];
    (void)state;
    begin(&s);
    struct flight *f = document(&s, "a.pdf", "job-1", DOC_PROCESSING);
    snprintf(body, sizeof body,
             "{\"inference_id\":\"i\",\"file_alias\":\"%s\",\"error\":{\"status\":422,\"code\":"
             "\"422-004\",\"detail\":\"Broken PDF.\"}}",
             f->alias);
    put_orphan(&s, body, "", f->alias);
    receive_adopt(s.receive, f);
    assert_recorded("event doc=1 restart webhook - -\n");
    assert_true(f->hinted);
    end(&s);
}

static void another_ones_orphan_stays(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    struct flight *f = document(&s, "a.pdf", "job-1", DOC_PROCESSING);
    put_orphan(&s, ORPHAN, "job-2", "mb-x");
    receive_adopt(s.receive, f);
    assert_recorded("");
    assert_int_equal(orphans(&s), 1);
    end(&s);
}

static void one_is_enough(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    struct flight *f = document(&s, "a.pdf", "job-1", DOC_PROCESSING);
    put_orphan(&s, ORPHAN, "job-1", "");
    put_orphan(&s, ORPHAN " ", "job-1", "");
    receive_adopt(s.receive, f);
    assert_recorded("attempt_end doc=1 attempt=1 job_done 200 webhook\n"
                    "event doc=1 result webhook - -\n");
    assert_int_equal(orphans(&s), 1);
    end(&s);
}

/* --- late webhooks --- */

/* COUNT webhooks, each DELAY_MS after its 202. */
static void come(struct scene *s, struct flight *f, int count, int64_t delay_ms)
{
    for (int i = 0; i < count; i++) {
        f->doc.accepted_at = around_now(&s->around);
        part_pass(&s->around.part, delay_ms);
        assert_taken(s, result("job-1", ""));
        receive_seal(s->receive);
        receive_reply(s->receive, true);
        record_take();
    }
}

static void how_long_is_late_is_learned(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    struct flight *f = document(&s, "a.pdf", "job-1", DOC_PROCESSING);
    assert_int_equal(receive_fallback_ms(s.receive), 60000);
    come(&s, f, 19, 4000);
    assert_int_equal(receive_fallback_ms(s.receive), 60000);
    come(&s, f, 1, 4000);
    assert_int_equal(receive_fallback_ms(s.receive), 12000); /* three times the longest */
    come(&s, f, 1, 1000);
    assert_int_equal(receive_fallback_ms(s.receive), 3 * (4000 - 62)); /* slowly forgotten */
    come(&s, f, 1, 30000);
    assert_int_equal(receive_fallback_ms(s.receive), 60000); /* never more than configured */
    end(&s);
}

static void never_less_than_five_seconds(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    struct flight *f = document(&s, "a.pdf", "job-1", DOC_PROCESSING);
    come(&s, f, 20, 100);
    assert_int_equal(receive_fallback_ms(s.receive), 5000);
    s.around.part.options.fallback_after_ms = 3000; /* unless that is what is wanted */
    assert_int_equal(receive_fallback_ms(s.receive), 3000);
    end(&s);
}

/* What was long done, or in doubt, says nothing of how fast webhooks are. */
static void only_jobs_that_are_waited_for_teach(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    struct flight *f = document(&s, "a.pdf", "job-1", DOC_IN_DOUBT);
    come(&s, f, 20, 15000);
    assert_int_equal(receive_fallback_ms(s.receive), 5000);
    end(&s);
}

/* --- webhooks that never come --- */

static void miss(struct scene *s, const char *job_id, const char *error)
{
    const struct mindee_job_webhook hooks[] = {{.id = "end-0", .error = ""},
                                               {.id = "end-1", .error = error}};
    const struct mindee_job job = {.id = job_id, .webhooks = hooks, .webhook_count = 2};
    receive_missed(s->receive, &job);
}

static void three_missed_and_hope_is_given_up(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    miss(&s, "job-1", "");
    miss(&s, "job-2", "connection refused");
    assert_recorded("log info webhook.missed job=job-1 mindee_says=\n"
                    "log info webhook.missed job=job-2 mindee_says=connection refused\n");
    assert_true(receive_expects(s.receive));
    miss(&s, "job-3", "connection refused");
    assert_recorded(
        "log info webhook.missed job=job-3 mindee_says=connection refused\n"
        "log warning webhook.unreachable mindee_says=connection refused what=no webhook "
        "has come: check that Mindee can reach webhook.listen at the endpoint's URL, "
        "its path, and webhook.secret next=the run goes on by polling\n");
    assert_false(receive_expects(s.receive));
    miss(&s, "job-4", "");
    assert_recorded("log info webhook.missed job=job-4 mindee_says=\n"); /* said once */
    end(&s);
}

static void mindee_may_say_nothing(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    for (int i = 0; i < 3; i++)
        miss(&s, "job-1", "");
    assert_non_null(strstr(record_take(), "webhook.unreachable mindee_says=nothing what="));
    end(&s);
}

static void or_they_come_and_their_signature_is_wrong(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    fake_router->counts.refused_signature = 5;
    for (int i = 0; i < 3; i++)
        miss(&s, "job-1", "401");
    assert_non_null(strstr(
        record_take(), "log warning webhook.all_refused deliveries=5 what=their signature or "
                       "query secret is wrong: webhook.secret isn't the endpoint's next=the run "
                       "goes on by polling\n"));
    assert_false(receive_expects(s.receive));
    end(&s);
}

static void one_that_came_keeps_hope_alive(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    struct flight *f = document(&s, "a.pdf", "job-1", DOC_PROCESSING);
    come(&s, f, 1, 100);
    for (int i = 0; i < 5; i++)
        miss(&s, "job-2", "");
    assert_null(strstr(record_take(), "unreachable"));
    assert_true(receive_expects(s.receive));
    end(&s);
}

/* --- waiting for doubts --- */

static void busy_while_a_webhook_may_settle_a_doubt(void **state)
{
    struct scene s;
    (void)state;
    make(&s);
    open_it(&s);
    int64_t id = fixture_put(s.around.part.ledger, "a.pdf", "alpha", NULL);
    part_pass(&s.around.part, 5000);
    receive_start(s.receive);
    assert_false(receive_busy(s.receive)); /* nothing is in doubt */
    int attempt = fixture_submit(s.around.part.ledger, id);
    fixture_step(s.around.part.ledger, id, DOC_SUBMITTING, DOC_IN_DOUBT, EV_DOUBT, attempt);
    assert_true(receive_busy(s.receive)); /* an earlier run's: since the start */
    assert_int_equal(receive_next(s.receive, around_now(&s.around)).ms, part_at(15000).ms);
    s.around.with.flights->tally.doubted_at = part_at(7000); /* since then */
    assert_int_equal(receive_next(s.receive, around_now(&s.around)).ms, part_at(17000).ms);
    part_pass(&s.around.part, 11999);
    assert_true(receive_busy(s.receive));
    part_pass(&s.around.part, 1);
    assert_false(receive_busy(s.receive));
    assert_int_equal(receive_next(s.receive, around_now(&s.around)).ms, MONO_NEVER.ms);
    end(&s);
}

static void a_run_that_ends_waits_for_no_doubt(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    int64_t id = fixture_put(s.around.part.ledger, "a.pdf", "alpha", NULL);
    int attempt = fixture_submit(s.around.part.ledger, id);
    fixture_step(s.around.part.ledger, id, DOC_SUBMITTING, DOC_IN_DOUBT, EV_DOUBT, attempt);
    assert_true(receive_busy(s.receive));
    ending_early(s.around.part.ending, EXIT_RESUMABLE, "enough");
    assert_false(receive_busy(s.receive));
    end(&s);
}

/* --- between runs --- */

static void one_that_only_receives_waits_a_moment_for_more(void **state)
{
    struct scene s;
    (void)state;
    make(&s);
    s.around.part.options.mode = RUN_RECEIVES;
    open_it(&s);
    receive_start(s.receive);
    document(&s, "a.pdf", NULL, DOC_IN_DOUBT); /* no reason to stay */
    assert_int_equal(receive_next(s.receive, around_now(&s.around)).ms, part_at(5000).ms);
    part_pass(&s.around.part, 4000);
    assert_true(receive_busy(s.receive));
    const struct mindee_webhook w = result("nobody's", "");
    assert_int_equal(offer(&s, 1, &w, false), ROUTE_UNKNOWN);
    assert_int_equal(receive_next(s.receive, around_now(&s.around)).ms, part_at(9000).ms);
    part_pass(&s.around.part, 4999);
    assert_true(receive_busy(s.receive));
    part_pass(&s.around.part, 1);
    assert_false(receive_busy(s.receive));
    assert_int_equal(receive_next(s.receive, around_now(&s.around)).ms, MONO_NEVER.ms);
    assert_int_equal(offer(&s, 1, &w, false), ROUTE_UNKNOWN);
    assert_true(receive_busy(s.receive));
    ending_early(s.around.part.ending, EXIT_RESUMABLE, "a run is due");
    assert_false(receive_busy(s.receive));
    end(&s);
}

/* No other part takes up the jobs of earlier runs. */
static void and_takes_up_the_job_that_failed(void **state)
{
    struct scene s;
    int attempt;
    char alias[LEDGER_ALIAS_MAX];
    (void)state;
    begin(&s);
    s.around.part.options.mode = RUN_RECEIVES;
    int64_t id = fixture_put(s.around.part.ledger, "b.pdf", "beta", NULL);
    assert_ok(ledger(&s), ledger_attempt_start(ledger(&s), id, credits_of(1), &attempt, alias));
    assert_ok(ledger(&s), ledger_attempt_accepted(ledger(&s), id, attempt, "job-2"));
    assert_taken(&s, failure(alias, 500, "500-001")); /* it is queued again since */
    assert_recorded("");
    assert_null(flight_find(s.around.with.flights, id));
    fixture_step(s.around.part.ledger, id, DOC_QUEUED, DOC_PROCESSING, EV_ACCEPTED, attempt);
    assert_taken(&s, failure(alias, 500, "500-001"));
    assert_recorded("event doc=1 restart webhook - -\n");
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_an_address_there_is_no_receiver),
        cmocka_unit_test(a_receiver_of_the_runs_own),
        cmocka_unit_test(a_receiver_that_others_use_too),
        cmocka_unit_test(one_that_cannot_listen),
        cmocka_unit_test(a_run_that_never_started_has_nothing_to_tell),
        cmocka_unit_test(not_before_the_start),
        cmocka_unit_test(not_while_nothing_can_be_written),
        cmocka_unit_test(not_when_the_run_closes),
        cmocka_unit_test(a_ledger_that_cannot_be_read_ends_the_run),
        cmocka_unit_test(it_is_found_by_its_job),
        cmocka_unit_test(or_by_our_alias_which_settles_the_doubt),
        cmocka_unit_test(a_job_counts_more_than_an_alias),
        cmocka_unit_test(a_failure_for_a_reason_in_the_document),
        cmocka_unit_test(a_failure_of_a_known_job_has_it_asked_for_at_once),
        cmocka_unit_test(but_not_where_that_would_change_nothing),
        cmocka_unit_test(an_alias_whose_attempt_has_another_job_is_no_match),
        cmocka_unit_test(a_failure_by_a_fault_of_the_service),
        cmocka_unit_test(one_for_an_older_attempt_counts_too),
        cmocka_unit_test(the_same_one_twice_is_known),
        cmocka_unit_test(one_of_an_earlier_run_is_taken_into_memory),
        cmocka_unit_test(an_upload_that_is_about_to_leave_stays),
        cmocka_unit_test(what_matches_nothing_is_for_another_batch),
        cmocka_unit_test(or_is_kept_as_an_orphan),
        cmocka_unit_test(without_memory_for_it_it_comes_again),
        cmocka_unit_test(answered_once_it_is_durable),
        cmocka_unit_test(any_number_of_them),
        cmocka_unit_test(closing_answers_what_is_held),
        cmocka_unit_test(one_that_came_before_its_202_is_adopted),
        cmocka_unit_test(by_its_alias_where_it_has_no_job),
        cmocka_unit_test(another_ones_orphan_stays),
        cmocka_unit_test(one_is_enough),
        cmocka_unit_test(how_long_is_late_is_learned),
        cmocka_unit_test(never_less_than_five_seconds),
        cmocka_unit_test(only_jobs_that_are_waited_for_teach),
        cmocka_unit_test(three_missed_and_hope_is_given_up),
        cmocka_unit_test(mindee_may_say_nothing),
        cmocka_unit_test(or_they_come_and_their_signature_is_wrong),
        cmocka_unit_test(one_that_came_keeps_hope_alive),
        cmocka_unit_test(busy_while_a_webhook_may_settle_a_doubt),
        cmocka_unit_test(a_run_that_ends_waits_for_no_doubt),
        cmocka_unit_test(one_that_only_receives_waits_a_moment_for_more),
        cmocka_unit_test(and_takes_up_the_job_that_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
