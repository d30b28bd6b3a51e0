/* One upload: what is sent, and what each answer makes of the document, of its attempt's record, and
 * of the run. */
#include "around.h"

#include <string.h>

struct scene {
    struct around around;
    struct upload *upload;
    struct flight *f; /* a.pdf, document 1 */
};

static void begin(struct scene *s)
{
    around_open(&s->around);
    s->upload = upload_new(&s->around.part.context, &s->around.with);
    s->f = around_document(&s->around, "a.pdf", "alpha", DOC_SUBMITTING);
    s->f->job_id[0] = '\0';
    s->f->pages = 3;
    record_take();
}

static void end(struct scene *s)
{
    upload_free(s->upload);
    around_close(&s->around);
}

/* Admitted, committed, sent. */
static void begin_sent(struct scene *s)
{
    begin(s);
    upload_send(s->upload, s->f, around_now(&s->around));
    part_poked(&s->around.part);
    record_take();
}

static void answer(struct scene *s, struct mindee_response r)
{
    around_answer(&s->around, r);
}

/* An answer that is Mindee's own, of that status. */
static const struct mindee_problem *problem(int status, const char *code)
{
    static struct mindee_problem p;
    p = (struct mindee_problem){.status = status,
                                .title = "",
                                .detail = "",
                                .code = code,
                                .pointer = "",
                                .pointer_detail = ""};
    return &p;
}

static struct mindee_response refusal(int status, const char *code, const char *text)
{
    struct mindee_response r = fake_response(status);
    r.text = text;
    r.problem = problem(status, code);
    return r;
}

static struct mindee_response accepted(const char *job_id)
{
    static struct mindee_job job;
    struct mindee_response r = fake_response(202);
    job = (struct mindee_job){.id = job_id, .alias = "", .status = MINDEE_JOB_PROCESSING};
    r.job = &job;
    return r;
}

/* --- the request --- */

static void look_at_request(const struct mindee_enqueue *q)
{
    record("path=%s type=%s model=%s context=%s rag=%d polygon=%d", q->path, q->content_type,
           q->model_id, q->text_context, q->rag, q->polygon);
    record("stamp=%lld,%lld,%lld,%llu", (long long)q->stamp->size_bytes,
           (long long)q->stamp->mtime_ns, (long long)q->stamp->ctime_ns,
           (unsigned long long)q->stamp->inode);
}

static void the_request_is_the_options_and_the_file(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.around.part.options.request.model_id = "model-1";
    s.around.part.options.request.text_context = "an invoice";
    s.around.part.options.request.polygon = 1;
    s.f->source.stamp =
        (struct file_stamp){.size_bytes = 5, .mtime_ns = 6, .ctime_ns = 7, .inode = 8};
    fake_client_look = look_at_request;
    upload_send(s.upload, s.f, around_now(&s.around));
    fake_client_look = NULL;
    assert_recorded("enqueue a.pdf mb-1-1\n"
                    "path=/data/a.pdf type=application/pdf model=model-1 context=an invoice rag=-1 "
                    "polygon=1\n"
                    "stamp=5,6,7,8\n");
    answer(&s, accepted("job-9"));
    end(&s);
}

/* The name says another type than the bytes. */
static void the_name_is_made_right(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.f->type = FILE_JPEG;
    upload_send(s.upload, s.f, around_now(&s.around));
    assert_recorded("enqueue a.jpg mb-1-1\n");
    answer(&s, accepted("job-9"));
    end(&s);
}

static void what_is_on_the_wire_is_counted(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    struct flight *unknown = around_document(&s.around, "b.pdf", "beta", DOC_SUBMITTING);
    assert_false(upload_has_begun(s.upload));
    assert_int_equal(upload_out(s.upload), 0);
    upload_send(s.upload, s.f, around_now(&s.around));
    upload_send(s.upload, unknown, around_now(&s.around));
    assert_int_equal(upload_out(s.upload), 2);
    assert_int_equal(s.f->requests, 1);
    assert_true(upload_has_begun(s.upload));
    answer(&s, accepted("job-9"));
    assert_int_equal(upload_out(s.upload), 1);
    assert_int_equal(s.f->requests, 0);
    answer(&s, fake_silence(MINDEE_IN_DOUBT, MINDEE_TIMEOUT));
    assert_int_equal(upload_out(s.upload), 0);
    assert_true(upload_has_begun(s.upload));
    end(&s);
}

