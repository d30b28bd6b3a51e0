/* layers.h - the inside of struct config, for the files of this folder: each option's value, who gave
 * it, and what a batch says of its own. */
#ifndef MB_CONFIG_LAYERS_H
#define MB_CONFIG_LAYERS_H

#include "config/config.h"
#include "config/value.h"

/* Who gave a value; a later one goes before an earlier one. */
enum layer { LAYER_DEFAULT, LAYER_ENVIRONMENT, LAYER_FILE, LAYER_COMMAND_LINE };

struct setting {
    struct value value;
    enum layer layer;
    char *origin; /* owned; NULL: default */
};

enum { BATCHES_MAX = 100, BATCH_NAME_MAX = 64 };

struct config {
    struct setting *values;     /* one for each row of the table, in its order */
    struct settings *settings;  /* what config_settings gave last; owned */
    const struct config *plain; /* of a batch: the configuration that it is part of; else NULL */
    char *name;                 /* of a batch; owned */
    bool declared;              /* of a batch: a file has its section */
    struct config **batches;    /* in the order they were met; owned */
    size_t batch_count;
    char *key;              /* what config_api_key returned last; owned */
    char **webhook_secrets; /* what config_webhook_secrets returned last; owned, NULL-ended */
};

/* ---- setting.c ---- */

/* A configuration without any value, not even a default. */
struct config *config_new_empty(void);

/* What holds in C: of a batch its own setting, or the plain one if that is of a later layer, or if
 * the batch says nothing. */
const struct setting *setting_of(const struct config *c, const struct option *o);
const struct setting *setting_named(const struct config *c, const char *name);
/* Whether the batch C has it from itself. */
bool setting_is_own(const struct config *c, const struct option *o);

/* Gives option O of C itself the value TEXT, unless a later layer holds it already. WHERE becomes
 * the origin; relative paths are taken from BASE (NULL: the current directory).
 * On an error one is added. */
MUST_CHECK int setting_set(struct config *c, const struct option *o, const char *text,
                           const char *base, enum layer layer, const char *where,
                           struct error_list *errors);

/* An error about a name that isn't in the table, with the nearest one that is. */
int setting_unknown(const char *where, const char *name, struct error_list *errors);

/* ---- config_batch.c ---- */

bool config_batch_name_is_valid(const char *name);
/* The batch NAME of C, made if it isn't there; NULL: there are too many. */
struct config *config_batch_obtain(struct config *c, const char *name);
/* The option that KEY means in [batch.NAME]; NULL and an error if there is none, or there is one
 * for all batches. */
const struct option *config_batch_option(const char *name, const char *key, const char *where,
                                         struct error_list *errors);
/* That each batch has its section in a file. */
int config_batches_check(const struct config *c, struct error_list *errors);

/* ---- config_secrets.c ---- */

void config_forget_webhook_secrets(struct config *c);

#endif
