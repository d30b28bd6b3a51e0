/* See supplier_accounts.h. A row a record and name; those that are sure stand apart from the others within an account, so
 * that whether one of them is older than a record is one look, however many there are. */
#include "review/supplier_accounts.h"

#include "base/text.h"

enum { ACCOUNTS_MOST = 1000 /* of a supplier that are looked through */ };

/* A number of one row: 1; 0: there is none; or an error. */
static int number(struct database *d, const char *sql, const struct value *values, size_t count,
                  int64_t *out)
{
    sqlite3_stmt *s = database_query(d, sql, values, count);
    int n = s ? database_step(d, s) : d->error.code;
    if (n == 1) {
        n = sqlite3_column_type(s, 0) != SQLITE_NULL;
        *out = column_int(s, 0);
        database_end(s);
    }
    return n;
}

static size_t names_of(const struct duplicate_keys *k, uint64_t out[DUPLICATE_NAMES])
{
    return *k->iban ? duplicate_names(k, false, out) : 0;
}

/* Whether an older one than ID has the account: 1 or 0. */
static int has(struct database *d, uint64_t name, const char *iban, bool sure, int64_t id)
{
    int64_t one;
    return number(d,
                  "SELECT 1 FROM supplier_account WHERE supplier = ? AND iban = ? AND sure = ?"
                  " AND record < ? LIMIT 1",
                  VALUES(V_INT(name), V_TEXT(iban), V_INT(sure), V_INT(id)), &one);
}

/* The oldest but ID that has the account. */
static int oldest_of(struct database *d, uint64_t name, const char *iban, int64_t id, int64_t *out)
{
    int64_t found = 0;
    int any = 0;
    for (int sure = 0; sure <= 1; sure++) {
        int n = number(d,
                       "SELECT min(record) FROM supplier_account WHERE supplier = ? AND iban = ?"
                       " AND sure = ? AND record <> ?",
                       VALUES(V_INT(name), V_TEXT(iban), V_INT(sure), V_INT(id)), &found);
        if (n < 0)
            return n;
        if (n == 1 && (!any || found < *out))
            *out = found;
        any = any || n == 1;
    }
    return any;
}

/* The oldest record but ID that has any account; of one with an unlikely number of accounts the oldest of some. */
static int oldest(struct database *d, uint64_t name, int64_t id, int64_t *out)
{
    char iban[IBAN_MAX] = "";
    int64_t found = 0;
    int any = 0;
    for (int i = 0; i < ACCOUNTS_MOST; i++) {
        sqlite3_stmt *s = database_query(d,
                                         "SELECT iban FROM supplier_account WHERE supplier = ?"
                                         " AND iban > ? ORDER BY iban LIMIT 1",
                                         VALUES(V_INT(name), V_TEXT(iban)));
        int n = s ? database_step(d, s) : d->error.code;
        if (n != 1)
            return n < 0 ? n : any;
        text_copy(iban, sizeof iban, column_text(s, 0));
        database_end(s);
        n = oldest_of(d, name, iban, id, &found);
        if (n < 0)
            return n;
        if (n == 1 && (!any || found < *out))
            *out = found;
        any = any || n == 1;
    }
    return any;
}

int supplier_accounts_look(struct database *d, int64_t id, const struct duplicate_keys *keys,
                           struct accounts_found *out)
{
    uint64_t names[DUPLICATE_NAMES];
    int64_t first = 0;
    size_t count = names_of(keys, names);
    int n = 0;
    *out = (struct accounts_found){0};
    for (size_t i = 0; i < count && n >= 0; i++) {
        n = has(d, names[i], keys->iban, true, id);
        out->known_by[i] = n > 0;
        out->known = out->known || n > 0;
    }
    out->any = out->known;
    for (size_t i = 0; i < count && n >= 0 && !out->known; i++) {
        n = oldest(d, names[i], id, &first);
        out->any = out->any || (n > 0 && first < id);
        if (n > 0)
            n = has(d, names[i], keys->iban, false, id);
        out->doubted = out->doubted || n > 0;
    }
    return n < 0 ? n : 0;
}

