/* Opening: permissions, the run lock within and between processes, readers beside a writer, what
 * isn't a ledger, what is damaged, what is newer, and where one may not live. */
#include "ledger_fixture.h"

#include "base/network_mount.h"
#include "ledger/document_ledger.h"
#include "ledger/sent_settings.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void assert_mode(const char *directory, const char *name, mode_t mode)
{
    char path[128];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", directory, name);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, mode);
}

static void files_are_private(void **state)
{
    struct fixture *f = *state;
    fixture_put(f, "a", "a", NULL);
    assert_ok(f->l, ledger_commit(f->l));
    assert_mode(f->directory, "ledger.db", 0600);
    assert_mode(f->directory, "ledger.db-wal", 0600);
    assert_mode(f->directory, "ledger.db-shm", 0600);
    assert_mode(f->directory, "ledger.lock", 0600);
}

static void private_whatever_the_umask(void **state)
{
    struct fixture *f = *state;
    fixture_close(f);
    assert_int_equal(unlink(f->path), 0);
    mode_t old = umask(0);
    fixture_open(f);
    umask(0277);
    fixture_reopen(f);
    umask(old);
    assert_mode(f->directory, "ledger.db", 0600);
    fixture_close(f);
    assert_int_equal(unlink(f->path), 0);
    old = umask(0777);
    fixture_open(f);
    umask(old);
    assert_mode(f->directory, "ledger.db", 0600);
}

enum { GROUP_ID = 65534, MEMBER_ID = 65533 };

/* How many documents another user of the group sees; -1: it can't open the ledger. */
static int seen_by_a_member(const struct fixture *f)
{
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct ledger_counts c;
        struct ledger *l;
        struct error e;
        if (setgroups(0, NULL) != 0 || setgid(GROUP_ID) != 0 || setuid(MEMBER_ID) != 0)
            _exit(98);
        bool opened = fixture_try_open(f, true, &l, &e) == 0;
        _exit(opened && ledger_counts(l, &c) == 0 ? (int)c.documents : 99);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) != 98);
    return WEXITSTATUS(status) == 99 ? -1 : WEXITSTATUS(status);
}

static void open_to_the_group(struct fixture *f)
{
    const struct ledger_options o = {
        .path = f->path, .clock = &fixture_clock, .access = ACCESS_GROUP};
    struct error e;
    if (ledger_open(&f->l, &o, &e) != 0)
        fail_msg("%s", e.text);
}

/* Who may only read can't make what SQLite has beside a database: it stays. */
static void the_group_reads_beside_a_run_and_without(void **state)
{
    struct fixture *f = *state;
    if (geteuid() != 0) {
        print_message("skipped: needs root, for a second user\n");
        skip();
    }
    fixture_close(f);
    assert_int_equal(chown(f->directory, (uid_t)-1, GROUP_ID), 0);
    assert_int_equal(chmod(f->directory, 02750), 0);
    fixture_open(f); /* private */
    fixture_put(f, "a", "a", NULL);
    assert_ok(f->l, ledger_commit(f->l));
    assert_int_equal(seen_by_a_member(f), -1);
    fixture_close(f);
    static const char *const books[] = {"", ".files"};
    for (size_t i = 0; i < sizeof books / sizeof *books; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s%s", f->path, books[i]);
        assert_int_equal(chown(path, (uid_t)-1, GROUP_ID), 0);
    }
    for (int run = 1; run <= 2; run++) {
        open_to_the_group(f);
        fixture_put(f, run == 1 ? "b" : "c", run == 1 ? "b" : "c", NULL);
        assert_int_equal(seen_by_a_member(f), run);
        assert_ok(f->l, ledger_commit(f->l));
        assert_int_equal(seen_by_a_member(f), run + 1);
        fixture_close(f);
        assert_int_equal(seen_by_a_member(f), run + 1);
    }
    assert_mode(f->directory, "ledger.db-shm", 0640);
    open_to_the_group(f);
    assert_false(ledger_was_unclean(f->l)); /* an empty log is no sign of that */
}

static void second_opener_is_told_who(void **state)
{
    struct fixture *f = *state;
    struct ledger *second;
    struct error e;
    char pid[32], holder[200];
    assert_int_equal(fixture_try_open(f, false, &second, &e), ERR_BUSY);
    assert_null(second);
    snprintf(pid, sizeof pid, "process %ld on host ", (long)getpid());
    assert_non_null(strstr(e.text, pid));
    assert_int_equal(ledger_run_at_work(f->l, holder, sizeof holder), 1);
    assert_non_null(strstr(holder, pid));
    assert_non_null(strstr(holder, " since 1970-01-01T00:16:40Z"));
    /* Being refused took nothing away from the holder. */
    assert_int_equal(fixture_try_open(f, false, &second, &e), ERR_BUSY);
    fixture_put(f, "a", "a", NULL);
    assert_ok(f->l, ledger_commit(f->l));
}

