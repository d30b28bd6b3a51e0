/* Other programs: what they get, how their end is told, and that none holds up the loop. */
#include "net/process.h"

#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct told {
    int calls;
    struct process_result result;
};

static void told_cb(void *ctx, const struct process_result *result)
{
    struct told *t = ctx;
    t->calls++;
    t->result = *result;
}

static struct process *start_shell(struct loop *loop, struct told *t, const char *script,
                                   int64_t timeout_ms)
{
    const char *const words[] = {"/bin/sh", "-c", script, NULL};
    *t = (struct told){0};
    struct process *p = process_start(
        loop, &(struct process_options){
                  .words = words, .timeout_ms = timeout_ms, .done = told_cb, .ctx = t});
    assert_int_equal(t->calls, 0);
    return p;
}

static struct told run_shell(const char *script, int64_t timeout_ms)
{
    struct told t;
    struct loop *loop = loop_new(&system_clock);
    start_shell(loop, &t, script, timeout_ms);
    loop_run(loop);
    loop_free(loop);
    assert_int_equal(t.calls, 1);
    return t;
}

enum { LONG_MS = 3600 * 1000 };

static void how_it_ended(void **state)
{
    (void)state;
    struct told t = run_shell("exit 0", LONG_MS);
    assert_int_equal(t.result.end, PROCESS_EXITED);
    assert_int_equal(t.result.number, 0);
    assert_string_equal(t.result.text, "");
    t = run_shell("exit 7", LONG_MS);
    assert_int_equal(t.result.number, 7);
    assert_string_equal(t.result.text, "exit code 7");
    t = run_shell("echo one >&2; echo 'two\033[2J' >&2; echo >&2; exit 3", LONG_MS);
    assert_string_equal(t.result.text, "exit code 3: two\\x1B[2J");
    t = run_shell("printf 'no line end' >&2; exit 3", LONG_MS);
    assert_string_equal(t.result.text, "exit code 3: no line end");
    t = run_shell("kill -9 $$", LONG_MS);
    assert_int_equal(t.result.end, PROCESS_SIGNALLED);
    assert_int_equal(t.result.number, SIGKILL);
    t = run_shell("exec 2>&-; kill -TERM $$", LONG_MS); /* its standard error ended long before */
    assert_int_equal(t.result.end, PROCESS_SIGNALLED);
}

static void one_that_is_not_there(void **state)
{
    (void)state;
    struct told t = {0};
    struct loop *loop = loop_new(&system_clock);
    const char *const words[] = {"/no/such/program", NULL};
    struct process *p =
        process_start(loop, &(struct process_options){
                                .words = words, .timeout_ms = LONG_MS, .done = told_cb, .ctx = &t});
    assert_int_equal(t.calls, 0);
    process_cancel(p); /* changes nothing */
    loop_run(loop);
    loop_free(loop);
    assert_int_equal(t.calls, 1);
    assert_int_equal(t.result.end, PROCESS_NOT_STARTED);
    assert_int_equal(t.result.number, ENOENT);
    assert_non_null(strstr(t.result.text, "No such file"));
}

static void floods_are_read_and_forgotten(void **state)
{
    (void)state;
    struct told t = run_shell("head -c 5000000 /dev/zero; head -c 5000000 /dev/zero >&2;"
                              " echo >&2; echo the end >&2; exit 1",
                              LONG_MS);
    assert_string_equal(t.result.text, "exit code 1: the end");
}

/* A grandchild that keeps standard error open isn't waited for. */
static void what_it_leaves_behind_is_not_waited_for(void **state)
{
    (void)state;
    struct told t = run_shell("sleep 3600 & echo $! >&2; exit 4", LONG_MS);
    long pid = strtol(strrchr(t.result.text, ' ') + 1, NULL, 10);
    assert_int_equal(t.result.number, 4);
    assert_true(pid > 1);
    assert_int_equal(kill((pid_t)pid, SIGKILL), 0);
}

static void one_that_hangs_is_ended_with_all_its_kind(void **state)
{
    (void)state;
    struct told t = run_shell("sleep 3600", 1);
    assert_int_equal(t.result.end, PROCESS_TIMED_OUT);
    assert_non_null(strstr(t.result.text, "not done in time"));
    /* It hears nothing, closes standard error, and has a child that hears nothing. */
    t = run_shell("trap '' TERM; (sleep 3600; sleep 3600) 2>/dev/null & exec 2>/dev/null;"
                  " sleep 3600; sleep 3600",
                  50);
    assert_int_equal(t.result.end, PROCESS_TIMED_OUT);
}

