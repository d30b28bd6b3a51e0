/* See json_parts.h. */
#include "monitor/json_parts.h"

#include "base/text.h"
#include "format/json_string.h"

#include <string.h>

void json_put_text(struct buffer *out, const char *bytes)
{
    struct buffer shown;
    buffer_init(&shown, 0);
    text_display(&shown, bytes, strlen(bytes));
    json_string_put(out, buffer_text(&shown), shown.len);
    buffer_release(&shown);
}

void json_put_member(struct buffer *out, const char *name, const char *bytes)
{
    buffer_printf(out, "\"%s\": ", name);
    json_put_text(out, bytes);
}

void json_put_time(struct buffer *out, const char *name, struct wall t)
{
    char stamp[WALL_TEXT_MAX];
    if (t.ms)
        buffer_printf(out, "\"%s\": \"%s\"", name, wall_format(t, stamp));
    else
        buffer_printf(out, "\"%s\": null", name);
}
