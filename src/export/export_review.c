/* See export_review.h. A record is looked up by its key, in one read transaction from the opening to the end. What
 * can fail: review.db; and a record of which it knows nothing, for another program makes all of it anew just now. */
#include "export/export_review.h"

#include "base/array.h"
#include "export/export_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct export_review {
    struct review *review;
    char head[SHA256_HEX];
    struct review_record *records; /* of the document at hand, those with fields */
    size_t count, capacity;        /* CAPACITY of them may hold memory */
    int64_t files;
    struct record_review words; /* of the record at hand, */
    struct buffer reasons, corrected, note_text;
    struct table_note *notes;
    size_t notes_capacity;
    struct export_noted *noted;
    size_t noted_count, noted_capacity;
};

int export_review_open(struct export_making *m, struct error *e)
{
    const struct export_options *o = m->options;
    if (!o->review)
        return 0;
    struct export_review *v = xcalloc(1, sizeof *v);
    buffer_init(&v->reasons, 0);
    buffer_init(&v->corrected, 0);
    buffer_init(&v->note_text, 0);
    m->review = v;
    m->outcome->control.reviewed = true;
    int err = review_open(&v->review, m->ledger, o->output, o->access, o->review, e);
    if (!err)
        err = review_update(v->review, m->filter.upto, e);
    if (err)
        return err;
    database_read_begin(review_database(v->review));
    err = review_head(v->review, v->head);
    if (err)
        *e = *review_error(v->review);
    return err;
}

void export_review_done(struct export_making *m)
{
    if (m->review && m->review->review) /* it may not have been opened */
        database_forget_pages(review_database(m->review->review));
}

void export_review_free(struct export_making *m)
{
    struct export_review *v = m->review;
    if (v == NULL)
        return;
    for (size_t i = 0; i < v->capacity; i++)
        review_record_release(&v->records[i]);
    for (size_t i = 0; i < v->noted_count; i++)
        free(v->noted[i].family);
    free(v->records);
    free(v->noted);
    buffer_release(&v->reasons);
    buffer_release(&v->corrected);
    buffer_release(&v->note_text);
    free(v->notes);
    if (v->review)
        database_read_end(review_database(v->review));
    review_close(v->review);
    free(v);
}

static int look_up(struct export_making *m, const char *document, const char *suffix,
                   struct review_record *out)
{
    char key[FACT_KEY_MAX];
    snprintf(key, sizeof key, "%s%s", document, suffix);
    int n = review_find(m->review->review, key, out);
    if (n == 1)
        return 0;
    if (n < 0) {
        m->error = *review_error(m->review->review);
        return n;
    }
    return error_set(&m->error, ERR_BUSY,
                     "review.db knows nothing of the record %s: another command makes its facts "
                     "anew just now. Export again when it is done",
                     key);
}

static void make_room(struct export_review *v, size_t count)
{
    size_t before = v->capacity;
    ARRAY_RESERVE(v->records, v->capacity, count);
    if (v->capacity > before)
        memset(v->records + before, 0, (v->capacity - before) * sizeof *v->records);
    v->count = count;
}

int export_review_document(struct export_making *m, const char *key, int64_t files)
{
    struct export_review *v = m->review;
    const struct flat_document *doc = m->document;
    bool corrected = false;
    int err = 0;
    m->shown_document = doc;
    if (v == NULL)
        return 0;
    v->files = files;
    make_room(v, doc->record_count);
    for (size_t i = 0; !err && i < doc->record_count; i++) {
        if (!doc->records[i].has_fields)
            continue;
        err = look_up(m, key, doc->records[i].suffix, &v->records[i]);
        corrected = corrected || v->records[i].corrections.count;
    }
    if (err || !corrected)
        return err;
    m->shown_document = review_corrected(v->review, m->columns, doc, key, &err);
    if (err)
        m->error = *review_error(v->review);
    return err;
}

static bool is_chosen(enum export_status asked, enum review_state state)
{
    if (asked == EXPORT_TO_REVIEW)
        return state == REVIEW_OPEN;
    return asked == EXPORT_ANY || state == REVIEW_READY || state == REVIEW_ACCEPTED ||
           state == REVIEW_CORRECTED;
}

