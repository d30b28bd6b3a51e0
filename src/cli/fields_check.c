/* See fields_check.h. */
#include "cli/fields_check.h"
#include "base/log.h"
#include "cli/complain.h"
#include "cli/review_setup.h"
#include "ledger/handovers.h"
#include "tables/all_columns.h"
#include "tables/review_db.h"

#include <stdio.h>
#include <unistd.h>

bool field_is_set(const struct config *c, enum role role)
{
    static const size_t fields[ROLE_COUNT] = {
#define X(name, key) [ROLE_##name] = SETTING(fields.key),
        ROLES(X)
#undef X
    };
    return config_is_set(c, fields[role]);
}

static bool any_is_set(const struct config *c)
{
    bool any = false;
    for (enum role role = 0; role < ROLE_COUNT; role++)
        any = any || field_is_set(c, role);
    return any;
}

int fields_check(const struct config *c, const struct roles *r, struct ledger *l,
                 const struct batch_options *o, int64_t upto, struct error *e)
{
    struct catalogue *catalogue;
    struct columns *all = NULL;
    if (!any_is_set(c))
        return 0;
    int err = catalogue_open(&catalogue, l, o->output, o->access, e);
    if (!err)
        err = all_columns(catalogue, upto, &all, e);
    for (enum role role = 0; !err && role < ROLE_COUNT; role++)
        if (field_is_set(c, role))
            err = roles_check(r, role, all, e);
    columns_free(all);
    catalogue_close(catalogue);
    return err;
}

int complain_of_fields(const struct config *c, const struct roles *r, struct ledger *l,
                       const struct batch_options *o)
{
    struct error e;
    int64_t newest = 0;
    if (ledger_last_result(l, &newest) < 0)
        return complain(exit_code_of(ledger_error(l)), "%s", ledger_error(l)->text);
    int err = fields_check(c, r, l, o, newest, &e);
    return err ? complain(err == ERR_NOT_FOUND ? EXIT_USAGE : exit_code_of(&e), "%s", e.text) : 0;
}

/* Where a run was before: what isn't there, or can't be read, is the run's to say. */
static int look(const struct config *c, const struct batch_options *o, struct error *e)
{
    struct ledger_options lo = {.path = o->ledger, .read_only = true, .clock = &system_clock};
    struct roles *roles = roles_new();
    struct ledger *l = NULL;
    int err = 0;
    if (review_setup_roles(roles, config_settings(c), e) == 0 && ledger_open(&l, &lo, e) == 0)
        err = fields_check(c, roles, l, o, -1, e);
    if (l)
        ledger_close(l);
    roles_free(roles);
    return err;
}

void fields_warn(const struct config *c, const char *name)
{
    struct batch_options o;
    struct buffer path;
    struct error e;
    if (!any_is_set(c) || !config_settings(c)->review.enabled)
        return;
    batch_options_of_ledger(&o, c);
    buffer_init(&path, 0);
    buffer_printf(&path, "%s/" REVIEW_DB, o.output);
    if (access(buffer_text(&path), F_OK) == 0 && look(c, &o, &e) == ERR_NOT_FOUND)
        LOG(LOG_WARNING, "review.no_such_field", LOG_STR("batch", name), LOG_STR("cause", e.text),
            LOG_STR("next", "what needs that field isn't checked; `mindee-batch columns --roles` "
                            "shows what is"));
    buffer_release(&path);
    batch_options_release(&o);
}
