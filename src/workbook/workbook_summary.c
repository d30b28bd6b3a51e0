/* See workbook_summary.h. From the top: what it is, the sentence, the control totals as sums that a reader can
 * add up, amounts by currency, two charts, and the figures of the second. The charts hold their figures too,
 * for programs that show a workbook without computing it. */
#include "workbook/workbook_summary.h"
#include "review/review.h"
#include "tables/currency.h"
#include "tables/left_out_notes.h"
#include "workbook/workbook_cells.h"
#include "workbook/workbook_page.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    COLUMNS = 5,
    CURRENCIES_MOST = 40,
    BARS_MOST = 62, /* of the chart by day; more are months, or years */
    CHART_ROWS = 15,
    STATES = 8,
};

static bool is_settled(const struct workbook_summary *s)
{
    return s->stored + s->dismissed == s->documents;
}

static void put_head(struct workbook_page *p, const struct workbook_summary *s)
{
    char line[200];
    workbook_page_said(p, worksheet_set_row(p->ws, 0, 34, NULL));
    workbook_page_text(p, 0, STYLE_TITLE, s->batch);
    p->row++;
    snprintf(line, sizeof line, "%s%s", s->period ? "Period " : "All periods",
             s->period ? s->period : "");
    workbook_page_said(p, worksheet_set_row(p->ws, p->row, 20, NULL));
    workbook_page_text(p, 0, STYLE_SUBTITLE, line);
    p->row += 2;
    size_t lines = 1 + strlen(s->verdict) / 90;
    lxw_format *format =
        p->file->styles.of[is_settled(s) ? STYLE_VERDICT_GOOD : STYLE_VERDICT_OPEN];
    workbook_page_said(
        p, worksheet_set_row(p->ws, p->row, 10 + 16 * (double)(lines < 20 ? lines : 20), NULL));
    workbook_page_said(p, worksheet_merge_range(p->ws, p->row, 0, p->row, COLUMNS - 1, "", format));
    workbook_page_text(p, 0, is_settled(s) ? STYLE_VERDICT_GOOD : STYLE_VERDICT_OPEN, s->verdict);
    p->row += 2;
}

static void put_line(struct workbook_page *p, const char *label, int64_t count, const char *note)
{
    workbook_page_text(p, 0, STYLE_LABEL, label);
    workbook_page_number(p, 1, STYLE_COUNT, (double)count);
    workbook_page_text(p, 2, STYLE_NOTE, note);
    p->row++;
}

static void put_sum(struct workbook_page *p, const char *label, int64_t count, const char *note)
{
    workbook_page_text(p, 0, STYLE_SUM_LABEL, label);
    workbook_page_number(p, 1, STYLE_SUM_COUNT, (double)count);
    for (int i = 2; i < COLUMNS; i++)
        workbook_page_text(p, i, STYLE_SUM_NOTE, i == 2 ? note : "");
    p->row += 2;
}

struct state_line {
    const char *label, *note;
    int64_t count;
};

static void list_states(const struct workbook_summary *s, struct state_line lines[STATES])
{
    const struct state_line all[STATES] = {
        {"Stored", "read; the records in this workbook are theirs", s->stored},
        {"Rejected", "not sent: no file that Mindee takes", s->rejected},
        {"Failed", "sent, but Mindee couldn't read it", s->failed},
        {"Lost", "sent, but its result was no longer there", s->lost},
        {"In doubt", "sent, but no answer came", s->in_doubt},
        {"Dismissed", "one of these, settled by hand", s->dismissed},
        {"Queued", "still to be sent", s->queued},
        {"Processing", "sent, no result yet", s->processing},
    };
    memcpy(lines, all, sizeof all);
}

/* What is to be booked, and what waits for a person. */
static void put_states(struct workbook_page *p, const struct workbook_summary *s)
{
    static const struct {
        const char *label, *note;
    } lines[REVIEW_STATES] = {
        [REVIEW_READY] = {"Ready", "nothing was found that a person should see"},
        [REVIEW_OPEN] = {"To review", "a person has to decide: the sheet Review says why"},
        [REVIEW_ACCEPTED] = {"Accepted", "seen, and right"},
        [REVIEW_CORRECTED] = {"Corrected", "seen, and right with what was corrected"},
        [REVIEW_REJECTED] = {"Rejected by a person", "not to be booked"},
        [REVIEW_LATER] = {"Later", "seen, and put off"},
    };
    for (int i = 0; i < REVIEW_STATES; i++)
        put_line(p, lines[i].label, s->states[i], lines[i].note);
    put_sum(p, "Records", s->records, "the sum of these, and the same number as above");
}

