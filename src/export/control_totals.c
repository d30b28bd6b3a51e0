/* See control_totals.h. There are as many currencies as results name, a handful in practice; whatever a result
 * says is a code of its own, so that a misread one shows instead of joining another's sum. After
 * CURRENCIES_MOST of them the rest stands under "other", whose sums mean nothing and aren't made. */
#include "export/control_totals.h"

#include "base/array.h"
#include "base/text.h"
#include "format/json_string.h"
#include "ledger/summary.h"
#include "tables/currency.h"

#include <stdlib.h>
#include <string.h>

enum { CURRENCIES_MOST = 1000 };
static const char other[] = "other";

void control_totals_init(struct control_totals *c, const struct ledger_counts *counts, bool whole)
{
    *c = (struct control_totals){.counts = *counts, .whole = whole};
}

void control_totals_release(struct control_totals *c)
{
    free(c->currencies);
    *c = (struct control_totals){0};
}

void control_totals_document(struct control_totals *c, int64_t records)
{
    c->documents++;
    c->records += records;
    c->without_record += records == 0;
}

/* Cut at a character. */
static void code_of(const struct cell *cell, char out[CONTROL_CURRENCY_MAX])
{
    size_t len = cell && cell->kind == CELL_TEXT ? cell->len : 0;
    if (len > CONTROL_CURRENCY_MAX - 1) {
        len = CONTROL_CURRENCY_MAX - 1;
        while (len > 0 && ((unsigned char)cell->text[len] & 0xc0) == 0x80)
            len--;
    }
    if (len)
        memcpy(out, cell->text, len);
    out[len] = '\0';
}

