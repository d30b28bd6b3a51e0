/* See text.h. */
#include "base/text.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Length of the well-formed UTF-8 sequence at P (RFC 3629), 0 if there is none. */
static size_t utf8_sequence(const uint8_t *p, size_t left)
{
    static const struct {
        uint8_t first_low, first_high, second_low, second_high, length;
    } forms[] = {
        {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (*p < forms[i].first_low || *p > forms[i].first_high)
            continue;
        size_t n = forms[i].length;
        if (n > left || (n > 1 && (p[1] < forms[i].second_low || p[1] > forms[i].second_high)))
            return 0;
        for (size_t k = 2; k < n; k++)
            if ((p[k] & 0xc0) != 0x80)
                return 0;
        return n;
    }
    return 0;
}

bool text_is_utf8(const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    while (len) {
        size_t n = utf8_sequence(p, len);
        if (!n)
            return false;
        p += n;
        len -= n;
    }
    return true;
}

/* Letters that turn the direction of what follows, or end a line: three bytes each but one. */
static unsigned misleading(const uint8_t *p, size_t n)
{
    unsigned c = n == 2   ? (p[0] & 0x1fu) << 6 | (p[1] & 0x3fu)
                 : n == 3 ? (p[0] & 0x0fu) << 12 | (p[1] & 0x3fu) << 6 | (p[2] & 0x3fu)
                          : 0;
    bool is = c == 0x061c || c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
              (c >= 0x2066 && c <= 0x2069);
    return is ? c : 0;
}

void text_display(struct buffer *out, const void *bytes, size_t len)
{
    const uint8_t *p = bytes;
    while (len) {
        size_t n = utf8_sequence(p, len);
        bool control = n == 1 ? (*p < 0x20 || *p == 0x7f) : n == 2 && p[0] == 0xc2 && p[1] < 0xa0;
        bool escape_like =
            *p == '\\' && len > 1 && (p[1] == 'x' || (p[1] == 'u' && len > 2 && p[2] == '{'));
        if (misleading(p, n)) {
            buffer_printf(out, "\\u{%04X}", misleading(p, n));
        } else if (!n || control || escape_like) {
            for (size_t k = 0; k < (n ? n : 1); k++)
                buffer_printf(out, "\\x%02X", p[k]);
            n = n ? n : 1;
        } else {
            REQUIRE(buffer_append(out, p, n) == 0);
        }
        p += n;
        len -= n;
    }
}

const char *text_show(const char *s)
{
    enum { SLOTS = 8, SLOT = 1024 };
    static _Thread_local char slots[SLOTS][SLOT];
    static _Thread_local unsigned next;
    struct buffer b;
    buffer_init(&b, 0);
    text_display(&b, s, strlen(s));
    char *slot = slots[next++ % SLOTS];
    if (!text_copy(slot, SLOT, buffer_text(&b))) {
        size_t cut = SLOT - 4;
        while (((unsigned char)slot[cut] & 0xc0) == 0x80) /* not in the middle of a character */
            cut--;
        memcpy(slot + cut, "...", 4);
    }
    buffer_release(&b);
    return slot;
}

bool text_is_uuid(const char *s)
{
    for (int i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? s[i] != '-' : !isxdigit((unsigned char)s[i]))
            return false;
    }
    return s[36] == '\0';
}

bool text_is_uuid4(const char *s)
{
    return text_is_uuid(s) && s[14] == '4';
}

bool text_matches(const char *pattern, const char *name)
{
    unsigned char p = (unsigned char)*pattern, n = (unsigned char)*name;
    bool plain = p && !strchr("*?[\\", p) && p < 0x80;
    if (plain && n < 0x80 && tolower(p) != tolower(n)) /* most often: the rest is spared */
        return false;
    return (p == '*' && pattern[1] == '\0') || fnmatch(pattern, name, FNM_CASEFOLD) == 0;
}

/* Levenshtein distance, given up beyond 48 characters. */
static size_t distance(const char *a, const char *b)
{
    enum { MAX = 48 };
    size_t row[MAX + 1], la = strlen(a), lb = strlen(b);
    if (la > MAX || lb > MAX)
        return MAX;
    for (size_t j = 0; j <= lb; j++)
        row[j] = j;
    for (size_t i = 1; i <= la; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= lb; j++) {
            size_t above = row[j];
            size_t best =
                diagonal + (tolower((unsigned char)a[i - 1]) != tolower((unsigned char)b[j - 1]));
            if (above + 1 < best)
                best = above + 1;
            if (row[j - 1] + 1 < best)
                best = row[j - 1] + 1;
            row[j] = best;
            diagonal = above;
        }
    }
    return row[lb];
}

const char *text_nearest(const char *word, const char *const *candidates)
{
    const char *best = NULL;
    size_t best_distance = strlen(word) / 3 + 2;
    for (; *candidates; candidates++) {
        size_t d = distance(word, *candidates);
        if (d < best_distance) {
            best = *candidates;
            best_distance = d;
        }
    }
    return best;
}

bool text_copy(char *dst, size_t size, const char *src)
{
    size_t len = strlen(src), n = len < size ? len : size - 1;
    memcpy(dst, src, n);
    dst[n] = '\0';
    return n == len;
}

void text_wrap(struct buffer *out, const char *first, const char *front, size_t width,
               const char *text)
{
    size_t column = 0;
    while (*text) {
        size_t n = strcspn(text, " ");
        if (column && column + 1 + n > width) {
            buffer_put(out, "\n");
            column = 0;
            first = front;
        }
        buffer_printf(out, "%s%.*s", column ? " " : first, (int)n, text);
        column += n + (column ? 1 : strlen(first));
        text += n;
        text += *text == ' ';
    }
    buffer_put(out, "\n");
}