/* --- not sent after all --- */

#define UNSENT                                                                                     \
    "untake post\n"                                                                                \
    "attempt_end doc=1 attempt=1 not_sent 0 stopped\n"                                             \
    "event doc=1 not_sent stopped - -\n"

static void unsent_it_gives_back_all(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    upload_unsend(s.upload, s.f, around_now(&s.around));
    assert_recorded(UNSENT);
    assert_false(upload_has_begun(s.upload));
    assert_int_equal(s.around.with.flights->news.retry_after_ms, -1);
    end(&s);
}

static void a_run_that_drains_sends_what_was_admitted(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    ending_early(s.around.part.ending, EXIT_RESUMABLE, "enough");
    upload_send(s.upload, s.f, around_now(&s.around));
    assert_recorded("enqueue a.pdf mb-1-1\n");
    answer(&s, accepted("job-9"));
    end(&s);
}

static void a_run_that_stops_does_not(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    ending_interrupt(s.around.part.ending, true);
    record_take();
    upload_send(s.upload, s.f, around_now(&s.around));
    assert_recorded(UNSENT);
    assert_int_equal(upload_out(s.upload), 0);
    end(&s);
}

/* Its answer might not be recorded. */
static void nor_does_one_whose_ledger_failed_once(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.around.with.journal->was_down = true;
    upload_send(s.upload, s.f, around_now(&s.around));
    assert_recorded(UNSENT);
    end(&s);
}

/* An answer that can't be read came between its turn and the commit: fewer may be out. */
static void nor_one_that_the_canary_has_no_room_for_any_more(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    fake_flight(s.around.with.flights, 50, DOC_SUBMITTING);
    s.around.with.suspects->room = 1; /* the other's */
    upload_send(s.upload, s.f, around_now(&s.around));
    assert_recorded("untake post\n"
                    "attempt_end doc=1 attempt=1 not_sent 0 canary\n"
                    "event doc=1 not_sent canary - -\n");
    assert_int_equal(upload_out(s.upload), 0);
    s.around.with.suspects->room = 2;
    flight_event(s.f, EV_ADMIT, NULL);
    record_take();
    upload_send(s.upload, s.f, around_now(&s.around));
    assert_recorded("enqueue a.pdf mb-1-1\n");
    answer(&s, accepted("job-9"));
    end(&s);
}

/* --- accepted --- */

static void accepted_it_has_a_job(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    s.f->poll.polls = 7; /* of an earlier attempt's job */
    s.f->taken_up = true;
    part_pass(&s.around.part, 1500);
    answer(&s, accepted("job-9"));
    assert_recorded("answered post 202\n"
                    "sign up\n"
                    "accepted doc=1 attempt=1 job-9\n"
                    "event doc=1 accepted http_202 - \n"
                    "suspects accepted\n");
    assert_string_equal(s.f->job_id, "job-9");
    assert_int_equal(s.f->poll.polls, 0);
    assert_false(s.f->taken_up);
    assert_true(s.f->adopts);
    assert_int_equal(s.f->asked_until.ms, part_at(1500 + 3600000).ms);
    assert_false(s.around.with.flights->news.known);
    assert_true(part_poked(&s.around.part));
    end(&s);
}

static void a_webhook_was_faster_than_its_202(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    s.around.with.flights->to[EV_RESULT] = DOC_STORED;
    flight_event(s.f, EV_RESULT, NULL);
    s.f->heard_of = true;
    record_take();
    answer(&s, accepted("job-9"));
    assert_recorded("answered post 202\n"
                    "sign up\n"
                    "accepted doc=1 attempt=1 job-9\n"
                    "event doc=1 accepted http_202 - \n"
                    "suspects accepted\n");
    assert_true(s.around.with.flights->news.known);
    end(&s);
}

