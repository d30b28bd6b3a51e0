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
    struct intake_entry *entries; /* rejected files */
    size_t entry_count, entry_capacity;
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

void retry_free(struct retry *r)
{
    if (!r)
        return;
    for (size_t i = 0; i < r->entry_count; i++) {
        free(r->entries[i].path);
        free(r->entries[i].name);
    }
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

static void take_row(struct retry *r, const struct ledger_listing *row)
{
    if (row->state == DOC_REJECTED) {
        take_mark_off(r, row);
        add_entry(r, row);
    } else if (row->state == DOC_FAILED || row->state == DOC_LOST || row->state == DOC_IN_DOUBT) {
        ARRAY_RESERVE(r->ids, r->capacity, r->count + 1);
        r->ids[r->count++] = row->document_id;
    }
}

static bool is_ours(const struct retry *r, const struct ledger_listing *row)
{
    return row->settings_id == r->context->settings_id;
}

static int select_row(void *ctx, const struct ledger_listing *row)
{
    struct retry *r = ctx;
    if (is_ours(r, row) && r->context->options->retrying->states[row->state] && !row->dismissed.ms)
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
    int found = ledger_list_meant(r->context->ledger, path, r->context->options->retrying->all,
                                  take_named, &n);
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
    const struct batch_retry *o = r->context->options->retrying;
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

bool retry_busy(const struct retry *r)
{
    return r->next < r->count && !ending_has_begun(r->ending);
}

static bool can_go_on(const struct retry *r)
{
    size_t in_memory = flights_count(r->flights, DOC_QUEUED) + flights_with_jobs(r->flights);
    return retry_busy(r) && in_memory < FLIGHTS_AT_ONCE;
}

static void retry_one(struct retry *r, int64_t id)
{
    struct news n = {.cause = "retry", .retry_after_ms = -1};
    struct flight *held = flight_find(r->flights, id); /* in doubt: recovery parked it */
    struct ledger_document d;
    if (held) {
        if (held->doc.state != DOC_IN_DOUBT)
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

void retry_turn(struct retry *r, struct mono now)
{
    (void)now;
    while (can_go_on(r))
        retry_one(r, r->ids[r->next++]);
}

struct mono retry_next(const struct retry *r, struct mono now)
{
    return can_go_on(r) ? mono_add(now, 1) : MONO_NEVER;
}
