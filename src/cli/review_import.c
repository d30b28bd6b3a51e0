/* `review import`: the sheet of `review --csv`, or of a workbook, with its columns decision, field, value and note filled
 * in. Corrections come first, then decisions, in one transaction: a sheet with a mistake changes nothing, and all of
 * its mistakes are told. */
#include "base/array.h"
#include "base/text.h"
#include "cli/complain.h"
#include "cli/csv_read.h"
#include "cli/review.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MISTAKES_TOLD = 20 };

struct sheet_row {
    const char *record, *decision, *field, *value, *note, *version;
    int64_t line;
};

struct importing {
    struct review_work *work;
    const struct review_asked *asked;
    struct csv_reader csv;
    struct sheet_row *rows;
    size_t count, capacity;
    struct review_by by;
    struct review_record record;
    int64_t mistakes, corrections, decisions;
};

static void mistake(struct importing *k, int64_t line, const char *text)
{
    if (k->mistakes++ < MISTAKES_TOLD)
        complain(0, "line %lld: %s", (long long)line, text);
}

/* The cell of the column NAME, "" where there is none; HEADER's places are those of the first row. A workbook has
 * them with capitals. */
static const char *cell_of(const struct csv_reader *csv, const char *const *header, size_t columns,
                           const char *name)
{
    for (size_t i = 0; i < columns && i < csv->count; i++)
        if (strcasecmp(header[i], name) == 0)
            return csv->cells[i];
    return "";
}

static int read_rows(struct importing *k, struct error *e)
{
    const char *header[CSV_CELLS_MAX];
    int n = csv_reader_next(&k->csv, e);
    size_t columns = k->csv.count;
    bool has_record = false, has_decision = false;
    for (size_t i = 0; n == 1 && i < columns; i++) {
        header[i] = k->csv.cells[i];
        has_record = has_record || strcasecmp(header[i], "record") == 0;
        has_decision = has_decision || strcasecmp(header[i], "decision") == 0;
    }
    if (n == 1 && (!has_record || !has_decision))
        return error_set(e, ERR_USAGE,
                         "its first line has to name the columns record, decision, "
                         "field, value, note");
    while (n == 1 && (n = csv_reader_next(&k->csv, e)) == 1) {
        ARRAY_RESERVE(k->rows, k->capacity, k->count + 1);
        struct sheet_row *row = &k->rows[k->count];
        *row = (struct sheet_row){
            .record = cell_of(&k->csv, header, columns, "record"),
            .decision = cell_of(&k->csv, header, columns, "decision"),
            .field = cell_of(&k->csv, header, columns, "field"),
            .value = cell_of(&k->csv, header, columns, "value"),
            .note = cell_of(&k->csv, header, columns, "note"),
            .version = cell_of(&k->csv, header, columns, "version"),
            .line = k->csv.line,
        };
        k->count += *row->decision || *row->field || *row->value;
    }
    return n;
}

/* What the row says of the record as it was seen: only of the first row of a record that changes it. */
static void take_words(struct importing *k, size_t at)
{
    const struct sheet_row *row = &k->rows[at];
    k->by.note = *row->note ? row->note : k->asked->note;
    k->by.seen = *row->version ? row->version : NULL;
}

static void correct_row(struct importing *k, size_t at)
{
    struct sheet_row *row = &k->rows[at];
    struct correction c;
    struct error e;
    if (!*row->field) {
        if (*row->value)
            mistake(k, row->line, "there is a value, and no field that it is of");
        return;
    }
    take_words(k, at);
    if (correction_make(&c, row->field, row->value, &e) < 0 ||
        review_correct(k->work->review, row->record, &c, 1, &k->by, &k->record, &e) < 0) {
        mistake(k, row->line, e.text);
        return;
    }
    k->corrections++;
    for (size_t i = 0; i < k->count; i++) /* what it is from now on is our own doing */
        if (strcmp(k->rows[i].record, row->record) == 0)
            k->rows[i].version = "";
}

