/* See review.h. The state of a record isn't kept: it follows from its reasons, which are those of the options, and
 * from the decision, which keeps what it covers. */
#include "review/review.h"

#include "base/hash.h"
#include "base/text.h"
#include "ledger/file_names.h"
#include "ledger/stored_results.h"
#include "tables/all_columns.h"
#include "tables/review_db.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const review_state_names[REVIEW_STATES] = {"ready",     "review",   "accepted",
                                                       "corrected", "rejected", "later"};
const char *const review_action_names[REVIEW_ACTIONS] = {"accept", "reject", "later", "reopen"};

struct review {
    struct database db;
    struct ledger *ledger;
    char *output;
    enum file_access access;
    const struct facts_options *options;
    struct facts *facts;
    struct corrected corrected; /* of review_corrected */
    struct corrections *lists;
    size_t list_count;
    bool together; /* between review_begin and _commit */
    struct error error;
};

const struct error *review_error(const struct review *r)
{
    return r->error.code ? &r->error : &r->db.error;
}

static void forget_lists(struct review *r)
{
    for (size_t i = 0; i < r->list_count; i++)
        corrections_release(&r->lists[i]);
    free(r->lists);
    r->lists = NULL;
    r->list_count = 0;
}

int review_open(struct review **out, struct ledger *l, const char *output, enum file_access access,
                const struct facts_options *options, struct error *e)
{
    struct review *r = xcalloc(1, sizeof *r);
    r->ledger = l;
    r->output = xstrdup(output);
    r->access = access = access == ACCESS_AS_FOUND ? ledger_access(l) : access;
    r->options = options;
    int err = review_db_open(&r->db, output, access, e);
    if (!err)
        err = facts_open(&r->facts, &r->db, l, options, e);
    if (err) {
        review_close(r);
        r = NULL;
    }
    *out = r;
    return err;
}

void review_close(struct review *r)
{
    if (r == NULL)
        return;
    forget_lists(r);
    corrected_release(&r->corrected);
    facts_close(r->facts);
    review_db_close(&r->db);
    free(r->output);
    free(r);
}

int review_update(struct review *r, int64_t upto, struct error *e)
{
    return facts_update(r->facts, upto, e);
}

struct database *review_database(struct review *r)
{
    return &r->db;
}

/* --- a record --- */

void review_record_release(struct review_record *record)
{
    fact_release(&record->fact);
    reasons_release(&record->reasons);
    corrections_release(&record->corrections);
    free(record->action);
    free(record->at);
    free(record->actor);
    free(record->note);
    *record = (struct review_record){0};
}

/* Of a decision that covers everything. */
static enum review_state decided(const struct review_record *record)
{
    if (strcmp(record->action, review_action_names[REVIEW_REJECT]) == 0)
        return REVIEW_REJECTED;
    if (strcmp(record->action, review_action_names[REVIEW_PUT_OFF]) == 0)
        return REVIEW_LATER;
    return record->corrections.count ? REVIEW_CORRECTED : REVIEW_ACCEPTED;
}

static int read_decision(struct review *r, struct review_record *record)
{
    sqlite3_stmt *s = database_query(
        &r->db, "SELECT action, covers, at, actor, note FROM decision WHERE record = ?",
        VALUES(V_TEXT(record->fact.key)));
    int n = s ? database_step(&r->db, s) : r->db.error.code;
    if (n == 1) {
        record->action = xstrdup(column_text(s, 0));
        record->reopened = reasons_compare(&record->reasons, column_text(s, 1)) > 0;
        record->at = xstrdup(column_text(s, 2));
        record->actor = xstrdup(column_text(s, 3));
        record->note = xstrdup(column_text(s, 4));
        database_end(s);
    }
    return n < 0 ? n : 0;
}

static void add_text(uint64_t *hash, const char *text)
{
    *hash = hash_bytes(*hash, text ? text : "", text ? strlen(text) + 1 : 0);
}

