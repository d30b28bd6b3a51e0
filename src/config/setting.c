/* See settings.h. A setting remembers the layer that gave it, and a lower layer never replaces a
 * higher one, so the order of the calls doesn't matter. A batch holds only what was said of it; what
 * holds in it is found when it is asked for (setting_of), so that order doesn't matter there either. */
#include "config/layers.h"

#include "base/text.h"

#include <stdlib.h>

struct config *config_new_empty(void)
{
    struct config *c = xcalloc(1, sizeof *c);
    c->values = xcalloc(option_count, sizeof *c->values);
    c->settings = xcalloc(1, sizeof *c->settings);
    return c;
}

bool setting_is_own(const struct config *c, const struct option *o)
{
    const struct setting *own = &c->values[o - option_table];
    return c->plain && own->layer != LAYER_DEFAULT &&
           own->layer >= c->plain->values[o - option_table].layer;
}

const struct setting *setting_of(const struct config *c, const struct option *o)
{
    const struct config *holder = c->plain && !setting_is_own(c, o) ? c->plain : c;
    return &holder->values[o - option_table];
}

const struct setting *setting_named(const struct config *c, const char *name)
{
    const struct option *o = option_find(name);
    REQUIRE(o != NULL);
    return setting_of(c, o);
}

int setting_set(struct config *c, const struct option *o, const char *text, const char *base,
                enum layer layer, const char *where, struct error_list *errors)
{
    struct setting *s = &c->values[o - option_table];
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
