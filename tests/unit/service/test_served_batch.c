/* One served batch, turn by turn: its states, when it next has something to do, what it says of
 * itself, and whose configuration it uses. Runs are the script's; it is 16:00 UTC on a Monday. */
#include "scripted_batch.h"
#include "virtual_loop.h"

#include "base/log.h"
#include "capture.h"
#include "service/served_batch.h"
#include "service/served_batch_end.h"
#include "service/served_batch_receive.h"
#include "service/served_batch_status.h"
#include "stand_in_batch.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MINUTE_MS INT64_C(60000)
#define HOUR_MS   (60 * MINUTE_MS)

struct stage {
    char directory[64], ledger[96];
    int64_t mono_ms;
    struct virtual_clock clock;
    struct loop *loop;
    struct loop_timer *tick; /* stops the loop's jump at a time of the test's */
    struct served_batches batches;
    struct served_entry entry;
    struct served_batch_host host;
    struct served_batch served;
    int pokes;
    enum service_notice_kind told; /* the last notice */
    int notices;
    char text[400]; /* its words */
};

static void poke_cb(void *ctx)
{
    ((struct stage *)ctx)->pokes++;
}

static struct stage *stage; /* of the test that is on */

/* In the place of the log's line. */
void service_notice(const struct service_notice *n)
{
    struct stage *s = stage;
    s->notices++;
    s->told = n->kind;
    snprintf(s->text, sizeof s->text, "%s", n->text);
}

static void set(struct config *c, const char *format, const char *value)
{
    struct error_list errors = {0};
    char text[200];
    snprintf(text, sizeof text, format, value);
    assert_int_equal(config_set(c, text, &errors), 0);
}

static int set_up(void **state)
{
    struct stage *s = calloc(1, sizeof *s);
    char in[96];
    strcpy(s->directory, "/tmp/test-served-batch-XXXXXX");
    assert_non_null(mkdtemp(s->directory));
    snprintf(in, sizeof in, "%s/in", s->directory);
    assert_int_equal(mkdir(in, 0700), 0);
    snprintf(s->ledger, sizeof s->ledger, "%s/out/ledger.db", s->directory);
    s->mono_ms = VIRTUAL_MONO_START_MS;
    virtual_clock_init(&s->clock, &s->mono_ms);
    s->loop = virtual_loop_new(&s->clock, 7, &(struct virtual_hooks){0});
    script_setup(1000);
    s->entry = (struct served_entry){
        .name = "", .config = config_new(), .catch_up_ms = 120 * HOUR_MS, .late = LATE_NEXT};
    set(s->entry.config, "api.key=%s", "md_scripted");
    set(s->entry.config, "input.directory=%s/in", s->directory);
    set(s->entry.config, "output.directory=%s/out", s->directory);
    s->batches = (struct served_batches){.entries = &s->entry, .count = 1};
    s->host = (struct served_batch_host){.loop = s->loop, .seed = 1, .poke = poke_cb, .ctx = s};
    const struct log_options log = {.level = LOG_ERROR};
    struct error e;
    *state = stage = s;
    return log_open(&log, &e);
}

static int tear_down(void **state)
{
    struct stage *s = *state;
    char command[128];
    calendar_free(s->entry.calendar);
    config_free(s->entry.config);
    loop_free(s->loop);
    snprintf(command, sizeof command, "rm -rf '%s'", s->directory);
    int status = system(command);
    free(s);
    return status;
}

static void schedule(struct stage *s, const char *when)
{
    struct error e;
    s->entry.calendar = calendar_new();
    assert_int_equal(calendar_parse(s->entry.calendar, when, &e), 0);
}

static void begin(struct stage *s)
{
    struct error e;
    served_batch_init(&s->served, &s->entry, &s->host);
    if (served_batch_begin(&s->served, &e) < 0)
        fail_msg("%s", e.text);
}

static void tick_cb(void *ctx)
{
    struct stage *s = ctx;
    loop_timer_close(s->tick);
    s->tick = NULL;
}

/* Its directories are asked on the pool before it is opened. */
static void turn(struct stage *s)
{
    served_batch_turn(&s->served);
    if (s->served.places) {
        loop_run(s->loop);
        served_batch_turn(&s->served);
    }
}

