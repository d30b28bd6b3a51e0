/* See json_tape.h. The scan proves the text and bounds its depth; an open array or object waits on a stack for the
 * place where it ends. A value costs 24 bytes, and has at least two of text. */
#include "base/json_tape.h"

#include "base/array.h"

enum { COUNT_DIGITS = 9, NAME_MAX_LEN = 64 /* of a name that is asked for */ };

static int say(struct error *e, int code, const struct json_scan *s)
{
    return error_set(e, code, "the result isn't JSON: %s (byte %zu)", s->error, s->error_at);
}

static void add(struct json_tape *t, const struct json_scan *s)
{
    ARRAY_RESERVE(t->values, t->capacity, t->count + 1);
    t->values[t->count] = (struct tape_value){
        .text = (uint32_t)(s->text - t->json),
        .len = (uint32_t)s->len,
        .key = s->key ? (uint32_t)(s->key - t->json) : 0,
        .key_len = s->key ? (uint32_t)s->key_len : 0,
        .next = (uint32_t)t->count + 1,
        .kind = (uint8_t)s->kind,
        .escaped = s->kind == JSON_STRING && s->escaped,
        .key_escaped = s->key && s->key_escaped,
    };
    t->count++;
}

enum json_kind json_tape_kind(const struct json_tape *t, uint32_t at)
{
    return (enum json_kind)t->values[at].kind;
}

/* Whether the array that has just begun stands in another one. */
static bool is_inner(const struct json_tape *t, const struct json_scan *s, const uint32_t *open)
{
    return s->kind == JSON_ARRAY && s->depth > 1 &&
           json_tape_kind(t, open[s->depth - 2]) == JSON_ARRAY;
}

int json_tape_read(struct json_tape *t, const char *json, size_t len, struct error *e)
{
    uint32_t open[JSON_DEPTH_MAX];
    struct json_scan s;
    size_t inner = SIZE_MAX; /* the depth in an array in an array */
    int more;
    t->json = json;
    t->count = 0;
    if (len > UINT32_MAX)
        return error_set(e, ERR_LIMIT, "the result is larger than 4 GB");
    json_scan_init(&s, json, len);
    while ((more = json_scan_next(&s)) > 0) {
        if (s.depth >= inner)
            continue;
        if (s.closed) {
            inner = SIZE_MAX;
            struct tape_value *v = &t->values[open[s.depth]];
            v->len = (uint32_t)(s.text + 1 - json) - v->text;
            v->next = (uint32_t)t->count;
            continue;
        }
        if (s.kind >= JSON_ARRAY)
            open[s.depth - 1] = (uint32_t)t->count;
        add(t, &s);
        if (is_inner(t, &s, open))
            inner = s.depth;
    }
    return more < 0 ? say(e, more, &s) : 0;
}

void json_tape_release(struct json_tape *t)
{
    free(t->values);
    *t = (struct json_tape){0};
}

const char *json_tape_text(const struct json_tape *t, uint32_t at)
{
    return t->json + t->values[at].text;
}

bool json_tape_is_escaped(const struct json_tape *t, uint32_t at, const char *name)
{
    const struct tape_value *v = &t->values[at];
    const char *key = t->json + v->key;
    size_t len = strlen(name);
    char decoded[6 * NAME_MAX_LEN];
    int64_t mended = 0;
    if (v->key_len > sizeof decoded)
        return false;
    return json_decode(key, v->key_len, decoded, &mended) == len && !mended &&
           memcmp(decoded, name, len) == 0;
}

uint32_t json_tape_member(const struct json_tape *t, uint32_t at, const char *name)
{
    if (json_tape_kind(t, at) != JSON_OBJECT)
        return 0;
    for (uint32_t i = at + 1; i < t->values[at].next; i = t->values[i].next)
        if (json_tape_is(t, i, name))
            return i;
    return 0;
}

uint32_t json_tape_find(const struct json_tape *t, uint32_t at, const char *name,
                        enum json_kind kind)
{
    uint32_t found = json_tape_member(t, at, name);
    return found && json_tape_kind(t, found) == kind ? found : 0;
}

int json_tape_count(const struct json_tape *t, uint32_t at)
{
    const struct tape_value *v = &t->values[at];
    int count = 0;
    if (!at || v->kind != JSON_NUMBER || v->len > COUNT_DIGITS)
        return -1;
    for (uint32_t i = 0; i < v->len; i++) {
        char c = t->json[v->text + i];
        if (c < '0' || c > '9')
            return -1;
        count = count * 10 + (c - '0');
    }
    return count;
}
