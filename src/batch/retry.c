/* See retry.h. */
#include "batch/retry.h"

#include "base/array.h"
#include "base/digest.h"
#include "base/log.h"
#include "base/text.h"
#include "batch/exit_code.h"
#include "batch/notes.h"
#include "ledger/file_book.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { FLIGHTS_AT_ONCE = 1000 };

struct retry {
    struct run_context *context;
    struct ending *ending;
    struct journal *journal;
    struct flights *flights;
    struct find *find;
    int64_t *ids; /* documents, each once */
    size_t count, capacity, next;
    const struct batch_retry *what; /* while it is selected */
    bool asked;                     /* by somebody beside the run, which takes all settings */
    struct intake_entry *entries;   /* rejected files */
    size_t entry_count, entry_capacity;
    size_t looked; /* of those asked for: read, or being read */
};

struct retry *retry_new(struct run_context *c, struct ending *ending, struct journal *journal,
                        struct flights *flights, struct find *find)
{
    struct retry *r = xcalloc(1, sizeof *r);
    r->context = c;
    r->ending = ending;
    r->journal = journal;
    r->flights = flights;
    r->find = find;
    return r;
}

/* All but the first COUNT. */
static void drop_entries(struct retry *r, size_t count)
{
    while (r->entry_count > count) {
        struct intake_entry *entry = &r->entries[--r->entry_count];
        free(entry->path);
        free(entry->name);
    }
}

void retry_free(struct retry *r)
{
    if (!r)
        return;
    drop_entries(r, 0);
    free(r->entries);
    free(r->ids);
    free(r);
}

static void add_entry(struct retry *r, const struct ledger_listing *row)
{
    ARRAY_RESERVE(r->entries, r->entry_capacity, r->entry_count + 1);
    r->entries[r->entry_count++] =
        (struct intake_entry){.path = xstrdup(row->path), .name = xstrdup(row->name)};
}

/* Before its file is examined: a dismissed document stays as it is, whatever the file holds. */
static void take_mark_off(struct retry *r, const struct ledger_listing *row)
{
    struct ledger_document d;
    if (!row->dismissed.ms ||
        !ending_wrote(r->ending, ledger_document_get(r->context->ledger, row->document_id, &d)))
        return;
    const struct ledger_step s = {.document_id = d.id,
                                  .from = d.state,
                                  .to = d.state,
                                  .event = EV_RETRY,
                                  .attempts = d.attempts,
                                  .attempt = d.attempt,
                                  .cause = "retry"};
    note_step(r->journal, &s);
    ledger_document_release(&d);
}

static bool is_retried(enum doc_state state)
{
    return state == DOC_FAILED || state == DOC_LOST || state == DOC_IN_DOUBT;
}

static void take_row(struct retry *r, const struct ledger_listing *row)
{
    if (row->state == DOC_REJECTED) {
        take_mark_off(r, row);
        add_entry(r, row);
    } else if (is_retried(row->state)) {
        ARRAY_RESERVE(r->ids, r->capacity, r->count + 1);
        r->ids[r->count++] = row->document_id;
    }
}

static bool is_ours(const struct retry *r, const struct ledger_listing *row)
{
    return r->asked || row->settings_id == r->context->settings_id;
}

static int select_row(void *ctx, const struct ledger_listing *row)
{
    struct retry *r = ctx;
    if (is_ours(r, row) && r->what->states[row->state] && !row->dismissed.ms)
        take_row(r, row);
    return 0;
}

/* --- PATHs --- */

struct named {
    struct retry *retry;
    const char *path;
};

static void digest_file(const char *path, uint8_t digest[SHA256_BYTES])
{
    enum { BLOCK = 64 * 1024 };
    char *block = malloc(BLOCK);
    FILE *f = block ? fopen(path, "re") : NULL;
    struct sha256 *sum = sha256_new();
    size_t n;
    while (f && (n = fread(block, 1, BLOCK, f)) > 0)
        sha256_update(sum, block, n);
    sha256_final(sum, digest);
    sha256_free(sum);
    if (f)
        fclose(f);
    free(block);
}

/* The path of ROW, whose bytes were read once, holds others now. */
static bool holds_other_bytes(struct retry *r, const struct ledger_listing *row)
{
    static const uint8_t never_read[SHA256_BYTES];
    struct ledger_document d;
    struct stat st;
    uint8_t digest[SHA256_BYTES];
    if (*row->moved_to || lstat(row->path, &st) != 0 || !S_ISREG(st.st_mode))
        return false;
    struct file_stamp now = file_stamp_of(&st);
    if (now.size_bytes == row->file_size_bytes && now.mtime_ns == row->file_mtime_ns)
        return false;
    if (!ending_wrote(r->ending, ledger_document_get(r->context->ledger, row->document_id, &d)))
        return false;
    bool read = memcmp(d.sha256, never_read, SHA256_BYTES) != 0;
    digest_file(row->path, digest);
    bool other = read && memcmp(d.sha256, digest, SHA256_BYTES) != 0;
    ledger_document_release(&d);
    return other;
}

static int take_named(void *ctx, const struct ledger_listing *row)
{
    struct named *n = ctx;
    struct retry *r = n->retry;
    if (!is_ours(r, row))
        return 0;
    if (ledger_listing_is_at(row, n->path) && holds_other_bytes(r, row)) {
        LOG(LOG_WARNING, "retry.new_file", LOG_STR("path", row->path),
            LOG_STR("what", "it holds other bytes than it did: they are taken in as a new file"));
        add_entry(r, row);
    } else {
        take_row(r, row);
    }
    return 0;
}

