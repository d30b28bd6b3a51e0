/* See facts.h. A transaction takes in up to 1,000 results: each is flattened, what people corrected put into it, and each
 * of its records checked and compared with those before it. Whatever changes what a record is compared by (a result
 * that came anew, a correction) makes the records that it may concern checked again in the same transaction.
 *
 * A result that can't be read as one is passed over: whoever exports its document says so. */
#include "review/facts.h"

#include "base/array.h"
#include "calendar/civil.h"
#include "ledger/sent_settings.h"
#include "ledger/stored_results.h"
#include "review/corrected.h"
#include "review/duplicate_index.h"
#include "review/fact_values.h"
#include "review/invoice_check.h"
#include "tables/dense_row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    FACTS_VERSION = 1, /* of what is made of a flattened result */
    FORMAT = FACTS_VERSION * 10000 + FLATTEN_VERSION * 100 + KEYS_VERSION,
    RESULTS_AT_ONCE = 1000,
    IDS_OF_A_DAY = 1 << 20, /* of records of one date that were found at one time */
    TEXT_MOST = 1000,       /* bytes of a value that is kept */
    CONCERNED_MOST = 5000,  /* records of a supplier that are checked again */
};

struct known_settings {
    int64_t id;
    char *product, *model_id, *options;
};

/* The document at hand. */
struct at_hand {
    struct flat_document *read; /* as Mindee read it */
    struct corrected corrected;
    struct corrections *lists; /* of each of its records */
    size_t list_count, list_capacity;
    struct role_record roles;
    struct invoice invoice;
    struct findings findings;
    struct buffer reasons;
};

struct facts {
    struct database *d;
    struct ledger *ledger;
    const struct facts_options *options;
    struct columns *columns;
    struct known_settings *settings;
    size_t settings_count, settings_capacity;
    struct at_hand hand;
    bool corrections; /* there are any */
    int64_t *again;   /* records to be checked again */
    size_t again_count, again_capacity;
    struct error error; /* of a callback; code 0: the database's or the ledger's */
};

static int fail(struct facts *f, int rc, struct error *e)
{
    *e = f->error.code == rc      ? f->error
         : f->d->error.code == rc ? f->d->error
                                  : *ledger_error(f->ledger);
    return rc;
}

/* --- what is known of settings --- */

static void keep_settings(void *ctx, const struct ledger_settings *s)
{
    struct known_settings *k = ctx;
    k->product = xstrdup(s->product);
    k->model_id = xstrdup(s->model_id ? s->model_id : "");
    k->options = xstrdup(s->options);
}

static const struct known_settings *settings_of(struct facts *f, int64_t id)
{
    for (size_t i = 0; i < f->settings_count; i++)
        if (f->settings[i].id == id)
            return &f->settings[i];
    ARRAY_RESERVE(f->settings, f->settings_capacity, f->settings_count + 1);
    struct known_settings *k = &f->settings[f->settings_count];
    *k = (struct known_settings){.id = id};
    if (ledger_settings_get(f->ledger, id, keep_settings, k) < 0) {
        f->error = *ledger_error(f->ledger);
        return NULL;
    }
    f->settings_count++;
    return k;
}

/* --- a record --- */

static struct value text_of(const struct cell *cell)
{
    bool empty = role_cell_empty(cell);
    return empty ? V_TEXT(NULL)
                 : V_CHARS(cell->text, cell->len < TEXT_MOST ? cell->len : TEXT_MOST);
}

static int write_fact(struct facts *f, int64_t id, const char *key,
                      const struct ledger_stored *from, enum severity worst, const char *family)
{
    const struct role_value *v = f->hand.roles.values;
    return database_run(
        f->d,
        "INSERT OR REPLACE INTO fact(id, key, document, name, decimals, worst, reasons, family,"
        " supplier, number, type, date, due, currency, net, tax, total, tip, vat, iban)"
        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        VALUES(V_INT(id), V_TEXT(key), V_INT(from->document_id), V_TEXT(from->name),
               V_INT(f->hand.invoice.decimals), V_INT(worst), V_TEXT(buffer_text(&f->hand.reasons)),
               V_TEXT(family), text_of(&v[ROLE_SUPPLIER].cell), text_of(&v[ROLE_NUMBER].cell),
               text_of(&v[ROLE_TYPE].cell), text_of(&v[ROLE_DATE].cell), text_of(&v[ROLE_DUE].cell),
               text_of(&v[ROLE_CURRENCY].cell), text_of(&v[ROLE_NET].cell),
               text_of(&v[ROLE_TAX].cell), text_of(&v[ROLE_TOTAL].cell), text_of(&v[ROLE_TIP].cell),
               text_of(&v[ROLE_VAT].cell), text_of(&v[ROLE_IBAN].cell)));
}