static void reader_beside_a_writer(void **state)
{
    struct fixture *f = *state;
    struct ledger *reader;
    struct error e;
    struct ledger_counts c;
    char holder[200];
    int64_t id = fixture_put(f, "a", "a", NULL);
    assert_ok(f->l, ledger_commit(f->l));
    assert_int_equal(fixture_try_open(f, true, &reader, &e), 0);
    assert_ok(reader, ledger_counts(reader, &c));
    assert_int_equal(c.files, 1);
    fixture_put(f, "b", "b", NULL); /* not committed: not to be seen */
    assert_ok(reader, ledger_counts(reader, &c));
    assert_int_equal(c.files, 1);
    assert_ok(f->l, ledger_commit(f->l));
    assert_ok(reader, ledger_counts(reader, &c));
    assert_int_equal(c.files, 2);
    assert_true(ledger_id(reader) == ledger_id(f->l));
    assert_int_equal(ledger_run_at_work(reader, holder, sizeof holder), 1);
    assert_int_equal(ledger_set_pages(reader, id, 3), ERR_USAGE);
    fixture_close(f);
    assert_int_equal(ledger_run_at_work(reader, holder, sizeof holder), 0);
    assert_ok(reader, ledger_counts(reader, &c));
    assert_int_equal(c.files, 2);
    ledger_close(reader);
    assert_int_equal(fixture_try_open(f, true, &reader, &e), 0); /* nobody else has it open */
    assert_ok(reader, ledger_counts(reader, &c));
    assert_int_equal(c.files, 2);
    ledger_close(reader);
    fixture_open(f);
}

static void reader_of_nothing(void **state)
{
    struct fixture *f = *state;
    struct ledger *reader;
    struct error e;
    fixture_close(f);
    assert_int_equal(unlink(f->path), 0);
    assert_int_equal(fixture_try_open(f, true, &reader, &e), ERR_NOT_FOUND);
    assert_int_not_equal(access(f->path, F_OK), 0); /* and it made none */
    assert_int_equal(creat(f->path, 0600) < 0, 0);
    assert_int_equal(fixture_try_open(f, true, &reader, &e), ERR_NOT_FOUND);
    fixture_open(f);
}