/* *STATES_FROM: the row of the first state, for the chart. */
static void put_control(struct workbook_page *p, const struct workbook_summary *s,
                        lxw_row_t *states_from)
{
    struct state_line lines[STATES];
    workbook_page_section(p, "Control totals", COLUMNS);
    put_line(p, "Files received", s->files, "");
    put_line(p, "less duplicates", -s->duplicates,
             "files with the same content as another, read once");
    put_sum(p, "Documents", s->documents, "files less duplicates");
    *states_from = p->row;
    list_states(s, lines);
    for (int i = 0; i < STATES; i++)
        put_line(p, lines[i].label, lines[i].count, lines[i].note);
    put_sum(p, "Documents", s->documents, "the sum of these, and the same number as above");
    put_line(p, "Stored", s->stored, "");
    put_line(p, "less those without a record", -s->without_record, "nothing in them to tabulate");
    put_sum(p, "Documents with records", s->stored - s->without_record, "");
    p->row--;
    put_line(p, "Records in them", s->records,
             "one invoice or receipt each; a document may hold several");
    p->row++;
    if (s->states)
        put_states(p, s);
}

static void put_open_amounts(struct workbook_page *p, const struct workbook_currency *c,
                             int decimals)
{
    if (!c->open.records)
        return;
    p->row++;
    workbook_page_text(p, 0, STYLE_NOTE, "of it to review");
    workbook_page_number(p, 1, STYLE_COUNT, (double)c->open.records);
    workbook_page_amount(p, 2, decimals, c->open.net);
    workbook_page_amount(p, 3, decimals, c->open.tax);
    workbook_page_amount(p, 4, decimals, c->open.total);
}

static void put_amounts(struct workbook_page *p, const struct workbook_summary *s,
                        struct left_out_notes *notes)
{
    static const char *const headers[] = {"Currency", "Records", "Net", "Tax", "Total"};
    size_t count = s->currency_count < CURRENCIES_MOST ? s->currency_count : CURRENCIES_MOST;
    workbook_page_section(p, "Amounts by currency", COLUMNS);
    for (int i = 0; i < 5; i++)
        workbook_page_text(p, i, i ? STYLE_HEADER_RIGHT : STYLE_HEADER, headers[i]);
    p->row++;
    for (size_t i = 0; i < count; i++, p->row++) {
        const struct workbook_currency *c = &s->currencies[i];
        const char *code = c->code ? c->code : "";
        int decimals = currency_decimals(code, strlen(code));
        workbook_page_text(p, 0, STYLE_LABEL, *code ? code : "(no currency read)");
        workbook_page_number(p, 1, STYLE_COUNT, (double)c->records);
        workbook_page_amount(p, 2, decimals, c->net);
        workbook_page_amount(p, 3, decimals, c->tax);
        workbook_page_amount(p, 4, decimals, c->total);
        put_open_amounts(p, c, decimals);
    }
    if (!count) {
        workbook_page_text(p, 0, STYLE_NOTE, "No record has an amount.");
        p->row++;
    }
    if (count < s->currency_count)
        left_out_note(notes, "the workbook's Summary shows the first %d of %zu currencies",
                      CURRENCIES_MOST, s->currency_count);
    p->row++;
}

/* ---- documents by day ---- */

enum span { BY_DAY, BY_MONTH, BY_YEAR };

struct bars {
    int first[BARS_MOST]; /* the day on which each begins */
    int64_t count[BARS_MOST];
    size_t n;
    enum span by;
};

/* The first day of the month or year of DAY, and of the next. */
static int span_of(int day, enum span by, int *next)
{
    int year, month, of_month, begin = day;
    char text[48];
    workbook_date_of(day, &year, &month, &of_month);
    *next = day + 1;
    if (by == BY_DAY)
        return day;
    if (by == BY_YEAR)
        month = 1;
    snprintf(text, sizeof text, "%04d-%02d-01", year, month);
    (void)workbook_date(text, strlen(text), &begin); /* stays the day in March of 1900 */
    month = by == BY_YEAR || month == 12 ? 1 : month + 1;
    year += month == 1;
    snprintf(text, sizeof text, "%04d-%02d-01", year, month);
    if (!workbook_date(text, strlen(text), next))
        *next = day + 1;
    return begin;
}

