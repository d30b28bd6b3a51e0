/* Options by getopt_long; every value is checked here, so that nothing beyond knows of text. */
#include "sandbox/command_line.h"

#include "base/text.h"
#include "base/units.h"
#include "sandbox/catalog.h"
#include "sandbox/fault.h"
#include "sandbox/samples.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPT_HOST = 256,
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
    OPT_FAULT,
    OPT_SAMPLES,
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
    {"fault", required_argument, NULL, OPT_FAULT},
    {"samples", required_argument, NULL, OPT_SAMPLES},
    {"quiet", no_argument, NULL, 'q'},
    {"verbose", no_argument, NULL, 'v'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const char help[] =
    "A Mindee API V2 on this machine, for trying things out and for tests. It takes files, limits\n"
    "requests, lets jobs take their time, and answers in the shapes of the real one: for its own\n"
    "sample invoices with what is printed on them, for any other file with values that begin with\n"
    "SYNTHETIC. Nothing leaves the machine, nothing costs anything, nothing is kept.\n"
    "\n"
    "  -p, --port N               listen on this port; 0, the default: any free one\n"
    "      --host ADDRESS         listen here (127.0.0.1)\n"
    "      --tls FILE             https; a certificate is made for it and written to FILE, for\n"
    "                             clients to trust (api.ca_file, NODE_EXTRA_CA_CERTS)\n"
    "      --tls-cert, --tls-key FILE  https with a certificate and key of one's own (PEM)\n"
    "      --samples N DIR        make N sample invoices below DIR and exit\n"
    "      --seed N               of ids, times, failures, faults, samples (1)\n"
    "  -q, --quiet                print nothing but the address\n"
    "  -v, --verbose              a line for each request on standard error\n"
    "  -h, --help\n"
    "\n"
    "What the server is like:\n"
    "      --key KEY              take this key only (any key without Bearer or Token before it)\n"
    "      --post-per-minute N    limit in any 60 s; 0: none (200)\n"
    "      --get-per-minute N     likewise (1200)\n"
    "      --latency-median TIME  a job's time is drawn from a lognormal distribution (3s)\n"
    "      --latency-sigma X      of its logarithm; 0: always the median (0.5)\n"
    "      --fail-rate R          of jobs end as Failed, half with a 422, half with a 500 (0)\n"
    "      --delete-when-fetched  a result can be had once\n"
    "      --retention TIME       of results, then 404 (12h)\n"
    "      --credits N            402 once so many pages were charged\n"
    "\n"
    "Faults:\n"
    "      --revoke-key-after N   every key is refused after N requests\n"
    "      --fault ROUTE:KIND=RATE[,TIME]   may be given several times:\n";

static const char help_end[] =
    "\nWhat it accepted and charged: GET /sandbox/stats, GET /sandbox/jobs?from=0&limit=1000\n"
    "(no key needed, outside of the limits).\n\nModels:\n";

void command_line_help(const char *name)
{
    printf("Usage: mindee-batch %s [OPTION]...\n\n%s%s%s", name, help, fault_help, help_end);
    for (const struct model *m = catalog_models(); m->id != NULL; m++)
        printf("  %s  %-14s  %s\n", m->id, product_name(m->product), m->name);
}

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
    case OPT_TLS:
        c->tls_made = text;
        return 0;
    case OPT_TLS_CERT:
        c->tls_cert = text;
        return 0;
    case OPT_TLS_KEY:
        c->tls_key = text;
        return 0;
    case OPT_SAMPLES:
        if (parse_count(name, text, SAMPLES_MAX, &n, e) != 0)
            return e->code;
        c->samples = (int)n;
        return n > 0 ? 0 : bad(e, name, text, "a number of files");
    default:
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
    *c = (struct command_line){.help = false};
    sandbox_options_init(&c->sandbox);
    c->sandbox.faults = fault_plan_new();
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
    c->sandbox.faults = NULL;
}
