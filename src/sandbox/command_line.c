/* Options by getopt_long (their help: command_line_help.c); every value is checked here, so that
 * nothing beyond knows of text. */
#include "sandbox/command_line.h"

#include "base/text.h"
#include "base/units.h"
#include "sandbox/answers.h"
#include "sandbox/catalog.h"
#include "sandbox/fault.h"
#include "sandbox/samples.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { RETRIES_MAX = 100 };

enum {
    OPT_HOST = 256,
    OPT_HELP_ALL,
    OPT_KEY,
    OPT_POSTS,
    OPT_GETS,
    OPT_MEDIAN,
    OPT_SIGMA,
    OPT_FAIL_RATE,
    OPT_DELETE,
    OPT_RETENTION,
    OPT_CREDITS,
    OPT_REVOKE,
    OPT_SEED,
    OPT_TLS,
    OPT_TLS_CERT,
    OPT_TLS_KEY,
    OPT_TRACE,
    OPT_FAULT,
    OPT_SAMPLES,
    OPT_FLAWS,
    OPT_TOTALS,
    OPT_ANSWERS,
    OPT_RECORD,
    OPT_ANONYMOUS,
    OPT_WEBHOOK,
    OPT_WEBHOOK_CA,
    OPT_WEBHOOK_DELAY,
    OPT_WEBHOOK_DUPLICATE,
    OPT_WEBHOOK_LOSS,
    OPT_WEBHOOK_FORGED,
    OPT_WEBHOOK_EARLY,
    OPT_WEBHOOK_SHUFFLE,
    OPT_WEBHOOK_RETRIES,
    OPT_WEBHOOK_PAUSE,
};

static const struct option options[] = {
    {"port", required_argument, NULL, 'p'},
    {"host", required_argument, NULL, OPT_HOST},
    {"key", required_argument, NULL, OPT_KEY},
    {"post-per-minute", required_argument, NULL, OPT_POSTS},
    {"get-per-minute", required_argument, NULL, OPT_GETS},
    {"latency-median", required_argument, NULL, OPT_MEDIAN},
    {"latency-sigma", required_argument, NULL, OPT_SIGMA},
    {"fail-rate", required_argument, NULL, OPT_FAIL_RATE},
    {"delete-when-fetched", no_argument, NULL, OPT_DELETE},
    {"retention", required_argument, NULL, OPT_RETENTION},
    {"credits", required_argument, NULL, OPT_CREDITS},
    {"revoke-key-after", required_argument, NULL, OPT_REVOKE},
    {"seed", required_argument, NULL, OPT_SEED},
    {"tls", required_argument, NULL, OPT_TLS},
    {"tls-cert", required_argument, NULL, OPT_TLS_CERT},
    {"tls-key", required_argument, NULL, OPT_TLS_KEY},
    {"trace", required_argument, NULL, OPT_TRACE},
    {"fault", required_argument, NULL, OPT_FAULT},
    {"samples", required_argument, NULL, OPT_SAMPLES},
    {"flaws", required_argument, NULL, OPT_FLAWS},
    {"totals", required_argument, NULL, OPT_TOTALS},
    {"answers", required_argument, NULL, OPT_ANSWERS},
    {"record", required_argument, NULL, OPT_RECORD},
    {"anonymous", no_argument, NULL, OPT_ANONYMOUS},
    {"webhook", required_argument, NULL, OPT_WEBHOOK},
    {"webhook-ca", required_argument, NULL, OPT_WEBHOOK_CA},
    {"webhook-delay", required_argument, NULL, OPT_WEBHOOK_DELAY},
    {"webhook-duplicate", required_argument, NULL, OPT_WEBHOOK_DUPLICATE},
    {"webhook-loss", required_argument, NULL, OPT_WEBHOOK_LOSS},
    {"webhook-bad-signature", required_argument, NULL, OPT_WEBHOOK_FORGED},
    {"webhook-early", required_argument, NULL, OPT_WEBHOOK_EARLY},
    {"webhook-shuffle", no_argument, NULL, OPT_WEBHOOK_SHUFFLE},
    {"webhook-retries", required_argument, NULL, OPT_WEBHOOK_RETRIES},
    {"webhook-pause", required_argument, NULL, OPT_WEBHOOK_PAUSE},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {"help-all", no_argument, NULL, OPT_HELP_ALL},
    {NULL, 0, NULL, 0},
};

/* ---- values ---- */

