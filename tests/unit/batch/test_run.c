/* A run's life and its turn, every part of it a fake: what is opened and closed in which order, who
 * has its turn when, when it commits, when it wakes, when it ends and how. */
#include "batch/batch.h"

#include "base/text.h"
#include "fake_asking.h"
#include "fake_client.h"
#include "fake_find.h"
#include "fake_flights.h"
#include "fake_log.h"
#include "fake_loop.h"
#include "fake_move.h"
#include "fake_notes.h"
#include "fake_pace.h"
#include "fake_publish.h"
#include "fake_receive.h"
#include "fake_send_queue.h"
#include "fake_spending.h"
#include "fake_suspects.h"
#include "fake_tied.h"
#include "fake_turns.h"
#include "fake_upload.h"
#include "ledger/sent_settings.h"
#include "ledger_damage.h"
#include "part_fixture.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct scene {
    struct fixture *ledger;
    struct batch_options options;
    struct loop *loop;
    struct batch *b;
    struct journal *journal;
    struct flights *flights;
    int ended;
    int64_t commit_takes_ms, results;
};

/* --- the scene --- */

/* Not opened yet. */
static void make(struct scene *s)
{
    void *ledger;
    fixture_setup(&ledger);
    *s = (struct scene){.ledger = ledger};
    fixture_close(s->ledger); /* the run opens it */
    s->options = (struct batch_options){.request = MINDEE_ENQUEUE_INIT,
                                        .uploads = 4,
                                        .canary = 3,
                                        .patience_ms = 3600000,
                                        .ledger = s->ledger->path,
                                        .limit_state = s->ledger->directory,
                                        .polling = {.first_ms = 2000, .interval_ms = 1000},
                                        .seed = 1};
    s->loop = fake_loop_new(&fixture_clock);
    fake_opening_ledger = s->ledger;
    record_take();
}

static void open_it(struct scene *s)
{
    struct error e;
    if (batch_new(&s->b, s->loop, &s->options, &e) != 0)
        fail_msg("%s", e.text);
    s->journal = fake_recover->journal;
    s->flights = fake_recover->flights;
}

static void ended_cb(void *ctx)
{
    ((struct scene *)ctx)->ended++;
}

static void committed_cb(void *ctx, int64_t results)
{
    struct scene *s = ctx;
    s->results += results;
    fixture_now_ms += s->commit_takes_ms;
}

/* Started, and kept from its end by a walk. */
static void begin(struct scene *s)
{
    make(s);
    open_it(s);
    batch_on_commit(s->b, committed_cb, s);
    batch_start(s->b, ended_cb, s);
    fake_find->busy = true;
    record_take();
}

static void turn(struct scene *s)
{
    fake_loop_turn(s->loop);
}

static struct mono wakes_at(void)
{
    return fake_loop_timer_at(fake_pace->context->timer);
}

static void pass(int64_t ms)
{
    fixture_now_ms += ms;
}

/* So that it ends in its next turn, if nothing else keeps it. */
static void let_end(struct scene *s)
{
    fake_find->busy = false;
    pass(1000); /* a commit that was planned may be made */
    turn(s);
}

static void free_it(struct scene *s)
{
    batch_free(s->b);
    s->b = NULL;
}

static void end(struct scene *s)
{
    if (s->b && !s->ended)
        let_end(s);
    if (s->b) {
        assert_int_equal(s->ended, 1);
        free_it(s);
    }
    void *ledger = s->ledger;
    assert_int_equal(fixture_teardown(&ledger), 0);
    assert_int_equal(fake_loop_stall_watchers(s->loop), 0);
    loop_free(s->loop); /* all is closed */
    record_take();
}

static int64_t put(struct scene *s, const char *name, bool readable)
{
    int64_t id;
    const uint8_t digest[SHA256_BYTES] = {(uint8_t)name[0]};
    char path[64];
    snprintf(path, sizeof path, "/data/%s", name);
    const struct ledger_new_file f = {.root_id = s->ledger->root,
                                      .settings_id = s->ledger->settings,
                                      .path = path,
                                      .name = name,
                                      .type = FILE_PDF,
                                      .pages = -1,
                                      .sha256 = readable ? digest : NULL,
                                      .reject_code = readable ? NULL : "unreadable"};
    enum ledger_put what;
    assert_int_equal(ledger_file_put(batch_ledger(s->b), &f, &what, &id), 0);
    return id;
}