/* MS pass, for timers too, and then the batch has its turn. Nothing may be left on the loop that
 * comes later: the loop would run on to it. */
static void pass(struct stage *s, int64_t ms)
{
    s->tick = loop_timer_new(s->loop, tick_cb, s);
    loop_timer_set(s->tick, mono_add(loop_now(s->loop), ms));
    loop_run(s->loop);
    turn(s);
}

static int64_t next_in(const struct stage *s)
{
    struct mono next = served_batch_next(&s->served);
    return next.ms == MONO_NEVER.ms ? -1 : mono_diff(next, loop_now(s->loop));
}

static const char *status(const struct stage *s)
{
    static char text[600];
    struct buffer out;
    buffer_init(&out, 0);
    served_batch_status(&s->served, &out);
    snprintf(text, sizeof text, "%s", buffer_text(&out));
    buffer_release(&out);
    return text;
}

/* Stops it, whatever it does, until it is over. */
static void stop(struct stage *s)
{
    served_batch_stop(&s->served, BATCH_DRAIN);
    for (int i = 0; i < 10 && !served_batch_over(&s->served); i++) {
        loop_run(s->loop);
        turn(s);
    }
    assert_true(served_batch_over(&s->served));
    assert_int_equal(next_in(s), -1);
    served_batch_release(&s->served);
}

static void rests_until_its_occurrence(void **state)
{
    struct stage *s = *state;
    schedule(s, "daily 18:00");
    begin(s);
    assert_int_equal(s->served.state, SERVED_RESTING);
    assert_null(s->served.batch); /* its ledger is free */
    assert_int_equal(next_in(s), 2 * HOUR_MS);
    assert_string_equal(status(s),
                        "next run MON 2026-08-31 18:00 +00:00, for 2026-08-31 (daily 18:00)");
    pass(s, HOUR_MS);
    assert_int_equal(s->served.state, SERVED_RESTING);
    assert_int_equal(next_in(s), HOUR_MS);
    stop(s);
    assert_int_equal(s->served.exit_code, EXIT_ALL_STORED);
    assert_string_equal(script.told, "");
}

static void runs_and_rests_again(void **state)
{
    struct stage *s = *state;
    schedule(s, "daily 18:00");
    script.runs[0].takes_ms = 5 * MINUTE_MS;
    const struct mono began = loop_now(s->loop);
    begin(s);
    pass(s, 2 * HOUR_MS);
    assert_int_equal(s->served.state, SERVED_RUNNING);
    assert_int_equal(next_in(s), -1); /* its end pokes */
    assert_true(served_batch_uses(&s->served, &s->batches));
    assert_memory_equal(status(s), "running for 2026-08-31: 0 of 0 documents stored, ", 49);
    s->pokes = 0;
    loop_run(s->loop);
    assert_int_equal(s->pokes, 1);
    assert_int_equal(s->served.state, SERVED_RUNNING); /* until its turn */
    turn(s);
    assert_int_equal(s->served.state, SERVED_RESTING);
    assert_int_equal(s->notices, 1);
    assert_int_equal(s->told, NOTICE_END);
    assert_string_equal(s->text, "every document is stored");
    assert_int_equal(next_in(s), 26 * HOUR_MS - mono_diff(loop_now(s->loop), began));
    assert_null(s->served.batch);
    stop(s);
    assert_string_equal(script.told, "31 18:00 run 2026-08-31; 31 18:05 end 0");
}

static void stopped_in_a_scheduled_run(void **state)
{
    struct stage *s = *state;
    schedule(s, "daily 18:00");
    script.runs[0].takes_ms = 5 * HOUR_MS;
    begin(s);
    pass(s, 2 * HOUR_MS);
    served_batch_stop(&s->served, BATCH_DRAIN);
    assert_false(served_batch_over(&s->served));
    stop(s);
    assert_int_equal(s->served.exit_code, EXIT_RESUMABLE);
    assert_int_equal(s->notices, 0); /* whoever stopped it knows */
}