static void cancelled(void **state)
{
    (void)state;
    struct told t;
    struct loop *loop = loop_new(&system_clock);
    struct process *p = start_shell(loop, &t, "sleep 3600", LONG_MS);
    process_cancel(p);
    process_cancel(p);
    loop_run(loop);
    loop_free(loop);
    assert_int_equal(t.calls, 1);
    assert_int_equal(t.result.end, PROCESS_CANCELLED);
}

static char *read_file(const char *path, size_t *len)
{
    char *bytes = calloc(1, 2000001);
    FILE *f = fopen(path, "re");
    REQUIRE(bytes && f);
    *len = fread(bytes, 1, 2000000, f);
    fclose(f);
    return bytes;
}

static void input_environment_and_nothing_else(void **state)
{
    (void)state;
    char
        directory[] = "/tmp/mb-process-XXXXXX",
        variable[64],
        script[] =
            "cd \"$MINDEE_BATCH_TEST\" && cat >input && env >environment && ls /proc/self/fd >open";
    assert_non_null(mkdtemp(directory));
    snprintf(variable, sizeof variable, "MINDEE_BATCH_TEST=%s", directory);
    setenv("MINDEE_V2_API_KEY", "md_never_to_be_seen", 1);
    setenv("NOTIFY_SOCKET", "/never/to/be/seen", 1);
    setenv("PLAIN", "seen", 1);
    size_t len = 1500000, got;
    char *bytes = malloc(len), path[64];
    REQUIRE(bytes);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(i * 7 + i / 251);
    struct told t = {0};
    struct loop *loop = loop_new(&system_clock);
    const char *const words[] = {"/bin/sh", "-c", script, NULL}, *const more[] = {variable, NULL};
    int inheritable =
        open("/dev/null", O_RDONLY); /* NOLINT: without O_CLOEXEC, as a library might */
    process_start(loop, &(struct process_options){.words = words,
                                                  .environment = more,
                                                  .input = bytes,
                                                  .input_len = len,
                                                  .timeout_ms = LONG_MS,
                                                  .done = told_cb,
                                                  .ctx = &t});
    loop_run(loop);
    loop_free(loop);
    close(inheritable);
    assert_string_equal(t.result.text, "");
    static const char *const names[] = {"input", "environment", "open"};
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        char *text = read_file(path, &got);
        if (i == 0) {
            assert_int_equal(got, len);
            assert_memory_equal(text, bytes, len);
        } else if (i == 1) {
            assert_non_null(strstr(text, "PLAIN=seen\n"));
            assert_non_null(strstr(text, variable));
            assert_null(strstr(text, "never"));
        } else {
            assert_string_equal(text, "0\n1\n2\n3\n"); /* 3: ls reads the directory */
        }
        free(text);
        unlink(path);
    }
    free(bytes);
    assert_int_equal(rmdir(directory), 0);
}

/* Input that isn't read is nobody's trouble; and several run side by side. */
static void several_at_once(void **state)
{
    (void)state;
    enum { MANY = 20 };
    struct told t[MANY] = {0};
    char *bytes = calloc(1, 300000);
    struct loop *loop = loop_new(&system_clock);
    for (int i = 0; i < MANY; i++) {
        char script[32];
        snprintf(script, sizeof script, "exit %d", i);
        const char *const words[] = {"/bin/sh", "-c", script, NULL};
        process_start(loop, &(struct process_options){.words = words,
                                                      .input = bytes,
                                                      .input_len = 300000,
                                                      .timeout_ms = LONG_MS,
                                                      .done = told_cb,
                                                      .ctx = &t[i]});
    }
    loop_run(loop);
    loop_free(loop);
    for (int i = 0; i < MANY; i++) {
        assert_int_equal(t[i].calls, 1);
        assert_int_equal(t[i].result.end, PROCESS_EXITED);
        assert_int_equal(t[i].result.number, i);
    }
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(how_it_ended),
        cmocka_unit_test(one_that_is_not_there),
        cmocka_unit_test(floods_are_read_and_forgotten),
        cmocka_unit_test(what_it_leaves_behind_is_not_waited_for),
        cmocka_unit_test(one_that_hangs_is_ended_with_all_its_kind),
        cmocka_unit_test(cancelled),
        cmocka_unit_test(input_environment_and_nothing_else),
        cmocka_unit_test(several_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
