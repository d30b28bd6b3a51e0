/* Which document goes out next, and whether one may. */
#include "batch/admit.h"

#include "around.h"
#include "fake_send_queue.h"
#include "fake_spending.h"
#include "fake_upload.h"
#include "ledger/document_ledger.h"
#include "ledger/restored.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct scene {
    struct around around;
    struct send_queue *queue;
    struct upload *upload;
    struct spending *spending;
    struct admit *admit;
};

static void begin(struct scene *s)
{
    around_open(&s->around);
    struct run_context *c = &s->around.part.context;
    struct flights *fl = s->around.with.flights;
    s->queue = send_queue_new(c, s->around.part.ending, fl);
    s->upload = upload_new(c, &s->around.with);
    s->spending = spending_new(c, NULL);
    s->admit = admit_new(c, &s->around.with, s->queue, s->upload, s->spending);
    fl->to[EV_ADMIT] = DOC_SUBMITTING;
    fl->to[EV_SOURCE_GONE] = DOC_REJECTED;
}

static void end(struct scene *s)
{
    flights_drop_all(s->around.with.flights); /* out of the queue first */
    admit_free(s->admit);
    spending_free(s->spending);
    upload_free(s->upload);
    send_queue_free(s->queue);
    around_close(&s->around);
}

/* Ready in the queue: documents 1, 2, ... of 3 pages each. */
static void queue(struct scene *s, int count)
{
    char name[16];
    for (int i = 1; i <= count; i++) {
        snprintf(name, sizeof name, "%d.pdf", i);
        struct flight *f = around_document(&s->around, name, name, DOC_QUEUED);
        f->pages = 3;
        flight_to_line(f, &s->queue->ready, false);
    }
    record_take();
}

static struct flight *document(struct scene *s, int64_t id)
{
    return flight_find(s->around.with.flights, id);
}

static void turn(struct scene *s)
{
    admit_turn(s->admit, around_now(&s->around));
}

/* In ms from now; -1: never. */
static int64_t next_ms(struct scene *s)
{
    struct mono at = admit_next(s->admit, around_now(&s->around));
    return at.ms == MONO_NEVER.ms ? -1 : mono_diff(at, around_now(&s->around));
}

static size_t sent(struct scene *s)
{
    return flights_count(s->around.with.flights, DOC_SUBMITTING);
}

static struct pace *pace(struct scene *s)
{
    return s->around.with.pace;
}

/* --- going out --- */

static void its_attempt_is_written_first(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    queue(&s, 2);
    document(&s, 1)->queue_head = true;
    turn(&s);
    assert_recorded("attempt_start doc=1 attempt=1\n"
                    "take post\n"
                    "event doc=1 admit\n"
                    "attempt_start doc=2 attempt=2\n"
                    "take post\n"
                    "event doc=2 admit\n");
    assert_string_equal(document(&s, 1)->alias, "mb-1-1");
    assert_int_equal(document(&s, 1)->attempt, 1);
    assert_false(document(&s, 1)->queue_head);
    assert_int_equal(document(&s, 1)->sent_as, 1);
    assert_int_equal(document(&s, 2)->sent_as, 2);
    assert_string_equal(document(&s, 2)->source.path, "/data/2.pdf");
    assert_int_equal(admit_pauses(s.admit), 0);
    end(&s);
}

static void nothing_goes_that_cannot_be_written(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    queue(&s, 2);
    s.around.with.journal->down = true;
    turn(&s);
    assert_recorded("");
    assert_int_equal(sent(&s), 0);
    end(&s);
}

static void a_document_without_a_file_is_passed_over(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    queue(&s, 2);
    fixture_put(s.around.part.ledger, "1.pdf", "other bytes", NULL);
    turn(&s);
    assert_recorded("event doc=1 source_gone source_gone source-gone no file holds this document's "
                    "content any more\n"
                    "attempt_start doc=2 attempt=1\n"
                    "take post\n"
                    "event doc=2 admit\n");
    end(&s);
}

