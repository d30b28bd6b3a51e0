/* See reasons.h. Kept as a line a reason with tabs between its parts: neither stands in any of them, because texts
 * were made fit to be shown, and control characters of field names are escaped; a blank takes the place of one that
 * did. */
#include "review/reasons.h"

#include "base/array.h"
#include "review/check_options.h"

#include <stdlib.h>
#include <string.h>

enum { PARTS = 7 };

static void put_part(struct buffer *out, const char *part, char end)
{
    size_t from = out->len;
    buffer_printf(out, "%s%c", part, end);
    for (size_t i = from; i + 1 < out->len; i++)
        if (out->data[i] == '\t' || out->data[i] == '\n')
            out->data[i] = ' ';
}

void reason_put(struct buffer *out, const struct reason *r)
{
    put_part(out, check_code_name(r->code), '\t');
    put_part(out, severity_name(r->severity), '\t');
    put_part(out, r->field, '\t');
    put_part(out, r->value, '\t');
    put_part(out, r->difference, '\t');
    put_part(out, r->of, '\t');
    put_part(out, r->text, '\n');
}

static enum severity severity_named(const char *name)
{
    enum severity s = SEVERITY_ERROR;
    while (s > SEVERITY_OFF && strcmp(severity_name(s), name) != 0)
        s--;
    return s;
}

/* Takes a line apart in place; false: it isn't one of ours. */
static bool read_line(char *line, struct reason *out)
{
    char *parts[PARTS] = {line};
    for (size_t i = 1; i < PARTS; i++) {
        char *tab = strchr(parts[i - 1], '\t');
        if (!tab)
            return false;
        *tab = '\0';
        parts[i] = tab + 1;
    }
    *out = (struct reason){
        .code = check_code_named(parts[0]),
        .severity = severity_named(parts[1]),
        .field = parts[2],
        .value = parts[3],
        .difference = parts[4],
        .of = parts[5],
        .text = parts[6],
    };
    return out->code < CHECK_COUNT;
}

void reasons_read(struct reasons *r, const char *text)
{
    free(r->text);
    r->text = xstrdup(text);
    r->count = 0;
    for (char *line = r->text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
        *end = '\0';
        ARRAY_RESERVE(r->items, r->capacity, r->count + 1);
        r->count += read_line(line, &r->items[r->count]);
    }
}

void reasons_release(struct reasons *r)
{
    free(r->items);
    free(r->text);
    *r = (struct reasons){0};
}

static bool is_open(const struct reason *r)
{
    return r->severity >= SEVERITY_WARNING;
}

size_t reasons_open(const struct reasons *r)
{
    size_t open = 0;
    for (size_t i = 0; i < r->count; i++)
        open += is_open(&r->items[i]);
    return open;
}

enum severity reasons_worst(const struct reasons *r)
{
    enum severity worst = SEVERITY_OFF;
    for (size_t i = 0; i < r->count; i++)
        if (r->items[i].severity > worst)
            worst = r->items[i].severity;
    return worst;
}

static void put_cover(struct buffer *out, const struct reason *r)
{
    put_part(out, check_code_name(r->code), '\t');
    put_part(out, r->field, '\t');
    put_part(out, r->value, '\n');
}

void reasons_cover(struct buffer *out, const struct reasons *r)
{
    for (size_t i = 0; i < r->count; i++)
        put_cover(out, &r->items[i]);
}

static bool covers_line(const char *covers, const char *line)
{
    const char *at = strstr(covers, line);
    while (at && at != covers && at[-1] != '\n')
        at = strstr(at + 1, line);
    return at != NULL;
}

size_t reasons_compare(struct reasons *r, const char *covers)
{
    struct buffer line;
    size_t fresh = 0;
    buffer_init(&line, 0);
    for (size_t i = 0; i < r->count; i++) {
        buffer_clear(&line);
        put_cover(&line, &r->items[i]);
        r->items[i].fresh = !covers_line(covers, buffer_text(&line));
        fresh += r->items[i].fresh && is_open(&r->items[i]);
    }
    buffer_release(&line);
    return fresh;
}
