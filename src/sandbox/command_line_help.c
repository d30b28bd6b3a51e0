/* What --help says, on one screen, and --help-all. */
#include "sandbox/command_line.h"

#include "sandbox/catalog.h"
#include "sandbox/fault.h"

#include <stdio.h>

static const char screen[] =
    "A Mindee API V2 on this machine, for trying things out and for tests. It answers\n"
    "in the shapes of the real one: for its own sample invoices with what is printed\n"
    "on them, for any other file with values that begin with SYNTHETIC. Nothing\n"
    "leaves the machine, nothing costs anything, nothing is kept.\n"
    "\n"
    "  -p, --port N           listen on this port; 0, the default: any free one\n"
    "  --samples N DIR        make N sample invoices below DIR and exit\n"
    "  --post-per-minute N    limit in any 60 s; 0: none (200)\n"
    "  --get-per-minute N     likewise (1200)\n"
    "  --latency-median TIME  how long a document takes (3s)\n"
    "  --fail-rate R          of them fail (0)\n"
    "  --credits N            refused as unpaid once so many pages were charged\n"
    "  --fault ROUTE:KIND=RATE[,TIME]  a fault of the service\n"
    "  --webhook ID=URL,SECRET  deliver webhooks to URL\n"
    "  -q, -v                 say less, say more\n"
    "  --help-all             every option, each kind of fault, and its models\n"
    "\n"
    "For example: mindee-batch sandbox --port 8080\n"
    "         and mindee-batch run -s api.base_url=http://127.0.0.1:8080 invoices/\n";

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
    "      --flaws K              with something wrong in K of them, in turn: the total, two lines\n"
    "                             that changed places, a duplicate under another name, another\n"
    "                             IBAN, no number, a low confidence; DIR/expected.json lists them\n"
    "      --totals FILE          write what is printed on all samples, by currency, to FILE\n"
    "      --answers DIR          answer with a result of one's own for a file: DIR/SHA256.json (of its\n"
    "                             bytes) or DIR/NAME.json (invoice.pdf.json), or below DIR/PRODUCT;\n"
    "                             its inference.result is handed out as it is written\n"
    "      --record RUN           write such answers from the results in RUN, a run's output\n"
    "                             directory, into the directory of --answers, and exit\n"
    "      --anonymous            with names, numbers and other texts in them replaced\n"
    "      --seed N               of ids, times, failures, faults, samples (1)\n"
    "      --trace FILE           write each answer to FILE, a line of JSON: method, path, status,\n"
    "                             type and body, as they are before a fault; up to 1 GB\n"
    "  -q, --quiet                print nothing but the address\n"
    "  -v, --verbose              a line for each request on standard error\n"
    "  -h, --help             what is most needed; --help-all: this\n"
    "\n"
    "What the server is like:\n"
    "      --key KEY              take this key only (any key without Bearer or Token before it)\n"
    "      --post-per-minute N    limit in any 60 s; 0: none (200)\n"
    "      --get-per-minute N     likewise (1200)\n"
    "      --latency-median TIME  a job's time is drawn from a lognormal distribution (3s)\n"
    "      --latency-sigma X      of its logarithm; 0: always the median (0.5)\n"
    "      --fail-rate R          of jobs end as Failed, half with a 422, half with a 500 (0)\n"
    "      --delete-when-fetched  a result is gone once it was fetched, or delivered to a webhook\n"
    "      --retention TIME       of results, then 404 (12h)\n"
    "      --credits N            402 once so many pages were charged\n"
    "\n"
    "Webhooks, to endpoints on this machine alone:\n"
    "      --webhook ID=URL,SECRET  deliver to URL, signed with SECRET, what was sent with the\n"
    "                             webhook id ID: one of those below, or any UUID, which becomes\n"
    "                             the first model's. May be given several times\n"
    "      --webhook-ca FILE      whom to trust for https (PEM)\n"
    "      --webhook-delay TIME   after the job's end, median (0)\n"
    "      --webhook-retries N    after a first attempt that got no 2xx (3)\n"
    "      --webhook-pause TIME   before the first retry; each is twice the one before (1s)\n"
    "      --webhook-shuffle      not in the order in which jobs end\n"
    "      --webhook-duplicate R  are delivered twice, at once or one after the other (0)\n"
    "      --webhook-loss R       never come; the job says Failed after its attempts (0)\n"
    "      --webhook-bad-signature R  come after a forged one, wrongly signed or not at all (0)\n"
    "      --webhook-early R      of jobs end and are delivered before their upload's 202 (0)\n"
    "\n"
    "Faults:\n"
    "      --revoke-key-after N   every key is refused after N requests\n"
    "      --fault ROUTE:KIND=RATE[,TIME]   may be given several times:\n";

static const char help_end[] =
    "\nWhat it accepted and charged: GET /sandbox/stats, GET /sandbox/jobs?from=0&limit=1000\n"
    "(no key needed, outside of the limits).\n\nModels:\n";

static void put_model(const struct model *m)
{
    printf("  %s  %-14s  %s\n", m->id, product_name(m->product), m->name);
    for (int i = 0; i < m->webhook_count; i++)
        printf("      webhook %s  %s\n", m->webhooks[i].id, m->webhooks[i].name);
}

void command_line_help(const char *name, bool all)
{
    if (!all) {
        printf("mindee-batch %s [OPTION]...\na local Mindee to try things on.\n\n%s", name, screen);
        return;
    }
    printf("Usage: mindee-batch %s [OPTION]...\n\n%s%s%s", name, help, fault_help, help_end);
    for (const struct model *m = catalog_models(NULL); m->id != NULL; m++)
        put_model(m);
}
