/* One record: checked by itself, and compared with all that there are. See facts_internal.h. */
#include "base/array.h"
#include "calendar/civil.h"
#include "review/duplicate_index.h"
#include "review/fact_values.h"
#include "review/facts_internal.h"
#include "review/invoice_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    TEXT_MOST = 1000, /* bytes of a value that is kept */
};

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

static bool is_older(int64_t id, const char *name, int64_t than, const char *than_name)
{
    const int64_t age = id / IDS_OF_A_DAY, than_age = than / IDS_OF_A_DAY;
    int by_name = strcmp(name, than_name);
    return age != than_age ? age < than_age : by_name ? by_name < 0 : id < than;
}

/* Of the record ID, beside one that has the id OWN and the NAME. */
static int look_at_other(struct facts *f, int64_t id, int64_t own, const char *name,
                         struct other *out)
{
    sqlite3_stmt *s =
        database_query(f->d, "SELECT key, family, name FROM fact WHERE id = ?", VALUES(V_INT(id)));
    int n = s ? database_step(f->d, s) : f->d->error.code;
    if (n != 1)
        return n;
    out->older = is_older(id, column_text(s, 2), own, name);
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

static int check_rows_again(struct facts *f, sqlite3_stmt *s)
{
    int n = s ? 1 : f->d->error.code;
    while (n == 1 && (n = database_step(f->d, s)) == 1)
        facts_check_again(f, column_int(s, 0));
    return n;
}

/* What ID with KEYS was compared with: its duplicates, and later records of its supplier, whose bank accounts it tells. */
static int concern(struct facts *f, int64_t id, const struct duplicate_keys *keys)
{
    struct duplicate_matches found;
    int err = duplicate_index_find(f->d, INT64_MAX, keys, 0, &found);
    for (size_t i = 0; !err && i < found.count; i++)
        if (found.items[i].record != id)
            facts_check_again(f, found.items[i].record);
    return err ? err : facts_take_account(f, id, keys);
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

void facts_read_values(struct facts *f, const struct flat_document *doc,
                       const struct flat_record *record)
{
    roles_read(f->options->roles, f->columns, doc, record, &f->hand.roles);
    invoice_read(&f->hand.invoice, &f->hand.roles);
}

/* The oldest of those that agree most, or the oldest of its family if that agrees, too. */
struct original {
    const struct duplicate_match *match;
    struct other is;
};

/* What the younger record ID is told to be a duplicate of, and at which level: 1; 0: of nothing. */
static int look_at_original(struct facts *f, int64_t id, char key[FACT_KEY_MAX],
                            enum check_code *level)
{
    struct reasons list = {0};
    sqlite3_stmt *s =
        database_query(f->d, "SELECT reasons FROM fact WHERE id = ?", VALUES(V_INT(id)));
    int n = s ? database_step(f->d, s) : f->d->error.code;
    if (n != 1)
        return n;
    reasons_read(&list, column_text(s, 0));
    database_end(s);
    n = 0;
    for (size_t i = 0; i < list.count; i++)
        if (*list.items[i].of) {
            snprintf(key, FACT_KEY_MAX, "%s", list.items[i].of);
            *level = list.items[i].code;
            n = 1;
        }
    reasons_release(&list);
    return n;
}

/* Whether the younger record of MATCH stays what it is beside one with the id OWN and the NAME: its original is older than
 * that, and agrees with it as much. */
static int stays_as_it_is(struct facts *f, const struct duplicate_match *match, int64_t own,
                          const char *name)
{
    char key[FACT_KEY_MAX];
    enum check_code level;
    int n = look_at_original(f, match->record, key, &level);
    if (n != 1)
        return n;
    sqlite3_stmt *s =
        database_query(f->d, "SELECT id, name FROM fact WHERE key = ?", VALUES(V_TEXT(key)));
    n = s ? database_step(f->d, s) : f->d->error.code;
    if (n != 1)
        return n;
    n = is_older(column_int(s, 0), column_text(s, 1), own, name) &&
        duplicate_gravity(level) >= duplicate_gravity(match->level);
    database_end(s);
    return n;
}

/* Goes through all that may be one document with ID: the older ones, of which the original is chosen, and, of NEWS, the
 * younger ones, which are checked again unless they have an older original. */
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
        int stays = n == 1 && !other.older && news ? stays_as_it_is(f, match, id, name) : 1;
        if (stays < 0)
            return stays;
        if (!stays)
            facts_check_again(f, match->record);
        bool root = out->match && strcmp(other.key, out->is.family) == 0;
        if (n == 1 && other.older && (!out->match || root))
            *out = (struct original){match, other};
    }
    return 0;
}

