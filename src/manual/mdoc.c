/* See mdoc.h. Each word is escaped as it is written: a backslash begins an escape in roff, a dot or a
 * quote at the beginning of a line a request, and quotes, tildes and carets would be drawn as others. */
#include "manual/mdoc.h"

#include <ctype.h>
#include <string.h>

enum { WIDTH = 70 };

static const char *escape(char c)
{
    switch (c) {
    case '\\':
        return "\\e";
    case '\'':
        return "\\(aq";
    case '`':
        return "\\(ga";
    case '~':
        return "\\(ti";
    case '^':
        return "\\(ha";
    default:
        return NULL;
    }
}

/* How many bytes were written. */
static size_t put_escaped(struct buffer *out, const char *text, size_t n)
{
    size_t before = out->len;
    for (size_t i = 0; i < n; i++) {
        const char *other = escape(text[i]);
        if (other)
            buffer_put(out, other);
        else
            buffer_printf(out, "%s%c", i == 0 && text[i] == '.' ? "\\&" : "", text[i]);
    }
    return out->len - before;
}

void mdoc_begin(struct buffer *out, const char *name, int section, const char *summary)
{
    buffer_printf(out, ".Dd " MB_RELEASE_DATE "\n.Dt ");
    for (const char *p = name; *p; p++)
        buffer_printf(out, "%c", toupper((unsigned char)*p));
    buffer_printf(out, " %d\n.Os\n.Sh NAME\n.Nm %s\n.Nd ", section, name);
    mdoc_argument(out, summary);
    buffer_put(out, "\n");
}

void mdoc_section(struct buffer *out, const char *title)
{
    buffer_printf(out, ".Sh %s\n", title);
}

static bool ends_sentence(const char *word, size_t n)
{
    return n > 1 && strchr(".!?", word[n - 1]) && word[n - 2] != '.';
}

void mdoc_text(struct buffer *out, const char *text)
{
    size_t column = 0;
    while (*text) {
        size_t gap = strspn(text, " \n"), lines = 0;
        for (size_t i = 0; i < gap; i++)
            lines += text[i] == '\n';
        text += gap;
        size_t n = strcspn(text, " \n");
        if (n == 0)
            break;
        bool paragraph = lines > 1 && column;
        if (column && (paragraph || column + 1 + n > WIDTH)) {
            buffer_put(out, paragraph ? "\n.Pp\n" : "\n");
            column = 0;
        }
        if (column)
            buffer_put(out, " ");
        column += put_escaped(out, text, n) + 1;
        if (ends_sentence(text, n)) {
            const char *rest = text + n + strspn(text + n, " \n");
            bool apart = text[n] == '\n' && text[n + 1] == '\n';
            buffer_put(out, apart && *rest ? "\n.Pp\n" : "\n");
            column = 0;
        }
        text += n;
    }
    if (column)
        buffer_put(out, "\n");
}

void mdoc_literal(struct buffer *out, const char *text)
{
    buffer_put(out, ".Bd -literal -compact\n");
    for (size_t n; *text; text += n + (text[n] == '\n')) {
        n = strcspn(text, "\n");
        (void)put_escaped(out, text, n);
        buffer_put(out, "\n");
    }
    buffer_put(out, ".Ed\n");
}

void mdoc_argument(struct buffer *out, const char *text)
{
    (void)put_escaped(out, text, strlen(text));
}
