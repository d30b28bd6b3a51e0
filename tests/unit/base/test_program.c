/* How a program begins and ends, and where the others are. */
#include "base/program.h"

#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void in_the_same_directory(void **state)
{
    (void)state;
    assert_int_equal(chdir("/"), 0); /* wherever it was started from */
    char *self = program_beside("test_program");
    assert_non_null(self);
    assert_int_equal(access(self, X_OK), 0);
    assert_string_equal(strrchr(self, '/'), "/test_program");
    free(self);
}

static void nowhere(void **state)
{
    (void)state;
    assert_null(program_beside("no-such-program"));
}

/* What WORK makes of it in a process of its own: its exit status. */
static int in_a_child(int (*work)(int), int number)
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(work(number));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

/* CLOSED: a bit for each descriptor. 0: none of a program's own files gets their numbers. */
static int begin_without(int closed)
{
    for (int fd = 0; fd <= 2; fd++)
        if (closed & 1 << fd)
            close(fd);
    program_begin();
    int own = open("/dev/null", O_RDONLY);
    return own <= 2;
}

static void descriptors_that_were_closed(void **state)
{
    (void)state;
    for (int closed = 0; closed < 8; closed++)
        assert_int_equal(in_a_child(begin_without, closed), 0);
}

static int ignored_signals(int number)
{
    struct sigaction action;
    program_begin();
    return sigaction(number, NULL, &action) != 0 || action.sa_handler != SIG_IGN;
}

static void signals_of_writes(void **state)
{
    (void)state;
    assert_int_equal(in_a_child(ignored_signals, SIGPIPE), 0);
    assert_int_equal(in_a_child(ignored_signals, SIGXFSZ), 0);
}

/* 0: it is said, with the reason. */
static int print_to_a_full_disk(int bytes)
{
    struct error e = {0};
    if (!freopen("/dev/full", "w", stdout))
        return 2;
    for (int i = 0; i < bytes; i++)
        putchar('x');
    return program_output_end(&e) != ERR_IO || !strstr(e.text, "No space left on device");
}

static void output_that_gets_lost(void **state)
{
    (void)state;
    assert_int_equal(in_a_child(print_to_a_full_disk, 1), 0);
    assert_int_equal(in_a_child(print_to_a_full_disk, 100000), 0); /* long before the end */
}

static int print_nothing_or_well(int bytes)
{
    struct error e = {0};
    if (!freopen("/dev/null", "w", stdout))
        return 2;
    for (int i = 0; i < bytes; i++)
        putchar('x');
    return program_output_end(&e) != 0;
}

static void output_that_arrives(void **state)
{
    (void)state;
    assert_int_equal(in_a_child(print_nothing_or_well, 0), 0);
    assert_int_equal(in_a_child(print_nothing_or_well, 100000), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptors_that_were_closed), cmocka_unit_test(signals_of_writes),
        cmocka_unit_test(output_that_gets_lost),        cmocka_unit_test(output_that_arrives),
        cmocka_unit_test(in_the_same_directory),        cmocka_unit_test(nowhere),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
