/* See review_setup.h. */
#include "cli/review_setup.h"

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
