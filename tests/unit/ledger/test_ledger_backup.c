/* A backup beside a writer: both books of one moment, nothing replaced, nothing left behind. The file
 * book is a database of the test's own here: a backup copies whatever stands beside the ledger. */
#include "ledger/backup.h"
#include "ledger_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char book[120], copy[120], book_copy[140];

static int setup(void **state)
{
    int rc = fixture_setup(state);
    struct fixture *f = *state;
    snprintf(book, sizeof book, "%s.files", f->path);
    snprintf(copy, sizeof copy, "%s/copy.db", f->directory);
    snprintf(book_copy, sizeof book_copy, "%s.files", copy);
    return rc;
}

static sqlite3 *open_sqlite(const char *path)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    return db;
}

static void sql(sqlite3 *db, const char *text)
{
    if (sqlite3_exec(db, text, NULL, NULL, NULL) != SQLITE_OK)
        fail_msg("%s: %s", text, sqlite3_errmsg(db));
}

static int64_t number(const char *path, const char *text)
{
    sqlite3 *db = open_sqlite(path);
    sqlite3_stmt *s;
    assert_int_equal(sqlite3_prepare_v2(db, text, -1, &s, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    int64_t n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    sqlite3_close(db);
    return n;
}

static void make_book(void)
{
    sqlite3 *db = open_sqlite(book);
    sql(db, "CREATE TABLE turn(id INTEGER PRIMARY KEY, n INTEGER);"
            "INSERT INTO turn VALUES(1, 0)");
    sqlite3_close(db);
    chmod(book, 0600);
}

static void backs_up(struct fixture *f)
{
    struct error e;
    if (ledger_backup(f->path, copy, &e) != 0)
        fail_msg("%s", e.text);
}

static void refuses(struct fixture *f, int code, const char *words)
{
    struct error e = {0};
    assert_int_equal(ledger_backup(f->path, copy, &e), code);
    if (!strstr(e.text, words))
        fail_msg("\"%s\" isn't in: %s", words, e.text);
}

/* Files of the directory whose names begin with copy.db. */
static int copies(struct fixture *f)
{
    DIR *d = opendir(f->directory);
    int n = 0;
    for (struct dirent *entry; (entry = readdir(d)) != NULL;)
        n += strncmp(entry->d_name, "copy.db", 7) == 0;
    closedir(d);
    return n;
}

static void what_is_committed_is_copied(void **state)
{
    struct fixture *f = *state;
    struct stat st;
    fixture_put(f, "a", "a", NULL);
    assert_ok(f->l, ledger_commit(f->l));
    fixture_put(f, "b", "b", NULL); /* in a transaction that is open */
    backs_up(f);
    assert_int_equal(number(copy, "SELECT count(*) FROM document"), 1);
    assert_int_equal(stat(copy, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(copies(f), 2); /* no log beside it, nothing unfinished */
    assert_ok(f->l, ledger_commit(f->l));
    fixture_counts(f);
}

static void both_books_are_copied(void **state)
{
    struct fixture *f = *state;
    struct stat st;
    make_book();
    backs_up(f);
    assert_int_equal(number(book_copy, "SELECT n FROM turn"), 0);
    assert_int_equal(stat(book_copy, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(copies(f), 2);
}

/* --- turns of a run between the two snapshots --- */

static int turns_to_come; /* when the book is looked for, after the ledger's snapshot */

/* As a run does: the book's commit first. */
static void take_turns(int n)
{
    char ledger_path[120];
    snprintf(ledger_path, sizeof ledger_path, "%.*s", (int)strlen(book) - 6, book);
    sqlite3 *ledger = open_sqlite(ledger_path), *files = open_sqlite(book);
    sql(ledger, "CREATE TABLE IF NOT EXISTS turn(id INTEGER PRIMARY KEY, n INTEGER);"
                "INSERT OR IGNORE INTO turn VALUES(1, 0)");
    for (int i = 0; i < n; i++) {
        sql(files, "UPDATE turn SET n = n + 1");
        sql(ledger, "UPDATE turn SET n = n + 1");
    }
    sqlite3_close(files);
    sqlite3_close(ledger);
}

/* The C library's, for the program under test too. */
int access(const char *path, int mode)
{
    if (turns_to_come && strcmp(path, book) == 0) {
        int n = turns_to_come;
        turns_to_come = 0;
        take_turns(n);
    }
    return faccessat(AT_FDCWD, path, mode, 0);
}

static void both_are_of_one_moment(void **state)
{
    struct fixture *f = *state;
    make_book();
    take_turns(3);
    turns_to_come = 4;
    backs_up(f);
    assert_int_equal(turns_to_come, 0);
    assert_int_equal(number(copy, "SELECT n FROM turn"), 7);
    assert_int_equal(number(book_copy, "SELECT n FROM turn"), 7);
}

static void nothing_is_replaced(void **state)
{
    struct fixture *f = *state;
    make_book();
    assert_int_equal(symlink("nowhere", copy), 0);
    refuses(f, ERR_USAGE, "is there already");
    assert_int_equal(copies(f), 1);
    assert_int_equal(unlink(copy), 0);
    assert_int_equal(mkdir(book_copy, 0700), 0);
    refuses(f, ERR_USAGE, "copy.db.files is there already");
    assert_int_equal(copies(f), 1);
    unlink(book); /* it would be taken for the copy's book */
    refuses(f, ERR_USAGE, "copy.db.files is there already");
    assert_int_equal(rmdir(book_copy), 0);
    backs_up(f);
}

static void what_a_killed_backup_left_is_used_again(void **state)
{
    struct fixture *f = *state;
    char partial[140];
    snprintf(partial, sizeof partial, "%s.partial", copy);
    FILE *left = fopen(partial, "w");
    for (int i = 0; i < 100000; i++)
        fputs("left", left);
    fclose(left);
    backs_up(f);
    assert_int_equal(copies(f), 2);
    assert_int_equal(number(copy, "SELECT count(*) FROM meta"), 1);
}

static void what_is_no_ledger(void **state)
{
    struct fixture *f = *state;
    fixture_close(f);
    unlink(f->path);
    refuses(f, ERR_NOT_FOUND, "no ledger at");
    FILE *other = fopen(f->path, "w");
    fputs("some text, which is no database, and long enough to be none: "
          "....................................................................................",
          other);
    fclose(other);
    refuses(f, ERR_DAMAGED, "is damaged");
    assert_int_equal(copies(f), 0);
}

static void where_there_is_no_directory(void **state)
{
    struct fixture *f = *state;
    struct error e = {0};
    char nowhere[140];
    snprintf(nowhere, sizeof nowhere, "%s/no/copy.db", f->directory);
    assert_int_equal(ledger_backup(f->path, nowhere, &e), ERR_USAGE);
}

/* Of a database's header: 2 if it has a log, 1 if a rollback journal. */
static int journal_of(const char *path)
{
    unsigned char header[20] = {0};
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_int_equal(fread(header, 1, sizeof header, file), sizeof header);
    fclose(file);
    return header[18];
}

/* A commit writes both, and only logs are sure to keep the book's part once the ledger has its own. */
static void both_have_logs_once_they_are_put_back(void **state)
{
    struct fixture *f = *state;
    fixture_put(f, "a", "a", NULL);
    assert_ok(f->l, ledger_commit(f->l));
    backs_up(f);
    fixture_close(f);
    assert_int_equal(rename(copy, f->path), 0);
    assert_int_equal(rename(book_copy, book), 0);
    assert_int_equal(journal_of(book), 1);
    fixture_open(f);
    assert_int_equal(journal_of(book), 2);
    assert_int_equal(journal_of(f->path), 2);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, fixture_teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_is_committed_is_copied),
        TEST(both_books_are_copied),
        TEST(both_are_of_one_moment),
        TEST(nothing_is_replaced),
        TEST(what_a_killed_backup_left_is_used_again),
        TEST(what_is_no_ledger),
        TEST(where_there_is_no_directory),
        TEST(both_have_logs_once_they_are_put_back),
    };
    return cmocka_run_group_tests_name("ledger_backup", tests, NULL, NULL);
}