static void write_something(struct scene *s)
{
    note_pages(s->journal, 1, 1);
    record_take();
}

/* Runs can't be recorded any more. */
static void damage(struct scene *s)
{
    struct fixture f = *s->ledger;
    f.l = batch_ledger(s->b);
    ledger_damage(&f, "DROP TABLE run");
}

/* --- the beginning --- */

static void it_opens_one_after_the_other(void **state)
{
    struct scene s;
    (void)state;
    make(&s);
    open_it(&s);
    assert_recorded("open_ledger\n"
                    "learn_recall\n"
                    "open_pace\n"
                    "open_receive\n");
    assert_non_null(batch_ledger(s.b));
    assert_int_equal(fake_suspects->first, 3);
    assert_int_equal(batch_exit_code(s.b), -1);
    assert_string_equal(batch_reason(s.b), "");
    free_it(&s); /* one that never started */
    assert_recorded("close\n"
                    "close_receive\n");
    end(&s);
}

static void assert_opening_fails(const char **why, const char *recorded)
{
    struct scene s;
    struct error e;
    make(&s);
    *why = "it can't be opened";
    assert_true(batch_new(&s.b, s.loop, &s.options, &e) < 0);
    *why = NULL;
    assert_string_equal(e.text, "it can't be opened");
    assert_string_equal(record_take(), recorded);
    s.b = NULL;
    end(&s);
}

static void what_cannot_be_opened_stops_it(void **state)
{
    (void)state;
    assert_opening_fails(&fake_opening_fails, "open_ledger\nclose_receive\n");
    assert_opening_fails(&fake_pace_open_fails,
                         "open_ledger\nlearn_recall\nopen_pace\nclose_receive\n");
    assert_opening_fails(&fake_receive_open_fails,
                         "open_ledger\nlearn_recall\nopen_pace\nopen_receive\nclose_receive\n");
    assert_opening_fails(&fake_client_new_fails,
                         "open_ledger\nlearn_recall\nopen_pace\nopen_receive\nclose_receive\n");
}

static void a_run_walks(void **state)
{
    struct scene s;
    char reserve[128];
    struct stat st;
    (void)state;
    make(&s);
    open_it(&s);
    record_take();
    batch_start(s.b, ended_cb, &s);
    fake_find->busy = true;
    assert_recorded("start_receive\n"
                    "start_recover\n"
                    "publish_start\n"
                    "start_move\n"
                    "start_find\n");
    snprintf(reserve, sizeof reserve, "%s.reserve", s.options.ledger);
    assert_int_equal(stat(reserve, &st), 0);
    assert_int_equal(wakes_at().ms, part_at(0).ms); /* a turn comes at once */
    let_end(&s); /* and doesn't lie there until somebody frees the run */
    assert_int_equal(stat(reserve, &st), -1);
    end(&s);
}

static void a_retry_takes_up_again(void **state)
{
    struct scene s;
    const struct batch_retry retrying = {0};
    (void)state;
    make(&s);
    s.options.retrying = &retrying;
    open_it(&s);
    assert_int_equal(fake_suspects->first, 0); /* it is asked for: all of it may go */
    record_take();
    batch_start(s.b, ended_cb, &s);
    assert_recorded("start_receive\n"
                    "start_recover\n"
                    "publish_start\n"
                    "start_move\n"
                    "start_retry\n");
    end(&s);
}

static void a_run_that_cannot_be_recorded_ends_at_once(void **state)
{
    struct scene s;
    (void)state;
    make(&s);
    open_it(&s);
    record_take();
    damage(&s);
    batch_start(s.b, ended_cb, &s);
    assert_recorded("start_receive\n"
                    "cancel_uploads\n");
    turn(&s);
    assert_int_equal(s.ended, 1);
    assert_int_equal(batch_exit_code(s.b), EXIT_LEDGER);
    end(&s);
}

/* --- the turn --- */

#define BEFORE_COMMIT                                                                              \
    "release_due\n"                                                                                \
    "want posts=0 gets=0\n"                                                                        \
    "turn_find\n"                                                                                  \
    "turn_recover\n"                                                                               \
    "turn_retry\n"                                                                                 \
    "turn_pace\n"                                                                                  \
    "turn_admit\n"                                                                                 \
    "turn_suspects\n"
#define RELEASE                                                                                    \
    "reply durable\n"                                                                              \
    "release_committed\n"
