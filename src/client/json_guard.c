/* See json_guard.h.
 *
 * Values, keys and separators alternate: take_value() stands before a value and ends behind it (or
 * behind its opening bracket), take_separator() closes what closes and ends before the next value.
 * The only state is a stack of one byte an open container. Reading never goes past END: every step
 * looks before it takes.
 *
 * Picking: only while each open container is an object (`plain`) and at most JSON_PICK_DEPTH are
 * open, so the bulk of a result costs nothing for it. Names are compared as written; one spelled
 * with escapes doesn't match. */
#include "client/json_guard.h"

#include "base/error.h"
#include "base/text.h"

#include <stdint.h>
#include <string.h>

struct name {
    const char *text; /* NULL: one that matches nothing */
    size_t len;
};

struct scan {
    struct json_guard *g;
    const char *begin, *p, *end;
    size_t depth, max_depth, values;
    size_t plain; /* the first so many open containers are objects */
    uint8_t kinds[JSON_DEPTH_MAX];
    struct name names[JSON_PICK_DEPTH]; /* of the members that lead here */
};

static int fail(struct scan *s, int code, const char *what)
{
    s->g->error = what;
    s->g->error_at = (size_t)(s->p - s->begin);
    return code;
}

static int cut_short(struct scan *s)
{
    return fail(s, ERR_FORMAT, "it ends in the middle");
}

static void skip_space(struct scan *s)
{
    if (s->p < s->end && (unsigned char)*s->p > ' ')
        return;
    while (s->p < s->end && (*s->p == ' ' || *s->p == '\n' || *s->p == '\r' || *s->p == '\t'))
        s->p++;
}

