/* See duplicate_index.h. What two records must have in common to be duplicates is hashed together with what makes
 * them of one supplier, so that each look-up touches the records alone that are compared then:
 *   - the number without zeros and separators, in which all numbers agree that number_key_same takes for one
 *   - total, currency and the week or so of the date; neighbouring weeks are looked up, too
 * for each of VAT number, bank account and name. Keys of one supplier lie together, so putting the records of a
 * few thousand suppliers touches few pages. A hash that is another's by chance costs a comparison. */
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
    NAMES = 3, /* by which a supplier is known */
    WEEK_DAYS = DUPLICATE_NEAR_DAYS + 1,
    KEYS_MOST = NAMES * 4,
    LOW_BITS = 31,
};

/* What a supplier is known by: the hashes of those it has. */
static size_t names_of(const struct duplicate_keys *k, bool with_iban, uint64_t out[NAMES])
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
static bool number_hash(const struct duplicate_keys *k, uint64_t *out)
{
    char text[NUMBER_KEY_MAX];
    size_t used = 0;
    for (const char *p = k->number.whole; *p; p++)
        if (*p != '0')
            text[used++] = *p;
    *out = hash_bytes(NUMBER_SEED, text, used);
    return *k->number.shape != '\0';
}

static bool amount_hash(const struct duplicate_keys *k, int64_t week, uint64_t *out)
{
    char text[DECIMAL_TEXT_MAX];
    if (!k->has_total || !k->has_day || !*k->currency)
        return false;
    decimal_format(k->total, 0, text);
    uint64_t words[] = {hash_bytes(AMOUNT_SEED, text, strlen(text)),
                        hash_bytes(AMOUNT_SEED, k->currency, strlen(k->currency)), (uint64_t)week};
    *out = hash_words(AMOUNT_SEED, words, sizeof words / sizeof *words);
    return true;
}

