/* See story.h. */
#include "cli/story.h"

#include "base/text.h"
#include "base/units.h"
#include "cli/local_time.h"
#include "client/wording.h"
#include "core/document_words.h"
#include "intake/intake.h"
#include "ledger/cost.h"
#include "ledger/document_ledger.h"
#include "ledger/file_book.h"
#include "ledger/file_names.h"
#include "ledger/listing.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- what happened --- */

static const char *plain_cause(const char *cause)
{
    static const struct {
        const char *cause, *words;
    } known[] = {
        {"", ""},
        {"connect", "no connection to Mindee"},
        {"broken", "the connection broke"},
        {"timeout", "no answer in time"},
        {"too_large", "the answer is too large"},
        {"unexpected", "the answer can't be understood"},
        {"foreign_url", ""},
        {"source", ""},
        {"source_gone", ""},
        {"source_away", "its file couldn't be read for now"},
        {"turned_away", "Mindee was too busy to read it"},
        {"stopped", "the run was stopped"},
        {"canary", "Mindee hadn't taken any document yet"},
        {"restart", ""},
        {"restored", ""},
        {"retry", ""},
        {"job_failed", ""},
        {"webhook", "told by a webhook"},
        {"overtaken", ""},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].cause, cause) == 0)
            return known[i].words;
    return NULL;
}

const char *story_cause(const char *cause, char out[STORY_CAUSE_MAX])
{
    const char *words = plain_cause(cause);
    int status = 0, end = 0;
    if (!words && sscanf(cause, "http_%3d%n", &status, &end) == 1) {
        const char *rest = cause[end] == '_' ? plain_cause(cause + end + 1) : "";
        bool fine = status >= 200 && status <= 299;
        out[0] = '\0';
        if (rest && (!fine || *rest))
            snprintf(out, STORY_CAUSE_MAX, "%d %s%s%s", status, wording_status(status),
                     *rest ? ", " : "", rest);
        return out;
    }
    text_copy(out, STORY_CAUSE_MAX, words ? words : text_show(cause));
    return out;
}

static int print_event(void *ctx, const struct ledger_event *row)
{
    char stamp[WALL_TEXT_MAX], cause[STORY_CAUSE_MAX], attempt[32] = "";
    (void)ctx;
    if (row->attempt > 1)
        snprintf(attempt, sizeof attempt, "upload %d: ", row->attempt);
    story_cause(row->event == EV_REJECT ? "" : row->cause, cause);
    printf("  %s  %s%s%s%s%s\n", local_time_format(row->at, stamp), attempt,
           doc_event_words(row->event), *cause ? " (" : "", cause, *cause ? ")" : "");
    return 0;
}

/* --- how it stands --- */

static const char *pages_text(int64_t pages, char *out, size_t size)
{
    char count[UNITS_TEXT_MAX];
    snprintf(out, size, "%s page%s", count_format(pages, count), pages == 1 ? "" : "s");
    return out;
}

static void print_cost(const struct ledger_cost *cost)
{
    char pages[48];
    if (cost->pages)
        printf("  cost    %s charged\n", pages_text(cost->pages, pages, sizeof pages));
    else if (cost->uploads && !cost->at_risk && !cost->out)
        printf("  cost    nothing was charged\n");
    if (cost->at_risk)
        printf("  cost    %s that may have been charged%s: no answer came to an upload\n",
               pages_text(cost->at_risk, pages, sizeof pages), cost->pages ? " besides" : "");
}

