/* See form_text.h. */
#include "net/form_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void put(struct buffer *b, const char *bytes, size_t len)
{
    REQUIRE(buffer_append(b, bytes, len) == 0); /* only memory can be missing */
}

/* In quotes: what would end them, or the line, is percent-encoded, and nothing else is, as browsers
 * do it (HTML, 4.10.22.8). */
static void put_quoted(struct buffer *b, const char *text)
{
    put(b, "\"", 1);
    for (const char *p = text; *p;) {
        size_t plain = strcspn(p, "\"\r\n");
        put(b, p, plain);
        p += plain;
        if (*p)
            buffer_put(b, *p == '"' ? "%22" : *p == '\r' ? "%0D" : "%0A");
        p += *p != '\0';
    }
    put(b, "\"", 1);
}

static void begin_part(struct form_text *m, const char *name)
{
    buffer_printf(&m->head, "--%s\r\nContent-Disposition: form-data; name=", m->boundary);
    put_quoted(&m->head, name);
}

void form_text_init(struct form_text *m, struct random *random)
{
    buffer_init(&m->head, 0);
    buffer_init(&m->tail, 0);
    snprintf(m->boundary, sizeof m->boundary, "------------------------%016" PRIx64 "%016" PRIx64,
             random_u64(random), random_u64(random));
}

void form_text_field(struct form_text *m, const char *name, const char *value)
{
    begin_part(m, name);
    buffer_put(&m->head, "\r\n\r\n");
    buffer_put(&m->head, value);
    buffer_put(&m->head, "\r\n");
}

void form_text_file(struct form_text *m, const char *name, const char *filename, const char *type)
{
    begin_part(m, name);
    buffer_put(&m->head, "; filename=");
    put_quoted(&m->head, filename);
    buffer_put(&m->head, "\r\nContent-Type: ");
    buffer_put(&m->head, type);
    buffer_put(&m->head, "\r\n\r\n");
    buffer_put(&m->tail, "\r\n"); /* which ends the part */
}

void form_text_end(struct form_text *m)
{
    buffer_printf(&m->tail, "--%s--\r\n", m->boundary);
}

void form_text_release(struct form_text *m)
{
    buffer_release(&m->head);
    buffer_release(&m->tail);
}
