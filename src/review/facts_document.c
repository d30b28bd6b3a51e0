/* A result is taken in: flattened, what people corrected put into it, each of its records checked. What it concerns besides
 * is noted (facts_record.c), and checked again at the end. See facts_internal.h. */
#include "base/array.h"
#include "calendar/civil.h"
#include "ledger/sent_settings.h"
#include "review/duplicate_index.h"
#include "review/facts_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* Written once of each, and once more where the first confidence comes. */
static int note_confidence(struct facts *f, int64_t settings_id, bool any)
{
    struct known_settings *k = f->settings;
    while (k < f->settings + f->settings_count && k->id != settings_id)
        k++;
    if (k == f->settings + f->settings_count || (k->noted && (k->confidence || !any)))
        return 0;
    k->noted = true;
    k->confidence = any;
    return database_run(f->d,
                        "INSERT INTO confidence_seen(settings, seen) VALUES(?, ?)"
                        " ON CONFLICT(settings) DO UPDATE SET seen = max(seen, excluded.seen)",
                        VALUES(V_INT(settings_id), V_INT(any)));
}

/* --- a document --- */

void facts_forget_document(struct facts *f)
{
    struct at_hand *h = &f->hand;
    for (size_t i = 0; i < h->list_count; i++)
        corrections_release(&h->lists[i]);
    h->list_count = 0;
}

static int read_corrections(struct facts *f, const char *base)
{
    struct at_hand *h = &f->hand;
    char key[FACT_KEY_MAX];
    int err = 0;
    facts_forget_document(f);
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
int facts_read_document(struct facts *f, const struct ledger_stored *s, char base[RECORD_KEY_MAX],
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
    int n = facts_concern(f, id);
    if (n >= 0)
        n = duplicate_index_remove(f->d, id);
    return n < 0 ? n : database_run(f->d, "DELETE FROM fact WHERE id = ?", VALUES(V_INT(id)));
}

static int put_changed(struct facts *f, int64_t id, const char *key, const struct ledger_stored *s,
                       const struct flat_document *doc, const struct flat_record *record)
{
    int n = facts_concern(f, id);
    return n < 0 ? n : facts_put_record(f, id, key, s, doc, record, PUT_CHANGED);
}

/* Ids are in the order of age: when it was found, then the record's date, then the document. */
static int free_id(struct facts *f, const struct ledger_stored *s, const struct flat_document *doc,
                   const struct flat_record *record, int64_t *out)
{
    enum { MINUTE_MS = 60 * 1000, DAYS = 1 << 16, FIRST_DAY = -25567 /* 1900 */ };
    int64_t one;
    int n;
    facts_read_values(f, doc, record);
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
    return err ? err : facts_put_record(f, id, key, s, doc, record, PUT_NEW);
}

int facts_take_in(struct facts *f, const struct ledger_stored *s)
{
    const struct flat_document *doc;
    struct earlier *earlier;
    size_t count;
    char base[RECORD_KEY_MAX], key[FACT_KEY_MAX];
    int n = facts_read_document(f, s, base, &doc);
    if (n <= 0)
        return n;
    int err = read_earlier(f, base, &earlier, &count);
    for (size_t i = 0; !err && i < doc->record_count; i++) {
        if (!doc->records[i].has_fields)
            continue;
        snprintf(key, sizeof key, "%s%s", base, doc->records[i].suffix);
        err =
            note_confidence(f, s->settings_id, doc->records[i].lowest_confidence.kind != CELL_NONE);
        if (!err)
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
    int n = facts_read_document(o->facts, s, base, &doc);
    for (size_t i = 0; n == 1 && i < doc->record_count; i++) {
        const struct flat_record *record = &doc->records[i];
        if (!record->has_fields || strcmp(record->suffix, o->key + strlen(base)) != 0)
            continue;
        return o->changed ? put_changed(o->facts, o->id, o->key, s, doc, record)
                          : facts_put_record(o->facts, o->id, o->key, s, doc, record, PUT_AGAIN);
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

int facts_put_again(struct facts *f)
{
    int64_t id;
    int err = 0;
    while (!err && facts_next_again(f, &id))
        err = put_again(f, id, false);
    f->again_count = 0;
    return err;
}

/* Those that people corrected or decided on since entry AFTER of the audit. */
int facts_take_corrected(struct facts *f, int64_t *after)
{
    struct changed {
        int64_t id;
        bool corrected;
    } *all = NULL;
    size_t count = 0, capacity = 0;
    int n;
    sqlite3_stmt *s =
        database_query(f->d,
                       "SELECT fact.id, changed.entry, changed.what FROM changed LEFT JOIN fact"
                       " ON fact.key = changed.record WHERE changed.entry > ? ORDER BY 2",
                       VALUES(V_INT(*after)));
    if (s == NULL)
        return f->d->error.code;
    while ((n = database_step(f->d, s)) == 1) {
        ARRAY_RESERVE(all, capacity, count + 1);
        all[count++] = (struct changed){column_int(s, 0), column_int(s, 2) == CHANGED_CORRECTED};
        *after = column_int(s, 1);
    }
    for (size_t i = 0; n >= 0 && i < count; i++)
        if (all[i].id)
            n = all[i].corrected ? put_again(f, all[i].id, true)
                                 : facts_take_decision(f, all[i].id);
    free(all);
    return n;
}