/* A webhook said that attempt 1 failed before its 202 came, and attempt 2 is on its way. */
static void an_answer_to_an_older_attempt_is_that_ones(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    s.f->attempt = 2;
    answer(&s, accepted("job-of-1"));
    assert_recorded("answered post 202\n"
                    "sign up\n"
                    "accepted doc=1 attempt=1 job-of-1\n"
                    "event doc=1 accepted http_202 - \n"
                    "suspects accepted\n");
    assert_true(s.around.with.flights->news.late);
    assert_string_equal(s.f->job_id, "");
    assert_false(s.f->adopts);
    end(&s);
    begin_sent(&s);
    s.f->attempt = 2;
    answer(&s, fake_silence(MINDEE_IN_DOUBT, MINDEE_BROKEN));
    assert_non_null(strstr(record_take(), "attempt_end doc=1 attempt=1 in_doubt 0 broken\n"));
    assert_true(s.around.with.flights->news.late);
    end(&s);
}

/* An older attempt's webhook settled the document; of this one nobody has heard. */
static void a_202_that_was_overtaken_is_news(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    s.around.with.flights->to[EV_JOB_FAILED] = DOC_FAILED;
    flight_event(s.f, EV_JOB_FAILED, NULL);
    answer(&s, accepted("job-9"));
    assert_false(s.around.with.flights->news.known);
    assert_false(s.around.with.flights->news.late);
    end(&s);
}

/* --- in doubt --- */

static void without_an_answer_it_is_in_doubt(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    answer(&s, fake_silence(MINDEE_IN_DOUBT, MINDEE_BROKEN));
    assert_recorded("answered post 0\n"
                    "sign down\n"
                    "attempt_end doc=1 attempt=1 in_doubt 0 broken\n"
                    "event doc=1 doubt broken broken no answer\n");
    assert_false(s.f->adopts);
    end(&s);
}

static void a_202_without_a_job_is_unreadable(void **state)
{
    struct scene s;
    struct mindee_response r = fake_response(202);
    (void)state;
    begin_sent(&s);
    r.fault = MINDEE_UNEXPECTED;
    r.text = "202, and no job id in it";
    answer(&s, r);
    assert_recorded("answered post 202\n"
                    "sign up\n"
                    "attempt_end doc=1 attempt=1 unreadable 202 http_202_unexpected\n"
                    "event doc=1 unreadable http_202_unexpected http_202_unexpected "
                    "202, and no job id in it\n"
                    "suspects unreadable\n");
    end(&s);
}

/* A job id in an answer that isn't whole is none. */
static void a_job_in_a_broken_answer_is_unreadable(void **state)
{
    struct scene s;
    struct mindee_response r = accepted("job-9");
    (void)state;
    begin_sent(&s);
    r.fault = MINDEE_UNEXPECTED;
    answer(&s, r);
    assert_recorded("answered post 202\n"
                    "sign up\n"
                    "attempt_end doc=1 attempt=1 unreadable 202 http_202_unexpected\n"
                    "event doc=1 unreadable http_202_unexpected http_202_unexpected \n"
                    "suspects unreadable\n");
    end(&s);
}

/* We cut it ourselves: it tells nothing of what lies between us and Mindee. */
static void a_202_that_we_cut_is_unreadable_and_no_suspect(void **state)
{
    struct scene s;
    struct mindee_response r = fake_response(202);
    (void)state;
    begin_sent(&s);
    r.delivery = MINDEE_IN_DOUBT;
    r.fault = MINDEE_CANCELLED;
    answer(&s, r);
    assert_recorded("answered post 202\n"
                    "sign none\n"
                    "attempt_end doc=1 attempt=1 unreadable 202 http_202_stopped\n"
                    "event doc=1 unreadable http_202_stopped http_202_stopped \n");
    end(&s);
}

static void a_gateways_words_leave_it_in_doubt(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    answer(&s, fake_response(502));
    assert_recorded("answered post 502\n"
                    "sign down\n"
                    "attempt_end doc=1 attempt=1 in_doubt 502 http_502\n"
                    "event doc=1 doubt http_502 http_502 \n");
    end(&s);
}

/* --- not accepted --- */

static void no_connection_is_not_sent(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    answer(&s, fake_silence(MINDEE_NOT_SENT, MINDEE_CONNECT));
    assert_recorded("answered post 0\n"
                    "sign down\n"
                    "attempt_end doc=1 attempt=1 not_sent 0 connect\n"
                    "event doc=1 not_sent connect connect no answer\n");
    assert_int_equal(s.f->cut_short, 0);
    end(&s);
}