/* A document that is no record itself, but has some in its parts, comes along with any of them. */
bool export_review_chosen(const struct export_making *m, size_t record)
{
    const struct flat_document *doc = m->shown_document;
    enum export_status asked = m->options->status;
    if (asked == EXPORT_ANY)
        return true;
    if (doc->records[record].has_fields)
        return is_chosen(asked, export_review_state(m, record));
    for (size_t i = 0; i < doc->record_count; i++)
        if (doc->records[i].has_fields && is_chosen(asked, export_review_state(m, i)))
            return true;
    return false;
}

enum review_state export_review_state(const struct export_making *m, size_t record)
{
    return m->review ? m->review->records[record].state : REVIEW_READY;
}

/* --- what is written of it --- */

static void put_reason(struct buffer *out, bool named[CHECK_COUNT], enum check_code code)
{
    if (!named[code])
        buffer_printf(out, "%s%s", out->len ? "; " : "", check_code_name(code));
    named[code] = true;
}

static void put_reasons(struct export_making *m, const struct reasons *reasons)
{
    struct export_review *v = m->review;
    const enum severity *severities = m->options->review->checks->severities;
    bool named[CHECK_COUNT] = {false};
    buffer_clear(&v->reasons);
    for (size_t i = 0; i < reasons->count; i++)
        put_reason(&v->reasons, named, reasons->items[i].code);
    if (v->files > 1 && severities[CHECK_DUPLICATE_BYTES] != SEVERITY_OFF)
        put_reason(&v->reasons, named, CHECK_DUPLICATE_BYTES);
}

/* As a person wrote them: a row that was added has a plus in front. */
static void put_corrected(struct buffer *out, const struct corrections *list)
{
    static const char *const signs[] = {"", "", "+", "-"};
    buffer_clear(out);
    for (size_t i = 0; i < list->count; i++)
        buffer_printf(out, "%s%s%s", i ? "; " : "", signs[list->items[i].kind],
                      list->items[i].path);
}

static void note(struct export_review *v, const struct review_record *record)
{
    bool review = record->state != REVIEW_READY;
    if (!review && !*record->fact.family)
        return;
    ARRAY_RESERVE(v->noted, v->noted_capacity, v->noted_count + 1);
    v->noted[v->noted_count++] = (struct export_noted){
        record->fact.id, review, *record->fact.family ? xstrdup(record->fact.family) : NULL};
}

const struct record_review *export_review_record(struct export_making *m, size_t record)
{
    struct export_review *v = m->review;
    if (v == NULL || !m->shown_document->records[record].has_fields)
        return NULL;
    const struct review_record *r = &v->records[record];
    put_reasons(m, &r->reasons);
    put_corrected(&v->corrected, &r->corrections);
    note(v, r);
    v->words = (struct record_review){.status = review_state_names[r->state],
                                      .reasons = buffer_text(&v->reasons),
                                      .corrected = buffer_text(&v->corrected),
                                      .duplicates = r->fact.family};
    return &v->words;
}

static void put_note(struct buffer *out, const struct correction *c)
{
    if (*c->was)
        buffer_printf(out, "Mindee read: %s\n", c->was);
    else
        buffer_put(out, "Mindee read nothing\n");
    buffer_printf(out, "Corrected by %s, %s%s%s", c->actor, c->at, *c->note ? "\n" : "", c->note);
    REQUIRE(buffer_append(out, "", 1) == 0);
}

const struct table_note *export_review_notes(struct export_making *m, size_t record, size_t *count)
{
    struct export_review *v = m->review;
    *count = 0;
    if (v == NULL || !m->shown_document->records[record].has_fields)
        return NULL;
    const struct corrections *list = &v->records[record].corrections;
    ARRAY_RESERVE(v->notes, v->notes_capacity, list->count + 1);
    buffer_clear(&v->note_text);
    for (size_t i = 0; i < list->count; i++)
        put_note(&v->note_text, &list->items[i]);
    const char *text = buffer_text(&v->note_text);
    for (size_t i = 0; i < list->count; i++, text += strlen(text) + 1)
        v->notes[i] = (struct table_note){list->items[i].path, text};
    *count = list->count;
    return v->notes;
}

const char *export_review_head(const struct export_making *m)
{
    return m->review->head;
}

struct review *export_review_of(const struct export_making *m)
{
    return m->review ? m->review->review : NULL;
}

const struct export_noted *export_review_noted(const struct export_making *m, size_t *count)
{
    *count = m->review ? m->review->noted_count : 0;
    return m->review ? m->review->noted : NULL;
}
