/* See json_guard.h.
 *
 * base/json_scan goes through the text; picking looks at what it finds. Only while each open container
 * is an object (`plain`) and at most JSON_PICK_DEPTH are open; the bulk of a result is only passed
 * over. Names are compared as written; one spelled with escapes doesn't match. */
#include "client/json_guard.h"

#include "base/error.h"

#include <string.h>

struct name {
    const char *text; /* NULL: one that matches nothing */
    size_t len;
};

struct picking {
    struct json_guard *g;
    size_t plain;                       /* the first so many open containers are objects */
    struct name names[JSON_PICK_DEPTH]; /* of the members that lead here */
};

static bool path_is(const struct picking *p, size_t depth, const char *path)
{
    for (size_t i = 0; i < depth; i++) {
        const struct name *name = &p->names[i];
        if (!name->text || strncmp(path, name->text, name->len) != 0)
            return false;
        path += name->len;
        if (*path != (i + 1 < depth ? '.' : '\0'))
            return false;
        path++;
    }
    return true;
}

/* The pick that the member NAME of the object at DEPTH asks for; NULL for none, or for a name seen
 * before. */
static struct json_pick *find_pick(struct picking *p, size_t depth, struct name name)
{
    struct name *slot = &p->names[depth - 1];
    *slot = name;
    if (memchr(name.text, '.', name.len))
        slot->text = NULL;
    for (size_t i = 0; i < p->g->pick_count; i++) {
        struct json_pick *pick = &p->g->picks[i];
        if (!path_is(p, depth, pick->path))
            continue;
        if (!pick->text)
            return pick;
        slot->text = NULL;
    }
    return NULL;
}

/* What S found, if it is one of the picks. */
static void look_at(struct picking *p, const struct json_scan *s)
{
    if (s->closed) {
        if (p->plain > s->depth)
            p->plain = s->depth;
        return;
    }
    bool container = s->kind >= JSON_ARRAY;
    size_t depth = s->depth - container; /* of what it stands in */
    if (p->plain != depth)
        return;
    if (s->key && depth <= JSON_PICK_DEPTH) {
        struct json_pick *pick = find_pick(p, depth, (struct name){s->key, s->key_len});
        size_t quote = s->kind == JSON_STRING;
        if (pick)
            *pick = (struct json_pick){pick->path, s->kind, s->text - quote,
                                       container ? 0 : s->len + 2 * quote};
    }
    p->plain += s->kind == JSON_OBJECT;
}

/* Nothing is picked of what stands in the container that is open. */
static bool passes(const struct picking *p, const struct json_scan *s)
{
    return s->depth > p->plain || s->depth > JSON_PICK_DEPTH;
}

int json_guard_scan(struct json_guard *g, const char *text, size_t len)
{
    struct json_scan s;
    struct picking p = {.g = g};
    int more;
    json_scan_init(&s, text, len);
    s.max_values = g->max_values;
    if (g->max_depth && g->max_depth < JSON_DEPTH_MAX)
        s.max_depth = g->max_depth;
    for (size_t i = 0; i < g->pick_count; i++)
        g->picks[i] = (struct json_pick){.path = g->picks[i].path};
    for (more = json_scan_next(&s); more > 0;
         more = passes(&p, &s) ? json_scan_pass(&s) : json_scan_next(&s))
        look_at(&p, &s);
    g->root = s.root;
    g->unfit = s.unfit;
    g->error = s.error;
    g->error_at = s.error_at;
    return more;
}

void json_guard_mend(char *text, size_t len)
{
    const char *end = text + len;
    for (char *p = text; end - p >= 2;) {
        int32_t code = 1;
        size_t step = *p != '\\' ? 1 : p[1] != 'u' ? 2 : json_unicode_escape(p, end, &code);
        if (!step)
            step = 2;
        if (code <= 0)
            memcpy(p, "\\ufffd", 6);
        p += step;
    }
}