/* For one that stays, being stopped is the end it was made for. */
static void stopped_while_it_stays(void **state)
{
    struct stage *s = *state;
    s->entry.stays = s->entry.watch = true;
    begin(s);
    assert_int_equal(s->served.state, SERVED_STAYING);
    assert_int_equal(next_in(s), 4000); /* then it is looked at: is it at rest? */
    pass(s, 4000);
    assert_int_equal(next_in(s), -1);
    stop(s);
    assert_int_equal(s->served.exit_code, EXIT_ALL_STORED);
    assert_string_equal(script.told, "31 16:00 stay; 31 16:00 end 5");
    assert_int_equal(access(s->ledger, F_OK), 0);
}

static void take_ledger(const struct stage *s, struct ledger **other)
{
    const struct ledger_options o = {.path = s->ledger, .clock = &s->clock.clock};
    struct error e;
    if (ledger_open(other, &o, &e) < 0)
        fail_msg("%s", e.text);
}

static int lines_with(const char *words)
{
    int n = 0;
    for (const char *p = captured_err; (p = strstr(p, words)) != NULL; p++)
        n++;
    return n;
}

static void a_ledger_in_use_is_waited_for(void **state)
{
    const struct log_options log = {.level = LOG_WARNING, .clock = &system_clock};
    struct stage *s = *state;
    struct ledger *other;
    struct error e;
    schedule(s, "daily 18:00");
    begin(s);
    take_ledger(s, &other);
    capture_begin();
    int opened = log_open(&log, &e);
    pass(s, 2 * HOUR_MS);
    int64_t next = next_in(s);
    pass(s, 30 * 1000);
    log_close();
    capture_end();
    assert_int_equal(opened, 0);
    assert_int_equal(lines_with("[serve.waits]"), 1); /* said once */
    assert_int_equal(s->served.state, SERVED_RESTING);
    assert_string_equal(status(s), "waits: busy");
    assert_int_equal(next, 30 * 1000);
    assert_int_equal(next_in(s), 30 * 1000);
    assert_int_equal(s->notices, 0); /* it is no trouble */
    ledger_close(other);
    pass(s, 30 * 1000);
    assert_int_equal(s->served.state, SERVED_RUNNING);
    loop_run(s->loop);
    turn(s);
    stop(s);
    assert_string_equal(script.told, "31 18:01 run 2026-08-31; 31 18:01 end 0");
}

/* Said once, tried each minute. */
static void options_that_cant_be_read_any_more(void **state)
{
    struct stage *s = *state;
    char in[96];
    schedule(s, "daily 18:00");
    begin(s);
    snprintf(in, sizeof in, "%s/in", s->directory);
    assert_int_equal(rmdir(in), 0);
    pass(s, 2 * HOUR_MS);
    assert_int_equal(s->notices, 1);
    assert_int_equal(s->told, NOTICE_TROUBLE);
    assert_int_equal(next_in(s), MINUTE_MS);
    assert_memory_equal(status(s), "waits: ", 7);
    assert_non_null(strstr(status(s), s->text));
    pass(s, MINUTE_MS);
    assert_int_equal(s->notices, 1);
    assert_int_equal(mkdir(in, 0700), 0);
    pass(s, MINUTE_MS);
    assert_int_equal(s->served.state, SERVED_RUNNING);
    loop_run(s->loop);
    turn(s);
    assert_string_equal(s->text, "every document is stored");
    stop(s);
}

/* It is waited for; said to others only when it has lasted for input.patience, and once. */
static void a_share_that_is_away(void **state)
{
    struct stage *s = *state;
    schedule(s, "daily 18:00");
    set(s->entry.config, "input.patience=%s", "1m");
    begin(s);
    stand_in_away = "/mnt/share: Stale file handle";
    pass(s, 2 * HOUR_MS);
    assert_int_equal(s->served.state, SERVED_RESTING);
    assert_int_equal(next_in(s), 5000);
    assert_string_equal(status(s), "waits: /mnt/share: Stale file handle");
    for (int i = 0; i < 11; i++)
        pass(s, 5000);
    assert_int_equal(s->notices, 0);
    pass(s, 5000);
    assert_int_equal(s->notices, 1);
    assert_int_equal(s->told, NOTICE_TROUBLE);
    assert_string_equal(s->text, "/mnt/share: Stale file handle");
    pass(s, HOUR_MS);
    assert_int_equal(s->notices, 1);
    stand_in_away = NULL;
    pass(s, 5000); /* what came due meanwhile isn't missed */
    assert_int_equal(s->served.state, SERVED_RUNNING);
    loop_run(s->loop);
    turn(s);
    stand_in_away = "another day";
    served_batch_rest(&s->served, 0);
    turn(s);
    assert_int_equal(s->notices, 2); /* the run's end: its patience is counted anew */
    stand_in_away = NULL;
    stop(s);
    assert_string_equal(script.told, "31 19:01 run 2026-08-31; 31 19:01 end 0");
}