static void find_version(struct review_record *record)
{
    uint64_t hash = 0;
    for (size_t i = 0; i < record->reasons.count; i++) {
        const struct reason *one = &record->reasons.items[i];
        add_text(&hash, check_code_name(one->code));
        add_text(&hash, one->field);
        add_text(&hash, one->value);
    }
    for (size_t i = 0; i < record->corrections.count; i++) {
        add_text(&hash, record->corrections.items[i].path);
        add_text(&hash, record->corrections.items[i].value);
        add_text(&hash, record->corrections.items[i].at);
    }
    add_text(&hash, record->action);
    add_text(&hash, record->at);
    add_text(&hash, record->actor);
    snprintf(record->version, sizeof record->version, "%016llx", (unsigned long long)hash);
}

static int complete(struct review *r, int found, struct review_record *out)
{
    if (found != 1)
        return found;
    reasons_read(&out->reasons, out->fact.reasons);
    int err = corrections_read(&out->corrections, &r->db, out->fact.key);
    if (!err)
        err = read_decision(r, out);
    if (err)
        return err;
    if (out->action && !out->reopened)
        out->state = decided(out);
    else
        out->state =
            reasons_open(&out->reasons) || out->corrections.count ? REVIEW_OPEN : REVIEW_READY;
    find_version(out);
    return 1;
}

int review_find(struct review *r, const char *key, struct review_record *out)
{
    review_record_release(out);
    return complete(r, facts_get(r->facts, key, &out->fact), out);
}

int review_get(struct review *r, int64_t id, struct review_record *out)
{
    review_record_release(out);
    return complete(r, facts_get_id(r->facts, id, &out->fact), out);
}

int review_list(struct review *r, bool all, struct fact_ids *out)
{
    return facts_list(r->facts, all, out);
}

int review_of_document(struct review *r, int64_t document, struct fact_ids *out)
{
    return facts_of_document(r->facts, document, out);
}

struct looking {
    struct review *review;
    struct review_record *record;
    struct buffer *file;
};

static void add_bytes_reason(struct looking *k, int64_t files)
{
    struct buffer all;
    char text[80], value[REASON_VALUE_MAX];
    const enum severity severity = k->review->options->checks->severities[CHECK_DUPLICATE_BYTES];
    if (files < 2 || severity == SEVERITY_OFF)
        return;
    snprintf(text, sizeof text, "%lld files have these bytes, which were sent once",
             (long long)files);
    snprintf(value, sizeof value, "%u", (unsigned)files);
    buffer_init(&all, 0);
    buffer_put(&all, k->record->fact.reasons);
    reason_put(&all, &(struct reason){.code = CHECK_DUPLICATE_BYTES,
                                      .severity = SEVERITY_INFO,
                                      .field = "",
                                      .text = text,
                                      .difference = "",
                                      .of = "",
                                      .value = value});
    bool *fresh = xcalloc(k->record->reasons.count + 1, sizeof *fresh);
    size_t count = k->record->reasons.count;
    for (size_t i = 0; i < count; i++)
        fresh[i] = k->record->reasons.items[i].fresh;
    reasons_read(&k->record->reasons, buffer_text(&all));
    for (size_t i = 0; i < count && i < k->record->reasons.count; i++)
        k->record->reasons.items[i].fresh = fresh[i];
    k->record->reasons.items[k->record->reasons.count - 1].fresh = false;
    free(fresh);
    buffer_release(&all);
}

static int look_at(void *ctx, const struct ledger_stored *s)
{
    enum { ENDING = 5 }; /* ".json" */
    struct looking *k = ctx;
    struct buffer name;
    buffer_init(&name, 0);
    ledger_result_file(k->review->ledger, s->name, &name);
    text_display(k->file, buffer_text(&name), name.len > ENDING ? name.len - ENDING : name.len);
    buffer_release(&name);
    add_bytes_reason(k, s->files);
    return 0;
}

int review_look(struct review *r, struct review_record *record, struct buffer *file)
{
    struct looking k = {r, record, file};
    int err = ledger_stored_look(r->ledger, record->fact.document, look_at, &k);
    if (err)
        r->error = *ledger_error(r->ledger);
    return err;
}