static void put_findings(struct facts *f, const struct flat_document *doc,
                         const struct flat_record *record)
{
    const struct findings *all = &f->hand.findings;
    char value[REASON_VALUE_MAX];
    for (size_t i = 0; i < all->count; i++) {
        const struct finding *one = &all->items[i];
        reason_value(one, f->columns, doc, record, &f->hand.roles, value);
        reason_put(&f->hand.reasons,
                   &(struct reason){.code = one->code,
                                    .severity = one->severity,
                                    .field = one->field,
                                    .text = one->text,
                                    .difference = one->difference ? one->difference : "",
                                    .of = "",
                                    .value = value});
    }
}

/* What else is known of a record that another one is compared with. */
struct other {
    char key[FACT_KEY_MAX], family[FACT_KEY_MAX];
    bool older;
};

/* Of the record ID, beside one that has the id OWN and the NAME. */
static int look_at_other(struct facts *f, int64_t id, int64_t own, const char *name,
                         struct other *out)
{
    sqlite3_stmt *s =
        database_query(f->d, "SELECT key, family, name FROM fact WHERE id = ?", VALUES(V_INT(id)));
    int n = s ? database_step(f->d, s) : f->d->error.code;
    if (n != 1)
        return n;
    const int64_t age = id / IDS_OF_A_DAY, own_age = own / IDS_OF_A_DAY;
    int by_name = strcmp(column_text(s, 2), name);
    out->older = age != own_age ? age < own_age : by_name ? by_name < 0 : id < own;
    snprintf(out->key, sizeof out->key, "%s", column_text(s, 0));
    snprintf(out->family, sizeof out->family, "%s", column_text(s, 1));
    database_end(s);
    return 1;
}

static const char *field_of(const struct role_record *r, enum role role, struct buffer *out)
{
    buffer_clear(out);
    role_value_path(out, &r->values[role]);
    return buffer_text(out);
}

static int put_duplicate(struct facts *f, const struct duplicate_match *match,
                         const struct other *original, const struct duplicate_keys *keys)
{
    struct duplicate_keys other;
    struct buffer text, field;
    char value[REASON_VALUE_MAX];
    int n = duplicate_index_get(f->d, match->record, &other);
    if (n != 1)
        return n < 0 ? n : 0;
    buffer_init(&text, 0);
    buffer_init(&field, 0);
    duplicate_tell(&text, match->level, &other, keys);
    bool by_number =
        match->level == CHECK_DUPLICATE_NUMBER || match->level == CHECK_DUPLICATE_NUMBER_YEAR;
    reason_value_of(original->key, value);
    reason_put(&f->hand.reasons,
               &(struct reason){
                   .code = match->level,
                   .severity = f->options->checks->severities[match->level],
                   .field = field_of(&f->hand.roles, by_number ? ROLE_NUMBER : ROLE_TOTAL, &field),
                   .text = buffer_text(&text),
                   .difference = "",
                   .of = original->key,
                   .value = value});
    buffer_release(&text);
    buffer_release(&field);
    return *original->family ? 0 /* the original joins, too */
                             : database_run(f->d, "UPDATE fact SET family = key WHERE id = ?",
                                            VALUES(V_INT(match->record)));
}

/* --- what else it concerns --- */

static void check_again(struct facts *f, int64_t id)
{
    ARRAY_RESERVE(f->again, f->again_capacity, f->again_count + 1);
    f->again[f->again_count++] = id;
}

