/* value.h - one option's value: from the text people write to what the program uses, and back. */
#ifndef MB_CONFIG_VALUE_H
#define MB_CONFIG_VALUE_H

#include "base/buffer.h"
#include "base/error.h"
#include "config/options.h"

#include <stdbool.h>
#include <stdint.h>

struct value {
    bool present;   /* false: not set; number is -1 then */
    char *text;     /* as it was written, paths resolved; owned; NULL if not present */
    int64_t number; /* INT, DURATION, SIZE, BOOL and FLAG (0, 1), CHOICE (its enum);
                       millionths of CREDITS */
    double percent; /* PERCENT */
    char **list;    /* lists: NULL-ended, owned with its strings */
};

void value_release(struct value *v); /* and zeroes it */

/* Reads TEXT for option O into V (zeroed before). A relative path is taken from the directory BASE;
 * NULL: the current one. 0, or ERR_USAGE with what is wrong with the value and what would be right,
 * which never repeats a secret. */
MUST_CHECK int value_parse(struct value *v, const struct option *o, const char *text,
                           const char *base, struct error *e);

/* For people: secrets masked, names from outside made fit for a terminal. */
void value_show(const struct value *v, const struct option *o, struct buffer *out);

#endif
