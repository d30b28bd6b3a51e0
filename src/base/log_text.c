/* See log_text.h. What a string holds can't end the line or drive a terminal (text_show); it may
 * hold whatever a sentence may, for nobody takes this text apart: programs read JSON. */
#include "base/log_text.h"

#include "base/log_words.h"
#include "base/text.h"
#include "base/units.h"

#include <inttypes.h>
#include <string.h>

enum role { ROLE_BATCH, ROLE_SUBJECT, ROLE_TELLS, ROLE_NUMBER, ROLE_NEXT };

static enum role role_of(const struct log_field *f)
{
    static const struct {
        const char *key;
        enum role role;
    } roles[] = {
        {"batch", ROLE_BATCH}, {"path", ROLE_SUBJECT}, {"name", ROLE_SUBJECT}, {"what", ROLE_TELLS},
        {"cause", ROLE_TELLS}, {"reason", ROLE_TELLS}, {"detail", ROLE_TELLS}, {"why", ROLE_TELLS},
        {"error", ROLE_TELLS}, {"text", ROLE_TELLS},   {"next", ROLE_NEXT},
    };
    if (f->kind == LOG_FIELD_STR)
        for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
            if (strcmp(roles[i].key, f->key) == 0)
                return roles[i].role;
    return ROLE_NUMBER;
}

static bool says_something(const struct log_field *f)
{
    switch (f->kind) {
    case LOG_FIELD_CODE:
        return false;
    case LOG_FIELD_STR:
        return f->text && *f->text;
    case LOG_FIELD_MS:
        return f->number > 0;
    case LOG_FIELD_INT:
        break;
    }
    return f->number >= 0; /* -1: not known */
}

static void put_number(struct buffer *b, const struct log_field *f)
{
    char key[64], text[UNITS_TEXT_MAX];
    buffer_printf(b, "%s ", log_field_words(f->key, key, sizeof key));
    if (f->kind == LOG_FIELD_INT)
        buffer_printf(b, "%" PRId64, f->number);
    else
        buffer_put(b,
                   f->kind == LOG_FIELD_MS ? duration_format(f->number, text) : text_show(f->text));
}

/* Each field of ROLE, FIRST before the first of them and BETWEEN before the others. Returns how
 * many there were. */
static int put_role(struct buffer *b, enum role role, const char *first, const char *between,
                    const struct log_field *fields, size_t count)
{
    int n = 0;
    for (const struct log_field *f = fields; f < fields + count; f++) {
        if (role_of(f) != role || !says_something(f))
            continue;
        buffer_put(b, n++ ? between : first);
        if (role == ROLE_NUMBER)
            put_number(b, f);
        else
            buffer_put(b, text_show(f->text));
    }
    return n;
}

void log_text_put(struct buffer *line, const char *event, const struct log_field *fields,
                  size_t count)
{
    const char *words = log_event_words(event);
    if (put_role(line, ROLE_BATCH, "batch ", ", ", fields, count))
        buffer_put(line, ": ");
    if (put_role(line, ROLE_SUBJECT, "", ", ", fields, count))
        buffer_put(line, ": ");
    words = words ? words : event;
    buffer_put(line, words);
    put_role(line, ROLE_TELLS, *words ? ": " : "", ": ", fields, count);
    if (put_role(line, ROLE_NUMBER, " (", ", ", fields, count))
        buffer_put(line, ")");
    put_role(line, ROLE_NEXT, "; ", "; ", fields, count);
    buffer_printf(line, " [%s]", event);
}
