/* reasons.h - why a person looks at a record: what its checks found and which record it duplicates, as it is kept
 * in a text, and which of it a decision covers.
 *
 * A reason is the same as long as its code, its field and its *value* are: a digest of the values it is about. So a
 * decision covers it whatever its words or its severity become, and not the same fault in other figures. */
#ifndef MB_REVIEW_REASONS_H
#define MB_REVIEW_REASONS_H

#include "base/buffer.h"
#include "core/review_words.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REASON_VALUE_MAX = 17 /* 16 hex digits, NUL */ };

struct reason {
    enum check_code code;
    enum severity severity;
    const char *field, *text;
    const char *difference; /* "": there is none */
    const char *of;         /* of a duplicate: the key of the original record; "" */
    const char *value;
    bool fresh; /* no decision covers it, and there is one */
};

struct reasons {
    struct reason *items;
    size_t count, capacity;
    char *text; /* what the items point into; owned */
};

/* Appends a reason as it is kept. */
void reason_put(struct buffer *out, const struct reason *r);
/* What TEXT, made by reason_put, has; in place of what R had. */
void reasons_read(struct reasons *r, const char *text);
void reasons_release(struct reasons *r);

/* How many of them are warnings or errors. */
size_t reasons_open(const struct reasons *r);
enum severity reasons_worst(const struct reasons *r);

/* Appends what a decision on R covers. */
void reasons_cover(struct buffer *out, const struct reasons *r);
/* Marks those that COVERS hasn't; returns how many of them are warnings or errors. */
size_t reasons_compare(struct reasons *r, const char *covers);

#endif
