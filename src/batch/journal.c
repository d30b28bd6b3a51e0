/* The turn's ledger writes, kept until they are durable. Each is written into the ledger's
 * transaction at once, and remembered; when the commit succeeds all are forgotten. If a write or
 * the commit fails (disk full, I/O error) SQLite takes the whole turn back, but nothing is lost:
 * what this run has learned since is remembered too, and journal_commit() writes all of it again,
 * in order, until it succeeds or the run gives up.
 *
 * A reserve file beside the ledger is given up at the first failure, so that a full disk still
 * takes the record of what is on its way: job ids are worth money. It is made again by the next
 * run. */
#include "base/crash_point.h"
#include "base/log.h"
#include "base/text.h"
#include "batch/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RESERVE_BYTES = 2 * 1000 * 1000, RETRY_MS = 500, PATIENCE_MS = 15000 };

enum note_kind {
    NOTE_FILE,
    NOTE_FILE_CHANGED,
    NOTE_PAGES,
    NOTE_PROJECTED,
    NOTE_ATTEMPT_START,
    NOTE_ATTEMPT_END,
    NOTE_ACCEPTED,
    NOTE_RESULT_URL,
    NOTE_RESENT,
    NOTE_STEP,
    NOTE_RESULT,
    NOTE_KEEP,
    NOTE_RUN,
    NOTE_ORPHAN,
    NOTE_LEARNED,
    NOTE_MOVE,
    NOTE_MOVED,
    NOTE_UNMOVED,
};

struct note {
    struct list link;
    enum note_kind kind;
    int64_t id; /* of the document, or the file */
    int attempt, number, status;
    struct ledger_step step;
    struct ledger_new_file file;
    struct ledger_move move;
    uint8_t sha256[SHA256_BYTES];
    int64_t document; /* a projected file's */
    int64_t post, get, http_429;
    char *texts[5];    /* owned copies of what the fields above point to */
    const char *bytes; /* the flight's payload, which lives until the commit */
    size_t len;
    char *owned; /* bytes that are the note's own */
};

static char *copy(const char *text)
{
    return text ? xstrdup(text) : NULL;
}

static void note_free(struct note *n)
{
    for (int i = 0; i < 5; i++)
        free(n->texts[i]);
    free(n->owned);
    free(n);
}

static int write_file(struct batch *b, struct note *n)
{
    enum ledger_put put;
    int64_t document;
    return ledger_file_put(b->ledger, &n->file, &put, &document);
}

static int write_attempt_start(struct batch *b, struct note *n)
{
    int attempt;
    char alias[LEDGER_ALIAS_MAX];
    int rc = ledger_attempt_start(b->ledger, n->id, &attempt, alias);
    REQUIRE(rc < 0 || attempt == n->attempt);
    return rc;
}

static int write_note(struct batch *b, struct note *n)
{
    struct ledger *l = b->ledger;
    switch (n->kind) {
    case NOTE_FILE:
        return write_file(b, n);
    case NOTE_FILE_CHANGED:
        return ledger_file_changed(l, n->id, n->texts[0], n->texts[1]);
    case NOTE_PAGES:
        return ledger_set_pages(l, n->id, n->number);
    case NOTE_PROJECTED:
        return ledger_projected(l, n->id, n->document);
    case NOTE_ATTEMPT_START:
        return write_attempt_start(b, n);
    case NOTE_ATTEMPT_END:
        return ledger_attempt_end(l, n->id, n->attempt, (enum attempt_outcome)n->number, n->status,
                                  n->texts[0]);
    case NOTE_ACCEPTED:
        return ledger_attempt_accepted(l, n->id, n->attempt, n->texts[0]);
    case NOTE_RESULT_URL:
        return ledger_attempt_result_url(l, n->id, n->attempt, n->texts[0]);
    case NOTE_RESENT:
        return ledger_attempt_resent(l, n->id, n->attempt);
    case NOTE_STEP:
        return ledger_step(l, &n->step);
    case NOTE_RESULT:
        return ledger_result_put(l, n->id, n->bytes, n->len, n->number);
    case NOTE_KEEP:
        return ledger_bytes_keep(l, n->id, n->bytes, n->len);
    case NOTE_ORPHAN:
        return ledger_orphan_put(l, n->bytes, n->len, n->texts[0], n->texts[1]);
    case NOTE_LEARNED:
        return ledger_learned_put(l, b->settings_id, n->number, n->bytes, n->len);
    case NOTE_MOVE:
        return ledger_move_intend(l, &n->move);
    case NOTE_MOVED:
        return ledger_move_done(l, n->id, &n->move.stamp);
    case NOTE_UNMOVED:
        return ledger_move_drop(l, n->id);
    case NOTE_RUN:
        return ledger_run_add(l, n->post, n->get, n->http_429);
    }
    return 0;
}

