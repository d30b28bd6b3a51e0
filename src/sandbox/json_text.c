/* JSON strings and times. Only control characters, quotes and backslashes need escaping; a text
 * that isn't UTF-8 as a whole goes through text_display first,
 * so that what comes out is JSON always. */
#include "sandbox/json_text.h"

#include "base/json_scan.h"
#include "base/text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

static void put_bytes(struct buffer *b, const char *data, size_t len)
{
    REQUIRE(buffer_append(b, data, len) == 0);
}

static void put_escaped(struct buffer *b, const char *text)
{
    const char *run = text, *p = text;
    for (; *p != 0; p++) {
        unsigned char c = (unsigned char)*p;
        if (c >= 0x20 && c != '"' && c != '\\')
            continue;
        put_bytes(b, run, (size_t)(p - run));
        if (c >= 0x20)
            buffer_printf(b, "\\%c", c);
        else
            buffer_printf(b, "\\u%04x", c);
        run = p + 1;
    }
    put_bytes(b, run, (size_t)(p - run));
}

void json_put_text(struct buffer *b, const char *text)
{
    if (text == NULL) {
        buffer_put(b, "null");
        return;
    }
    buffer_put(b, "\"");
    if (text_is_utf8(text, strlen(text))) {
        put_escaped(b, text);
    } else {
        struct buffer shown;
        buffer_init(&shown, 0);
        text_display(&shown, text, strlen(text));
        put_escaped(b, buffer_text(&shown));
        buffer_release(&shown);
    }
    buffer_put(b, "\"");
}

void json_put_member(struct buffer *b, const char *name, const char *text)
{
    buffer_put(b, "\"");
    buffer_put(b, name);
    buffer_put(b, "\":");
    json_put_text(b, text);
}

void json_put_time(struct buffer *b, struct wall t, int micros)
{
    time_t seconds = (time_t)(t.ms / 1000);
    struct tm tm;
    char text[32];
    gmtime_r(&seconds, &tm);
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    buffer_printf(b, "\"%s.%03d%03d\"", text, (int)(t.ms % 1000), micros);
}

/* ---- finding ---- */

/* Where the value begins that was just found. */
static const char *value_begin(const struct json_scan *s)
{
    return s->kind == JSON_STRING ? s->text - 1 : s->text;
}

static bool is_container(const struct json_scan *s)
{
    return s->kind == JSON_ARRAY || s->kind == JSON_OBJECT;
}

/* Goes on to its end, which is returned. */
static const char *value_end(struct json_scan *s)
{
    size_t depth = s->depth;
    if (!is_container(s))
        return s->text + s->len + (s->kind == JSON_STRING);
    while (json_scan_next(s) > 0)
        if (s->closed && s->depth == depth - 1)
            return s->text + 1;
    return s->p;
}

/* The Nth value, or that of NAME, of the array or object at TEXT. */
static const char *find_value(const char *text, size_t len, enum json_kind kind, const char *name,
                              size_t n, size_t *found_len)
{
    struct json_scan s;
    json_scan_init(&s, text, len);
    if (json_scan_next(&s) <= 0 || s.kind != kind)
        return NULL;
    while (json_scan_next(&s) > 0 && !(s.closed && s.depth == 0)) {
        const char *begin = value_begin(&s);
        bool named =
            name != NULL && s.key_len == strlen(name) && memcmp(s.key, name, s.key_len) == 0;
        const char *end = value_end(&s);
        if (named || (name == NULL && n-- == 0)) {
            *found_len = (size_t)(end - begin);
            return begin;
        }
    }
    return NULL;
}

const char *json_find(const char *text, size_t len, const char *name, size_t *found_len)
{
    return find_value(text, len, JSON_OBJECT, name, 0, found_len);
}

const char *json_item(const char *text, size_t len, size_t n, size_t *found_len)
{
    return find_value(text, len, JSON_ARRAY, NULL, n, found_len);
}