static int check_rows_again(struct facts *f, sqlite3_stmt *s)
{
    int n = s ? 1 : f->d->error.code;
    while (n == 1 && (n = database_step(f->d, s)) == 1)
        check_again(f, column_int(s, 0));
    return n;
}

/* What ID with KEYS was compared with: its duplicates, and later records of its supplier, whose bank accounts it tells. */
static int concern(struct facts *f, int64_t id, const struct duplicate_keys *keys)
{
    struct duplicate_matches found;
    int err = duplicate_index_find(f->d, INT64_MAX, keys, 0, &found);
    for (size_t i = 0; !err && i < found.count; i++)
        if (found.items[i].record != id)
            check_again(f, found.items[i].record);
    if (err || !*keys->iban)
        return err;
    return check_rows_again(
        f, database_query(f->d,
                          "SELECT id FROM duplicate_record WHERE id > ?1 AND iban <> '' AND"
                          " ((supplier <> '' AND supplier = ?2) OR (vat <> '' AND vat = ?3))"
                          " LIMIT ?4",
                          VALUES(V_INT(id), V_TEXT(keys->supplier), V_TEXT(keys->vat),
                                 V_INT(CONCERNED_MOST))));
}

static int concern_by_iban(struct facts *f, int64_t id, const struct duplicate_keys *keys,
                           const struct duplicate_ibans *found)
{
    struct duplicate_concerned concerned;
    int err = duplicate_index_iban_concerns(f->d, id, keys, found, &concerned);
    for (size_t i = 0; !err && i < concerned.count; i++)
        check_again(f, concerned.records[i]);
    return err;
}

static int concern_family(struct facts *f, int64_t id)
{
    struct other own;
    int n = look_at_other(f, id, id, "", &own);
    if (n != 1)
        return n;
    return check_rows_again(
        f, database_query(f->d, "SELECT id FROM fact WHERE family <> '' AND family = ? AND id <> ?",
                          VALUES(V_TEXT(own.family), V_INT(id))));
}

/* The oldest of those that agree most, or the oldest of its family if that agrees, too. */
struct original {
    const struct duplicate_match *match;
    struct other is;
};

/* Goes through all that may be one document with ID: the older ones, of which the original is chosen, and, of NEWS, the
 * younger ones, which are checked again. */
static int choose_original(struct facts *f, int64_t id, const char *name, bool news,
                           const struct duplicate_matches *found, struct original *out)
{
    struct other other;
    for (size_t i = 0; i < found->count; i++) {
        const struct duplicate_match *match = &found->items[i];
        if (match->record == id || f->options->checks->severities[match->level] == SEVERITY_OFF)
            continue;
        int n = look_at_other(f, match->record, id, name, &other);
        if (n < 0)
            return n;
        if (n == 1 && !other.older && news)
            check_again(f, match->record);
        bool root = out->match && strcmp(other.key, out->is.family) == 0;
        if (n == 1 && other.older && (!out->match || root))
            *out = (struct original){match, other};
    }
    return 0;
}

static int compare(struct facts *f, int64_t id, const char *key, const char *name,
                   const struct duplicate_keys *keys, bool news, enum severity *worst,
                   char family[FACT_KEY_MAX])
{
    struct duplicate_matches found;
    struct original original = {0};
    int64_t one;
    int err = duplicate_index_find(f->d, INT64_MAX, keys, f->options->duplicate_days, &found);
    if (!err)
        err = choose_original(f, id, name, news, &found, &original);
    *family = '\0';
    if (err)
        return err;
    if (original.match) {
        const enum severity severity = f->options->checks->severities[original.match->level];
        *worst = severity > *worst ? severity : *worst;
        memcpy(family, *original.is.family ? original.is.family : original.is.key, FACT_KEY_MAX);
        return put_duplicate(f, original.match, &original.is, keys);
    }
    int n = database_number(f->d, "SELECT 1 FROM fact WHERE family = ?1 AND key <> ?1 LIMIT 1",
                            VALUES(V_TEXT(key)), &one);
    if (n == 1)
        snprintf(family, FACT_KEY_MAX, "%s", key);
    return n < 0 ? n : 0;
}