int supplier_accounts_state(struct database *d, int64_t id, const struct duplicate_keys *keys)
{
    uint64_t names[DUPLICATE_NAMES];
    int64_t sure = 0;
    if (names_of(keys, names) == 0)
        return ACCOUNT_NONE;
    int n = number(d,
                   "SELECT sure FROM supplier_account WHERE supplier = ? AND iban = ?"
                   " AND sure IN (0, 1) AND record = ?",
                   VALUES(V_INT(names[0]), V_TEXT(keys->iban), V_INT(id)), &sure);
    return n <= 0 ? n : sure ? ACCOUNT_SURE : ACCOUNT_DOUBTED;
}

int supplier_accounts_remove(struct database *d, int64_t id, const struct duplicate_keys *keys)
{
    uint64_t names[DUPLICATE_NAMES];
    size_t count = names_of(keys, names);
    int err = 0;
    for (size_t i = 0; i < count && !err; i++)
        err = database_run(d,
                           "DELETE FROM supplier_account WHERE supplier = ? AND iban = ?"
                           " AND sure IN (0, 1) AND record = ?",
                           VALUES(V_INT(names[i]), V_TEXT(keys->iban), V_INT(id)));
    return err;
}

int supplier_accounts_put(struct database *d, int64_t id, const struct duplicate_keys *keys,
                          bool sure)
{
    uint64_t names[DUPLICATE_NAMES];
    size_t count = names_of(keys, names);
    int err = 0;
    for (size_t i = 0; i < count && !err; i++)
        err = database_run(
            d, "INSERT INTO supplier_account(supplier, iban, sure, record) VALUES(?, ?, ?, ?)",
            VALUES(V_INT(names[i]), V_TEXT(keys->iban), V_INT(sure), V_INT(id)));
    return err;
}

/* --- whom it concerns --- */

struct concern {
    void (*fn)(void *ctx, int64_t record, bool opens);
    void *ctx;
    bool opens; /* ID makes the account known no longer */
};

/* Those of the account up to the next one that is sure, and that one: what comes behind it knows the account by it. */
static int concern_account(struct database *d, uint64_t name, const char *iban, int64_t id,
                           const struct concern *c)
{
    int64_t next = INT64_MAX;
    int n = number(d,
                   "SELECT min(record) FROM supplier_account WHERE supplier = ? AND iban = ?"
                   " AND sure = 1 AND record > ?",
                   VALUES(V_INT(name), V_TEXT(iban), V_INT(id)), &next);
    if (n < 0)
        return n;
    if (n == 0)
        next = INT64_MAX;
    else
        c->fn(c->ctx, next, c->opens);
    sqlite3_stmt *s = database_query(d,
                                     "SELECT record FROM supplier_account WHERE supplier = ?"
                                     " AND iban = ? AND sure = 0 AND record > ? AND record < ?",
                                     VALUES(V_INT(name), V_TEXT(iban), V_INT(id), V_INT(next)));
    if (s == NULL)
        return d->error.code;
    while ((n = database_step(d, s)) == 1)
        c->fn(c->ctx, column_int(s, 0), c->opens);
    return n;
}

int supplier_accounts_concern(struct database *d, int64_t id, const struct duplicate_keys *keys,
                              const struct accounts_found *found, enum account_state before,
                              enum account_state after,
                              void (*fn)(void *ctx, int64_t record, bool opens), void *ctx)
{
    const struct concern c = {fn, ctx, before == ACCOUNT_SURE};
    const bool sure = (before == ACCOUNT_SURE) != (after == ACCOUNT_SURE);
    const bool there = (before == ACCOUNT_NONE) != (after == ACCOUNT_NONE);
    uint64_t names[DUPLICATE_NAMES];
    int64_t next, one;
    size_t count = names_of(keys, names);
    int n = 0;
    for (size_t i = 0; i < count && n >= 0; i++) {
        if (sure && !found->known_by[i])
            n = concern_account(d, names[i], keys->iban, id, &c);
        if (n < 0 || !there || found->any)
            continue;
        next = 0;
        n = oldest(d, names[i], id, &next); /* no longer the first of all, or the first now */
        if (n == 1 && next > id && after == ACCOUNT_SURE) {
            n = number(d,
                       "SELECT 1 FROM supplier_account WHERE supplier = ? AND iban = ?"
                       " AND sure IN (0, 1) AND record = ?",
                       VALUES(V_INT(names[i]), V_TEXT(keys->iban), V_INT(next)), &one);
            if (n == 1) /* it has the account that ID makes known */
                continue;
        }
        if (n >= 0 && next > id)
            fn(ctx, next, before == ACCOUNT_NONE);
    }
    return n < 0 ? n : 0;
}
