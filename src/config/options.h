/* options.h - the one table of options. A row feeds the INI reader, the environment, the command
 * line, --help, the man page, the example file and the `config` command. */
#ifndef MB_CONFIG_OPTIONS_H
#define MB_CONFIG_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

enum option_type {
    OPTION_TEXT,
    OPTION_SECRET,   /* never shown */
    OPTION_INT,      /* min .. max; may be unset if it has no default */
    OPTION_DURATION, /* in ms */
    OPTION_SIZE,     /* in bytes */
    OPTION_BOOL,
    OPTION_FLAG, /* a bool that may be unset */
    OPTION_CHOICE,
    OPTION_LIST,
    OPTION_UUID_LIST,
    OPTION_PERCENT,
    OPTION_PATH,
    OPTION_UUID,
    OPTION_URL, /* http or https */
};

struct option {
    const char *name; /* "section.key" */
    enum option_type type;
    int64_t min, max;           /* of numbers, in the type's own unit */
    const char *const *choices; /* NULL-ended, for OPTION_CHOICE */
    const char *fallback;       /* the default as people would write it; NULL: not set */
    const char *fallback_shown; /* what help says where the default is worked out or means
                                   something; else NULL */
    const char *help;           /* one line, no full stop */
};

extern const struct option option_table[];
extern const size_t option_count;

/* NULL if there is none of that name. */
const struct option *option_find(const char *name);
/* The nearest name of an option, or NULL. */
const char *option_nearest(const char *name);
/* What a value looks like: "UUID", "DURATION", "window|even". OUT is returned. */
enum { OPTION_SHAPE_MAX = 80 };
const char *option_shape(const struct option *o, char out[OPTION_SHAPE_MAX]);

#endif
