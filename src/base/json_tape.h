/* json_tape.h - a JSON text's values in an array, in the order in which they stand there: what a tree is for, without
 * its nodes.
 *
 *   struct json_tape t = {0};
 *   json_tape_read(&t, json, len, &e);              again and again: its memory is kept
 *   for (uint32_t i = at + 1; i < t.values[at].next; i = t.values[i].next)      each member or item of AT
 *   json_tape_release(&t);
 *
 * An array that stands straight in another one is a value without items: of a result's, these are points of
 * polygons, which are most of its text. Its text can be scanned again.
 * Value 0 is the root, which is no value's member: 0 says "none" elsewhere. Values point into JSON. */
#ifndef MB_BASE_JSON_TAPE_H
#define MB_BASE_JSON_TAPE_H

#include "base/error.h"
#include "base/json_scan.h"

#include <string.h>

struct tape_value {
    uint32_t text,
        len; /* as written; between its quotes, from its opening to its closing bracket */
    uint32_t key, key_len; /* of a member */
    uint32_t next;         /* the value behind this one and all that is in it */
    uint8_t kind;          /* an enum json_kind */
    bool escaped, key_escaped;
};

struct json_tape {
    const char *json;
    struct tape_value *values;
    size_t count, capacity;
};

/* 0, ERR_FORMAT (with words and the byte) or ERR_LIMIT (too deep, or over 4 GB). */
MUST_CHECK int json_tape_read(struct json_tape *t, const char *json, size_t len, struct error *e);
void json_tape_release(struct json_tape *t);

enum json_kind json_tape_kind(const struct json_tape *t, uint32_t at);
const char *json_tape_text(const struct json_tape *t, uint32_t at);
/* Whether the member AT, whose name has escapes, is called NAME. */
bool json_tape_is_escaped(const struct json_tape *t, uint32_t at, const char *name);
/* Whether the member AT is called NAME. */
static inline bool json_tape_is(const struct json_tape *t, uint32_t at, const char *name)
{
    const struct tape_value *v = &t->values[at];
    if (v->key_escaped)
        return json_tape_is_escaped(t, at, name);
    return v->key_len == strlen(name) && memcmp(t->json + v->key, name, v->key_len) == 0;
}
/* The first member of the object AT that is called NAME; 0: there is none, or AT is no object. */
uint32_t json_tape_member(const struct json_tape *t, uint32_t at, const char *name);
/* The same, if it is of KIND. */
uint32_t json_tape_find(const struct json_tape *t, uint32_t at, const char *name,
                        enum json_kind kind);
/* A whole number without a sign below 10^9; -1: it is something else, or AT is 0. */
int json_tape_count(const struct json_tape *t, uint32_t at);

#endif
