/* See check_options.h. */
#include "review/check_options.h"

#include "base/text.h"
#include "review/roles.h"

#include <string.h>
#include <strings.h>

static const struct {
    const char *name;
    enum severity severity;
} codes[] = {
#define X(name, code, severity) {code, SEVERITY_##severity},
    CHECK_CODES(X)
#undef X
};

static const char *const confidence_words[] = {"?",
#define X(name, word) #word,
                                               CONFIDENCES(X)
#undef X
};
enum { CONFIDENCE_WORDS = sizeof confidence_words / sizeof *confidence_words };

/* As options.def has them. */
static const char *const cash_steps[] = {"CHF:0.05", "SEK:1",    "NOK:1",    "DKK:0.50", "HUF:5",
                                         "AUD:0.05", "CAD:0.05", "NZD:0.10", NULL};

void check_options_default(struct check_options *o)
{
    static const char *const required[] = {"supplier", "number", "date", "total", "currency", NULL};
    static const char *const sure[] = {"supplier", "number", "date", "currency", "net",
                                       "tax",      "total",  "iban", NULL};
    struct error e;
    *o = (struct check_options){.enabled = true,
                                .tolerance = 1,
                                .due_days = 120,
                                .late_days = 92,
                                .least_confidence = CONFIDENCE_HIGH};
    for (enum check_code c = 0; c < CHECK_COUNT; c++)
        o->severities[c] = codes[c].severity;
    REQUIRE(check_options_cash(o, cash_steps, &e) == 0);
    check_options_roles(o->required, required);
    check_options_roles(o->confidence_counts, sure);
}

void check_options_grade(struct check_options *o, const char *const *names, enum severity severity)
{
    for (; *names; names++) {
        enum check_code c = check_code_named(*names);
        if (c < CHECK_COUNT)
            o->severities[c] = severity;
    }
}

static int parse_step(struct cash_step *s, const char *text)
{
    const char *colon = strchr(text, ':');
    if (!colon || colon - text != 3)
        return ERR_FORMAT;
    for (int i = 0; i < 3; i++) {
        if (text[i] < 'A' || text[i] > 'Z')
            return ERR_FORMAT;
        s->currency[i] = text[i];
    }
    s->currency[3] = '\0';
    int err = decimal_parse(&s->step, colon + 1, strlen(colon + 1));
    return err || decimal_sign(s->step) <= 0 ? ERR_FORMAT : 0;
}

int check_options_cash(struct check_options *o, const char *const *steps, struct error *e)
{
    o->step_count = 0;
    for (; *steps; steps++) {
        if (o->step_count == CASH_STEPS_MAX)
            return error_set(e, ERR_USAGE, "checks.cash_rounding: more than %d currencies",
                             CASH_STEPS_MAX);
        if (parse_step(&o->steps[o->step_count], *steps) < 0)
            return error_set(e, ERR_USAGE, "checks.cash_rounding: %s isn't like CHF:0.05",
                             text_show(*steps));
        o->step_count++;
    }
    return 0;
}

void check_options_roles(bool set[ROLE_SINGLE_COUNT], const char *const *names)
{
    memset(set, 0, ROLE_SINGLE_COUNT * sizeof *set);
    for (; *names; names++)
        for (enum role r = 0; r < ROLE_SINGLE_COUNT; r++)
            set[r] = set[r] || strcmp(role_name(r), *names) == 0;
}

const char *check_code_name(enum check_code code)
{
    return codes[code].name;
}

enum check_code check_code_named(const char *name)
{
    enum check_code c = 0;
    while (c < CHECK_COUNT && (codes[c].name[0] != name[0] || strcmp(codes[c].name, name) != 0))
        c++;
    return c;
}

const char *severity_name(enum severity severity)
{
    static const char *const names[] = {"off", "info", "warning", "error"};
    return names[severity];
}

enum confidence confidence_named(const char *word, size_t len)
{
    for (size_t i = 1; i < CONFIDENCE_WORDS; i++)
        if (strlen(confidence_words[i]) == len && strncasecmp(word, confidence_words[i], len) == 0)
            return (enum confidence)i;
    return CONFIDENCE_UNKNOWN;
}

const char *confidence_name(enum confidence c)
{
    return confidence_words[c];
}
