/* See ledger_damage.h. */
#include "ledger_damage.h"

#include <sqlite3.h>

void ledger_damage(struct fixture *f, const char *sql)
{
    sqlite3 *db;
    char *words = NULL;
    assert_ok(f->l, ledger_commit(f->l));
    assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &words) != SQLITE_OK)
        fail_msg("%s: %s", sql, words);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}
