/* See notes.h. Each kind of write is a row; a function fills in a note of it and hands it to the
 * journal. */
#include "batch/notes.h"

#include "base/log.h"
#include "base/text.h"
#include "batch/exit_code.h"
#include "batch/journal_note.h"
#include "ledger/document_ledger.h"
#include "ledger/file_names.h"
#include "ledger/learned.h"
#include "ledger/projections.h"
#include "ledger/webhooks.h"

#include <stdlib.h>
#include <string.h>

/* --- the kinds --- */

static int write_file(struct ledger *l, const struct note *n)
{
    enum ledger_put put;
    int64_t document;
    return ledger_file_put(l, &n->file, &put, &document);
}

static int write_attempt_start(struct ledger *l, const struct note *n)
{
    int attempt;
    char alias[LEDGER_ALIAS_MAX];
    int rc = ledger_attempt_start(l, n->id, n->price, &attempt, alias);
    REQUIRE(rc < 0 || attempt == n->attempt);
    return rc;
}

#define KIND(name, write)                                                                          \
    static int write_##name(struct ledger *l, const struct note *n)                                \
    {                                                                                              \
        (void)n;                                                                                   \
        return write;                                                                              \
    }                                                                                              \
    static const struct note_kind kind_##name = {#name, write_##name, false}

static const struct note_kind kind_file = {"file", write_file, false};
static const struct note_kind kind_attempt_start = {"attempt_start", write_attempt_start, false};
KIND(file_changed, ledger_file_changed(l, n->id, n->texts[0], n->texts[1]));
KIND(pages, ledger_set_pages(l, n->id, n->number));
KIND(names, ledger_names_give(l, NULL, NULL));
KIND(gone, ledger_file_gone(l, n->id));
KIND(published, ledger_projected(l, n->id, n->document, n->texts[0]));
KIND(clash, ledger_name_clashes(l, n->id, n->at));
KIND(attempt_end, ledger_attempt_end(l, n->id, n->attempt, (enum attempt_outcome)n->number,
                                     n->status, n->texts[0]));
KIND(accepted, ledger_attempt_accepted(l, n->id, n->attempt, n->texts[0]));
KIND(result_url, ledger_attempt_result_url(l, n->id, n->attempt, n->texts[0]));
KIND(resent, ledger_attempt_resent(l, n->id, n->attempt));
KIND(unresent, ledger_attempt_unresent(l, n->id, n->attempt));
KIND(step, ledger_step(l, &n->step));
KIND(kept, ledger_bytes_keep(l, n->id, n->bytes, n->len));
KIND(orphan, ledger_orphan_put(l, n->bytes, n->len, n->texts[0], n->texts[1]));
KIND(learned, ledger_learned_put(l, n->id, n->number, n->bytes, n->len));
KIND(move, ledger_move_intend(l, &n->move));
KIND(moved, ledger_move_done(l, n->id, &n->move.stamp));
KIND(unmoved, ledger_move_drop(l, n->id));
KIND(run, ledger_run_add(l, n->post, n->get, n->http_429));

static int write_result(struct ledger *l, const struct note *n)
{
    return ledger_result_put(l, n->id, n->bytes, n->len, n->number);
}
static const struct note_kind kind_result = {"result", write_result, true};

/* --- the notes --- */

static char *copy(const char *text)
{
    return text ? xstrdup(text) : NULL;
}

static struct note *note_new(const struct note_kind *kind, int64_t id, int attempt)
{
    struct note *n = xcalloc(1, sizeof *n);
    list_init(&n->link);
    n->kind = kind;
    n->id = id;
    n->attempt = attempt;
    return n;
}

/* With a copy of BYTES that is the note's own. False, and nothing is noted: no memory for it. */
static bool add_bytes(struct journal *j, struct note *n, const char *bytes, size_t len)
{
    n->owned = malloc(len ? len : 1);
    if (!n->owned) {
        LOG(LOG_ERROR, "ledger.no_memory", LOG_INT("bytes", len));
        journal_drop(n);
        return false;
    }
    memcpy(n->owned, bytes, len);
    n->bytes = n->owned;
    n->len = len;
    journal_add(j, n);
    return true;
}

static struct note *file_note(const struct run_context *c, const struct ledger_new_file *f)
{
    struct note *n = note_new(&kind_file, 0, 0);
    n->file = *f;
    n->file.path = n->texts[0] = copy(f->path);
    n->file.name = n->texts[1] = copy(f->name);
    n->file.reject_code = n->texts[2] = copy(f->reject_code);
    n->file.reject_detail = n->texts[3] = copy(f->reject_detail);
    if (c->options->period_of)
        n->file.period = n->texts[4] =
            xstrdup(c->options->period_of(c->options->period_ctx, &f->stamp));
    if (f->sha256) {
        memcpy(n->sha256, f->sha256, SHA256_BYTES);
        n->file.sha256 = n->sha256;
    }
    return n;
}

void note_file(struct journal *j, const struct ledger_new_file *f, enum ledger_put *put,
               int64_t *document)
{
    struct ledger *l = journal_context(j)->ledger;
    struct note *n = file_note(journal_context(j), f);
    *put = PUT_QUEUED;
    *document = 0;
    int rc = journal_down(j) ? 0 : ledger_file_put(l, &n->file, put, document);
    if (rc < 0) {
        *put = PUT_QUEUED;
        *document = 0;
        journal_failed(j, n);
    }
    journal_remember(j, n);
}

