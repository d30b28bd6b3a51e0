/* Where a socket goes whose output directory takes none: which variable counts, what is made, and what is
 * left behind. */
#include "control/control_elsewhere.h"

#include "test.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { ID = 0x4711 };
#define NAME "mindee-batch-0000000000004711"

static char top[64];

static int setup(void **state)
{
    (void)state;
    strcpy(top, "/tmp/mb-elsewhere-XXXXXX");
    unsetenv("RUNTIME_DIRECTORY");
    unsetenv("XDG_RUNTIME_DIR");
    return mkdtemp(top) ? 0 : -1;
}

static int teardown(void **state)
{
    char line[100];
    (void)state;
    snprintf(line, sizeof line, "rm -r '%s'", top);
    return system(line);
}

static const char *below(const char *name)
{
    static char paths[4][200];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", top, name);
    return path;
}

static const char *make(const char *name)
{
    const char *path = below(name);
    assert_int_equal(mkdir(path, 0700), 0);
    return path;
}

static void assert_at(const char *directory)
{
    char expected[300];
    char *path = control_elsewhere(ID, ACCESS_PRIVATE);
    assert_non_null(path);
    snprintf(expected, sizeof expected, "%s/" NAME, directory);
    assert_string_equal(path, expected);
    control_elsewhere_leave(path);
}

static void assert_nowhere(void)
{
    char *path = control_elsewhere(ID, ACCESS_PRIVATE);
    assert_null(path);
}

static void the_service_s_directory_goes_before_the_user_s(void **state)
{
    (void)state;
    assert_nowhere();
    const char *user = make("user"), *service = make("service");
    setenv("XDG_RUNTIME_DIR", user, 1);
    assert_at(user);
    setenv("RUNTIME_DIRECTORY", service, 1);
    assert_at(service);
    setenv("RUNTIME_DIRECTORY", "", 1);
    assert_at(user);
}

static void the_first_of_several(void **state)
{
    char both[500];
    (void)state;
    const char *first = make("first");
    snprintf(both, sizeof both, "%s:%s", first, below("second"));
    setenv("RUNTIME_DIRECTORY", both, 1);
    assert_at(first);
}

/* What can't stand in the lock, which names it in a line, or is no directory. */
static void what_is_no_place(void **state)
{
    static char far[PATH_MAX + 10];
    (void)state;
    memset(far, 'x', sizeof far - 1);
    far[0] = '/';
    const char *places[] = {"relative/run", ".", ":/run", "/run\nline", far};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        setenv("RUNTIME_DIRECTORY", places[i], 1);
        assert_nowhere();
    }
    int fd = open(below("file"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    close(fd);
    setenv("RUNTIME_DIRECTORY", below("file"), 1);
    assert_nowhere();
}

static void for_whose_eyes_it_is(void **state)
{
    static const struct {
        enum file_access access;
        mode_t mode;
    } rows[] = {{ACCESS_PRIVATE, 0700}, {ACCESS_GROUP, 0750}};
    (void)state;
    setenv("RUNTIME_DIRECTORY", make("run"), 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct stat st;
        mode_t old = umask(0077);
        char *path = control_elsewhere(ID, rows[i].access);
        umask(old);
        assert_non_null(path);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, rows[i].mode);
        control_elsewhere_leave(path);
    }
}

/* A run that was killed left it: the next one of the same ledger takes it, and others have their own. */
static void one_for_each_ledger_and_taken_again(void **state)
{
    (void)state;
    setenv("RUNTIME_DIRECTORY", make("run"), 1);
    char *killed = control_elsewhere(ID, ACCESS_PRIVATE),
         *next = control_elsewhere(ID, ACCESS_PRIVATE);
    char *other = control_elsewhere(ID + 1, ACCESS_PRIVATE);
    assert_string_equal(killed, next);
    assert_string_not_equal(killed, other);
    free(killed);
    control_elsewhere_leave(other);
    control_elsewhere_leave(next);
    assert_int_equal(rmdir(below("run")), 0); /* nothing is left */
}

static void what_is_another_s_stays(void **state)
{
    char file[400];
    (void)state;
    setenv("RUNTIME_DIRECTORY", make("run"), 1);
    char *path = control_elsewhere(ID, ACCESS_PRIVATE);
    snprintf(file, sizeof file, "%s/theirs", path);
    int fd = open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    close(fd);
    control_elsewhere_leave(path);
    assert_int_equal(access(file, F_OK), 0);
    control_elsewhere_leave(NULL);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(the_service_s_directory_goes_before_the_user_s),
        TEST(the_first_of_several),
        TEST(what_is_no_place),
        TEST(for_whose_eyes_it_is),
        TEST(one_for_each_ledger_and_taken_again),
        TEST(what_is_another_s_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
