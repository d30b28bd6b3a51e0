/* See audit.h. Entries are texts throughout, so that what is hashed is what is stored, byte for byte; one whose
 * column holds something else (a blob of the same bytes) is broken too. */
#include "review/audit.h"

#include <stdio.h>
#include <string.h>

enum { FIELDS = 8, HASHED_FROM = 1, PREV = 9, HASH = 10, ID_MAX = 24 };

static void genesis(uint64_t ledger_id, char out[SHA256_HEX])
{
    char text[64];
    uint8_t digest[SHA256_BYTES];
    snprintf(text, sizeof text, "mindee-batch audit of ledger %016llx",
             (unsigned long long)ledger_id);
    sha256(text, strlen(text), digest);
    hex_encode(digest, sizeof digest, out);
}

static void add_netstring(struct sha256 *s, const void *data, size_t len)
{
    char front[32];
    int n = snprintf(front, sizeof front, "%zu:", len);
    sha256_update(s, front, (size_t)n);
    sha256_update(s, data, len);
    sha256_update(s, ",", 1);
}

struct part {
    const void *data;
    size_t len;
};

static void hash_entry(const char *prev, int64_t id, const struct part parts[FIELDS],
                       char out[SHA256_HEX])
{
    char number[ID_MAX];
    uint8_t digest[SHA256_BYTES];
    struct sha256 *s = sha256_new();
    int n = snprintf(number, sizeof number, "%lld", (long long)id);
    sha256_update(s, prev, strlen(prev));
    add_netstring(s, number, (size_t)n);
    for (size_t i = 0; i < FIELDS; i++)
        add_netstring(s, parts[i].data, parts[i].len);
    sha256_final(s, digest);
    sha256_free(s);
    hex_encode(digest, sizeof digest, out);
}

/* The newest entry's id, 0 if there is none, and its hash. */
static int newest(struct database *d, uint64_t ledger_id, int64_t *id, char head[SHA256_HEX])
{
    *id = 0;
    genesis(ledger_id, head);
    sqlite3_stmt *s =
        database_query(d, "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1", NO_VALUES);
    int n = s ? database_step(d, s) : d->error.code;
    if (n == 1) {
        *id = column_int(s, 0);
        snprintf(head, SHA256_HEX, "%s", column_text(s, 1));
        database_end(s);
    }
    return n < 0 ? n : 0;
}

int audit_head(struct database *d, uint64_t ledger_id, char out[SHA256_HEX])
{
    int64_t id;
    return newest(d, ledger_id, &id, out);
}

int audit_add(struct database *d, uint64_t ledger_id, const struct audit_entry *e)
{
    char prev[SHA256_HEX], hash[SHA256_HEX], at[WALL_TEXT_MAX];
    const char *texts[FIELDS] = {wall_format(e->at, at),
                                 e->actor,
                                 e->action,
                                 e->record,
                                 e->field,
                                 e->before,
                                 e->after,
                                 e->note};
    struct part parts[FIELDS];
    int64_t id;
    int err = newest(d, ledger_id, &id, prev);
    if (err)
        return err;
    for (size_t i = 0; i < FIELDS; i++) {
        texts[i] = texts[i] ? texts[i] : "";
        parts[i] = (struct part){texts[i], strlen(texts[i])};
    }
    hash_entry(prev, id + 1, parts, hash);
    return database_run(d,
                        "INSERT INTO audit(id, at, actor, action, record, field, before, after,"
                        " note, prev, hash) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                        VALUES(V_INT(id + 1), V_TEXT(texts[0]), V_TEXT(texts[1]), V_TEXT(texts[2]),
                               V_TEXT(texts[3]), V_TEXT(texts[4]), V_TEXT(texts[5]),
                               V_TEXT(texts[6]), V_TEXT(texts[7]), V_TEXT(prev), V_TEXT(hash)));
}

/* --- checking --- */

static bool is_text(sqlite3_stmt *s, int column, const char *text)
{
    return sqlite3_column_type(s, column) == SQLITE_TEXT &&
           (size_t)sqlite3_column_bytes(s, column) == strlen(text) &&
           memcmp(sqlite3_column_blob(s, column), text, strlen(text)) == 0;
}

/* Whether the entry at hand is as it was written behind PREV. */
static bool is_sound(sqlite3_stmt *s, int64_t id, const char *prev, char hash[SHA256_HEX])
{
    struct part parts[FIELDS];
    for (int i = 0; i < FIELDS; i++) {
        if (sqlite3_column_type(s, HASHED_FROM + i) != SQLITE_TEXT)
            return false;
        const void *data = sqlite3_column_blob(s, HASHED_FROM + i);
        parts[i] =
            (struct part){data ? data : "", (size_t)sqlite3_column_bytes(s, HASHED_FROM + i)};
    }
    hash_entry(prev, id, parts, hash);
    return column_int(s, 0) == id && is_text(s, PREV, prev) && is_text(s, HASH, hash);
}

#define ALL                                                                                        \
    "SELECT id, at, actor, action, record, field, before, after, note, prev, hash FROM audit"

int audit_check(struct database *d, uint64_t ledger_id, const char *asked, struct audit_found *out)
{
    char hash[SHA256_HEX];
    int n;
    *out = (struct audit_found){.whole = true, .of_this_ledger = true};
    genesis(ledger_id, out->head);
    out->has_asked = asked && strcmp(asked, out->head) == 0;
    sqlite3_stmt *s = database_query(d, ALL " ORDER BY id", NO_VALUES);
    if (s == NULL)
        return d->error.code;
    while ((n = database_step(d, s)) == 1) {
        out->entries++;
        if (!out->whole)
            continue;
        if (out->entries == 1 && !is_text(s, PREV, out->head))
            out->of_this_ledger = false;
        if (!is_sound(s, out->entries, out->head, hash)) {
            out->whole = false;
            out->broken_at = column_int(s, 0);
            continue;
        }
        memcpy(out->head, hash, sizeof hash);
        out->has_asked = out->has_asked || (asked && strcmp(asked, hash) == 0);
    }
    return n;
}

int audit_each(struct database *d, const char *record,
               int (*fn)(void *ctx, const struct audit_row *row), void *ctx)
{
    int n, rc = 0;
    sqlite3_stmt *s = database_query(
        d,
        ALL
        " WHERE ?1 IS NULL OR record = ?1 OR substr(record, 1, length(?1) + 1) = ?1 || '/' ORDER BY id",
        VALUES(V_TEXT(record)));
    if (s == NULL)
        return d->error.code;
    while ((n = database_step(d, s)) == 1 && !rc) {
        const struct audit_row row = {column_int(s, 0),  column_text(s, 1), column_text(s, 2),
                                      column_text(s, 3), column_text(s, 4), column_text(s, 5),
                                      column_text(s, 6), column_text(s, 7), column_text(s, 8),
                                      column_text(s, 9), column_text(s, 10)};
        rc = fn(ctx, &row);
    }
    if (n == 1)
        database_end(s);
    return n < 0 ? n : rc;
}