/* Checks the record, which is flattened and corrected, and keeps it as ID. */
static int put_record(struct facts *f, int64_t id, const char *key, const struct ledger_stored *s,
                      const struct flat_document *doc, const struct flat_record *record, bool news)
{
    enum { DAY_MS = SECONDS_A_DAY * 1000 };
    struct at_hand *h = &f->hand;
    struct circumstances c = {.stored_day = floor_div(s->received_at.ms, DAY_MS)};
    struct duplicate_keys keys;
    struct duplicate_ibans ibans;
    char family[FACT_KEY_MAX];
    roles_read(f->options->roles, f->columns, doc, record, &h->roles);
    invoice_read(&h->invoice, &h->roles);
    duplicate_keys_of(&h->invoice, &keys);
    circumstances_period(&c, s->period);
    int err = duplicate_index_put(f->d, id, &keys);
    if (!err)
        err = duplicate_index_iban(f->d, id, &keys, &ibans);
    if (!err && news)
        err = concern_by_iban(f, id, &keys, &ibans);
    if (err)
        return err;
    c.ibans_known = ibans.any;
    c.iban_known = ibans.this;
    findings_clear(&h->findings);
    buffer_clear(&h->reasons);
    invoice_check(&h->invoice, f->options->checks, &c, &h->findings);
    put_findings(f, doc, record);
    enum severity worst = findings_worst(&h->findings);
    err = compare(f, id, key, s->name, &keys, news, &worst, family);
    return err ? err : write_fact(f, id, key, s, worst, family);
}

/* ID is there already, and changes: with what it was compared before, and will be now. */
static int put_changed(struct facts *f, int64_t id, const char *key, const struct ledger_stored *s,
                       const struct flat_document *doc, const struct flat_record *record)
{
    struct duplicate_keys keys;
    int n = duplicate_index_get(f->d, id, &keys);
    if (n == 1)
        n = concern(f, id, &keys);
    if (n >= 0)
        n = concern_family(f, id);
    return n < 0 ? n : put_record(f, id, key, s, doc, record, true);
}

/* --- a document --- */

static void forget_lists(struct at_hand *h)
{
    for (size_t i = 0; i < h->list_count; i++)
        corrections_release(&h->lists[i]);
    h->list_count = 0;
}

static int read_corrections(struct facts *f, const char *base)
{
    struct at_hand *h = &f->hand;
    char key[FACT_KEY_MAX];
    int err = 0;
    forget_lists(h);
    ARRAY_RESERVE(h->lists, h->list_capacity, h->read->record_count);
    memset(h->lists, 0, h->read->record_count * sizeof *h->lists);
    h->list_count = h->read->record_count;
    for (size_t i = 0; f->corrections && !err && i < h->list_count; i++) {
        snprintf(key, sizeof key, "%s%s", base, h->read->records[i].suffix);
        err = corrections_read(&h->lists[i], f->d, key);
    }
    return err;
}

/* The document S as it is checked: 1, 0 if it isn't one for tables, or an error. */
static int read_document(struct facts *f, const struct ledger_stored *s, char base[RECORD_KEY_MAX],
                         const struct flat_document **out)
{
    struct error unreadable;
    const struct known_settings *k = settings_of(f, s->settings_id);
    if (!k)
        return f->error.code;
    record_key(s->sha256, k->product, k->model_id, k->options, base);
    int err = flatten(f->hand.read, f->columns, NULL, s->json, s->json_len, &unreadable);
    if (err == ERR_MEMORY)
        return error_set(&f->error, err, "%s", unreadable.text);
    if (err)
        return 0;
    err = read_corrections(f, base);
    *out = corrected_make(&f->hand.corrected, f->columns, f->hand.read, f->hand.lists);
    return err ? err : 1;
}

struct earlier {
    int64_t id;
    char key[FACT_KEY_MAX];
    bool stays;
};