static void too_many_requests(void **state)
{
    struct scene s;
    struct mindee_response r = refusal(429, "429-001", "429 Too Many Requests");
    (void)state;
    begin_sent(&s);
    r.retry_after_ms = 7000;
    answer(&s, r);
    assert_recorded("answered post 429\n"
                    "sign limited\n"
                    "attempt_end doc=1 attempt=1 answered 429 http_429\n"
                    "event doc=1 limited http_429 429-001 429 Too Many Requests\n");
    assert_int_equal(s.around.with.flights->news.retry_after_ms, 7000);
    end(&s);
}

static void a_fault_of_the_service(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    answer(&s, refusal(500, "500-001", "500"));
    assert_recorded("answered post 500\n"
                    "sign down\n"
                    "attempt_end doc=1 attempt=1 answered 500 http_500\n"
                    "event doc=1 fault http_500 500-001 500\n");
    end(&s);
}

/* The service's trouble: none of this document's attempts. */
static void a_fault_while_the_service_is_down(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    s.around.with.pace->service_down = true;
    answer(&s, refusal(500, "500-001", "500"));
    assert_recorded("answered post 500\n"
                    "sign down\n"
                    "attempt_end doc=1 attempt=1 answered 500 http_500\n"
                    "event doc=1 limited http_500 500-001 500\n");
    end(&s);
}

static void a_refusal_of_the_file_makes_it_suspect(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    answer(&s, refusal(422, "422-003", "422 Unprocessable"));
    assert_recorded("answered post 422\n"
                    "sign up\n"
                    "attempt_end doc=1 attempt=1 answered 422 http_422\n"
                    "event doc=1 refused http_422 422-003 422 Unprocessable\n"
                    "suspects refused doc=1\n");
    assert_int_equal(ending_life(s.around.part.ending), RUN_RUNNING);
    end(&s);
}

static void a_refusal_of_the_run_ends_it(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    answer(&s, refusal(402, "402-001", "402 Payment Required"));
    assert_recorded("answered post 402\n"
                    "sign refuses\n"
                    "attempt_end doc=1 attempt=1 answered 402 http_402\n"
                    "event doc=1 run_stopped http_402 402-001 402 Payment Required\n");
    assert_int_equal(ending_exit_code(s.around.part.ending), EXIT_REFUSED);
    end(&s);
}

/* --- cut short --- */

static struct mindee_response cut(void)
{
    struct mindee_response r = fake_silence(MINDEE_NOT_SENT, MINDEE_BROKEN);
    r.body_sent_bytes = 4096;
    return r;
}

static void cut_short_again_and_again_it_is_given_up(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    for (int i = 1; i <= 5; i++) {
        upload_send(s.upload, s.f, around_now(&s.around));
        answer(&s, cut());
        assert_recorded("enqueue a.pdf mb-1-1\n"
                        "answered post 0\n"
                        "sign down\n"
                        "attempt_end doc=1 attempt=1 not_sent 0 broken\n"
                        "event doc=1 not_sent broken broken no answer\n");
    }
    upload_send(s.upload, s.f, around_now(&s.around));
    answer(&s, cut());
    assert_recorded(
        "enqueue a.pdf mb-1-1\n"
        "answered post 0\n"
        "sign down\n"
        "attempt_end doc=1 attempt=1 not_sent 0 broken\n"
        "event doc=1 refused broken cut-short the upload was cut off before its end "
        "each time: perhaps a proxy or firewall on the way bounds the size; nothing was "
        "paid\n");
    end(&s);
}

static void cut_by_ourselves_does_not_count(void **state)
{
    struct scene s;
    struct mindee_response r = cut();
    (void)state;
    begin_sent(&s);
    s.f->cut_short = 5;
    r.fault = MINDEE_CANCELLED;
    answer(&s, r);
    assert_recorded("answered post 0\n"
                    "sign none\n"
                    "attempt_end doc=1 attempt=1 not_sent 0 stopped\n"
                    "event doc=1 not_sent stopped stopped no answer\n");
    assert_int_equal(s.f->cut_short, 5);
    end(&s);
}

/* --- the file --- */

