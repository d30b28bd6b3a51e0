/* See report_review.h. Records that are ready and that nobody touched aren't looked at one by one. Rows are kept until
 * there are twice as many as are shown, then the lesser half goes: memory is bounded, and the gravest of all stay. */
#include "report/report_review.h"

#include "base/array.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>

struct reading {
    struct report_review *out;
    struct review *review;
    struct ledger *ledger;
    const struct report_selection *selection;
    struct review_record record, original;
    struct report_review_row *row; /* the one at hand */
};

bool report_code_is_duplicate(enum check_code code)
{
    return code == CHECK_DUPLICATE_NUMBER || code == CHECK_DUPLICATE_NUMBER_YEAR ||
           code == CHECK_DUPLICATE_AMOUNT || code == CHECK_DUPLICATE_NEAR;
}

/* Cut at a character; NULL stays NULL. */
static char *keep(const char *text)
{
    if (!text)
        return NULL;
    size_t len = strlen(text);
    if (len > REPORT_TEXT_MAX) {
        len = REPORT_TEXT_MAX;
        while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
            len--;
    }
    char *copy = xcalloc(1, len + 1);
    memcpy(copy, text, len);
    return copy;
}

/* --- rows --- */

static void row_release(struct report_review_row *row)
{
    for (size_t i = 0; i < row->reason_count; i++) {
        free(row->reasons[i].field);
        free(row->reasons[i].text);
        free(row->reasons[i].also_name);
        free(row->reasons[i].also_path);
    }
    free(row->supplier);
    free(row->number);
    free(row->date);
    free(row->currency);
    free(row->name);
    free(row->path);
}

static int by_gravity(const void *a, const void *b)
{
    const struct report_review_row *x = a, *y = b;
    if (x->put_off != y->put_off)
        return x->put_off ? 1 : -1;
    if (x->worst != y->worst)
        return x->worst < y->worst ? 1 : -1;
    int amounts = decimal_compare(y->amount, x->amount);
    return amounts ? amounts : strcmp(x->name, y->name);
}

static void sort_rows(struct report_review *r)
{
    if (r->row_count)
        qsort(r->rows, r->row_count, sizeof *r->rows, by_gravity);
    while (r->row_count > REPORT_REVIEW_ROWS)
        row_release(&r->rows[--r->row_count]);
}

static int note_original(void *ctx, const struct ledger_stored *s)
{
    struct report_reason *reason = ctx;
    reason->also_name = keep(s->name);
    reason->also_path = keep(s->path);
    return 0;
}

/* Which record it may duplicate; one that is gone since isn't named. */
static int find_original(struct reading *k, const char *key, struct report_reason *reason)
{
    int n = review_find(k->review, key, &k->original);
    if (n <= 0)
        return n;
    int err = ledger_stored_look(k->ledger, k->original.fact.document, note_original, reason);
    return err == ERR_NOT_FOUND ? 0 : err;
}

static bool counts(const struct review_record *record, const struct reason *reason)
{
    return reason->severity >= SEVERITY_WARNING && (!record->reopened || reason->fresh);
}

static int add_reason(struct reading *k, const struct reason *from)
{
    struct report_review_row *row = k->row;
    row->codes |= UINT64_C(1) << from->code;
    row->worst = from->severity > row->worst ? from->severity : row->worst;
    if (row->reason_count == REPORT_ROW_REASONS) {
        row->more_reasons++;
        return 0;
    }
    struct report_reason *to = &row->reasons[row->reason_count++];
    *to = (struct report_reason){.code = from->code,
                                 .severity = from->severity,
                                 .field = keep(from->field),
                                 .text = keep(from->text)};
    return *from->of && report_code_is_duplicate(from->code) ? find_original(k, from->of, to) : 0;
}

/* The gravest first, as they were found. */
static int add_reasons(struct reading *k)
{
    const struct reasons *all = &k->record.reasons;
    int err = 0;
    for (int severity = SEVERITY_ERROR; severity >= SEVERITY_WARNING && !err; severity--)
        for (size_t i = 0; i < all->count && !err; i++)
            if ((int)all->items[i].severity == severity && counts(&k->record, &all->items[i]))
                err = add_reason(k, &all->items[i]);
    return err;
}

_Static_assert(CHECK_COUNT <= 64, "a row's reasons are bits");

/* --- numbers --- */

static void count_codes(struct report_review *r, uint64_t codes)
{
    bool duplicate = false;
    for (enum check_code code = 0; code < CHECK_COUNT; code++) {
        bool has = codes >> code & 1;
        r->kinds[code] += has;
        duplicate = duplicate || (has && report_code_is_duplicate(code));
    }
    r->duplicates += duplicate;
}

static void add_sum(struct report_review *r, const struct report_review_row *row)
{
    char code[CONTROL_CURRENCY_MAX];
    size_t i = 0;
    text_copy(code, sizeof code, row->currency ? row->currency : "");
    while (i < r->sum_count && strcmp(r->sums[i].code, code) != 0)
        i++;
    if (i == r->sum_count) {
        ARRAY_RESERVE(r->sums, r->sum_capacity, r->sum_count + 1);
        r->sums[r->sum_count] = (struct report_open_sum){.records = 0};
        text_copy(r->sums[r->sum_count++].code, CONTROL_CURRENCY_MAX, code);
    }
    r->sums[i].records++;
    if (row->has_total)
        r->not_summed += decimal_add(&r->sums[i].total, r->sums[i].total, row->total) < 0;
}

