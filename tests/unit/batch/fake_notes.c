/* See fake_notes.h. */
#include "fake_notes.h"

#include "base/text.h"
#include "ledger/document_ledger.h"
#include "ledger/turn.h"
#include "record.h"

#include <stdio.h>
#include <stdlib.h>

static struct journal *begun; /* whose turn is out */

struct journal *journal_new(const struct run_context *c, struct ending *ending)
{
    (void)ending;
    struct journal *j = xcalloc(1, sizeof *j);
    j->reserve = reserve_new(c);
    j->put = PUT_QUEUED;
    return j;
}

void journal_free(struct journal *j)
{
    begun = NULL;
    if (j)
        reserve_free(j->reserve);
    free(j);
}

struct reserve *journal_reserve(struct journal *j)
{
    return j->reserve;
}

void journal_on_commit(struct journal *j, void (*committed)(void *ctx, int64_t results), void *ctx)
{
    j->committed = committed;
    j->committed_ctx = ctx;
}

bool journal_dirty(const struct journal *j)
{
    return j->down || j->dirty;
}

bool journal_out(const struct journal *j)
{
    return j->durable != NULL;
}

bool journal_unsure(const struct journal *j)
{
    (void)j;
    return false;
}

bool journal_down(const struct journal *j)
{
    return j->down;
}

bool journal_was_down(const struct journal *j)
{
    return j->was_down;
}

bool journal_hopeless(const struct journal *j)
{
    return j->hopeless;
}

struct mono journal_next(const struct journal *j)
{
    return j->next;
}

bool journal_turn(struct journal *j, void (*durable)(void *ctx), void *ctx)
{
    if (!journal_commit(j))
        return false;
    begun = j;
    j->durable = durable;
    j->durable_ctx = ctx;
    return true;
}

/* The ledger's own (turn.h): nothing else of it is called here. */
void ledger_turn_end(struct ledger *l)
{
    (void)l;
    if (begun && begun->durable && !begun->takes_long)
        fake_journal_tell(begun);
}

void fake_journal_tell(struct journal *j)
{
    void (*durable)(void *ctx) = j->durable;
    j->durable = NULL;
    durable(j->durable_ctx);
}

bool journal_commit(struct journal *j)
{
    if (j->down)
        return false;
    record("commit");
    int64_t results = j->results;
    j->dirty = false;
    j->results = 0;
    if (j->committed)
        j->committed(j->committed_ctx, results);
    return true;
}

void journal_forget(struct journal *j)
{
    record("forget");
    j->dirty = false;
    j->results = 0;
}

/* --- notes.h --- */

/* Bytes are shown as they are: tests choose printable ones. */
static int shown(size_t len)
{
    return (int)len;
}

void note_file(struct journal *j, const struct ledger_new_file *f, enum ledger_put *put,
               int64_t *document)
{
    record("file %s pages=%d reject=%s", f->name, f->pages, record_text(f->reject_code));
    j->file = *f;
    text_copy(j->reject_detail, sizeof j->reject_detail, record_text(f->reject_detail));
    *put = j->down ? PUT_QUEUED : j->put;
    *document = j->down ? 0 : ++j->document;
    j->dirty = true;
}

void note_file_changed(struct journal *j, int64_t file_id, const char *code, const char *detail)
{
    record("file_changed file=%lld %s %s", (long long)file_id, record_text(code),
           record_text(detail));
    j->dirty = true;
}

void note_pages(struct journal *j, int64_t document, int pages)
{
    record("pages doc=%lld %d", (long long)document, pages);
    j->dirty = true;
}

void note_published(struct journal *j, int64_t file_id, int64_t document, const char *name)
{
    (void)name;
    record("published file=%lld doc=%lld", (long long)file_id, (long long)document);
    j->dirty = true;
}

void note_names(struct journal *j, void (*fn)(void *ctx, int64_t document), void *ctx)
{
    (void)fn, (void)ctx;
    record("names");
    j->dirty = true;
}

void note_gone(struct journal *j, int64_t file_id)
{
    record("gone file=%lld", (long long)file_id);
    j->dirty = true;
}

