/* See report_suppliers.h. A set by key; its memory grows with the number of suppliers, up to a limit. */
#include "report/report_suppliers.h"

#include "base/hash.h"
#include "base/hash_set.h"
#include "base/text.h"
#include "review/keys.h"

#include <stdlib.h>
#include <string.h>

struct report_suppliers {
    struct hash_set set; /* of pointers */
    const struct report_supplier **list;
    int64_t unnamed;
    int64_t more; /* records of suppliers beyond the limit */
};

static const void *key_of(const void *entry)
{
    const struct report_supplier *const *s = entry;
    return *s ? (*s)->key : NULL;
}

static uint64_t hash_of(const void *key)
{
    return hash_bytes(1, key, strlen(key));
}

static bool same(const void *key, const void *other)
{
    return strcmp(key, other) == 0;
}

static const struct hash_set_kind kind = {sizeof(struct report_supplier *), key_of, hash_of, same};

struct report_suppliers *report_suppliers_new(void)
{
    return xcalloc(1, sizeof(struct report_suppliers));
}

void report_suppliers_free(struct report_suppliers *s)
{
    if (!s)
        return;
    struct report_supplier **each = NULL;
    while ((each = hash_set_next(&s->set, &kind, each))) {
        free((*each)->key);
        free((*each)->name);
        free(*each);
    }
    hash_set_release(&s->set);
    free(s->list);
    free(s);
}

/* Cut at a character. */
static char *copy_of(const char *text, size_t len, size_t max)
{
    if (len >= max) {
        len = max - 1;
        while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80)
            len--;
    }
    char *copy = xcalloc(1, len + 1);
    memcpy(copy, text, len);
    return copy;
}

static struct report_supplier *supplier_of(struct report_suppliers *s, const char *name, size_t len)
{
    char key[SUPPLIER_KEY_MAX];
    key_supplier(name, len, key);
    char *own = *key ? xstrdup(key) : copy_of(name, len, SUPPLIER_KEY_MAX); /* "***": itself */
    struct report_supplier **place = hash_set_find(&s->set, &kind, own);
    if (!place && s->set.count < REPORT_SUPPLIERS_MOST) {
        place = hash_set_put(&s->set, &kind, own);
        REQUIRE(place != NULL);
        *place = xcalloc(1, sizeof **place);
        (*place)->key = own;
        (*place)->name = copy_of(name, len, REPORT_SUPPLIER_NAME_MAX);
        return *place;
    }
    free(own);
    return place ? *place : NULL;
}

static struct report_supplier_sum *sum_of(struct report_supplier *s, const struct cell *currency)
{
    bool text = currency && currency->kind == CELL_TEXT;
    char *code =
        copy_of(text ? currency->text : "", text ? currency->len : 0, CONTROL_CURRENCY_MAX);
    struct report_supplier_sum *sum = NULL;
    for (size_t i = 0; i < s->sum_count && !sum; i++)
        sum = strcmp(s->sums[i].code, code) == 0 ? &s->sums[i] : NULL;
    if (!sum && s->sum_count < REPORT_SUPPLIER_SUMS) {
        sum = &s->sums[s->sum_count++];
        text_copy(sum->code, sizeof sum->code, code);
    }
    free(code);
    return sum;
}

void report_suppliers_note(struct report_suppliers *s, const char *name, size_t len,
                           const struct cell *currency, const struct cell *total)
{
    struct decimal value;
    struct report_supplier *of = name ? supplier_of(s, name, len) : NULL;
    if (!of) {
        *(name ? &s->more : &s->unnamed) += 1;
        return;
    }
    of->records++;
    if (!total || total->kind == CELL_NONE || total->kind == CELL_NULL)
        return;
    struct report_supplier_sum *sum = sum_of(of, currency);
    if (!sum || total->kind != CELL_NUMBER || decimal_parse(&value, total->text, total->len) < 0 ||
        decimal_add(&sum->total, sum->total, value) < 0)
        of->not_summed++;
    else
        sum->records++;
}

static int by_records(const void *a, const void *b)
{
    const struct report_supplier *const *x = a, *const *y = b;
    if ((*x)->records != (*y)->records)
        return (*x)->records < (*y)->records ? 1 : -1;
    return strcmp((*x)->key, (*y)->key);
}

const struct report_supplier *const *report_suppliers_list(struct report_suppliers *s,
                                                           size_t *count)
{
    struct report_supplier **each = NULL;
    size_t n = 0;
    free(s->list);
    s->list = xcalloc(s->set.count + 1, sizeof *s->list);
    while ((each = hash_set_next(&s->set, &kind, each)))
        s->list[n++] = *each;
    qsort(s->list, n, sizeof *s->list, by_records);
    *count = n < REPORT_SUPPLIERS_SHOWN ? n : REPORT_SUPPLIERS_SHOWN;
    return s->list;
}

int64_t report_suppliers_count(const struct report_suppliers *s)
{
    return (int64_t)s->set.count;
}

int64_t report_suppliers_unnamed(const struct report_suppliers *s)
{
    return s->unnamed;
}
