/* What is remembered of a ledger outside of it: across processes, whatever ends them; and one run at a
 * time with each id. */
#include "limits/ledger_memory.h"
#include "samples.h"
#include "test.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct folder folder;

static int setup(void **state)
{
    (void)state;
    folder_make(&folder);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    folder_remove(&folder);
    return 0;
}

static struct ledger_memory *open_it(uint64_t id, int64_t expected)
{
    struct ledger_memory *m;
    struct error e;
    int64_t attempts = -2;
    if (ledger_memory_open(&m, folder_path(&folder, "deep/state"), id, &attempts, &e) != 0)
        fail_msg("%s", e.text);
    assert_int_equal(attempts, expected);
    return m;
}

static void note(struct ledger_memory *m, int64_t attempts)
{
    struct error e;
    if (ledger_memory_note(m, attempts, (struct mono){1000}, &e) != 0)
        fail_msg("%s", e.text);
}

static void each_ledger_has_a_number(void **state)
{
    (void)state;
    struct ledger_memory *a = open_it(0xa, -1), *b = open_it(UINT64_MAX, -1);
    note(a, 0);
    note(a, 7);
    note(a, 7);
    note(b, INT64_MAX);
    ledger_memory_close(a);
    a = open_it(0xa, 7);
    note(a, 5); /* as somebody says so */
    ledger_memory_close(a);
    ledger_memory_close(b);
    ledger_memory_close(open_it(0xa, 5));
    ledger_memory_close(open_it(UINT64_MAX, INT64_MAX));
    ledger_memory_close(open_it(0xb, -1));
    ledger_memory_close(open_it(0xb, -1)); /* nothing was noted */
}

static void a_killed_process_is_remembered(void **state)
{
    (void)state;
    pid_t child = fork();
    if (child == 0) {
        struct ledger_memory *m = open_it(1, -1);
        for (int64_t i = 1; i <= 250; i++)
            note(m, i);
        raise(SIGKILL);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    ledger_memory_close(open_it(1, 250));
}

static int refusal(uint64_t id, const char *words)
{
    struct ledger_memory *m;
    struct error e;
    int64_t attempts;
    int rc = ledger_memory_open(&m, folder_path(&folder, "deep/state"), id, &attempts, &e);
    assert_null(m);
    if (!strstr(e.text, words))
        fail_msg("\"%s\" isn't in: %s", words, e.text);
    return rc;
}

static void two_runs_with_one_id_are_one_too_many(void **state)
{
    (void)state;
    struct ledger_memory *m = open_it(3, -1), *other = open_it(4, -1);
    assert_int_equal(refusal(3, "a copy of this ledger"), ERR_BUSY);
    ledger_memory_close(m);
    m = open_it(3, -1);
    ledger_memory_close(m);
    ledger_memory_close(other);
}

static void what_is_not_ours_is_left_alone(void **state)
{
    (void)state;
    static const char *const texts[] = {"0000000000000000007", "7 attempts\n", "hello",
                                        "0000000000000000007 attempts\n\n"};
    ledger_memory_close(open_it(5, -1));
    for (int i = 0; i < 4; i++) {
        folder_put(&folder, "deep/state/ledger-0000000000000005", texts[i], strlen(texts[i]));
        assert_int_equal(refusal(5, "Remove it if"), ERR_DAMAGED);
    }
    folder_put(&folder, "deep/state/ledger-0000000000000005", "\0\0\0\0", 4); /* a power cut */
    ledger_memory_close(open_it(5, -1));
    folder_put(&folder, "deep/state/ledger-0000000000000005", "0000000000000000007 attempts\n", 29);
    ledger_memory_close(open_it(5, 7));
}

static void it_is_private(void **state)
{
    struct stat st;
    (void)state;
    mode_t mask = umask(0);
    ledger_memory_close(open_it(6, -1));
    umask(mask);
    assert_int_equal(stat(folder_path(&folder, "deep/state/ledger-0000000000000006"), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(each_ledger_has_a_number),
        TEST(a_killed_process_is_remembered),
        TEST(two_runs_with_one_id_are_one_too_many),
        TEST(what_is_not_ours_is_left_alone),
        TEST(it_is_private),
    };
    return cmocka_run_group_tests_name("ledger_memory", tests, NULL, NULL);
}
