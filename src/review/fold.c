/* See fold.h. utf8proc does the work, a character at a time, so that no memory is needed whatever comes. */
#include "review/fold.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <utf8proc.h>

enum {
    EXPANDED_MOST = 18, /* characters that NFKD makes of one (U+FDFA) */
    OPTIONS = UTF8PROC_STABLE | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD |
              UTF8PROC_STRIPMARK | UTF8PROC_IGNORE,
};

static utf8proc_int32_t plain_latin(utf8proc_int32_t c)
{
    switch (c) {
    case 0xe6: /* ae and oe come to a and o in keys anyway */
        return 'a';
    case 0xf8:
    case 0x153:
        return 'o';
    case 0x111:
    case 0xf0:
        return 'd';
    case 0x142:
        return 'l';
    case 0x131:
        return 'i';
    default:
        return c;
    }
}

static bool is_letter_or_digit(utf8proc_int32_t c)
{
    switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_ND:
        return true;
    default:
        return false;
    }
}

/* Appends C to OUT: false if there is no room left. */
static bool put(char out[FOLD_MAX], size_t *used, utf8proc_int32_t c)
{
    if (*used + 4 >= FOLD_MAX)
        return false;
    if (c == '\'' || c == 0x2019 || c == 0x2bc)
        return true;
    if (is_letter_or_digit(c))
        *used += (size_t)utf8proc_encode_char(plain_latin(c), (utf8proc_uint8_t *)out + *used);
    else
        out[(*used)++] = c == '.' || c == '/' ? (char)c : ' ';
    return true;
}

/* What put() makes of one that has no decomposition: most texts consist of such. */
static bool put_ascii(char out[FOLD_MAX], size_t *used, char c)
{
    if (*used + 4 >= FOLD_MAX)
        return false;
    if (c >= 'A' && c <= 'Z')
        c = (char)(c - 'A' + 'a');
    bool stays = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '/';
    if (c != '\'')
        out[(*used)++] = stays ? c : ' ';
    return true;
}

const char *fold_text(const char *text, size_t len, char out[FOLD_MAX])
{
    const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)text;
    utf8proc_int32_t c, chars[EXPANDED_MOST];
    size_t used = 0;
    int boundary = 0;
    if (len > FOLD_TEXT_MOST)
        len = FOLD_TEXT_MOST;
    for (size_t at = 0; at < len;) {
        if (p[at] < 0x80) {
            (void)put_ascii(out, &used, text[at++]);
            continue;
        }
        utf8proc_ssize_t n = utf8proc_iterate(p + at, (utf8proc_ssize_t)(len - at), &c);
        if (n <= 0)
            break;
        at += (size_t)n;
        n = utf8proc_decompose_char(c, chars, EXPANDED_MOST, (utf8proc_option_t)OPTIONS, &boundary);
        for (utf8proc_ssize_t i = 0; i < n && i < EXPANDED_MOST; i++)
            if (!put(out, &used, chars[i]))
                break;
    }
    out[used] = '\0';
    return out;
}