/* The records that the document had before. To be freed. */
static int read_earlier(struct facts *f, const char *base, struct earlier **out, size_t *count)
{
    size_t capacity = 0;
    char end[RECORD_KEY_MAX + 1];
    int n;
    *out = NULL;
    *count = 0;
    snprintf(end, sizeof end, "%s0", base); /* what follows base/ */
    sqlite3_stmt *s =
        database_query(f->d, "SELECT id, key FROM fact WHERE key >= ? AND key < ? ORDER BY key",
                       VALUES(V_TEXT(base), V_TEXT(end)));
    if (s == NULL)
        return f->d->error.code;
    while ((n = database_step(f->d, s)) == 1) {
        ARRAY_RESERVE(*out, capacity, *count + 1);
        struct earlier *one = &(*out)[(*count)++];
        *one = (struct earlier){.id = column_int(s, 0)};
        snprintf(one->key, sizeof one->key, "%s", column_text(s, 1));
    }
    return n;
}

static int remove_record(struct facts *f, int64_t id)
{
    struct duplicate_keys keys;
    int n = duplicate_index_get(f->d, id, &keys);
    if (n == 1)
        n = concern(f, id, &keys);
    if (n >= 0)
        n = concern_family(f, id);
    if (n >= 0)
        n = duplicate_index_remove(f->d, id);
    return n < 0 ? n : database_run(f->d, "DELETE FROM fact WHERE id = ?", VALUES(V_INT(id)));
}

/* Ids are in the order of age: when it was found, then the record's date, then the document. */
static int free_id(struct facts *f, const struct ledger_stored *s, const struct flat_document *doc,
                   const struct flat_record *record, int64_t *out)
{
    enum { MINUTE_MS = 60 * 1000, DAYS = 1 << 16, FIRST_DAY = -25567 /* 1900 */ };
    int64_t one;
    int n;
    roles_read(f->options->roles, f->columns, doc, record, &f->hand.roles);
    invoice_read(&f->hand.invoice, &f->hand.roles);
    const struct day *date = &f->hand.invoice.date;
    int64_t day = date->state == DAY_GIVEN ? date->number - FIRST_DAY : DAYS - 1;
    day = day < 0 ? 0 : day >= DAYS ? DAYS - 1 : day;
    const int64_t age = s->found_at.ms / MINUTE_MS * DAYS + day;
    int64_t id = age * IDS_OF_A_DAY + s->document_id % IDS_OF_A_DAY;
    do
        n = database_number(f->d, "SELECT 1 FROM fact WHERE id = ?", VALUES(V_INT(id++)), &one);
    while (n == 1);
    *out = id - 1;
    return n;
}

static int put_one(struct facts *f, const char *key, struct earlier *earlier, size_t count,
                   const struct ledger_stored *s, const struct flat_document *doc,
                   const struct flat_record *record)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(earlier[i].key, key) == 0) {
            earlier[i].stays = true;
            return put_changed(f, earlier[i].id, key, s, doc, record);
        }
    int64_t id;
    int err = free_id(f, s, doc, record, &id);
    return err ? err : put_record(f, id, key, s, doc, record, true);
}

static int take_in(struct facts *f, const struct ledger_stored *s)
{
    const struct flat_document *doc;
    struct earlier *earlier;
    size_t count;
    char base[RECORD_KEY_MAX], key[FACT_KEY_MAX];
    int n = read_document(f, s, base, &doc);
    if (n <= 0)
        return n;
    int err = read_earlier(f, base, &earlier, &count);
    for (size_t i = 0; !err && i < doc->record_count; i++) {
        if (!doc->records[i].has_fields)
            continue;
        snprintf(key, sizeof key, "%s%s", base, doc->records[i].suffix);
        err = put_one(f, key, earlier, count, s, doc, &doc->records[i]);
    }
    for (size_t i = 0; !err && i < count; i++)
        if (!earlier[i].stays)
            err = remove_record(f, earlier[i].id);
    free(earlier);
    return err;
}

/* --- one record again --- */

struct once_more {
    struct facts *facts;
    int64_t id;
    const char *key;
    bool changed;
};

static int put_once_more(void *ctx, const struct ledger_stored *s)
{
    struct once_more *o = ctx;
    const struct flat_document *doc;
    char base[RECORD_KEY_MAX];
    int n = read_document(o->facts, s, base, &doc);
    for (size_t i = 0; n == 1 && i < doc->record_count; i++) {
        const struct flat_record *record = &doc->records[i];
        if (!record->has_fields || strcmp(record->suffix, o->key + strlen(base)) != 0)
            continue;
        return o->changed ? put_changed(o->facts, o->id, o->key, s, doc, record)
                          : put_record(o->facts, o->id, o->key, s, doc, record, false);
    }
    return n < 0 ? n : 0;
}

