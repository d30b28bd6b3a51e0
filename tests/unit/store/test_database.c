/* One database: transactions that open by themselves, what sticks after a failure and what doesn't, errors
 * in words, readers beside a writer. */
#include "store/database.h"

#include "samples.h"
#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAY_OUT "Put a backup in its place"

static struct folder folder;
static char path[128];

static int setup(void **state)
{
    (void)state;
    folder_make(&folder);
    snprintf(path, sizeof path, "%s", folder_put(&folder, "x.db", "", 0));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    folder_remove(&folder);
    return 0;
}

#define assert_done(d, call)                                                                       \
    do {                                                                                           \
        if ((call) < 0)                                                                            \
            fail_msg("%s: %s", #call, (d)->error.text);                                            \
    } while (0)

static void open_it(struct database *d)
{
    assert_done(d, database_open(d, path, DATABASE_WRITE, WAY_OUT));
    assert_done(d, database_script(d, "PRAGMA journal_mode=WAL; CREATE TABLE IF NOT EXISTS"
                                      " t(id INTEGER PRIMARY KEY, v TEXT UNIQUE, b BLOB)"));
}

static int put(struct database *d, const char *text)
{
    int err = database_write(d);
    return err ? err : database_run(d, "INSERT INTO t(v) VALUES(?)", VALUES(V_TEXT(text)));
}

static int64_t rows(struct database *d)
{
    int64_t n = -1;
    assert_int_equal(database_number(d, "SELECT count(*) FROM t", NO_VALUES, &n), 1);
    return n;
}

static int64_t rows_by_another(void)
{
    struct database d;
    assert_done(&d, database_open(&d, path, DATABASE_READ, WAY_OUT));
    int64_t n = rows(&d);
    database_close(&d);
    return n;
}

static void a_write_opens_and_a_commit_ends(void **state)
{
    struct database d;
    (void)state;
    open_it(&d);
    assert_done(&d, database_commit(&d)); /* nothing: fine */
    assert_done(&d, put(&d, "a"));
    assert_done(&d, put(&d, "b"));
    assert_true(d.in_transaction);
    assert_int_equal(rows(&d), 2);
    assert_int_equal(rows_by_another(), 0);
    assert_done(&d, database_commit(&d));
    assert_false(d.in_transaction);
    assert_int_equal(rows_by_another(), 2);
    assert_done(&d, put(&d, "c"));
    database_rollback(&d); /* of our own will: nothing sticks */
    assert_done(&d, put(&d, "d"));
    database_close(&d); /* commits nothing */
    assert_int_equal(rows_by_another(), 2);
}

static void a_failure_takes_all_back_and_sticks(void **state)
{
    struct database d;
    char words[400];
    (void)state;
    open_it(&d);
    assert_done(&d, put(&d, "a"));
    assert_int_equal(put(&d, "a"), ERR_DAMAGED); /* what should be unique isn't */
    snprintf(words, sizeof words,
             "%s is damaged (UNIQUE constraint failed: t.v); it was left as it is. " WAY_OUT, path);
    assert_string_equal(d.error.text, words);
    assert_int_equal(rows(&d), 0);
    assert_int_equal(put(&d, "b"), ERR_DAMAGED);
    assert_int_equal(database_commit(&d), ERR_DAMAGED);
    assert_string_equal(d.error.text, words);
    database_recover(&d);
    assert_done(&d, put(&d, "b"));
    assert_done(&d, database_commit(&d));
    assert_int_equal(rows_by_another(), 1);
    database_close(&d);
}

static void a_refusal_changes_nothing(void **state)
{
    struct database d;
    (void)state;
    open_it(&d);
    assert_done(&d, put(&d, "a"));
    assert_int_equal(database_refuse(&d, ERR_NOT_FOUND, "there is no document %d", 7),
                     ERR_NOT_FOUND);
    assert_string_equal(d.error.text, "there is no document 7");
    assert_done(&d, put(&d, "b"));
    assert_done(&d, database_commit(&d));
    assert_int_equal(rows(&d), 2);
    database_close(&d);
}

static void another_program_that_writes(void **state)
{
    struct database d, other;
    (void)state;
    open_it(&d);
    assert_done(&other, database_open(&other, path, DATABASE_WRITE, WAY_OUT));
    assert_done(&other, put(&other, "theirs"));
    assert_int_equal(put(&d, "ours"), ERR_BUSY);
    assert_non_null(strstr(d.error.text, "another program is writing to it; try again"));
    assert_done(&other, database_commit(&other));
    assert_int_equal(put(&d, "ours"), ERR_BUSY); /* until it is recovered */
    database_recover(&d);
    assert_done(&d, put(&d, "ours"));
    database_close(&d);
    database_close(&other);
}

static void what_is_read_under_one_lock_is_of_one_moment(void **state)
{
    struct database d, other;
    (void)state;
    open_it(&d);
    assert_done(&other, database_open(&other, path, DATABASE_WRITE, WAY_OUT));
    database_read_begin(&d);
    assert_int_equal(rows(&d), 0);
    assert_done(&other, put(&other, "theirs"));
    assert_done(&other, database_commit(&other));
    assert_int_equal(rows(&d), 0);
    database_read_end(&d);
    assert_int_equal(rows(&d), 1);
    database_read_begin(&d);
    assert_done(&d, put(&d, "ours")); /* a write ends it */
    assert_false(d.reading);
    assert_done(&d, database_commit(&d));
    database_read_end(&d);
    database_close(&d);
    database_close(&other);
}

/* Bytes, numbers and nothing go in as they are and come out so. */
static void values_of_each_kind(void **state)
{
    static const char bytes[] = "a\0b\xff";
    struct database d;
    struct buffer out;
    int64_t n = 0;
    (void)state;
    open_it(&d);
    assert_done(&d, database_write(&d));
    assert_done(&d, database_run(&d, "INSERT INTO t VALUES(?, ?, ?)",
                                 VALUES(V_INT(INT64_MAX), V_TEXT("caf\xc3\xa9"),
                                        V_BLOB(bytes, sizeof bytes))));
    assert_done(&d, database_run(&d, "INSERT INTO t VALUES(?, ?, ?)",
                                 VALUES(V_INT(-1), V_TEXT(NULL), V_BLOB(NULL, 0))));
    sqlite3_stmt *s = database_query(&d, "SELECT id, v, b FROM t ORDER BY id", NO_VALUES);
    assert_int_equal(database_step(&d, s), 1);
    assert_int_equal(column_int(s, 0), -1);
    assert_string_equal(column_text(s, 1), "");
    assert_int_equal(database_step(&d, s), 1);
    assert_true(column_int(s, 0) == INT64_MAX);
    assert_string_equal(column_text(s, 1), "caf\xc3\xa9");
    buffer_init(&out, 0);
    assert_done(&d, column_buffer(&d, s, 2, &out));
    assert_int_equal(out.len, sizeof bytes);
    assert_memory_equal(out.data, bytes, sizeof bytes);
    buffer_release(&out);
    assert_int_equal(database_step(&d, s), 0);
    assert_int_equal(database_number(&d, "SELECT id FROM t WHERE id = ?", VALUES(V_INT(5)), &n), 0);
    assert_int_equal(database_number(&d, "SELECT id FROM t WHERE id = ?", VALUES(V_INT(-1)), &n),
                     1);
    assert_int_equal(n, -1);
    database_close(&d);
}

static void what_is_no_database(void **state)
{
    struct database d;
    int64_t n;
    (void)state;
    folder_put(&folder, "x.db",
               "these are words, and of a file that holds no database at all, although it is long "
               "enough for the header of one, a hundred bytes",
               126);
    int err = database_open(&d, path, DATABASE_WRITE, WAY_OUT);
    if (!err)
        err = database_number(&d, "SELECT count(*) FROM sqlite_master", NO_VALUES, &n);
    assert_int_equal(err, ERR_DAMAGED);
    assert_non_null(strstr(d.error.text,
                           "is damaged (file is not a database); it was left as it is. " WAY_OUT));
    database_close(&d);
    assert_int_equal(database_open(&d, "/no/such/x.db", DATABASE_READ, WAY_OUT), ERR_IO);
    assert_non_null(strstr(d.error.text, "check the permissions of it and its directory"));
    database_close(&d);
}

static bool is_there(const char *suffix)
{
    char file[200];
    snprintf(file, sizeof file, "%s%s", path, suffix);
    return access(file, F_OK) == 0;
}

/* A log goes with its last user, but for one that is kept; a reader takes nothing away. */
static void the_log_that_is_kept(void **state)
{
    struct database d;
    struct stat st;
    char log[200];
    (void)state;
    open_it(&d);
    assert_done(&d, put(&d, "a"));
    assert_done(&d, database_commit(&d));
    database_close(&d);
    assert_false(is_there("-wal") || is_there("-shm"));
    open_it(&d);
    database_keep_log(&d, "main");
    assert_done(&d, put(&d, "b"));
    assert_done(&d, database_commit(&d));
    database_close(&d);
    assert_true(is_there("-wal") && is_there("-shm"));
    snprintf(log, sizeof log, "%s-wal", path);
    assert_int_equal(stat(log, &st), 0);
    assert_int_equal(st.st_size, 0); /* all of it is in the database */
    assert_int_equal(rows_by_another(), 2);
    assert_true(is_there("-wal") && is_there("-shm"));
}

/* --- what is deferred --- */

static struct {
    int times;
    bool fails;
} deferred;

static bool is_v(const char *table, const char *column)
{
    return strcmp(table, "t") == 0 && column && strcmp(column, "v") == 0;
}

static int write_deferred(void *ctx)
{
    int err = database_run(ctx, "UPDATE t SET v = 'new' WHERE id = 1", NO_VALUES);
    deferred.times++;
    return !err && deferred.fails
               ? database_run(ctx, "INSERT INTO t(id) VALUES(1)", NO_VALUES) /* it is there */
               : err;
}

static int64_t count(struct database *d, const char *sql)
{
    int64_t n = -1;
    assert_int_equal(database_number(d, sql, NO_VALUES, &n), 1);
    return n;
}

static void open_deferring(struct database *d, bool fails)
{
    open_it(d);
    memset(&deferred, 0, sizeof deferred);
    deferred.fails = fails;
    database_defer(d, is_v, write_deferred, d);
    assert_done(d, put(d, "old"));
    assert_done(d, database_commit(d));
    assert_done(d, database_write(d));
    d->deferred.some = true;
}

static void who_asks_for_it_has_it_written(void **state)
{
    (void)state;
    struct database d;
    open_deferring(&d, false);
    assert_int_equal(count(&d, "SELECT id FROM t"), 1);
    assert_int_equal(deferred.times, 0);
    assert_int_equal(count(&d, "SELECT count(*) FROM t WHERE v = 'new'"), 1);
    assert_int_equal(deferred.times, 1);
    assert_int_equal(count(&d, "SELECT count(*) FROM t WHERE v = 'new'"), 1);
    assert_int_equal(deferred.times, 1);
    d.deferred.some = true;
    assert_done(&d, database_run(&d, "UPDATE t SET v = 'newer' WHERE id = 1", NO_VALUES));
    assert_int_equal(deferred.times, 2);
    assert_int_equal(count(&d, "SELECT count(*) FROM t WHERE v = 'newer'"), 1);
    assert_done(&d, database_commit(&d));
    database_close(&d);
}

static void what_cannot_be_written_is_rolled_back(void **state)
{
    (void)state;
    struct database d;
    open_deferring(&d, true);
    assert_int_equal(count(&d, "SELECT count(*) FROM t WHERE v = 'old'"), 1);
    assert_int_equal(deferred.times, 1);
    assert_true(d.failure.code != 0);
    assert_true(database_run(&d, "UPDATE t SET b = 1", NO_VALUES) < 0); /* not by itself */
    assert_true(database_commit(&d) < 0);
    database_recover(&d);
    assert_int_equal(count(&d, "SELECT count(*) FROM t WHERE b IS NULL"), 1);
    database_close(&d);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_write_opens_and_a_commit_ends),
        TEST(a_failure_takes_all_back_and_sticks),
        TEST(a_refusal_changes_nothing),
        TEST(another_program_that_writes),
        TEST(what_is_read_under_one_lock_is_of_one_moment),
        TEST(values_of_each_kind),
        TEST(what_is_no_database),
        TEST(the_log_that_is_kept),
        TEST(who_asks_for_it_has_it_written),
        TEST(what_cannot_be_written_is_rolled_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