/* --- trouble --- */

static char *reserve_path(const struct batch *b)
{
    struct buffer path;
    buffer_init(&path, 0);
    buffer_printf(&path, "%s.reserve", b->options->ledger);
    return buffer_detach(&path, NULL);
}

static void give_up_reserve(const struct batch *b)
{
    char *path = reserve_path(b);
    unlink(path);
    free(path);
}

/* Nothing new begins; what is on its way is finished and noted. */
static void trouble(struct batch *b)
{
    struct journal *j = &b->journal;
    const struct error *e = ledger_error(b->ledger);
    struct mono now = clock_mono(b->clock);
    if (e->code == ERR_DAMAGED) {
        batch_storage_failed(b);
        return;
    }
    if (!j->down) {
        LOG(LOG_ERROR, "ledger.write_failed", LOG_STR("reason", e->text),
            LOG_STR("next", "nothing new is sent; what is on its way is finished and recorded"));
        j->down = true;
        j->since = now;
        give_up_reserve(b);
        batch_end_early(b, EXIT_RESUMABLE, "stopped: %s. Nothing is lost", e->text);
    }
    j->retry_at = mono_add(now, j->was_down ? RETRY_MS : 0);
    j->was_down = true;
    ledger_recover(b->ledger);
}

/* A refusal is about this one note; anything else is about the disk. */
static bool is_refusal(int code)
{
    return code == ERR_USAGE || code == ERR_LIMIT || code == ERR_NOT_FOUND;
}

static void add(struct batch *b, struct note *n)
{
    int rc = b->journal.down ? 0 : write_note(b, n);
    if (is_refusal(rc)) {
        LOG(LOG_ERROR, "ledger.refused", LOG_STR("reason", ledger_error(b->ledger)->text));
        note_free(n);
        return;
    }
    list_push_back(&b->journal.notes, &n->link);
    CRASH_POINT("journal_noted");
    if (rc < 0)
        trouble(b);
}

static struct note *note_new(enum note_kind kind, int64_t id, int attempt)
{
    struct note *n = xcalloc(1, sizeof *n);
    list_init(&n->link);
    n->kind = kind;
    n->id = id;
    n->attempt = attempt;
    return n;
}

/* With a copy of BYTES that is the note's own; false, and nothing noted, if there is no memory for
 * it. */
static bool add_bytes(struct batch *b, struct note *n, const char *bytes, size_t len)
{
    n->owned = malloc(len ? len : 1);
    if (!n->owned) {
        LOG(LOG_ERROR, "ledger.no_memory", LOG_INT("bytes", len));
        note_free(n);
        return false;
    }
    memcpy(n->owned, bytes, len);
    n->bytes = n->owned;
    n->len = len;
    add(b, n);
    return true;
}

static void forget(struct journal *j)
{
    while (!list_empty(&j->notes)) {
        struct note *n = LIST_ENTRY(list_first(&j->notes), struct note, link);
        list_remove(&n->link);
        note_free(n);
    }
}

