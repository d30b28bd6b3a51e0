/* See flatten.h.
 *
 * The scan proves the text and puts its values into an array (json_tape.h); then one walk makes rows of them
 * (flatten_fields.h, flatten_products.h). Parts that were extracted are noted as records on the way and walked
 * after the record that they are in. Only the set of columns can have too little room: whatever else a result
 * holds is bounded by its length. */
#include "tables/flatten.h"

#include "tables/flat_walk.h"
#include "tables/flatten_fields.h"
#include "tables/flatten_products.h"

#include <stdlib.h>

struct flat_document *flat_document_new(void)
{
    struct flat_document *doc = xcalloc(1, sizeof *doc);
    doc->memory = xcalloc(1, sizeof *doc->memory);
    buffer_init(&doc->memory->path, 0);
    return doc;
}

void flat_document_free(struct flat_document *doc)
{
    if (!doc)
        return;
    struct flat_memory *m = doc->memory;
    json_tape_release(&m->tape);
    byte_store_release(&m->bytes);
    buffer_release(&m->path);
    free(m->inferences);
    free(m->origins);
    free(m->lists);
    free(m);
    free(doc->records);
    free(doc->rows);
    free(doc->cells);
    free(doc);
}

static void empty(struct flat_document *doc)
{
    doc->record_count = doc->row_count = doc->cell_count = 0;
    doc->unknown_forms = doc->mended_texts = doc->repeated = 0;
}

static struct cell text_of(struct flat_walk *w, uint32_t object, const char *name)
{
    uint32_t at = object ? json_tape_find(w->tape, object, name, JSON_STRING) : 0;
    return at ? flat_value(w, at) : (struct cell){0};
}

/* The record at work, whose inference is AT. */
static int put_record(struct flat_walk *w, uint32_t at)
{
    const struct json_tape *t = w->tape;
    struct flat_document *doc = w->doc;
    uint32_t result = json_tape_find(t, at, "result", JSON_OBJECT);
    uint32_t fields = json_tape_find(t, result, "fields", JSON_OBJECT);
    struct flat_record *record = &doc->records[w->record];
    record->rows = doc->row_count;
    record->has_fields = fields != 0;
    record->model = text_of(w, json_tape_find(t, at, "model", JSON_OBJECT), "id");
    record->rag_document =
        text_of(w, json_tape_find(t, result, "rag", JSON_OBJECT), "retrieved_document_id");
    int r = fields ? flatten_fields(w, fields) : 0;
    if (r == 0)
        r = flatten_products(w, result);
    record = &doc->records[w->record]; /* it may have moved */
    record->row_count = doc->row_count - record->rows;
    return r;
}

static int put_records(struct flat_walk *w)
{
    uint32_t inference = json_tape_member(w->tape, 0, "inference");
    int r = 0;
    if (json_tape_kind(w->tape, 0) != JSON_OBJECT)
        return error_set(w->e, ERR_FORMAT, "the result isn't a JSON object");
    if (!inference || json_tape_kind(w->tape, inference) != JSON_OBJECT)
        return error_set(w->e, ERR_FORMAT, "the result has no object \"inference\"");
    if (!json_tape_find(w->tape, inference, "result", JSON_OBJECT))
        return error_set(w->e, ERR_FORMAT, "the result has no object \"inference.result\"");
    flat_record_add(w, inference);
    for (; w->record < w->doc->record_count && r == 0; w->record++)
        r = put_record(w, w->m->inferences[w->record]);
    return r;
}

int flatten(struct flat_document *doc, struct columns *columns,
            const struct flatten_options *options, const char *json, size_t len, struct error *e)
{
    struct flat_walk w = {.doc = doc,
                          .m = doc->memory,
                          .tape = &doc->memory->tape,
                          .columns = columns,
                          .words = options && options->words,
                          .e = e};
    empty(doc);
    byte_store_clear(&doc->memory->bytes);
    int r = json_tape_read(&doc->memory->tape, json, len, e);
    if (r == 0)
        r = put_records(&w);
    if (r < 0)
        empty(doc);
    return r;
}
