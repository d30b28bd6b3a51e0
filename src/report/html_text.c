/* See html_text.h. It appends and can't fail: texts are cut at a number of characters, so that a result with a field
 * of megabytes takes no more room than another. */
#include "report/html_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char narrow_space[] = "\xe2\x80\xaf"; /* U+202F */
static const char ellipsis[] = "\xe2\x80\xa6";

/* The character at TEXT and in *BYTES how long it is; -1 and 1 for a byte that begins none. */
static int32_t character(const char *text, size_t len, size_t *bytes)
{
    const unsigned char *p = (const unsigned char *)text;
    static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = *p < 0x80 ? 1 : *p < 0xc2 ? 0 : *p < 0xe0 ? 2 : *p < 0xf0 ? 3 : *p < 0xf5 ? 4 : 0;
    int32_t c = n == 1 ? *p : *p & (0xff >> (n + 1));
    *bytes = 1;
    if (n == 0 || n > len)
        return -1;
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xc0) != 0x80)
            return -1;
        c = c << 6 | (p[i] & 0x3f);
    }
    if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
        return -1;
    *bytes = n;
    return c;
}

/* Nobody sees them, and they change how the rest is seen. */
static bool misleads(int32_t c)
{
    return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0xad || c == 0x61c || c == 0x200b ||
           c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c & 0xfffe) == 0xfffe;
}

static const char *reference(int32_t c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    case '\n':
    case '\r':
    case '\t':
        return " ";
    default:
        return NULL;
    }
}

/* A backslash that would look like one of ours. */
static bool looks_escaped(const char *text, size_t len)
{
    return *text == '\\' && len > 1 &&
           (text[1] == 'x' || (text[1] == 'u' && len > 2 && text[2] == '{'));
}

void html_put(struct buffer *out, const char *text, size_t len, size_t most)
{
    for (size_t bytes; len > 0; text += bytes, len -= bytes) {
        int32_t c = character(text, len, &bytes);
        const char *said = reference(c);
        if (most-- == 0) {
            buffer_put(out, ellipsis);
            return;
        }
        if (c < 0)
            buffer_printf(out, "\\x%02X", (unsigned char)*text);
        else if (said)
            buffer_put(out, said);
        else if (misleads(c) || looks_escaped(text, len))
            buffer_printf(out, "\\u{%04" PRIX32 "}", (uint32_t)c);
        else
            REQUIRE(buffer_append(out, text, bytes) == 0);
    }
}

void html_text(struct buffer *out, const char *text)
{
    html_put(out, text, strlen(text), HTML_PATH_MOST);
}

void html_grouped(struct buffer *out, const char *text)
{
    if (*text == '-')
        REQUIRE(buffer_append(out, text++, 1) == 0);
    size_t whole = strcspn(text, ".");
    for (size_t i = 0; i < whole; i++) {
        if (i > 0 && (whole - i) % 3 == 0)
            buffer_put(out, narrow_space);
        REQUIRE(buffer_append(out, text + i, 1) == 0);
    }
    buffer_put(out, text + whole);
}

void html_count(struct buffer *out, int64_t n)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, n);
    html_grouped(out, text);
}

void html_amount(struct buffer *out, struct decimal amount, int decimals)
{
    char text[DECIMAL_TEXT_MAX];
    html_grouped(out, decimal_format(amount, decimals, text));
}

void html_credits(struct buffer *out, struct credits c)
{
    char text[CREDITS_TEXT_MAX];
    html_grouped(out, credits_plain(c, text));
}