static int put_again(struct facts *f, int64_t id, bool changed)
{
    char key[FACT_KEY_MAX] = "";
    int64_t document = 0;
    sqlite3_stmt *s =
        database_query(f->d, "SELECT key, document FROM fact WHERE id = ?", VALUES(V_INT(id)));
    int n = s ? database_step(f->d, s) : f->d->error.code;
    if (n != 1)
        return n;
    snprintf(key, sizeof key, "%s", column_text(s, 0));
    document = column_int(s, 1);
    database_end(s);
    struct once_more o = {f, id, key, changed};
    int err = ledger_stored_get(f->ledger, document, put_once_more, &o);
    return err == ERR_NOT_FOUND ? 0 : err;
}

static int put_all_again(struct facts *f)
{
    int err = 0;
    f->again_count = array_sort_numbers(f->again, f->again_count);
    for (size_t i = 0; !err && i < f->again_count; i++)
        err = put_again(f, f->again[i], false);
    f->again_count = 0;
    return err;
}

/* Those that people corrected since entry AFTER of the audit. */
static int take_corrected(struct facts *f, int64_t *after)
{
    int64_t *ids = NULL;
    size_t count = 0, capacity = 0;
    int n;
    sqlite3_stmt *s =
        database_query(f->d,
                       "SELECT fact.id, changed.entry FROM changed LEFT JOIN fact"
                       " ON fact.key = changed.record WHERE changed.entry > ? ORDER BY 2",
                       VALUES(V_INT(*after)));
    if (s == NULL)
        return f->d->error.code;
    while ((n = database_step(f->d, s)) == 1) {
        ARRAY_RESERVE(ids, capacity, count + 1);
        ids[count++] = column_int(s, 0);
        *after = column_int(s, 1);
    }
    for (size_t i = 0; n >= 0 && i < count; i++)
        n = ids[i] ? put_again(f, ids[i], true) : 0;
    free(ids);
    return n;
}

/* --- the state --- */

struct state {
    bool ours; /* of this ledger, made as this program makes them */
    bool same; /* with these options, too */
    int64_t result, changed;
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

static int read_state(struct facts *f, struct state *out)
{
    *out = (struct state){0};
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

static int write_state(struct facts *f, int64_t result, int64_t changed)
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
                                    "DELETE FROM duplicate_key; DELETE FROM supplier_iban;");
    return err ? err : write_state(f, 0, 0);
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
        "CREATE TEMP TABLE duplicate_key(key INTEGER NOT NULL, record INTEGER NOT NULL,"
        "  PRIMARY KEY(key, record)) WITHOUT ROWID;"
        "CREATE TEMP TABLE supplier_iban(supplier INTEGER NOT NULL, iban TEXT NOT NULL,"
        "  record INTEGER NOT NULL, PRIMARY KEY(supplier, iban, record)) WITHOUT ROWID;");
    return err ? err : write_state(f, 0, 0);
}

static int choose(struct facts *f)
{
    struct state state;
    int err = database_write(f->d);
    if (!err)
        err = read_state(f, &state);
    if (!err && (!state.ours || (!state.same && f->options->adopt)))
        err = begin_anew(f);
    else if (!err && !state.same)
        err = hide(f);
    return err ? err : database_commit(f->d);
}

int facts_open(struct facts **out, struct database *d, struct ledger *l,
               const struct facts_options *options, struct error *e)
{
    struct facts *f = xcalloc(1, sizeof *f);
    f->d = d;
    f->ledger = l;
    f->options = options;
    f->columns = columns_new();
    f->hand.read = flat_document_new();
    int err = choose(f);
    if (err) {
        fail(f, err, e);
        database_rollback(d);
        facts_close(f);
        f = NULL;
    }
    *out = f;
    return err;
}

