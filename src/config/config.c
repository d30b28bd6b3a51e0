/* Defaults, environment, command line, and the getters. The INI file is read in config_file.c, what
 * concerns batches is in config_batch.c.
 *
 * A setting remembers the layer that gave it, and a lower layer never replaces a higher one, so the
 * order of the calls doesn't matter. A batch holds only what was said of it; what holds in it is
 * found when it is asked for (setting_of), so that order doesn't matter there either. Getters
 * REQUIRE that name and type are the table's: a typo in the program shows at once, in every run. */
#include "base/text.h"
#include "config/settings.h"

#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

bool setting_is_own(const struct config *c, const struct option *o)
{
    const struct setting *own = &c->settings[o - option_table];
    return c->plain && own->layer != LAYER_DEFAULT &&
           own->layer >= c->plain->settings[o - option_table].layer;
}

const struct setting *setting_of(const struct config *c, const struct option *o)
{
    const struct config *holder = c->plain && !setting_is_own(c, o) ? c->plain : c;
    return &holder->settings[o - option_table];
}

const struct setting *setting_named(const struct config *c, const char *name)
{
    const struct option *o = option_find(name);
    REQUIRE(o != NULL);
    return setting_of(c, o);
}

/* limits.state: below $XDG_STATE_HOME, or below the home directory. */
static void set_default_state(struct config *c)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    struct buffer path;
    buffer_init(&path, 0);
    if (!home || *home != '/') {
        const struct passwd *user = getpwuid(getuid());
        home = user ? user->pw_dir : NULL;
    }
    if (state && *state == '/')
        buffer_printf(&path, "%s/mindee-batch", state);
    else if (home && *home == '/')
        buffer_printf(&path, "%s/.local/state/mindee-batch", strcmp(home, "/") == 0 ? "" : home);
    else
        buffer_put(&path, "mindee-batch-state"); /* a user without a home: here, then */
    struct setting *s = &c->settings[option_find("limits.state") - option_table];
    s->value.text = buffer_detach(&path, NULL);
    s->value.present = true;
}

struct config *config_new_empty(void)
{
    struct config *c = xcalloc(1, sizeof *c);
    c->settings = xcalloc(option_count, sizeof *c->settings);
    return c;
}

struct config *config_new(void)
{
    struct config *c = config_new_empty();
    for (size_t i = 0; i < option_count; i++) {
        struct error e = {0};
        const struct option *o = &option_table[i];
        c->settings[i].value.number = -1;
        if (o->fallback)
            REQUIRE(value_parse(&c->settings[i].value, o, o->fallback, NULL, &e) == 0);
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
        value_release(&c->settings[i].value);
        free(c->settings[i].origin);
    }
    free(c->settings);
    for (size_t i = 0; i < c->batch_count; i++)
        config_free(c->batches[i]);
    free(c->batches);
    free(c->name);
    forget_key(c);
    config_forget_webhook_secrets(c);
    free(c);
}

int setting_set(struct config *c, const struct option *o, const char *text, const char *base,
                enum layer layer, const char *where, struct error_list *errors)
{
    struct setting *s = &c->settings[o - option_table];
    struct value v;
    struct error e = {0};
    if (value_parse(&v, o, text, base, &e) < 0)
        return error_list_add(errors, e.code, "%s: %s: %s", where, o->name, e.text);
    if (layer < s->layer) {
        value_release(&v);
        return 0;
    }
    value_release(&s->value);
    free(s->origin);
    s->value = v;
    s->layer = layer;
    s->origin = xstrdup(where);
    return 0;
}

int setting_unknown(const char *where, const char *name, struct error_list *errors)
{
    const char *nearest = option_nearest(name);
    if (nearest)
        return error_list_add(errors, ERR_USAGE, "%s: there is no option %s; did you mean %s?",
                              where, text_show(name), nearest);
    return error_list_add(errors, ERR_USAGE,
                          "%s: there is no option %s; `mindee-batch config` lists them all", where,
                          text_show(name));
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
    if (!name[n] || !batch_name_is_valid(batch))
        return error_list_add(errors, ERR_USAGE,
                              "-s: an option of one batch is written batch.NAME.section.key=value");
    snprintf(where, sizeof where, "-s batch.%s", batch);
    const struct option *o = batch_option(batch, name + n + 1, where, errors);
    if (!o)
        return ERR_USAGE;
    struct config *b = batch_obtain(c, batch);
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
    struct config *b = batch && o->flags & OPTION_BY_BATCH ? batch_obtain(c, batch) : NULL;
    return setting_set(b ? b : c, o, value, NULL, LAYER_COMMAND_LINE, "-s", errors);
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

#define BIT(type) (1u << OPTION_##type)

static const struct value *get(const struct config *c, const char *name, unsigned types)
{
    const struct option *o = option_find(name);
    REQUIRE(o != NULL);
    REQUIRE((types >> o->type & 1) == 1);
    return &setting_of(c, o)->value;
}

bool config_same(const struct config *a, const struct config *b)
{
    for (size_t i = 0; i < option_count; i++) {
        const char *one = setting_of(a, &option_table[i])->value.text;
        const char *other = setting_of(b, &option_table[i])->value.text;
        if (one != other && (!one || !other || strcmp(one, other) != 0))
            return false;
    }
    return true;
}

const char *config_text(const struct config *c, const char *name)
{
    return get(c, name,
               BIT(TEXT) | BIT(SECRET) | BIT(PATH) | BIT(UUID) | BIT(URL) | BIT(SECRET_URL) |
                   BIT(CHOICE))
        ->text;
}

int64_t config_int(const struct config *c, const char *name)
{
    return get(c, name, BIT(INT))->number;
}

int64_t config_ms(const struct config *c, const char *name)
{
    return get(c, name, BIT(DURATION))->number;
}

int64_t config_bytes(const struct config *c, const char *name)
{
    return get(c, name, BIT(SIZE))->number;
}

bool config_bool(const struct config *c, const char *name)
{
    return get(c, name, BIT(BOOL))->number == 1;
}

int config_flag(const struct config *c, const char *name)
{
    return (int)get(c, name, BIT(FLAG))->number;
}

int config_choice(const struct config *c, const char *name)
{
    return (int)get(c, name, BIT(CHOICE))->number;
}

double config_percent(const struct config *c, const char *name)
{
    return get(c, name, BIT(PERCENT))->percent;
}

const char *const *config_list(const struct config *c, const char *name)
{
    static const char *const none[] = {NULL};
    const struct value *v = get(c, name, BIT(LIST) | BIT(UUID_LIST));
    return v->list ? (const char *const *)v->list : none;
}

bool config_is_set(const struct config *c, const char *name)
{
    const struct setting *s = setting_named(c, name);
    return s->layer != LAYER_DEFAULT && s->value.present;
}

const char *config_webhook_listen(const struct config *c)
{
    const char *text = config_text(c, "webhook.listen");
    return strcasecmp(text, "off") == 0 ? NULL : text;
}

const char *config_origin(const struct config *c, const char *name)
{
    const struct setting *s = setting_named(c, name);
    return s->origin ? s->origin : "default";
}
