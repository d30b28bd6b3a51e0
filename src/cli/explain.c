/* mindee-batch explain PATH: one document's whole history, for a person who asks "what happened to
 * this one?". */
#include "base/text.h"
#include "base/units.h"
#include "batch/batch.h"
#include "cli/command.h"
#include "cli/complain.h"
#include "cli/local_time.h"
#include "cli/resolved_path.h"
#include "ledger/file_book.h"
#include "ledger/file_names.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct explain_asked {
    bool all;
};

static const char *event_words(enum doc_event_kind kind)
{
    static const char *const words[EV_COUNT] = {
        [EV_ADMIT] = "upload intended",
        [EV_NOT_SENT] = "upload not complete: Mindee can't have it",
        [EV_LIMITED] = "not taken for now: sent again later",
        [EV_FAULT] = "Mindee had a fault: sent again later",
        [EV_REFUSED] = "Mindee refused the document",
        [EV_RUN_STOPPED] = "the run stopped: queued again",
        [EV_ACCEPTED] = "accepted: there is a job",
        [EV_DOUBT] = "sent, and no answer came: in doubt",
        [EV_UNREADABLE] = "accepted, and the answer can't be read: in doubt",
        [EV_RESTART] = "found on its way when a run began: in doubt",
        [EV_RESEND] = "in doubt: will be sent again (it may be paid twice)",
        [EV_SOURCE_GONE] = "the file changed or went away before it was sent",
        [EV_REJECT] = "rejected, not sent",
        [EV_JOB_READY] = "job done: the result is asked for",
        [EV_JOB_FAILED] = "job failed (free)",
        [EV_JOB_FAULT] = "job failed by a fault of Mindee's (free)",
        [EV_JOB_GONE] = "the job is not known any more",
        [EV_RESULT] = "result received and stored",
        [EV_RESULT_INVALID] = "an answer that is no result; its bytes are kept",
        [EV_RESULT_GONE] = "the result is not there (404)",
        [EV_FOREIGN_URL] = "the result's address is not Mindee's: not followed",
        [EV_RETRY] = "retry asked for",
        [EV_RESTORED] = "the ledger was restored from a backup: not sent again unasked",
        [EV_DISMISS] = "dismissed: settled by hand",
    };
    return words[kind] ? words[kind] : doc_event_names[kind];
}

static int print_event(void *ctx, const struct ledger_event *row)
{
    char stamp[WALL_TEXT_MAX], attempt[24] = "";
    (void)ctx;
    if (row->attempt)
        snprintf(attempt, sizeof attempt, "attempt %d", row->attempt);
    printf("  %s  %-10s  %-11s %s", local_time_format(row->at, stamp), attempt,
           doc_state_names[row->to], event_words(row->event));
    printf("%s%s%s\n", *row->cause ? " (" : "", text_show(row->cause), *row->cause ? ")" : "");
    return 0;
}

static int print_document(struct ledger *l, const struct ledger_listing *row)
{
    struct ledger_document d;
    char hex[SHA256_HEX], size[UNITS_TEXT_MAX];
    struct buffer result;
    if (ledger_document_get(l, row->document_id, &d) < 0)
        return -1;
    buffer_init(&result, 0);
    hex_encode(d.sha256, SHA256_BYTES, hex);
    printf("%s\n  document %" PRId64 ", %s, %s, %s%s\n", text_show(row->path), d.id,
           file_type_name((enum file_type)d.type), size_format(d.size_bytes, size),
           doc_state_names[d.state], row->dismissed.ms ? ", dismissed" : "");
    if (d.attempt || d.state == DOC_QUEUED)
        printf("  SHA-256 %s\n", hex);
    if (d.attempt)
        printf("  alias   mb-%016" PRIx64 "-%" PRId64 "-%d, job %s\n", ledger_id(l), d.id,
               d.attempt, d.job_id[0] ? d.job_id : "none");
    if (*row->moved_to)
        printf("  moved   to %s\n", text_show(row->moved_to));
    else if (!row->there)
        printf("  file    not there any more: replaced, changed or removed\n");
    if (d.state == DOC_STORED && *row->name) {
        ledger_result_file(l, row->name, &result);
        printf("  result  results/%s, %d page%s charged\n", text_show(buffer_text(&result)),
               row->pages > 0 ? row->pages : 1, row->pages > 1 ? "s" : "");
    } else if (*row->detail) {
        printf("  reason  %s: %s\n", text_show(row->code), text_show(row->detail));
    }
    printf("\n");
    buffer_release(&result);
    ledger_document_release(&d);
    return ledger_history(l, row->document_id, print_event, NULL);
}

struct printing {
    struct ledger *ledger;
    int count, rc;
};

static int print_one(void *ctx, const struct ledger_listing *row)
{
    struct printing *p = ctx;
    if (p->count++ > 0)
        printf("\n");
    p->rc = print_document(p->ledger, row);
    return p->rc < 0;
}

static int explain(struct ledger *l, const char *path, bool all)
{
    struct printing p = {.ledger = l};
    int rc = ledger_list_meant(l, path, all, print_one, &p);
    if (rc == 0)
        return complain(
            EXIT_USAGE,
            "%s is not in the ledger: no run has come across it, or the output directory is another one",
            text_show(path));
    rc = rc < 0 ? rc : p.rc;
    return rc < 0 ? complain(EXIT_LEDGER, "%s", ledger_error(l)->text) : 0;
}

static int explain_path(const struct command_line *cl)
{
    const struct explain_asked *asked = cl->own;
    struct batch_options o;
    struct error e;
    struct ledger *l;
    if (cl->path_count != 1)
        return complain(EXIT_USAGE, "explain takes one PATH: a document's");
    if (batch_options_read(&o, cl->config, NULL, 0, false, &e) < 0)
        return complain(EXIT_USAGE, "%s", e.text);
    struct ledger_options lo = {.path = o.ledger, .read_only = true, .clock = &system_clock};
    int code;
    if (ledger_open(&l, &lo, &e) < 0) {
        code = complain(e.code == ERR_NOT_FOUND ? EXIT_USAGE : exit_code_of(&e), "%s", e.text);
    } else {
        char *path = resolved_path(cl->paths[0]);
        code = explain(l, path, asked->all);
        free(path);
        ledger_close(l);
    }
    batch_options_release(&o);
    return code;
}

static const struct command_option options[] = {
    {"all", NULL, "every file that was at a PATH, not only the one there now",
     offsetof(struct explain_asked, all)},
    {NULL, NULL, NULL, 0}};

const struct command explain_command = {
    .name = "explain",
    .arguments = "PATH",
    .summary = "one document's whole history",
    .help = "What was done with it, when, and why: each upload, its job, its result. PATH is\n"
            "the file that is there now; where there is none, or with --all, every file that\n"
            "was there, newest first. It is found by the path it came to and by where it was\n"
            "moved.\n",
    .example = "-s output.directory=out invoices/17.pdf",
    .options = options,
    .own_size = sizeof(struct explain_asked),
    .by_batch = true,
    .each = true,
    .run = explain_path,
};