/* All bars from the first day to the last, those without documents too. False: there are too many. */
static bool fill_bars(struct bars *b, const struct workbook_summary *s)
{
    int next = 0, day;
    b->n = 0;
    for (size_t i = 0; i < s->day_count; i++) {
        if (!workbook_date(s->days[i].date, strlen(s->days[i].date), &day) ||
            (b->n && day < b->first[b->n - 1]))
            continue;
        while (!b->n || day >= next) {
            if (b->n == BARS_MOST)
                return false;
            b->first[b->n] = span_of(b->n ? next : day, b->by, &next);
            b->count[b->n++] = 0;
        }
        b->count[b->n - 1] += s->days[i].documents;
    }
    return true;
}

static void make_bars(struct bars *b, const struct workbook_summary *s)
{
    for (int by = BY_DAY; by <= BY_YEAR; by++) {
        *b = (struct bars){.by = (enum span)by};
        if (fill_bars(b, s))
            return;
    }
    b->n = 0; /* no honest picture of centuries */
}

static const char *bars_title(const struct bars *b)
{
    static const char *const titles[] = {"Documents a day", "Documents a month",
                                         "Documents a year"};
    return titles[b->by];
}

static void put_bars(struct workbook_page *p, const struct bars *b)
{
    static const enum workbook_style styles[] = {STYLE_DATE, STYLE_MONTH, STYLE_YEAR};
    static const char *const headers[] = {"Day", "Month", "Year"};
    char title[60];
    snprintf(title, sizeof title, "%s, in figures", bars_title(b));
    workbook_page_section(p, title, COLUMNS);
    workbook_page_text(p, 0, STYLE_HEADER, headers[b->by]);
    workbook_page_text(p, 1, STYLE_HEADER_RIGHT, "Documents");
    p->row++;
    for (size_t i = 0; i < b->n; i++, p->row++) {
        workbook_page_number(p, 0, styles[b->by], b->first[i]);
        workbook_page_number(p, 1, STYLE_COUNT, (double)b->count[i]);
    }
}

/* ---- charts ---- */

/* What a chart shows, kept in it: the library can't look it up, for rows are gone from memory. TEXT or NUMBER. */
static lxw_error keep(lxw_series_range *range, size_t count, const char *const *text,
                      const double *number)
{
    range->ignore_cache = LXW_TRUE; /* of the library's own making */
    range->has_string_cache = text != NULL;
    for (size_t i = 0; i < count; i++) {
        lxw_series_data_point *point = calloc(1, sizeof *point);
        char *copy = text ? strdup(text[i]) : NULL;
        if (!point || (text && !copy)) {
            free(point);
            free(copy);
            return LXW_ERROR_MEMORY_MALLOC_FAILED;
        }
        point->is_string = text != NULL;
        point->string = copy;
        point->number = text ? 0 : number[i];
        STAILQ_INSERT_TAIL(range->data_cache, point, list_pointers);
        range->num_data_points++;
    }
    return LXW_NO_ERROR;
}

struct chart_data {
    lxw_row_t from; /* names in the first column, counts in the second */
    size_t count;
    const char *const *names; /* NULL: days */
    const double *days;
    const double *counts;
    const char *title;
};

static lxw_chart_font *font(double size, bool bold)
{
    static lxw_chart_font f;
    f = (lxw_chart_font){
        .size = size, .bold = bold ? LXW_TRUE : LXW_EXPLICIT_FALSE, .color = 0x404040};
    return &f;
}

/* A chart of one series in the colour of the workbook, without what nobody needs to see. */
static lxw_chart *make_chart(struct workbook_page *p, uint8_t type, const struct chart_data *d)
{
    lxw_chart_fill fill = {.color = 0x2f5597};
    lxw_chart_line thin = {.color = 0xd9d9d9, .width = 0.75};
    lxw_row_t last = d->from + (lxw_row_t)d->count - 1;
    lxw_chart *chart = workbook_add_chart(p->file->lib, type);
    lxw_chart_series *series = chart ? chart_add_series(chart, NULL, NULL) : NULL;
    if (!series) {
        workbook_page_said(p, LXW_ERROR_MEMORY_MALLOC_FAILED);
        return NULL;
    }
    chart_series_set_categories(series, p->ws->name, d->from, 0, last, 0);
    chart_series_set_values(series, p->ws->name, d->from, 1, last, 1);
    workbook_page_said(p, keep(series->categories, d->count, d->names, d->days));
    workbook_page_said(p, keep(series->values, d->count, NULL, d->counts));
    chart_series_set_fill(series, &fill);
    chart_title_set_name(chart, d->title);
    chart_title_set_name_font(chart, font(12, true));
    chart_legend_set_position(chart, LXW_CHART_LEGEND_NONE);
    chart_chartarea_set_line(chart, &thin);
    chart_axis_set_num_font(chart->x_axis, font(9, false));
    chart_axis_set_num_font(chart->y_axis, font(9, false));
    return chart;
}

