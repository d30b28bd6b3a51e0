/* See record_desk.h. A check is what a correction would be, taken back before it is durable: so the page and the command line
 * can't find different things, duplicates and bank accounts seen before included.
 *
 * Whatever is begun on review.db is ended in the function that began it. */
#include "review_page/record_desk.h"

#include "base/text.h"
#include "ledger/handovers.h"
#include "ledger/stored_results.h"
#include "review_page/record_json.h"
#include "review_page/record_sums.h"
#include "tables/catalogue.h"

#include <stdlib.h>
#include <string.h>

enum { BASE_KEY = 17 /* of a document's key; a part's number follows */, LIST_MAX = 20000 };

struct record_desk {
    struct record_desk_options options;
    struct catalogue *catalogue;
    struct flat_document *doc;
    struct corrected corrected;
};

static int learn_newest(struct record_desk *d, struct error *e)
{
    const struct record_desk_options *o = &d->options;
    int64_t upto = 0;
    if (ledger_last_result(o->ledger, &upto) < 0) {
        *e = *ledger_error(o->ledger);
        return e->code;
    }
    int err = catalogue_scan(d->catalogue, upto, e);
    if (!err)
        err = review_update(o->review, upto, e);
    return err ? err : review_prepare(o->review, upto, e);
}

int record_desk_new(struct record_desk **out, const struct record_desk_options *options,
                    struct error *e)
{
    struct record_desk *d = xcalloc(1, sizeof *d);
    d->options = *options;
    d->doc = flat_document_new();
    int err = catalogue_open(&d->catalogue, options->ledger, options->output, options->access, e);
    if (!err)
        err = learn_newest(d, e);
    if (err) {
        record_desk_free(d);
        return err;
    }
    *out = d;
    return 0;
}

void record_desk_free(struct record_desk *d)
{
    if (!d)
        return;
    if (d->catalogue)
        catalogue_close(d->catalogue);
    flat_document_free(d->doc);
    corrected_release(&d->corrected);
    free(d);
}

static int trouble(const struct record_desk *d, struct error *e)
{
    *e = *review_error(d->options.review);
    return e->code;
}

static int find(struct record_desk *d, const char *key, struct review_record *record,
                struct error *e)
{
    int n = review_find(d->options.review, key, record);
    if (n < 0)
        return trouble(d, e);
    return n == 1 ? 0 : error_set(e, ERR_NOT_FOUND, "there is no record %s", text_show(key));
}

/* --- the list --- */

static int put_listed(struct record_desk *d, int64_t id, struct review_record *record,
                      struct buffer *out, struct error *e)
{
    struct buffer file;
    int n = review_get(d->options.review, id, record);
    if (n < 0)
        return trouble(d, e);
    if (n == 0 || record->state != REVIEW_OPEN)
        return 0;
    buffer_init(&file, 0);
    int err = review_look(d->options.review, record, &file) < 0 ? trouble(d, e) : 0;
    if (!err) {
        buffer_put(out, out->data[out->len - 1] == '[' ? "{" : ",{");
        record_json_head(out, record, buffer_text(&file));
        buffer_put(out, "}");
    }
    buffer_release(&file);
    return err;
}

static int list_cb(void *ctx, struct buffer *out, struct error *e)
{
    struct record_desk *d = ctx;
    struct review_record record = {0};
    struct fact_ids ids = {0};
    int err = learn_newest(d, e);
    if (!err && review_list(d->options.review, false, &ids) < 0)
        err = trouble(d, e);
    buffer_put(out, "{\"records\":[");
    for (size_t i = 0; !err && i < ids.count && i < LIST_MAX; i++)
        err = put_listed(d, ids.ids[i], &record, out, e);
    buffer_put(out, "]}");
    review_record_release(&record);
    fact_ids_release(&ids);
    if (err)
        buffer_clear(out);
    return err;
}

/* --- one record --- */

struct viewing {
    struct record_desk *desk;
    struct review_record *record;
    struct buffer *out;
    bool fields; /* all of them, else the sums alone */
    struct error *error;
};

static const struct flat_record *part_of(const struct flat_document *doc, const char *key)
{
    for (size_t i = 0; i < doc->record_count; i++)
        if (strcmp(doc->records[i].suffix, key + BASE_KEY) == 0)
            return &doc->records[i];
    return NULL;
}

static void put_pages(struct buffer *out, const struct ledger_stored *s,
                      const struct flat_record *flat)
{
    int first = flat->first_page > 0 ? flat->first_page : 1;
    buffer_printf(out, ",\"pages\":%d,\"first_page\":%d", s->pages, first);
}