/* Of a record that is open. */
static void count_reasons(const struct review_record *record, struct review_counts *out)
{
    bool codes[CHECK_COUNT] = {false}, kinds[REVIEW_KINDS] = {false};
    size_t open = 0;
    for (size_t i = 0; i < record->reasons.count; i++) {
        const struct reason *one = &record->reasons.items[i];
        if (one->severity < SEVERITY_WARNING || (record->reopened && !one->fresh))
            continue;
        codes[one->code] = kinds[review_kind_of(one->code)] = true;
        open++;
    }
    kinds[REVIEW_UNACCEPTED] = open == 0;
    for (enum check_code c = 0; c < CHECK_COUNT; c++)
        out->codes[c] += codes[c];
    for (enum review_kind k = 0; k < REVIEW_KINDS; k++)
        out->kinds[k] += kinds[k];
}

struct counting {
    struct review_counts *out;
    struct review_record record;
};

static void count_untouched(void *ctx, const char *reasons)
{
    struct counting *c = ctx;
    reasons_read(&c->record.reasons, reasons);
    bool open = reasons_open(&c->record.reasons) != 0;
    c->out->states[open ? REVIEW_OPEN : REVIEW_READY]++;
    if (open)
        count_reasons(&c->record, c->out);
}

/* What nobody touched its reasons tell alone; of the rest each is looked at. */
int review_count(struct review *r, struct review_counts *out)
{
    struct fact_ids ids;
    struct counting c = {.out = out};
    *out = (struct review_counts){0};
    int n = facts_touched(r->facts, &ids), untouched = 0;
    if (n >= 0)
        n = untouched = facts_untouched_each(r->facts, count_untouched, &c);
    out->records = ids.records;
    out->states[REVIEW_READY] += ids.records - (int64_t)ids.count - untouched;
    for (size_t i = 0; n >= 0 && i < ids.count; i++) {
        n = review_get(r, ids.ids[i], &c.record);
        if (n != 1)
            continue;
        out->states[c.record.state]++;
        if (c.record.state == REVIEW_OPEN)
            count_reasons(&c.record, out);
    }
    review_record_release(&c.record);
    fact_ids_release(&ids);
    return n < 0 ? n : 0;
}

int review_without_confidence(struct review *r,
                              void (*fn)(void *ctx, const char *product, const char *model_id),
                              void *ctx)
{
    return facts_without_confidence(r->facts, fn, ctx);
}

const struct flat_document *review_corrected(struct review *r, struct columns *columns,
                                             const struct flat_document *doc, const char *key,
                                             int *err)
{
    char name[FACT_KEY_MAX];
    forget_lists(r);
    r->lists = xcalloc(doc->record_count + 1, sizeof *r->lists);
    r->list_count = doc->record_count;
    *err = 0;
    for (size_t i = 0; !*err && i < doc->record_count; i++) {
        snprintf(name, sizeof name, "%s%s", key, doc->records[i].suffix);
        *err = corrections_read(&r->lists[i], &r->db, name);
    }
    return *err ? doc : corrected_make(&r->corrected, columns, doc, r->lists);
}

/* --- what people do --- */

int review_begin(struct review *r)
{
    int err = database_write(&r->db);
    r->together = err == 0;
    return err;
}

int review_commit(struct review *r)
{
    r->together = false;
    return database_commit(&r->db);
}

void review_rollback(struct review *r)
{
    r->together = false;
    database_rollback(&r->db);
    database_recover(&r->db);
}

int review_note(struct review *r, const struct audit_entry *entry)
{
    int err = database_write(&r->db);
    if (!err)
        err = audit_add(&r->db, ledger_id(r->ledger), entry);
    return err || r->together ? err : database_commit(&r->db);
}

int review_head(struct review *r, char out[SHA256_HEX])
{
    return audit_head(&r->db, ledger_id(r->ledger), out);
}

static int note_action(struct review *r, const struct review_by *by, const char *action,
                       const char *record, const char *field, const char *before, const char *after)
{
    return audit_add(
        &r->db, ledger_id(r->ledger),
        &(struct audit_entry){by->at, by->actor, action, record, field, before, after, by->note});
}