void facts_close(struct facts *f)
{
    if (f == NULL)
        return;
    for (size_t i = 0; i < f->settings_count; i++) {
        free(f->settings[i].product);
        free(f->settings[i].model_id);
        free(f->settings[i].options);
    }
    forget_lists(&f->hand);
    free(f->settings);
    free(f->again);
    free(f->hand.lists);
    buffer_release(&f->hand.reasons);
    findings_release(&f->hand.findings);
    invoice_release(&f->hand.invoice);
    role_record_release(&f->hand.roles);
    corrected_release(&f->hand.corrected);
    flat_document_free(f->hand.read);
    columns_free(f->columns);
    free(f);
}

/* --- bringing up to date --- */

/* What a transaction needs to know; ERR_BUSY: somebody made the facts anew with other options meanwhile. */
static int begin(struct facts *f, struct state *state)
{
    int64_t any = 0;
    int n = read_state(f, state);
    if (!n && (!state->ours || !state->same))
        return error_set(&f->error, ERR_BUSY,
                         "another program brings review.db up to date with other options; try "
                         "again");
    if (n >= 0)
        n = database_number(f->d, "SELECT EXISTS(SELECT 1 FROM correction)", NO_VALUES, &any);
    f->corrections = any != 0;
    return n < 0 ? n : 0;
}

struct taking {
    struct facts *facts;
    int64_t newest;
};

static int take_in_counted(void *ctx, const struct ledger_stored *s)
{
    struct taking *t = ctx;
    t->newest = s->result_id;
    return take_in(t->facts, s);
}

int facts_update_corrected(struct facts *f, struct error *e)
{
    struct state state;
    int err = begin(f, &state);
    int64_t changed = state.changed;
    if (!err)
        err = take_corrected(f, &changed);
    if (!err)
        err = put_all_again(f);
    if (!err && changed != state.changed)
        err = write_state(f, state.result, changed);
    return err ? fail(f, err, e) : 0;
}

/* Results above the state's: how many there were, fewer than RESULTS_AT_ONCE at the end; or an error. */
static int take_some(struct facts *f, int64_t upto)
{
    struct state state;
    int err = begin(f, &state);
    if (err)
        return err;
    struct taking t = {f, state.result};
    int64_t changed = state.changed;
    ledger_read_begin(f->ledger);
    int n =
        ledger_stored_after(f->ledger, state.result, upto, RESULTS_AT_ONCE, take_in_counted, &t);
    err = n < 0 ? n : put_all_again(f);
    if (!err && n < RESULTS_AT_ONCE) {
        t.newest = upto > state.result ? upto : state.result;
        err = take_corrected(f, &changed);
        if (!err)
            err = put_all_again(f);
    }
    if (!err && (t.newest != state.result || changed != state.changed))
        err = write_state(f, t.newest, changed);
    ledger_read_end(f->ledger);
    return err ? err : n;
}

/* Whether there is anything to do, without a lock. */
static int is_behind(struct facts *f, int64_t upto)
{
    struct state state;
    int64_t newest = 0;
    int err = read_state(f, &state);
    if (err)
        return err;
    int n =
        database_number(f->d, "SELECT coalesce(max(entry), 0) FROM changed", NO_VALUES, &newest);
    return n < 0 ? n : !state.ours || !state.same || state.result < upto || state.changed < newest;
}

int facts_update(struct facts *f, int64_t upto, struct error *e)
{
    int n = is_behind(f, upto);
    if (n <= 0)
        return n ? fail(f, n, e) : 0;
    do {
        n = database_write(f->d);
        if (!n)
            n = take_some(f, upto);
        int err = n < 0 ? n : database_commit(f->d);
        if (err) {
            fail(f, err, e);
            database_rollback(f->d);
            database_recover(f->d);
            return err;
        }
    } while (n == RESULTS_AT_ONCE);
    return 0;
}

/* --- looking --- */

void fact_release(struct fact *fact)
{
    free(fact->reasons);
    free(fact->family);
    for (enum role r = 0; r < ROLE_SINGLE_COUNT; r++)
        free(fact->values[r]);
    *fact = (struct fact){0};
}

