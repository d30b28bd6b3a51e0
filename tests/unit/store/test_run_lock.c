/* The run's lock: one holder, whoever looks takes nothing, and what a holder leaves that was killed. */
#include "store/run_lock.h"

#include "samples.h"
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct wall noon = {INT64_C(1788177600000)}; /* 2026-08-31T12:00:00Z */
static struct folder folder;
static char path[128];

static int setup(void **state)
{
    (void)state;
    folder_make(&folder);
    snprintf(path, sizeof path, "%s", folder_path(&folder, "run.lock"));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    folder_remove(&folder);
    return 0;
}

static bool take(struct run_lock *lock)
{
    bool unclean = false;
    struct error e;
    if (run_lock_take(lock, path, ACCESS_PRIVATE, noon, &unclean, &e) != 0)
        fail_msg("%s", e.text);
    return unclean;
}

static void one_holder_also_in_one_process(void **state)
{
    struct run_lock first, second;
    struct error e;
    bool unclean;
    char who[100];
    (void)state;
    assert_false(take(&first));
    assert_int_equal(run_lock_take(&second, path, ACCESS_PRIVATE, noon, &unclean, &e), ERR_BUSY);
    assert_int_equal(second.fd, -1);
    snprintf(who, sizeof who, "another run is at work on it: process %ld on host ", (long)getpid());
    assert_non_null(strstr(e.text, who));
    assert_non_null(strstr(e.text, " since 2026-08-31T12:00:00Z"));
    run_lock_release(&second); /* fine: it isn't held */
    run_lock_release(&first);
    assert_false(take(&second));
    run_lock_release(&second);
}

static void who_looks_takes_nothing(void **state)
{
    struct run_lock lock;
    struct error e;
    char holder[400];
    (void)state;
    assert_int_equal(run_lock_holder(path, holder, sizeof holder, &e), 0); /* never taken */
    assert_string_equal(holder, "");
    assert_int_equal(access(path, F_OK), -1);
    assert_false(take(&lock));
    for (int i = 0; i < 2; i++) {
        assert_int_equal(run_lock_holder(path, holder, sizeof holder, &e), 1);
        assert_non_null(strstr(holder, "since 2026-08-31T12:00:00Z"));
        assert_null(strchr(holder, '\n'));
    }
    run_lock_release(&lock);
    assert_int_equal(run_lock_holder(path, holder, sizeof holder, &e), 0);
    assert_false(take(&lock)); /* nobody who looked is in the way */
    run_lock_release(&lock);
}

/* The kernel gives it free; its words tell the next one. */
static void a_holder_that_is_killed(void **state)
{
    struct run_lock lock;
    struct error e;
    char holder[400];
    int ready[2], status;
    (void)state;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        bool unclean;
        int rc = run_lock_take(&lock, path, ACCESS_PRIVATE, noon, &unclean, &e);
        if (write(ready[1], rc == 0 ? "y" : "n", 1) == 1)
            pause();
        _exit(1);
    }
    char byte = 'n';
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(byte, 'y');
    close(ready[0]);
    close(ready[1]);
    assert_int_equal(run_lock_holder(path, holder, sizeof holder, &e), 1);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(run_lock_holder(path, holder, sizeof holder, &e), 0);
    assert_true(take(&lock)); /* unclean */
    run_lock_abandon(&lock);
    assert_true(take(&lock)); /* nor did that one come to its end */
    run_lock_release(&lock);
    assert_false(take(&lock));
    run_lock_release(&lock);
}

