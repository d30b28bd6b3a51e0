/* What holds, bound to struct settings, and what else is asked of an option by its field. */
#include "config/layers.h"

#include <string.h>
#include <strings.h>

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

_Static_assert(sizeof(enum log_level) == sizeof(unsigned), "as choices are bound");

/* AT has the type that settings.h gives a field of this type. */
static void bind(void *at, enum option_type type, const struct value *v)
{
    static const char *const none[] = {NULL};
    switch (type) {
    case OPTION_TEXT:
    case OPTION_SECRET:
    case OPTION_PATH:
    case OPTION_UUID:
    case OPTION_URL:
    case OPTION_SECRET_URL:
    case OPTION_MAIL_URL:
        *(FIELD_TEXT *)at = v->text;
        return;
    case OPTION_INT:
    case OPTION_DURATION:
        *(FIELD_INT *)at = v->number;
        return;
    case OPTION_BOOL:
        *(FIELD_BOOL *)at = v->number == 1;
        return;
    case OPTION_FLAG:
        *(FIELD_FLAG *)at = (int)v->number;
        return;
    case OPTION_CHOICE:
        *(unsigned *)at = (unsigned)v->number; /* an enum without negative values */
        return;
    case OPTION_LIST:
    case OPTION_UUID_LIST:
        *(FIELD_LIST *)at = v->list ? (FIELD_LIST)v->list : none;
        return;
    case OPTION_PERCENT:
        *(FIELD_PERCENT *)at = v->percent;
        return;
    case OPTION_CREDITS:
        *(FIELD_CREDITS *)at = (struct credits){v->number};
        return;
    }
}

const struct settings *config_settings(const struct config *c)
{
    for (size_t i = 0; i < option_count; i++) {
        const struct option *o = &option_table[i];
        bind((char *)c->settings + o->field, o->type, &setting_of(c, o)->value);
    }
    return c->settings;
}

bool config_is_set(const struct config *c, size_t field)
{
    const struct setting *s = setting_of(c, option_of_field(field));
    return s->layer != LAYER_DEFAULT && s->value.present;
}

const char *config_name(size_t field)
{
    return option_of_field(field)->name;
}

const char *config_value(const struct config *c, size_t field)
{
    return setting_of(c, option_of_field(field))->value.text;
}

const char *config_origin(const struct config *c, size_t field)
{
    const struct setting *s = setting_of(c, option_of_field(field));
    return s->origin ? s->origin : "default";
}

const char *config_webhook_listen(const struct config *c)
{
    const char *text = config_settings(c)->webhook.listen;
    return strcasecmp(text, "off") == 0 ? NULL : text;
}