/* Nothing of it is looked at on the loop before its directories have answered. */
static void its_directories_are_asked_first(void **state)
{
    struct stage *s = *state;
    schedule(s, "daily 18:00");
    begin(s);
    s->mono_ms += 2 * HOUR_MS;
    s->pokes = 0;
    served_batch_turn(&s->served);
    assert_int_equal(s->served.state, SERVED_RESTING);
    assert_null(s->served.batch);
    assert_int_equal(next_in(s), 5000); /* or when they answer */
    loop_run(s->loop);
    assert_int_equal(s->pokes, 1);
    assert_int_equal(next_in(s), 0);
    served_batch_turn(&s->served);
    assert_int_equal(s->served.state, SERVED_RUNNING);
    assert_null(s->served.places);
    loop_run(s->loop);
    turn(s);
    stop(s);
}

/* Others go on; it is said as of a share that is away, and what came due meanwhile waits. */
static void a_share_that_hangs(void **state)
{
    struct stage *s = *state;
    char text[200];
    schedule(s, "daily 18:00");
    set(s->entry.config, "input.patience=%s", "1m");
    begin(s);
    s->mono_ms += 2 * HOUR_MS;
    served_batch_turn(&s->served);
    s->mono_ms += 5000;
    served_batch_turn(&s->served);
    snprintf(text, sizeof text,
             "%s/in, or a directory of input.move_* or the output, doesn't answer: is its share "
             "reachable?",
             s->directory);
    assert_true(strlen(status(s)) > 20);
    assert_string_equal(status(s) + strlen("waits: "), text);
    assert_int_equal(s->notices, 0);
    for (int i = 0; i < 12; i++) {
        assert_int_equal(next_in(s), 5000);
        s->mono_ms += 5000;
        served_batch_turn(&s->served);
    }
    assert_int_equal(s->notices, 1);
    assert_int_equal(s->told, NOTICE_TROUBLE);
    assert_string_equal(s->text, text);
    assert_null(s->served.batch);
    loop_run(s->loop); /* it answers at last */
    pass(s, 5000);
    assert_int_equal(s->served.state, SERVED_RUNNING);
    loop_run(s->loop);
    turn(s);
    stop(s);
    assert_int_equal(s->notices, 2); /* the run's end */
}

/* An answer of a while ago says nothing of now. */
static void an_answer_grows_old(void **state)
{
    struct stage *s = *state;
    schedule(s, "daily 18:00");
    begin(s);
    s->mono_ms += 2 * HOUR_MS;
    served_batch_turn(&s->served);
    loop_run(s->loop);
    s->mono_ms += 2000;
    served_batch_turn(&s->served);
    assert_null(s->served.batch);
    turn(s);
    assert_int_equal(s->served.state, SERVED_RUNNING);
    loop_run(s->loop);
    turn(s);
    stop(s);
}

/* The service doesn't wait for them, nor does a new configuration. */
static void stopped_or_reloaded_while_they_are_asked(void **state)
{
    struct stage *s = *state;
    schedule(s, "daily 18:00");
    begin(s);
    s->mono_ms += 2 * HOUR_MS;
    served_batch_turn(&s->served);
    const struct places *old = s->served.places;
    served_batch_reload(&s->served, &s->entry);
    assert_null(s->served.places);
    served_batch_turn(&s->served);
    assert_ptr_not_equal(s->served.places, old);
    served_batch_stop(&s->served, BATCH_DRAIN);
    served_batch_turn(&s->served);
    assert_true(served_batch_over(&s->served));
    served_batch_release(&s->served);
    loop_run(s->loop); /* nobody is told */
}