/* In order; a note that is refused would be refused again and is dropped. */
static bool write_again(struct batch *b)
{
    LIST_EACH_SAFE (link, &b->journal.notes) {
        struct note *n = LIST_ENTRY(link, struct note, link);
        int rc = write_note(b, n);
        if (is_refusal(rc)) {
            LOG(LOG_ERROR, "ledger.refused", LOG_STR("reason", ledger_error(b->ledger)->text));
            list_remove(&n->link);
            note_free(n);
        } else if (rc < 0) {
            return false;
        }
    }
    return true;
}

void journal_init(struct batch *b)
{
    list_init(&b->journal.notes);
}

void journal_release(struct batch *b)
{
    forget(&b->journal);
}

void journal_make_reserve(struct batch *b)
{
    char *path = reserve_path(b);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    int rc = fd < 0 ? errno : posix_fallocate(fd, 0, RESERVE_BYTES);
    if (fd >= 0)
        close(fd);
    if (rc != 0) {
        LOG(LOG_WARNING, "ledger.no_reserve", LOG_STR("path", path),
            LOG_STR("reason", strerror(rc)));
        unlink(path);
    }
    free(path);
}

void journal_drop_reserve(struct batch *b)
{
    give_up_reserve(b);
}

bool journal_dirty(const struct batch *b)
{
    return b->journal.down || !list_empty(&b->journal.notes) || ledger_dirty(b->ledger);
}

bool journal_hopeless(const struct batch *b)
{
    return b->journal.down && mono_diff(clock_mono(b->clock), b->journal.since) >= PATIENCE_MS;
}

struct mono journal_next(const struct batch *b)
{
    return b->journal.down ? b->journal.retry_at : (struct mono){0};
}

bool journal_commit(struct batch *b)
{
    struct journal *j = &b->journal;
    if (j->down && !mono_reached(clock_mono(b->clock), j->retry_at))
        return false;
    bool written = !j->down || write_again(b);
    if (!written || ledger_commit(b->ledger) < 0) {
        trouble(b);
        return false;
    }
    if (j->down)
        LOG(LOG_WARNING, "ledger.writes_again", LOG_STR("next", "what was on its way is recorded"));
    j->down = false;
    forget(j);
    int64_t results = j->results;
    j->results = 0;
    if (b->committed)
        b->committed(b->committed_ctx, results);
    return true;
}

/* --- what is written --- */

void journal_file(struct batch *b, const struct ledger_new_file *f, enum ledger_put *put,
                  int64_t *document)
{
    struct note *n = note_new(NOTE_FILE, 0, 0);
    n->file = *f;
    n->file.path = n->texts[0] = copy(f->path);
    n->file.name = n->texts[1] = copy(f->name);
    n->file.reject_code = n->texts[2] = copy(f->reject_code);
    n->file.reject_detail = n->texts[3] = copy(f->reject_detail);
    if (b->options->period_of)
        n->file.period = n->texts[4] =
            xstrdup(b->options->period_of(b->options->period_ctx, &f->stamp));
    if (f->sha256) {
        memcpy(n->sha256, f->sha256, SHA256_BYTES);
        n->file.sha256 = n->sha256;
    }
    *put = PUT_QUEUED;
    *document = 0;
    if (!b->journal.down) {
        int rc = ledger_file_put(b->ledger, &n->file, put, document);
        if (rc == ERR_USAGE) { /* a name two files want: the run ends, and nothing else is wrong */
            batch_end_early(b, EXIT_USAGE, "%s", ledger_error(b->ledger)->text);
            note_free(n);
            return;
        }
        if (rc < 0)
            trouble(b);
    }
    list_push_back(&b->journal.notes, &n->link);
}

void journal_file_changed(struct batch *b, int64_t file_id, const char *code, const char *detail)
{
    struct note *n = note_new(NOTE_FILE_CHANGED, file_id, 0);
    n->texts[0] = copy(code);
    n->texts[1] = copy(detail);
    add(b, n);
}

void journal_pages(struct batch *b, int64_t document, int pages)
{
    struct note *n = note_new(NOTE_PAGES, document, 0);
    n->number = pages;
    add(b, n);
}