static int put_fields(struct viewing *v, const struct columns *columns,
                      const struct flat_document *doc, const struct flat_record *flat)
{
    const struct flat_document *read = v->desk->doc;
    struct layout *layout;
    const struct layout_options all = {0};
    int err = layout_new(&layout, columns, &all, v->error);
    if (err)
        return err;
    const struct record_fields fields = {.columns = columns,
                                         .layout = layout,
                                         .doc = doc,
                                         .record = flat,
                                         .read = read,
                                         .record_read = part_of(read, v->record->fact.key),
                                         .corrections = &v->record->corrections,
                                         .places = flat->part == FLAT_WHOLE};
    record_json_fields(v->out, &fields);
    record_json_lists(v->out, &fields);
    layout_free(layout);
    return 0;
}

static int view_cb(void *ctx, const struct ledger_stored *s)
{
    struct viewing *v = ctx;
    struct record_desk *d = v->desk;
    const char *key = v->record->fact.key;
    char base[BASE_KEY + 1];
    struct columns *columns = catalogue_columns(d->catalogue, s->settings_id);
    int err = flatten(d->doc, columns, NULL, s->json, s->json_len, v->error);
    if (err)
        return err;
    text_copy(base, sizeof base, key);
    const struct flat_document *doc =
        review_corrected(d->options.review, columns, d->doc, base, &err);
    const struct flat_record *flat = err ? NULL : part_of(doc, key);
    if (err)
        return trouble(d, v->error);
    if (!flat || !flat->has_fields)
        return error_set(v->error, ERR_NOT_FOUND, "there is no record %s", key);
    if (v->fields) {
        put_pages(v->out, s, flat);
        err = put_fields(v, columns, doc, flat);
    }
    const struct record_sums sums = {.columns = columns,
                                     .doc = doc,
                                     .flat = flat,
                                     .record = v->record,
                                     .lines = d->options.lines,
                                     .amounts = d->options.amounts,
                                     .checks = d->options.checks};
    record_sums_put(v->out, &sums);
    return err;
}

/* Appends what V asks for. */
static int view(struct viewing *v)
{
    struct ledger *l = v->desk->options.ledger;
    v->error->code = 0;
    int err = ledger_stored_get(l, v->record->fact.document, view_cb, v);
    if (err && v->error->code == 0)
        *v->error = *ledger_error(l);
    return err;
}

static int record_cb(void *ctx, const char *key, struct buffer *out, struct error *e)
{
    struct record_desk *d = ctx;
    struct review_record record = {0};
    struct buffer file;
    buffer_init(&file, 0);
    int err = find(d, key, &record, e);
    if (!err && review_look(d->options.review, &record, &file) < 0)
        err = trouble(d, e);
    if (!err) {
        struct viewing v = {d, &record, out, true, e};
        buffer_put(out, "{");
        record_json_head(out, &record, buffer_text(&file));
        err = view(&v);
        buffer_put(out, "}");
    }
    if (err)
        buffer_clear(out);
    buffer_release(&file);
    review_record_release(&record);
    return err;
}

static int file_seen(void *ctx, const struct ledger_stored *s)
{
    struct desk_file *out = ctx;
    out->path = xstrdup(s->path);
    memcpy(out->sha256, s->sha256, sizeof out->sha256);
    out->first_page = 1;
    out->pages = s->pages;
    return 0;
}

static int file_cb(void *ctx, const char *key, struct desk_file *out, struct error *e)
{
    struct record_desk *d = ctx;
    struct review_record record = {0};
    int err = find(d, key, &record, e);
    if (!err) {
        err = ledger_stored_look(d->options.ledger, record.fact.document, file_seen, out);
        if (err)
            *e = *ledger_error(d->options.ledger);
    }
    review_record_release(&record);
    return err;
}

/* --- checks and decisions --- */

static int correct(struct record_desk *d, const struct page_body *body, size_t from, size_t count,
                   const struct review_by *by, struct review_record *record, struct error *e)
{
    struct correction *items = xcalloc(count + 1, sizeof *items);
    size_t made = 0;
    int err = 0;
    for (; !err && made < count; made += !err)
        err = correction_make(&items[made], body->changes[from + made].path,
                              body->changes[from + made].value, e);
    if (!err)
        err = review_correct(d->options.review, body->record, items, made, by, record, e);
    else
        for (size_t i = 0; i < made; i++)
            correction_release(&items[i]);
    free(items);
    return err == ERR_NOT_FOUND && count ? ERR_USAGE : err;
}

static struct review_by by_us(const struct record_desk *d, const char *note, const char *seen)
{
    return (struct review_by){
        .at = clock_wall(d->options.clock), .actor = d->options.actor, .note = note, .seen = seen};
}

static void swap(struct page_change *a, struct page_change *b)
{
    struct page_change c = *a;
    *a = *b;
    *b = c;
}

