/* See billing.h. What a document cost in all is counts.c's to say; here each of its uploads gets its share
 * by the same rules, so that the sums agree: an upload whose job is done was charged, of a document at its end
 * also one that was accepted. Where an answer is there and none of these, one of the accepted or doubtful
 * uploads was the one that was read. counts.c takes the mean of their prices for it, since nothing says
 * which it was; here it is the newest.
 *
 * Uploads are found through the chain from the newest back, of which most documents have one: there is no
 * index by document (schema.c). */
#include "ledger/billing.h"

#include "ledger/spending_internal.h"

#include "base/array.h"

#include <stdlib.h>
#include <string.h>

/* To whom an upload's price goes. */
enum share { SHARE_NONE, SHARE_CHARGED, SHARE_OUT, SHARE_DOUBT };

struct upload {
    int64_t price, started_at;
    enum share share;
    bool resent;
};

struct billing {
    struct ledger *ledger;
    int64_t price; /* of what was never sent */
    int (*fn)(void *ctx, const struct bill_line *line);
    void *ctx;

    struct document_row row; /* only what counts */
    int64_t settings, created_at;
    const char *period;
    struct upload *uploads; /* of that document, newest first */
    size_t count, capacity;
};

void bill_add(struct bill *sum, const struct bill *more)
{
    sum->documents += more->documents;
    sum->failed += more->failed;
    sum->rejected += more->rejected;
    sum->pages += more->pages;
    sum->resent += more->resent;
    sum->planned = credits_add(sum->planned, more->planned);
    sum->confirmed = credits_add(sum->confirmed, more->confirmed);
    sum->open = credits_add(sum->open, more->open);
    sum->at_risk = credits_add(sum->at_risk, more->at_risk);
    sum->saved = credits_add(sum->saved, more->saved);
}

static bool has_ended(const struct document_row *row)
{
    return row->state == DOC_STORED || row->state == DOC_FAILED || row->state == DOC_LOST;
}

static enum share share_of(const struct document_row *row, enum attempt_outcome outcome)
{
    if (outcome == ATTEMPT_JOB_DONE)
        return SHARE_CHARGED;
    if (outcome == ATTEMPT_ACCEPTED)
        return has_ended(row) ? SHARE_CHARGED : SHARE_OUT;
    return attempt_is_in_doubt(outcome) ? SHARE_DOUBT : SHARE_NONE;
}

static int read_uploads(struct billing *b, int64_t newest)
{
    b->count = 0;
    for (int64_t id = newest, prev; id; id = prev) {
        sqlite3_stmt *s = database_query(
            &b->ledger->db,
            "SELECT prev, outcome, price, started_at, resent FROM attempt WHERE id = ?",
            VALUES(V_INT(id)));
        int n = s ? database_step(&b->ledger->db, s) : b->ledger->db.error.code;
        if (n != 1)
            return n;
        ARRAY_RESERVE(b->uploads, b->capacity, b->count + 1);
        b->uploads[b->count++] = (struct upload){
            .price = column_int(s, 2),
            .started_at = column_int(s, 3),
            .share = share_of(&b->row, (enum attempt_outcome)column_int(s, 1)),
            .resent = column_int(s, 4) != 0,
        };
        prev = column_int(s, 0);
        database_end(s);
        if (prev >= id)
            return database_refuse(&b->ledger->db, ERR_DAMAGED,
                                   "%s: the uploads of document %lld are torn. %s",
                                   b->ledger->db.path, (long long)b->row.id, b->ledger->db.way_out);
    }
    return 0;
}

/* The newest upload with SHARE, or COUNT; *LEFT and *N: what all of them cost, and how many there are. */
static size_t find_share(const struct billing *b, enum share share, int64_t *left, int *n)
{
    size_t newest = b->count;
    *left = 0;
    *n = 0;
    for (size_t i = b->count; i-- > 0;)
        if (b->uploads[i].share == share) {
            newest = i;
            *left += b->uploads[i].price;
            (*n)++;
        }
    return newest;
}

/* One of those with SHARE was the one that is charged, at the mean of their prices; what is left of their
 * sum stays with the others, as far as it goes. */
static bool charge_one(struct billing *b, enum share share)
{
    int64_t left;
    int n;
    size_t one = find_share(b, share, &left, &n);
    if (n == 0)
        return false;
    int64_t mean = left / n;
    left -= mean;
    for (size_t i = one + 1; i < b->count; i++) {
        struct upload *u = &b->uploads[i];
        if (u->share != share)
            continue;
        u->price = --n == 1 || u->price > left ? left : u->price;
        left -= u->price;
    }
    b->uploads[one].price = mean;
    b->uploads[one].share = SHARE_CHARGED;
    return true;
}

/* As row_count has it. Returns what a page costs besides, that no upload is on record for; most often 0. */
static int64_t settle_charges(struct billing *b)
{
    int64_t sum;
    int n;
    (void)find_share(b, SHARE_CHARGED, &sum, &n);
    if (n || (b->row.answer == ANSWER_NONE && b->row.state != DOC_LOST))
        return 0;
    if (charge_one(b, SHARE_OUT) || charge_one(b, SHARE_DOUBT))
        return 0;
    return CREDIT_MICROS;
}

