/* See duplicate_index.h. What two records must have in common to be duplicates is hashed together with what makes
 * them of one supplier, so that each look-up touches the records alone that are compared then:
 *   - the number without zeros and separators, in which all numbers agree that number_key_same takes for one
 *   - total and currency, and behind them the week or so of the date, so that neighbouring weeks lie side by side
 * for each of VAT number, bank account and name. Keys of one supplier lie together, so putting the records of a
 * few thousand suppliers touches few pages. A hash that is another's by chance costs a comparison.
 *
 * A supplier may send thousands of invoices of one amount in a week, and none is another's duplicate. So beside an amount
 * stands the *trace* of the number: a bit for each character that is in it an odd number of times, characters that
 * look alike being one, zeros none. Numbers within one edit have traces that differ in one bit at most: where there are many
 * records of one amount those alone are looked up, a query for each such trace. */
#include "review/duplicate_index.h"

#include "base/array.h"
#include "base/hash.h"
#include "base/text.h"
#include "calendar/civil.h"

#include <string.h>

/* Stored with the keys: never change them. */
static const uint64_t SUPPLIER_SEED = 0x6d627375, NUMBER_SEED = 0x6d626e75,
                      AMOUNT_SEED = 0x6d62616d;

enum {
    NAMES = DUPLICATE_NAMES,
    WEEK_DAYS = DUPLICATE_NEAR_DAYS + 1,
    KEYS_MOST = NAMES * 2,
    LOW_BITS = 32,   /* of a key, below those of the supplier: */
    WEEK_BITS = 12,  /* an amount has its week in the lowest, */
    AMOUNT_BIT = 31, /* and this one set */
    FEW = 64,        /* records of one amount that are simply looked through */
    ENDS = 16,       /* of more that agree: so many of the oldest, and of the newest */
};

/* --- keys --- */

size_t duplicate_names(const struct duplicate_keys *k, bool with_iban,
                       uint64_t out[DUPLICATE_NAMES])
{
    const char *const names[NAMES] = {k->vat, k->supplier, with_iban ? k->iban : ""};
    size_t count = 0;
    for (uint64_t i = 0; i < NAMES; i++)
        if (*names[i])
            out[count++] = hash_bytes(SUPPLIER_SEED + i, names[i], strlen(names[i]));
    return count;
}

static int64_t join(uint64_t supplier, uint64_t rest)
{
    const uint64_t low = ((uint64_t)1 << LOW_BITS) - 1;
    return (int64_t)((supplier & ~low) | (rest & low));
}

/* False: it has no number. */
static bool number_rest(const struct duplicate_keys *k, uint64_t *out)
{
    char text[NUMBER_KEY_MAX];
    size_t used = 0;
    for (const char *p = k->number.whole; *p; p++)
        if (*p != '0')
            text[used++] = *p;
    *out = hash_bytes(NUMBER_SEED, text, used) & ~((uint64_t)1 << AMOUNT_BIT);
    return *k->number.shape != '\0';
}

/* Without the week, which is added. False: it has none. */
static bool amount_rest(const struct duplicate_keys *k, uint64_t *out)
{
    char text[DECIMAL_TEXT_MAX];
    if (!k->has_total || !k->has_day || !*k->currency)
        return false;
    decimal_format(k->total, 0, text);
    uint64_t hash = hash_bytes(AMOUNT_SEED, text, strlen(text)) ^
                    hash_bytes(AMOUNT_SEED + 1, k->currency, strlen(k->currency));
    *out = (hash_mix(hash) << WEEK_BITS) | (uint64_t)1 << AMOUNT_BIT;
    return true;
}

static int64_t week_of(const struct duplicate_keys *k, int weeks_away)
{
    const int64_t last = ((int64_t)1 << WEEK_BITS) - 1;
    int64_t week = floor_div(k->day, WEEK_DAYS) + weeks_away;
    return week < 0 ? 0 : week > last ? last : week;
}