#define COMMIT                                                                                     \
    "learn_before_commit\n"                                                                        \
    "commit\n" RELEASE
#define WHEN_DURABLE                                                                               \
    "turn_publish\n"                                                                               \
    "turn_move\n"
#define LAST                                                                                       \
    "turn_gets\n"                                                                                  \
    "turn_upload\n"

static void a_turn_without_anything_to_write(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    turn(&s);
    assert_recorded(BEFORE_COMMIT WHEN_DURABLE LAST);
    assert_int_equal(s.ended, 0);
    end(&s);
}

static void what_was_written_is_committed_before_it_is_released(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    write_something(&s);
    s.journal->results = 3;
    turn(&s);
    assert_recorded(BEFORE_COMMIT COMMIT WHEN_DURABLE LAST);
    assert_int_equal(s.results, 3);
    end(&s);
}

static void what_went_out_is_counted_with_it(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    fake_pace->post = 2;
    fake_pace->get = 5;
    fake_pace->http_429 = 1;
    turn(&s);
    assert_recorded(BEFORE_COMMIT WHEN_DURABLE LAST); /* no commit for its sake */
    write_something(&s);
    turn(&s);
    assert_recorded(BEFORE_COMMIT "run post=2 get=5 http_429=1\n" COMMIT WHEN_DURABLE LAST);
    end(&s);
}

/* A step that changes nothing in the ledger. */
static void what_waits_without_a_write_needs_no_commit(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    flight_event(fake_flight(s.flights, 1, DOC_PROCESSING), EV_JOB_PROCESSING, NULL);
    record_take();
    turn(&s);
    assert_recorded(BEFORE_COMMIT RELEASE WHEN_DURABLE LAST);
    end(&s);
}

/* A delivery that had nothing to write is answered all the same. */
static void nor_does_a_delivery_that_waits_for_its_answer(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    fake_receive->holds = true;
    turn(&s);
    assert_recorded(BEFORE_COMMIT RELEASE WHEN_DURABLE LAST);
    end(&s);
}

/* The ledger takes its time: the run goes on, but nothing is released, and nothing has its turn that
 * needs all durable, before the ledger calls back. */
static void nothing_is_released_before_the_ledger_calls_back(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.journal->takes_long = true;
    write_something(&s);
    flight_event(fake_flight(s.flights, 1, DOC_PROCESSING), EV_JOB_PROCESSING, NULL);
    record_take();
    turn(&s);
    assert_recorded(BEFORE_COMMIT "learn_before_commit\ncommit\n" LAST);
    write_something(&s); /* goes with the next */
    record_take();
    pass(1000);
    turn(&s);
    assert_recorded(BEFORE_COMMIT LAST);
    assert_int_equal(wakes_at().ms, MONO_NEVER.ms); /* the ledger's word wakes it */
    fake_journal_tell(s.journal);
    assert_recorded(RELEASE);
    s.journal->takes_long = false;
    pass(1000);
    turn(&s);
    assert_recorded(BEFORE_COMMIT COMMIT WHEN_DURABLE LAST);
    end(&s);
}

/* It ends when the last turn is known. */
static void it_does_not_end_while_a_turn_is_out(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.journal->takes_long = true;
    write_something(&s);
    let_end(&s);
    assert_int_equal(s.ended, 0);
    fake_journal_tell(s.journal);
    s.journal->takes_long = false;
    turn(&s);
    assert_int_equal(s.ended, 1);
    end(&s);
}

static void commits_that_follow_wait_for_what_joins_them(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    write_something(&s);
    turn(&s);
    write_something(&s);
    record_take();
    pass(19);
    turn(&s);
    assert_recorded(BEFORE_COMMIT LAST); /* nothing that needs it durable */
    assert_int_equal(wakes_at().ms, part_at(20).ms);
    pass(1);
    turn(&s);
    assert_recorded(BEFORE_COMMIT COMMIT WHEN_DURABLE LAST);
    end(&s);
}

static void on_a_slow_disk_for_longer(void **state)
{
    struct scene s;
    (void)state;
    static const int64_t takes_waits[][2] = {{5, 20}, {7, 21}, {100, 300}, {1000, 500}};
    for (size_t i = 0; i < 4; i++) {
        begin(&s);
        s.commit_takes_ms = takes_waits[i][0];
        write_something(&s);
        turn(&s);
        s.commit_takes_ms = 0;
        write_something(&s);
        turn(&s);
        assert_int_equal(wakes_at().ms, part_at(takes_waits[i][0] + takes_waits[i][1]).ms);
        end(&s);
    }
}

