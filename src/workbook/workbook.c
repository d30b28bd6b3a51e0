/* See workbook.h. The sheets of ours and the lists' are made at the beginning, so that their tabs stand in
 * order; Summary is the first and is written last, About is made at the end. A list that goes over a
 * sheet's rows goes on in another, which stands behind the lists. */
#include "workbook/workbook.h"
#include "base/text.h"
#include "tables/currency.h"
#include "workbook/workbook_cells.h"
#include "workbook/workbook_sheet.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { LISTS_MOST = WORKBOOK_SHEETS_MOST - 10 /* room for ours */ };

struct tab {
    char name[SHEET_NAME_MAX];
    size_t table;
    int64_t rows;
};

/* Where the rows of a table go just now. */
struct place {
    struct workbook_sheet sheet;
    size_t tab;
    bool has_sheet; /* there was room for one */
};

struct workbook {
    struct table_sink sink;
    const struct layout *layout;
    struct left_out_notes *notes;
    struct workbook_file *file;
    struct sheet_names taken;
    struct workbook_counts counts;
    char about_name[SHEET_NAME_MAX];
    char directory[PATH_MAX]; /* where links begin: absolute, without symbolic links */
    bool names;
    uint32_t rows_most;
    struct place *places; /* one a table */
    size_t place_count;   /* the layout may be gone when they are freed */
    struct tab *tabs;
    size_t tab_count;
    const struct workbook_summary *summary;
    const struct workbook_about *about;
    int decimals; /* of the record's amounts */
    struct buffer link;
    bool has_link;                 /* the record's file has one */
    const struct table_note *said; /* of the record's values */
    size_t said_count;
};

static struct workbook *workbook_of(struct table_sink *s)
{
    return (struct workbook *)s; /* the sink is its first member */
}

static bool has_column(const struct layout_table *t, const char *name)
{
    for (size_t i = 0; i < t->column_count; i++)
        if (strcmp(t->columns[i].name, name) == 0)
            return true;
    return false;
}

/* ---- sheets ---- */

static int add_sheet(struct workbook *w, size_t table, struct error *e)
{
    const struct layout_table *t = &w->layout->tables[table];
    struct place *p = &w->places[table];
    struct buffer wanted;
    struct tab *more = realloc(w->tabs, (w->tab_count + 1) * sizeof *more);
    if (!more)
        return error_set(e, ERR_MEMORY, "write %s: not enough memory", w->file->shown);
    w->tabs = more;
    p->tab = w->tab_count++;
    struct tab *tab = &w->tabs[p->tab];
    *tab = (struct tab){.table = table};
    bool documents = strcmp(t->name, "documents") == 0;
    bool ours = documents || t->name[0] == '_'; /* "_review" is Review */
    buffer_init(&wanted, 0);
    workbook_header(&wanted, documents && has_column(t, "invoice_number") ? "invoices" : t->name);
    sheet_name_take(&w->taken, buffer_text(&wanted), ours, tab->name);
    buffer_release(&wanted);
    const struct workbook_sheet_spec spec = {tab->name, t, w->names, documents ? 3 : 6};
    p->has_sheet = true;
    return workbook_sheet_begin(&p->sheet, w->file, &spec, &w->counts, e);
}

static void say_columns(struct workbook *w, const struct layout_table *t)
{
    if (t->column_count > WORKBOOK_COLUMNS_MOST)
        left_out_note(
            w->notes,
            "the workbook has the first %d of %zu columns of %s; %s is the first that isn't in it",
            WORKBOOK_COLUMNS_MOST, t->column_count, text_show(t->name),
            text_show(t->columns[WORKBOOK_COLUMNS_MOST].name));
}

static int add_sheets(struct workbook *w, struct error *e)
{
    char name[SHEET_NAME_MAX];
    lxw_worksheet *summary;
    sheet_name_take(&w->taken, "Summary", true, name);
    sheet_name_take(&w->taken, "About", true, w->about_name);
    int rc = workbook_file_sheet(w->file, name, &summary, e);
    size_t n = w->layout->table_count;
    size_t lists = n; /* and documents; behind them are ours, which always have room */
    while (lists && w->layout->tables[lists - 1].name[0] == '_')
        lists--;
    for (size_t i = 0; i < n && !rc; i++) {
        if (i > LISTS_MOST && i < lists)
            continue;
        rc = add_sheet(w, i, e);
        say_columns(w, &w->layout->tables[i]);
    }
    if (!rc && lists > LISTS_MOST + 1)
        left_out_note(
            w->notes,
            "the workbook has sheets for %d of %zu lists; %s is the first that isn't in it",
            LISTS_MOST, lists - 1, text_show(w->layout->tables[LISTS_MOST + 1].name));
    return rc;
}

/* The next sheet of a list whose sheet is full. */
static int go_on(struct workbook *w, size_t table, struct error *e)
{
    struct place *p = &w->places[table];
    const char *name = w->layout->tables[table].name;
    int rc = workbook_sheet_end(&p->sheet, e);
    workbook_sheet_release(&p->sheet);
    p->has_sheet = false;
    if (rc)
        return rc;
    if (w->file->sheet_count + 1 < WORKBOOK_SHEETS_MOST) /* About has one */
        return add_sheet(w, table, e);
    int64_t rows = 0;
    for (size_t i = 0; i < w->tab_count; i++)
        rows += w->tabs[i].table == table ? w->tabs[i].rows : 0;
    left_out_note(w->notes, "the workbook has the first %lld rows of %s, and no sheet for more",
                  (long long)rows, text_show(name));
    return 0;
}

/* ---- rows ---- */

