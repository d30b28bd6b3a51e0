/* Inputs of documents that are done go to the directories of input.move_*: after the commit that
 * says so, a few at a time, on the thread pool.
 *
 * One move: find a free name there (pool); note the intent, and wait for its commit; move (pool);
 * note that it is done, and the stamp the file has there. A name that was taken meanwhile: another
 * one, another intent. What can't be moved stays where it is, its intent is withdrawn, and the next
 * run (one that stays: the next hour) tries again. An intent that an earlier run left is settled
 * first, by looking at both places (file_move.h).
 *
 * Which files: those of documents that come to an end, as they do (moving_consider); and all that
 * earlier runs left behind, a thousand files of the ledger at a time. The ledger says of each
 * whether it is to be moved at all, so asking twice does no harm.
 *
 * Not before nobody needs a file where it is: no upload of its document is on its way (moving would
 * change the stamp under it), and, of one that failed, the first documents aren't under suspicion
 * of having failed all alike for the run's fault. */
#include "base/crash_point.h"
#include "base/log.h"
#include "base/text.h"
#include "batch/state.h"
#include "intake/file_move.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CONSIDERED_MOST = 4096, SPAN = 1000, TRIES = 100, FAILURES_SHOWN = 10 };

enum phase {
    CHOOSING,  /* on the pool */
    INTENDED,  /* waits for the commit */
    UNDER_WAY, /* on the pool */
};

struct move {
    struct list link; /* of moving->moves */
    struct batch *batch;
    enum phase phase;
    struct ledger_move row; /* target: as chosen */
    const char *directory;  /* NULL: only to be settled */
    int skip;               /* names found taken */
    char *temporary;
    bool is_there; /* the source, as the ledger knows it */
    struct file_move work;
    enum file_move_outcome outcome;
    struct error error;
};

struct moving {
    struct list moves;
    size_t count;
    unsigned states; /* bits: what is moved at all */
    int64_t *documents;
    size_t document_count, document_next;
    bool settling, sweeping;
    bool held; /* one was passed over because it may yet be sent again */
    int64_t settled_id, swept_id, last_id;
    size_t failures;
};

static void pick(struct batch *b);

static void move_free(struct move *m)
{
    list_remove(&m->link);
    m->batch->moving->count--;
    ledger_move_release(&m->row);
    free(m->temporary);
    free(m);
}

static void log_failure(struct move *m, const struct error *e)
{
    if (m->batch->moving->failures++ < FAILURES_SHOWN)
        LOG(LOG_WARNING, "file.not_moved", LOG_STR("path", m->row.place),
            LOG_STR("reason", e->text),
            LOG_STR("next", "it stays where it is; mend this, and the next run moves it"));
}

/* --- choosing --- */

static void choose_work(void *ctx)
{
    struct move *m = ctx;
    struct stat st;
    struct buffer target;
    m->is_there = lstat(m->row.place, &st) == 0 && file_move_is_same(&st, &m->row.stamp);
    if (!m->is_there)
        return;
    buffer_init(&target, 0);
    if (file_move_choose(m->directory, m->row.name, m->skip, &target, &m->error) == 0)
        m->row.target = buffer_detach(&target, NULL);
    buffer_release(&target);
}

/* Beside the target, and of this file alone. */
static char *temporary_of(const struct move *m)
{
    struct buffer name;
    buffer_init(&name, 0);
    int folder = (int)(strrchr(m->row.target, '/') - m->row.target);
    buffer_printf(&name, "%.*s/.mindee-batch-%016" PRIx64 "-%" PRId64 ".part", folder,
                  m->row.target, ledger_id(m->batch->ledger), m->row.file_id);
    return buffer_detach(&name, NULL);
}

static void choose_done(void *ctx)
{
    struct move *m = ctx;
    struct batch *b = m->batch;
    if (b->stopping || !m->row.target) {
        if (!m->is_there)
            LOG(LOG_DEBUG, "file.not_there", LOG_STR("path", m->row.place));
        else if (!m->row.target)
            log_failure(m, &m->error);
        if (m->skip)
            journal_unmoved(b, m->row.file_id); /* of the name before this one */
        move_free(m);
    } else {
        m->temporary = temporary_of(m);
        m->phase = INTENDED;
        journal_move(b, &m->row);
        CRASH_POINT("move_noted");
    }
    batch_poke(b);
}