static int take_fact(struct facts *f, sqlite3_stmt *s, struct fact *out)
{
    enum { VALUES_FROM = 6 };
    fact_release(out);
    int n = s ? database_step(f->d, s) : f->d->error.code;
    if (n != 1)
        return n;
    *out = (struct fact){.id = column_int(s, 0),
                         .document = column_int(s, 1),
                         .decimals = (int)column_int(s, 3),
                         .reasons = xstrdup(column_text(s, 4)),
                         .family = xstrdup(column_text(s, 5))};
    snprintf(out->key, sizeof out->key, "%s", column_text(s, 2));
    for (enum role r = 0; r < ROLE_SINGLE_COUNT; r++)
        if (sqlite3_column_type(s, VALUES_FROM + (int)r) != SQLITE_NULL)
            out->values[r] = xstrdup(column_text(s, VALUES_FROM + (int)r));
    database_end(s);
    return 1;
}

#define FACT                                                                                       \
    "SELECT id, document, key, decimals, reasons, family, supplier, number, type, date, due,"      \
    " currency, net, tax, total, tip, vat, iban FROM fact"

int facts_get(struct facts *f, const char *key, struct fact *out)
{
    return take_fact(f, database_query(f->d, FACT " WHERE key = ?", VALUES(V_TEXT(key))), out);
}

int facts_get_id(struct facts *f, int64_t id, struct fact *out)
{
    return take_fact(f, database_query(f->d, FACT " WHERE id = ?", VALUES(V_INT(id))), out);
}

static int take_ids(struct facts *f, sqlite3_stmt *s, struct fact_ids *out)
{
    size_t capacity = 0;
    int n = s ? 1 : f->d->error.code;
    while (n == 1 && (n = database_step(f->d, s)) == 1) {
        ARRAY_RESERVE(out->ids, capacity, out->count + 1);
        out->ids[out->count++] = column_int(s, 0);
    }
    return n;
}

int facts_list(struct facts *f, bool all, struct fact_ids *out)
{
    *out = (struct fact_ids){0};
    int n = database_number(f->d, "SELECT count(*) FROM fact", NO_VALUES, &out->records);
    if (n < 0)
        return n;
    return take_ids(
        f,
        all ? database_query(f->d, "SELECT id FROM fact ORDER BY id", NO_VALUES)
            : database_query(f->d,
                             "SELECT id FROM fact WHERE worst > 1"
                             " UNION SELECT fact.id FROM decision JOIN fact ON key = record"
                             " UNION SELECT fact.id FROM correction JOIN fact ON key = record"
                             " ORDER BY 1",
                             NO_VALUES),
        out);
}

int facts_of_document(struct facts *f, int64_t document, struct fact_ids *out)
{
    *out = (struct fact_ids){0};
    return take_ids(f,
                    database_query(f->d, "SELECT id FROM fact WHERE document = ? ORDER BY id",
                                   VALUES(V_INT(document))),
                    out);
}

void fact_ids_release(struct fact_ids *ids)
{
    free(ids->ids);
    *ids = (struct fact_ids){0};
}

int facts_learn(struct facts *f, const struct columns *from)
{
    return columns_join(f->columns, from);
}

struct reading {
    struct facts *facts;
    const struct fact *fact;
    facts_record_cb *cb;
    void *ctx;
};

static int hand_over(void *ctx, const struct ledger_stored *s)
{
    struct reading *r = ctx;
    struct facts *f = r->facts;
    const struct flat_document *ignored;
    char base[RECORD_KEY_MAX];
    int n = read_document(f, s, base, &ignored);
    for (size_t i = 0; n == 1 && i < f->hand.read->record_count; i++) {
        const struct flat_record *record = &f->hand.read->records[i];
        if (record->has_fields && strcmp(record->suffix, r->fact->key + strlen(base)) == 0)
            return r->cb(r->ctx, f->columns, f->hand.read, record);
    }
    return n < 0 ? n : error_set(&f->error, ERR_NOT_FOUND, "%s isn't there any more", r->fact->key);
}

int facts_read(struct facts *f, const struct fact *fact, facts_record_cb *cb, void *ctx,
               struct error *e)
{
    struct reading r = {f, fact, cb, ctx};
    int err = ledger_stored_get(f->ledger, fact->document, hand_over, &r);
    return err ? fail(f, err, e) : 0;
}