/* What somebody who saw another version should know. */
static int refuse_changed(const struct review_record *record, struct error *e)
{
    struct buffer words;
    size_t told = 0;
    buffer_init(&words, 0);
    buffer_printf(&words, "%s changed since it was looked at, and nothing was done: it is %s now",
                  record->fact.key, review_state_names[record->state]);
    if (record->action)
        buffer_printf(&words, " (%s by %s, %s)", record->action, text_show(record->actor),
                      record->at);
    for (size_t i = 0; i < record->reasons.count && told < 3; i++) {
        const struct reason *one = &record->reasons.items[i];
        if (one->severity < SEVERITY_WARNING || (record->action && !one->fresh))
            continue;
        buffer_printf(&words, "%s%s %s: %s", told++ ? "; " : "; ", check_code_name(one->code),
                      one->field, one->text);
    }
    for (size_t i = 0; i < record->corrections.count && i < 3; i++)
        buffer_printf(&words, "; corrected by %s: %s",
                      text_show(record->corrections.items[i].actor),
                      text_show(record->corrections.items[i].path));
    error_set(e, ERR_CHANGED, "%s", buffer_text(&words));
    buffer_release(&words);
    return ERR_CHANGED;
}

/* The record as the person should have seen it. */
static int look_before(struct review *r, const char *key, const struct review_by *by,
                       struct review_record *out, struct error *e)
{
    int n = review_find(r, key, out);
    if (n < 0) {
        *e = *review_error(r);
        return n;
    }
    if (n == 0)
        return error_set(e, ERR_NOT_FOUND, "there is no record %s; `review --all` lists them",
                         text_show(key));
    return by->seen && strcmp(by->seen, out->version) != 0 ? refuse_changed(out, e) : 0;
}

static int keep_decision(struct review *r, const struct review_record *record,
                         enum review_action action, const struct review_by *by)
{
    struct buffer covers;
    char at[WALL_TEXT_MAX];
    if (action == REVIEW_REOPEN)
        return database_run(&r->db, "DELETE FROM decision WHERE record = ?",
                            VALUES(V_TEXT(record->fact.key)));
    buffer_init(&covers, 0);
    reasons_cover(&covers, &record->reasons);
    int err =
        database_run(&r->db,
                     "INSERT OR REPLACE INTO decision(record, action, covers, at, actor, note)"
                     " VALUES(?, ?, ?, ?, ?, ?)",
                     VALUES(V_TEXT(record->fact.key), V_TEXT(review_action_names[action]),
                            V_TEXT(buffer_text(&covers)), V_TEXT(wall_format(by->at, at)),
                            V_TEXT(by->actor), V_TEXT(by->note ? by->note : "")));
    buffer_release(&covers);
    return err;
}

/* A decision may open or settle others: those on whose bank account it bears. One that was corrected stays marked as such. */
static int mark_decided(struct review *r, const struct review_record *record)
{
    if (!record->fact.values[ROLE_IBAN])
        return 0;
    return database_run(&r->db,
                        "INSERT INTO changed(record, entry, what)"
                        " SELECT ?, max(id), ? FROM audit WHERE 1"
                        " ON CONFLICT(record) DO UPDATE SET entry = excluded.entry",
                        VALUES(V_TEXT(record->fact.key), V_INT(CHANGED_DECIDED)));
}

static int decide(struct review *r, const char *key, enum review_action action,
                  const struct review_by *by, struct review_record *out, struct error *e)
{
    int err = look_before(r, key, by, out, e);
    if (err)
        return err;
    const enum review_state before = out->state;
    err = keep_decision(r, out, action, by);
    if (!err)
        err = review_find(r, key, out) < 0 ? review_error(r)->code : 0;
    if (!err)
        err = note_action(r, by, review_action_names[action], key, "", review_state_names[before],
                          review_state_names[out->state]);
    if (!err)
        err = mark_decided(r, out);
    if (err) {
        *e = *review_error(r);
        return err;
    }
    return out->fact.values[ROLE_IBAN] ? facts_update_corrected(r->facts, e) : 0;
}

/* The end of an action that began its own transaction. */
static int finish(struct review *r, int err, struct error *e)
{
    if (r->together)
        return err;
    if (!err) {
        err = database_commit(&r->db);
        if (err)
            *e = r->db.error;
    }
    if (err) {
        database_rollback(&r->db);
        database_recover(&r->db);
    }
    return err;
}

static int start(struct review *r, struct error *e)
{
    int err = database_write(&r->db);
    r->error.code = 0;
    if (err)
        *e = r->db.error;
    return err;
}