static struct mindee_response changed(void)
{
    struct mindee_response r = fake_silence(MINDEE_NOT_SENT, MINDEE_SOURCE_CHANGED);
    r.text = "/data/a.pdf changed since it was looked at";
    return r;
}

#define FILE_CHANGED                                                                               \
    "answered post 0\n"                                                                            \
    "sign none\n"                                                                                  \
    "log warning file.changed doc=1 path=/data/a.pdf detail=/data/a.pdf changed since it was "     \
    "looked at\n"
#define SET_ASIDE(path_and_root)                                                                   \
    "file_changed file=1 changed the file changed or went away before it was sent; run again to "  \
    "send it as it is now\n"                                                                       \
    "find_changed " path_and_root "\n"

static void a_file_that_changed_is_looked_at_anew(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    fixture_put(s.around.part.ledger, "copy.pdf", "alpha", NULL); /* another file of it */
    answer(&s, changed());
    assert_recorded(
        FILE_CHANGED SET_ASIDE("file=1 root=1") "attempt_end doc=1 attempt=1 not_sent 0 source\n"
                                                "event doc=1 not_sent source source /data/a.pdf "
                                                "changed since it was looked at\n");
    end(&s);
}

static void a_file_that_cannot_be_read_is_one_too(void **state)
{
    struct scene s;
    struct mindee_response r = changed();
    (void)state;
    begin_sent(&s);
    r.fault = MINDEE_SOURCE_ERROR;
    answer(&s, r);
    assert_recorded(
        FILE_CHANGED SET_ASIDE("file=1 root=1") "attempt_end doc=1 attempt=1 not_sent 0 source\n"
                                                "event doc=1 not_sent source source /data/a.pdf "
                                                "changed since it was looked at\n");
    end(&s);
}

/* It was read where it had been moved to; the ledger knows it at its path. */
static void a_file_that_was_moved_is_known_by_its_path(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    s.f->source.known_as = s.f->source.path;
    s.f->source.path = xstrdup("/done/a.pdf");
    answer(&s, changed());
    assert_recorded(
        "answered post 0\n"
        "sign none\n"
        "log warning file.changed doc=1 path=/done/a.pdf detail=/data/a.pdf changed "
        "since it was looked at\n" SET_ASIDE(
            "file=1 root=1") "attempt_end doc=1 attempt=1 not_sent 0 source\n"
                             "event doc=1 not_sent source source /data/a.pdf changed since it was looked "
                             "at\n");
    end(&s);
}

/* The walk has seen the new content already: the path is another document's. */
static void without_a_file_it_cannot_be_sent(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    assert_int_equal(fixture_put(s.around.part.ledger, "a.pdf", "beta", NULL), 2);
    answer(&s, changed());
    assert_recorded(FILE_CHANGED
                    "file_changed file=1 changed the file changed or went away before it "
                    "was sent; run again to send it as it is now\n"
                    "attempt_end doc=1 attempt=1 not_sent 0 source\n"
                    "event doc=1 source_gone source source /data/a.pdf changed since "
                    "it was looked at\n");
    end(&s);
}

static void a_ledger_that_cannot_be_read_ends_the_run(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    around_break_ledger(&s.around);
    answer(&s, changed());
    assert_true(ending_storage_lost(s.around.part.ending));
    end(&s);
}

/* --- a run that ends --- */

static void the_answer_to_a_document_that_was_dropped(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    flights_drop_all(s.around.with.flights); /* still on the wire: it isn't freed */
    answer(&s, accepted("job-9"));
    assert_recorded("answered post 202\n"
                    "sign up\n");
    assert_int_equal(upload_out(s.upload), 0);
    end(&s);
}

static void busy_while_something_is_being_sent(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    assert_true(upload_busy(s.upload)); /* it waits for the commit of its intent */
    ending_early(s.around.part.ending, EXIT_RESUMABLE, "enough");
    assert_true(upload_busy(s.upload));
    upload_send(s.upload, s.f, around_now(&s.around));
    ending_interrupt(s.around.part.ending, true);
    assert_true(upload_busy(s.upload)); /* it is cut, and says so */
    s.around.with.flights->to[EV_NOT_SENT] = DOC_QUEUED;
    answer(&s, cut());
    assert_false(upload_busy(s.upload));
    end(&s);
}

