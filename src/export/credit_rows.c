/* See credit_rows.h. Periods and models are kept once each and rows point to them, so that most lines find
 * their row where the last one had it. An amount that is confirmed goes into two rows where the day in the
 * zone isn't that in UTC. */
#include "export/credit_rows.h"

#include "base/array.h"
#include "base/text.h"
#include "ledger/sent_settings.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct model {
    char *product, *model_id;
};

struct settings {
    int64_t id;
    size_t model;
};

struct credit_names {
    char **periods;
    size_t period_count, period_capacity;
    struct model *models;
    size_t model_count, model_capacity;
    struct settings *settings;
    size_t settings_count, settings_capacity;
};

struct adding {
    struct credit_rows *rows;
    struct ledger *ledger;
    const struct credit_options *options;
    size_t period, settings; /* found last */
    size_t row;
};

/* --- names, each once --- */

static const char *period_of(struct adding *a, const char *period)
{
    struct credit_names *n = a->rows->names;
    if (!(a->options->by & CREDITS_BY_PERIOD))
        return "";
    if (a->period < n->period_count && strcmp(n->periods[a->period], period) == 0)
        return n->periods[a->period];
    for (a->period = 0; a->period < n->period_count; a->period++)
        if (strcmp(n->periods[a->period], period) == 0)
            return n->periods[a->period];
    ARRAY_RESERVE(n->periods, n->period_capacity, n->period_count + 1);
    n->periods[n->period_count++] = xstrdup(period);
    return n->periods[a->period];
}

static void keep_model(void *ctx, const struct ledger_settings *s)
{
    struct credit_names *n = ctx;
    const char *model_id = s->model_id ? s->model_id : "";
    size_t i = 0;
    while (i < n->model_count && (strcmp(n->models[i].product, s->product) != 0 ||
                                  strcmp(n->models[i].model_id, model_id) != 0))
        i++;
    if (i == n->model_count) {
        ARRAY_RESERVE(n->models, n->model_capacity, n->model_count + 1);
        n->models[n->model_count++] = (struct model){xstrdup(s->product), xstrdup(model_id)};
    }
    n->settings[n->settings_count].model = i;
}

/* 0, or an error of the ledger's. */
static int find_settings(struct adding *a, int64_t id)
{
    struct credit_names *n = a->rows->names;
    if (a->settings < n->settings_count && n->settings[a->settings].id == id)
        return 0;
    for (a->settings = 0; a->settings < n->settings_count; a->settings++)
        if (n->settings[a->settings].id == id)
            return 0;
    ARRAY_RESERVE(n->settings, n->settings_capacity, n->settings_count + 1);
    n->settings[n->settings_count] = (struct settings){.id = id};
    int err = ledger_settings_get(a->ledger, id, keep_model, n);
    if (!err)
        n->settings_count++;
    return err;
}

/* --- rows --- */

static int compare(const struct credit_row *a, const struct credit_row *b)
{
    int64_t x = civil_to_days(a->day), y = civil_to_days(b->day);
    if (x != y)
        return x < y ? -1 : 1;
    int order = a->period == b->period ? 0 : strcmp(a->period, b->period);
    if (!order && a->product != b->product)
        order = strcmp(a->product, b->product);
    if (!order && a->model != b->model)
        order = strcmp(a->model, b->model);
    return order;
}

