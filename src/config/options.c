/* The rows of options.def as a table, and what is looked up in it. */
#include "config/options.h"
#include "base/require.h"
#include "base/text.h"
#include "config/option_words.h"
#include "config/settings.h"

#include <stdio.h>
#include <string.h>

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE, DAY = 24 * HOUR };

enum { ONE = 0, EACH = OPTION_BY_BATCH };

enum { OPTION_NAME_MAX = 64 };

/* What NAS systems, sync programs and desktops leave beside documents: thumbnails, trash,
 * snapshots, metadata. */
#define LITTER                                                                                     \
    ".*,~$*,Thumbs.db,desktop.ini,@eaDir,@Recycle,#recycle,#snapshot,~snapshot,$RECYCLE.BIN,"      \
    "System Volume Information,lost+found,__MACOSX,*:Zone.Identifier"

const struct option option_table[] = {
#define SECTION(name)
#define SECTION_END(name)
#define OPTION(type, flags, section, key, min, max, words, fallback, shown, help)                  \
    {#section "." #key,                                                                            \
     OPTION_##type,                                                                                \
     SETTING(section.key),                                                                         \
     min,                                                                                          \
     max,                                                                                          \
     words,                                                                                        \
     fallback,                                                                                     \
     shown,                                                                                        \
     help,                                                                                         \
     flags},
#define CHOICE(type, flags, section, key, words, fallback, help)                                   \
    OPTION(CHOICE, flags, section, key, 0, 0, words, fallback, NULL, help)
#include "config/options.def"
};

const size_t option_count = sizeof option_table / sizeof *option_table;

const struct option *option_of_field(size_t field)
{
    for (size_t i = 0; i < option_count; i++)
        if (option_table[i].field == field)
            return &option_table[i];
    require_failed("a setting is an option's", __FILE_NAME__, __LINE__);
}

/* A key of [fields] that is a column of a list may be written with a dot: fields.lines.quantity. */
static const char *plain_name(const char *name, char room[OPTION_NAME_MAX])
{
    static const char fields[] = "fields.";
    if (strncmp(name, fields, sizeof fields - 1) != 0 || !text_copy(room, OPTION_NAME_MAX, name))
        return name;
    for (char *dot = room + sizeof fields - 1; (dot = strchr(dot, '.')); dot++)
        *dot = '_';
    return room;
}

const struct option *option_find(const char *name)
{
    char room[OPTION_NAME_MAX];
    name = plain_name(name, room);
    for (size_t i = 0; i < option_count; i++)
        if (strcmp(option_table[i].name, name) == 0)
            return &option_table[i];
    return NULL;
}

static const struct {
    const char *key, *name;
} short_names[] = {
    {"directory", "input.directory"}, {"model", "api.model_id"},     {"product", "api.product"},
    {"output", "output.directory"},   {"schedule", "schedule.when"}, {"watch", "watch.enabled"},
};
enum { SHORT_NAMES = sizeof short_names / sizeof *short_names };

const struct option *option_find_in_batch(const char *key)
{
    for (size_t i = 0; i < SHORT_NAMES; i++)
        if (strcmp(short_names[i].key, key) == 0)
            return option_find(short_names[i].name);
    return option_find(key);
}

const char *option_short_name(const struct option *o)
{
    for (size_t i = 0; i < SHORT_NAMES; i++)
        if (strcmp(short_names[i].name, o->name) == 0)
            return short_names[i].key;
    return NULL;
}

const char *option_nearest_in_batch(const char *key)
{
    const char *names[SHORT_NAMES + 1] = {0};
    for (size_t i = 0; i < SHORT_NAMES; i++)
        names[i] = short_names[i].key;
    const char *nearest = strchr(key, '.') ? NULL : text_nearest(key, names);
    return nearest ? nearest : option_nearest(key);
}

const char *option_nearest(const char *name)
{
    enum { MOST = 256 };
    const char *names[MOST + 1];
    REQUIRE(option_count <= MOST);
    for (size_t i = 0; i < option_count; i++)
        names[i] = option_table[i].name;
    names[option_count] = NULL;
    const char *nearest = text_nearest(name, names);
    if (nearest)
        return nearest;
    /* The right key in a wrong section, or none: "uploads", "request.model_id". */
    const char *dot = strchr(name, '.'), *key = dot ? dot + 1 : name;
    for (size_t i = 0; i < option_count; i++)
        if (*key && strcmp(strchr(option_table[i].name, '.') + 1, key) == 0)
            return option_table[i].name;
    return NULL;
}

static const char *type_word(enum option_type type)
{
    switch (type) {
    case OPTION_TEXT:
        return "TEXT";
    case OPTION_SECRET:
        return "SECRET";
    case OPTION_INT:
        return "NUMBER";
    case OPTION_DURATION:
        return "DURATION";
    case OPTION_BOOL:
    case OPTION_FLAG:
        return "yes|no";
    case OPTION_LIST:
        return "LIST";
    case OPTION_UUID_LIST:
        return "UUIDS";
    case OPTION_PERCENT:
        return "PERCENT";
    case OPTION_CREDITS:
        return "DECIMAL";
    case OPTION_PATH:
        return "PATH";
    case OPTION_UUID:
        return "UUID";
    case OPTION_URL:
    case OPTION_SECRET_URL:
    case OPTION_MAIL_URL:
        return "URL";
    case OPTION_CHOICE:
        break;
    }
    return "";
}

const char *option_shape(const struct option *o, char out[OPTION_SHAPE_MAX])
{
    size_t used = 0;
    if (o->type != OPTION_CHOICE) {
        snprintf(out, OPTION_SHAPE_MAX, "%s", type_word(o->type));
        return out;
    }
    for (const struct option_word *w = o->words; w->word; w++) {
        int n = snprintf(out + used, OPTION_SHAPE_MAX - used, "%s%s", used ? "|" : "", w->word);
        used += (size_t)n;
        REQUIRE(n > 0 && used < OPTION_SHAPE_MAX);
    }
    return out;
}