static void what_is_wanted_is_told(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    fake_admit->wanted = 64;
    fake_gets->wanted = 10;
    fake_retry->busy = true;
    flight_wake_at(fake_flight(s.flights, 1, DOC_PROCESSING), WAKE_POLL, part_at(1001));
    turn(&s);
    assert_non_null(strstr(record_take(), "want posts=64 gets=10\n"));
    assert_false(fake_gets->soon);
    assert_true(fake_move->waits); /* for what is still being taken up again */
    pass(1);
    fake_retry->busy = false;
    turn(&s);
    assert_true(fake_gets->soon); /* it falls due within the second */
    assert_false(fake_move->waits);
    end(&s);
}

/* --- held up --- */

static void held_up_it_reads_before_it_counts_what_is_due(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    fake_loop_hold_up(s.loop, true);
    turn(&s);
    assert_null(strstr(record_take(), "release_due"));
    assert_int_equal(wakes_at().ms, MONO_NEVER.ms);
    fake_find->next = part_at(1);
    turn(&s);
    assert_int_equal(wakes_at().ms, part_at(20).ms);
    fake_loop_hold_up(s.loop, false);
    record_take();
    turn(&s);
    assert_non_null(strstr(record_take(), "release_due"));
    assert_int_equal(wakes_at().ms, part_at(1).ms);
    end(&s);
}

static void stalls_matter_where_a_webhook_may_wait(void **state)
{
    struct scene s;
    (void)state;
    make(&s);
    s.options.retry.in_doubt_wait_ms = 10000;
    open_it(&s);
    assert_int_equal(fake_loop_stall_watchers(s.loop), 0);
    batch_start(s.b, ended_cb, &s);
    assert_int_equal(fake_loop_stall_watchers(s.loop), 1);
    end(&s); /* where it is 0 again */
    begin(&s);
    assert_int_equal(fake_loop_stall_watchers(s.loop), 0);
    end(&s);
}

/* --- when it wakes --- */

static void it_wakes_for_the_first_that_has_something_to_do(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    struct mono *parts[] = {&fake_find->next, &fake_recover->next, &fake_retry->next,
                            &fake_pace->next, &fake_admit->next,   &fake_move->next,
                            &fake_gets->next, &fake_upload->next,  &fake_receive->next};
    turn(&s);
    assert_int_equal(wakes_at().ms, MONO_NEVER.ms);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        *parts[i] = part_at(700);
        turn(&s);
        assert_int_equal(wakes_at().ms, part_at(700).ms);
        *parts[i] = MONO_NEVER;
    }
    *parts[0] = part_at(900);
    *parts[8] = part_at(800);
    turn(&s);
    assert_int_equal(wakes_at().ms, part_at(800).ms);
    flight_wake_at(fake_flight(s.flights, 1, DOC_PROCESSING), WAKE_POLL, part_at(600));
    turn(&s);
    assert_int_equal(wakes_at().ms, part_at(600).ms);
    end(&s);
}

static void ending_it_wakes_when_it_must_wait_no_longer(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    batch_stop(s.b, BATCH_DRAIN);
    turn(&s);
    assert_int_equal(wakes_at().ms, part_at(2000).ms);
    end(&s);
}

/* --- a ledger that fails --- */

static void while_it_cannot_be_written_nothing_is_released(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.journal->down = true;
    s.journal->next = part_at(500);
    fake_publish->due = true; /* it has no turn before the ledger can be written */
    turn(&s);
    assert_recorded(BEFORE_COMMIT "learn_before_commit\nreply lost\n" LAST);
    assert_int_equal(wakes_at().ms, part_at(500).ms);
    s.journal->next = part_at(0);
    turn(&s);
    assert_int_equal(wakes_at().ms, part_at(1).ms); /* never this turn again */
    record_take();
    fake_publish->due = false;
    s.journal->down = false;
    s.journal->dirty = true;
    turn(&s);
    assert_recorded(BEFORE_COMMIT COMMIT WHEN_DURABLE LAST);
    end(&s);
}

static void it_doesnt_end_before_all_is_written(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.journal->down = true;
    let_end(&s);
    assert_int_equal(s.ended, 0);
    s.journal->down = false;
    turn(&s);
    assert_int_equal(s.ended, 1);
    end(&s);
}

