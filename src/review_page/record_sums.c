/* See record_sums.h. A sum is right if the check of it found nothing: tolerances are the checks' own. */
#include "review_page/record_sums.h"

#include "review/amount.h"
#include "review_page/record_json.h"
#include "tables/columns.h"

#include <string.h>

static bool found(const struct record_sums *s, enum check_code code)
{
    for (size_t i = 0; i < s->record->reasons.count; i++)
        if (s->record->reasons.items[i].code == code)
            return true;
    return false;
}

/* What the check of a sum says, where UNSURE it can't, nor where it is off. */
static const char *verdict(const struct record_sums *s, enum check_code code, bool unsure)
{
    if (found(s, code))
        return "false";
    bool off = !s->checks->enabled || s->checks->severities[code] == SEVERITY_OFF;
    return unsure || off ? "null" : "true";
}

static void put(struct buffer *out, bool *first, const char *ok, const char *text)
{
    buffer_put(out, *first ? "{" : ",{");
    record_json_text(out, "text", text);
    buffer_printf(out, ",\"ok\":%s}", ok);
    *first = false;
}

static bool amount_of(const struct record_sums *s, enum role role, struct decimal *out)
{
    const char *text = s->record->fact.values[role];
    return text && decimal_parse(out, text, strlen(text)) == 0;
}

static void put_total(struct buffer *out, bool *first, const struct record_sums *s)
{
    struct decimal net, tax, total, sum, tip = DECIMAL_ZERO;
    char a[DECIMAL_TEXT_MAX], b[DECIMAL_TEXT_MAX], c[DECIMAL_TEXT_MAX], d[DECIMAL_TEXT_MAX];
    struct buffer text;
    int places = s->record->fact.decimals;
    if (!amount_of(s, ROLE_NET, &net) || !amount_of(s, ROLE_TAX, &tax) ||
        !amount_of(s, ROLE_TOTAL, &total) || decimal_add(&sum, net, tax) < 0)
        return;
    buffer_init(&text, 0);
    buffer_printf(&text, "net %s + tax %s", decimal_format(net, places, a),
                  decimal_format(tax, places, b));
    if (decimal_compare(sum, total) != 0 && amount_of(s, ROLE_TIP, &tip) &&
        decimal_sign(tip) != 0 && decimal_add(&sum, sum, tip) == 0)
        buffer_printf(&text, " + tip %s", decimal_format(tip, places, c));
    buffer_printf(&text, " = %s", decimal_format(sum, places, c));
    if (decimal_compare(sum, total) != 0)
        buffer_printf(&text, ", total %s", decimal_format(total, places, d));
    put(out, first, verdict(s, CHECK_TOTAL_SUM, false), buffer_text(&text));
    buffer_release(&text);
}

static bool is_one_of(const char *name, const char *const *names)
{
    for (; names && *names; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

struct lines {
    struct decimal sum;
    int count, without; /* rows that have an amount, and that don't */
};

/* Adds the amount of ROW, if it has one; false: it can't be added. */
static bool add_row(const struct record_sums *s, const struct flat_row *row, struct lines *lines)
{
    for (size_t i = 0; i < row->cell_count; i++) {
        const struct flat_cell *cell = &s->doc->cells[row->cells + i];
        if (!is_one_of(columns_get(s->columns, cell->column)->name, s->amounts))
            continue;
        struct amount amount = amount_read(&cell->value);
        if (amount.state == AMOUNT_NONE)
            continue;
        lines->count++;
        return amount.state == AMOUNT_GIVEN &&
               decimal_add(&lines->sum, lines->sum, amount.number) == 0;
    }
    lines->without++;
    return true;
}

/* While a line has no amount nobody can say whether they are right: the check of them is silent, too. */
static void put_lines(struct buffer *out, bool *first, const struct record_sums *s)
{
    struct lines lines = {DECIMAL_ZERO, 0, 0};
    char number[DECIMAL_TEXT_MAX];
    struct buffer text;
    for (size_t r = s->flat->rows; r < s->flat->rows + s->flat->row_count; r++) {
        const struct flat_row *row = &s->doc->rows[r];
        if (row->table && is_one_of(columns_table(s->columns, row->table)->name, s->lines) &&
            !add_row(s, row, &lines))
            return;
    }
    if (!lines.count)
        return;
    buffer_init(&text, 0);
    buffer_printf(&text, "lines %s", decimal_format(lines.sum, s->record->fact.decimals, number));
    if (lines.without)
        buffer_printf(&text, ", %d without an amount", lines.without);
    put(out, first, verdict(s, CHECK_LINES_SUM, lines.without > 0), buffer_text(&text));
    buffer_release(&text);
}

void record_sums_put(struct buffer *out, const struct record_sums *s)
{
    bool first = true;
    buffer_put(out, ",\"sums\":[");
    put_total(out, &first, s);
    put_lines(out, &first, s);
    buffer_put(out, "]");
}