void note_clash(struct journal *j, int64_t file_id, int64_t at)
{
    record("clash file=%lld at=%lld", (long long)file_id, (long long)at);
    j->dirty = true;
}

bool note_attempt_start(struct journal *j, int64_t document, int *attempt,
                        char alias[LEDGER_ALIAS_MAX])
{
    if (j->down)
        return false;
    *attempt = ++j->attempt;
    snprintf(alias, LEDGER_ALIAS_MAX, "mb-%lld-%d", (long long)document, *attempt);
    record("attempt_start doc=%lld attempt=%d", (long long)document, *attempt);
    j->dirty = true;
    return true;
}

void note_attempt_end(struct journal *j, int64_t document, int attempt,
                      enum attempt_outcome outcome, int status, const char *cause)
{
    static const char *const outcomes[] = {"open",       "not_sent",   "answered",
                                           "in_doubt",   "accepted",   "job_done",
                                           "job_failed", "unreadable", "forgotten"};
    record("attempt_end doc=%lld attempt=%d %s %d %s", (long long)document, attempt,
           outcomes[outcome], status, record_text(cause));
    j->dirty = true;
}

void note_accepted(struct journal *j, int64_t document, int attempt, const char *job_id)
{
    record("accepted doc=%lld attempt=%d %s", (long long)document, attempt, record_text(job_id));
    j->dirty = true;
}

void note_result_url(struct journal *j, int64_t document, int attempt, const char *url)
{
    record("result_url doc=%lld attempt=%d %s", (long long)document, attempt, record_text(url));
    j->dirty = true;
}

void note_resent(struct journal *j, int64_t document, int attempt)
{
    record("resent doc=%lld attempt=%d", (long long)document, attempt);
    j->dirty = true;
}

void note_unresent(struct journal *j, int64_t document, int attempt)
{
    record("unresent doc=%lld attempt=%d", (long long)document, attempt);
    j->dirty = true;
}

void note_step(struct journal *j, const struct ledger_step *s)
{
    record("step doc=%lld %s %s %s attempts=%d attempt=%d %s %s %s", (long long)s->document_id,
           doc_state_names[s->from], doc_state_names[s->to], doc_event_names[s->event], s->attempts,
           s->attempt, record_text(s->cause), record_text(s->code), record_text(s->detail));
    j->dirty = true;
}

void note_result(struct journal *j, int64_t document, const char *bytes, size_t len, int page_count)
{
    record("result doc=%lld pages=%d %.*s", (long long)document, page_count, shown(len), bytes);
    j->dirty = true;
    j->results++;
}

void note_kept(struct journal *j, int64_t document, const char *bytes, size_t len)
{
    record("kept doc=%lld %.*s", (long long)document, shown(len), bytes);
    j->dirty = true;
}

bool note_orphan(struct journal *j, const char *bytes, size_t len, const char *job_id,
                 const char *alias)
{
    record("orphan %s %s %.*s", record_text(job_id), record_text(alias), shown(len), bytes);
    if (j->no_memory)
        return false;
    j->dirty = true;
    return true;
}

void note_learned(struct journal *j, int kind, const char *bytes, size_t len)
{
    (void)bytes;
    record("learned kind=%d bytes=%zu", kind, len);
    j->dirty = true;
}

void note_move(struct journal *j, const struct ledger_move *m)
{
    record("move file=%lld doc=%lld %s", (long long)m->file_id, (long long)m->document_id,
           record_text(m->target));
    j->dirty = true;
}

void note_moved(struct journal *j, int64_t file_id, const struct file_stamp *stamp)
{
    record("moved file=%lld size=%lld", (long long)file_id, (long long)stamp->size_bytes);
    j->dirty = true;
}

void note_unmoved(struct journal *j, int64_t file_id)
{
    record("unmoved file=%lld", (long long)file_id);
    j->dirty = true;
}

void note_run(struct journal *j, int64_t post, int64_t get, int64_t http_429)
{
    record("run post=%lld get=%lld http_429=%lld", (long long)post, (long long)get,
           (long long)http_429);
    j->dirty = true;
}