/* O and 0 count for nothing, because zeros are left out where numbers are compared; others that look alike are one. */
static unsigned trace_of(const struct number_key *number)
{
    /*                                  a b c d e f g h i j k  l m n  o p  q  r  s t  u v w  x  y  z */
    static const signed char letters[] = {7, 3,  8,  9,  10, 11, 4,  12, 0, 13, 14, 0,  6,
                                          6, -1, 15, 16, 17, 1,  18, 5,  5, 19, 20, 21, 2};
    /*                                 0  1  2   3   4  5  6  7  8  9 */
    static const signed char digits[] = {-1, 0, 2, 22, 23, 1, 4, 0, 3, 4};
    enum { OTHER = 24, THERE = 25 };
    unsigned trace = 1U << THERE;
    if (!*number->shape)
        return 0;
    for (const char *p = number->whole; *p; p++) {
        int bit = *p >= 'a' && *p <= 'z'   ? letters[*p - 'a']
                  : *p >= '0' && *p <= '9' ? digits[*p - '0']
                                           : OTHER;
        trace ^= bit < 0 ? 0 : 1U << bit;
    }
    return trace;
}

static bool traces_agree(unsigned a, unsigned b)
{
    return !a || !b || __builtin_popcount(a ^ b) <= 1;
}

struct key {
    int64_t key;
    unsigned trace; /* of an amount; 0: it has no number */
};

/* The keys under which a record is put. */
static size_t keys_of(const struct duplicate_keys *k, struct key out[KEYS_MOST])
{
    uint64_t names[NAMES], number, amount;
    size_t count = 0, name_count = duplicate_names(k, true, names);
    const bool has_number = number_rest(k, &number), has_amount = amount_rest(k, &amount);
    const unsigned trace = trace_of(&k->number);
    for (size_t i = 0; i < name_count; i++) {
        if (has_number)
            out[count++] = (struct key){join(names[i], number), 0};
        if (has_amount)
            out[count++] = (struct key){join(names[i], amount) + week_of(k, 0), trace};
    }
    return count;
}

/* --- putting --- */

static int put_record(struct database *d, int64_t id, const struct duplicate_keys *k)
{
    char total[DECIMAL_TEXT_MAX];
    const struct value day = k->has_day ? V_INT(k->day) : V_TEXT(NULL);
    if (k->has_total)
        decimal_format(k->total, 0, total);
    return database_run(d,
                        "INSERT INTO duplicate_record(id, supplier, vat, iban, number, total,"
                        "  currency, day) VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
                        VALUES(V_INT(id), V_TEXT(k->supplier), V_TEXT(k->vat), V_TEXT(k->iban),
                               V_TEXT(k->number.shape), V_TEXT(k->has_total ? total : NULL),
                               V_TEXT(k->currency), day));
}

int duplicate_index_put(struct database *d, int64_t id, const struct duplicate_keys *keys)
{
    int err = duplicate_index_remove(d, id);
    return err ? err : duplicate_index_add(d, id, keys);
}

/* Two keys in one statement: most records have all, or all but those of a VAT number. */
static int put_two(struct database *d, const struct key k[2], int64_t id)
{
    return database_run(
        d,
        "INSERT OR IGNORE INTO duplicate_key(key, trace, record)"
        " VALUES(?1, ?2, ?5), (?3, ?4, ?5)",
        VALUES(V_INT(k[0].key), V_INT(k[0].trace), V_INT(k[1].key), V_INT(k[1].trace), V_INT(id)));
}

static int put_key(struct database *d, const struct key *k, int64_t id)
{
    return database_run(d,
                        "INSERT OR IGNORE INTO duplicate_key(key, trace, record) VALUES(?, ?, ?)",
                        VALUES(V_INT(k->key), V_INT(k->trace), V_INT(id)));
}

int duplicate_index_add(struct database *d, int64_t id, const struct duplicate_keys *keys)
{
    struct key all[KEYS_MOST];
    size_t count = keys_of(keys, all), i = 0;
    int err = put_record(d, id, keys);
    for (; i + 1 < count && !err; i += 2)
        err = put_two(d, &all[i], id);
    return err || i == count ? err : put_key(d, &all[i], id);
}

