/* What a program that was started here has, and what it hasn't. */
#include "base/spawn.h"

#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs SCRIPT in a shell; the words it wrote to its standard error. */
static const char *run(const char *script, const char *const *variables, bool session)
{
    static char words[400];
    const char *const argv[] = {"sh", "-c", script, NULL};
    int input[2], errors[2], status;
    size_t len = 0;
    ssize_t n;
    pid_t pid;
    assert_int_equal(pipe2(input, O_CLOEXEC), 0);
    assert_int_equal(pipe2(errors, O_CLOEXEC), 0);
    assert_int_equal(write(input[1], "in\n", 3), 3);
    close(input[1]);
    const struct spawn s = {.program = "/bin/sh",
                            .words = argv,
                            .variables = variables,
                            .input = input[0],
                            .errors = errors[1],
                            .session = session};
    assert_int_equal(spawn_start(&s, &pid), 0);
    close(input[0]);
    close(errors[1]);
    while ((n = read(errors[0], words + len, sizeof words - 1 - len)) > 0)
        len += (size_t)n;
    words[len] = '\0';
    close(errors[0]);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    return words;
}

static void test_its_descriptors(void **state)
{
    (void)state;
    int ours = open("/dev/null", O_RDONLY); /* not closed by exec */
    assert_true(ours > 2);
    assert_string_equal(run("read word; echo nothing; echo \"$word\" >&2", NULL, true), "in\n");
    /* ls itself has one open */
    assert_string_equal(run("ls /proc/self/fd | tr '\\n' ' ' >&2", NULL, true), "0 1 2 3 ");
    assert_string_equal(run("echo $(readlink /proc/$$/fd/1) >&2", NULL, true), "/dev/null\n");
    close(ours);
}

static void test_its_variables(void **state)
{
    (void)state;
    static const char *const more[] = {"MINDEE_BATCH=monthly", "OTHER=2", NULL};
    static const char script[] = "echo \"$KEPT,$MINDEE_V2_API_KEY,$NOTIFY_SOCKET,$LISTEN_FDS,"
                                 "$MINDEE_BATCH,$OTHER\" >&2";
    setenv("KEPT", "1", 1);
    setenv("MINDEE_V2_API_KEY", "md_secret", 1);
    setenv("NOTIFY_SOCKET", "/run/notify", 1);
    setenv("LISTEN_FDS", "1", 1);
    assert_string_equal(run(script, NULL, true), "1,,,,,\n");
    assert_string_equal(run(script, more, true), "1,,,,monthly,2\n");
    assert_string_equal(getenv("NOTIFY_SOCKET"), "/run/notify"); /* ours are ours still */
}

/* Fields 5 and 6 of its stat: process group and session. */
static void test_its_group_and_session(void **state)
{
    (void)state;
    static const char script[] =
        "set -- $(cat /proc/$$/stat); echo $(($5 == $$)) $(($6 == $$)) >&2";
    assert_string_equal(run(script, NULL, true), "1 1\n");
    assert_string_equal(run(script, NULL, false), "1 0\n");
}

static void test_its_signals(void **state)
{
    (void)state;
    sigset_t term, before;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, &before);
    signal(SIGPIPE, SIG_IGN);
    /* of the first sixteen: those behind 31 are the C library's own */
    assert_string_equal(run("sed -n 's/^Sig\\(Blk\\|Ign\\):.*\\(....\\)$/\\1 \\2/p' "
                            "/proc/self/status >&2",
                            NULL, true),
                        "Blk 0000\nIgn 0000\n");
    signal(SIGPIPE, SIG_DFL);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

static void test_what_cannot_be_started(void **state)
{
    (void)state;
    static const char *const argv[] = {"x", NULL};
    pid_t pid = 0;
    struct spawn s = {.program = "/nowhere/x", .words = argv, .input = 0, .errors = -1};
    assert_int_equal(spawn_start(&s, &pid), ENOENT);
    s.program = "/dev/null";
    assert_int_equal(spawn_start(&s, &pid), EACCES);
    assert_int_equal(waitpid(-1, NULL, 0), -1); /* no child was left */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_its_descriptors),        cmocka_unit_test(test_its_variables),
        cmocka_unit_test(test_its_group_and_session),  cmocka_unit_test(test_its_signals),
        cmocka_unit_test(test_what_cannot_be_started),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