static enum review_action action_named(const char *word)
{
    static const char *const more[REVIEW_ACTIONS] = {"accepted", "rejected", "later", "reopened"};
    enum review_action a = 0;
    while (a < REVIEW_ACTIONS && strcmp(word, review_action_names[a]) != 0 &&
           strcmp(word, more[a]) != 0)
        a++;
    return a;
}

static bool contradicts(const struct importing *k, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (*k->rows[i].decision && strcmp(k->rows[i].record, k->rows[at].record) == 0 &&
            strcmp(k->rows[i].decision, k->rows[at].decision) != 0)
            return true;
    return false;
}

static bool was_decided(const struct importing *k, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (*k->rows[i].decision && strcmp(k->rows[i].record, k->rows[at].record) == 0)
            return true;
    return false;
}

static void decide_row(struct importing *k, size_t at)
{
    const struct sheet_row *row = &k->rows[at];
    struct error e;
    char text[300];
    enum review_action action = action_named(row->decision);
    if (!*row->decision || strcmp(row->decision, "correct") == 0)
        return;
    if (action == REVIEW_ACTIONS) {
        snprintf(text, sizeof text, "decision %.100s: it is accept, reject, later or reopen",
                 text_show(row->decision));
        mistake(k, row->line, text);
    } else if (contradicts(k, at)) {
        mistake(k, row->line, "another line decides otherwise on the same record");
    } else if (!was_decided(k, at)) {
        take_words(k, at);
        if (review_decide(k->work->review, row->record, action, &k->by, &k->record, &e) < 0)
            mistake(k, row->line, e.text);
        else
            k->decisions++;
    }
}

static int note_import(struct importing *k, const char *file)
{
    char after[100];
    const char *slash = strrchr(file, '/');
    snprintf(after, sizeof after, "%lld decisions, %lld corrections", (long long)k->decisions,
             (long long)k->corrections);
    return review_note(k->work->review,
                       &(struct audit_entry){.at = k->by.at,
                                             .actor = k->by.actor,
                                             .action = "import",
                                             .after = after,
                                             .note = text_show(slash ? slash + 1 : file)});
}

static int do_all(struct importing *k, const char *file)
{
    struct review *r = k->work->review;
    if (review_begin(r) < 0)
        return complain(exit_code_of(review_error(r)), "%s", review_error(r)->text);
    for (size_t i = 0; i < k->count; i++)
        correct_row(k, i);
    for (size_t i = 0; i < k->count; i++)
        decide_row(k, i);
    int code = 0;
    if (k->mistakes)
        code = complain(EXIT_USAGE, "%s: %lld mistake%s; nothing was changed", text_show(file),
                        (long long)k->mistakes, k->mistakes == 1 ? "" : "s");
    else if (!k->asked->dry_run && (note_import(k, file) < 0 || review_commit(r) < 0))
        code = complain(exit_code_of(review_error(r)), "%s", review_error(r)->text);
    if (code || k->asked->dry_run)
        review_rollback(r);
    if (!code)
        printf("%s%lld decision%s, %lld correction%s\n", k->asked->dry_run ? "would be: " : "",
               (long long)k->decisions, k->decisions == 1 ? "" : "s", (long long)k->corrections,
               k->corrections == 1 ? "" : "s");
    return code;
}

int review_import(struct review_work *w, const struct review_asked *asked, const char *file)
{
    struct importing k = {.work = w, .asked = asked};
    struct error e;
    char actor[ACTOR_MAX];
    int code = review_by_read(&k.by, actor, asked->by, asked->note);
    if (!code && (csv_reader_open(&k.csv, file, &e) < 0 || read_rows(&k, &e) < 0))
        code = complain(EXIT_USAGE, "%s: %s", text_show(file), e.text);
    if (!code && review_prepare(w->review, w->upto, &e) < 0)
        code = complain(exit_code_of(&e), "%s", e.text);
    if (!code)
        code = do_all(&k, file);
    review_record_release(&k.record);
    csv_reader_close(&k.csv);
    free(k.rows);
    return code;
}