static struct control_currency *currency_of(struct control_totals *c, const char *code)
{
    size_t from = 0, to = c->currency_count;
    while (from < to) {
        size_t middle = (from + to) / 2;
        if (strcmp(c->currencies[middle].code, code) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    if (from < c->currency_count && strcmp(c->currencies[from].code, code) == 0)
        return &c->currencies[from];
    if (c->currency_count >= CURRENCIES_MOST && strcmp(code, other) != 0)
        return currency_of(c, other);
    ARRAY_RESERVE(c->currencies, c->currency_capacity, c->currency_count + 1);
    memmove(&c->currencies[from + 1], &c->currencies[from],
            (c->currency_count - from) * sizeof *c->currencies);
    c->currencies[from] = (struct control_currency){.records = 0};
    text_copy(c->currencies[from].code, CONTROL_CURRENCY_MAX, code);
    c->currency_count++;
    return &c->currencies[from];
}

/* OPEN: where it counts, too; NULL. It is a part of SUM, so that it has room where that has. */
static void add(struct control_totals *c, struct decimal *sum, struct decimal *open,
                const struct cell *cell)
{
    struct decimal value;
    if (cell == NULL || cell->kind == CELL_NONE || cell->kind == CELL_NULL)
        return;
    if (cell->kind != CELL_NUMBER || decimal_parse(&value, cell->text, cell->len) < 0 ||
        decimal_add(sum, *sum, value) < 0 || (open && decimal_add(open, *open, value) < 0))
        c->not_summed++;
}

void control_totals_record(struct control_totals *c, enum review_state state,
                           const struct cell *currency, const struct cell *net,
                           const struct cell *tax, const struct cell *total)
{
    bool open = c->reviewed && state == REVIEW_OPEN;
    char code[CONTROL_CURRENCY_MAX];
    code_of(currency, code);
    struct control_currency *sums = currency_of(c, code);
    sums->records++;
    sums->open.records += open;
    c->states[state] += c->reviewed;
    if (c->currency_count > CURRENCIES_MOST && strcmp(sums->code, other) == 0) {
        c->not_summed++;
        return;
    }
    add(c, &sums->net, open ? &sums->open.net : NULL, net);
    add(c, &sums->tax, open ? &sums->open.tax : NULL, tax);
    add(c, &sums->total, open ? &sums->open.total : NULL, total);
}

static int unequal(struct error *e, const char *what, int64_t left, int64_t right)
{
    return left == right
               ? 0
               : error_set(e, ERR_DAMAGED,
                           "the numbers don't add up: %s, but %lld is not %lld. Nothing was "
                           "written; `mindee-batch verify` looks at the ledger",
                           what, (long long)left, (long long)right);
}

static int64_t sum_states(const struct control_totals *c)
{
    int64_t sum = 0;
    for (int i = 0; i < REVIEW_STATES; i++)
        sum += c->states[i];
    return sum;
}

int control_totals_check(const struct control_totals *c, struct error *e)
{
    const struct ledger_counts *n = &c->counts;
    int64_t states = n->dismissed, in_currencies = 0;
    for (int i = 0; i < DOC_STATE_COUNT; i++)
        states += n->by_state[i];
    for (size_t i = 0; i < c->currency_count; i++)
        in_currencies += c->currencies[i].records;
    int err =
        unequal(e, "files are documents and duplicates", n->files, n->documents + n->duplicates);
    if (!err)
        err = unequal(e, "documents are those of all states", n->documents, states);
    if (!err && c->whole)
        err = unequal(e, "stored documents are those with a result", n->by_state[DOC_STORED],
                      c->documents);
    if (!err)
        err = unequal(e, "records are those of all currencies", c->records, in_currencies);
    if (!err && c->reviewed)
        err = unequal(e, "records are those of all states", c->records, sum_states(c));
    return err;
}

const char *control_amount(const struct control_currency *c, struct decimal amount,
                           char out[DECIMAL_TEXT_MAX])
{
    return decimal_format(amount, currency_decimals(c->code, strlen(c->code)), out);
}

static void put_sums(struct buffer *out, const struct control_currency *c, int64_t records,
                     struct decimal net, struct decimal tax, struct decimal total)
{
    char texts[3][DECIMAL_TEXT_MAX];
    buffer_printf(out, "\"records\":%lld,\"net\":\"%s\",\"tax\":\"%s\",\"total\":\"%s\"",
                  (long long)records, control_amount(c, net, texts[0]),
                  control_amount(c, tax, texts[1]), control_amount(c, total, texts[2]));
}

static void put_currency(struct buffer *out, const struct control_currency *c, bool reviewed)
{
    buffer_put(out, "{\"currency\":");
    json_string_put(out, c->code, strlen(c->code));
    buffer_put(out, ",");
    put_sums(out, c, c->records, c->net, c->tax, c->total);
    if (reviewed) {
        buffer_put(out, ",\"open\":{");
        put_sums(out, c, c->open.records, c->open.net, c->open.tax, c->open.total);
        buffer_put(out, "}");
    }
    buffer_put(out, "}");
}

static void put_states(struct buffer *out, const struct control_totals *c)
{
    buffer_put(out, ",\"status\":{");
    for (int i = 0; i < REVIEW_STATES; i++)
        buffer_printf(out, "%s\"%s\":%lld", i ? "," : "", review_state_names[i],
                      (long long)c->states[i]);
    buffer_put(out, "}");
}

void control_totals_json(struct buffer *out, const struct control_totals *c)
{
    const struct ledger_counts *n = &c->counts;
    buffer_printf(out,
                  "{\"files\":%lld,\"documents\":%lld,\"duplicates\":%lld,\"queued\":%lld,"
                  "\"processing\":%lld,\"stored\":%lld,\"failed\":%lld,\"rejected\":%lld,"
                  "\"lost\":%lld,\"in_doubt\":%lld,\"dismissed\":%lld,",
                  (long long)n->files, (long long)n->documents, (long long)n->duplicates,
                  (long long)n->by_state[DOC_QUEUED], (long long)summary_processing(n),
                  (long long)n->by_state[DOC_STORED], (long long)n->by_state[DOC_FAILED],
                  (long long)n->by_state[DOC_REJECTED], (long long)n->by_state[DOC_LOST],
                  (long long)n->by_state[DOC_IN_DOUBT], (long long)n->dismissed);
    buffer_printf(out,
                  "\"records\":%lld,\"without_record\":%lld,\"not_summed\":%lld,\"currencies\":[",
                  (long long)c->records, (long long)c->without_record, (long long)c->not_summed);
    for (size_t i = 0; i < c->currency_count; i++) {
        buffer_put(out, i ? "," : "");
        put_currency(out, &c->currencies[i], c->reviewed);
    }
    buffer_put(out, "]");
    if (c->reviewed)
        put_states(out, c);
    buffer_put(out, "}");
}
