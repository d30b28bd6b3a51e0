/* Which files an export makes, and by whom their rows are written. */
#include "export/export_internal.h"

#include "base/text.h"
#include "export/csv_tables.h"
#include "export/jsonl_tables.h"
#include "export/sqlite_tables.h"
#include "workbook/workbook.h"

#include <stdio.h>
#include <string.h>

static const char *const endings[] = {
    [EXPORT_CSV] = ".csv",
    [EXPORT_XLSX] = ".xlsx",
    [EXPORT_JSONL] = ".jsonl",
    [EXPORT_SQLITE] = ".sqlite",
};

static bool to_standard_output(const struct export_options *o)
{
    return o->file && strcmp(o->file, "-") == 0;
}

/* Batch and period, as they stand in the names of files: "-acme-2026-11". A slash can't. */
static void put_suffix(const struct export_options *o, struct buffer *out)
{
    const char *const parts[] = {o->batch, o->period};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        for (const char *p = parts[i] ? parts[i] : ""; *p; p++)
            buffer_printf(out, "%s%c", p == parts[i] ? "-" : "", *p == '/' ? '-' : *p);
}

static int refuse_several(const struct export_making *m, struct error *e)
{
    return error_set(e, ERR_USAGE,
                     "--to %s takes one table, and there are %zu: choose one by --table, or name a "
                     "directory",
                     text_show(m->options->file), m->shown->table_count);
}

static int open_stream(struct export_making *m, struct error *e)
{
    const struct export_options *o = m->options;
    static const char shown[] = "standard output";
    if (o->format == EXPORT_JSONL) {
        m->sink = jsonl_tables_to_stream(m->shown, stdout, shown);
        return 0;
    }
    if (o->format != EXPORT_CSV)
        return error_set(e, ERR_USAGE, "--to - is for csv and jsonl: name a file for %s",
                         endings[o->format] + 1);
    if (m->shown->table_count != 1)
        return refuse_several(m, e);
    m->sink = csv_table_to_stream(m->shown, 0, &o->profile, stdout, shown, &m->outcome->notes);
    return 0;
}

static int open_book(struct export_making *m, struct error *e)
{
    const struct ledger_counts *n = &m->outcome->control.counts;
    int64_t at = n->finished_at.ms ? n->finished_at.ms : n->started_at.ms;
    const struct workbook_options options = {
        .path = export_file_path(m->file),
        .shown = export_file_shown(m->file),
        .directory = m->options->directory,
        .names = m->options->names,
        .created_s = at / 1000,
    };
    return workbook_tables_new(&m->sink, &options, m->shown, &m->outcome->notes, e);
}

static int open_database(struct export_making *m, struct error *e)
{
    struct sqlite_about facts[EXPORT_FACTS_MOST + 1] = {{NULL, NULL}};
    struct export_about about;
    export_about_fill(&about, m);
    for (size_t i = 0; i < about.count; i++)
        facts[i] = (struct sqlite_about){about.facts[i].name, about.facts[i].value};
    return sqlite_tables_new(&m->sink, m->shown, m->file, facts, &m->outcome->notes, e);
}

/* All of it in one file. */
static int open_single(struct export_making *m, const char *name, struct error *e)
{
    const struct export_options *o = m->options;
    const char *table = m->shown->table_count == 1 ? m->shown->tables[0].name : NULL;
    int err = export_files_add(m->files, name, table, &m->file, e);
    if (err)
        return err;
    switch (o->format) {
    case EXPORT_CSV:
        m->sink = csv_table_to_file(m->shown, 0, &o->profile, m->file, &m->outcome->notes);
        return 0;
    case EXPORT_JSONL:
        m->sink = jsonl_tables_to_file(m->shown, m->file);
        return 0;
    case EXPORT_SQLITE:
        return open_database(m, e);
    case EXPORT_XLSX:
        return open_book(m, e);
    }
    return 0;
}

static int open_files(struct export_making *m, struct error *e)
{
    const struct export_options *o = m->options;
    struct buffer suffix, name;
    char ledger[20]; /* as in the manifest */
    if (o->file && o->format == EXPORT_CSV && m->shown->table_count != 1)
        return refuse_several(m, e);
    enum export_place place = o->file   ? EXPORT_PLACE_FILE
                              : o->ours ? EXPORT_PLACE_OURS
                                        : EXPORT_PLACE_USERS;
    int err = export_files_open(&m->files, o->directory, place, o->access, e);
    snprintf(ledger, sizeof ledger, "%016llx", (unsigned long long)ledger_id(m->ledger));
    if (!err)
        err = export_files_claim(m->files, o->batch, ledger, e);
    if (err)
        return err;
    buffer_init(&suffix, 0);
    buffer_init(&name, 0);
    put_suffix(o, &suffix);
    buffer_printf(&name, "documents%s%s", buffer_text(&suffix), endings[o->format]);
    if (o->format == EXPORT_CSV && !o->file)
        err = csv_tables_new(&m->sink, m->shown, &o->profile, m->files, buffer_text(&suffix),
                             &m->outcome->notes, e);
    else
        err = open_single(m, o->file ? o->file : buffer_text(&name), e);
    buffer_release(&suffix);
    buffer_release(&name);
    return err;
}

int export_sink_open(struct export_making *m, struct error *e)
{
    if (m->flat && m->options->format == EXPORT_JSONL)
        return error_set(e, ERR_USAGE,
                         "--flat is for csv, xlsx and sqlite: JSON lines have lists within "
                         "their records");
    return to_standard_output(m->options) ? open_stream(m, e) : open_files(m, e);
}

int export_sink_row(struct export_making *m, size_t place, const struct cell *cells,
                    struct error *e)
{
    m->rows[place]++;
    return m->sink->kind->row(m->sink, place, cells, e);
}

static int finish_files(struct export_making *m, struct error *e)
{
    struct buffer head, place;
    buffer_init(&head, 0);
    buffer_init(&place, 0);
    export_manifest_head(m, &head);
    int err = export_files_commit(m->files, buffer_text(&head), e);
    buffer_printf(&place, "%s", m->options->directory);
    if (m->file)
        buffer_printf(&place, "/%s", export_file_shown(m->file));
    if (!err)
        export_say_files(m, m->file ? export_file_shown(m->file) : buffer_text(&place));
    buffer_release(&head);
    buffer_release(&place);
    return err;
}

int export_sink_finish(struct export_making *m, struct error *e)
{
    bool book = m->options->format == EXPORT_XLSX;
    int err = book ? export_book_finish(m, e) : m->sink->kind->end(m->sink, e);
    if (!err && m->files)
        err = finish_files(m, e);
    if (!err)
        export_say_notes(m);
    return err;
}

void export_sink_free(struct export_making *m)
{
    if (m->sink)
        m->sink->kind->free(m->sink);
    export_files_free(m->files);
}
