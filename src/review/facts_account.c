/* Whether a record makes its bank account known, and whom it concerns when that changes. A record does unless it was rejected,
 * or somebody still has to say whether it is what it seems to be: its account is new, or it may be a duplicate. What
 * somebody decides about one so opens or settles later ones. See facts_internal.h, supplier_accounts.h. */
#include "review/facts_internal.h"

#include <string.h>

static bool is_doubt(const struct reason *r)
{
    if (r->severity < SEVERITY_WARNING)
        return false;
    switch (r->code) {
    case CHECK_IBAN_NEW:
    case CHECK_DUPLICATE_NUMBER:
    case CHECK_DUPLICATE_NUMBER_YEAR:
    case CHECK_DUPLICATE_AMOUNT:
    case CHECK_DUPLICATE_NEAR:
        return true;
    default:
        return false;
    }
}

/* With FRESH only those that no decision covers. */
static bool any_doubt(const struct reasons *list, bool fresh)
{
    for (size_t i = 0; i < list->count; i++)
        if (is_doubt(&list->items[i]) && (!fresh || list->items[i].fresh))
            return true;
    return false;
}

static int look_at_decision(struct facts *f, const char *key, struct reasons *list, bool *sure)
{
    sqlite3_stmt *s = database_query(f->d, "SELECT action, covers FROM decision WHERE record = ?",
                                     VALUES(V_TEXT(key)));
    int n = s ? database_step(f->d, s) : f->d->error.code;
    if (n != 1)
        return n;
    if (strcmp(column_text(s, 0), "reject") == 0) {
        *sure = false;
    } else if (strcmp(column_text(s, 0), "accept") == 0) {
        (void)reasons_compare(list, column_text(s, 1));
        *sure = !any_doubt(list, true);
    }
    database_end(s);
    return 0;
}

/* REASONS are those of the record KEY. */
static int is_sure(struct facts *f, const char *key, const char *reasons, bool *sure)
{
    struct reasons list = {0};
    int n = 0;
    *sure = true;
    if (!*reasons && !f->decisions)
        return 0;
    reasons_read(&list, reasons);
    *sure = !any_doubt(&list, false);
    if (f->decisions)
        n = look_at_decision(f, key, &list, sure);
    reasons_release(&list);
    return n < 0 ? n : 0;
}

/* Where iban-new can only go, one that hasn't it stays as it is. */
static void check_again(void *ctx, int64_t id, bool opens)
{
    struct facts *f = ctx;
    int64_t one;
    int n = opens
                ? 1
                : database_number(f->d,
                                  "SELECT 1 FROM fact WHERE id = ? AND instr(reasons, 'iban-new')",
                                  VALUES(V_INT(id)), &one);
    if (n) /* an error will be met again */
        facts_check_again(f, id);
}

static int settle(struct facts *f, int64_t id, const struct duplicate_keys *keys,
                  const struct accounts_found *found, enum account_state before,
                  enum account_state after)
{
    int err = 0;
    if (before == after)
        return 0;
    if (before != ACCOUNT_NONE)
        err = supplier_accounts_remove(f->d, id, keys);
    if (!err && after != ACCOUNT_NONE)
        err = supplier_accounts_put(f->d, id, keys, after == ACCOUNT_SURE);
    return err ? err
               : supplier_accounts_concern(f->d, id, keys, found, before, after, check_again, f);
}

int facts_put_account(struct facts *f, int64_t id, const char *key, const char *reasons,
                      const struct duplicate_keys *keys, const struct accounts_found *found,
                      bool is_there)
{
    bool sure;
    if (!*keys->iban)
        return 0;
    int before = is_there ? supplier_accounts_state(f->d, id, keys) : ACCOUNT_NONE;
    int err = before < 0 ? before : is_sure(f, key, reasons, &sure);
    return err ? err
               : settle(f, id, keys, found, (enum account_state)before,
                        sure ? ACCOUNT_SURE : ACCOUNT_DOUBTED);
}

int facts_take_account(struct facts *f, int64_t id, const struct duplicate_keys *keys)
{
    struct accounts_found found;
    int before = supplier_accounts_state(f->d, id, keys);
    if (before <= 0)
        return before;
    int err = supplier_accounts_look(f->d, id, keys, &found);
    return err ? err : settle(f, id, keys, &found, (enum account_state)before, ACCOUNT_NONE);
}

static int read_reasons(struct facts *f, int64_t id, struct buffer *key, struct buffer *reasons)
{
    sqlite3_stmt *s =
        database_query(f->d, "SELECT key, reasons FROM fact WHERE id = ?", VALUES(V_INT(id)));
    int n = s ? database_step(f->d, s) : f->d->error.code;
    if (n == 1) {
        buffer_put(key, column_text(s, 0));
        buffer_put(reasons, column_text(s, 1));
        database_end(s);
    }
    return n;
}

int facts_take_decision(struct facts *f, int64_t id)
{
    struct duplicate_keys keys;
    struct accounts_found found;
    struct buffer key, reasons;
    int n = duplicate_index_get(f->d, id, &keys);
    if (n != 1 || !*keys.iban)
        return n < 0 ? n : 0;
    buffer_init(&key, 0);
    buffer_init(&reasons, 0);
    n = read_reasons(f, id, &key, &reasons);
    if (n == 1)
        n = supplier_accounts_look(f->d, id, &keys, &found);
    if (n == 0 && key.len)
        n = facts_put_account(f, id, buffer_text(&key), buffer_text(&reasons), &keys, &found, true);
    buffer_release(&key);
    buffer_release(&reasons);
    return n;
}