int duplicate_index_remove(struct database *d, int64_t id)
{
    struct duplicate_keys old;
    struct key all[KEYS_MOST];
    int n = duplicate_index_get(d, id, &old);
    if (n <= 0)
        return n;
    size_t count = keys_of(&old, all);
    int err = database_run(d, "DELETE FROM duplicate_record WHERE id = ?", VALUES(V_INT(id)));
    for (size_t i = 0; i < count && !err; i++)
        err =
            database_run(d, "DELETE FROM duplicate_key WHERE key = ? AND trace = ? AND record = ?",
                         VALUES(V_INT(all[i].key), V_INT(all[i].trace), V_INT(id)));
    return err;
}

/* --- looking up --- */

static void read_keys(sqlite3_stmt *row, struct duplicate_keys *out)
{
    const char *total = column_text(row, 4);
    *out = (struct duplicate_keys){0};
    text_copy(out->supplier, sizeof out->supplier, column_text(row, 0));
    text_copy(out->vat, sizeof out->vat, column_text(row, 1));
    text_copy(out->iban, sizeof out->iban, column_text(row, 2));
    key_number_of_shape(column_text(row, 3), &out->number);
    out->has_total = *total && decimal_parse(&out->total, total, strlen(total)) == 0;
    text_copy(out->currency, sizeof out->currency, column_text(row, 5));
    out->has_day = *column_text(row, 6) != '\0';
    out->day = column_int(row, 6);
}

int duplicate_index_get(struct database *d, int64_t id, struct duplicate_keys *out)
{
    sqlite3_stmt *row = database_query(d,
                                       "SELECT supplier, vat, iban, number, total, currency, day"
                                       "  FROM duplicate_record WHERE id = ?",
                                       VALUES(V_INT(id)));
    if (!row)
        return d->error.code;
    int n = database_step(d, row);
    if (n > 0)
        read_keys(row, out);
    database_end(row);
    return n;
}

struct candidates {
    struct database *d;
    int64_t before; /* the id that all are below */
    unsigned trace;
    int64_t *ids;
    size_t count, capacity;
    bool cut;
};

static void add_candidate(struct candidates *c, int64_t id)
{
    if (id >= c->before)
        return;
    ARRAY_RESERVE(c->ids, c->capacity, c->count + 1);
    c->ids[c->count++] = id;
}

/* How many rows there were, or an error. */
static int add_rows(struct candidates *c, sqlite3_stmt *rows)
{
    int n, got = 0;
    if (!rows)
        return c->d->error.code;
    while ((n = database_step(c->d, rows)) > 0) {
        add_candidate(c, column_int(rows, 0));
        got++;
    }
    return n < 0 ? n : got;
}

/* The oldest and the newest of those that have a key and a trace. */
static int add_ends(struct candidates *c, int64_t key, unsigned trace)
{
    int n = add_rows(
        c, database_query(c->d,
                          "SELECT record FROM duplicate_key WHERE key = ? AND trace = ?"
                          " AND record < ? ORDER BY record LIMIT ?",
                          VALUES(V_INT(key), V_INT(trace), V_INT(c->before), V_INT(ENDS))));
    if (n < ENDS)
        return n < 0 ? n : 0;
    n = add_rows(c,
                 database_query(c->d,
                                "SELECT record FROM duplicate_key WHERE key = ? AND trace = ?"
                                " AND record < ? ORDER BY record DESC LIMIT ?",
                                VALUES(V_INT(key), V_INT(trace), V_INT(c->before), V_INT(ENDS))));
    c->cut = true;
    return n < 0 ? n : 0;
}

/* Those with an amount between two keys, if they are few: 1; 0: they aren't, and none was added. */
static int add_few(struct candidates *c, int64_t first, int64_t last)
{
    const size_t before = c->count;
    int n = 0, got = 0;
    sqlite3_stmt *rows = database_query(c->d,
                                        "SELECT record, trace FROM duplicate_key"
                                        " WHERE key BETWEEN ? AND ? LIMIT ?",
                                        VALUES(V_INT(first), V_INT(last), V_INT(FEW + 1)));
    if (!rows)
        return c->d->error.code;
    while ((n = database_step(c->d, rows)) > 0 && got++ < FEW)
        if (traces_agree(c->trace, (unsigned)column_int(rows, 1)))
            add_candidate(c, column_int(rows, 0));
    database_end(rows);
    if (n > 0)
        c->count = before;
    return n < 0 ? n : n == 0;
}

