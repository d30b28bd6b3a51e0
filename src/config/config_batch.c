/* Batches: the sections [batch.NAME] of a file, and batch.NAME... after -s. Each is a struct config
 * that holds what was said of it alone; the rest is looked up in the configuration it is part of.
 *
 * -s may name a batch before the file that has it is read, so a batch is made when it is first
 * named. That a file has it is checked at the end (config_check): a name misspelt after -s must not
 * become a batch of its own. */
#include "base/text.h"
#include "config/layers.h"

#include <ctype.h>
#include <string.h>

bool config_batch_name_is_valid(const char *name)
{
    size_t n = 0;
    while (isalnum((unsigned char)name[n]) || (name[n] && strchr("-_", name[n])))
        n++;
    return n > 0 && n <= BATCH_NAME_MAX && !name[n];
}

int config_batch_find(const struct config *c, const char *name)
{
    for (size_t i = 0; i < c->batch_count; i++)
        if (strcmp(c->batches[i]->name, name) == 0)
            return (int)i;
    return -1;
}

struct config *config_batch_obtain(struct config *c, const char *name)
{
    int found = config_batch_find(c, name);
    if (found >= 0)
        return c->batches[found];
    if (c->batch_count == BATCHES_MAX)
        return NULL;
    if (!c->batches)
        c->batches = xcalloc(BATCHES_MAX, sizeof *c->batches);
    struct config *b = config_new_empty();
    b->plain = c;
    b->name = xstrdup(name);
    c->batches[c->batch_count++] = b;
    return b;
}

static const struct option *unknown_key(const char *key, const char *where,
                                        struct error_list *errors)
{
    const char *nearest = option_nearest_in_batch(key);
    const struct option *o = nearest ? option_find_in_batch(nearest) : NULL;
    if (!o)
        (void)error_list_add(errors, ERR_USAGE,
                             "%s: there is no option %s; a batch has directory, model, product, "
                             "output, schedule, watch, and options under their full names, as in "
                             "retry.in_doubt (`mindee-batch config` lists them)",
                             where, text_show(key));
    else
        (void)error_list_add(errors, ERR_USAGE, "%s: there is no option %s; did you mean %s%s?",
                             where, text_show(key), nearest,
                             o->flags & OPTION_BY_BATCH ? "" : ", which is one for all batches");
    return NULL;
}

const struct option *config_batch_option(const char *name, const char *key, const char *where,
                                         struct error_list *errors)
{
    const struct option *o = option_find_in_batch(key);
    if (!o)
        return unknown_key(key, where, errors);
    if (o->flags & OPTION_BY_BATCH)
        return o;
    const char *dot = strchr(o->name, '.');
    (void)error_list_add(
        errors, ERR_USAGE,
        "%s: %s is one for all batches, and can't be batch %s's: set %s in the section [%.*s]",
        where, o->name, name, dot + 1, (int)(dot - o->name), o->name);
    return NULL;
}

size_t config_batch_count(const struct config *c)
{
    return c->batch_count;
}

const char *config_batch_name(const struct config *c, size_t i)
{
    REQUIRE(i < c->batch_count);
    return c->batches[i]->name;
}

struct config *config_batch(const struct config *c, size_t i)
{
    REQUIRE(i < c->batch_count);
    return c->batches[i];
}

/* The names of the batches that a file has, NULL-ended; their count. */
static size_t declared_names(const struct config *c, const char *names[BATCHES_MAX + 1])
{
    size_t n = 0;
    for (size_t i = 0; i < c->batch_count; i++)
        if (c->batches[i]->declared)
            names[n++] = c->batches[i]->name;
    names[n] = NULL;
    return n;
}

static int no_such_batch(const struct config *c, const char *name, const char *where,
                         struct error_list *errors)
{
    const char *names[BATCHES_MAX + 1];
    if (declared_names(c, names) == 0)
        return error_list_add(
            errors, ERR_USAGE,
            "%s: there is no batch %s: the configuration (-c FILE) has no section "
            "[batch.%s], nor any of [batch.NAME]",
            where, text_show(name), text_show(name));
    const char *nearest = text_nearest(name, names);
    if (nearest)
        return error_list_add(errors, ERR_USAGE, "%s: there is no batch %s; did you mean %s?",
                              where, text_show(name), nearest);
    struct buffer list;
    buffer_init(&list, 0);
    for (size_t i = 0; names[i]; i++)
        buffer_printf(&list, "%s%s", i ? ", " : "", names[i]);
    (void)error_list_add(errors, ERR_USAGE, "%s: there is no batch %s; there are: %s", where,
                         text_show(name), buffer_text(&list));
    buffer_release(&list);
    return ERR_USAGE;
}

int config_batch_named(const struct config *c, const char *name, const char *where,
                       struct error_list *errors)
{
    int found = config_batch_find(c, name);
    if (found >= 0 && c->batches[found]->declared)
        return found;
    (void)no_such_batch(c, name, where, errors);
    return -1;
}

int config_batches_check(const struct config *c, struct error_list *errors)
{
    int rc = 0;
    for (size_t i = 0; i < c->batch_count; i++)
        if (!c->batches[i]->declared)
            rc = no_such_batch(c, c->batches[i]->name, "-s", errors);
    return rc;
}