static void a_line_behind_its_words(void **state)
{
    struct run_lock lock;
    struct error e;
    char line[100], small[5], holder[400];
    (void)state;
    assert_int_equal(run_lock_added(path, line, sizeof line), 0);
    assert_false(take(&lock));
    assert_int_equal(run_lock_added(path, line, sizeof line), 0);
    assert_int_equal(run_lock_add(&lock, "/run/user/1000/x", &e), 0);
    assert_int_equal(run_lock_added(path, line, sizeof line), 1);
    assert_string_equal(line, "/run/user/1000/x");
    assert_int_equal(run_lock_added(path, small, sizeof small), 0); /* cut it would be another */
    assert_int_equal(run_lock_holder(path, holder, sizeof holder, &e), 1);
    assert_null(strstr(holder, "/run/user")); /* the words are the first line */
    run_lock_abandon(&lock);
    assert_int_equal(run_lock_added(path, line, sizeof line), 0); /* of one that is gone: nothing */
}

/* Text that a newer program, or somebody's hand, left. */
static void words_of_any_kind(void **state)
{
    char out[100];
    (void)state;
    assert_string_equal(
        run_lock_words("process 1 on host x since 2026-08-31T12:00:00Z", out, sizeof out),
        "process 1 on host x since 2026-08-31T12:00:00Z");
    assert_string_equal(run_lock_words("process 1 since yesterday", out, sizeof out),
                        "process 1 since yesterday");
    assert_string_equal(run_lock_words("", out, sizeof out), "");
    assert_string_equal(run_lock_words("process 1 since ", out, sizeof out), "process 1 since ");
    char small[8];
    assert_string_equal(run_lock_words("process 4711", small, sizeof small), "process");
}

static void where_none_can_be(void **state)
{
    struct run_lock lock;
    struct stat st;
    struct error e;
    bool unclean;
    (void)state;
    assert_int_equal(symlink(folder_put(&folder, "target", "words", 5), path), 0);
    assert_int_equal(run_lock_take(&lock, path, ACCESS_PRIVATE, noon, &unclean, &e), ERR_IO);
    assert_non_null(strstr(e.text, "run.lock"));
    assert_int_equal(stat(folder_path(&folder, "target"), &st), 0);
    assert_int_equal(st.st_size, 5); /* untouched */
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(run_lock_take(&lock, path, ACCESS_PRIVATE, noon, &unclean, &e), ERR_IO);
    assert_int_equal(lock.fd, -1);
}

static void for_whose_eyes_it_is(void **state)
{
    static const struct {
        enum file_access access;
        mode_t mode;
    } rows[] = {{ACCESS_PRIVATE, 0600}, {ACCESS_GROUP, 0640}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct run_lock lock;
        struct stat st;
        struct error e;
        bool unclean;
        mode_t old = umask(0077);
        assert_int_equal(run_lock_take(&lock, path, rows[i].access, noon, &unclean, &e), 0);
        umask(old);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, rows[i].mode);
        run_lock_release(&lock);
    }
}

static void single_bytes_tell_the_living(void **state)
{
    struct error e;
    bool held = true, taken = true;
    (void)state;
    const char *file = folder_put(&folder, "bytes", "", 0);
    int a = open(file, O_RDWR | O_CLOEXEC), b = open(file, O_RDWR | O_CLOEXEC);
    assert_true(a >= 0 && b >= 0);
    assert_int_equal(lock_byte(a, 7, &taken, &e), 0);
    assert_false(taken);
    assert_int_equal(lock_byte(b, 7, &taken, &e), 0);
    assert_true(taken);
    assert_int_equal(lock_byte(b, 8, &taken, &e), 0);
    assert_false(taken);
    assert_int_equal(lock_byte_held(b, 7, &held, &e), 0);
    assert_true(held);
    assert_int_equal(lock_byte_held(a, 7, &held, &e), 0);
    assert_false(held); /* by another */
    close(a);
    assert_int_equal(lock_byte_wait(b, 7, &e), 0);
    close(b);
    assert_int_equal(lock_byte(b, 7, &taken, &e), ERR_IO);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(one_holder_also_in_one_process),
        TEST(who_looks_takes_nothing),
        TEST(a_holder_that_is_killed),
        TEST(a_line_behind_its_words),
        TEST(words_of_any_kind),
        TEST(where_none_can_be),
        TEST(for_whose_eyes_it_is),
        TEST(single_bytes_tell_the_living),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
