/* Defaults, environment, command line, and the getters. The INI file is read in config_file.c.
 *
 * A setting remembers the layer that gave it, and a lower layer never replaces a higher one, so the
 * order of the calls doesn't matter. Getters REQUIRE that name and type are the table's: a typo in
 * the program shows at once, in every run. */
#include "base/text.h"
#include "config/settings.h"

#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

struct setting *setting_find(struct config *c, const struct option *o)
{
    return &c->settings[o - option_table];
}

const struct setting *setting_named(const struct config *c, const char *name)
{
    const struct option *o = option_find(name);
    REQUIRE(o != NULL);
    return &c->settings[o - option_table];
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
    struct setting *s = setting_find(c, option_find("limits.state"));
    s->value.text = buffer_detach(&path, NULL);
    s->value.present = true;
}

struct config *config_new(void)
{
    struct config *c = xcalloc(1, sizeof *c);
    c->settings = xcalloc(option_count, sizeof *c->settings);
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
    forget_key(c);
    config_forget_webhook_secrets(c);
    free(c);
}

int setting_set(struct config *c, const struct option *o, const char *text, const char *base,
                enum layer layer, const char *where, struct error_list *errors)
{
    struct setting *s = setting_find(c, o);
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

int config_set(struct config *c, const char *assignment, struct error_list *errors)
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
    const struct option *o = option_find(buffer_text(&name));
    int rc = o ? setting_set(c, o, buffer_text(&value), NULL, LAYER_COMMAND_LINE, "-s", errors)
               : setting_unknown("-s", buffer_text(&name), errors);
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
    return &c->settings[o - option_table].value;
}

const char *config_text(const struct config *c, const char *name)
{
    return get(c, name, BIT(TEXT) | BIT(SECRET) | BIT(PATH) | BIT(UUID) | BIT(URL) | BIT(CHOICE))
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