void note_file_changed(struct journal *j, int64_t file_id, const char *code, const char *detail)
{
    struct note *n = note_new(&kind_file_changed, file_id, 0);
    n->texts[0] = copy(code);
    n->texts[1] = copy(detail);
    journal_add(j, n);
}

void note_pages(struct journal *j, int64_t document, int pages)
{
    struct note *n = note_new(&kind_pages, document, 0);
    n->number = pages;
    journal_add(j, n);
}

void note_names(struct journal *j, void (*fn)(void *ctx, int64_t document), void *ctx)
{
    struct note *n = note_new(&kind_names, 0, 0);
    int rc = journal_down(j) ? 0 : ledger_names_give(journal_context(j)->ledger, fn, ctx);
    if (rc < 0)
        journal_failed(j, n);
    journal_remember(j, n);
}

void note_gone(struct journal *j, int64_t file_id)
{
    journal_add(j, note_new(&kind_gone, file_id, 0));
}

void note_published(struct journal *j, int64_t file_id, int64_t document, const char *name)
{
    struct note *n = note_new(&kind_published, file_id, 0);
    n->document = document;
    n->texts[0] = copy(name);
    journal_add(j, n);
}

void note_clash(struct journal *j, int64_t file_id, int64_t at)
{
    struct note *n = note_new(&kind_clash, file_id, 0);
    n->at = at;
    journal_add(j, n);
}

bool note_attempt_start(struct journal *j, int64_t document, int *attempt,
                        char alias[LEDGER_ALIAS_MAX])
{
    if (journal_down(j))
        return false;
    int rc = ledger_attempt_start(journal_context(j)->ledger, document,
                                  journal_context(j)->options->spending.price, attempt, alias);
    if (rc < 0) {
        journal_failed(j, NULL);
        return false;
    }
    struct note *n = note_new(&kind_attempt_start, document, *attempt);
    n->price = journal_context(j)->options->spending.price;
    journal_remember(j, n);
    return true;
}

void note_attempt_end(struct journal *j, int64_t document, int attempt,
                      enum attempt_outcome outcome, int status, const char *cause)
{
    struct note *n = note_new(&kind_attempt_end, document, attempt);
    n->number = (int)outcome;
    n->status = status;
    n->texts[0] = copy(cause);
    journal_add(j, n);
}

void note_accepted(struct journal *j, int64_t document, int attempt, const char *job_id)
{
    struct note *n = note_new(&kind_accepted, document, attempt);
    n->texts[0] = copy(job_id);
    journal_add(j, n);
}

void note_result_url(struct journal *j, int64_t document, int attempt, const char *url)
{
    struct note *n = note_new(&kind_result_url, document, attempt);
    n->texts[0] = copy(url);
    journal_add(j, n);
}

void note_resent(struct journal *j, int64_t document, int attempt)
{
    journal_add(j, note_new(&kind_resent, document, attempt));
}

void note_unresent(struct journal *j, int64_t document, int attempt)
{
    journal_add(j, note_new(&kind_unresent, document, attempt));
}

void note_step(struct journal *j, const struct ledger_step *s)
{
    meter_step(journal_context(j)->options->meter, s->event);
    struct note *n = note_new(&kind_step, s->document_id, s->attempt);
    n->step = *s;
    n->step.cause = n->texts[0] = copy(s->cause);
    n->step.code = n->texts[1] = copy(s->code);
    n->step.detail = n->texts[2] = copy(s->detail);
    journal_add(j, n);
}

void note_result(struct journal *j, int64_t document, const char *bytes, size_t len, int page_count)
{
    struct note *n = note_new(&kind_result, document, 0);
    n->bytes = bytes;
    n->len = len;
    n->number = page_count;
    journal_add(j, n);
}

void note_kept(struct journal *j, int64_t document, const char *bytes, size_t len)
{
    add_bytes(j, note_new(&kind_kept, document, 0), bytes, len);
}

bool note_orphan(struct journal *j, const char *bytes, size_t len, const char *job_id,
                 const char *alias)
{
    struct note *n = note_new(&kind_orphan, 0, 0);
    n->texts[0] = copy(job_id);
    n->texts[1] = copy(alias);
    return add_bytes(j, n, bytes, len);
}

void note_learned(struct journal *j, int kind, const char *bytes, size_t len)
{
    struct note *n = note_new(&kind_learned, journal_context(j)->settings_id, 0);
    n->number = kind;
    add_bytes(j, n, bytes, len);
}

void note_move(struct journal *j, const struct ledger_move *m)
{
    struct note *n = note_new(&kind_move, m->file_id, 0);
    n->move = *m;
    n->move.path = n->move.place = n->move.name = NULL;
    n->move.target = n->texts[0] = copy(m->target);
    journal_add(j, n);
}

void note_moved(struct journal *j, int64_t file_id, const struct file_stamp *stamp)
{
    struct note *n = note_new(&kind_moved, file_id, 0);
    n->move.stamp = *stamp;
    journal_add(j, n);
}

void note_unmoved(struct journal *j, int64_t file_id)
{
    journal_add(j, note_new(&kind_unmoved, file_id, 0));
}

void note_run(struct journal *j, int64_t post, int64_t get, int64_t http_429)
{
    struct note *n = note_new(&kind_run, 0, 0);
    n->post = post;
    n->get = get;
    n->http_429 = http_429;
    journal_add(j, n);
}