/* The file that it was to be sent from has other bytes by now, a copy still has them. */
static void it_goes_out_from_a_file_that_has_its_bytes(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    queue(&s, 1);
    fixture_put(s.around.part.ledger, "copy.pdf", "1.pdf", NULL);
    fixture_put(s.around.part.ledger, "1.pdf", "other bytes", NULL);
    turn(&s);
    assert_int_equal(sent(&s), 1);
    assert_string_equal(document(&s, 1)->source.path, "/data/copy.pdf");
    end(&s);
}

static void a_ledger_that_cannot_be_read_ends_the_run(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    queue(&s, 2);
    around_break_ledger(&s.around);
    turn(&s);
    assert_true(ending_storage_lost(s.around.part.ending));
    assert_recorded("cancel_uploads\n");
    assert_int_equal(admit_pauses(s.admit), PAUSE_STOPPING);
    end(&s);
}

/* --- what is in the way --- */

static void uploads_at_once(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    queue(&s, 5);
    turn(&s);
    assert_int_equal(sent(&s), 4);
    assert_int_equal(admit_pauses(s.admit), PAUSE_UPLOADS);
    assert_int_equal(next_ms(&s), -1); /* until one is answered */
    end(&s);
}

static void jobs_that_the_gets_cover(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    queue(&s, 3);
    fake_flight(s.around.with.flights, 100, DOC_PROCESSING);
    fake_flight(s.around.with.flights, 101, DOC_READY);
    pace(&s)->job_capacity = 4;
    turn(&s);
    assert_int_equal(sent(&s), 2);
    assert_int_equal(admit_pauses(s.admit), PAUSE_JOBS);
    end(&s);
}

static void the_canary(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    queue(&s, 3);
    s.around.with.suspects->room = 1;
    turn(&s);
    assert_int_equal(sent(&s), 1);
    assert_int_equal(admit_pauses(s.admit), PAUSE_CANARY);
    end(&s);
}

static void the_service_is_down(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    queue(&s, 1);
    pace(&s)->service_waits = true;
    pace(&s)->service_next = part_at(2500);
    turn(&s);
    assert_int_equal(sent(&s), 0);
    assert_int_equal(admit_pauses(s.admit), PAUSE_SERVICE);
    assert_int_equal(next_ms(&s), 2500);
    end(&s);
}

static void the_limit(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    queue(&s, 3);
    pace(&s)->may_go[PACE_POST] = 2;
    pace(&s)->later[PACE_POST] = part_at(6050);
    turn(&s);
    assert_int_equal(sent(&s), 2);
    assert_int_equal(admit_pauses(s.admit), PAUSE_RATE);
    assert_int_equal(next_ms(&s), 6050);
    pace(&s)->may_go[PACE_POST] = 1;
    assert_int_equal(next_ms(&s), 1); /* the turn that follows, not this one again */
    end(&s);
}

static void what_failed_is_tried_later(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    assert_false(admit_tries_later(s.admit));          /* nothing is left */
    fake_flight(s.around.with.flights, 9, DOC_QUEUED); /* in memory, and not in the line */
    assert_true(admit_tries_later(s.admit));
    queue(&s, 1);
    assert_false(admit_tries_later(s.admit));
    end(&s);
}

/* The reserve beside the ledger can't be made: nothing is sent whose answer couldn't be recorded. */
static void without_room_to_record_it_nothing_goes(void **state)
{
    struct scene s;
    char path[128];
    (void)state;
    begin(&s);
    queue(&s, 1);
    snprintf(path, sizeof path, "%s.reserve", s.around.part.options.ledger);
    assert_int_equal(mkdir(path, 0700), 0);
    s.around.part.options.uploads = 0; /* the disk comes before all but the end */
    turn(&s);
    assert_int_equal(sent(&s), 0);
    assert_int_equal(admit_pauses(s.admit), PAUSE_DISK);
    assert_int_equal(next_ms(&s), 5000);
    assert_false(admit_busy(s.admit)); /* the run needn't wait for room */
    assert_int_equal(rmdir(path), 0);
    s.around.part.options.uploads = 1;
    part_pass(&s.around.part, 5000);
    record_take();
    turn(&s);
    assert_int_equal(sent(&s), 1);
    end(&s);
}