static void place(struct workbook_page *p, lxw_chart *chart, bool right)
{
    lxw_chart_options o = {
        .x_offset = right ? 386 : 2, .y_offset = 2, .x_scale = 374.0 / 480, .y_scale = 290.0 / 288};
    workbook_page_said(p, worksheet_insert_chart_opt(p->ws, p->row, 0, chart, &o));
}

static void put_state_chart(struct workbook_page *p, const struct workbook_summary *s,
                            lxw_row_t from)
{
    struct state_line lines[STATES];
    const char *names[STATES];
    double counts[STATES];
    list_states(s, lines);
    for (int i = 0; i < STATES; i++) {
        names[i] = lines[i].label;
        counts[i] = (double)lines[i].count;
    }
    const struct chart_data d = {from, STATES, names, NULL, counts, "Documents by status"};
    lxw_chart *chart = make_chart(p, LXW_CHART_BAR, &d);
    if (!chart)
        return;
    lxw_chart_series *series = STAILQ_FIRST(chart->series_list);
    chart_series_set_labels(series);
    chart_series_set_labels_num_format(series, "#,##0;;"); /* nothing for 0 */
    chart_series_set_labels_font(series, font(9, true));
    chart_set_series_gap(chart, 40);
    /* Bars lie: the axis of the names is the upright one. */
    chart_axis_set_reverse(chart->y_axis); /* the first at the top */
    chart_axis_off(chart->x_axis);
    chart_axis_major_gridlines_set_visible(chart->x_axis, LXW_FALSE);
    place(p, chart, false);
}

static void put_day_chart(struct workbook_page *p, const struct bars *b, lxw_row_t from)
{
    static const char *const formats[] = {"mm-dd", "yyyy-mm", "yyyy"};
    double days[BARS_MOST], counts[BARS_MOST];
    for (size_t i = 0; i < b->n; i++) {
        days[i] = b->first[i];
        counts[i] = (double)b->count[i];
    }
    const struct chart_data d = {from, b->n, NULL, days, counts, bars_title(b)};
    lxw_chart *chart = make_chart(p, LXW_CHART_COLUMN, &d);
    if (!chart)
        return;
    chart_axis_set_num_format(chart->x_axis, formats[b->by]);
    chart_axis_set_num_format(chart->y_axis, "#,##0");
    chart_axis_set_min(chart->y_axis, 0);
    lxw_chart_line none = {.none = LXW_TRUE}, thin = {.color = 0xd9d9d9, .width = 0.75};
    chart_axis_set_line(chart->y_axis, &none);
    chart_axis_major_gridlines_set_line(chart->y_axis, &thin);
    place(p, chart, true);
}

/* Charts have to stand on one page: with the records' states the numbers before them fill the first one, and a few
 * figures have room below the charts then. FIGURES 0: there are none. */
static void break_pages(struct workbook_page *p, bool states, lxw_row_t glance, lxw_row_t figures,
                        size_t count)
{
    enum { BELOW_CHARTS = 31 };
    lxw_row_t breaks[3] = {0};
    int n = 0;
    if (states)
        breaks[n++] = glance;
    if (figures && (!states || count > BELOW_CHARTS))
        breaks[n++] = figures;
    if (n)
        workbook_page_said(p, worksheet_set_h_pagebreaks(p->ws, breaks));
}

int workbook_summary_write(struct workbook_file *f, size_t sheet, const struct workbook_summary *s,
                           struct left_out_notes *notes, struct error *e)
{
    static const int widths[COLUMNS] = {28, 14, 21, 19, 24};
    struct workbook_page p;
    struct bars bars;
    lxw_row_t states_from;
    workbook_page_begin(&p, f, sheet, e);
    workbook_page_widths(&p, widths, COLUMNS);
    put_head(&p, s);
    put_control(&p, s, &states_from);
    put_amounts(&p, s, notes);
    make_bars(&bars, s);
    const lxw_row_t glance = p.row;
    workbook_page_section(&p, "At a glance", COLUMNS);
    put_state_chart(&p, s, states_from);
    lxw_row_t figures = p.row + CHART_ROWS + 1;
    if (bars.n > 1) { /* a single bar tells nothing; LibreOffice gives it a wrong date, too */
        put_day_chart(&p, &bars, figures + 3);
        p.row = figures;
        put_bars(&p, &bars);
    } else {
        p.row = figures;
    }
    break_pages(&p, s->states != NULL, glance, bars.n ? figures : 0, bars.n);
    workbook_page_print(&p, COLUMNS);
    return p.rc;
}
