/* See facts.h. A transaction takes in up to 1,000 results: each is flattened, what people corrected put into it, and each
 * of its records checked and compared with those before it. Whatever changes what a record is compared by (a result
 * that came anew, a correction) makes the records that it may concern checked again in the same transaction.
 *
 * A result that can't be read as one is passed over: whoever exports its document says so. */
#include "review/facts.h"

#include "base/array.h"
#include "ledger/sent_settings.h"
#include "ledger/stored_results.h"
#include "review/facts_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RESULTS_AT_ONCE = 1000 };

static int fail(struct facts *f, int rc, struct error *e)
{
    *e = f->error.code == rc      ? f->error
         : f->d->error.code == rc ? f->d->error
                                  : *ledger_error(f->ledger);
    return rc;
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
    int err = facts_state_choose(f);
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
    facts_forget_document(f);
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
static int begin(struct facts *f, struct facts_state *state)
{
    int64_t any = 0;
    int n = facts_state_read(f, state);
    if (!n && (!state->ours || !state->same))
        return error_set(&f->error, ERR_BUSY,
                         "another program brings review.db up to date with other options; try "
                         "again");
    if (n >= 0)
        n = database_number(f->d, "SELECT EXISTS(SELECT 1 FROM correction)", NO_VALUES, &any);
    f->corrections = any != 0;
    if (n >= 0)
        n = database_number(f->d, "SELECT EXISTS(SELECT 1 FROM decision)", NO_VALUES, &any);
    f->decisions = any != 0;
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
    return facts_take_in(t->facts, s);
}

int facts_update_corrected(struct facts *f, struct error *e)
{
    struct facts_state state;
    int err = begin(f, &state);
    int64_t changed = state.changed;
    if (!err)
        err = facts_take_corrected(f, &changed);
    if (!err)
        err = facts_put_again(f);
    if (!err && changed != state.changed)
        err = facts_state_write(f, state.result, changed);
    return err ? fail(f, err, e) : 0;
}

/* Results above the state's: how many there were, fewer than RESULTS_AT_ONCE at the end; or an error. */
static int take_some(struct facts *f, int64_t upto)
{
    struct facts_state state;
    int err = begin(f, &state);
    if (err)
        return err;
    struct taking t = {f, state.result};
    int64_t changed = state.changed;
    ledger_read_begin(f->ledger);
    int n =
        ledger_stored_after(f->ledger, state.result, upto, RESULTS_AT_ONCE, take_in_counted, &t);
    err = n < 0 ? n : facts_put_again(f);
    if (!err && n < RESULTS_AT_ONCE) {
        t.newest = upto > state.result ? upto : state.result;
        err = facts_take_corrected(f, &changed);
        if (!err)
            err = facts_put_again(f);
    }
    if (!err && (t.newest != state.result || changed != state.changed))
        err = facts_state_write(f, t.newest, changed);
    ledger_read_end(f->ledger);
    return err ? err : n;
}

/* Whether there is anything to do, without a lock. */
static int is_behind(struct facts *f, int64_t upto)
{
    struct facts_state state;
    int64_t newest = 0;
    int err = facts_state_read(f, &state);
    if (err)
        return err;
    int n =
        database_number(f->d, "SELECT coalesce(max(entry), 0) FROM changed", NO_VALUES, &newest);
    return n < 0 ? n : !state.ours || !state.same || state.result < upto || state.changed < newest;
}

static int take_all(struct facts *f, int64_t upto, struct error *e)
{
    int n;
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

/* Keys lie all over their tables: meanwhile more pages are kept, and written back less often. */
int facts_update(struct facts *f, int64_t upto, struct error *e)
{
    int n = is_behind(f, upto);
    if (n > 0)
        n = database_script(f->d, "PRAGMA cache_size=-8000; PRAGMA wal_autocheckpoint=8000");
    else if (n == 0)
        return 0;
    if (n < 0)
        return fail(f, n, e);
    int err = take_all(f, upto, e);
    n = database_script(f->d, "PRAGMA cache_size=-4000; PRAGMA wal_autocheckpoint=1000");
    return err ? err : n < 0 ? fail(f, n, e) : 0;
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

/* A look at a record for each decision, of which there are few. */
#define TOUCHED                                                                                    \
    "SELECT fact.id FROM decision CROSS JOIN fact ON key = record"                                 \
    " UNION SELECT fact.id FROM correction CROSS JOIN fact ON key = record ORDER BY 1"

static int begin_ids(struct facts *f, struct fact_ids *out)
{
    *out = (struct fact_ids){0};
    int n = database_number(f->d, "SELECT count(*) FROM fact", NO_VALUES, &out->records);
    return n < 0 ? n : 0;
}

int facts_list(struct facts *f, bool all, struct fact_ids *out)
{
    int err = begin_ids(f, out);
    if (err)
        return err;
    return take_ids(
        f,
        all ? database_query(f->d, "SELECT id FROM fact ORDER BY id", NO_VALUES)
            : database_query(f->d, "SELECT id FROM fact WHERE worst > 1 UNION " TOUCHED, NO_VALUES),
        out);
}

int facts_touched(struct facts *f, struct fact_ids *out)
{
    int err = begin_ids(f, out);
    return err ? err : take_ids(f, database_query(f->d, TOUCHED, NO_VALUES), out);
}

int facts_untouched_each(struct facts *f, void (*fn)(void *ctx, const char *reasons), void *ctx)
{
    int64_t one;
    int count = 0;
    int any = database_number(f->d,
                              "SELECT 1 WHERE EXISTS(SELECT 1 FROM decision)"
                              " OR EXISTS(SELECT 1 FROM correction)",
                              NO_VALUES, &one);
    if (any < 0)
        return any;
    sqlite3_stmt *s =
        any ? database_query(f->d,
                             "SELECT reasons FROM fact WHERE worst > 1"
                             " AND NOT EXISTS(SELECT 1 FROM decision WHERE record = key)"
                             " AND NOT EXISTS(SELECT 1 FROM correction WHERE record = key)",
                             NO_VALUES)
            : database_query(f->d, "SELECT reasons FROM fact WHERE worst > 1", NO_VALUES);
    int n = s ? 1 : f->d->error.code;
    while (n == 1 && (n = database_step(f->d, s)) == 1) {
        fn(ctx, column_text(s, 0));
        count++;
    }
    return n < 0 ? n : count;
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

struct asked {
    char *product, *model_id;
    bool seen, told;
};

static void take_model(void *ctx, const struct ledger_settings *s)
{
    struct asked *a = ctx;
    a->product = xstrdup(s->product);
    a->model_id = xstrdup(s->model_id ? s->model_id : "");
}

static bool of_one_model(const struct asked *a, const struct asked *b)
{
    return strcmp(a->product, b->product) == 0 && strcmp(a->model_id, b->model_id) == 0;
}

/* Settings of one model count together: what one of them has the model gives when it is asked. */
static void tell_models(struct asked *all, size_t count,
                        void (*fn)(void *ctx, const char *product, const char *model_id), void *ctx)
{
    for (size_t i = 0; i < count; i++) {
        bool seen = false;
        for (size_t k = 0; k < count; k++)
            if (of_one_model(&all[i], &all[k])) {
                seen = seen || all[k].seen || all[k].told;
                all[k].told = true;
            }
        if (!seen)
            fn(ctx, all[i].product, all[i].model_id);
    }
}

int facts_without_confidence(struct facts *f,
                             void (*fn)(void *ctx, const char *product, const char *model_id),
                             void *ctx)
{
    struct asked *all = NULL;
    size_t count = 0, capacity = 0;
    int err = 0;
    sqlite3_stmt *s = database_query(
        f->d, "SELECT settings, seen FROM confidence_seen ORDER BY settings", NO_VALUES);
    int n = s ? 1 : f->d->error.code;
    while (n == 1 && (n = database_step(f->d, s)) == 1 && !err) {
        ARRAY_RESERVE(all, capacity, count + 1);
        all[count] = (struct asked){.seen = column_int(s, 1) != 0};
        err = ledger_settings_get(f->ledger, column_int(s, 0), take_model, &all[count]);
        count += err == 0;
    }
    if (n == 1)
        database_end(s);
    if (n >= 0 && !err)
        tell_models(all, count, fn, ctx);
    for (size_t i = 0; i < count; i++) {
        free(all[i].product);
        free(all[i].model_id);
    }
    free(all);
    return n < 0 ? n : err;
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
    int n = facts_read_document(f, s, base, &ignored);
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
