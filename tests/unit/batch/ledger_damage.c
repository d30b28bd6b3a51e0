/* See ledger_damage.h. */
#include "ledger_damage.h"

#include <sqlite3.h>
#include <stdio.h>

void ledger_damage(struct fixture *f, const char *sql)
{
    sqlite3 *db;
    char *words = NULL;
    assert_ok(f->l, ledger_commit(f->l));
    char book[sizeof f->path + 8], attach[sizeof f->path + 40];
    snprintf(book, sizeof book, "%s.files", f->path);
    snprintf(attach, sizeof attach, "ATTACH '%s' AS ledger", f->path);
    assert_int_equal(sqlite3_open(book, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, attach, NULL, NULL, NULL), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &words) != SQLITE_OK)
        fail_msg("%s: %s", sql, words);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}