static void a_share_that_is_away_at_the_start(void **state)
{
    struct stage *s = *state;
    s->entry.stays = s->entry.watch = true;
    stand_in_away = "/mnt/share: Stale file handle";
    begin(s); /* no error */
    assert_int_equal(s->served.state, SERVED_RESTING);
    assert_int_equal(next_in(s), 5000);
    stand_in_away = NULL;
    pass(s, 5000);
    assert_int_equal(s->served.state, SERVED_STAYING);
    stop(s);
    assert_int_equal(s->notices, 0);
}

static void a_start_that_makes_no_sense(void **state)
{
    struct stage *s = *state;
    struct error e;
    schedule(s, "daily 18:00");
    set(s->entry.config, "input.directory=%s", "/no/such/directory");
    served_batch_init(&s->served, &s->entry, &s->host);
    assert_true(served_batch_begin(&s->served, &e) < 0);
    assert_non_null(strstr(e.text, "/no/such/directory"));
    stop(s);
}

/* A new configuration with other options has the staying run end, and another one begin. */
static void a_reload_while_it_stays(void **state)
{
    struct stage *s = *state;
    s->entry.stays = s->entry.watch = true;
    begin(s);
    struct served_entry same = s->entry, newer = s->entry;
    served_batch_reload(&s->served, &same);
    assert_int_equal(s->served.state, SERVED_STAYING);
    newer.config = config_new();
    set(newer.config, "api.key=%s", "md_scripted");
    set(newer.config, "input.directory=%s/in", s->directory);
    set(newer.config, "output.directory=%s/out", s->directory);
    set(newer.config, "limits.uploads=%s", "3");
    served_batch_reload(&s->served, &newer);
    assert_int_equal(s->served.state, SERVED_DRAINING);
    assert_true(served_batch_uses(&s->served, &s->batches)); /* until it has ended */
    pass(s, 2000);
    assert_int_equal(s->served.state, SERVED_STAYING);
    turn(s); /* the old notifier is closed by then */
    assert_false(served_batch_uses(&s->served, &s->batches));
    assert_int_equal(s->notices, 0);
    stop(s);
    config_free(newer.config);
    assert_string_equal(script.told,
                        "31 16:00 stay; 31 16:00 end 5; 31 16:00 stay; 31 16:00 end 5");
}

static void a_reload_with_another_schedule(void **state)
{
    struct stage *s = *state;
    struct error e;
    schedule(s, "daily 18:00");
    begin(s);
    struct served_entry newer = s->entry;
    newer.calendar = calendar_new();
    assert_int_equal(calendar_parse(newer.calendar, "daily 17:00", &e), 0);
    s->pokes = 0;
    served_batch_reload(&s->served, &newer);
    assert_int_equal(s->pokes, 1);
    assert_int_equal(next_in(s), 0); /* the rule's first sight is noted in the ledger */
    const struct mono before = loop_now(s->loop);
    turn(s);
    assert_int_equal(next_in(s), HOUR_MS - mono_diff(loop_now(s->loop), before));
    stop(s);
    calendar_free(newer.calendar);
}

static void named_in_what_it_says(void **state)
{
    struct stage *s = *state;
    s->entry.name = "acme";
    s->entry.stays = s->entry.watch = true;
    begin(s);
    assert_memory_equal(status(s), "acme: 0 of 0 documents stored", 29);
    stop(s);
}

static void no_occurrence_ahead_no_news(void **state)
{
    struct stage *s = *state;
    s->entry.stays = true;
    script.stay_ends = true;
    s->host.alone = false; /* the service goes on for others: it is tried again */
    begin(s);
    loop_run(s->loop);
    turn(s);
    assert_int_equal(s->told, NOTICE_TROUBLE);
    assert_int_equal(next_in(s), 15 * MINUTE_MS);
    assert_string_equal(status(s), "");
    stop(s);
}