static int bad(struct error *e, const char *option, const char *text, const char *wanted)
{
    return error_set(e, ERR_USAGE, "--%s: '%s' isn't %s", option, text_show(text), wanted);
}

static int parse_count(const char *option, const char *text, int64_t max, int64_t *out,
                       struct error *e)
{
    char *end;
    errno = 0;
    long long n = strtoll(text, &end, 10);
    if (end == text || *end != 0 || errno != 0 || n < 0 || n > max)
        return bad(e, option, text, "a number that fits");
    *out = n;
    return 0;
}

static int parse_real(const char *option, const char *text, double max, double *out,
                      struct error *e)
{
    char *end;
    double x = strtod(text, &end);
    if (end == text || *end != 0 || !(x >= 0 && x <= max))
        return bad(e, option, text, "a number in its range");
    *out = x;
    return 0;
}

static int parse_time(const char *option, const char *text, int64_t *out, struct error *e)
{
    if (duration_parse(text, out) != 0)
        return bad(e, option, text, "a duration such as 500ms, 3s or 12h");
    return 0;
}

static int set_webhook_option(struct command_line *c, int option, const char *name,
                              const char *text, struct error *e)
{
    struct webhook_options *w = &c->sandbox.webhook;
    switch (option) {
    case OPT_WEBHOOK:
        return catalog_add_webhook(c->catalog, text, e);
    case OPT_WEBHOOK_CA:
        w->ca_file = text;
        return 0;
    case OPT_WEBHOOK_DELAY:
        return parse_time(name, text, &w->delay_ms, e);
    case OPT_WEBHOOK_DUPLICATE:
        return parse_real(name, text, 1, &w->duplicate_rate, e);
    case OPT_WEBHOOK_LOSS:
        return parse_real(name, text, 1, &w->loss_rate, e);
    case OPT_WEBHOOK_FORGED:
        return parse_real(name, text, 1, &w->forged_rate, e);
    case OPT_WEBHOOK_EARLY:
        return parse_real(name, text, 1, &w->early_rate, e);
    case OPT_WEBHOOK_SHUFFLE:
        w->shuffle = true;
        return 0;
    case OPT_WEBHOOK_RETRIES:
        return parse_count(name, text, RETRIES_MAX, &w->retries, e);
    default:
        return parse_time(name, text, &w->retry_ms, e);
    }
}

static int set_server_option(struct sandbox_options *o, int option, const char *name,
                             const char *text, struct error *e)
{
    int64_t n = 0;
    int rc = 0;
    switch (option) {
    case 'p':
        rc = parse_count(name, text, UINT16_MAX, &n, e);
        o->port = (uint16_t)n;
        return rc;
    case OPT_HOST:
        o->host = text;
        return 0;
    case OPT_KEY:
        o->key = text;
        return 0;
    case OPT_POSTS:
        return parse_count(name, text, INT32_MAX, &o->posts_per_minute, e);
    case OPT_GETS:
        return parse_count(name, text, INT32_MAX, &o->gets_per_minute, e);
    case OPT_MEDIAN:
        return parse_time(name, text, &o->latency_median_ms, e);
    case OPT_SIGMA:
        return parse_real(name, text, 10, &o->latency_sigma, e);
    case OPT_FAIL_RATE:
        return parse_real(name, text, 1, &o->fail_rate, e);
    case OPT_DELETE:
        o->delete_when_fetched = true;
        return 0;
    case OPT_RETENTION:
        return parse_time(name, text, &o->retention_ms, e);
    case OPT_CREDITS:
        return parse_count(name, text, INT64_MAX, &o->credits, e);
    case OPT_REVOKE:
        return parse_count(name, text, INT64_MAX, &o->revoke_key_after, e);
    case OPT_SEED:
        rc = parse_count(name, text, INT64_MAX, &n, e);
        o->seed = (uint64_t)n;
        return rc;
    case OPT_FAULT:
        return fault_plan_add(o->faults, text, e);
    }
    return error_set(e, ERR_USAGE, "--%s isn't known", name);
}