/* False: nothing in the ledger is meant by PATH. */
static bool select_named(struct retry *r, const char *path)
{
    struct named n = {.retry = r, .path = path};
    int found = ledger_list_meant(r->context->ledger, path, r->what->all, take_named, &n);
    return ending_wrote(r->ending, found) && found;
}

static void find_roots(struct retry *r)
{
    for (size_t i = 0; i < r->entry_count; i++) {
        struct ledger_file f;
        if (ledger_file_find(r->context->ledger, r->entries[i].path, &f) == 1)
            r->entries[i].root_id = f.root_id;
    }
}

void retry_start(struct retry *r)
{
    const struct batch_retry *o = r->what = r->context->options->retrying;
    if (!ending_wrote(r->ending, ledger_list(r->context->ledger, false, select_row, r)))
        return;
    for (size_t i = 0; i < o->path_count && !ending_has_begun(r->ending); i++)
        if (!select_named(r, o->paths[i]) && !ending_has_begun(r->ending))
            ending_early(r->ending, EXIT_USAGE,
                         "%s is not in the ledger; name files as failures.csv does",
                         text_show(o->paths[i]));
    if (ending_has_begun(r->ending))
        return;
    r->count = array_sort_numbers(r->ids, r->count);
    find_roots(r);
    LOG(LOG_INFO, "run.retry", LOG_INT("documents", r->count), LOG_INT("rejected", r->entry_count));
    find_take_again(r->find, r->entries, r->entry_count);
}

bool retry_looks(const struct retry *r)
{
    return r->asked && (r->looked < r->entry_count || find_is_examining(r->find));
}

bool retry_busy(const struct retry *r)
{
    bool more = r->next < r->count || (r->asked && r->looked < r->entry_count);
    return more && !ending_has_begun(r->ending);
}

static size_t in_memory(const struct retry *r)
{
    return flights_count(r->flights, DOC_QUEUED) + flights_with_jobs(r->flights);
}

static bool can_go_on(const struct retry *r)
{
    return r->next < r->count && !ending_has_begun(r->ending) && in_memory(r) < FLIGHTS_AT_ONCE;
}

static void retry_one(struct retry *r, int64_t id)
{
    struct news n = {.cause = "retry", .retry_after_ms = -1};
    struct flight *held = flight_find(r->flights, id); /* in doubt: recovery parked it */
    struct ledger_document d;
    if (held) {
        if (!is_retried(held->doc.state))
            return;
        flight_unpark(held);
        flight_event(held, EV_RETRY, &n);
        return;
    }
    if (!ending_wrote(r->ending, ledger_document_get(r->context->ledger, id, &d)))
        return;
    flight_event(flight_new(r->flights, &d), EV_RETRY, &n);
    ledger_document_release(&d);
}

/* --- asked for beside the run --- */

static int note_nothing(void *ctx, const struct ledger_listing *row)
{
    (void)ctx, (void)row;
    return 0;
}

static int check_paths(struct retry *r, struct buffer *words)
{
    struct ledger *l = r->context->ledger;
    for (size_t i = 0; i < r->what->path_count; i++) {
        const char *path = r->what->paths[i];
        int found = ledger_list_meant(l, path, r->what->all, note_nothing, NULL);
        if (!ending_wrote(r->ending, found))
            return EXIT_LEDGER;
        if (found)
            continue;
        buffer_printf(words, "%s is not in the ledger; name files as failures.csv does",
                      text_show(path));
        return EXIT_USAGE;
    }
    return 0;
}

/* All of them at once, for they are to be durable: what is more than a run keeps in memory the queue
 * gives back in its time. */
static void take_all(struct retry *r)
{
    for (; r->next < r->count && !ending_has_begun(r->ending); r->next++) {
        retry_one(r, r->ids[r->next]);
        struct flight *f = flight_find(r->flights, r->ids[r->next]);
        if (f && f->doc.state == DOC_QUEUED && f->requests == 0 && in_memory(r) > FLIGHTS_AT_ONCE)
            flight_retire(f);
    }
    r->count = r->next = 0;
}

int retry_ask(struct retry *r, const struct batch_retry *what, struct buffer *words)
{
    size_t entries = r->entry_count;
    REQUIRE(!r->context->options->retrying || r->next == r->count);
    r->what = what;
    int code = check_paths(r, words);
    if (code)
        return code;
    r->asked = true;
    r->count = r->next = 0;
    bool good = ending_wrote(r->ending, ledger_list(r->context->ledger, false, select_row, r));
    for (size_t i = 0; i < what->path_count && good; i++)
        good = select_named(r, what->paths[i]);
    r->count = array_sort_numbers(r->ids, r->count);
    find_roots(r);
    size_t files = r->entry_count - entries;
    LOG(LOG_INFO, "run.retry", LOG_INT("documents", r->count), LOG_INT("rejected", files));
    if (good && r->count + files)
        buffer_printf(words, "taken up again: %zu; `mindee-batch status` tells what becomes of it",
                      r->count + files);
    else if (good)
        buffer_put(words, "there is nothing to retry");
    take_all(r);
    r->what = NULL;
    return good ? 0 : EXIT_LEDGER;
}

static void look_at_files(struct retry *r)
{
    while (r->looked < r->entry_count && find_look_at(r->find, &r->entries[r->looked]))
        r->looked++;
    if (r->looked == r->entry_count) {
        drop_entries(r, 0);
        r->looked = 0;
    }
}

void retry_turn(struct retry *r, struct mono now)
{
    (void)now;
    if (r->asked)
        look_at_files(r);
    while (can_go_on(r))
        retry_one(r, r->ids[r->next++]);
}

struct mono retry_next(const struct retry *r, struct mono now)
{
    return can_go_on(r) ? mono_add(now, 1) : MONO_NEVER;
}
