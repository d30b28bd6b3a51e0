/* settings.h - the inside of struct config, for the files of this folder. */
#ifndef MB_CONFIG_SETTINGS_H
#define MB_CONFIG_SETTINGS_H

#include "config/config.h"
#include "config/value.h"

/* Who gave a value; a later one goes before an earlier one. */
enum layer { LAYER_DEFAULT, LAYER_ENVIRONMENT, LAYER_FILE, LAYER_COMMAND_LINE };

struct setting {
    struct value value;
    enum layer layer;
    char *origin; /* owned; NULL: default */
};

struct config {
    struct setting *settings; /* one for each row of the table, in its order */
    char *key;                /* what config_api_key returned last; owned */
    char **webhook_secrets;   /* what config_webhook_secrets returned last; owned, NULL-ended */
};

struct setting *setting_find(struct config *c, const struct option *o);
const struct setting *setting_named(const struct config *c, const char *name);

/* Gives option O the value TEXT, unless a later layer holds it already. WHERE becomes the origin;
 * relative paths are taken from BASE (NULL: the current directory). On an error one is added. */
MUST_CHECK int setting_set(struct config *c, const struct option *o, const char *text,
                           const char *base, enum layer layer, const char *where,
                           struct error_list *errors);

void config_forget_webhook_secrets(struct config *c);

/* An error about a name that isn't in the table, with the nearest one that is. */
int setting_unknown(const char *where, const char *name, struct error_list *errors);

#endif
