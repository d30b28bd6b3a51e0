/* See naming.h. */
#include "ledger/naming.h"

#include "base/hash.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum { LONGEST_BITS = 8 /* above the folds */, FOLD_BITS = (1 << LONGEST_BITS) - 1 };

static const uint64_t SEED = 0x6d62666e; /* stored with the keys: never change it */

static const char *last_component(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? slash + 1 : name;
}

void naming_number(struct buffer *out, const char *name, int n)
{
    const char *last = last_component(name), *dot = strrchr(last, '.');
    if (!dot || dot == last)
        dot = last + strlen(last);
    buffer_printf(out, "%.*s (%d)%s", (int)(dot - name), name, n, dot);
}

void naming_replaced(struct buffer *out, const char *name, int n)
{
    if (n > 1)
        buffer_printf(out, "%s (replaced %d)", name, n);
    else
        buffer_printf(out, "%s (replaced)", name);
}

void naming_result(struct buffer *out, const char *name, size_t longest)
{
    name_cut(out, name, longest, ".json");
}

/* --- folding --- */

/* Appends LEN bytes of valid UTF-8 as OPTIONS map them. */
static void map(struct buffer *out, const char *text, size_t len, int options)
{
    utf8proc_uint8_t *mapped;
    utf8proc_ssize_t n = utf8proc_map((const utf8proc_uint8_t *)text, (utf8proc_ssize_t)len,
                                      &mapped, (utf8proc_option_t)options);
    REQUIRE(n >= 0); /* else there was no memory */
    buffer_printf(out, "%.*s", (int)n, (const char *)mapped);
    free(mapped);
}

/* As Unicode compares without regard to case and form (its definition D145): the form first, since
 * the case of a mark may depend on what it stands behind; and last, as folding undoes it. */
static void fold_text(struct buffer *out, const char *text, size_t len, unsigned folds)
{
    const int form = folds & FOLD_FORM ? UTF8PROC_DECOMPOSE : 0;
    const int ignored = folds & FOLD_IGNORED ? UTF8PROC_IGNORE : 0;
    const int all = UTF8PROC_STABLE | form | ignored;
    struct buffer formed;
    if (!(folds & FOLD_CASE)) {
        map(out, text, len, all);
        return;
    }
    buffer_init(&formed, 0);
    map(&formed, text, len, all);
    map(out, buffer_text(&formed), formed.len, all | UTF8PROC_CASEFOLD);
    buffer_release(&formed);
}

/* How much of TEXT is UTF-8, from its beginning. */
static size_t valid_length(const char *text, size_t len)
{
    utf8proc_int32_t character;
    size_t valid = 0;
    while (valid < len) {
        utf8proc_ssize_t n = utf8proc_iterate((const utf8proc_uint8_t *)text + valid,
                                              (utf8proc_ssize_t)(len - valid), &character);
        if (n <= 0)
            break;
        valid += (size_t)n;
    }
    return valid;
}

void naming_fold(struct buffer *out, const char *name, unsigned folds)
{
    while (*name) {
        size_t valid = valid_length(name, strlen(name));
        if (valid)
            fold_text(out, name, valid, folds);
        name += valid;
        if (*name)
            buffer_printf(out, "%c", *name++);
    }
}

int64_t naming_key(const char *name, unsigned folds)
{
    struct buffer folded;
    if (!folds)
        return (int64_t)(hash_bytes(SEED, name, strlen(name)) >> 1);
    buffer_init(&folded, 0);
    naming_fold(&folded, name, folds);
    uint64_t hash = hash_bytes(SEED, folded.data, folded.len);
    buffer_release(&folded);
    return (int64_t)(hash >> 1);
}

bool naming_same(const char *a, const char *b, unsigned folds)
{
    struct buffer x, y;
    if (!folds)
        return strcmp(a, b) == 0;
    buffer_init(&x, 0);
    buffer_init(&y, 0);
    naming_fold(&x, a, folds);
    naming_fold(&y, b, folds);
    bool same = strcmp(buffer_text(&x), buffer_text(&y)) == 0;
    buffer_release(&x);
    buffer_release(&y);
    return same;
}

/* --- places --- */

int64_t naming_place_number(const struct naming_place *place)
{
    size_t longest = place->longest == NAME_CUT_MOST ? 0 : place->longest;
    return (int64_t)(longest << LONGEST_BITS | place->folds);
}

struct naming_place naming_place_of(int64_t number)
{
    size_t longest = (size_t)number >> LONGEST_BITS;
    return (struct naming_place){.folds = (unsigned)number & FOLD_BITS,
                                 .longest = longest ? longest : NAME_CUT_MOST};
}

struct naming_place naming_place_both(const struct naming_place *a, const struct naming_place *b)
{
    return (struct naming_place){.folds = a->folds | b->folds,
                                 .longest = a->longest < b->longest ? a->longest : b->longest};
}
