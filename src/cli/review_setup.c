/* See review_setup.h. */
#include "cli/review_setup.h"
#include "base/digest.h"

#include <string.h>

int review_setup_roles(struct roles *r, const struct settings *s, struct error *e)
{
    const char *const *const paths[ROLE_COUNT] = {
#define X(name, key) [ROLE_##name] = s->fields.key,
        ROLES(X)
#undef X
    };
    for (enum role role = 0; role < ROLE_COUNT; role++)
        if (roles_set(r, role, paths[role], e) < 0)
            return e->code;
    return 0;
}

int review_setup_checks(struct check_options *o, const struct settings *s, struct error *e)
{
    check_options_default(o);
    o->enabled = s->checks.enabled;
    o->tolerance = s->checks.tolerance;
    o->due_days = s->checks.due_days;
    o->late_days = s->checks.late_days;
    o->least_confidence = s->review.min_confidence;
    check_options_roles(o->required, s->review.required);
    check_options_roles(o->confidence_counts, s->review.confidence_fields);
    check_options_grade(o, s->checks.info, SEVERITY_INFO);
    check_options_grade(o, s->checks.warning, SEVERITY_WARNING);
    check_options_grade(o, s->checks.error, SEVERITY_ERROR);
    check_options_grade(o, s->checks.off, SEVERITY_OFF);
    return check_options_cash(o, s->checks.cash_rounding, e);
}

static void add_number(struct sha256 *d, int64_t n)
{
    sha256_update(d, &n, sizeof n);
}

static void add_list(struct sha256 *d, const char *const *list)
{
    for (; *list; list++)
        sha256_update(d, *list, strlen(*list) + 1);
    add_number(d, 0);
}

/* Everything that reasons depend on, value by value: whatever padding there is doesn't count. */
static void find_recipe(const struct settings *s, const struct check_options *o,
                        uint8_t out[RECIPE_BYTES])
{
    struct sha256 *d = sha256_new();
#define X(name, key) add_list(d, s->fields.key);
    ROLES(X)
#undef X
    add_list(d, s->checks.cash_rounding);
    add_number(d, o->enabled);
    add_number(d, o->tolerance);
    add_number(d, o->due_days);
    add_number(d, o->late_days);
    add_number(d, o->least_confidence);
    add_number(d, s->duplicates.days);
    for (enum check_code c = 0; c < CHECK_COUNT; c++)
        add_number(d, o->severities[c]);
    for (enum role r = 0; r < ROLE_SINGLE_COUNT; r++)
        add_number(d, o->required[r] * 2 + o->confidence_counts[r]);
    sha256_final(d, out);
    sha256_free(d);
}

int review_setup(struct facts_options *out, struct roles *roles, struct check_options *checks,
                 const struct settings *s, struct error *e)
{
    int err = review_setup_roles(roles, s, e);
    if (!err)
        err = review_setup_checks(checks, s, e);
    if (err)
        return err;
    *out = (struct facts_options){
        .roles = roles, .checks = checks, .duplicate_days = s->duplicates.days};
    find_recipe(s, checks, out->recipe);
    return 0;
}