/* The value of four hex digits at P, or -1. */
static int hex4(const char *p, const char *end)
{
    int value = 0;
    if (end - p < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int c = (unsigned char)p[i];
        int digit = c >= '0' && c <= '9'   ? c - '0'
                    : c >= 'a' && c <= 'f' ? c - 'a' + 10
                    : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                           : -1;
        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

/* How long the \u escape at P is (P stands on its backslash): 6, or 12 for a surrogate pair; 0 if
 * it isn't one. *FIT: it stands for a character that a C string can hold. */
static size_t unicode_escape(const char *p, const char *end, bool *fit)
{
    int first = end - p < 6 ? -1 : hex4(p + 2, end);
    if (first < 0)
        return 0;
    *fit = first != 0 && (first < 0xd800 || first > 0xdfff);
    if (first < 0xd800 || first > 0xdbff || end - p < 12 || p[6] != '\\' || p[7] != 'u')
        return 6;
    int second = hex4(p + 8, end);
    if (second < 0xdc00 || second > 0xdfff)
        return 6;
    *fit = true;
    return 12;
}

static int take_escape(struct scan *s)
{
    if (s->end - s->p < 2)
        return cut_short(s);
    if (s->p[1] != 'u') {
        if (!s->p[1] || !strchr("\"\\/bfnrt", s->p[1]))
            return fail(s, ERR_FORMAT, "an unknown escape in a string");
        s->p += 2;
        return 0;
    }
    bool fit = true;
    size_t len = unicode_escape(s->p, s->end, &fit);
    if (!len)
        return fail(s, ERR_FORMAT, "a broken \\u escape in a string");
    s->g->unfit |= !fit;
    s->p += len;
    return 0;
}

/* Eight bytes at once, as long as none of them is a quote, a backslash, a control character or
 * beyond ASCII: most of a payload is this. */
static void skip_plain(struct scan *s)
{
    static const uint64_t ones = 0x0101010101010101, high = 0x8080808080808080;
    const char *p = s->p;
    while (s->end - p >= 8) {
        uint64_t w;
        memcpy(&w, p, sizeof w);
        uint64_t quote = w ^ (ones * '"'), slash = w ^ (ones * '\\');
        if (((quote - ones) | (slash - ones) | (w - ones * 0x20) | w) & high)
            break;
        p += 8;
    }
    s->p = p;
}

static int take_string(struct scan *s)
{
    const char *start = ++s->p;
    bool ascii = true;
    skip_plain(s);
    while (s->p < s->end) {
        unsigned char c = (unsigned char)*s->p;
        if (c == '"') {
            if (!ascii && !text_is_utf8(start, (size_t)(s->p - start)))
                return fail(s, ERR_FORMAT, "a string that isn't UTF-8");
            s->p++;
            return 0;
        }
        if (c < 0x20)
            return fail(s, ERR_FORMAT, "a control character in a string");
        if (c == '\\') {
            int r = take_escape(s);
            if (r < 0)
                return r;
            continue;
        }
        ascii &= c < 0x80;
        s->p++;
    }
    return cut_short(s);
}

static size_t take_digits(struct scan *s)
{
    const char *start = s->p;
    while (s->p < s->end && *s->p >= '0' && *s->p <= '9')
        s->p++;
    return (size_t)(s->p - start);
}

static int take_number(struct scan *s)
{
    if (*s->p == '-')
        s->p++;
    const char *whole = s->p;
    size_t digits = take_digits(s);
    bool ok = digits == 1 || (digits && *whole != '0');
    if (ok && s->p < s->end && *s->p == '.') {
        s->p++;
        ok = take_digits(s) > 0;
    }
    if (ok && s->p < s->end && (*s->p == 'e' || *s->p == 'E')) {
        s->p++;
        if (s->p < s->end && (*s->p == '+' || *s->p == '-'))
            s->p++;
        ok = take_digits(s) > 0;
    }
    return ok ? 0 : fail(s, ERR_FORMAT, "a malformed number");
}

static int take_word(struct scan *s)
{
    const char *word = *s->p == 't' ? "true" : *s->p == 'f' ? "false" : "null";
    size_t len = strlen(word);
    if ((size_t)(s->end - s->p) < len || memcmp(s->p, word, len) != 0)
        return fail(s, ERR_FORMAT, "an unknown word");
    s->p += len;
    return 0;
}

static int open_container(struct scan *s, enum json_kind kind)
{
    if (s->depth == s->max_depth)
        return fail(s, ERR_LIMIT, "nested too deeply");
    if (kind == JSON_OBJECT && s->plain == s->depth)
        s->plain++;
    s->kinds[s->depth++] = (uint8_t)kind;
    s->p++;
    return 0;
}

static void close_container(struct scan *s)
{
    s->depth--;
    if (s->plain > s->depth)
        s->plain = s->depth;
    s->p++;
}

static enum json_kind kind_at(const char *p)
{
    switch (*p) {
    case '{':
        return JSON_OBJECT;
    case '[':
        return JSON_ARRAY;
    case '"':
        return JSON_STRING;
    case 't':
    case 'f':
        return JSON_BOOLEAN;
    case 'n':
        return JSON_NULL;
    default:
        return *p == '-' || (*p >= '0' && *p <= '9') ? JSON_NUMBER : JSON_ABSENT;
    }
}

static int take_value(struct scan *s, struct json_pick *pick)
{
    skip_space(s);
    if (s->p == s->end)
        return cut_short(s);
    if (s->g->max_values && ++s->values > s->g->max_values)
        return fail(s, ERR_LIMIT, "too many values");
    const char *start = s->p;
    enum json_kind kind = kind_at(start);
    if (start == s->begin || s->g->root == JSON_ABSENT)
        s->g->root = kind;
    bool container = kind == JSON_OBJECT || kind == JSON_ARRAY;
    int r = container             ? open_container(s, kind)
            : kind == JSON_STRING ? take_string(s)
            : kind == JSON_NUMBER ? take_number(s)
            : kind == JSON_ABSENT ? fail(s, ERR_FORMAT, "a value is missing")
                                  : take_word(s);
    if (pick && r == 0)
        *pick = (struct json_pick){pick->path, kind, start, container ? 0 : (size_t)(s->p - start)};
    return r;
}

static bool path_is(const struct scan *s, const char *path)
{
    for (size_t i = 0; i < s->depth; i++) {
        const struct name *name = &s->names[i];
        if (!name->text || strncmp(path, name->text, name->len) != 0)
            return false;
        path += name->len;
        if (*path != (i + 1 < s->depth ? '.' : '\0'))
            return false;
        path++;
    }
    return true;
}

/* The pick that the member just named asks for; NULL for none, or for a name seen before. */
static struct json_pick *find_pick(struct scan *s, struct name name)
{
    if (s->plain != s->depth || s->depth > JSON_PICK_DEPTH)
        return NULL;
    struct name *slot = &s->names[s->depth - 1];
    *slot = name;
    if (memchr(name.text, '.', name.len))
        slot->text = NULL;
    for (size_t i = 0; i < s->g->pick_count; i++) {
        struct json_pick *pick = &s->g->picks[i];
        if (!path_is(s, pick->path))
            continue;
        if (!pick->text)
            return pick;
        slot->text = NULL;
    }
    return NULL;
}

static int take_key(struct scan *s, struct json_pick **pick)
{
    if (s->p == s->end)
        return cut_short(s);
    if (*s->p != '"')
        return fail(s, ERR_FORMAT, "a member without a name");
    const char *start = s->p + 1;
    int r = take_string(s);
    if (r < 0)
        return r;
    *pick = find_pick(s, (struct name){start, (size_t)(s->p - start) - 1});
    skip_space(s);
    if (s->p == s->end)
        return cut_short(s);
    if (*s->p != ':')
        return fail(s, ERR_FORMAT, "a member without a value");
    s->p++;
    return 1;
}

/* Goes on to the next value: 1; 0 at the end of everything. */
static int take_separator(struct scan *s, bool opened, struct json_pick **pick)
{
    *pick = NULL;
    while (s->depth) {
        skip_space(s);
        if (s->p == s->end)
            return cut_short(s);
        bool object = s->kinds[s->depth - 1] == JSON_OBJECT;
        if (*s->p == (object ? '}' : ']')) {
            close_container(s);
            opened = false;
            continue;
        }
        if (!opened) {
            if (*s->p != ',')
                return fail(s, ERR_FORMAT, "a comma or a closing bracket is missing");
            s->p++;
            skip_space(s);
        }
        return object ? take_key(s, pick) : 1;
    }
    return 0;
}

int json_guard_scan(struct json_guard *g, const char *text, size_t len)
{
    struct scan s = {
        .g = g, .begin = text, .p = text, .end = text + len, .max_depth = g->max_depth};
    if (!s.max_depth || s.max_depth > JSON_DEPTH_MAX)
        s.max_depth = JSON_DEPTH_MAX;
    g->root = JSON_ABSENT;
    g->unfit = false;
    g->error = NULL;
    g->error_at = 0;
    for (size_t i = 0; i < g->pick_count; i++)
        g->picks[i] = (struct json_pick){.path = g->picks[i].path};
    struct json_pick *pick = NULL;
    int more = 1;
    while (more > 0) {
        size_t depth = s.depth;
        int r = take_value(&s, pick);
        if (r < 0)
            return r;
        more = take_separator(&s, s.depth > depth, &pick);
    }
    if (more < 0)
        return more;
    skip_space(&s);
    return s.p == s.end ? 0 : fail(&s, ERR_FORMAT, "something follows its end");
}

void json_guard_mend(char *text, size_t len)
{
    const char *end = text + len;
    for (char *p = text; end - p >= 2;) {
        bool fit = true;
        size_t step = *p != '\\' ? 1 : p[1] != 'u' ? 2 : unicode_escape(p, end, &fit);
        if (!step)
            step = 2;
        if (!fit)
            memcpy(p, "\\ufffd", 6);
        p += step;
    }
}