/* Of many with an amount: those without a number, and those whose trace is this one or, with MISREAD, within a bit. */
static int add_of_many(struct candidates *c, int64_t key, bool misread)
{
    enum { BITS = 25 };
    int err = add_ends(c, key, 0);
    if (!err && c->trace)
        err = add_ends(c, key, c->trace);
    for (int bit = 0; bit < BITS && !err && misread && c->trace; bit++)
        err = add_ends(c, key, c->trace ^ 1U << bit);
    if (err || c->trace)
        return err;
    int n =
        add_rows(c, database_query(c->d, "SELECT record FROM duplicate_key WHERE key = ? LIMIT ?",
                                   VALUES(V_INT(key), V_INT(FEW))));
    c->cut = c->cut || n == FEW;
    return n < 0 ? n : 0;
}

/* MANY: whether the bits were tried for a supplier's name before: whoever has the other names has that one, too. */
static int add_amount(struct candidates *c, const struct duplicate_keys *k, uint64_t name,
                      uint64_t rest, bool *many)
{
    const int64_t base = join(name, rest);
    int n = add_few(c, base + week_of(k, -1), base + week_of(k, 1));
    for (int away = -1; away <= 1 && n == 0; away++)
        n = add_of_many(c, base + week_of(k, away), !*many);
    if (n == 0)
        *many = true;
    return n < 0 ? n : 0;
}

static int add_candidates(struct candidates *c, const struct duplicate_keys *k)
{
    uint64_t names[NAMES], number, amount;
    size_t count = duplicate_names(k, true, names);
    const bool has_number = number_rest(k, &number), has_amount = amount_rest(k, &amount);
    bool many = false;
    int err = 0;
    for (size_t i = 0; i < count && !err; i++) {
        if (has_number)
            err = add_ends(c, join(names[i], number), 0);
        if (has_amount && !err)
            err = add_amount(c, k, names[i], amount, &many);
    }
    return err;
}

/* Behind those that are graver, or as grave and older; the last may fall out. */
static void add_match(struct duplicate_matches *m, int64_t record, enum check_code level)
{
    size_t at = m->count;
    while (at && duplicate_gravity(m->items[at - 1].level) < duplicate_gravity(level))
        at--;
    m->cut = m->cut || m->count == DUPLICATE_MATCHES_MAX;
    if (at == DUPLICATE_MATCHES_MAX)
        return;
    m->count += m->count < DUPLICATE_MATCHES_MAX;
    memmove(&m->items[at + 1], &m->items[at], (m->count - at - 1) * sizeof *m->items);
    m->items[at] = (struct duplicate_match){record, level};
}

static bool is_too_old(const struct duplicate_keys *earlier, const struct duplicate_keys *later,
                       int64_t days)
{
    return days > 0 && earlier->has_day && later->has_day && earlier->day < later->day - days;
}

int duplicate_index_find(struct database *d, int64_t id, const struct duplicate_keys *keys,
                         int64_t days, struct duplicate_matches *out)
{
    struct candidates found = {.d = d, .before = id, .trace = trace_of(&keys->number)};
    struct duplicate_keys other;
    int err = add_candidates(&found, keys);
    *out = (struct duplicate_matches){.cut = found.cut};
    found.count = array_sort_numbers(found.ids, found.count);
    for (size_t i = 0; i < found.count && !err; i++) {
        int n = duplicate_index_get(d, found.ids[i], &other);
        err = n < 0 ? n : 0;
        enum check_code level = n > 0 ? duplicate_level(&other, keys) : CHECK_COUNT;
        if (level != CHECK_COUNT && !is_too_old(&other, keys, days))
            add_match(out, found.ids[i], level);
    }
    free(found.ids);
    return err;
}
