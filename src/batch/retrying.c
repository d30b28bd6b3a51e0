/* mindee-batch retry: documents that ended otherwise than stored get another chance. Selected from
 * the ledger before anything else happens, and taken up a few at a time; what was rejected is
 * examined anew, as if it had just been found. */
#include "base/log.h"
#include "base/text.h"
#include "batch/state.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum { FLIGHTS_AT_ONCE = 1000 };

struct retrying {
    int64_t *ids; /* documents, each once */
    size_t count, capacity, next;
    struct intake_entry *entries; /* rejected files */
    size_t entry_count, entry_capacity;
    bool *path_found;
};

static void *grow(void *array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return array;
    *capacity = *capacity ? *capacity * 2 : 64;
    array = realloc(array, *capacity * size);
    REQUIRE(array != NULL);
    return array;
}

/* By the path it was found under, or where it was moved to. */
static bool is_named(struct batch *b, const struct ledger_listing *row)
{
    const struct batch_retry *r = b->options->retrying;
    bool named = false;
    for (size_t i = 0; i < r->path_count; i++) {
        if (strcmp(r->paths[i], row->path) != 0 && strcmp(r->paths[i], row->moved_to) != 0)
            continue;
        b->retrying->path_found[i] = true;
        named = true;
    }
    return named;
}

static int select_row(void *ctx, const struct ledger_listing *row)
{
    struct batch *b = ctx;
    struct retrying *r = b->retrying;
    bool named = is_named(b, row);
    if (!named && !b->options->retrying->states[row->state])
        return 0;
    if (row->state == DOC_REJECTED) {
        r->entries = grow(r->entries, r->entry_count, &r->entry_capacity, sizeof *r->entries);
        r->entries[r->entry_count++] =
            (struct intake_entry){.path = xstrdup(row->path), .name = xstrdup(row->name)};
    } else if (row->state == DOC_FAILED || row->state == DOC_LOST || row->state == DOC_IN_DOUBT) {
        r->ids = grow(r->ids, r->count, &r->capacity, sizeof *r->ids);
        r->ids[r->count++] = row->document_id;
    }
    return 0;
}

static int by_number(const void *a, const void *b)
{
    const int64_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static void drop_duplicates(struct retrying *r)
{
    size_t kept = 0;
    if (r->count)
        qsort(r->ids, r->count, sizeof *r->ids, by_number);
    for (size_t i = 0; i < r->count; i++)
        if (kept == 0 || r->ids[kept - 1] != r->ids[i])
            r->ids[kept++] = r->ids[i];
    r->count = kept;
}

static void find_roots(struct batch *b)
{
    struct retrying *r = b->retrying;
    for (size_t i = 0; i < r->entry_count; i++) {
        struct ledger_file f;
        if (ledger_file_find(b->ledger, r->entries[i].path, &f) == 1)
            r->entries[i].root_id = f.root_id;
    }
}

void retrying_start(struct batch *b)
{
    const struct batch_retry *o = b->options->retrying;
    struct retrying *r = b->retrying = xcalloc(1, sizeof *r);
    r->path_found = xcalloc(o->path_count, sizeof *r->path_found);
    if (!batch_wrote(b, ledger_list(b->ledger, false, select_row, b)))
        return;
    for (size_t i = 0; i < o->path_count; i++) {
        if (r->path_found[i])
            continue;
        batch_end_early(b, EXIT_USAGE, "%s is not in the ledger; name files as failures.csv does",
                        text_show(o->paths[i]));
        return;
    }
    drop_duplicates(r);
    find_roots(b);
    LOG(LOG_INFO, "run.retry", LOG_INT("documents", r->count), LOG_INT("rejected", r->entry_count));
    feeder_take_again(b, r->entries, r->entry_count);
}

bool retrying_busy(const struct batch *b)
{
    return b->retrying && b->retrying->next < b->retrying->count;
}

bool retrying_can_go_on(const struct batch *b)
{
    size_t in_memory = b->states[DOC_QUEUED].count + flights_with_jobs(b);
    return retrying_busy(b) && in_memory < FLIGHTS_AT_ONCE;
}

void retrying_turn(struct batch *b)
{
    struct retrying *r = b->retrying;
    struct news n = {.cause = "retry", .retry_after_ms = -1};
    while (r && r->next < r->count && !b->stopping) {
        struct ledger_document d;
        if (!retrying_can_go_on(b))
            return;
        int64_t id = r->ids[r->next++];
        struct flight *held = flight_find(b, id); /* in doubt: recovery parked it */
        if (held && held->doc.state != DOC_IN_DOUBT)
            continue;
        if (held) {
            flight_unpark(held);
            flight_event(held, EV_RETRY, &n);
            continue;
        }
        if (!batch_wrote(b, ledger_document_get(b->ledger, id, &d)))
            return;
        if (d.settings_id != b->settings_id)
            batch_end_early(
                b, EXIT_USAGE,
                "document %lld was sent with another model or other options; retry with those",
                (long long)id);
        else
            flight_event(flight_new(b, &d), EV_RETRY, &n);
        ledger_document_release(&d);
    }
}

void retrying_release(struct batch *b)
{
    struct retrying *r = b->retrying;
    if (!r)
        return;
    for (size_t i = 0; i < r->entry_count; i++) {
        free(r->entries[i].path);
        free(r->entries[i].name);
    }
    free(r->entries);
    free(r->ids);
    free(r->path_found);
    free(r);
    b->retrying = NULL;
}
