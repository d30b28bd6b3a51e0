/* See json_scan.h.
 *
 * Each call goes from behind one value to behind the next: over the comma, the member's name and its colon,
 * then the value, or only its opening bracket. The only state is a stack of one byte an open container.
 * Reading never goes past END: every step looks before it takes. */
#include "base/json_scan.h"

#include "base/error.h"
#include "base/plain_bytes.h"
#include "base/text.h"

#include <string.h>

void json_scan_init(struct json_scan *s, const char *text, size_t len)
{
    memset(s, 0, offsetof(struct json_scan, kinds));
    s->max_depth = JSON_DEPTH_MAX;
    s->begin = s->p = text;
    s->end = text + len;
}

static int fail(struct json_scan *s, int code, const char *what)
{
    s->error = what;
    s->error_at = (size_t)(s->p - s->begin);
    return code;
}

static int cut_short(struct json_scan *s)
{
    return fail(s, ERR_FORMAT, "it ends in the middle");
}

static void skip_space(struct json_scan *s)
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

size_t json_unicode_escape(const char *p, const char *end, int32_t *code)
{
    int first = end - p < 6 || p[1] != 'u' ? -1 : hex4(p + 2, end);
    if (first < 0)
        return 0;
    *code = first < 0xd800 || first > 0xdfff ? first : -1;
    if (first < 0xd800 || first > 0xdbff || end - p < 12 || p[6] != '\\' || p[7] != 'u')
        return 6;
    int second = hex4(p + 8, end);
    if (second < 0xdc00 || second > 0xdfff)
        return 6;
    *code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
    return 12;
}

static int take_escape(struct json_scan *s)
{
    if (s->end - s->p < 2)
        return cut_short(s);
    if (s->p[1] != 'u') {
        if (!s->p[1] || !strchr("\"\\/bfnrt", s->p[1]))
            return fail(s, ERR_FORMAT, "an unknown escape in a string");
        s->p += 2;
        return 0;
    }
    int32_t code = 0;
    size_t len = json_unicode_escape(s->p, s->end, &code);
    if (!len)
        return fail(s, ERR_FORMAT, "a broken \\u escape in a string");
    s->unfit |= code <= 0;
    s->p += len;
    return 0;
}

/* A string that began at START, from S->p on, to behind its closing quote. */
static int take_rest(struct json_scan *s, const char *start, bool *escaped)
{
    bool ascii = true;
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
            *escaped = true;
            continue;
        }
        if (c >= 0x80) {
            ascii = false;
            s->p++;
        } else {
            s->p = plain_bytes(s->p + 1, s->end);
        }
    }
    return cut_short(s);
}

/* From the opening quote to behind the closing one: in most strings all between is plain. */
static inline int take_string(struct json_scan *s, bool *escaped)
{
    const char *start = s->p + 1, *p = plain_bytes(start, s->end);
    *escaped = false;
    s->p = p;
    if (p == s->end || *p != '"')
        return take_rest(s, start, escaped);
    s->p = p + 1;
    return 0;
}

static inline const char *skip_digits(const char *p, const char *end)
{
    while (p < end && (unsigned char)(*p - '0') < 10)
        p++;
    return p;
}

static int take_number(struct json_scan *s)
{
    const char *p = s->p, *end = s->end, *whole = p + (*p == '-');
    p = skip_digits(whole, end);
    bool ok = p - whole == 1 || (p > whole && *whole != '0');
    if (ok && p < end && *p == '.') {
        const char *fraction = ++p;
        p = skip_digits(fraction, end);
        ok = p > fraction;
    }
    if (ok && p < end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < end && (*p == '+' || *p == '-'))
            p++;
        const char *exponent = p;
        p = skip_digits(exponent, end);
        ok = p > exponent;
    }
    s->p = p;
    return ok ? 0 : fail(s, ERR_FORMAT, "a malformed number");
}

static int take_word(struct json_scan *s)
{
    const char *word = *s->p == 't' ? "true" : *s->p == 'f' ? "false" : "null";
    size_t len = strlen(word);
    if ((size_t)(s->end - s->p) < len || memcmp(s->p, word, len) != 0)
        return fail(s, ERR_FORMAT, "an unknown word");
    s->p += len;
    return 0;
}

static int open_container(struct json_scan *s, enum json_kind kind)
{
    if (s->depth >= s->max_depth || s->depth == JSON_DEPTH_MAX)
        return fail(s, ERR_LIMIT, "nested too deeply");
    s->kinds[s->depth++] = (uint8_t)kind;
    s->p++;
    s->opened = true;
    return 0;
}

static int close_container(struct json_scan *s)
{
    s->kind = (enum json_kind)s->kinds[--s->depth];
    s->closed = true;
    s->key = NULL;
    s->text = s->p++;
    s->len = 1;
    return 1;
}