/* A child that opens the ledger, says so, and waits to be killed. */
static pid_t start_holder(const struct fixture *f)
{
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct ledger *l;
        struct error e;
        const struct ledger_settings s = {"crop", "model-2", "{}"};
        int64_t id;
        if (fixture_try_open(f, false, &l, &e) != 0 || ledger_settings_put(l, &s, &id) != 0 ||
            write(ready[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return pid;
}

static void another_process_and_its_end(void **state)
{
    struct fixture *f = *state;
    struct ledger *second;
    struct error e;
    char text[32];
    int64_t before = (int64_t)ledger_id(f->l);
    fixture_close(f);
    pid_t pid = start_holder(f);
    assert_int_equal(fixture_try_open(f, false, &second, &e), ERR_BUSY);
    snprintf(text, sizeof text, "process %ld ", (long)pid);
    assert_non_null(strstr(e.text, text));
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    fixture_open(f); /* the kernel dropped the lock; quick_check ran */
    assert_true((int64_t)ledger_id(f->l) == before);
    const struct ledger_settings s = {"crop", "model-2", "{}"};
    int64_t id;
    assert_ok(f->l, ledger_settings_put(f->l, &s, &id));
    assert_true(ledger_dirty(f->l)); /* the child's wasn't committed: made again */
}

static void overwrite(const char *path, const void *bytes, size_t len)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static void assert_unchanged(const char *path, const char *bytes)
{
    char found[200] = "";
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t n = fread(found, 1, sizeof found - 1, file);
    fclose(file);
    assert_int_equal(n, strlen(bytes));
    assert_string_equal(found, bytes);
}

static void not_a_database(void **state)
{
    static const char text[] = "Dear Sir or Madam, please find enclosed the invoices of August.";
    struct fixture *f = *state;
    struct error e;
    fixture_close(f);
    overwrite(f->path, text, strlen(text));
    assert_int_equal(fixture_try_open(f, false, &f->l, &e), ERR_DAMAGED);
    assert_non_null(strstr(e.text, "ledger.path"));
    assert_int_equal(fixture_try_open(f, true, &f->l, &e), ERR_DAMAGED);
    assert_unchanged(f->path, text);
}

static void script(const char *path, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void somebody_elses_database(void **state)
{
    struct fixture *f = *state;
    struct error e;
    fixture_close(f);
    assert_int_equal(unlink(f->path), 0);
    script(f->path, "CREATE TABLE bookmarks(url TEXT)");
    assert_int_equal(fixture_try_open(f, false, &f->l, &e), ERR_DAMAGED);
    assert_non_null(strstr(e.text, "isn't a ledger"));
    script(f->path, "INSERT INTO bookmarks VALUES('still there')");
}

static void a_newer_one(void **state)
{
    struct fixture *f = *state;
    struct error e;
    fixture_close(f);
    script(f->path, "PRAGMA user_version=999");
    assert_int_equal(fixture_try_open(f, false, &f->l, &e), ERR_DAMAGED);
    assert_non_null(strstr(e.text, "newer mindee-batch"));
    assert_int_equal(fixture_try_open(f, true, &f->l, &e), ERR_DAMAGED);
}

static void empty_file_becomes_a_ledger(void **state)
{
    struct fixture *f = *state;
    fixture_close(f);
    overwrite(f->path, "", 0); /* a first start cut off */
    fixture_open(f);
    assert_true(ledger_id(f->l) != 0);
}

/* Damage in a page that opening doesn't look at: found after an unclean end. */
static void damage_is_found_after_an_unclean_end(void **state)
{
    struct fixture *f = *state;
    struct error e;
    char name[32], lock[96], junk[4096];
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "file-%03d", i);
        fixture_put(f, name, name, NULL);
    }
    assert_ok(f->l, ledger_commit(f->l));
    fixture_close(f);
    FILE *file = fopen(f->path, "r+");
    memset(junk, 0x5a, sizeof junk);
    assert_int_equal(fseek(file, -2 * 4096, SEEK_END), 0);
    assert_int_equal(fwrite(junk, 1, sizeof junk, file), sizeof junk);
    assert_int_equal(fclose(file), 0);
    snprintf(lock, sizeof lock, "%s/ledger.lock", f->directory);
    overwrite(lock, "process 1 on host gone\n", 23);
    for (int again = 0; again < 2; again++) { /* it stays unclean */
        assert_int_equal(fixture_try_open(f, false, &f->l, &e), ERR_DAMAGED);
        assert_non_null(strstr(e.text, "is damaged"));
        assert_non_null(strstr(e.text, "left as it is"));
    }
}

static void what_was_not_committed_never_happened(void **state)
{
    struct fixture *f = *state;
    fixture_put(f, "a", "a", NULL);
    assert_ok(f->l, ledger_commit(f->l));
    assert_false(ledger_dirty(f->l));
    fixture_put(f, "b", "b", NULL);
    assert_true(ledger_dirty(f->l));
    fixture_reopen(f);
    assert_int_equal(fixture_counts(f).files, 1);
}

static void network_file_systems(void **state)
{
    (void)state;
    assert_string_equal(network_mount_name(0x6969, ""), "NFS");
    assert_string_equal(network_mount_name((long)(int)0xFF534D42, ""), "SMB");
    assert_string_equal(network_mount_name(0xFE534D42, ""), "SMB");
    assert_string_equal(network_mount_name(0x01021997, ""), "9p");
    assert_string_equal(network_mount_name(0x65735546, "fuse.sshfs"), "sshfs");
    assert_null(network_mount_name(0x65735546, "fuseblk"));
    assert_null(network_mount_name(0xEF53, ""));
    assert_null(network_mount_name(0x01021994, ""));
}

static void directory_that_cannot_be_written(void **state)
{
    struct fixture *f = *state;
    struct fixture other = *f;
    struct error e;
    snprintf(other.path, sizeof other.path, "%s/nowhere/ledger.db", f->directory);
    assert_int_equal(fixture_try_open(&other, false, &other.l, &e), ERR_IO);
    assert_non_null(strstr(e.text, "nowhere"));
    assert_int_equal(fixture_try_open(&other, true, &other.l, &e), ERR_NOT_FOUND);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(files_are_private),
        TEST(the_group_reads_beside_a_run_and_without),
        TEST(private_whatever_the_umask),
        TEST(second_opener_is_told_who),
        TEST(reader_beside_a_writer),
        TEST(reader_of_nothing),
        TEST(another_process_and_its_end),
        TEST(not_a_database),
        TEST(somebody_elses_database),
        TEST(a_newer_one),
        TEST(empty_file_becomes_a_ledger),
        TEST(damage_is_found_after_an_unclean_end),
        TEST(what_was_not_committed_never_happened),
        cmocka_unit_test(network_file_systems),
        TEST(directory_that_cannot_be_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