static void hopeless_it_waits_for_what_is_on_the_wire(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.journal->down = s.journal->hopeless = true;
    fake_upload->out = 1;
    fake_find->busy = false;
    turn(&s);
    assert_int_equal(s.ended, 0);
    fake_upload->out = 0;
    fake_gets->out = 1;
    turn(&s);
    assert_int_equal(s.ended, 0);
    record_take();
    struct flight *f = fake_flight(s.flights, 1, DOC_PROCESSING);
    f->requests = 1; /* not freed under its callback */
    fake_gets->out = 0;
    turn(&s);
    assert_recorded(BEFORE_COMMIT "learn_before_commit\n"
                                  "reply lost\n"
                                  "cancel_uploads\n"
                                  "forget\n" LAST "stop_find\n"
                                  "close_pace\n"
                                  "close_receive\n"
                                  "close\n"); /* nothing of its end is recorded */
    assert_true(f->dead);
    assert_int_equal(s.ended, 1);
    assert_int_equal(batch_exit_code(s.b), EXIT_RESUMABLE);
    f->requests = 0;
    end(&s);
}

static void an_end_that_cannot_be_recorded_is_logged(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    damage(&s);
    batch_stop(s.b, BATCH_DRAIN);
    record_take();
    let_end(&s);
    assert_non_null(strstr(record_take(), "log error run.end_unrecorded reason="));
    assert_int_equal(s.ended, 1);
    end(&s);
}

/* --- the end --- */

static void each_part_that_is_busy_keeps_it(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    bool *parts[] = {&fake_find->busy,    &fake_recover->busy, &fake_retry->busy,
                     &fake_publish->busy, &fake_move->busy,    &fake_gets->busy,
                     &fake_upload->busy,  &fake_poll->busy,    &fake_fetch->busy,
                     &s.flights->busy,    &fake_receive->busy, &fake_admit->busy,
                     &fake_move->not_done};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        fake_find->busy = false;
        *parts[i] = true;
        turn(&s);
        assert_int_equal(s.ended, 0);
        *parts[i] = false;
    }
    turn(&s);
    assert_int_equal(s.ended, 1);
    end(&s);
}

static void one_that_stays_ends_when_it_is_told(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.options.mode = RUN_STAYS;
    fake_move->not_done = true; /* moves are left to another time */
    let_end(&s);
    assert_int_equal(s.ended, 0);
    batch_stop(s.b, BATCH_DRAIN);
    turn(&s);
    assert_int_equal(s.ended, 1);
    assert_int_equal(batch_exit_code(s.b), EXIT_RESUMABLE);
    assert_string_equal(batch_reason(s.b), "interrupted: run the same command again to go on");
    end(&s);
}

/* The same command doesn't go on with it. */
static void one_that_a_budget_stopped_says_so_at_its_end(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    s.options.mode = RUN_STAYS;
    text_copy(fake_spending->reason, sizeof fake_spending->reason, "the budget is reached");
    let_end(&s);
    batch_stop(s.b, BATCH_DRAIN);
    turn(&s);
    assert_int_equal(batch_exit_code(s.b), EXIT_RESUMABLE);
    assert_string_equal(batch_reason(s.b), "interrupted, and the budget is reached");
    end(&s);
}

static void told_twice_it_cuts_the_uploads(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    batch_stop(s.b, BATCH_DRAIN);
    assert_recorded("");
    batch_stop(s.b, BATCH_NOW);
    batch_stop(s.b, BATCH_NOW);
    assert_recorded("cancel_uploads\n");
    end(&s);
}

static void it_closes_one_after_the_other(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    fake_flight(s.flights, 1, DOC_PROCESSING);
    fake_pace->get = 4;
    let_end(&s);
    assert_recorded(BEFORE_COMMIT WHEN_DURABLE LAST "save_find\n"
                                                    "learn_save\n"
                                                    "publish_save\n"
                                                    "run post=0 get=4 http_429=0\n"
                                                    "learn_before_commit\n"
                                                    "commit\n"
                                                    "stop_find\n"
                                                    "close_pace\n"
                                                    "close_receive\n"
                                                    "close\n");
    assert_int_equal(s.ended, 1);
    assert_int_equal(flights_count(s.flights, DOC_PROCESSING), 0);
    turn(&s); /* it has no more turns */
    assert_recorded("");
    end(&s);
}

