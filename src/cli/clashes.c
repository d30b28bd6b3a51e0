/* Every pair of batches is compared by the paths they lead to, which need not exist yet. */
#include "cli/clashes.h"
#include "base/log.h"
#include "base/text.h"
#include "cli/resolved_path.h"

#include <stdlib.h>
#include <string.h>

struct place {
    const struct config *config;
    const char *name;
    char *output, *ledger, *results; /* resolved */
    char *input;                     /* NULL: none is configured */
};

static char *below(const char *directory, const char *name)
{
    struct buffer b;
    buffer_init(&b, 0);
    buffer_printf(&b, "%s/%s", directory, name);
    return buffer_detach(&b, NULL);
}

static bool inside(const char *inner, const char *outer)
{
    size_t n = strlen(outer);
    return strcmp(outer, "/") == 0 ||
           (strncmp(inner, outer, n) == 0 && (inner[n] == '/' || inner[n] == '\0'));
}

static struct place *places_new(const struct config *c)
{
    size_t count = config_batch_count(c);
    struct place *places = xcalloc(count + 1, sizeof *places);
    for (size_t i = 0; i < count; i++) {
        struct place *p = &places[i];
        p->config = config_batch(c, i);
        p->name = config_batch_name(c, i);
        p->output = resolved_path(config_settings(p->config)->output.directory);
        p->results = below(p->output, "results");
        const char *ledger = config_settings(p->config)->ledger.path,
                   *input = config_settings(p->config)->input.directory;
        p->ledger = ledger ? resolved_path(ledger) : below(p->output, "ledger.db");
        p->input = input ? resolved_path(input) : NULL;
    }
    return places;
}

static void places_free(struct place *places)
{
    for (struct place *p = places; p->name; p++) {
        free(p->output);
        free(p->results);
        free(p->ledger);
        free(p->input);
    }
    free(places);
}

/* That INNER's output lies in what the other one alone may fill. */
static int check_results(const struct place *inner, const struct place *outer,
                         struct error_list *errors)
{
    bool output = inside(inner->output, outer->results),
         ledger = inside(inner->ledger, outer->results);
    if (!output && !ledger)
        return 0;
    return error_list_add(
        errors, ERR_USAGE,
        "%s: batch %s: its %s, %s, lies within the results of batch %s, %s: set %s of [batch.%s] "
        "to a place outside of them",
        config_origin(inner->config, output ? SETTING(output.directory) : SETTING(ledger.path)),
        inner->name, output ? "output directory" : "ledger",
        text_show(output ? inner->output : inner->ledger), outer->name, text_show(outer->results),
        output ? "output" : "ledger.path", inner->name);
}

/* Where one puts what it has done, the other would take it, and pay for it again. */
static int check_moves(const struct place *mover, const struct place *other,
                       struct error_list *errors)
{
    static const size_t options[] = {SETTING(input.move_stored), SETTING(input.move_failed),
                                     SETTING(input.move_rejected)};
    int worst = 0;
    for (size_t i = 0; i < sizeof options / sizeof *options && other->input; i++) {
        const char *directory = config_value(mover->config, options[i]);
        char *target = directory ? resolved_path(directory) : NULL;
        if (target && inside(target, other->input) &&
            !(mover->input && inside(target, mover->input)))
            worst = error_list_add(
                errors, ERR_USAGE,
                "%s: batch %s: %s, %s, lies within the input of batch %s, %s, which would send "
                "what is moved there: set it to a place outside",
                config_origin(mover->config, options[i]), mover->name, config_name(options[i]),
                text_show(target), other->name, text_show(other->input));
        free(target);
    }
    return worst;
}

static int check_pair(const struct place *a, const struct place *b, struct error_list *errors)
{
    if (strcmp(a->output, b->output) == 0)
        return error_list_add(errors, ERR_USAGE,
                              "batches %s (%s) and %s (%s) have one output directory, %s: give "
                              "each its own, as in output = %s/results below [batch.%s]",
                              a->name, config_origin(a->config, SETTING(output.directory)), b->name,
                              config_origin(b->config, SETTING(output.directory)),
                              text_show(a->output), b->name, b->name);
    if (strcmp(a->ledger, b->ledger) == 0)
        return error_list_add(
            errors, ERR_USAGE,
            "batches %s (%s) and %s (%s) have one ledger, %s: give each its own, or set no "
            "ledger.path (it is in the output directory then)",
            a->name, config_origin(a->config, SETTING(ledger.path)), b->name,
            config_origin(b->config, SETTING(ledger.path)), text_show(a->ledger));
    const int found[] = {check_results(a, b, errors), check_results(b, a, errors),
                         check_moves(a, b, errors), check_moves(b, a, errors)};
    int worst = 0;
    for (size_t i = 0; i < sizeof found / sizeof *found; i++)
        worst = found[i] < 0 ? found[i] : worst;
    return worst;
}

int clashes_check(const struct config *c, struct error_list *errors)
{
    struct place *places = places_new(c);
    int worst = 0;
    for (const struct place *b = places; b->name; b++) {
        for (const struct place *a = places; a < b; a++) {
            int rc = check_pair(a, b, errors);
            worst = rc < 0 ? rc : worst;
        }
    }
    places_free(places);
    return worst;
}

static void warn_of(const struct place *a, const struct place *b)
{
    if (a < b && a->input && b->input && strcmp(a->input, b->input) == 0)
        LOG(LOG_WARNING, "batch.same_input", LOG_STR("batch", a->name), LOG_STR("other", b->name),
            LOG_STR("path", a->input),
            LOG_STR("next", "each sends, and pays for, all documents there"));
    if (a != b && a->input && inside(b->output, a->input))
        LOG(LOG_WARNING, "batch.output_in_input", LOG_STR("batch", a->name),
            LOG_STR("other", b->name), LOG_STR("path", b->output),
            LOG_STR("next", "the other's results would be taken for documents: put its output "
                            "elsewhere, or name it in input.exclude"));
}

void clashes_warn(const struct config *c)
{
    struct place *places = places_new(c);
    for (const struct place *a = places; a->name; a++)
        for (const struct place *b = places; b->name; b++)
            warn_of(a, b);
    places_free(places);
}