static void choose(struct move *m)
{
    m->phase = CHOOSING;
    loop_work(m->batch->loop, choose_work, choose_done, m);
}

/* --- moving --- */

static void move_work(void *ctx)
{
    struct move *m = ctx;
    m->outcome = file_move_do(&m->work);
}

static void move_done(void *ctx)
{
    struct move *m = ctx;
    struct batch *b = m->batch;
    CRASH_POINT("move_answered");
    batch_poke(b);
    if (m->outcome == FILE_MOVE_TAKEN && m->directory && ++m->skip < TRIES && !b->stopping) {
        free(m->row.target);
        free(m->temporary);
        m->row.target = m->temporary = NULL;
        choose(m);
        return;
    }
    if (m->outcome == FILE_MOVED) {
        journal_moved(b, m->row.file_id, &m->work.there);
        LOG(LOG_DEBUG, "file.moved", LOG_STR("path", m->row.place), LOG_STR("to", m->row.target));
    } else {
        journal_unmoved(b, m->row.file_id);
        if (m->outcome == FILE_MOVE_FAILED)
            log_failure(m, &m->work.error);
        else
            LOG(LOG_INFO, "file.not_moved", LOG_STR("path", m->row.place),
                LOG_STR("reason", m->outcome == FILE_MOVE_CHANGED ? "it has changed since"
                                  : m->outcome == FILE_MOVE_GONE  ? "it is gone"
                                                                  : "its place is taken"));
    }
    move_free(m);
}

static void begin(struct move *m, bool resumed)
{
    m->phase = UNDER_WAY;
    m->work = (struct file_move){.source = m->row.place,
                                 .target = m->row.target,
                                 .temporary = m->temporary,
                                 .stamp = m->row.stamp,
                                 .resumed = resumed};
    loop_work(m->batch->loop, move_work, move_done, m);
}

/* --- which --- */

static bool in_hand(const struct moving *g, int64_t file_id)
{
    LIST_EACH (node, &g->moves) {
        if (LIST_ENTRY(node, struct move, link)->row.file_id == file_id)
            return true;
    }
    return false;
}

/* ROW is the move's from now on. */
static struct move *move_new(struct batch *b, struct ledger_move *row)
{
    struct moving *g = b->moving;
    if (in_hand(g, row->file_id)) {
        ledger_move_release(row);
        return NULL;
    }
    struct move *m = xcalloc(1, sizeof *m);
    m->batch = b;
    m->row = *row;
    m->directory = b->options->move_to[row->state];
    list_push_back(&g->moves, &m->link);
    g->count++;
    return m;
}

static unsigned states_now(struct batch *b)
{
    struct moving *g = b->moving;
    unsigned held = b->suspect_count ? g->states & 1u << DOC_FAILED : 0;
    g->held = g->held || held;
    return g->states & ~held;
}

/* What the ledger gave, into hand. False: it gave an error. */
static bool take(struct batch *b, struct ledger_move *rows, int n)
{
    for (int i = 0; i < n; i++) {
        struct move *m = move_new(b, &rows[i]);
        if (m && m->row.target) {
            m->temporary = temporary_of(m);
            begin(m, true);
        } else if (m) {
            choose(m);
        }
    }
    return batch_wrote(b, n);
}

static bool is_being_sent(struct batch *b, int64_t document)
{
    const struct flight *f = flight_find(b, document);
    return f && f->requests > 0 && doc_state_is_final(f->doc.state);
}

/* Of the documents that came to an end. What has to wait goes to the end of the list. */
static void pick_considered(struct batch *b)
{
    struct moving *g = b->moving;
    size_t waiting = 0, left = g->document_count - g->document_next;
    for (; left > 0 && g->count < MOVES_AT_ONCE; left--) {
        struct ledger_move rows[MOVES_AT_ONCE];
        int64_t document = g->documents[g->document_next++];
        if (is_being_sent(b, document)) {
            g->documents[waiting++] = document; /* before document_next: that place is free */
            continue;
        }
        int room = (int)(MOVES_AT_ONCE - g->count);
        int n = ledger_moves_of(b->ledger, document, states_now(b), 0, rows, room);
        if (!take(b, rows, n))
            return;
        if (n == room) /* there may be more of it */
            g->documents[waiting++] = document;
    }
    size_t rest = g->document_count - g->document_next;
    if (rest)
        memmove(g->documents + waiting, g->documents + g->document_next,
                rest * sizeof *g->documents);
    g->document_next = 0;
    g->document_count = waiting + rest;
}

