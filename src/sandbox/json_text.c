/* JSON strings and times. Only control characters, quotes and backslashes need escaping; a text
 * that isn't UTF-8 as a whole goes through text_display first,
 * so that what comes out is JSON always. */
#include "sandbox/json_text.h"

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