/* With all of them in the way, each is named before those that come after it. */
static void the_first_that_says_no_is_named(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    queue(&s, 1);
    s.around.part.options.uploads = 0;
    pace(&s)->job_capacity = 0;
    s.around.with.suspects->room = 0;
    pace(&s)->service_waits = true;
    pace(&s)->may_go[PACE_POST] = 0;
    turn(&s);
    assert_int_equal(admit_pauses(s.admit), PAUSE_UPLOADS);
    s.around.part.options.uploads = 4;
    turn(&s);
    assert_int_equal(admit_pauses(s.admit), PAUSE_JOBS);
    pace(&s)->job_capacity = 1;
    turn(&s);
    assert_int_equal(admit_pauses(s.admit), PAUSE_CANARY);
    s.around.with.suspects->room = 1;
    turn(&s);
    assert_int_equal(admit_pauses(s.admit), PAUSE_SERVICE);
    pace(&s)->service_waits = false;
    turn(&s);
    assert_int_equal(admit_pauses(s.admit), PAUSE_RATE);
    pace(&s)->may_go[PACE_POST] = 1;
    turn(&s);
    assert_int_equal(sent(&s), 1);
    end(&s);
}

static void a_run_that_ends_admits_none(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    queue(&s, 1);
    ending_early(s.around.part.ending, EXIT_RESUMABLE, "enough");
    turn(&s);
    assert_recorded("");
    assert_int_equal(sent(&s), 0);
    assert_int_equal(next_ms(&s), -1);
    assert_false(admit_busy(s.admit));
    assert_int_equal(admit_wanted(s.admit), 0);
    end(&s);
}

/* What was found meanwhile may come before what was taken already. */
static void after_a_wait_the_queue_chooses_again(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    queue(&s, 2);
    pace(&s)->may_go[PACE_POST] = 0;
    turn(&s);
    assert_recorded("");
    turn(&s); /* still no place: the choice can wait too */
    assert_recorded("");
    pace(&s)->may_go[PACE_POST] = 2;
    turn(&s);
    assert_recorded("choose_again\n"
                    "attempt_start doc=1 attempt=1\n"
                    "take post\n"
                    "event doc=1 admit\n"
                    "attempt_start doc=2 attempt=2\n"
                    "take post\n"
                    "event doc=2 admit\n");
    end(&s);
}

/* An upload ends and another begins all the time. */
static void but_not_after_waiting_for_an_upload_to_end(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    queue(&s, 1);
    s.around.part.options.uploads = 0;
    turn(&s);
    s.around.part.options.uploads = 1;
    turn(&s);
    assert_recorded("attempt_start doc=1 attempt=1\n"
                    "take post\n"
                    "event doc=1 admit\n");
    end(&s);
}

/* --- the budget --- */

static void budget(struct scene *s, int64_t credits)
{
    s->around.part.options.spending.budget.count = credits_of(credits);
    s->spending->left = credits;
}

static void up_to_the_budget_and_no_further(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    queue(&s, 3);
    budget(&s, 6);
    turn(&s);
    assert_int_equal(sent(&s), 2);
    assert_int_equal(admit_pauses(s.admit), PAUSE_BUDGET);
    assert_false(admit_busy(s.admit)); /* what is over it stays in the queue */
    s.spending->left = 3;              /* one job failed: it costs nothing */
    turn(&s);
    assert_int_equal(sent(&s), 3);
    end(&s);
}

