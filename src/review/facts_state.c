/* Which facts are used, and how far they are. See facts.h. */
#include "review/facts_internal.h"
#include "review/keys.h"

#include <string.h>

enum {
    FACTS_VERSION = 2, /* of what is made of a flattened result */
    FORMAT = FACTS_VERSION * 10000 + FLATTEN_VERSION * 100 + KEYS_VERSION,
};

static int digest_fits(struct facts *f, sqlite3_stmt *s, int64_t result)
{
    uint8_t digest[SHA256_BYTES];
    int n = result ? ledger_result_digest(f->ledger, result, digest) : 0;
    if (result == 0)
        return 1;
    if (n < 0)
        f->error = *ledger_error(f->ledger);
    return n <= 0 ? n
                  : sqlite3_column_bytes(s, 4) == SHA256_BYTES &&
                        memcmp(sqlite3_column_blob(s, 4), digest, SHA256_BYTES) == 0;
}

int facts_state_read(struct facts *f, struct facts_state *out)
{
    *out = (struct facts_state){0};
    sqlite3_stmt *s = database_query(
        f->d, "SELECT ledger_id, format, recipe, result, digest, changed FROM facts_state",
        NO_VALUES);
    int n = s ? database_step(f->d, s) : f->d->error.code;
    if (n <= 0)
        return n;
    out->result = column_int(s, 3);
    out->changed = column_int(s, 5);
    out->same = sqlite3_column_bytes(s, 2) == RECIPE_BYTES &&
                memcmp(sqlite3_column_blob(s, 2), f->options->recipe, RECIPE_BYTES) == 0;
    n = (uint64_t)column_int(s, 0) == ledger_id(f->ledger) && column_int(s, 1) == FORMAT
            ? digest_fits(f, s, out->result)
            : 0;
    out->ours = n == 1;
    database_end(s);
    return n < 0 ? n : 0;
}

int facts_state_write(struct facts *f, int64_t result, int64_t changed)
{
    uint8_t digest[SHA256_BYTES];
    int n = result ? ledger_result_digest(f->ledger, result, digest) : 0;
    if (n < 0)
        return n;
    return database_run(f->d,
                        "INSERT OR REPLACE INTO facts_state(id, ledger_id, format, recipe, result,"
                        " digest, changed) VALUES(1, ?, ?, ?, ?, ?, ?)",
                        VALUES(V_INT(ledger_id(f->ledger)), V_INT(FORMAT),
                               V_BLOB(f->options->recipe, RECIPE_BYTES), V_INT(result),
                               V_BLOB(n ? digest : NULL, n ? sizeof digest : 0), V_INT(changed)));
}

static int begin_anew(struct facts *f)
{
    int err = database_script(f->d, "DELETE FROM fact; DELETE FROM duplicate_record;"
                                    "DELETE FROM duplicate_key; DELETE FROM supplier_account;"
                                    "DELETE FROM confidence_seen;");
    return err ? err : facts_state_write(f, 0, 0);
}

/* As in review_db.c, with nothing in them. */
static int hide(struct facts *f)
{
    int err = database_script(
        f->d,
        "CREATE TEMP TABLE facts_state AS SELECT * FROM main.facts_state WHERE 0;"
        "CREATE TEMP TABLE fact(id INTEGER PRIMARY KEY, key TEXT NOT NULL,"
        "  document INTEGER NOT NULL, name TEXT NOT NULL, decimals INTEGER NOT NULL,"
        "  worst INTEGER NOT NULL, reasons TEXT NOT NULL, family TEXT NOT NULL, supplier TEXT, number TEXT,"
        "  type TEXT, date TEXT, due TEXT, currency TEXT, net TEXT, tax TEXT, total TEXT,"
        "  tip TEXT, vat TEXT, iban TEXT);"
        "CREATE UNIQUE INDEX temp.fact_key ON fact(key);"
        "CREATE INDEX temp.fact_worst ON fact(worst, id) WHERE worst > 1;"
        "CREATE INDEX temp.fact_family ON fact(family) WHERE family <> '';"
        "CREATE TEMP TABLE duplicate_record(id INTEGER PRIMARY KEY, supplier TEXT NOT NULL,"
        "  vat TEXT NOT NULL, iban TEXT NOT NULL, number TEXT NOT NULL, total TEXT,"
        "  currency TEXT NOT NULL, day INTEGER);"
        "CREATE TEMP TABLE duplicate_key(key INTEGER NOT NULL, trace INTEGER NOT NULL,"
        "  record INTEGER NOT NULL, PRIMARY KEY(key, trace, record)) WITHOUT ROWID;"
        "CREATE TEMP TABLE supplier_account(supplier INTEGER NOT NULL, iban TEXT NOT NULL,"
        "  sure INTEGER NOT NULL, record INTEGER NOT NULL,"
        "  PRIMARY KEY(supplier, iban, sure, record)) WITHOUT ROWID;"
        "CREATE TEMP TABLE confidence_seen(settings INTEGER PRIMARY KEY, seen INTEGER NOT NULL);");
    return err ? err : facts_state_write(f, 0, 0);
}

int facts_state_choose(struct facts *f)
{
    struct facts_state state;
    int err = database_write(f->d);
    if (!err)
        err = facts_state_read(f, &state);
    if (!err && (!state.ours || (!state.same && f->options->adopt)))
        err = begin_anew(f);
    else if (!err && !state.same)
        err = hide(f);
    return err ? err : database_commit(f->d);
}
