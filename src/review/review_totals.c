/* See review_totals.h. */
#include "review/review_totals.h"

#include "base/text.h"
#include "tables/currency.h"

#include <string.h>

static const char run_ended[] = "run ended";

struct total {
    char currency[32];
    int64_t records;
    struct decimal net, tax, total;
};

static void add(struct decimal *sum, sqlite3_stmt *s, int column)
{
    struct decimal one;
    const char *text = column_text(s, column);
    if (*text && decimal_parse(&one, text, strlen(text)) == 0)
        (void)!decimal_add(sum, *sum, one);
}

static void put_total(struct buffer *out, const struct total *t)
{
    char net[DECIMAL_TEXT_MAX], tax[DECIMAL_TEXT_MAX], total[DECIMAL_TEXT_MAX];
    int decimals = currency_decimals(t->currency, strlen(t->currency));
    if (t->records == 0)
        return;
    buffer_printf(out, "; %s %lld records, net %s, tax %s, total %s",
                  *t->currency ? text_show(t->currency) : "no currency", (long long)t->records,
                  decimal_format(t->net, decimals, net), decimal_format(t->tax, decimals, tax),
                  decimal_format(t->total, decimals, total));
}

static int put_totals(struct review *r, struct buffer *out)
{
    struct database *d = review_database(r);
    struct total t = {0};
    int n;
    sqlite3_stmt *s = database_query(
        d, "SELECT coalesce(currency, ''), net, tax, total FROM fact ORDER BY 1, id", NO_VALUES);
    if (s == NULL)
        return d->error.code;
    while ((n = database_step(d, s)) == 1) {
        if (t.records == 0 || strncmp(t.currency, column_text(s, 0), sizeof t.currency - 1) != 0) {
            put_total(out, &t);
            t = (struct total){0};
            text_copy(t.currency, sizeof t.currency, column_text(s, 0));
        }
        t.records++;
        add(&t.net, s, 1);
        add(&t.tax, s, 2);
        add(&t.total, s, 3);
    }
    put_total(out, &t);
    return n;
}

int review_note_run(struct review *r, const struct audit_entry *entry)
{
    struct database *d = review_database(r);
    sqlite3_stmt *s =
        database_query(d, "SELECT after FROM audit WHERE action = ? ORDER BY id DESC LIMIT 1",
                       VALUES(V_TEXT(run_ended)));
    int n = s ? database_step(d, s) : d->error.code;
    size_t len = strcspn(entry->after, ";");
    bool same = n == 1 && strcspn(column_text(s, 0), ";") == len &&
                strncmp(column_text(s, 0), entry->after, len) == 0;
    if (n == 1)
        database_end(s);
    if (n < 0 || same)
        return n < 0 ? n : 0;
    struct buffer after;
    struct audit_entry whole = *entry;
    buffer_init(&after, 0);
    buffer_put(&after, entry->after);
    int err = put_totals(r, &after);
    whole.action = run_ended;
    whole.after = buffer_text(&after);
    if (!err)
        err = review_note(r, &whole);
    buffer_release(&after);
    return err;
}