/* --- lines --- */

/* One with nothing in it, of an upload that was free, isn't given. */
static int give(struct billing *b, const char *period, int64_t at, const struct bill *bill)
{
    static const struct bill nothing;
    if (memcmp(bill, &nothing, sizeof nothing) == 0)
        return 0;
    const struct bill_line line = {.document_id = b->row.id,
                                   .settings_id = b->settings,
                                   .period = period,
                                   .at = {at},
                                   .bill = *bill};
    return b->fn(b->ctx, &line);
}

/* What is about the document, and no single upload. */
static struct bill of_document(const struct billing *b)
{
    const struct document_row *row = &b->row;
    struct bill bill = {0};
    bool queued = row->state == DOC_QUEUED || b->count == 0;
    int64_t price = queued ? b->price : b->uploads[0].price;
    if (row->files > 0) {
        bill.documents = 1;
        bill.failed = row->state == DOC_FAILED;
        bill.rejected = row->state == DOC_REJECTED;
    }
    if (row->state != DOC_REJECTED && (row->files > 0 || b->count > 0))
        bill.planned.micro = price * (row->pages > 0 ? row->pages : 1);
    return bill;
}

static struct bill of_upload(const struct billing *b, const struct upload *u)
{
    struct bill bill = {.resent = u->resent};
    int64_t unit = row_unit(&b->row);
    struct credits costs = credits_for(unit, (struct credits){u->price});
    if (u->share == SHARE_CHARGED) {
        bill.confirmed = costs;
        bill.pages = unit;
    } else if (u->share == SHARE_OUT) {
        bill.open = costs;
    } else if (u->share == SHARE_DOUBT) {
        bill.at_risk = costs;
    }
    return bill;
}

/* Each further file of what was charged would have cost as much. */
static int give_saved(struct billing *b, int64_t at, int64_t price)
{
    const struct bill bill = {.saved = {row_unit(&b->row) * price}};
    int n, err = 0;
    if (b->row.files <= 1 || price == 0)
        return 0;
    sqlite3_stmt *s = database_query(&b->ledger->db,
                                     "SELECT period FROM file WHERE document = ? AND life <> 2"
                                     " ORDER BY id LIMIT -1 OFFSET 1",
                                     VALUES(V_INT(b->row.id)));
    if (s == NULL)
        return b->ledger->db.error.code;
    while ((n = database_step(&b->ledger->db, s)) == 1) {
        err = give(b, column_text(s, 0), at, &bill);
        if (err) {
            database_end(s);
            return err;
        }
    }
    return n;
}

static int give_document(struct billing *b)
{
    struct bill first = of_document(b); /* before prices are shared out */
    int64_t at = b->count ? b->uploads[0].started_at : b->created_at;
    int64_t unheard_of = settle_charges(b), price = unheard_of;
    int err = 0;
    if (unheard_of) {
        first.confirmed.micro = unheard_of * row_unit(&b->row);
        first.pages = row_unit(&b->row);
    }
    for (size_t i = 0; i < b->count && !err; i++) {
        struct bill bill = of_upload(b, &b->uploads[i]);
        if (i == 0)
            bill_add(&bill, &first);
        if (!price && b->uploads[i].share == SHARE_CHARGED)
            price = b->uploads[i].price;
        err = give(b, b->period, b->uploads[i].started_at, &bill);
    }
    if (b->count == 0)
        err = give(b, b->period, at, &first);
    return err ? err : give_saved(b, at, price);
}

static int bill_documents(struct billing *b)
{
    enum { LAST_ATTEMPT = COUNTING_COLUMNS, SETTINGS, CREATED_AT, PERIOD };
    int n, err;
    sqlite3_stmt *s = database_query(
        &b->ledger->db,
        /* clang-format off */
        "SELECT " ROW_THAT_COUNTS ", " LIFE_OF("last_attempt") ", d.settings, d.created_at,"
        " (SELECT f.period FROM file f WHERE f.document = d.id AND f.life <> 2"
        "  ORDER BY f.id LIMIT 1) FROM " LIFE " ORDER BY d.id",
        /* clang-format on */
        NO_VALUES);
    if (s == NULL)
        return b->ledger->db.error.code;
    while ((n = database_step(&b->ledger->db, s)) == 1) {
        b->row = row_that_counts(s);
        b->settings = column_int(s, SETTINGS);
        b->created_at = column_int(s, CREATED_AT);
        b->period = column_text(s, PERIOD);
        err = read_uploads(b, column_int(s, LAST_ATTEMPT));
        if (!err)
            err = give_document(b);
        if (err) {
            database_end(s);
            return err;
        }
    }
    return n;
}

int ledger_billing(struct ledger *l, struct credits price,
                   int (*fn)(void *ctx, const struct bill_line *line), void *ctx)
{
    struct billing b = {.ledger = l, .price = price.micro, .fn = fn, .ctx = ctx};
    int err = bill_documents(&b);
    free(b.uploads);
    return err;
}