/* --- each record --- */

static void fill_row(struct reading *k, const struct ledger_stored *s)
{
    struct report_review_row *row = k->row;
    char *const *values = k->record.fact.values;
    const char *total = values[ROLE_TOTAL];
    *row = (struct report_review_row){
        .put_off = k->record.state == REVIEW_LATER,
        .decimals = k->record.fact.decimals,
        .supplier = keep(values[ROLE_SUPPLIER]),
        .number = keep(values[ROLE_NUMBER]),
        .date = keep(values[ROLE_DATE]),
        .currency = keep(values[ROLE_CURRENCY]),
        .name = keep(s->name),
        .path = keep(s->path),
    };
    row->has_total = total && decimal_parse(&row->total, total, strlen(total)) == 0;
    row->amount = row->has_total ? decimal_abs(row->total) : DECIMAL_ZERO;
}

static void note_corrected(struct report_review *r, int64_t document, const char *record)
{
    ARRAY_RESERVE(r->corrected, r->corrected_capacity, r->corrected_count + 1);
    struct report_corrected *c = &r->corrected[r->corrected_count++];
    c->document = document;
    text_copy(c->key, sizeof c->key, record);
    c->key[strcspn(c->key, "/")] = '\0';
}

static bool is_selected(const struct reading *k, const struct ledger_stored *s)
{
    const char *period = k->selection->period;
    return s->result_id <= k->selection->upto && (!period || strcmp(s->period, period) == 0);
}

static int take(void *ctx, const struct ledger_stored *s)
{
    struct reading *k = ctx;
    struct report_review *r = k->out;
    if (!is_selected(k, s))
        return 0;
    r->states[k->record.state]++;
    if (k->record.corrections.count)
        note_corrected(r, s->document_id, k->record.fact.key);
    if (k->record.state != REVIEW_OPEN && k->record.state != REVIEW_LATER)
        return 0;
    ARRAY_RESERVE(r->rows, r->row_capacity, r->row_count + 1);
    k->row = &r->rows[r->row_count++];
    fill_row(k, s);
    return 0;
}

static int by_document(const void *a, const void *b)
{
    const struct report_corrected *x = a, *y = b;
    return (x->document > y->document) - (x->document < y->document);
}

static int read_one(struct reading *k, int64_t id)
{
    struct report_review *r = k->out;
    int n = review_get(k->review, id, &k->record);
    if (n <= 0)
        return n;
    k->row = NULL;
    int err = ledger_stored_look(k->ledger, k->record.fact.document, take, k);
    if (err == ERR_NOT_FOUND) /* its result was taken back since */
        return 0;
    if (err || !k->row)
        return err;
    err = add_reasons(k);
    count_codes(r, k->row->codes);
    add_sum(r, k->row);
    if (r->row_count == 2 * REPORT_REVIEW_ROWS)
        sort_rows(r);
    return err;
}

static int read_all(struct reading *k)
{
    struct fact_ids ids = {0};
    int err = review_head(k->review, k->out->head);
    if (!err)
        err = review_list(k->review, false, &ids);
    for (size_t i = 0; i < ids.count && err >= 0; i++)
        err = read_one(k, ids.ids[i]);
    fact_ids_release(&ids);
    return err < 0 ? err : 0;
}

int report_review_read(struct report_review *r, struct review *review, struct ledger *l,
                       const struct report_selection *selection, struct error *e)
{
    struct reading k = {.out = r, .review = review, .ledger = l, .selection = selection};
    int err = read_all(&k);
    review_record_release(&k.record);
    review_record_release(&k.original);
    if (err) {
        *e = ledger_error(l)->code ? *ledger_error(l) : *review_error(review);
        return err;
    }
    r->known = true;
    sort_rows(r);
    if (r->corrected_count)
        qsort(r->corrected, r->corrected_count, sizeof *r->corrected, by_document);
    return 0;
}

void report_review_finish(struct report_review *r, int64_t records)
{
    int64_t others = 0;
    for (int i = 0; i < REVIEW_STATES; i++)
        others += i == REVIEW_READY ? 0 : r->states[i];
    r->states[REVIEW_READY] = records - others;
}

void report_review_release(struct report_review *r)
{
    for (size_t i = 0; i < r->row_count; i++)
        row_release(&r->rows[i]);
    free(r->rows);
    free(r->sums);
    free(r->corrected);
    *r = (struct report_review){0};
}

const char *report_review_corrected(const struct report_review *r, int64_t document)
{
    const struct report_corrected key = {.document = document}, *found = NULL;
    if (r->corrected_count)
        found = bsearch(&key, r->corrected, r->corrected_count, sizeof *r->corrected, by_document);
    return found ? found->key : NULL;
}

int64_t report_review_open(const struct report_review *r)
{
    return r->states[REVIEW_OPEN] + r->states[REVIEW_LATER];
}

int64_t report_review_bookable(const struct report_review *r)
{
    return r->states[REVIEW_READY] + r->states[REVIEW_ACCEPTED] + r->states[REVIEW_CORRECTED];
}

const struct report_open_sum *report_review_sum(const struct report_review *r, const char *code)
{
    for (size_t i = 0; i < r->sum_count; i++)
        if (strcmp(r->sums[i].code, code) == 0)
            return &r->sums[i];
    return NULL;
}