static void without_one_nothing_is_counted(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    queue(&s, 1);
    document(&s, 1)->pages = -1;
    turn(&s);
    assert_int_equal(sent(&s), 1);
    assert_int_equal(fake_loop_works(s.around.part.context.loop), 0);
    end(&s);
}

/* A picture: one page, known without the helper. */
static void begin_counting(struct scene *s)
{
    begin(s);
    queue(s, 1);
    budget(s, 5);
    document(s, 1)->pages = -1;
    document(s, 1)->type = FILE_JPEG;
    turn(s);
    assert_int_equal(sent(s), 0);
    assert_int_equal(fake_loop_works(s->around.part.context.loop), 1);
}

static void pages_are_counted_first(void **state)
{
    struct scene s;
    (void)state;
    begin_counting(&s);
    assert_int_equal(document(&s, 1)->requests, 1);
    assert_false(send_queue_is_ready(s.queue));
    assert_true(admit_busy(s.admit));
    ending_early(s.around.part.ending, EXIT_RESUMABLE, "enough");
    assert_true(admit_busy(s.admit));
    part_poked(&s.around.part);
    fake_loop_work(s.around.part.context.loop);
    assert_recorded("pages doc=1 1\n"
                    "queue doc=1 head\n");
    assert_int_equal(document(&s, 1)->pages, 1);
    assert_int_equal(document(&s, 1)->requests, 0);
    assert_false(admit_busy(s.admit));
    assert_true(part_poked(&s.around.part));
    end(&s);
}

static void counted_it_goes_out_before_the_others(void **state)
{
    struct scene s;
    (void)state;
    begin_counting(&s);
    struct flight *other = around_document(&s.around, "b.pdf", "b", DOC_QUEUED);
    flight_to_line(other, &s.queue->ready, false);
    fake_loop_work(s.around.part.context.loop);
    record_take();
    s.around.part.options.uploads = 1;
    turn(&s);
    assert_recorded("attempt_start doc=1 attempt=1\n"
                    "take post\n"
                    "event doc=1 admit\n");
    end(&s);
}

static void a_count_that_comes_too_late(void **state)
{
    struct scene s;
    (void)state;
    begin_counting(&s);
    flights_drop_all(s.around.with.flights);
    fake_loop_work(s.around.part.context.loop);
    assert_recorded("");
    end(&s);
    begin_counting(&s);
    ending_close(s.around.part.ending);
    fake_loop_work(s.around.part.context.loop);
    assert_recorded("");
    end(&s);
}

/* --- the part --- */

static void busy_while_something_is_to_go_out(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    assert_false(admit_busy(s.admit));
    assert_int_equal(next_ms(&s), -1);
    struct flight *waits = fake_flight(s.around.with.flights, 50, DOC_QUEUED);
    assert_true(admit_busy(s.admit)); /* in no line yet: it waits for its time */
    flight_retire(waits);
    assert_false(admit_busy(s.admit));
    queue(&s, 1);
    assert_true(admit_busy(s.admit));
    assert_int_equal(next_ms(&s), 1);
    turn(&s);
    assert_false(admit_busy(s.admit));
    assert_int_equal(next_ms(&s), -1);
    end(&s);
}

static void wanted_for_the_second_to_come(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    assert_int_equal(admit_wanted(s.admit), 0);
    s.queue->ledger_has_more = true;
    assert_int_equal(admit_wanted(s.admit), 4 * 16);
    s.queue->ledger_has_more = false;
    queue(&s, 1);
    assert_int_equal(admit_wanted(s.admit), 4 * 16);
    end(&s);
}

static void a_run_that_only_receives_admits_none(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.around.part.options.mode = RUN_RECEIVES;
    queue(&s, 1);
    turn(&s);
    assert_recorded("");
    assert_int_equal(sent(&s), 0);
    assert_int_equal(next_ms(&s), -1);
    assert_false(admit_busy(s.admit)); /* a job that failed waits for the next run */
    assert_int_equal(admit_wanted(s.admit), 0);
    end(&s);
}

