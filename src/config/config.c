/* A configuration's life: defaults, environment, command line, the end. The INI file is read in
 * config_file.c, what concerns batches is in config_batch.c, the getters are in config_values.c. */
#include "base/text.h"
#include "config/layers.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STATE_OF_MACHINE "/var/lib/mindee-batch/limits"

/* limits.state: the machine's, so that all its users share it; else below $XDG_STATE_HOME, or below
 * the home directory. */
static void set_default_state(struct config *c)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    struct buffer path;
    buffer_init(&path, 0);
    if (!home || *home != '/') {
        const struct passwd *user = getpwuid(getuid());
        home = user ? user->pw_dir : NULL;
    }
    if (access(STATE_OF_MACHINE, W_OK | X_OK) == 0)
        buffer_put(&path, STATE_OF_MACHINE);
    else if (state && *state == '/')
        buffer_printf(&path, "%s/mindee-batch", state);
    else if (home && *home == '/')
        buffer_printf(&path, "%s/.local/state/mindee-batch", strcmp(home, "/") == 0 ? "" : home);
    else
        buffer_put(&path, "mindee-batch-state"); /* a user without a home: here, then */
    struct setting *s = &c->values[option_find("limits.state") - option_table];
    s->value.text = buffer_detach(&path, NULL);
    s->value.present = true;
}

struct config *config_new(void)
{
    struct config *c = config_new_empty();
    for (size_t i = 0; i < option_count; i++) {
        struct error e = {0};
        const struct option *o = &option_table[i];
        c->values[i].value.number = -1;
        if (o->fallback)
            REQUIRE(value_parse(&c->values[i].value, o, o->fallback, NULL, &e) == 0);
    }
    set_default_state(c);
    return c;
}

static void forget_key(struct config *c)
{
    if (c->key)
        explicit_bzero(c->key, strlen(c->key));
    free(c->key);
    c->key = NULL;
}

void config_free(struct config *c)
{
    if (!c)
        return;
    for (size_t i = 0; i < option_count; i++) {
        value_release(&c->values[i].value);
        free(c->values[i].origin);
    }
    free(c->values);
    free(c->settings);
    for (size_t i = 0; i < c->batch_count; i++)
        config_free(c->batches[i]);
    free(c->batches);
    free(c->name);
    forget_key(c);
    config_forget_webhook_secrets(c);
    free(c);
}

static int set_base_url(struct config *c, const char *variable, struct error_list *errors)
{
    const char *value = getenv(variable);
    if (!value || !*value)
        return 0;
    char where[64];
    struct buffer url;
    buffer_init(&url, 0);
    buffer_printf(&url, "%s%s", strstr(value, "://") ? "" : "https://", value);
    where[0] = '$';
    text_copy(where + 1, sizeof where - 1, variable);
    int rc = setting_set(c, option_find("api.base_url"), buffer_text(&url), NULL, LAYER_ENVIRONMENT,
                         where, errors);
    buffer_release(&url);
    return rc;
}

int config_load_environment(struct config *c, struct error_list *errors)
{
    int worst = 0, rc;
    const char *key = getenv("MINDEE_V2_API_KEY");
    if (key && *key) {
        rc = setting_set(c, option_find("api.key"), key, NULL, LAYER_ENVIRONMENT,
                         "$MINDEE_V2_API_KEY", errors);
        worst = rc < 0 ? rc : worst;
    }
    /* The later one wins: a whole URL says more than a host. */
    rc = set_base_url(c, "MINDEE_V2_API_HOST", errors);
    worst = rc < 0 ? rc : worst;
    rc = set_base_url(c, "MINDEE_V2_BASE_URL", errors);
    return rc < 0 ? rc : worst;
}

/* "NAME.section.key", behind "batch." */
static int set_in_batch(struct config *c, const char *name, const char *value,
                        struct error_list *errors)
{
    char where[BATCH_NAME_MAX + 16], batch[BATCH_NAME_MAX + 1] = "";
    size_t n = strcspn(name, ".");
    if (n <= BATCH_NAME_MAX)
        snprintf(batch, sizeof batch, "%.*s", (int)n, name);
    if (!name[n] || !config_batch_name_is_valid(batch))
        return error_list_add(errors, ERR_USAGE,
                              "-s: an option of one batch is written batch.NAME.section.key=value");
    snprintf(where, sizeof where, "-s batch.%s", batch);
    const struct option *o = config_batch_option(batch, name + n + 1, where, errors);
    if (!o)
        return ERR_USAGE;
    struct config *b = config_batch_obtain(c, batch);
    if (!b)
        return error_list_add(errors, ERR_USAGE, "%s: more than %d batches", where, BATCHES_MAX);
    return setting_set(b, o, value, NULL, LAYER_COMMAND_LINE, where, errors);
}

static int set_named(struct config *c, const char *name, const char *value, const char *batch,
                     struct error_list *errors)
{
    if (strncmp(name, "batch.", 6) == 0)
        return set_in_batch(c, name + 6, value, errors);
    const struct option *o = option_find(name);
    if (!o)
        return setting_unknown("-s", name, errors);
    struct config *b = batch && o->flags & OPTION_BY_BATCH ? config_batch_obtain(c, batch) : NULL;
    return setting_set(b ? b : c, o, value, NULL, LAYER_COMMAND_LINE, "-s", errors);
}

const char *config_names_secret(const char *assignment)
{
    static const char blanks[] = " \t";
    assignment += strspn(assignment, blanks);
    size_t n = strcspn(assignment, "= \t");
    for (size_t i = 0; i < option_count; i++) {
        const struct option *o = &option_table[i];
        if (o->type == OPTION_SECRET && strlen(o->name) == n &&
            strncmp(o->name, assignment, n) == 0)
            return o->name;
    }
    return NULL;
}

int config_set(struct config *c, const char *assignment, struct error_list *errors)
{
    return config_set_batch(c, NULL, assignment, errors);
}

int config_set_batch(struct config *c, const char *batch, const char *assignment,
                     struct error_list *errors)
{
    static const char blanks[] = " \t";
    const char *equals = strchr(assignment, '=');
    if (!equals) /* not repeated: it might be a key */
        return error_list_add(errors, ERR_USAGE,
                              "-s: write section.key=value, as in -s limits.uploads=8");
    struct buffer name, value;
    buffer_init(&name, 0);
    buffer_init(&value, 0);
    assignment += strspn(assignment, blanks);
    size_t n = (size_t)(equals - assignment);
    while (n && strchr(blanks, assignment[n - 1]))
        n--;
    REQUIRE(buffer_append(&name, assignment, n) == 0);
    buffer_put(&value, equals + 1 + strspn(equals + 1, blanks));
    while (value.len && strchr(blanks, value.data[value.len - 1]))
        value.data[--value.len] = '\0';
    int rc = set_named(c, buffer_text(&name), buffer_text(&value), batch, errors);
    buffer_release(&name);
    buffer_release(&value);
    return rc;
}