static void pick_swept(struct batch *b)
{
    struct moving *g = b->moving;
    struct ledger_move rows[MOVES_AT_ONCE];
    int room = (int)(MOVES_AT_ONCE - g->count);
    if (room == 0)
        return;
    int n = ledger_moves_among(b->ledger, states_now(b), g->swept_id, SPAN, rows, room);
    g->swept_id = n == room ? rows[n - 1].file_id : g->swept_id + SPAN;
    g->sweeping = g->swept_id < g->last_id;
    for (int i = 0; i < n; i++)
        if (is_being_sent(b, rows[i].document_id)) {
            moving_consider(b, rows[i].document_id);
            ledger_move_release(&rows[i]);
            rows[i--] = rows[--n];
        }
    if (!take(b, rows, n))
        return;
    if (g->sweeping)
        batch_poke(b);
}

static void pick(struct batch *b)
{
    struct moving *g = b->moving;
    if (g->settling) {
        struct ledger_move rows[MOVES_AT_ONCE];
        int n = ledger_moves_intended(b->ledger, g->settled_id, rows, MOVES_AT_ONCE);
        g->settling = n == MOVES_AT_ONCE;
        if (n > 0)
            g->settled_id = rows[n - 1].file_id;
        if (!take(b, rows, n) || g->settling)
            return;
    }
    if (retrying_busy(b))
        return;
    pick_considered(b);
    if (g->sweeping)
        pick_swept(b);
}

/* --- the turn --- */

void moving_turn(struct batch *b)
{
    struct moving *g = b->moving;
    if (!g || b->closing)
        return;
    if (g->held && b->suspect_count == 0) {
        g->held = false;
        moving_look_again(b);
    }
    LIST_EACH_SAFE (node, &g->moves) {
        struct move *m = LIST_ENTRY(node, struct move, link);
        if (m->phase == INTENDED) {
            CRASH_POINT("move_intended");
            begin(m, false);
        }
    }
    if (!b->stopping && g->count < (g->settling ? 1 : MOVES_AT_ONCE))
        pick(b);
}

void moving_consider(struct batch *b, int64_t document)
{
    struct moving *g = b->moving;
    if (!g || !g->states || document == 0)
        return;
    if (g->document_count == CONSIDERED_MOST) {
        moving_look_again(b);
        return;
    }
    if (!g->documents)
        g->documents = xcalloc(CONSIDERED_MOST, sizeof *g->documents);
    g->documents[g->document_count++] = document;
}

void moving_look_again(struct batch *b)
{
    struct moving *g = b->moving;
    if (!g || !g->states || !batch_wrote(b, ledger_last_file(b->ledger, &g->last_id)))
        return;
    g->swept_id = 0;
    g->sweeping = g->last_id > 0;
    batch_poke(b);
}

bool moving_busy(const struct batch *b)
{
    const struct moving *g = b->moving;
    if (!g)
        return false;
    if (!b->stopping)
        return g->count > 0 || g->settling || g->sweeping || g->document_count > 0;
    LIST_EACH (node, &g->moves) {
        if (!b->storage_lost || LIST_ENTRY(node, struct move, link)->phase != INTENDED)
            return true;
    }
    return false;
}

bool moving_is_done(struct batch *b)
{
    if (!b->moving || !b->moving->held)
        return true;
    b->suspect_count = 0; /* nothing more is sent: they failed on their own */
    batch_poke(b);
    return false;
}

void moving_start(struct batch *b)
{
    struct moving *g = b->moving = xcalloc(1, sizeof *g);
    list_init(&g->moves);
    for (int s = 0; s < DOC_STATE_COUNT; s++)
        if (b->options->move_to[s])
            g->states |= 1u << s;
    g->settling = true;
    moving_look_again(b);
}

void moving_free(struct batch *b)
{
    struct moving *g = b->moving;
    if (!g)
        return;
    while (!list_empty(&g->moves))
        move_free(LIST_ENTRY(list_first(&g->moves), struct move, link));
    free(g->documents);
    free(g);
    b->moving = NULL;
}
