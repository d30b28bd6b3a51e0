/* plain_number.h - a cell's number without exponent, as CSV and SQLite have it. */
#ifndef MB_FORMAT_PLAIN_NUMBER_H
#define MB_FORMAT_PLAIN_NUMBER_H

#include "base/buffer.h"
#include "base/decimal.h"
#include "tables/cell.h"

#include <string.h>

/* Whether it has nothing to expand, as most. */
static inline bool plain_number_is(const struct cell *c)
{
    return !memchr(c->text, 'e', c->len) && !memchr(c->text, 'E', c->len) &&
           !(c->len > 1 && c->text[0] == '-' && c->text[1] == '0');
}

/* C, or one whose text is in ROOM and stays until that is used again. */
static inline struct cell plain_number(struct buffer *room, const struct cell *c)
{
    if (plain_number_is(c))
        return *c;
    buffer_clear(room);
    number_plain(room, c->text, c->len);
    return (struct cell){CELL_NUMBER, buffer_text(room), room->len};
}

#endif
