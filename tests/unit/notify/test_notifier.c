/* The notifier and a ledger: only what is durable goes out, its writes join the run's commit, and
 * nothing is lost or repeated when the ledger goes and comes. */
#include "ledger_fixture.h"

#include "ledger/handovers.h"
#include "lib/fault_server.h"
#include "notify/notifier.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct scene {
    struct fixture *f; /* the ledger */
    struct fault_server *server;
    struct loop *loop;
    struct notifier *n;
    struct notifier_options options;
    char url[64], command[500], taken[120]; /* taken: what the command got */
    bool closed;
};

static const struct fault_route routes[] = {
    {.prefix = "/busy", .answer = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"}, {0}};

static void scene_begin(struct scene *s, struct fixture *f)
{
    *s = (struct scene){.f = f};
    fixture_now_ms = clock_wall(&system_clock).ms; /* else a notice would look old */
    s->server = fault_server_start(&(struct fault_options){.routes = routes, .keep_bodies = true});
    s->loop = loop_new(&system_clock);
    snprintf(s->taken, sizeof s->taken, "%s/taken", f->directory);
    snprintf(s->command, sizeof s->command, "/bin/sh -c 'cat >>%s'", s->taken);
    s->options = (struct notifier_options){.output = "/out",
                                           .at_end = true,
                                           .at_trouble = true,
                                           .proxy = "",
                                           .stored_timeout_ms = 60000,
                                           .connect_timeout_ms = 30000,
                                           .first_delay_ms = 1,
                                           .max_delay_ms = 1};
}

static const char *url_of(struct scene *s, const char *path)
{
    snprintf(s->url, sizeof s->url, "http://127.0.0.1:%d%s", fault_server_port(s->server), path);
    return s->url;
}

static void make(struct scene *s)
{
    struct error e;
    assert_int_equal(notifier_new(&s->n, s->loop, &s->options, &e), 0);
    assert_non_null(s->n);
}

static void attach(struct scene *s)
{
    struct error e;
    assert_int_equal(notifier_attach(s->n, s->f->l, "2026-11", &e), 0);
}

static void closed_cb(void *ctx)
{
    ((struct scene *)ctx)->closed = true;
}

static void close_notifier(struct scene *s)
{
    s->closed = false;
    notifier_close(s->n, false, closed_cb, s);
    loop_run(s->loop);
    assert_true(s->closed);
    notifier_free(s->n);
    s->n = NULL;
}

static void scene_end(struct scene *s)
{
    assert_null(s->n);
    loop_free(s->loop);
    fault_server_stop(s->server);
    unlink(s->taken);
}

static int64_t store(struct scene *s, const char *name, const char *result)
{
    int64_t id = fixture_put(s->f, name, name, NULL);
    fixture_store(s->f, id, result, 1);
    return id;
}

static int64_t cursor_of(struct scene *s, enum ledger_sink sink)
{
    int64_t cursor = -1;
    assert_int_equal(ledger_handover_cursor(s->f->l, sink, &cursor), 1);
    return cursor;
}

static const char *taken(struct scene *s)
{
    static char text[4000];
    FILE *f = fopen(s->taken, "re");
    size_t n = f ? fread(text, 1, sizeof text - 1, f) : 0;
    if (f)
        fclose(f);
    text[n] = '\0';
    return text;
}

static void what_is_not_durable_stays_here(void **state)
{
    struct scene s;
    scene_begin(&s, *state);
    s.options.stored_url = url_of(&s, "/sink");
    store(&s, "a", "A");
    assert_ok(s.f->l, ledger_commit(s.f->l));
    make(&s);
    attach(&s); /* new to the ledger: A isn't for it */
    assert_ok(s.f->l, ledger_commit(s.f->l));
    store(&s, "b", "B");
    assert_true(ledger_dirty(s.f->l));
    notifier_committed(s.n, 0);
    close_notifier(&s);
    assert_int_equal(fault_server_count(s.server, "/sink", FAULT_SEEN), 0);
    assert_ok(s.f->l, ledger_commit(s.f->l));
    make(&s);
    attach(&s);
    store(&s, "c", "C");
    assert_ok(s.f->l, ledger_commit(s.f->l));
    notifier_committed(s.n, 1);
    close_notifier(&s);
    assert_int_equal(fault_server_count(s.server, "/sink", FAULT_WHOLE), 2);
    const struct fault_record *r = fault_server_find(s.server, "/sink");
    assert_int_equal(r->body_bytes, 1);
    assert_memory_equal(r->body, "B", 1);
    assert_non_null(strstr(r->head, "X-Mindee-Batch-Path: /data/b\r\n"));
    assert_non_null(strstr(r->head, "X-Mindee-Batch-Period: 2026-11\r\n"));
    /* How far it is waits for the run's commit: nobody said that the run is over. */
    assert_true(ledger_dirty(s.f->l));
    assert_int_equal(cursor_of(&s, SINK_URL), 3);
    fixture_reopen(s.f);
    assert_int_equal(cursor_of(&s, SINK_URL), 1);
    scene_end(&s);
}

static void after_the_run_it_commits_itself(void **state)
{
    struct scene s;
    scene_begin(&s, *state);
    s.options.notify_url = s.options.stored_url = url_of(&s, "/sink");
    s.options.from_beginning = true;
    make(&s);
    attach(&s);
    store(&s, "a", "A");
    assert_ok(s.f->l, ledger_commit(s.f->l));
    notifier_run_ended(s.n, 0, "");
    assert_true(notifier_busy(s.n));
    close_notifier(&s);
    assert_int_equal(fault_server_count(s.server, "/sink", FAULT_WHOLE), 2);
    assert_false(ledger_dirty(s.f->l));
    fixture_reopen(s.f);
    assert_int_equal(cursor_of(&s, SINK_URL), 1);
    int64_t id;
    struct wall at;
    struct buffer body;
    buffer_init(&body, 0);
    assert_int_equal(ledger_notice_next(s.f->l, SINK_URL, 0, 100, &id, &at, &body), 0);
    buffer_release(&body);
    scene_end(&s);
}

/* In a program that stays: the run's ledger goes while something is on its way. */
static void the_ledger_goes_and_comes(void **state)
{
    struct scene s;
    scene_begin(&s, *state);
    s.options.stored_command = s.command;
    s.options.from_beginning = true;
    store(&s, "a", "A");
    assert_ok(s.f->l, ledger_projected(s.f->l, fixture_file_id(s.f, "a"), 1, "a"));
    assert_ok(s.f->l, ledger_commit(s.f->l));
    make(&s);
    attach(&s);
    assert_ok(s.f->l, ledger_commit(s.f->l));
    assert_true(notifier_busy(s.n));
    notifier_detach(s.n);
    assert_true(notifier_busy(s.n));
    fixture_reopen(s.f);
    loop_run(s.loop);
    assert_false(notifier_busy(s.n));
    assert_string_equal(taken(&s), "A");
    assert_int_equal(cursor_of(&s, SINK_COMMAND), 0);
    store(&s, "b", "B");
    assert_ok(s.f->l, ledger_projected(s.f->l, fixture_file_id(s.f, "b"), 2, "b"));
    assert_ok(s.f->l, ledger_commit(s.f->l));
    attach(&s);
    assert_int_equal(cursor_of(&s, SINK_COMMAND), 1);
    close_notifier(&s);
    assert_string_equal(taken(&s), "AB");
    scene_end(&s);
}

/* Between two runs: the ledger is opened for as long as something is left, and no longer. */
static void what_is_left_goes_between_runs(void **state)
{
    struct scene s;
    char tries[120];
    scene_begin(&s, *state);
    snprintf(tries, sizeof tries, "%s/tries", s.f->directory);
    snprintf(s.command, sizeof s.command,
             "/bin/sh -c 'echo x >>%s; test $(wc -l <%s) -ge 4 && cat >>%s'", tries, tries,
             s.taken);
    s.options.stored_command = s.command;
    s.options.from_beginning = true;
    store(&s, "a", "A");
    store(&s, "b", "B");
    assert_ok(s.f->l, ledger_commit(s.f->l));
    make(&s);
    attach(&s);
    notifier_run_ended(s.n, 0, "");
    notifier_detach(s.n);
    fixture_close(s.f);
    notifier_go_on(s.n, s.f->path);
    struct ledger *other;
    struct error e;
    assert_int_equal(fixture_try_open(s.f, false, &other, &e), ERR_BUSY);
    loop_run(s.loop);
    assert_string_equal(taken(&s), "AB");
    fixture_open(s.f);
    assert_int_equal(cursor_of(&s, SINK_COMMAND), 2);
    attach(&s);
    notifier_detach(s.n);
    fixture_close(s.f);
    notifier_go_on(s.n, s.f->path); /* nothing is left: it stays closed */
    fixture_open(s.f);
    notifier_go_on(s.n, "/no/such/ledger.db");
    close_notifier(&s);
    unlink(tries);
    scene_end(&s);
}

static void script(const char *path, const char *sql)
{
    sqlite3 *db;
    REQUIRE(sqlite3_open(path, &db) == SQLITE_OK);
    REQUIRE(sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK);
    sqlite3_close(db);
}

static void a_damaged_result_holds_up_nobody(void **state)
{
    struct scene s;
    scene_begin(&s, *state);
    s.options.stored_command = s.command;
    s.options.from_beginning = true;
    store(&s, "a", "A");
    store(&s, "b", "B");
    store(&s, "c", "C");
    assert_ok(s.f->l, ledger_commit(s.f->l));
    fixture_close(s.f);
    script(s.f->path, "UPDATE result SET bytes = x'58' WHERE id = 2");
    fixture_open(s.f);
    make(&s);
    attach(&s);
    notifier_run_ended(s.n, 0, "");
    close_notifier(&s);
    assert_string_equal(taken(&s), "AC");
    assert_int_equal(cursor_of(&s, SINK_COMMAND), 3);
    scene_end(&s);
}

static void a_sink_that_fails_leaves_the_rest(void **state)
{
    struct scene s;
    scene_begin(&s, *state);
    s.options.stored_url = url_of(&s, "/busy");
    s.options.stored_timeout_ms = 100;
    s.options.from_beginning = true;
    store(&s, "a", "A");
    store(&s, "b", "B");
    assert_ok(s.f->l, ledger_commit(s.f->l));
    make(&s);
    attach(&s);
    notifier_run_ended(s.n, 0, "");
    close_notifier(&s);
    assert_true(fault_server_count(s.server, "/busy", FAULT_SEEN) > 0);
    assert_int_equal(cursor_of(&s, SINK_URL), 0);
    assert_false(ledger_dirty(s.f->l));
    scene_end(&s);
}

static void what_is_told_and_what_is_not(void **state)
{
    static const struct {
        bool at_end, at_trouble;
        int exit_code; /* -1: a forecast */
        size_t told;
    } rows[] = {
        {true, false, 0, 1},  {true, false, 4, 1},  {true, false, -1, 0}, {false, true, 1, 1},
        {false, true, 5, 1},  {false, true, -1, 1}, {true, true, 1, 1},   {true, true, 3, 1},
        {false, false, 4, 0}, {false, true, 0, 0},
    };
    struct fixture *f = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scene s;
        scene_begin(&s, f);
        s.options.notify_url = url_of(&s, "/hook");
        s.options.at_end = rows[i].at_end;
        s.options.at_trouble = rows[i].at_trouble;
        make(&s);
        if (i % 2) /* else there is no ledger, and it goes from memory */
            attach(&s);
        if (rows[i].exit_code < 0)
            notifier_forecast(s.n, NULL, "words");
        else
            notifier_run_ended(s.n, rows[i].exit_code, "words");
        if (i % 2 && rows[i].exit_code < 0) {
            assert_ok(f->l, ledger_commit(f->l));
            notifier_committed(s.n, 0);
        }
        close_notifier(&s);
        assert_int_equal(fault_server_count(s.server, "/hook", FAULT_WHOLE), rows[i].told);
        scene_end(&s);
    }
}

static void nobody_to_tell(void **state)
{
    struct scene s;
    struct error e;
    scene_begin(&s, *state);
    assert_int_equal(notifier_new(&s.n, s.loop, &s.options, &e), 0);
    assert_null(s.n);
    attach(&s);
    notifier_committed(s.n, 1);
    notifier_run_ended(s.n, 4, "words");
    notifier_forecast(s.n, NULL, "words");
    assert_false(notifier_busy(s.n));
    notifier_hurry(s.n);
    notifier_detach(s.n);
    close_notifier(&s);
    /* One that can't be made leaves nothing open. */
    s.options.notify_url = s.options.stored_url = url_of(&s, "/hook");
    s.options.stored_command = "/no/such/program";
    assert_int_equal(notifier_new(&s.n, s.loop, &s.options, &e), ERR_USAGE);
    assert_non_null(strstr(e.text, "on_stored.command: /no/such/program"));
    assert_null(s.n);
    scene_end(&s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_not_durable_stays_here),   TEST(after_the_run_it_commits_itself),
        TEST(the_ledger_goes_and_comes),        TEST(what_is_left_goes_between_runs),
        TEST(a_damaged_result_holds_up_nobody), TEST(a_sink_that_fails_leaves_the_rest),
        TEST(what_is_told_and_what_is_not),     TEST(nobody_to_tell),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