void journal_projected(struct batch *b, int64_t file_id, int64_t document)
{
    struct note *n = note_new(NOTE_PROJECTED, file_id, 0);
    n->document = document;
    add(b, n);
}

bool journal_attempt_start(struct batch *b, int64_t document, int *attempt,
                           char alias[LEDGER_ALIAS_MAX])
{
    if (b->journal.down)
        return false;
    if (ledger_attempt_start(b->ledger, document, attempt, alias) < 0) {
        trouble(b);
        return false;
    }
    struct note *n = note_new(NOTE_ATTEMPT_START, document, *attempt);
    list_push_back(&b->journal.notes, &n->link);
    return true;
}

void journal_attempt_end(struct batch *b, int64_t document, int attempt,
                         enum attempt_outcome outcome, int status, const char *cause)
{
    struct note *n = note_new(NOTE_ATTEMPT_END, document, attempt);
    n->number = (int)outcome;
    n->status = status;
    n->texts[0] = copy(cause);
    add(b, n);
}

void journal_accepted(struct batch *b, int64_t document, int attempt, const char *job_id)
{
    struct note *n = note_new(NOTE_ACCEPTED, document, attempt);
    n->texts[0] = copy(job_id);
    add(b, n);
}

void journal_result_url(struct batch *b, int64_t document, int attempt, const char *url)
{
    struct note *n = note_new(NOTE_RESULT_URL, document, attempt);
    n->texts[0] = copy(url);
    add(b, n);
}

void journal_resent(struct batch *b, int64_t document, int attempt)
{
    add(b, note_new(NOTE_RESENT, document, attempt));
}

void journal_step(struct batch *b, const struct ledger_step *s)
{
    struct note *n = note_new(NOTE_STEP, s->document_id, s->attempt);
    n->step = *s;
    n->step.cause = n->texts[0] = copy(s->cause);
    n->step.code = n->texts[1] = copy(s->code);
    n->step.detail = n->texts[2] = copy(s->detail);
    add(b, n);
}

void journal_result(struct batch *b, int64_t document, const char *bytes, size_t len,
                    int page_count)
{
    struct note *n = note_new(NOTE_RESULT, document, 0);
    n->bytes = bytes;
    n->len = len;
    n->number = page_count;
    b->journal.results++;
    add(b, n);
}

void journal_keep(struct batch *b, int64_t document, const char *bytes, size_t len)
{
    add_bytes(b, note_new(NOTE_KEEP, document, 0), bytes, len);
}

void journal_move(struct batch *b, const struct ledger_move *m)
{
    struct note *n = note_new(NOTE_MOVE, m->file_id, 0);
    n->move = *m;
    n->move.place = n->move.name = NULL;
    n->move.target = n->texts[0] = copy(m->target);
    add(b, n);
}

void journal_moved(struct batch *b, int64_t file_id, const struct file_stamp *stamp)
{
    struct note *n = note_new(NOTE_MOVED, file_id, 0);
    n->move.stamp = *stamp;
    add(b, n);
}

void journal_unmoved(struct batch *b, int64_t file_id)
{
    add(b, note_new(NOTE_UNMOVED, file_id, 0));
}

void journal_run(struct batch *b, int64_t post, int64_t get, int64_t http_429)
{
    struct note *n = note_new(NOTE_RUN, 0, 0);
    n->post = post;
    n->get = get;
    n->http_429 = http_429;
    add(b, n);
}

void journal_learned(struct batch *b, int kind, const char *bytes, size_t len)
{
    struct note *n = note_new(NOTE_LEARNED, 0, 0);
    n->number = kind;
    add_bytes(b, n, bytes, len);
}

bool journal_orphan(struct batch *b, const char *bytes, size_t len, const char *job_id,
                    const char *alias)
{
    struct note *n = note_new(NOTE_ORPHAN, 0, 0);
    n->texts[0] = copy(job_id);
    n->texts[1] = copy(alias);
    return add_bytes(b, n, bytes, len);
}