static void it_has_ended_when_the_last_part_has_closed(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    fake_receive->closes_later = true;
    let_end(&s);
    assert_int_equal(s.ended, 0);
    fake_receive_closed();
    assert_int_equal(s.ended, 1);
    end(&s);
}

static void nobody_needs_to_be_told(void **state)
{
    struct scene s;
    (void)state;
    make(&s);
    open_it(&s);
    batch_start(s.b, NULL, NULL);
    turn(&s);
    assert_int_equal(batch_exit_code(s.b), EXIT_ALL_STORED);
    s.ended = 1;
    end(&s);
}

/* --- how it ended --- */

static void nothing_found(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    let_end(&s);
    assert_int_equal(batch_exit_code(s.b), EXIT_ALL_STORED);
    assert_non_null(strstr(batch_reason(s.b), "no files found"));
    end(&s);
}

static void some_not_stored(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    put(&s, "a.pdf", false);
    let_end(&s);
    assert_int_equal(batch_exit_code(s.b), EXIT_SOME_FAILED);
    assert_string_equal(batch_reason(s.b), "");
    end(&s);
}

static void files_that_could_not_be_written(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    put(&s, "a.pdf", false);
    fake_publish->errors = 2;
    let_end(&s);
    assert_int_equal(batch_exit_code(s.b), EXIT_RESUMABLE);
    assert_non_null(strstr(batch_reason(s.b), "some result files could not be written"));
    end(&s);
}

static void the_budget_was_reached(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    put(&s, "a.pdf", true);
    text_copy(fake_spending->reason, sizeof fake_spending->reason, "limits.max_credits = 70");
    assert_string_equal(batch_budget_reason(s.b), ""); /* as long as it is on */
    let_end(&s);
    assert_int_equal(fake_spending->ended, 1);
    assert_true(fake_spending->documents_wait);
    assert_int_equal(batch_exit_code(s.b), EXIT_RESUMABLE);
    assert_string_equal(batch_reason(s.b), "limits.max_credits = 70");
    assert_string_equal(batch_budget_reason(s.b), batch_reason(s.b));
    end(&s);
}

/* Another run with those settings goes on with them: they don't count in the exit code. */
static void what_waits_under_other_settings_is_named(void **state)
{
    struct scene s;
    const struct ledger_settings other = {"extraction", "model-2", "{}"};
    (void)state;
    begin(&s);
    int64_t ours = s.ledger->settings;
    assert_int_equal(ledger_settings_put(batch_ledger(s.b), &other, &s.ledger->settings), 0);
    put(&s, "a.pdf", true);
    s.ledger->settings = ours;
    let_end(&s);
    assert_non_null(strstr(record_take(), "log warning documents.wait queued=1 in_doubt=0 next="));
    assert_int_equal(batch_exit_code(s.b), EXIT_ALL_STORED);
    end(&s);
}

static void there_was_no_room(void **state)
{
    struct scene s;
    char reserve[128];
    (void)state;
    make(&s);
    snprintf(reserve, sizeof reserve, "%s.reserve", s.options.ledger);
    assert_int_equal(mkdir(reserve, 0700), 0);
    open_it(&s);
    batch_start(s.b, ended_cb, &s);
    put(&s, "a.pdf", true);
    turn(&s);
    assert_int_equal(batch_exit_code(s.b), EXIT_RESUMABLE);
    assert_non_null(strstr(batch_reason(s.b), "make room"));
    end(&s);
}

static void what_it_ended_for_counts_more(void **state)
{
    struct scene s;
    (void)state;
    begin(&s);
    put(&s, "a.pdf", false);
    ending_early(fake_pace->ending, EXIT_REFUSED, "the key was revoked");
    let_end(&s);
    assert_int_equal(batch_exit_code(s.b), EXIT_REFUSED);
    assert_string_equal(batch_reason(s.b), "the key was revoked");
    end(&s);
}

static void the_ledger_has_the_end(void **state)
{
    struct scene s;
    struct ledger_counts c;
    (void)state;
    begin(&s);
    assert_int_equal(ledger_counts(batch_ledger(s.b), &c), 0);
    assert_int_equal(c.started_at.ms, part_at(0).ms);
    assert_int_equal(c.finished_at.ms, 0);
    let_end(&s);
    assert_int_equal(ledger_counts(batch_ledger(s.b), &c), 0);
    assert_int_equal(c.finished_at.ms, part_at(1000).ms);
    end(&s);
}

