/* See naming.h. */
#include "ledger/naming.h"

#include "base/digest.h"
#include "base/hash.h"

#include <limits.h>
#include <string.h>

enum { CUT_MARK = 17 /* "~" and 16 hex digits */, SUFFIX = 5 /* ".json" */ };

static const uint64_t SEED = 0x6d62666e; /* stored with the keys: never change it */

static const char *last_component(const char *name)
{
    const char *slash = strrchr(name, '/');
    return slash ? slash + 1 : name;
}

void naming_number_component(struct buffer *out, const char *name, size_t at, int n)
{
    const char *begin = name + at, *end = begin + strcspn(begin, "/"), *dot = end;
    for (const char *p = begin + 1; p < end; p++)
        dot = *p == '.' ? p : dot;
    buffer_printf(out, "%.*s (%d)%s", (int)(dot - name), name, n, dot);
}

void naming_number(struct buffer *out, const char *name, int n)
{
    naming_number_component(out, name, (size_t)(last_component(name) - name), n);
}

void naming_replaced(struct buffer *out, const char *name, int n)
{
    if (n > 1)
        buffer_printf(out, "%s (replaced %d)", name, n);
    else
        buffer_printf(out, "%s (replaced)", name);
}

/* Where to cut LAST so that no UTF-8 sequence is split. */
static size_t cut_length(const char *last)
{
    size_t keep = NAME_MAX - CUT_MARK - SUFFIX;
    while (keep > 0 && ((unsigned char)last[keep] & 0xc0) == 0x80)
        keep--;
    return keep ? keep : NAME_MAX - CUT_MARK - SUFFIX;
}

void naming_result(struct buffer *out, const char *name)
{
    const char *last = last_component(name);
    if (strlen(last) + SUFFIX <= NAME_MAX) {
        buffer_printf(out, "%s.json", name);
        return;
    }
    uint8_t digest[SHA256_BYTES];
    char hex[SHA256_HEX];
    sha256(last, strlen(last), digest);
    hex_encode(digest, 8, hex);
    buffer_printf(out, "%.*s%.*s~%s.json", (int)(last - name), name, (int)cut_length(last), last,
                  hex);
}

void naming_fold(struct buffer *out, const char *name, unsigned folds)
{
    (void)folds;
    buffer_put(out, name);
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
