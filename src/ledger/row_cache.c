/* See row_cache.h. Rows in flight, and those to be written, are kept each for itself, in buckets; a
 * bucket that has many of them (a ledger with more jobs than one run has in hand) gives the unchanged ones
 * up. Rows at rest are in a table by their id modulo its size, where each takes another's place.
 *
 * Invariant: a row is in one of the two at most; `saved` is what its tables have. */
#include "ledger/row_cache.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

enum {
    BUCKET_MOST = 16,  /* unchanged rows in one */
    CHANGED_MOST = 512 /* rows to be written */
};

struct kept_row {
    struct kept_row *next;
    struct list changed; /* in the list of those to be written */
    struct document_row now, saved;
};

void row_cache_init(struct ledger *l)
{
    list_init(&l->rows.changed);
}

static struct kept_row **bucket_of(struct ledger *l, int64_t id)
{
    return &l->rows.kept[(uint64_t)id % ROW_BUCKETS];
}

static struct document_row *slot_of(struct ledger *l, int64_t id)
{
    return &l->rows.rest[(uint64_t)id % ROWS_AT_REST];
}

static struct kept_row *find_kept(const struct ledger *l, int64_t id)
{
    struct kept_row *k = l->rows.kept[(uint64_t)id % ROW_BUCKETS];
    while (k && k->now.id != id)
        k = k->next;
    return k;
}

static void forget(struct ledger *l, struct kept_row *k)
{
    struct kept_row **at = bucket_of(l, k->now.id);
    while (*at != k)
        at = &(*at)->next;
    *at = k->next;
    if (!list_empty(&k->changed))
        l->rows.changed_count--;
    list_remove(&k->changed);
    free(k);
}

static void thin_out(struct ledger *l, int64_t id)
{
    int unchanged = 0;
    for (struct kept_row *k = *bucket_of(l, id), *next; k; k = next) {
        next = k->next;
        if (list_empty(&k->changed) && ++unchanged > BUCKET_MOST)
            forget(l, k);
    }
}

static struct kept_row *keep(struct ledger *l, const struct document_row *row)
{
    struct kept_row *k = xcalloc(1, sizeof *k);
    struct kept_row **bucket = bucket_of(l, row->id);
    list_init(&k->changed);
    k->now = k->saved = *row;
    k->next = *bucket;
    *bucket = k;
    thin_out(l, row->id);
    if (slot_of(l, row->id)->id == row->id)
        slot_of(l, row->id)->id = 0;
    return k;
}

bool row_cache_find(const struct ledger *l, int64_t id, struct document_row *out)
{
    const struct kept_row *k = find_kept(l, id);
    const struct document_row *rest = &l->rows.rest[(uint64_t)id % ROWS_AT_REST];
    if (id == 0 || (!k && rest->id != id))
        return false;
    *out = k ? k->now : *rest;
    return true;
}

void row_cache_keep(struct ledger *l, const struct document_row *row)
{
    struct kept_row *k = find_kept(l, row->id);
    if (k)
        k->now = k->saved = *row;
    else if (row->in_flight)
        keep(l, row);
    else
        *slot_of(l, row->id) = *row;
}

int row_cache_change(struct ledger *l, const struct document_row *before,
                     const struct document_row *after)
{
    struct kept_row *k = find_kept(l, after->id);
    if (!k)
        k = keep(l, before);
    k->now = *after;
    if (list_empty(&k->changed)) {
        list_push_back(&l->rows.changed, &k->changed);
        l->rows.changed_count++;
    }
    l->db.deferred.some = true;
    return l->rows.changed_count < CHANGED_MOST ? 0 : database_write_deferred(&l->db);
}

void row_cache_words(struct ledger *l, int64_t id, bool words)
{
    struct kept_row *k = find_kept(l, id);
    if (k)
        k->now.words = k->saved.words = words;
    else if (slot_of(l, id)->id == id)
        slot_of(l, id)->words = words;
}

void row_cache_drop(struct ledger *l, int64_t id)
{
    struct kept_row *k = find_kept(l, id);
    if (k)
        forget(l, k);
    if (slot_of(l, id)->id == id)
        slot_of(l, id)->id = 0;
}

void row_cache_clear(struct ledger *l)
{
    for (size_t i = 0; i < ROW_BUCKETS; i++)
        while (l->rows.kept[i])
            forget(l, l->rows.kept[i]);
    memset(l->rows.rest, 0, sizeof l->rows.rest);
}

/* --- writing --- */

