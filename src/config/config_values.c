/* The getters. They REQUIRE that name and type are the table's: a typo in the program shows at once,
 * in every run. */
#include "config/settings.h"

#include <string.h>
#include <strings.h>

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
