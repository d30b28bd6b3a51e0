/* See check_parts.h. */
#include "review/check_parts.h"

#include "base/text.h"

#include <stdio.h>
#include <string.h>

enum { RING = 8, VALUE_MOST = 80, FIELD_MOST = 600 };

static char *next_room(void)
{
    static _Thread_local char rooms[RING][FIELD_MOST];
    static _Thread_local unsigned next;
    return rooms[next++ % RING];
}

const char *check_field(const struct check *k, enum role role)
{
    const struct role_value *v = &k->invoice->record->values[role];
    char *room = next_room();
    if (v->list)
        snprintf(room, FIELD_MOST, "%s[%lld].%s", v->list, (long long)v->row, v->field);
    else
        snprintf(room, FIELD_MOST, "%s", v->field ? v->field : role_name(role));
    return room;
}

const char *check_row_field(const struct role_list *list, int64_t n, const char *column)
{
    char *room = next_room();
    snprintf(room, FIELD_MOST, "%s[%lld]%s%s", list->name, (long long)n, column ? "." : "",
             column ? column : "");
    return room;
}

const char *check_value(const struct cell *cell)
{
    char cut[VALUE_MOST + 4];
    size_t len = cell->len;
    if (len > VALUE_MOST) {
        len = VALUE_MOST;
        while (len && ((unsigned char)cell->text[len] & 0xc0) == 0x80)
            len--;
    }
    memcpy(cut, cell->text ? cell->text : "", len);
    memcpy(cut + len, len < cell->len ? "..." : "", len < cell->len ? 4 : 1);
    for (size_t i = 0; i < len; i++)
        if (cut[i] == '\0')
            cut[i] = ' ';
    return text_show(cut);
}