static int write_in_flight(struct ledger *l, const struct document_row *row)
{
    return database_run(
        &l->db,
        "INSERT OR REPLACE INTO flight VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        VALUES(V_INT(row->id), V_INT(row->state), V_INT(row->attempts), V_INT(row->attempt),
               V_INT(row->last_attempt), V_INT(row->last_event), V_INT(row->accepted.n),
               V_INT(row->done.n), V_INT(row->doubt.n), V_INT(row->answer), V_INT(row->result),
               V_INT(row->result_pages), V_INT(row->accepted_at), V_INT(row->accepted.price),
               V_INT(row->done.price), V_INT(row->doubt.price)));
}

static int write_at_rest(struct ledger *l, const struct document_row *row)
{
    return database_run(
        &l->db,
        "UPDATE document SET state = ?, attempts = ?, attempt = ?, last_attempt = ?,"
        " last_event = ?, accepted = ?, done = ?, doubt = ?, answer = ?, result = ?,"
        " result_pages = ?, accepted_at = ?, accepted_price = ?, done_price = ?, doubt_price = ?"
        " WHERE id = ?",
        VALUES(V_INT(row->state), V_INT(row->attempts), V_INT(row->attempt),
               V_INT(row->last_attempt), V_INT(row->last_event), V_INT(row->accepted.n),
               V_INT(row->done.n), V_INT(row->doubt.n), V_INT(row->answer), V_INT(row->result),
               V_INT(row->result_pages), V_INT(row->accepted_at), V_INT(row->accepted.price),
               V_INT(row->done.price), V_INT(row->doubt.price), V_INT(row->id)));
}

/* What stays in the document's own row even in flight, and changes seldom. */
static int write_own(struct ledger *l, const struct document_row *was,
                     const struct document_row *row)
{
    if (was->files == row->files && was->pages == row->pages && was->settings == row->settings &&
        was->dismissed == row->dismissed)
        return 0;
    return database_run(
        &l->db,
        "UPDATE document SET files = ?, pages = ?, settings = ?, dismissed = ? WHERE id = ?",
        VALUES(V_INT(row->files), V_INT(row->pages), V_INT(row->settings), V_INT(row->dismissed),
               V_INT(row->id)));
}

/* What is newer in memory: all but these. */
bool row_cache_concerns(const char *table, const char *column)
{
    static const char *const never[] = {"",       "id",         "settings", "size",
                                        "type",   "broken",     "sha256",   "sort_name",
                                        "period", "created_at", "code",     "detail"};
    if (strcmp(table, "flight") == 0)
        return true;
    if (strcmp(table, "document") != 0)
        return false;
    for (size_t i = 0; column && i < sizeof never / sizeof *never; i++)
        if (strcmp(column, never[i]) == 0)
            return false;
    return true;
}

static bool same_charges(const struct charges *a, const struct charges *b)
{
    return a->n == b->n && a->price == b->price;
}

static bool same_life(const struct document_row *a, const struct document_row *b)
{
    return a->state == b->state && a->attempts == b->attempts && a->attempt == b->attempt &&
           a->last_attempt == b->last_attempt && a->last_event == b->last_event &&
           same_charges(&a->accepted, &b->accepted) && same_charges(&a->done, &b->done) &&
           same_charges(&a->doubt, &b->doubt) && a->answer == b->answer && a->result == b->result &&
           a->result_pages == b->result_pages && a->accepted_at == b->accepted_at &&
           a->in_flight == b->in_flight;
}

static int write_row(struct ledger *l, struct kept_row *k)
{
    const struct document_row *was = &k->saved, *row = &k->now;
    int err = 0;
    if (!same_life(was, row))
        err = row->in_flight ? write_in_flight(l, row) : write_at_rest(l, row);
    if (!err && was->in_flight && !row->in_flight)
        err = database_run(&l->db, "DELETE FROM flight WHERE document = ?", VALUES(V_INT(row->id)));
    if (!err)
        err = write_own(l, was, row);
    if (!err)
        k->saved = k->now;
    return err;
}

int row_cache_write(struct ledger *l)
{
    while (!list_empty(&l->rows.changed)) {
        struct kept_row *k = LIST_ENTRY(list_first(&l->rows.changed), struct kept_row, changed);
        int err = write_row(l, k);
        if (err)
            return err;
        list_remove(&k->changed);
        l->rows.changed_count--;
        if (k->now.in_flight)
            continue;
        struct document_row row = k->now;
        forget(l, k);
        *slot_of(l, row.id) = row;
    }
    return 0;
}