static void a_run_that_ends_cuts_what_stands_still(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    upload_send(s.upload, s.f, around_now(&s.around));
    record_take();
    upload_turn(s.upload, around_now(&s.around));
    assert_recorded(""); /* a run that goes on has its time */
    assert_int_equal(upload_next(s.upload, around_now(&s.around)).ms, MONO_NEVER.ms);
    ending_early(s.around.part.ending, EXIT_RESUMABLE, "enough");
    upload_turn(s.upload, around_now(&s.around));
    assert_recorded("cancel_stalled 2000\n");
    assert_int_equal(upload_next(s.upload, around_now(&s.around)).ms, part_at(500).ms);
    answer(&s, cut());
    record_take();
    upload_turn(s.upload, around_now(&s.around));
    assert_recorded("");
    assert_int_equal(upload_next(s.upload, around_now(&s.around)).ms, MONO_NEVER.ms);
    end(&s);
}

/* Its document is settled by an older attempt's webhook; the answer is still wanted. */
static void busy_while_its_answer_is_out(void **state)
{
    struct scene s;
    (void)state;
    begin_sent(&s);
    assert_true(s.f->uploading);
    s.around.with.flights->to[EV_RESULT] = DOC_STORED;
    flight_event(s.f, EV_RESULT, NULL);
    ending_early(s.around.part.ending, EXIT_RESUMABLE, "enough");
    assert_true(upload_busy(s.upload));
    answer(&s, accepted("job-9"));
    assert_false(s.f->uploading);
    assert_false(upload_busy(s.upload));
    end(&s);
}

static void stopping_it_waits_for_none_that_isnt_out(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    ending_interrupt(s.around.part.ending, true);
    assert_false(upload_busy(s.upload));
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_request_is_the_options_and_the_file),
        cmocka_unit_test(the_name_is_made_right),
        cmocka_unit_test(what_is_on_the_wire_is_counted),
        cmocka_unit_test(unsent_it_gives_back_all),
        cmocka_unit_test(a_run_that_drains_sends_what_was_admitted),
        cmocka_unit_test(a_run_that_stops_does_not),
        cmocka_unit_test(nor_does_one_whose_ledger_failed_once),
        cmocka_unit_test(nor_one_that_the_canary_has_no_room_for_any_more),
        cmocka_unit_test(accepted_it_has_a_job),
        cmocka_unit_test(a_webhook_was_faster_than_its_202),
        cmocka_unit_test(an_answer_to_an_older_attempt_is_that_ones),
        cmocka_unit_test(a_202_that_was_overtaken_is_news),
        cmocka_unit_test(without_an_answer_it_is_in_doubt),
        cmocka_unit_test(a_202_without_a_job_is_unreadable),
        cmocka_unit_test(a_job_in_a_broken_answer_is_unreadable),
        cmocka_unit_test(a_202_that_we_cut_is_unreadable_and_no_suspect),
        cmocka_unit_test(a_gateways_words_leave_it_in_doubt),
        cmocka_unit_test(no_connection_is_not_sent),
        cmocka_unit_test(too_many_requests),
        cmocka_unit_test(a_fault_of_the_service),
        cmocka_unit_test(a_fault_while_the_service_is_down),
        cmocka_unit_test(a_refusal_of_the_file_makes_it_suspect),
        cmocka_unit_test(a_refusal_of_the_run_ends_it),
        cmocka_unit_test(cut_short_again_and_again_it_is_given_up),
        cmocka_unit_test(cut_by_ourselves_does_not_count),
        cmocka_unit_test(a_file_that_changed_is_looked_at_anew),
        cmocka_unit_test(a_file_that_cannot_be_read_is_one_too),
        cmocka_unit_test(a_file_that_was_moved_is_known_by_its_path),
        cmocka_unit_test(without_a_file_it_cannot_be_sent),
        cmocka_unit_test(a_ledger_that_cannot_be_read_ends_the_run),
        cmocka_unit_test(the_answer_to_a_document_that_was_dropped),
        cmocka_unit_test(busy_while_something_is_being_sent),
        cmocka_unit_test(a_run_that_ends_cuts_what_stands_still),
        cmocka_unit_test(busy_while_its_answer_is_out),
        cmocka_unit_test(stopping_it_waits_for_none_that_isnt_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
