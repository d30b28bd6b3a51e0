/* One way out, again and again: when the next try may be, what the log says of a sink that fails and
 * recovers, and what a command is given and how it may end. */
#include "base/log.h"
#include "lib/fault_server.h"
#include "notify/outlet.h"
#include "samples.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct tries {
    struct folder folder;
    struct fault_server *server;
    struct loop *loop;
    struct outlet *outlet;
    int ended;
    enum outlet_end end;
    char cause[200];
    bool closed;
};

static const struct fault_route routes[] = {
    {.prefix = "/good", .answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"},
    {.prefix = "/busy", .answer = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"},
    {.prefix = "/soon",
     .answer = "HTTP/1.1 429 Slow\r\nRetry-After: 30\r\nContent-Length: 0\r\n\r\n"},
    /* a connection's third request is answered otherwise, and its fourth is taken */
    {.prefix = "/mends", .from_nth = 4, .answer = "HTTP/1.1 204 None\r\n\r\n"},
    {.prefix = "/mends", .from_nth = 3, .answer = "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n"},
    {.prefix = "/mends", .answer = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"},
    {0}};

static void done_cb(void *ctx, enum outlet_end end, const char *cause)
{
    struct tries *t = ctx;
    t->ended++;
    t->end = end;
    snprintf(t->cause, sizeof t->cause, "%s", cause);
}

static void closed_cb(void *ctx)
{
    ((struct tries *)ctx)->closed = true;
}

static int setup(void **state)
{
    struct tries *t = calloc(1, sizeof *t);
    folder_make(&t->folder);
    t->server = fault_server_start(&(struct fault_options){.routes = routes, .keep_bodies = true});
    t->loop = loop_new(&system_clock);
    *state = t;
    return 0;
}

static int teardown(void **state)
{
    struct tries *t = *state;
    outlet_close(t->outlet, closed_cb, t);
    loop_run(t->loop);
    assert_true(t->closed);
    loop_free(t->loop);
    fault_server_stop(t->server);
    folder_remove(&t->folder);
    free(t);
    return 0;
}

static void make(struct tries *t, const char *path, const char *command, int64_t first_delay_ms)
{
    char url[100];
    struct error e;
    snprintf(url, sizeof url, "http://127.0.0.1:%d%s", fault_server_port(t->server),
             path ? path : "");
    const struct outlet_options o = {.name = "on_stored.x",
                                     .url = path ? url : NULL,
                                     .command = command,
                                     .proxy = "",
                                     .user_agent = "test",
                                     .connect_timeout_ms = 30000,
                                     .timeout_ms = 60000,
                                     .first_delay_ms = first_delay_ms,
                                     .max_delay_ms = 8 * first_delay_ms,
                                     .done = done_cb,
                                     .ctx = t};
    if (outlet_new(&t->outlet, t->loop, &o, &e) != 0)
        fail_msg("%s", e.text);
}

static enum outlet_end try(struct tries *t, const char *body, const char *const *environment)
{
    int before = t->ended;
    outlet_send(t->outlet, &(struct outlet_item){
                               .body = body, .len = strlen(body), .environment = environment});
    loop_run(t->loop);
    assert_int_equal(t->ended, before + 1);
    return t->end;
}

static int64_t pause_ms(const struct tries *t)
{
    return mono_diff(outlet_next(t->outlet), loop_now(t->loop));
}

static void each_pause_is_longer_to_a_limit(void **state)
{
    enum { FIRST_MS = 100000 };
    struct tries *t = *state;
    make(t, "/busy", NULL, FIRST_MS);
    for (int i = 0, most = FIRST_MS;
         i<6; i++, most = most * 2> 8 * FIRST_MS ? 8 * FIRST_MS : most * 2) {
        assert_int_equal(try(t, "{}", NULL), OUTLET_FAILED);
        assert_in_range(pause_ms(t), 1, most + 1000);
        assert_false(outlet_ready(t->outlet, loop_now(t->loop)));
        assert_true(outlet_ready(t->outlet, outlet_next(t->outlet)));
    }
    assert_string_equal(outlet_cause(t->outlet), "http_503");
    outlet_forgive(t->outlet);
    assert_true(outlet_ready(t->outlet, loop_now(t->loop)));
}

static void a_server_that_says_when_is_believed(void **state)
{
    struct tries *t = *state;
    make(t, "/soon", NULL, 1);
    assert_int_equal(try(t, "{}", NULL), OUTLET_FAILED);
    assert_in_range(pause_ms(t), 29000, 40000);
}

static const char *log_of(struct tries *t, void (*act)(struct tries *t))
{
    static char text[8000];
    struct error e;
    const char *path = folder_put(&t->folder, "log", "", 0);
    assert_int_equal(
        log_open(&(struct log_options){.level = LOG_INFO, .file = path, .clock = &system_clock},
                 &e),
        0);
    act(t);
    log_close();
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    return text;
}

static size_t count_of(const char *text, const char *words)
{
    size_t n = 0;
    for (const char *p = text; (p = strstr(p, words)) != NULL; p += strlen(words))
        n++;
    return n;
}

static void fail_and_recover(struct tries *t)
{
    for (int i = 0; i < 3; i++)
        assert_int_equal(try(t, "{}", NULL), OUTLET_FAILED);
    assert_int_equal(try(t, "{}", NULL), OUTLET_DELIVERED);
    assert_string_equal(outlet_cause(t->outlet), "");
}

/* Not each try of a night: its beginning, a new reason, its end. */
static void the_log_has_what_is_new(void **state)
{
    struct tries *t = *state;
    make(t, "/mends", NULL, 1);
    const char *text = log_of(t, fail_and_recover);
    assert_int_equal(count_of(text, "[notify.failed]"), 2);
    assert_int_equal(count_of(text, "http_503"), 1);
    assert_int_equal(count_of(text, "http_500"), 1);
    assert_int_equal(count_of(text, "[notify.works_again]"), 1);
}

/* --- commands --- */

static void what_a_command_is_given(void **state)
{
    struct tries *t = *state;
    static const char *const environment[] = {"MINDEE_BATCH_PATH=/data/caf\xc3\xa9 $HOME.pdf",
                                              NULL};
    char command[300], got[200];
    static char large[300 * 1024];
    snprintf(command, sizeof command,
             "/bin/sh -c 'cat >%s/in; printf %%s \"$MINDEE_BATCH_PATH\" >%s/env'", t->folder.path,
             t->folder.path);
    make(t, NULL, command, 1);
    memset(large, 'x', sizeof large - 1); /* more than a pipe holds */
    assert_int_equal(try(t, large, environment), OUTLET_DELIVERED);
    FILE *f = fopen(folder_path(&t->folder, "in"), "re");
    assert_non_null(f);
    assert_int_equal(fseek(f, 0, SEEK_END), 0);
    assert_int_equal(ftell(f), sizeof large - 1);
    fclose(f);
    f = fopen(folder_path(&t->folder, "env"), "re");
    assert_non_null(f);
    got[fread(got, 1, sizeof got - 1, f)] = '\0';
    fclose(f);
    assert_string_equal(got, "/data/caf\xc3\xa9 $HOME.pdf");
    assert_int_equal(try(t, "", environment), OUTLET_DELIVERED); /* and nothing at all */
}

/* Whatever it isn't, it is tried again: nobody knows what a command's codes mean. */
static void how_a_command_may_end(void **state)
{
    static const struct {
        const char *script;
        enum outlet_end end;
        const char *cause;
    } rows[] = {
        {"exit 0", OUTLET_DELIVERED, ""},
        {"echo words >&2; exit 0", OUTLET_DELIVERED, ""},
        {"exec <&-; exit 0", OUTLET_DELIVERED, ""}, /* it need not read */
        {"exit 1", OUTLET_FAILED, "exit code 1"},
        {"exit 64", OUTLET_FAILED, "exit code 64"},
        {"exit 255", OUTLET_FAILED, "exit code 255"},
        {"echo first >&2; echo last words >&2; exit 75", OUTLET_FAILED, "exit code 75: last words"},
        {"printf \"\\033[31mred\" >&2; exit 1", OUTLET_FAILED, "\\x1B[31mred"},
        {"kill -KILL $$", OUTLET_FAILED, "signal 9"},
    };
    struct tries *t = *state;
    make(t, NULL, "/bin/true", 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char command[200];
        outlet_close(t->outlet, closed_cb, t);
        snprintf(command, sizeof command, "/bin/sh -c '%s'", rows[i].script);
        make(t, NULL, command, 1);
        if (try(t, "{}", NULL) != rows[i].end || !strstr(t->cause, rows[i].cause))
            fail_msg("%s: %d %s", rows[i].script, t->end, t->cause);
        if (rows[i].end == OUTLET_DELIVERED)
            assert_string_equal(t->cause, "");
    }
}

static void a_program_that_goes_away_is_a_failure_like_others(void **state)
{
    static const char script[] = "#!/bin/sh\nexit 0\n";
    struct tries *t = *state;
    const char *path = folder_put(&t->folder, "program", script, sizeof script - 1);
    char command[200];
    snprintf(command, sizeof command, "%s", path); /* PATH is one of a ring's */
    assert_int_equal(chmod(command, 0700), 0);
    make(t, NULL, command, 1);
    assert_int_equal(try(t, "{}", NULL), OUTLET_DELIVERED);
    assert_int_equal(unlink(command), 0);
    assert_int_equal(try(t, "{}", NULL), OUTLET_FAILED);
    assert_non_null(strstr(t->cause, "No such file"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(each_pause_is_longer_to_a_limit),
        TEST(a_server_that_says_when_is_believed),
        TEST(the_log_has_what_is_new),
        TEST(what_a_command_is_given),
        TEST(how_a_command_may_end),
        TEST(a_program_that_goes_away_is_a_failure_like_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