/* --- a ledger that was put back from a backup --- */

/* A PDF that was never tried, whose inode changed so long after the ledger was restored. */
static void queue_file(struct scene *s, const char *name, const char *content, int64_t later_ms)
{
    struct fixture *ledger = s->around.part.ledger;
    enum ledger_put put;
    int64_t id;
    char path[64];
    uint8_t digest[SHA256_BYTES];
    sha256(content, strlen(content), digest);
    snprintf(path, sizeof path, "/data/%s", name);
    const int64_t restored_ms = ledger_restored_at(ledger->l).ms;
    const struct ledger_new_file file = {
        .root_id = ledger->root,
        .settings_id = ledger->settings,
        .path = path,
        .name = name,
        .stamp = {.size_bytes = 3, .ctime_ns = (restored_ms + later_ms) * 1000000},
        .type = FILE_PDF,
        .pages = 3,
        .sha256 = digest};
    assert_ok(ledger->l, ledger_file_put(ledger->l, &file, &put, &id));
    if (put != PUT_QUEUED)
        return;
    struct flight *f = fake_flight(s->around.with.flights, id, DOC_QUEUED);
    f->attempt = 0;
    flight_to_line(f, &s->queue->ready, false);
    record_take();
}

static void restore(struct scene *s, int64_t remembered)
{
    struct ledger_held held;
    struct ledger *l = s->around.part.ledger->l;
    assert_ok(l, ledger_hold_restored(l, remembered, &held));
    s->around.with.flights->to[EV_RESTORED] = DOC_IN_DOUBT;
}

static void what_was_there_before_is_held(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    restore(&s, 7);
    queue_file(&s, "old.pdf", "old", -1);
    queue_file(&s, "new.pdf", "new", 1);
    turn(&s);
    const char *did = "attempt_start doc=1 attempt=1\n"
                      "attempt_end doc=1 attempt=1 forgotten 0 restored\n"
                      "event doc=1 restored restored restored its file was there before";
    assert_memory_equal(record_take(), did, strlen(did));
    assert_int_equal(sent(&s), 0);
    fake_loop_work(s.around.part.context.loop);
    turn(&s);
    assert_int_equal(sent(&s), 1);
    assert_int_equal(document(&s, 2)->doc.state, DOC_SUBMITTING);
    end(&s);
}

/* A share may hang: its files are looked at on the pool, and no more of them than may be sent at
 * once. The run waits for the answer. */
static void files_are_looked_at_beside_the_loop(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    struct loop *loop = s.around.part.context.loop;
    restore(&s, 7);
    s.around.part.options.uploads = 2;
    queue_file(&s, "1.pdf", "1", 1);
    queue_file(&s, "2.pdf", "2", 1);
    queue_file(&s, "3.pdf", "3", 1);
    turn(&s);
    assert_int_equal(sent(&s), 0);
    assert_int_equal(fake_loop_works(loop), 2);
    assert_int_equal(admit_pauses(s.admit), PAUSE_UPLOADS);
    assert_true(admit_busy(s.admit));
    part_poked(&s.around.part);
    fake_loop_work(loop);
    assert_true(part_poked(&s.around.part));
    turn(&s);
    assert_int_equal(document(&s, 1)->doc.state, DOC_SUBMITTING);
    assert_int_equal(sent(&s), 1);
    fake_loop_work(loop);
    turn(&s);
    assert_int_equal(document(&s, 2)->doc.state, DOC_SUBMITTING);
    assert_int_equal(document(&s, 3)->doc.state, DOC_QUEUED);
    end(&s);
}

/* It came in again by a webhook while its files were looked at: the queue has no claim on it. */
static void what_happened_meanwhile_counts(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    restore(&s, 7);
    queue_file(&s, "new.pdf", "new", 1);
    turn(&s);
    document(&s, 1)->doc.state = DOC_STORED;
    fake_loop_work(s.around.part.context.loop);
    assert_false(send_queue_is_ready(s.queue));
    document(&s, 1)->doc.state = DOC_QUEUED;
    end(&s);
}