static void its_progress_shows_all_along(void **state)
{
    struct scene s;
    struct batch_progress p;
    (void)state;
    begin(&s);
    put(&s, "a.pdf", true);
    fake_find->walking = true;
    fake_admit->pauses = PAUSE_JOBS;
    pass(3000);
    batch_progress(s.b, &p);
    assert_int_equal(p.files, 1);
    assert_true(p.walking);
    assert_int_equal(p.pauses, PAUSE_JOBS);
    assert_int_equal(p.started.ms, part_at(0).ms);
    end(&s);
}

/* Between two runs: the newest run stays the one before. */
static void taking_webhooks_is_no_run(void **state)
{
    struct scene s;
    struct ledger_counts c;
    (void)state;
    make(&s);
    s.options.mode = RUN_RECEIVES;
    open_it(&s);
    assert_false(batch_takes_webhooks(s.b));
    batch_start(s.b, ended_cb, &s);
    assert_true(batch_takes_webhooks(s.b));
    fake_receive->busy = true;
    put(&s, "a.pdf", true); /* queued, and nobody's concern */
    write_something(&s);
    let_end(&s);
    assert_int_equal(s.ended, 0);
    fake_receive->busy = false;
    let_end(&s);
    assert_int_equal(s.ended, 1);
    assert_false(batch_takes_webhooks(s.b));
    assert_int_equal(batch_exit_code(s.b), EXIT_ALL_STORED);
    assert_int_equal(ledger_run_counts(batch_ledger(s.b), &c), 0);
    assert_int_equal(c.started_at.ms, 0);
    assert_int_equal(ledger_counts(batch_ledger(s.b), &c), 0);
    assert_int_equal(c.documents, 1); /* committed */
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_opens_one_after_the_other),
        cmocka_unit_test(what_cannot_be_opened_stops_it),
        cmocka_unit_test(a_run_walks),
        cmocka_unit_test(a_retry_takes_up_again),
        cmocka_unit_test(a_run_that_cannot_be_recorded_ends_at_once),
        cmocka_unit_test(a_turn_without_anything_to_write),
        cmocka_unit_test(what_was_written_is_committed_before_it_is_released),
        cmocka_unit_test(what_went_out_is_counted_with_it),
        cmocka_unit_test(what_waits_without_a_write_needs_no_commit),
        cmocka_unit_test(nor_does_a_delivery_that_waits_for_its_answer),
        cmocka_unit_test(nothing_is_released_before_the_ledger_calls_back),
        cmocka_unit_test(it_does_not_end_while_a_turn_is_out),
        cmocka_unit_test(commits_that_follow_wait_for_what_joins_them),
        cmocka_unit_test(on_a_slow_disk_for_longer),
        cmocka_unit_test(what_is_wanted_is_told),
        cmocka_unit_test(held_up_it_reads_before_it_counts_what_is_due),
        cmocka_unit_test(stalls_matter_where_a_webhook_may_wait),
        cmocka_unit_test(it_wakes_for_the_first_that_has_something_to_do),
        cmocka_unit_test(ending_it_wakes_when_it_must_wait_no_longer),
        cmocka_unit_test(while_it_cannot_be_written_nothing_is_released),
        cmocka_unit_test(it_doesnt_end_before_all_is_written),
        cmocka_unit_test(hopeless_it_waits_for_what_is_on_the_wire),
        cmocka_unit_test(an_end_that_cannot_be_recorded_is_logged),
        cmocka_unit_test(each_part_that_is_busy_keeps_it),
        cmocka_unit_test(one_that_stays_ends_when_it_is_told),
        cmocka_unit_test(one_that_a_budget_stopped_says_so_at_its_end),
        cmocka_unit_test(told_twice_it_cuts_the_uploads),
        cmocka_unit_test(it_closes_one_after_the_other),
        cmocka_unit_test(it_has_ended_when_the_last_part_has_closed),
        cmocka_unit_test(nobody_needs_to_be_told),
        cmocka_unit_test(nothing_found),
        cmocka_unit_test(some_not_stored),
        cmocka_unit_test(files_that_could_not_be_written),
        cmocka_unit_test(the_budget_was_reached),
        cmocka_unit_test(what_waits_under_other_settings_is_named),
        cmocka_unit_test(there_was_no_room),
        cmocka_unit_test(what_it_ended_for_counts_more),
        cmocka_unit_test(the_ledger_has_the_end),
        cmocka_unit_test(its_progress_shows_all_along),
        cmocka_unit_test(taking_webhooks_is_no_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