/* What a value is, by its first byte. */
static const uint8_t kinds_by_byte[256] = {
    ['{'] = JSON_OBJECT,  ['['] = JSON_ARRAY,  ['"'] = JSON_STRING, ['t'] = JSON_BOOLEAN,
    ['f'] = JSON_BOOLEAN, ['n'] = JSON_NULL,   ['-'] = JSON_NUMBER, ['0'] = JSON_NUMBER,
    ['1'] = JSON_NUMBER,  ['2'] = JSON_NUMBER, ['3'] = JSON_NUMBER, ['4'] = JSON_NUMBER,
    ['5'] = JSON_NUMBER,  ['6'] = JSON_NUMBER, ['7'] = JSON_NUMBER, ['8'] = JSON_NUMBER,
    ['9'] = JSON_NUMBER,
};

static inline int take_text(struct json_scan *s)
{
    int r = take_string(s, &s->escaped);
    s->text++;
    s->len = (size_t)(s->p - s->text) - 1;
    return r < 0 ? r : 1;
}

static inline int take_value(struct json_scan *s)
{
    skip_space(s);
    if (s->p == s->end)
        return cut_short(s);
    if (++s->values > s->max_values && s->max_values)
        return fail(s, ERR_LIMIT, "too many values");
    const char *start = s->text = s->p;
    enum json_kind kind = (enum json_kind)kinds_by_byte[(unsigned char)*start];
    s->kind = kind;
    s->closed = false;
    if (s->values == 1)
        s->root = kind;
    if (kind == JSON_STRING)
        return take_text(s);
    int r = kind == JSON_NUMBER   ? take_number(s)
            : kind >= JSON_ARRAY  ? open_container(s, kind)
            : kind == JSON_ABSENT ? fail(s, ERR_FORMAT, "a value is missing")
                                  : take_word(s);
    s->len = (size_t)(s->p - start);
    return r < 0 ? r : 1;
}

static inline int take_key(struct json_scan *s)
{
    if (s->p == s->end)
        return cut_short(s);
    if (*s->p != '"')
        return fail(s, ERR_FORMAT, "a member without a name");
    s->key = s->p + 1;
    int r = take_string(s, &s->key_escaped);
    if (r < 0)
        return r;
    s->key_len = (size_t)(s->p - s->key) - 1;
    skip_space(s);
    if (s->p == s->end)
        return cut_short(s);
    if (*s->p != ':')
        return fail(s, ERR_FORMAT, "a member without a value");
    s->p++;
    return 0;
}

static int take_end(struct json_scan *s)
{
    skip_space(s);
    return s->p == s->end ? 0 : fail(s, ERR_FORMAT, "something follows its end");
}

static inline int next(struct json_scan *s)
{
    if (!s->depth)
        return s->values ? take_end(s) : take_value(s);
    skip_space(s);
    if (s->p == s->end)
        return cut_short(s);
    bool object = s->kinds[s->depth - 1] == JSON_OBJECT, opened = s->opened;
    s->opened = false;
    if (*s->p == (object ? '}' : ']'))
        return close_container(s);
    if (!opened) {
        if (*s->p != ',')
            return fail(s, ERR_FORMAT, "a comma or a closing bracket is missing");
        s->p++;
        skip_space(s);
    }
    s->key = NULL;
    int r = object ? take_key(s) : 0;
    return r < 0 ? r : take_value(s);
}

int json_scan_next(struct json_scan *s)
{
    return next(s);
}

int json_scan_pass(struct json_scan *s)
{
    size_t depth = s->depth;
    int more;
    do
        more = next(s);
    while (more > 0 && s->depth >= depth);
    return more;
}

static size_t put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* The character of the escape at P, which stands on its backslash; *LEN: how long that is. */
static int32_t escaped_character(const char *p, const char *end, size_t *len)
{
    static const char letters[] = "bfnrt", meant[] = "\b\f\n\r\t";
    int32_t code = -1;
    *len = end - p < 2 ? 1 : 2;
    if (*len == 1)
        return -1;
    if (p[1] != 'u') {
        const char *letter = p[1] ? strchr(letters, p[1]) : NULL;
        return letter ? meant[letter - letters] : (unsigned char)p[1];
    }
    size_t escape = json_unicode_escape(p, end, &code);
    if (escape)
        *len = escape;
    return code;
}

size_t json_decode(const char *raw, size_t len, char *out, int64_t *mended)
{
    const char *p = raw, *end = raw + len;
    char *to = out;
    while (p < end) {
        const char *slash = memchr(p, '\\', (size_t)(end - p));
        size_t plain = (size_t)((slash ? slash : end) - p), escape;
        memmove(to, p, plain);
        to += plain;
        p += plain;
        if (p == end)
            break;
        int32_t code = escaped_character(p, end, &escape);
        *mended += code < 0;
        to += put_utf8(to, code < 0 ? 0xfffd : (uint32_t)code);
        p += escape;
    }
    return (size_t)(to - out);
}
