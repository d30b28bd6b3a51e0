/* options.h - the one table of options, made from options.def. A row feeds the INI reader, the
 * environment, the command line, --help, the manual's pages, the example file and the `config`
 * command; its value becomes a field of struct settings (settings.h). */
#ifndef MB_CONFIG_OPTIONS_H
#define MB_CONFIG_OPTIONS_H

#include <stddef.h>
#include <stdint.h>

enum option_type {
    OPTION_TEXT,
    OPTION_SECRET,   /* never shown */
    OPTION_INT,      /* min .. max; may be unset if it has no default */
    OPTION_DURATION, /* in ms */
    OPTION_BOOL,
    OPTION_FLAG, /* a bool that may be unset */
    OPTION_CHOICE,
    OPTION_LIST,
    OPTION_UUID_LIST,
    OPTION_PERCENT,
    OPTION_CREDITS, /* a decimal, exact; min and max are whole ones; may be unset if it has no
                       default */
    OPTION_PATH,
    OPTION_UUID,
    OPTION_URL,        /* http or https */
    OPTION_SECRET_URL, /* the same, and who knows it may use it: only its host is shown */
    OPTION_MAIL_URL,   /* smtps or smtp, without a password */
};

enum option_flag {
    OPTION_BY_BATCH = 1, /* may be set in [batch.NAME] too, for that batch alone */
    OPTION_ADDS = 2,     /* a list that begins with + adds to the default */
};

/* A word that people write, and what it is in the program. */
struct option_word {
    const char *word;
    int value;
};

struct option {
    const char *name; /* "section.key" */
    enum option_type type;
    size_t field;                    /* where its value stands in struct settings */
    int64_t min, max;                /* of numbers, in the type's own unit */
    const struct option_word *words; /* ended by one without a word, for OPTION_CHOICE; of
                                        OPTION_LIST: what its items may be, NULL: anything */
    const char *fallback;            /* the default as people would write it; NULL: not set */
    const char *fallback_shown;      /* what help says where the default is worked out or means
                                   something; else NULL */
    const char *help;                /* one line, no full stop */
    unsigned flags;                  /* enum option_flag */
};

extern const struct option option_table[];
extern const size_t option_count;

/* NULL if there is none of that name. */
const struct option *option_find(const char *name);
/* The one whose value stands in that field: SETTING(api.timeout) of settings.h. */
const struct option *option_of_field(size_t field);
/* The nearest name of an option, or NULL. */
const char *option_nearest(const char *name);
/* By its full name, or one of the short names that [batch.NAME] knows ("directory", "model"):
 * whether it may be set there is another question. NULL if there is none. */
const struct option *option_find_in_batch(const char *key);
/* The nearest full or short name, or NULL. */
const char *option_nearest_in_batch(const char *key);
/* The short name of an option, or NULL. */
const char *option_short_name(const struct option *o);
/* What a value looks like: "UUID", "DURATION", "window|even". OUT is returned. */
enum { OPTION_SHAPE_MAX = 80 };
const char *option_shape(const struct option *o, char out[OPTION_SHAPE_MAX]);
/* Its default, as it is told to people. */
const char *option_default(const struct option *o);

#endif
