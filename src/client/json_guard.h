/* json_guard.h - one pass over JSON text: before a tree is built of it, or instead of one.
 *
 *   struct json_guard g = {.max_depth = 200, .max_values = 20000};
 *   if (json_guard_scan(&g, text, len) < 0) ...            g.error, g.error_at say what and where
 *
 * The text is proven to be one whole JSON value (RFC 8259, UTF-8), with no recursion and no
 * allocation, so that neither depth nor length nor broken bytes of an answer can hurt what comes
 * after. A few values near the root can be picked out on the way: a result of any size then needs
 * no tree at all. */
#ifndef MB_CLIENT_JSON_GUARD_H
#define MB_CLIENT_JSON_GUARD_H

#include "base/json_scan.h"

enum { JSON_PICK_DEPTH = 3 };

/* A value to pick out. Of members with the same name the first one counts, as in cJSON: what lies
 * in a later one isn't looked at. */
struct json_pick {
    const char *path;    /* member names from the root: "inference.job.id" */
    enum json_kind kind; /* what was found; JSON_ABSENT if it isn't there */
    const char *text;    /* into the input, a string's quotes included; NULL if not found */
    size_t len;          /* of a string, number or word; 0 for arrays and objects */
};

struct json_guard {
    size_t max_depth;  /* 0: JSON_DEPTH_MAX, which is also the most */
    size_t max_values; /* 0: no bound; what a tree would cost in nodes */
    struct json_pick *picks;
    size_t pick_count;
    /* Filled by the scan: */
    enum json_kind root;
    bool unfit; /* has \u0000 or half a surrogate pair, which no C string or cJSON can hold */
    const char *error; /* a constant text, NULL if all is well */
    size_t error_at;   /* byte offset */
};

/* 0, ERR_FORMAT (not JSON) or ERR_LIMIT (deeper or more than allowed). */
MUST_CHECK int json_guard_scan(struct json_guard *g, const char *text, size_t len);

/* Puts U+FFFD, written \ufffd, in the place of each escape that made a text unfit. In place, the
 * length stays. */
void json_guard_mend(char *text, size_t len);

#endif
