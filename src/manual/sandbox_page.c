/* mindee-batch-sandbox(1): its options as the command itself lists them; what it is like, its faults and recipes from
 * the tables here. */
#include "manual/mdoc.h"
#include "manual/pages.h"

static const char about[] =
    "A Mindee API V2 on this machine: it takes documents, lets jobs take their time, holds to the "
    "limits, calls webhooks, and answers in the shapes of the real one. Mindee has no staging "
    "environment; this is one. Programs made for Mindee, its own SDKs among them, need nothing but "
    "another address.\n\n"
    "Any key will do unless --key says which. Nothing leaves the machine, nothing costs anything, "
    "nothing is kept once it ends, and what was sent is forgotten as soon as it was looked at.";

static const char *const as_mindee[][2] = {
    {"Routes", "Enqueue (multipart, urlencoded or JSON; a file, an URL or base64), jobs with their "
               "redirect, results of the five products, the older /v2/inferences paths, and the "
               "search for models, page by page. RAG documents too, in the forms of Mindee's "
               "PHP and .NET SDKs."},
    {"Refusals", "A form that Mindee refuses is refused with 422 and a pointer to the field: ids "
                 "that are no UUIDs of version 4, data schemas with a fault, files of other types, "
                 "PDFs that are broken or have a password. Unknown keys are ignored."},
    {"Limits",
     "200 POSTs and 1,200 GETs in any minute, files of 100 MB, 590 seconds for a job; 402 "
     "once the credits of --credits are gone."},
    {"Jobs", "Their times are drawn from a lognormal distribution. A result is there for 12 hours, "
             "or until it was fetched with --delete-when-fetched."},
    {"Webhooks", "The body is what a GET of the result answers, byte for byte, signed in "
                 "X-Signature; a failed delivery is tried again. A job lists its webhooks from its "
                 "202 on. Only those of --webhook are called, on this machine; the others end as "
                 "Failed."},
    {"Values", "For its own samples what is printed on them; --flaws makes samples that are wrong "
               "on purpose. With a data schema that replaces the "
               "model's, the fields of the schema."},
    {NULL, NULL}};

static const char *const cannot_know[][2] = {
    {"What is on other documents", "Their values are made up: texts begin with SYNTHETIC, and the "
                                   "same file always has the same ones. Nothing is read, so "
                                   "confidences and text contexts mean nothing. --answers DIR "
                                   "says what a pipeline expects of its own documents."},
    {"URLs", "They are never fetched: each stands for a PDF of one page."},
    {"Pages", "Those that show plainly in a PDF are counted; a TIFF has one."},
    {"Whether a file is fine", "A PDF needs an object and an end, an image its first bytes. Mindee "
                               "may refuse more."},
    {"What RAG learns", "A document given to it is found again by the same bytes alone, and "
                        "changes no value of a result."},
    {"Your models", "It has models of its own, listed below --help-all, and takes no others; their "
                    "options can't be set but for those of a request."},
    {"Your organisation",
     "One limit for all keys, as Mindee's is for all of an organisation's, but "
     "no plans, users or storage settings."},
    {NULL, NULL}};

static const char faults[] =
    "Each --fault ROUTE:KIND=RATE[,TIME] strikes a share of the requests, at random but the same "
    "with the same --seed. The routes and kinds are listed above. Some strike instead of the work "
    "(a status, a reset before the body is read): what was sent may be sent again. The others "
    "strike after it (an answer that is lost, cut, garbage or late): a job exists that the client "
    "doesn't know of. Webhooks have faults of their own: --webhook-duplicate, --webhook-loss, "
    "--webhook-bad-signature, --webhook-early, --webhook-shuffle.\n\n"
    "Jobs fail with --fail-rate, the key with --revoke-key-after. GET /sandbox/stats tells what was "
    "accepted, charged and delivered in truth, /sandbox/jobs each job: what a client believes can "
    "be compared with it. --trace writes down every answer.";