/* Half an hour ahead, once; then at the occurrence, for the run's own. */
static void a_forecast_ahead_of_the_run(void **state)
{
    struct stage *s = *state;
    schedule(s, "daily 18:00");
    s->entry.forecast_ms = 30 * MINUTE_MS;
    begin(s);
    assert_int_equal(next_in(s), 90 * MINUTE_MS);
    pass(s, 90 * MINUTE_MS);
    assert_non_null(s->served.forecast.entry);
    loop_run(s->loop); /* it is made */
    assert_null(s->served.forecast.entry);
    assert_int_equal(served_batch_next(&s->served).ms, VIRTUAL_MONO_START_MS + 2 * HOUR_MS);
    pass(s, next_in(s));
    assert_int_equal(s->served.state, SERVED_FORECAST);
    assert_string_equal(status(s), "preparing the run for 2026-08-31");
    assert_int_equal(next_in(s), MINUTE_MS); /* it isn't waited for any longer */
    assert_string_equal(script.told, "");
    loop_run(s->loop);
    turn(s);
    assert_int_equal(s->served.state, SERVED_RUNNING);
    loop_run(s->loop);
    turn(s);
    assert_int_equal(s->notices, 1); /* the end's: it is in time */
    stop(s);
}

/* Its row is there: the next start goes on with that run. */
static void stopped_while_its_forecast_is_made(void **state)
{
    struct stage *s = *state;
    schedule(s, "daily 18:00");
    s->entry.forecast_ms = MINUTE_MS;
    begin(s);
    pass(s, 2 * HOUR_MS);
    assert_int_equal(s->served.state, SERVED_FORECAST);
    stop(s);
    assert_int_equal(s->served.exit_code, EXIT_RESUMABLE);
    begin(s);
    assert_int_equal(s->served.state, SERVED_RUNNING);
    loop_run(s->loop);
    turn(s);
    stop(s);
    assert_string_equal(script.told, "31 18:00 run 2026-08-31*; 31 18:00 end 0");
}

/* --- the reports of one that stays --- */

static void at_rest_it_reports(void **state)
{
    struct stage *s = *state;
    char summary[128];
    s->entry.stays = s->entry.watch = true;
    snprintf(summary, sizeof summary, "%s/out/summary.json", s->directory);
    begin(s);
    served_batch_report(&s->served);
    assert_int_equal(access(summary, F_OK), -1); /* nothing is new */
    s->served.reported.files = 7;                /* as if it had been written with others */
    served_batch_report(&s->served);
    assert_int_equal(access(summary, F_OK), 0);
    assert_int_equal(s->served.reported.files, 0);
    stop(s);
}

static void what_a_person_settled_is_reported_soon(void **state)
{
    struct stage *s = *state;
    char failures[128];
    s->entry.stays = s->entry.watch = true;
    snprintf(failures, sizeof failures, "%s/out/failures.csv", s->directory);
    begin(s);
    turn(s);
    s->served.batch->by_hand = 1;
    turn(s);
    assert_true(next_in(s) >= 0 && next_in(s) <= 1000);
    pass(s, 500);
    s->served.batch->by_hand = 900; /* one after the other: these are of the same writing */
    turn(s);
    assert_int_equal(access(failures, F_OK), -1);
    pass(s, 500);
    assert_int_equal(access(failures, F_OK), 0);
    assert_int_equal(unlink(failures), 0);
    pass(s, 5000);
    assert_int_equal(access(failures, F_OK), -1); /* nothing more was asked for */
    s->served.batch->by_hand++;
    turn(s);
    pass(s, 1000);
    assert_int_equal(access(failures, F_OK), 0);
    stop(s);
}

/* --- webhooks between runs --- */

static void a_webhook_opens_it_for_a_while(void **state)
{
    struct stage *s = *state;
    schedule(s, "daily 18:00");
    script.receive_takes_ms = MINUTE_MS;
    begin(s);
    assert_false(served_batch_comes(&s->served));
    served_batch_receive(&s->served);
    assert_int_equal(s->served.state, SERVED_RECEIVING);
    assert_true(batch_takes_webhooks(s->served.batch));
    assert_int_equal(next_in(s), 2 * HOUR_MS); /* the calendar holds */
    served_batch_receive(&s->served);          /* it is there already */
    loop_run(s->loop);
    assert_true(
        served_batch_comes(&s->served)); /* it has ended; after its turn it can come again */
    turn(s);
    assert_int_equal(s->served.state, SERVED_RESTING);
    assert_null(s->served.batch);
    assert_int_equal(next_in(s), 2 * HOUR_MS - MINUTE_MS);
    assert_int_equal(s->notices, 0); /* no run has ended */
    stop(s);
    assert_int_equal(s->served.exit_code, EXIT_ALL_STORED);
    assert_string_equal(script.told, "31 16:00 receive; 31 16:01 end 0");
}