static int take_record(struct table_sink *s, const struct table_record *r, struct error *e)
{
    (void)e;
    struct workbook *w = workbook_of(s);
    const char *currency = r->currency ? r->currency : "";
    w->said = r->notes;
    w->said_count = r->note_count;
    w->decimals = currency_decimals(currency, strlen(currency));
    w->has_link = r->input && workbook_link(&w->link, w->directory, r->input);
    return 0;
}

static int put_row(struct workbook *w, size_t table, const struct cell *cells, struct error *e)
{
    struct place *p = &w->places[table];
    int rc = 0;
    if (p->has_sheet && p->sheet.rows > w->rows_most)
        rc = go_on(w, table, e);
    if (rc || !p->has_sheet)
        return rc;
    w->tabs[p->tab].rows++;
    workbook_sheet_notes(&p->sheet, w->said, w->said_count);
    return workbook_sheet_row(&p->sheet, cells, w->decimals,
                              w->has_link ? buffer_text(&w->link) : NULL, e);
}

static int take_row(struct table_sink *s, size_t table, const struct cell *cells, struct error *e)
{
    struct workbook *w = workbook_of(s);
    REQUIRE(table < w->layout->table_count);
    locale_t old = uselocale(w->file->locale);
    int rc = put_row(w, table, cells, e);
    uselocale(old);
    return rc;
}

/* ---- the end ---- */

static int write_about(struct workbook *w, struct error *e)
{
    lxw_worksheet *ws;
    struct workbook_about_sheet *sheets = xcalloc(w->tab_count + 1, sizeof *sheets);
    size_t n = 0;
    for (size_t i = 0; i < w->tab_count; i++) {
        bool goes_on = false; /* a list's second sheet has the same columns */
        for (size_t j = 0; j < i && !goes_on; j++)
            goes_on = w->tabs[j].table == w->tabs[i].table;
        if (!goes_on)
            sheets[n++] = (struct workbook_about_sheet){w->tabs[i].name,
                                                        &w->layout->tables[w->tabs[i].table]};
    }
    const struct workbook_contents contents = {sheets, n, w->names, &w->counts, w->notes};
    int rc = workbook_file_sheet(w->file, w->about_name, &ws, e);
    if (!rc)
        rc = workbook_about_write(w->file, w->file->sheet_count - 1, w->about, &contents, e);
    free(sheets);
    return rc;
}

static int finish(struct workbook *w, struct error *e)
{
    static const struct workbook_summary nothing = {.batch = "", .verdict = ""};
    int rc = 0;
    for (size_t i = 0; i < w->layout->table_count && !rc; i++)
        if (w->places[i].has_sheet)
            rc = workbook_sheet_end(&w->places[i].sheet, e);
    if (!rc)
        rc = workbook_summary_write(w->file, 0, w->summary ? w->summary : &nothing, w->notes, e);
    if (!rc)
        rc = write_about(w, e);
    return rc ? rc : workbook_file_end(w->file, e);
}

static int end(struct table_sink *s, struct error *e)
{
    struct workbook *w = workbook_of(s);
    locale_t old = uselocale(w->file->locale);
    int rc = finish(w, e);
    uselocale(old);
    if (!rc && w->counts.cut_texts)
        left_out_note(
            w->notes, "%lld texts are cut in the workbook, at %d characters; the first: %s",
            (long long)w->counts.cut_texts, WORKBOOK_TEXT_MOST, text_show(w->counts.first_cut));
    return rc;
}

static void free_workbook(struct table_sink *s)
{
    struct workbook *w = workbook_of(s);
    for (size_t i = 0; i < w->place_count; i++)
        workbook_sheet_release(&w->places[i].sheet);
    workbook_file_free(w->file);
    sheet_names_release(&w->taken);
    buffer_release(&w->link);
    free(w->places);
    free(w->tabs);
    free(w);
}

/* ---- from outside ---- */

int workbook_tables_new(struct table_sink **out, const struct workbook_options *o,
                        const struct layout *layout, struct left_out_notes *notes, struct error *e)
{
    static const struct table_sink_kind kind = {take_record, take_row, end, free_workbook};
    struct workbook *w = xcalloc(1, sizeof *w);
    w->sink.kind = &kind;
    w->layout = layout;
    w->notes = notes;
    w->names = o->names;
    w->rows_most =
        o->rows_most && o->rows_most < WORKBOOK_ROWS_MOST ? o->rows_most : WORKBOOK_ROWS_MOST;
    w->place_count = layout->table_count;
    w->places = xcalloc(w->place_count + 1, sizeof *w->places);
    int rc = realpath(o->directory, w->directory)
                 ? 0
                 : error_system(e, ERR_IO, errno, "write %s: directory %s", o->shown, o->directory);
    if (!rc)
        rc = workbook_file_open(&w->file, o->path, o->shown, o->directory, o->created_s, e);
    if (!rc) {
        locale_t old = uselocale(w->file->locale);
        rc = add_sheets(w, e);
        uselocale(old);
    }
    if (rc) {
        free_workbook(&w->sink);
        return rc;
    }
    *out = &w->sink;
    return 0;
}

void workbook_tell(struct table_sink *s, const struct workbook_summary *summary,
                   const struct workbook_about *about)
{
    workbook_of(s)->summary = summary;
    workbook_of(s)->about = about;
}

size_t workbook_tab_count(const struct table_sink *s)
{
    return ((const struct workbook *)s)->tab_count;
}

struct workbook_tab workbook_tab(const struct table_sink *s, size_t i)
{
    const struct workbook *w = (const struct workbook *)s;
    REQUIRE(i < w->tab_count);
    return (struct workbook_tab){w->tabs[i].name, w->layout->tables[w->tabs[i].table].name,
                                 w->tabs[i].rows};
}