static const struct recipe {
    const char *title, *words, *lines;
} recipes[] = {
    {"A job of CI",
     "A pipeline is tried on documents of its own, with a fault in twenty answers; the numbers at "
     "the end are the server's.",
     "mindee-batch sandbox --port 8089 --quiet --latency-median 50ms \\\n"
     "    --fault any:503-retry-after=0.05,1s >sandbox.log &\n"
     "trap \"kill $!\" EXIT\n"
     "until grep -qs listening sandbox.log; do sleep 0.1; done\n"
     "export MINDEE_V2_API_KEY=any MINDEE_V2_BASE_URL=http://127.0.0.1:8089\n"
     "mindee-batch run -s api.model_id=11111111-1111-4111-8111-0000000e0001 \\\n"
     "    -s output.directory=out tests/invoices/\n"
     "test \"$(curl -s $MINDEE_V2_BASE_URL/sandbox/stats | jq .double_charged)\" = 0\n"},
    {"A load test of one's own receiver",
     "2,000 results come to it, some twice, some late, some with a wrong signature. What it "
     "answered is in the numbers: once pending is 0, delivered is to be 2000 and forged_accepted 0.",
     "mindee-batch sandbox --samples 2000 load/\n"
     "mindee-batch sandbox --port 8089 --post-per-minute 0 --get-per-minute 0 \\\n"
     "    --webhook aaaaaaaa-1111-4111-8111-0000000e0001=http://127.0.0.1:8080/webhook,SECRET \\\n"
     "    --webhook-duplicate 0.05 --webhook-bad-signature 0.05 --webhook-shuffle &\n"
     "export MINDEE_V2_API_KEY=any MINDEE_V2_BASE_URL=http://127.0.0.1:8089\n"
     "mindee-batch run -s api.model_id=11111111-1111-4111-8111-0000000e0001 \\\n"
     "    -s request.webhook_ids=aaaaaaaa-1111-4111-8111-0000000e0001 \\\n"
     "    -s limits.post_per_minute=0 -s limits.get_per_minute=0 \\\n"
     "    -s output.directory=out load/\n"
     "curl -s $MINDEE_V2_BASE_URL/sandbox/stats | jq .webhooks\n"},
    {"A demonstration without a key",
     "Sample invoices whose results are right, at Mindee's own pace. mindee-batch-demo(1) does the "
     "same in one command.",
     "mindee-batch sandbox --samples 60 invoices/\n"
     "mindee-batch sandbox --port 8089 &\n"
     "export MINDEE_V2_API_KEY=any MINDEE_V2_BASE_URL=http://127.0.0.1:8089\n"
     "mindee-batch run -s api.model_id=11111111-1111-4111-8111-0000000e0001 \\\n"
     "    -s output.directory=out invoices/\n"
     "mindee-batch status -s output.directory=out\n"},
};

static void put_list(struct buffer *out, const char *title, const char *const rows[][2])
{
    mdoc_section(out, title);
    buffer_put(out, ".Bl -tag -width Ds\n");
    for (size_t i = 0; rows[i][0] != NULL; i++) {
        buffer_put(out, ".It Sy ");
        mdoc_argument(out, rows[i][0]);
        buffer_put(out, "\n");
        mdoc_text(out, rows[i][1]);
    }
    buffer_put(out, ".El\n");
}

static void put_recipes(struct buffer *out)
{
    mdoc_section(out, "EXAMPLES");
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) {
        buffer_put(out, ".Ss ");
        mdoc_argument(out, recipes[i].title);
        buffer_put(out, "\n");
        mdoc_text(out, recipes[i].words);
        buffer_put(out, ".Pp\n");
        mdoc_literal(out, recipes[i].lines);
    }
}

void page_sandbox(struct buffer *out, const char *help)
{
    mdoc_begin(out, "mindee-batch-sandbox", 1, "a local Mindee to try things on");
    mdoc_section(out, "SYNOPSIS");
    buffer_put(out, ".Nm mindee-batch sandbox\n.Op Ar OPTION ...\n");
    mdoc_section(out, "DESCRIPTION");
    mdoc_text(out, about);
    buffer_put(out, ".Pp\n");
    mdoc_literal(out, help);
    put_list(out, "WHAT IT DOES AS MINDEE DOES", as_mindee);
    put_list(out, "WHAT IT CANNOT KNOW", cannot_know);
    mdoc_section(out, "FAULTS ON PURPOSE");
    mdoc_text(out, faults);
    put_recipes(out);
    mdoc_section(out, "SEE ALSO");
    buffer_put(out, ".Sy mindee-batch Ns (1) ,\n.Sy mindee-batch-demo Ns (1)\n");
}