static void what_is_due_has_it_end_first(void **state)
{
    struct stage *s = *state;
    schedule(s, "daily 18:00");
    script.receive_takes_ms = -1; /* one webhook after the other */
    begin(s);
    pass(s, 2 * HOUR_MS - MINUTE_MS);
    served_batch_receive(&s->served);
    pass(s, MINUTE_MS);
    assert_int_equal(s->served.state, SERVED_DRAINING);
    assert_false(served_batch_comes(&s->served)); /* until it has ended it takes them */
    loop_run(s->loop);
    turn(s);
    assert_int_equal(s->served.state, SERVED_RUNNING);
    loop_run(s->loop);
    turn(s);
    stop(s);
    assert_string_equal(script.told, "31 17:59 receive; 31 18:00 end 5; "
                                     "31 18:00 run 2026-08-31; 31 18:00 end 0");
}

static void what_it_rested_for_stays(void **state)
{
    struct stage *s = *state;
    schedule(s, "daily 18:00");
    script.runs[0].exit_code = EXIT_RESUMABLE; /* goes on in 15 minutes */
    script.receive_takes_ms = MINUTE_MS;
    begin(s);
    pass(s, 2 * HOUR_MS);
    loop_run(s->loop);
    turn(s);
    assert_int_equal(next_in(s), 15 * MINUTE_MS);
    served_batch_receive(&s->served);
    assert_int_equal(next_in(s), 15 * MINUTE_MS);
    loop_run(s->loop);
    turn(s);
    assert_int_equal(s->served.state, SERVED_RESTING);
    assert_int_equal(next_in(s), 14 * MINUTE_MS);
    script.receive_takes_ms = -1;
    served_batch_receive(&s->served);
    pass(s, 14 * MINUTE_MS);
    assert_int_equal(s->served.state, SERVED_DRAINING);
    loop_run(s->loop);
    turn(s);
    assert_int_equal(s->served.state, SERVED_RUNNING);
    loop_run(s->loop);
    turn(s);
    stop(s);
}

static void a_reload_ends_it_so_that_new_rules_are_seen(void **state)
{
    struct stage *s = *state;
    schedule(s, "daily 18:00");
    script.receive_takes_ms = -1;
    begin(s);
    served_batch_receive(&s->served);
    struct served_entry same = s->entry;
    served_batch_reload(&s->served, &same);
    assert_int_equal(s->served.state, SERVED_DRAINING);
    loop_run(s->loop);
    turn(s);
    assert_int_equal(s->served.state, SERVED_RESTING);
    stop(s);
}

static void stopped_while_it_receives(void **state)
{
    struct stage *s = *state;
    schedule(s, "daily 18:00");
    script.receive_takes_ms = -1;
    begin(s);
    served_batch_receive(&s->served);
    stop(s);
    assert_int_equal(s->served.exit_code, EXIT_ALL_STORED);
    served_batch_receive(&s->served); /* it is over */
    assert_null(s->served.batch);
}

/* A run by hand is at work there: said once, and tried again when the next one comes. */
static void a_ledger_in_use_takes_no_webhook(void **state)
{
    const struct log_options log = {.level = LOG_WARNING, .clock = &system_clock};
    struct stage *s = *state;
    struct ledger *other;
    struct error e;
    schedule(s, "daily 18:00");
    begin(s);
    take_ledger(s, &other);
    capture_begin();
    int opened = log_open(&log, &e);
    served_batch_receive(&s->served);
    bool comes = served_batch_comes(&s->served);
    pass(s, 6000);
    served_batch_receive(&s->served);
    log_close();
    capture_end();
    assert_int_equal(opened, 0);
    assert_int_equal(lines_with("[webhook.refused]"), 1);
    assert_false(comes);
    assert_int_equal(s->served.state, SERVED_RESTING);
    assert_int_equal(s->notices, 0);
    ledger_close(other);
    served_batch_receive(&s->served); /* within five seconds of the last refusal */
    assert_null(s->served.batch);
    pass(s, 5000);
    served_batch_receive(&s->served);
    assert_int_equal(s->served.state, SERVED_RECEIVING);
    loop_run(s->loop);
    turn(s);
    stop(s);
}