int review_decide(struct review *r, const char *key, enum review_action action,
                  const struct review_by *by, struct review_record *out, struct error *e)
{
    int err = start(r, e);
    return err ? err : finish(r, decide(r, key, action, by, out, e), e);
}

/* --- corrections --- */

int review_prepare(struct review *r, int64_t upto, struct error *e)
{
    struct catalogue *catalogue;
    struct columns *all = NULL;
    int err = catalogue_open(&catalogue, r->ledger, r->output, r->access, e);
    if (!err)
        err = all_columns(catalogue, upto, &all, e);
    if (!err) {
        err = facts_learn(r->facts, all);
        if (err)
            error_set(e, err, "the results of this ledger have more columns than can be kept");
    }
    columns_free(all);
    catalogue_close(catalogue);
    return err;
}

struct fitting {
    struct review *review;
    struct review_record *record;
    struct correction *items;
    size_t count;
    const struct review_by *by;
    struct error *error;
};

static const char *value_before(const struct corrections *earlier, const struct correction *c)
{
    for (size_t i = 0; i < earlier->count; i++)
        if (strcmp(earlier->items[i].path, c->path) == 0)
            return earlier->items[i].value;
    return c->was;
}

static int put_correction(struct fitting *k, struct correction *c)
{
    struct review *r = k->review;
    static const char *const actions[] = {"correct", "correct: clear", "correct: add a row",
                                          "correct: take a row away"};
    char at[WALL_TEXT_MAX];
    const struct correction_by by = {wall_format(k->by->at, at), k->by->actor,
                                     k->by->note ? k->by->note : ""};
    int err = corrections_put(&r->db, k->record->fact.key, c, &by);
    if (!err)
        err = note_action(r, k->by, actions[c->kind], k->record->fact.key, c->path,
                          value_before(&k->record->corrections, c), c->value);
    if (err)
        *k->error = r->db.error;
    return err;
}

static int fit_all(void *ctx, struct columns *columns, const struct flat_document *doc,
                   const struct flat_record *record)
{
    struct fitting *k = ctx;
    struct corrections *earlier = &k->record->corrections;
    for (size_t i = 0; i < k->count; i++) {
        struct correction *c = &k->items[i];
        int err = correction_fit(c, columns, doc, record, earlier, k->error);
        if (!err && earlier->count >= CORRECTIONS_MAX)
            err = error_set(k->error, ERR_USAGE, "more than %d corrections of one record",
                            CORRECTIONS_MAX);
        if (!err)
            err = put_correction(k, c);
        if (err)
            return err;
        corrections_take(earlier, c);
    }
    return 0;
}

static int mark_changed(struct review *r, const char *key)
{
    int err = database_run(&r->db, "DELETE FROM decision WHERE record = ?", VALUES(V_TEXT(key)));
    return err ? err
               : database_run(&r->db,
                              "INSERT OR REPLACE INTO changed(record, entry, what)"
                              " SELECT ?, max(id), ? FROM audit",
                              VALUES(V_TEXT(key), V_INT(CHANGED_CORRECTED)));
}

static int correct(struct review *r, const char *key, struct correction *items, size_t count,
                   const struct review_by *by, struct review_record *out, struct error *e)
{
    struct fitting k = {r, out, items, count, by, e};
    int err = look_before(r, key, by, out, e);
    if (err)
        return err;
    e->code = 0;
    err = facts_read(r->facts, &out->fact, fit_all, &k, &r->error);
    if (err) {
        if (!e->code)
            *e = r->error;
        return e->code;
    }
    err = mark_changed(r, key);
    if (err) {
        *e = r->db.error;
        return err;
    }
    err = facts_update_corrected(r->facts, e);
    if (!err && review_find(r, key, out) < 0) {
        *e = *review_error(r);
        err = e->code;
    }
    return err;
}

int review_correct(struct review *r, const char *key, struct correction *items, size_t count,
                   const struct review_by *by, struct review_record *out, struct error *e)
{
    int err = start(r, e);
    if (!err)
        err = finish(r, correct(r, key, items, count, by, out, e), e);
    for (size_t i = 0; i < count; i++)
        correction_release(&items[i]);
    return err;
}
