/* json_scan.h - JSON text read value by value: neither depth nor length nor broken bytes can hurt.
 *
 *   struct json_scan s;
 *   json_scan_init(&s, text, len);               then its bounds may be set
 *   while ((r = json_scan_next(&s)) > 0)         s.kind, s.text, s.key ... say what was found
 *   if (r < 0) ...                               s.error, s.error_at: what is wrong, and where
 *
 * The text is proven to be one whole JSON value (RFC 8259, UTF-8) on the way, with no recursion and no
 * allocation; 0 says that it was. An array or object comes twice: when it begins (`closed` is false) and
 * when it has ended. Slices point into the text and are as written, escapes too. */
#ifndef MB_BASE_JSON_SCAN_H
#define MB_BASE_JSON_SCAN_H

#include "base/require.h"

#include <stdbool.h>
#include <stdint.h>

enum { JSON_DEPTH_MAX = 200 };

enum json_kind {
    JSON_ABSENT,
    JSON_NULL,
    JSON_BOOLEAN,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

struct json_scan {
    size_t max_depth;  /* JSON_DEPTH_MAX, which is also the most */
    size_t max_values; /* 0: no bound */
    /* What was found last: */
    enum json_kind kind;
    bool closed;      /* the array or object has ended */
    bool escaped;     /* a string with a backslash in it */
    bool key_escaped; /* the member's name has one */
    const char
        *text;       /* the value; of a string what stands between its quotes; of an array or object
                         its bracket, the closing one when it is closed */
    size_t len;      /* bytes; 1 for arrays and objects */
    const char *key; /* the name, between its quotes, of a member of an object; else NULL, also
                         when an array or object is closed */
    size_t key_len;
    size_t
        depth; /* open arrays and objects; one that has just begun counts, a closed one doesn't */
    /* Of all so far: */
    enum json_kind root;
    bool unfit;        /* has \u0000 or half a surrogate pair, which no C string can hold */
    const char *error; /* a constant text, NULL if all is well */
    size_t error_at;   /* byte offset */
    /* its own */
    const char *begin, *p, *end;
    size_t values;
    bool opened; /* an array or object has just begun: no comma before the next value */
    uint8_t kinds[JSON_DEPTH_MAX];
};

void json_scan_init(struct json_scan *s, const char *text, size_t len);

/* 1: a value; 0: the text has ended, and was whole; ERR_FORMAT (not JSON) or ERR_LIMIT (deeper or more
 * than allowed). Not to be called again after 0 or an error. */
MUST_CHECK int json_scan_next(struct json_scan *s);

/* The same, and passes over what stands in the innermost array or object that is open: what is found is
 * its end. There is one. */
MUST_CHECK int json_scan_pass(struct json_scan *s);

/* What the LEN bytes RAW of a scanned string stand for, as UTF-8 into OUT, which has room for LEN bytes and
 * may be RAW itself. A NUL (\u0000) stays one; half a surrogate pair becomes U+FFFD and is counted in
 * *MENDED. Returns the bytes written; no NUL is added. */
size_t json_decode(const char *raw, size_t len, char *out, int64_t *mended);

/* How long the \u escape at P is (P stands on its backslash): 6, or 12 for a surrogate pair; 0 if it isn't
 * one. *CODE: its character, -1 for half a surrogate pair. */
size_t json_unicode_escape(const char *p, const char *end, int32_t *code);

#endif