/* A retry has asked for the ledger: it has two seconds to take it, and nothing is wrong. */
static void one_that_made_way_rests_for_a_moment(void **state)
{
    const struct log_options log = {.level = LOG_WARNING, .clock = &system_clock};
    struct stage *s = *state;
    struct error e;
    schedule(s, "daily 18:00");
    script.receive_takes_ms = MINUTE_MS;
    script.receive_exit_code = EXIT_RESUMABLE;
    script.receive_makes_way = true;
    begin(s);
    served_batch_receive(&s->served);
    loop_run(s->loop);
    capture_begin();
    int opened = log_open(&log, &e);
    turn(s);
    log_close();
    capture_end();
    assert_int_equal(opened, 0);
    assert_int_equal(lines_with(" webhook.refused "), 0);
    assert_int_equal(s->served.state, SERVED_RESTING);
    assert_null(s->served.batch);
    served_batch_receive(&s->served);
    assert_null(s->served.batch);
    pass(s, 2000);
    served_batch_receive(&s->served);
    assert_int_equal(s->served.state, SERVED_RECEIVING);
    assert_int_equal(s->notices, 0);
    script.receive_makes_way = false;
    stop(s);
}

/* Its ledger is open, and its run hasn't begun: the webhook waits for that. */
static void a_run_that_is_prepared_takes_it_in_a_moment(void **state)
{
    struct stage *s = *state;
    schedule(s, "daily 18:00");
    s->entry.forecast_ms = 30 * MINUTE_MS;
    begin(s);
    pass(s, 90 * MINUTE_MS);
    loop_run(s->loop);
    pass(s, next_in(s));
    assert_int_equal(s->served.state, SERVED_FORECAST);
    served_batch_receive(&s->served);
    assert_int_equal(s->served.state, SERVED_FORECAST);
    assert_true(served_batch_comes(&s->served));
    loop_run(s->loop);
    turn(s);
    assert_int_equal(s->served.state, SERVED_RUNNING);
    assert_false(served_batch_comes(&s->served));
    loop_run(s->loop);
    turn(s);
    stop(s);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(rests_until_its_occurrence),
        TEST(runs_and_rests_again),
        TEST(stopped_in_a_scheduled_run),
        TEST(stopped_while_it_stays),
        TEST(a_ledger_in_use_is_waited_for),
        TEST(options_that_cant_be_read_any_more),
        TEST(a_start_that_makes_no_sense),
        TEST(a_reload_while_it_stays),
        TEST(a_reload_with_another_schedule),
        TEST(named_in_what_it_says),
        TEST(no_occurrence_ahead_no_news),
        TEST(a_forecast_ahead_of_the_run),
        TEST(stopped_while_its_forecast_is_made),
        TEST(at_rest_it_reports),
        TEST(what_a_person_settled_is_reported_soon),
        TEST(a_share_that_is_away),
        TEST(its_directories_are_asked_first),
        TEST(a_share_that_hangs),
        TEST(an_answer_grows_old),
        TEST(stopped_or_reloaded_while_they_are_asked),
        TEST(a_share_that_is_away_at_the_start),
        TEST(a_webhook_opens_it_for_a_while),
        TEST(what_is_due_has_it_end_first),
        TEST(what_it_rested_for_stays),
        TEST(a_reload_ends_it_so_that_new_rules_are_seen),
        TEST(stopped_while_it_receives),
        TEST(one_that_made_way_rests_for_a_moment),
        TEST(a_ledger_in_use_takes_no_webhook),
        TEST(a_run_that_is_prepared_takes_it_in_a_moment),
    };
    return cmocka_run_group_tests_name("served_batch", tests, NULL, NULL);
}