static int compare(struct facts *f, int64_t id, const char *key, const char *name,
                   const struct duplicate_keys *keys, enum putting how, enum severity *worst,
                   char family[FACT_KEY_MAX])
{
    struct duplicate_matches found;
    struct original original = {0};
    int64_t one;
    int err = duplicate_index_find(f->d, INT64_MAX, keys, f->options->duplicate_days, &found);
    if (!err)
        err = choose_original(f, id, name, how != PUT_AGAIN, &found, &original);
    *family = '\0';
    if (err)
        return err;
    if (original.match) {
        const enum severity severity = f->options->checks->severities[original.match->level];
        *worst = severity > *worst ? severity : *worst;
        memcpy(family, *original.is.family ? original.is.family : original.is.key, FACT_KEY_MAX);
        return put_duplicate(f, original.match, &original.is, keys);
    }
    if (how == PUT_NEW) /* nobody's original yet: those that it may be of are checked again */
        return 0;
    int n = database_number(
        f->d, "SELECT 1 FROM fact WHERE family <> '' AND family = ?1 AND key <> ?1 LIMIT 1",
        VALUES(V_TEXT(key)), &one);
    if (n == 1)
        snprintf(family, FACT_KEY_MAX, "%s", key);
    return n < 0 ? n : 0;
}

/* Checks the record, which is flattened and corrected, and keeps it as ID. */
int facts_put_record(struct facts *f, int64_t id, const char *key, const struct ledger_stored *s,
                     const struct flat_document *doc, const struct flat_record *record,
                     enum putting how)
{
    enum { DAY_MS = SECONDS_A_DAY * 1000 };
    struct at_hand *h = &f->hand;
    struct circumstances c = {.stored_day = floor_div(s->received_at.ms, DAY_MS)};
    struct duplicate_keys keys;
    struct accounts_found accounts;
    char family[FACT_KEY_MAX];
    if (how != PUT_NEW) /* else free_id did */
        facts_read_values(f, doc, record);
    duplicate_keys_of(&h->invoice, &keys);
    circumstances_period(&c, s->period);
    int err = how == PUT_NEW       ? duplicate_index_add(f->d, id, &keys)
              : how == PUT_CHANGED ? duplicate_index_put(f->d, id, &keys)
                                   : 0;
    if (!err)
        err = supplier_accounts_look(f->d, id, &keys, &accounts);
    if (err)
        return err;
    c.accounts_known = accounts.any;
    c.account_known = accounts.known;
    c.account_doubted = accounts.doubted;
    findings_clear(&h->findings);
    buffer_clear(&h->reasons);
    invoice_check(&h->invoice, f->options->checks, &c, &h->findings);
    put_findings(f, doc, record);
    enum severity worst = findings_worst(&h->findings);
    err = compare(f, id, key, s->name, &keys, how, &worst, family);
    if (!err)
        err = facts_put_account(f, id, key, buffer_text(&h->reasons), &keys, &accounts,
                                how == PUT_AGAIN);
    return err ? err : write_fact(f, id, key, s, worst, family);
}

int facts_concern(struct facts *f, int64_t id)
{
    struct duplicate_keys keys;
    int n = duplicate_index_get(f->d, id, &keys);
    if (n == 1)
        n = concern(f, id, &keys);
    return n < 0 ? n : concern_family(f, id);
}