/* The keys under which a record is put, or with AROUND those under which its duplicates may be. */
static size_t keys_of(const struct duplicate_keys *k, bool around, int64_t out[KEYS_MOST])
{
    uint64_t names[NAMES], hash;
    size_t count = 0, name_count = names_of(k, true, names);
    const int64_t week = floor_div(k->day, WEEK_DAYS), reach = around ? 1 : 0;
    for (size_t i = 0; i < name_count; i++) {
        if (number_hash(k, &hash))
            out[count++] = join(names[i], hash);
        for (int64_t w = week - reach; w <= week + reach; w++)
            if (amount_hash(k, w, &hash))
                out[count++] = join(names[i], hash);
    }
    return array_sort_numbers(out, count);
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

static int put_ibans(struct database *d, int64_t id, const struct duplicate_keys *k)
{
    uint64_t names[NAMES];
    size_t count = *k->iban ? names_of(k, false, names) : 0;
    int err = 0;
    for (size_t i = 0; i < count && !err; i++)
        err = database_run(d, "INSERT INTO supplier_iban(supplier, iban, record) VALUES(?, ?, ?)",
                           VALUES(V_INT(names[i]), V_TEXT(k->iban), V_INT(id)));
    return err;
}

int duplicate_index_put(struct database *d, int64_t id, const struct duplicate_keys *keys)
{
    int err = duplicate_index_remove(d, id);
    return err ? err : duplicate_index_add(d, id, keys);
}

int duplicate_index_add(struct database *d, int64_t id, const struct duplicate_keys *keys)
{
    int64_t all[KEYS_MOST];
    size_t count = keys_of(keys, false, all);
    int err = put_record(d, id, keys);
    for (size_t i = 0; i < count && !err; i++)
        err = database_run(d, "INSERT INTO duplicate_key(key, record) VALUES(?, ?)",
                           VALUES(V_INT(all[i]), V_INT(id)));
    return err ? err : put_ibans(d, id, keys);
}

int duplicate_index_remove(struct database *d, int64_t id)
{
    struct duplicate_keys old;
    int64_t all[KEYS_MOST];
    uint64_t names[NAMES];
    int n = duplicate_index_get(d, id, &old);
    if (n <= 0)
        return n;
    size_t count = keys_of(&old, false, all);
    int err = database_run(d, "DELETE FROM duplicate_record WHERE id = ?", VALUES(V_INT(id)));
    for (size_t i = 0; i < count && !err; i++)
        err = database_run(d, "DELETE FROM duplicate_key WHERE key = ? AND record = ?",
                           VALUES(V_INT(all[i]), V_INT(id)));
    count = *old.iban ? names_of(&old, false, names) : 0;
    for (size_t i = 0; i < count && !err; i++)
        err = database_run(
            d, "DELETE FROM supplier_iban WHERE supplier = ? AND iban = ? AND record = ?",
            VALUES(V_INT(names[i]), V_TEXT(old.iban), V_INT(id)));
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
    int64_t *ids;
    size_t count, capacity;
};

/* The newest of KEY that are older than ID. */
static int add_candidates(struct database *d, int64_t key, int64_t id, struct candidates *out,
                          bool *cut)
{
    sqlite3_stmt *rows =
        database_query(d,
                       "SELECT record FROM duplicate_key"
                       "  WHERE key = ? AND record < ?"
                       "  ORDER BY record DESC LIMIT ?",
                       VALUES(V_INT(key), V_INT(id), V_INT(DUPLICATE_CANDIDATES_MAX + 1)));
    int n = 0, got = 0;
    if (!rows)
        return d->error.code;
    while ((n = database_step(d, rows)) > 0 && got++ < DUPLICATE_CANDIDATES_MAX) {
        ARRAY_RESERVE(out->ids, out->capacity, out->count + 1);
        out->ids[out->count++] = column_int(rows, 0);
    }
    *cut = *cut || n > 0;
    database_end(rows);
    return n < 0 ? n : 0;
}

/* As they are usually graded: another severity changes what is told, not which comes first. */
static int gravity(enum check_code level)
{
    return level == CHECK_DUPLICATE_NUMBER || level == CHECK_DUPLICATE_AMOUNT ? 2 : 1;
}

/* Behind those that are graver, or as grave and older; the last may fall out. */
static void add_match(struct duplicate_matches *m, int64_t record, enum check_code level)
{
    size_t at = m->count;
    while (at && gravity(m->items[at - 1].level) < gravity(level))
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
    int64_t all[KEYS_MOST];
    struct candidates found = {0};
    struct duplicate_keys other;
    size_t count = keys_of(keys, true, all);
    int err = 0;
    *out = (struct duplicate_matches){0};
    for (size_t i = 0; i < count && !err; i++)
        err = add_candidates(d, all[i], id, &found, &out->cut);
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

/* Whether there is a row: 1 or 0. */
static int exists(struct database *d, const char *sql, const struct value *values, size_t count)
{
    int64_t one;
    return database_number(d, sql, values, count, &one);
}

int duplicate_index_iban(struct database *d, int64_t id, const struct duplicate_keys *keys,
                         struct duplicate_ibans *out)
{
    uint64_t names[NAMES];
    size_t count = *keys->iban ? names_of(keys, false, names) : 0;
    int any = 0, this = 0;
    *out = (struct duplicate_ibans){0};
    for (size_t i = 0; i < count && any >= 0 && this >= 0; i++) {
        any = exists(d, "SELECT 1 FROM supplier_iban WHERE supplier = ? AND record < ? LIMIT 1",
                     VALUES(V_INT(names[i]), V_INT(id)));
        if (any > 0)
            this = exists(d,
                          "SELECT 1 FROM supplier_iban WHERE supplier = ? AND iban = ?"
                          "  AND record < ? LIMIT 1",
                          VALUES(V_INT(names[i]), V_TEXT(keys->iban), V_INT(id)));
        out->any = out->any || any > 0;
        out->this = out->this || this > 0;
    }
    return any < 0 ? any : this < 0 ? this : 0;
}

/* Of all that come after it only the first with its account can change, and only if none before it has that account; if
 * ID is the oldest, the one that was it until now, too. */
int duplicate_index_iban_concerns(struct database *d, int64_t id, const struct duplicate_keys *keys,
                                  const struct duplicate_ibans *found,
                                  struct duplicate_concerned *out)
{
    uint64_t names[NAMES];
    size_t count = *keys->iban ? names_of(keys, false, names) : 0;
    int n = 0;
    *out = (struct duplicate_concerned){0};
    for (size_t i = 0; i < count && n >= 0 && !found->this; i++) {
        n = database_number(d,
                            "SELECT record FROM supplier_iban WHERE supplier = ? AND iban = ?"
                            "  AND record > ? ORDER BY record LIMIT 1",
                            VALUES(V_INT(names[i]), V_TEXT(keys->iban), V_INT(id)),
                            &out->records[out->count]);
        out->count += n > 0;
        if (n >= 0 && !found->any) {
            n = database_number(d,
                                "SELECT record FROM supplier_iban WHERE supplier = ? AND record > ?"
                                "  ORDER BY record LIMIT 1",
                                VALUES(V_INT(names[i]), V_INT(id)), &out->records[out->count]);
            out->count += n > 0;
        }
    }
    return n < 0 ? n : 0;
}