static int set_option(struct command_line *c, int option, const char *name, const char *text,
                      struct error *e)
{
    int64_t n = 0;
    switch (option) {
    case 'q':
        c->quiet = true;
        return 0;
    case 'v':
        c->verbose++;
        return 0;
    case 'h':
        c->help = true;
        return 0;
    case OPT_HELP_ALL:
        c->help = c->help_all = true;
        return 0;
    case OPT_TLS:
        c->tls_made = text;
        return 0;
    case OPT_TLS_CERT:
        c->tls_cert = text;
        return 0;
    case OPT_TLS_KEY:
        c->tls_key = text;
        return 0;
    case OPT_TRACE:
        c->trace = text;
        return 0;
    case OPT_SAMPLES:
        if (parse_count(name, text, SAMPLES_MAX, &n, e) != 0)
            return e->code;
        c->samples = (int)n;
        return n > 0 ? 0 : bad(e, name, text, "a number of files");
    case OPT_FLAWS:
        if (parse_count(name, text, SAMPLES_MAX, &n, e) != 0)
            return e->code;
        c->flaws = (int)n;
        return 0;
    case OPT_TOTALS:
        c->totals = text;
        return 0;
    case OPT_ANSWERS:
        c->answers = text;
        return 0;
    case OPT_RECORD:
        c->record = text;
        return 0;
    case OPT_ANONYMOUS:
        c->anonymous = true;
        return 0;
    default:
        if (option >= OPT_WEBHOOK)
            return set_webhook_option(c, option, name, text, e);
        return set_server_option(&c->sandbox, option, name, text, e);
    }
}

static const char *option_name(int option)
{
    for (const struct option *o = options; o->name != NULL; o++) {
        if (o->val == option)
            return o->name;
    }
    return "?";
}

static int unknown_option(char **argv, struct error *e)
{
    const char *names[sizeof options / sizeof *options];
    size_t n = 0;
    for (const struct option *o = options; o->name != NULL; o++)
        names[n++] = o->name;
    names[n] = NULL;
    const char *word = argv[optind - 1], *near = NULL;
    if (strncmp(word, "--", 2) == 0)
        near = text_nearest(word + 2, names);
    if (near != NULL)
        return error_set(e, ERR_USAGE, "'%s' isn't an option; did you mean --%s?", text_show(word),
                         near);
    return error_set(e, ERR_USAGE, "'%s' isn't an option: see --help", text_show(word));
}

static int check(struct command_line *c, int argc, char **argv, struct error *e)
{
    if (c->samples > 0 && optind < argc)
        c->samples_dir = argv[optind++];
    if (c->samples > 0 && c->samples_dir == NULL)
        return error_set(e, ERR_USAGE, "--samples needs a number and a directory");
    if ((c->flaws >= 0 || c->totals != NULL) && c->samples == 0)
        return error_set(e, ERR_USAGE, "--flaws and --totals go with --samples");
    if (c->record != NULL && (c->answers == NULL || c->samples > 0))
        return error_set(e, ERR_USAGE,
                         "--record goes with --answers, the directory that its answers go to");
    if (c->anonymous && c->record == NULL)
        return error_set(e, ERR_USAGE, "--anonymous goes with --record");
    if (optind < argc)
        return error_set(e, ERR_USAGE, "'%s' is one word too many: see --help",
                         text_show(argv[optind]));
    if ((c->tls_cert == NULL) != (c->tls_key == NULL))
        return error_set(e, ERR_USAGE, "--tls-cert and --tls-key go together");
    if (c->tls_cert != NULL && c->tls_made != NULL)
        return error_set(e, ERR_USAGE, "either --tls or --tls-cert and --tls-key");
    return 0;
}

int command_line_parse(struct command_line *c, int argc, char **argv, struct error *e)
{
    *c = (struct command_line){.flaws = -1};
    sandbox_options_init(&c->sandbox);
    c->sandbox.faults = fault_plan_new();
    c->sandbox.catalog = c->catalog = catalog_new();
    optind = 0; /* from the start, whoever parsed before */
    opterr = 0;
    int option;
    while ((option = getopt_long(argc, argv, ":p:qvh", options, NULL)) != -1) {
        if (option == ':')
            return error_set(e, ERR_USAGE, "'%s' needs a value", text_show(argv[optind - 1]));
        if (option == '?')
            return unknown_option(argv, e);
        if (set_option(c, option, option_name(option), optarg, e) != 0)
            return e->code;
    }
    return c->help ? 0 : check(c, argc, argv, e);
}

void command_line_release(struct command_line *c)
{
    fault_plan_free(c->sandbox.faults);
    catalog_free(c->catalog);
    answers_free(c->sandbox.answers);
    c->sandbox.faults = NULL;
    c->sandbox.answers = NULL;
    c->sandbox.catalog = c->catalog = NULL;
}
