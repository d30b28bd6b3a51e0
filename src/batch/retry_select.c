/* See retry_select.h. */
#include "batch/retry_select.h"

#include "base/array.h"
#include "base/log.h"
#include "base/text.h"
#include "batch/changed_file.h"
#include "batch/exit_code.h"
#include "batch/notes.h"
#include "ledger/document_ledger.h"
#include "ledger/file_book.h"
#include "ledger/listing.h"

#include <stdlib.h>
#include <string.h>

/* A file that is named by its PATH, as the ledger has it. */
struct named {
    struct changed_file file;
    char *name;
    int64_t document;
    enum doc_state state;
    bool dismissed;
};

/* The pool's, while it looks: it outlives who asked. */
struct look {
    struct retry_select *select; /* NULL: nobody wants to know any more */
    struct named *named;
    size_t count, capacity;
};

struct retry_select {
    struct run_context *context;
    struct ending *ending;
    struct journal *journal;
    bool any_settings;
    const struct batch_retry *what; /* while it is listed */
    const char *path;               /* of WHAT, at the moment */
    struct retry_selection selection;
    struct look *look;
    bool looking;
    void (*looked)(void *ctx, struct retry_select *s);
    void *ctx;
};

struct retry_select *retry_select_new(struct run_context *c, struct ending *ending,
                                      struct journal *journal, bool any_settings)
{
    struct retry_select *s = xcalloc(1, sizeof *s);
    s->context = c;
    s->ending = ending;
    s->journal = journal;
    s->any_settings = any_settings;
    s->look = xcalloc(1, sizeof *s->look);
    s->look->select = s;
    return s;
}

static void look_free(struct look *k)
{
    for (size_t i = 0; i < k->count; i++) {
        free((char *)k->named[i].file.path);
        free(k->named[i].name);
    }
    free(k->named);
    free(k);
}

void retry_select_free(struct retry_select *s)
{
    if (!s)
        return;
    if (s->looking)
        s->look->select = NULL;
    else
        look_free(s->look);
    for (size_t i = 0; i < s->selection.entry_count; i++) {
        free(s->selection.entries[i].path);
        free(s->selection.entries[i].name);
    }
    free(s->selection.entries);
    free(s->selection.ids);
    free(s);
}

/* --- from the ledger --- */

static void add_entry(struct retry_select *s, const char *path, const char *name)
{
    struct retry_selection *n = &s->selection;
    ARRAY_RESERVE(n->entries, n->entry_capacity, n->entry_count + 1);
    n->entries[n->entry_count++] =
        (struct intake_entry){.path = xstrdup(path), .name = xstrdup(name)};
}

static void add_id(struct retry_select *s, int64_t id)
{
    ARRAY_RESERVE(s->selection.ids, s->selection.capacity, s->selection.count + 1);
    s->selection.ids[s->selection.count++] = id;
}

/* Before its file is examined: a dismissed document stays as it is, whatever the file holds. */
static void take_mark_off(struct retry_select *s, const struct ledger_document *d)
{
    const struct ledger_step step = {.document_id = d->id,
                                     .from = d->state,
                                     .to = d->state,
                                     .event = EV_RETRY,
                                     .attempts = d->attempts,
                                     .attempt = d->attempt,
                                     .cause = "retry"};
    note_step(s->journal, &step);
}

bool retry_is_for(enum doc_state state)
{
    return state == DOC_FAILED || state == DOC_LOST || state == DOC_IN_DOUBT;
}

static bool is_ours(const struct retry_select *s, const struct ledger_listing *row)
{
    return s->any_settings || row->settings_id == s->context->settings_id;
}

static int select_row(void *ctx, const struct ledger_listing *row)
{
    struct retry_select *s = ctx;
    if (!is_ours(s, row) || !s->what->states[row->state] || row->dismissed.ms)
        return 0;
    if (row->state == DOC_REJECTED)
        add_entry(s, row->path, row->name);
    else if (retry_is_for(row->state))
        add_id(s, row->document_id);
    return 0;
}

/* --- PATHs --- */

/* As it is, though its document may go on meanwhile. */
static void take_named(struct retry_select *s, const struct named *n)
{
    struct ledger_document d;
    if (retry_is_for(n->state)) {
        add_id(s, n->document);
    } else if (n->state == DOC_REJECTED) {
        add_entry(s, n->file.path, n->name);
        if (!n->dismissed ||
            !ending_wrote(s->ending, ledger_document_get(s->context->ledger, n->document, &d)))
            return;
        if (d.state == DOC_REJECTED)
            take_mark_off(s, &d);
        ledger_document_release(&d);
    }
}