/* Which of the changes can't be, after those before it: their paths, and why. The rest stays in BODY, in order. */
static int sift(struct record_desk *d, struct page_body *body, struct buffer *refused,
                struct error *e)
{
    const struct review_by by = by_us(d, "", NULL);
    struct review_record record = {0};
    size_t kept = 0;
    int err = review_begin(d->options.review) < 0 ? trouble(d, e) : 0;
    if (err)
        return err;
    for (size_t i = 0; !err && i < body->change_count; i++) {
        int one = correct(d, body, i, 1, &by, &record, e);
        if (one == ERR_USAGE) {
            buffer_put(refused, refused->len ? ",{" : "{");
            record_json_text(refused, "path", body->changes[i].path);
            record_json_text(refused, "text", e->text);
            buffer_put(refused, "}");
        } else if (one) {
            err = one;
        } else {
            swap(&body->changes[kept++], &body->changes[i]);
        }
    }
    review_rollback(d->options.review);
    review_record_release(&record);
    for (size_t i = kept; i < body->change_count; i++) {
        free(body->changes[i].path);
        free(body->changes[i].value);
    }
    body->change_count = kept;
    return err;
}

/* The record as it would be. The transaction is begun, and not ended here. */
static int try_changes(struct record_desk *d, const struct page_body *body,
                       struct review_record *record, struct error *e)
{
    const struct review_by by = by_us(d, "", NULL);
    int err = find(d, body->record, record, e);
    if (!err && body->change_count)
        err = correct(d, body, 0, body->change_count, &by, record, e);
    return err;
}

static int check_once(struct record_desk *d, const struct page_body *body, const char *refused,
                      struct buffer *out, struct error *e)
{
    struct review_record record = {0};
    if (review_begin(d->options.review) < 0)
        return trouble(d, e);
    int err = try_changes(d, body, &record, e);
    if (!err) {
        struct viewing v = {d, &record, out, false, e};
        buffer_put(out, "{");
        record_json_text(out, "record", body->record);
        record_json_reasons(out, &record.reasons);
        err = view(&v);
        buffer_printf(out, ",\"refused\":[%s]}", refused);
    }
    review_rollback(d->options.review);
    review_record_release(&record);
    if (err)
        buffer_clear(out);
    return err;
}

static int check_cb(void *ctx, const struct page_body *body, struct buffer *out, struct error *e)
{
    struct record_desk *d = ctx;
    struct buffer refused;
    int err = check_once(d, body, "", out, e);
    if (err != ERR_USAGE)
        return err;
    buffer_init(&refused, 0);
    err = sift(d, (struct page_body *)body, &refused, e);
    if (!err)
        err = check_once(d, body, buffer_text(&refused), out, e);
    buffer_release(&refused);
    return err;
}

static int action_of(const char *word, enum review_action *out, struct error *e)
{
    for (int i = 0; i < REVIEW_ACTIONS; i++)
        if (strcmp(word, review_action_names[i]) == 0) {
            *out = (enum review_action)i;
            return 0;
        }
    return error_set(e, ERR_USAGE, "%s: it is accept, reject, later or reopen", text_show(word));
}

/* In a transaction. */
static int decide(struct record_desk *d, const struct page_body *body, enum review_action action,
                  struct review_record *record, struct error *e)
{
    struct review_by by = by_us(d, body->note, body->version);
    int err = 0;
    if (body->change_count) {
        err = correct(d, body, 0, body->change_count, &by, record, e);
        by.seen = NULL; /* this is ours now */
    }
    return err ? err : review_decide(d->options.review, body->record, action, &by, record, e);
}

static void put_state(struct record_desk *d, const struct page_body *body, const char *words,
                      struct buffer *out)
{
    struct review_record record = {0};
    if (review_find(d->options.review, body->record, &record) == 1) {
        buffer_put(out, "{");
        if (words)
            record_json_text(out, "error", words);
        record_json_text(out, "record", body->record);
        record_json_text(out, "status", review_state_names[record.state]);
        record_json_text(out, "version", record.version);
        record_json_reasons(out, &record.reasons);
        buffer_put(out, "}");
    }
    review_record_release(&record);
}

static int decide_cb(void *ctx, const struct page_body *body, struct buffer *out, struct error *e)
{
    struct record_desk *d = ctx;
    struct review_record record = {0};
    enum review_action action = REVIEW_ACCEPT;
    int err = action_of(body->action, &action, e);
    if (err)
        return err;
    err = find(d, body->record, &record, e);
    if (!err && review_begin(d->options.review) < 0)
        err = trouble(d, e);
    if (err) {
        review_record_release(&record);
        return err;
    }
    err = decide(d, body, action, &record, e);
    if (err)
        review_rollback(d->options.review);
    else if (review_commit(d->options.review) < 0)
        err = trouble(d, e);
    review_record_release(&record);
    if (!err || err == ERR_CHANGED)
        put_state(d, body, err ? e->text : NULL, out);
    return err;
}

void record_desk_functions(struct record_desk *d, struct desk *out)
{
    *out = (struct desk){.ctx = d,
                         .list = list_cb,
                         .record = record_cb,
                         .file = file_cb,
                         .check = check_cb,
                         .decide = decide_cb};
}