/* One file of it is enough; and the word of a person, which is an attempt by then. */
static void any_of_its_files(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    restore(&s, 7);
    queue_file(&s, "new.pdf", "same", 1);
    queue_file(&s, "old.pdf", "same", -1);
    turn(&s);
    assert_int_equal(sent(&s), 0);
    struct flight *f = document(&s, 1);
    assert_int_equal(f->doc.state, DOC_IN_DOUBT);
    flight_retire(f);
    fixture_submit(s.around.part.ledger, 1);
    f = fake_flight(s.around.with.flights, 1, DOC_QUEUED);
    f->attempt = 1;
    flight_to_line(f, &s.queue->ready, false);
    turn(&s);
    assert_int_equal(sent(&s), 1);
    end(&s);
}

/* Rejected when the backup was made, and read again since: what it was between is forgotten. */
static void an_attempt_of_before_says_nothing(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    struct fixture *ledger = s.around.part.ledger;
    queue_file(&s, "old.pdf", "old", -1);
    int n = fixture_submit(ledger, 1);
    assert_ok(ledger->l, ledger_attempt_end(ledger->l, 1, n, ATTEMPT_NOT_SENT, 0, "source"));
    fixture_step(ledger, 1, DOC_SUBMITTING, DOC_REJECTED, EV_SOURCE_GONE, n);
    fixture_now_ms += 1000;
    restore(&s, 7);
    document(&s, 1)->attempt = n;
    turn(&s);
    assert_int_equal(sent(&s), 0);
    assert_int_equal(document(&s, 1)->doc.state, DOC_IN_DOUBT);
    end(&s);
}

static void nothing_where_no_upload_is_missing(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    restore(&s, 0);
    queue_file(&s, "old.pdf", "old", -1);
    turn(&s);
    assert_int_equal(sent(&s), 1);
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_attempt_is_written_first),
        cmocka_unit_test(nothing_goes_that_cannot_be_written),
        cmocka_unit_test(a_document_without_a_file_is_passed_over),
        cmocka_unit_test(it_goes_out_from_a_file_that_has_its_bytes),
        cmocka_unit_test(a_ledger_that_cannot_be_read_ends_the_run),
        cmocka_unit_test(uploads_at_once),
        cmocka_unit_test(jobs_that_the_gets_cover),
        cmocka_unit_test(the_canary),
        cmocka_unit_test(the_service_is_down),
        cmocka_unit_test(the_limit),
        cmocka_unit_test(what_failed_is_tried_later),
        cmocka_unit_test(without_room_to_record_it_nothing_goes),
        cmocka_unit_test(the_first_that_says_no_is_named),
        cmocka_unit_test(a_run_that_ends_admits_none),
        cmocka_unit_test(after_a_wait_the_queue_chooses_again),
        cmocka_unit_test(but_not_after_waiting_for_an_upload_to_end),
        cmocka_unit_test(up_to_the_budget_and_no_further),
        cmocka_unit_test(without_one_nothing_is_counted),
        cmocka_unit_test(pages_are_counted_first),
        cmocka_unit_test(counted_it_goes_out_before_the_others),
        cmocka_unit_test(a_count_that_comes_too_late),
        cmocka_unit_test(busy_while_something_is_to_go_out),
        cmocka_unit_test(wanted_for_the_second_to_come),
        cmocka_unit_test(a_run_that_only_receives_admits_none),
        cmocka_unit_test(what_was_there_before_is_held),
        cmocka_unit_test(files_are_looked_at_beside_the_loop),
        cmocka_unit_test(what_happened_meanwhile_counts),
        cmocka_unit_test(any_of_its_files),
        cmocka_unit_test(an_attempt_of_before_says_nothing),
        cmocka_unit_test(nothing_where_no_upload_is_missing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