static bool note_digest(struct retry_select *s, struct named *n)
{
    struct ledger_document d;
    if (!ending_wrote(s->ending, ledger_document_get(s->context->ledger, n->document, &d)))
        return false;
    memcpy(n->file.sha256, d.sha256, sizeof n->file.sha256);
    ledger_document_release(&d);
    return true;
}

static int name_row(void *ctx, const struct ledger_listing *row)
{
    struct retry_select *s = ctx;
    struct look *k = s->look;
    struct named n = {.file = {.path = row->path,
                               .size_bytes = row->file_size_bytes,
                               .mtime_ns = row->file_mtime_ns,
                               .follow_symlinks = s->context->options->walk.follow_symlinks},
                      .name = (char *)row->name,
                      .document = row->document_id,
                      .state = row->state,
                      .dismissed = row->dismissed.ms != 0};
    if (!is_ours(s, row))
        return 0;
    if (*row->moved_to || !ledger_listing_is_at(row, s->path) || !note_digest(s, &n)) {
        take_named(s, &n);
        return 0;
    }
    n.file.path = xstrdup(row->path);
    n.name = xstrdup(row->name);
    ARRAY_RESERVE(k->named, k->capacity, k->count + 1);
    k->named[k->count++] = n;
    return 0;
}

static int note_nothing(void *ctx, const struct ledger_listing *row)
{
    (void)ctx, (void)row;
    return 0;
}

/* All of them are in the ledger, or nothing is done. */
static int check_paths(struct retry_select *s, struct buffer *words)
{
    for (size_t i = 0; i < s->what->path_count; i++) {
        const char *path = s->what->paths[i];
        int found = ledger_list_meant(s->context->ledger, path, s->what->all, note_nothing, NULL);
        if (!ending_wrote(s->ending, found))
            return EXIT_LEDGER;
        if (found)
            continue;
        buffer_printf(words, "%s is not in the ledger; name files as failures.csv does",
                      text_show(path));
        return EXIT_USAGE;
    }
    return 0;
}

int retry_select_list(struct retry_select *s, const struct batch_retry *what, struct buffer *words)
{
    struct ledger *l = s->context->ledger;
    s->what = what;
    int code = check_paths(s, words);
    bool good = code == 0 && ending_wrote(s->ending, ledger_list(l, false, select_row, s));
    for (size_t i = 0; i < what->path_count && good; i++) {
        s->path = what->paths[i];
        good = ending_wrote(s->ending, ledger_list_meant(l, s->path, what->all, name_row, s));
    }
    s->what = NULL;
    s->path = NULL;
    return code ? code : good && !ending_storage_lost(s->ending) ? 0 : EXIT_LEDGER;
}

/* --- looking --- */

static void look_work(void *ctx)
{
    struct look *k = ctx;
    for (size_t i = 0; i < k->count; i++)
        changed_file_look(&k->named[i].file);
}

static void look_done(void *ctx)
{
    struct look *k = ctx;
    struct retry_select *s = k->select;
    if (!s) {
        look_free(k);
        return;
    }
    s->looking = false;
    s->looked(s->ctx, s);
}

bool retry_select_look(struct retry_select *s, void (*looked)(void *ctx, struct retry_select *s),
                       void *ctx)
{
    if (s->look->count == 0)
        return false;
    s->looked = looked;
    s->ctx = ctx;
    s->looking = true;
    loop_work(s->context->loop, look_work, look_done, s->look);
    return true;
}

static void find_roots(struct retry_select *s)
{
    for (size_t i = 0; i < s->selection.entry_count; i++) {
        struct ledger_file f;
        if (ledger_file_find(s->context->ledger, s->selection.entries[i].path, &f) == 1)
            s->selection.entries[i].root_id = f.root_id;
    }
}

struct retry_selection *retry_select_take(struct retry_select *s)
{
    for (size_t i = 0; i < s->look->count; i++) {
        const struct named *n = &s->look->named[i];
        if (!n->file.changed) {
            take_named(s, n);
            continue;
        }
        LOG(LOG_WARNING, "retry.new_file", LOG_STR("path", n->file.path),
            LOG_STR("what", "it holds other bytes than it did: they are taken in as a new file"));
        add_entry(s, n->file.path, n->name);
    }
    s->selection.count = array_sort_numbers(s->selection.ids, s->selection.count);
    find_roots(s);
    return &s->selection;
}