static struct credit_row *row_of(struct adding *a, const struct credit_row *key)
{
    struct credit_rows *r = a->rows;
    size_t from = 0, to = r->count;
    if (a->row < r->count && compare(key, &r->rows[a->row]) == 0)
        return &r->rows[a->row];
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        if (compare(&r->rows[middle], key) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    a->row = from;
    if (from < r->count && compare(key, &r->rows[from]) == 0)
        return &r->rows[from];
    ARRAY_RESERVE(r->rows, r->capacity, r->count + 1);
    memmove(&r->rows[from + 1], &r->rows[from], (r->count - from) * sizeof *r->rows);
    r->count++;
    r->rows[from] = *key;
    return &r->rows[from];
}

static bool is_chosen(const struct credit_options *o, const struct bill_line *line)
{
    if (o->period && strcmp(o->period, line->period) != 0)
        return false;
    if (line->at.ms < o->since.ms)
        return false;
    return !o->documents || array_has_number(o->documents, o->document_count, line->document_id);
}

static struct civil utc_day(struct wall at)
{
    return civil_from_days(floor_div(at.ms, (int64_t)SECONDS_A_DAY * 1000));
}

static int add_line(void *ctx, const struct bill_line *line)
{
    struct adding *a = ctx;
    const struct credit_options *o = a->options;
    struct credit_row key = {.day = {1970, 1, 1}, .period = "", .product = "", .model = ""};
    struct zone_time local;
    if (!is_chosen(o, line))
        return 0;
    bill_add(&a->rows->sum, &line->bill);
    key.period = period_of(a, line->period);
    if (o->by & CREDITS_BY_MODEL) {
        int err = find_settings(a, line->settings_id);
        if (err)
            return err;
        const struct credit_names *n = a->rows->names;
        const struct model *model = &n->models[n->settings[a->settings].model];
        key.product = model->product;
        key.model = model->model_id;
    }
    if (o->by & CREDITS_BY_DAY) {
        zone_show(o->zone, line->at, &local);
        key.day = utc_day(line->at);
        if (line->bill.confirmed.micro) {
            struct credits *utc = &row_of(a, &key)->confirmed_utc;
            *utc = credits_add(*utc, line->bill.confirmed);
        }
        key.day = local.date;
    }
    bill_add(&row_of(a, &key)->bill, &line->bill);
    return 0;
}

int credit_rows_read(struct credit_rows *out, struct ledger *l,
                     const struct credit_options *options, struct error *e)
{
    struct adding a = {.rows = out, .ledger = l, .options = options};
    *out = (struct credit_rows){.zone = options->zone};
    out->names = xcalloc(1, sizeof *out->names);
    int err = ledger_billing(l, options->price, add_line, &a);
    if (err)
        *e = *ledger_error(l);
    return err;
}

void credit_rows_release(struct credit_rows *r)
{
    struct credit_names *n = r->names;
    free(r->rows);
    for (size_t i = 0; n && i < n->period_count; i++)
        free(n->periods[i]);
    for (size_t i = 0; n && i < n->model_count; i++) {
        free(n->models[i].product);
        free(n->models[i].model_id);
    }
    if (n) {
        free(n->periods);
        free(n->models);
        free(n->settings);
    }
    free(n);
    *r = (struct credit_rows){0};
}

int credit_rows_check(const struct credit_rows *r, const struct ledger_counts *counts,
                      struct error *e)
{
    struct bill sum = {0};
    char says[CREDITS_TEXT_MAX], is[CREDITS_TEXT_MAX];
    for (size_t i = 0; i < r->count; i++)
        bill_add(&sum, &r->rows[i].bill);
    if (sum.confirmed.micro != counts->credits.micro)
        return error_set(e, ERR_DAMAGED,
                         "the credits don't add up: the uploads come to %s, the ledger's numbers "
                         "to %s; `mindee-batch verify` looks at them",
                         credits_format(sum.confirmed, is), credits_format(counts->credits, says));
    if (sum.at_risk.micro != counts->credits_at_risk.micro)
        return error_set(e, ERR_DAMAGED,
                         "the credits at risk don't add up: the uploads come to %s, the ledger's "
                         "numbers to %s; `mindee-batch verify` looks at them",
                         credits_format(sum.at_risk, is),
                         credits_format(counts->credits_at_risk, says));
    return 0;
}

/* --- as a table --- */

enum what { DAY, BEGINS_AT, PERIOD, PRODUCT, MODEL, COUNT, CREDITS };

static const struct {
    const char *name;
    unsigned by; /* only of rows by one of these; 0: always */
    enum what what;
    size_t field; /* of struct credit_row */
    int width;
} columns[] = {
    {"day", CREDITS_BY_DAY, DAY, 0, 10},
    {"begins_at", CREDITS_BY_DAY, BEGINS_AT, 0, 20},
    {"period", CREDITS_BY_PERIOD, PERIOD, 0, 10},
    {"product", CREDITS_BY_MODEL, PRODUCT, 0, 14},
    {"model", CREDITS_BY_MODEL, MODEL, 0, 36},
    {"documents", 0, COUNT, offsetof(struct credit_row, bill.documents), 6},
    {"planned", 0, CREDITS, offsetof(struct credit_row, bill.planned), 8},
    {"confirmed", 0, CREDITS, offsetof(struct credit_row, bill.confirmed), 8},
    {"confirmed_utc", CREDITS_BY_DAY, CREDITS, offsetof(struct credit_row, confirmed_utc), 8},
    {"open", 0, CREDITS, offsetof(struct credit_row, bill.open), 8},
    {"at_risk", 0, CREDITS, offsetof(struct credit_row, bill.at_risk), 8},
    {"saved", 0, CREDITS, offsetof(struct credit_row, bill.saved), 8},
    {"pages", 0, COUNT, offsetof(struct credit_row, bill.pages), 6},
    {"failed", 0, COUNT, offsetof(struct credit_row, bill.failed), 6},
    {"rejected", 0, COUNT, offsetof(struct credit_row, bill.rejected), 6},
    {"resent", 0, COUNT, offsetof(struct credit_row, bill.resent), 6},
};
enum { COLUMNS = sizeof columns / sizeof *columns };
_Static_assert((int)COLUMNS <= (int)CREDITS_COLUMNS_MOST, "room in the header's arrays");
_Static_assert(sizeof(struct credits) == sizeof(int64_t), "both are read at a field");

static int64_t number_at(const struct credit_row *row, size_t field)
{
    int64_t n;
    memcpy(&n, (const char *)row + field, sizeof n);
    return n;
}

size_t credit_columns(unsigned by, struct layout_column out[CREDITS_COLUMNS_MOST])
{
    size_t count = 0;
    for (size_t i = 0; i < COLUMNS; i++)
        if (!columns[i].by || columns[i].by & by)
            out[count++] = (struct layout_column){
                .name = columns[i].name,
                .kind = columns[i].what == DAY     ? COLUMN_DATE
                        : columns[i].what >= COUNT ? COLUMN_NUMBER
                                                   : COLUMN_TEXT,
                .integer = columns[i].what == COUNT,
                .width = columns[i].width,
            };
    return count;
}

static int decimals_of(int64_t micro)
{
    int n = CREDIT_DECIMALS;
    for (int64_t part = micro % CREDIT_MICROS; n > 0 && part % 10 == 0; part /= 10)
        n--;
    return n;
}

size_t credit_columns_fit(const struct credit_rows *r, unsigned by,
                          struct layout_column out[CREDITS_COLUMNS_MOST])
{
    size_t count = credit_columns(by, out), at = 0;
    for (size_t i = 0; i < COLUMNS; i++) {
        if (columns[i].by && !(columns[i].by & by))
            continue;
        for (size_t k = 0; columns[i].what == CREDITS && k < r->count; k++) {
            int decimals = decimals_of(number_at(&r->rows[k], columns[i].field));
            if (decimals > out[at].decimals)
                out[at].decimals = decimals;
        }
        at++;
    }
    return count;
}

static const char *begins_at(const struct credit_rows *r, const struct credit_row *row,
                             char out[CREDITS_TEXT_MAX])
{
    char text[WALL_TEXT_MAX];
    enum zone_fit fit;
    snprintf(out, CREDITS_TEXT_MAX, "%s", wall_format(zone_find(r->zone, row->day, 0, &fit), text));
    return out;
}

static const char *text_of(const struct credit_rows *r, const struct credit_row *row, size_t column,
                           char out[CREDITS_TEXT_MAX])
{
    char day[CIVIL_TEXT_MAX];
    int64_t n = number_at(row, columns[column].field);
    switch (columns[column].what) {
    case DAY:
        snprintf(out, CREDITS_TEXT_MAX, "%s", civil_format(row->day, day));
        return out;
    case BEGINS_AT:
        return begins_at(r, row, out);
    case PERIOD:
        return row->period;
    case PRODUCT:
        return row->product;
    case MODEL:
        return row->model;
    case COUNT:
        snprintf(out, CREDITS_TEXT_MAX, "%" PRId64, n);
        return out;
    case CREDITS:
        return credits_plain((struct credits){n}, out);
    }
    return "";
}

void credit_row_cells(const struct credit_rows *r, const struct credit_row *row, unsigned by,
                      struct credit_cells *out)
{
    size_t count = 0;
    for (size_t i = 0; i < COLUMNS; i++) {
        if (columns[i].by && !(columns[i].by & by))
            continue;
        const char *text = text_of(r, row, i, out->texts[count]);
        out->cells[count++] = (struct cell){
            .kind = columns[i].what >= COUNT ? CELL_NUMBER : CELL_TEXT,
            .text = text,
            .len = strlen(text),
        };
    }
}