/* The words for the shell's next command; "" where nothing is left to do. */
static const char *next_step(const struct ledger_listing *row)
{
    if (row->left)
        return "nothing is to be done: the file doesn't count any more";
    if (row->dismissed.ms)
        return "settled by hand; `mindee-batch retry PATH` takes it up again";
    switch (row->state) {
    case DOC_QUEUED:
        return "the next `mindee-batch run` sends it";
    case DOC_SUBMITTING:
    case DOC_PROCESSING:
    case DOC_READY:
        return "the run that is at work goes on with it, or the next `mindee-batch run`";
    case DOC_IN_DOUBT:
        return "`mindee-batch retry PATH` sends it again, which may be charged twice; "
               "`mindee-batch dismiss PATH` settles it";
    case DOC_FAILED:
        return "`mindee-batch retry PATH` tries it again; `mindee-batch dismiss PATH` settles it";
    case DOC_REJECTED:
        return "mend or replace the file and run again; `mindee-batch dismiss PATH` settles it";
    case DOC_LOST:
        return "`mindee-batch retry PATH` sends it again, which is charged again; "
               "`mindee-batch dismiss PATH` settles it";
    case DOC_STORED:
    case DOC_STATE_COUNT:
        break;
    }
    return "";
}

static void print_file(const struct ledger_listing *row)
{
    if (*row->moved_to)
        printf("  moved   to %s\n", text_show(row->moved_to));
    else if (row->left)
        printf("  file    not there any more, or left out by the patterns now\n");
    else if (!row->there)
        printf("  file    not there any more: replaced, changed or removed\n");
}

static void print_result(struct ledger *l, const struct ledger_listing *row)
{
    struct buffer result;
    if (row->state == DOC_STORED && *row->name) {
        buffer_init(&result, 0);
        ledger_result_file(l, row->name, &result);
        printf("  result  results/%s\n", text_show(buffer_text(&result)));
        buffer_release(&result);
    } else if (*row->detail) {
        printf("  reason  %s", text_show(row->detail));
        if (row->state == DOC_REJECTED) /* its code says no more */
            printf("\n");
        else
            printf(" (%s)\n", text_show(row->code));
    }
}

/* The newest upload's: an earlier one may have come further, which the history tells. */
static void print_attempt(const struct ledger_attempt *attempt, const char *job_id)
{
    if (*job_id)
        printf("  Mindee  knows it as %s, job %s\n", attempt->alias, job_id);
    else if (attempt->outcome == ATTEMPT_NOT_SENT)
        printf("  Mindee  never got %s: it wasn't sent\n", attempt->alias);
    else if (attempt->outcome == ATTEMPT_ANSWERED)
        printf("  Mindee  got it as %s, and made no job of it\n", attempt->alias);
    else
        printf("  Mindee  may know it as %s, no job is known\n", attempt->alias);
}

static void print_head(struct ledger *l, const struct ledger_listing *row,
                       const struct ledger_document *d)
{
    struct ledger_attempt attempt;
    char hex[SHA256_HEX], size[UNITS_TEXT_MAX];
    hex_encode(d->sha256, SHA256_BYTES, hex);
    printf("%s\n  %s%s; document %" PRId64 ", %s, %s\n", text_show(row->path),
           doc_state_words(d->state), row->dismissed.ms ? ", dismissed" : "", d->id,
           d->type ? file_type_name((enum file_type)d->type) : "a file of another type",
           size_format(d->size_bytes, size));
    if (d->attempt || d->state == DOC_QUEUED)
        printf("  SHA-256 %s\n", hex);
    if (d->attempt && ledger_attempt_get(l, d->id, d->attempt, &attempt) == 0)
        print_attempt(&attempt, d->job_id);
}

int story_print(struct ledger *l, const struct ledger_listing *row)
{
    struct ledger_document d;
    struct ledger_cost cost;
    char stamp[WALL_TEXT_MAX];
    if (ledger_cost(l, row->document_id, &cost) < 0 ||
        ledger_document_get(l, row->document_id, &d) < 0)
        return -1;
    print_head(l, row, &d);
    ledger_document_release(&d);
    print_file(row);
    print_result(l, row);
    print_cost(&cost);
    const char *next = next_step(row);
    if (*next)
        printf("  next    %s\n", next);
    printf("\n  %s  it was found\n", local_time_format(cost.came, stamp));
    return ledger_history(l, row->document_id, print_event, NULL);
}
