/* See move.h. */
#include "batch/move.h"

#include "base/crash_point.h"
#include "base/log.h"
#include "base/text.h"
#include "base/trouble.h"
#include "batch/notes.h"
#include "intake/file_move.h"
#include "ledger/file_names.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    AT_ONCE = 32,
    CONSIDERED_MOST = 4096,
    SPAN = 1000,
    TRIES = 100,
    FAILURES_SHOWN = 10,
    PAUSE_FIRST_MS = 250, /* after trouble that passes (trouble.h) */
    PAUSE_MOST_MS = 15000,
    LOOK_AGAIN_MS = 3600 * 1000, /* in a run that stays: at what couldn't be moved */
};

enum phase {
    CHOOSING,  /* a free name, on the pool */
    INTENDED,  /* waits for the commit */
    UNDER_WAY, /* on the pool */
};

/* One file in hand. */
struct moving_file {
    struct list link; /* of move->files */
    struct move *move;
    enum phase phase;
    struct ledger_move row; /* target: as chosen */
    const char *directory;  /* NULL: only to be settled */
    int skip;               /* names found taken */
    int number;             /* of the name chosen; 1: none */
    char *temporary;
    bool is_there; /* the source, as the ledger knows it */
    bool away;     /* nobody can tell for now */
    struct file_move work;
    enum file_move_outcome outcome;
    struct error error;
};

/* A document whose files are looked at: those after file AFTER. */
struct considered {
    int64_t document, after;
};

struct move {
    struct run_context *context;
    struct ending *ending;
    struct journal *journal;
    struct flights *flights;
    struct suspects *suspects;
    struct list files;
    size_t count;
    unsigned states; /* bits: what is moved at all */
    struct considered *documents;
    size_t document_count, document_next;
    bool waits, settling, sweeping;
    bool held; /* one was passed over because it may yet be sent again */
    int64_t settled_id, swept_id, last_id;
    struct mono looked_at;
    size_t failures;
    bool again; /* some couldn't be moved for a reason that passes: all are looked at again */
    struct mono again_at, trouble_since; /* AGAIN; since: no file could be moved */
    int64_t pause_ms;                    /* 0: no trouble */
};

static void file_free(struct moving_file *f)
{
    list_remove(&f->link);
    f->move->count--;
    ledger_move_release(&f->row);
    free(f->temporary);
    free(f);
}

static void log_failure(struct moving_file *f, const struct error *e)
{
    if (f->move->failures++ < FAILURES_SHOWN)
        LOG(LOG_WARNING, "file.not_moved", LOG_STR("path", f->row.place),
            LOG_STR("reason", e->text),
            LOG_STR("next", "it stays where it is; mend this, and the next run moves it"));
}

/* It stays where it is, and is tried again in this run while input.patience lasts. */
static void try_again_later(struct moving_file *f, const char *reason)
{
    struct move *m = f->move;
    struct mono now = clock_mono(m->context->clock);
    if (m->pause_ms == 0) {
        m->trouble_since = now;
        LOG(LOG_WARNING, "file.not_moved", LOG_STR("path", f->row.place), LOG_STR("reason", reason),
            LOG_STR("next", "moves are tried again until input.patience is over"));
    }
    if (m->again)
        return;
    m->pause_ms = m->pause_ms ? m->pause_ms * 2 : PAUSE_FIRST_MS;
    m->pause_ms = m->pause_ms < PAUSE_MOST_MS ? m->pause_ms : PAUSE_MOST_MS;
    m->again_at = mono_add(now, m->pause_ms);
    m->again = m->context->options->mode == RUN_STAYS ||
               mono_diff(now, m->trouble_since) < m->context->options->input_patience_ms;
}

/* --- choosing --- */

static void choose_work(void *ctx)
{
    struct moving_file *f = ctx;
    struct stat st;
    struct buffer target;
    bool seen = lstat(f->row.place, &st) == 0;
    f->away = !seen && trouble_of(errno) != TROUBLE_NONE;
    f->is_there = seen && file_move_is_same(&st, &f->row.stamp);
    if (!f->is_there)
        return;
    buffer_init(&target, 0);
    if (file_move_choose(f->directory, f->row.name, f->skip, naming_number, &f->number, &target,
                         &f->error) == 0)
        f->row.target = buffer_detach(&target, NULL);
    f->away = !f->row.target && f->error.code == ERR_PASSING;
    buffer_release(&target);
}

/* Beside the target, and of this file alone. */
static char *temporary_of(const struct moving_file *f)
{
    struct buffer name;
    buffer_init(&name, 0);
    int folder = (int)(strrchr(f->row.target, '/') - f->row.target);
    buffer_printf(&name, "%.*s/.mindee-batch-%016" PRIx64 "-%" PRId64 ".part", folder,
                  f->row.target, ledger_id(f->move->context->ledger), f->row.file_id);
    return buffer_detach(&name, NULL);
}

static void choose(struct moving_file *f);

/* With its number it is the name of another file of the ledger, which may be moved there, too. */
static bool is_anothers(struct moving_file *f)
{
    struct buffer name;
    if (!f->row.target || f->number < 2)
        return false;
    buffer_init(&name, 0);
    naming_number(&name, f->row.name, f->number);
    int taken = ledger_name_taken(f->move->context->ledger, buffer_text(&name), f->row.file_id);
    buffer_release(&name);
    return ending_wrote(f->move->ending, taken) && taken == 1;
}

static void choose_done(void *ctx)
{
    struct moving_file *f = ctx;
    struct move *m = f->move;
    if (!ending_has_begun(m->ending) && is_anothers(f)) {
        f->skip = f->number;
        free(f->row.target);
        f->row.target = NULL;
        choose(f);
        return;
    }
    if (ending_has_begun(m->ending) || !f->row.target) {
        if (f->away)
            try_again_later(f, f->is_there ? f->error.text : "its place can't be looked at");
        else if (!f->is_there)
            LOG(LOG_DEBUG, "file.not_there", LOG_STR("path", f->row.place));
        else if (!f->row.target)
            log_failure(f, &f->error);
        if (f->skip)
            note_unmoved(m->journal, f->row.file_id); /* of the name before this one */
        file_free(f);
    } else {
        f->temporary = temporary_of(f);
        f->phase = INTENDED;
        note_move(m->journal, &f->row);
        CRASH_POINT("move_noted");
    }
    run_poke(m->context);
}

static void choose(struct moving_file *f)
{
    f->phase = CHOOSING;
    loop_work(f->move->context->loop, choose_work, choose_done, f);
}

/* --- moving --- */

static void move_work(void *ctx)
{
    struct moving_file *f = ctx;
    f->outcome = file_move_do(&f->work);
}

static void log_not_moved(struct moving_file *f)
{
    if (f->outcome == FILE_MOVE_FAILED && f->work.error.code == ERR_PASSING)
        try_again_later(f, f->work.error.text);
    else if (f->outcome == FILE_MOVE_FAILED)
        log_failure(f, &f->work.error);
    else
        LOG(LOG_INFO, "file.not_moved", LOG_STR("path", f->row.place),
            LOG_STR("reason", f->outcome == FILE_MOVE_CHANGED ? "it has changed since"
                              : f->outcome == FILE_MOVE_GONE  ? "it is gone"
                                                              : "its place is taken"));
}

static void move_done(void *ctx)
{
    struct moving_file *f = ctx;
    struct move *m = f->move;
    CRASH_POINT("move_answered");
    run_poke(m->context);
    if (f->outcome == FILE_MOVE_TAKEN && f->directory && ++f->skip < TRIES &&
        !ending_has_begun(m->ending)) {
        free(f->row.target);
        free(f->temporary);
        f->row.target = f->temporary = NULL;
        choose(f);
        return;
    }
    if (f->outcome == FILE_MOVED) {
        note_moved(m->journal, f->row.file_id, &f->work.there);
        m->pause_ms = 0;
        LOG(LOG_DEBUG, "file.moved", LOG_STR("path", f->row.place), LOG_STR("to", f->row.target));
    } else {
        note_unmoved(m->journal, f->row.file_id);
        log_not_moved(f);
    }
    file_free(f);
}

static void begin(struct moving_file *f, bool resumed)
{
    f->phase = UNDER_WAY;
    f->work = (struct file_move){.source = f->row.place,
                                 .target = f->row.target,
                                 .directory = f->directory,
                                 .temporary = f->temporary,
                                 .stamp = f->row.stamp,
                                 .resumed = resumed};
    loop_work(f->move->context->loop, move_work, move_done, f);
}

/* --- which --- */

static bool in_hand(const struct move *m, int64_t file_id)
{
    LIST_EACH (node, &m->files) {
        if (LIST_ENTRY(node, struct moving_file, link)->row.file_id == file_id)
            return true;
    }
    return false;
}

/* Of a PATH of this run; one without PATHs takes up files of any. */
static bool is_ours(const struct move *m, const char *path)
{
    const struct batch_options *o = m->context->options;
    for (size_t i = 0; i < o->root_count; i++) {
        size_t len = strlen(o->roots[i].path);
        bool whole = len > 0 && o->roots[i].path[len - 1] == '/';
        if (strncmp(path, o->roots[i].path, len) == 0 &&
            (whole || path[len] == '/' || path[len] == '\0'))
            return true;
    }
    return o->root_count == 0;
}

/* ROW is the file's from now on. NULL: it is in hand already, or none of this run's. */
static struct moving_file *file_new(struct move *m, struct ledger_move *row)
{
    if (in_hand(m, row->file_id) || (!row->target && !is_ours(m, row->path))) {
        ledger_move_release(row);
        return NULL;
    }
    struct moving_file *f = xcalloc(1, sizeof *f);
    f->move = m;
    f->row = *row;
    f->directory = m->context->options->move_to[row->state];
    list_push_back(&m->files, &f->link);
    m->count++;
    return f;
}

static unsigned states_now(struct move *m)
{
    unsigned held = suspects_any(m->suspects) ? m->states & 1u << DOC_FAILED : 0;
    m->held = m->held || held;
    return m->states & ~held;
}

/* What the ledger gave, into hand. False: it gave an error. */
static bool take(struct move *m, struct ledger_move *rows, int n)
{
    for (int i = 0; i < n; i++) {
        struct moving_file *f = file_new(m, &rows[i]);
        if (f && f->row.target) {
            f->temporary = temporary_of(f);
            begin(f, true);
        } else if (f) {
            choose(f);
        }
    }
    return ending_wrote(m->ending, n);
}

static bool is_being_sent(struct move *m, int64_t document)
{
    const struct flight *f = flight_find(m->flights, document);
    return f && f->requests > 0 && doc_state_is_final(f->doc.state);
}

/* Of the documents that came to an end. What has to wait goes to the end of the list. */
static void pick_considered(struct move *m)
{
    size_t waiting = 0, left = m->document_count - m->document_next;
    for (; left > 0 && m->count < AT_ONCE; left--) {
        struct ledger_move rows[AT_ONCE];
        struct considered d = m->documents[m->document_next++];
        if (is_being_sent(m, d.document)) {
            m->documents[waiting++] = d; /* before document_next: that place is free */
            continue;
        }
        int room = (int)(AT_ONCE - m->count);
        int n = ledger_moves_of(m->context->ledger, d.document, states_now(m), d.after, rows, room);
        if (n == room) /* there may be more of it */
            d.after = rows[n - 1].file_id;
        if (!take(m, rows, n))
            return;
        if (n == room)
            m->documents[waiting++] = d;
    }
    size_t rest = m->document_count - m->document_next;
    if (rest)
        memmove(m->documents + waiting, m->documents + m->document_next,
                rest * sizeof *m->documents);
    m->document_next = 0;
    m->document_count = waiting + rest;
}

static void pick_swept(struct move *m)
{
    struct ledger_move rows[AT_ONCE];
    int room = (int)(AT_ONCE - m->count);
    if (room == 0)
        return;
    int n = ledger_moves_among(m->context->ledger, states_now(m), m->swept_id, SPAN, rows, room);
    m->swept_id = n == room ? rows[n - 1].file_id : m->swept_id + SPAN;
    m->sweeping = m->swept_id < m->last_id;
    for (int i = 0; i < n; i++)
        if (is_being_sent(m, rows[i].document_id)) {
            move_consider(m, rows[i].document_id);
            ledger_move_release(&rows[i]);
            rows[i--] = rows[--n];
        }
    if (take(m, rows, n) && m->sweeping)
        run_poke(m->context);
}

static void pick(struct move *m)
{
    if (m->settling) {
        struct ledger_move rows[AT_ONCE];
        int n = ledger_moves_intended(m->context->ledger, m->settled_id, rows, AT_ONCE);
        m->settling = n == AT_ONCE;
        if (n > 0)
            m->settled_id = rows[n - 1].file_id;
        if (!take(m, rows, n) || m->settling)
            return;
    }
    if (m->waits)
        return;
    pick_considered(m);
    if (m->sweeping)
        pick_swept(m);
}

/* At all files of the ledger, from the first on. */
static void look_again(struct move *m)
{
    m->looked_at = clock_mono(m->context->clock);
    if (!m->states || !ending_wrote(m->ending, ledger_last_file(m->context->ledger, &m->last_id)))
        return;
    m->swept_id = 0;
    m->sweeping = m->last_id > 0;
    run_poke(m->context);
}

void move_consider(struct move *m, int64_t document)
{
    if (!m->states || document == 0)
        return;
    if (m->document_count == CONSIDERED_MOST) {
        look_again(m);
        return;
    }
    if (!m->documents)
        m->documents = xcalloc(CONSIDERED_MOST, sizeof *m->documents);
    m->documents[m->document_count++] = (struct considered){.document = document};
}

/* --- the part --- */

struct move *move_new(struct run_context *c, struct ending *ending, struct journal *journal,
                      struct flights *flights, struct suspects *suspects)
{
    struct move *m = xcalloc(1, sizeof *m);
    m->context = c;
    m->ending = ending;
    m->journal = journal;
    m->flights = flights;
    m->suspects = suspects;
    list_init(&m->files);
    return m;
}

void move_free(struct move *m)
{
    if (!m)
        return;
    while (!list_empty(&m->files))
        file_free(LIST_ENTRY(list_first(&m->files), struct moving_file, link));
    free(m->documents);
    free(m);
}

void move_start(struct move *m)
{
    for (int s = 0; s < DOC_STATE_COUNT; s++)
        if (m->context->options->move_to[s])
            m->states |= 1u << s;
    m->settling = true;
    look_again(m);
}

void move_wait(struct move *m, bool waits)
{
    m->waits = waits;
}

static struct mono next_look(const struct move *m)
{
    bool looks = m->states && m->context->options->mode == RUN_STAYS;
    return looks ? mono_add(m->looked_at, LOOK_AGAIN_MS) : MONO_NEVER;
}

void move_turn(struct move *m, struct mono now)
{
    bool acquitted = m->held && !suspects_any(m->suspects);
    m->held = m->held && !acquitted;
    bool again = m->again && mono_reached(now, m->again_at);
    m->again = m->again && !again;
    if (acquitted || again || mono_reached(now, next_look(m)))
        look_again(m);
    LIST_EACH_SAFE (node, &m->files) {
        struct moving_file *f = LIST_ENTRY(node, struct moving_file, link);
        if (f->phase == INTENDED) {
            CRASH_POINT("move_intended");
            begin(f, false);
        }
    }
    if (!ending_has_begun(m->ending) && m->count < (m->settling ? 1 : AT_ONCE))
        pick(m);
}

struct mono move_next(const struct move *m, struct mono now)
{
    if (ending_has_begun(m->ending))
        return MONO_NEVER;
    if (m->held && !suspects_any(m->suspects)) /* they may go now */
        return now;
    return m->again ? mono_min(m->again_at, next_look(m)) : next_look(m);
}

bool move_busy(const struct move *m)
{
    if (!ending_has_begun(m->ending))
        return m->count > 0 || m->again || m->settling || m->sweeping || m->document_count > 0;
    LIST_EACH (node, &m->files) {
        if (!ending_storage_lost(m->ending) ||
            LIST_ENTRY(node, struct moving_file, link)->phase != INTENDED)
            return true;
    }
    return false;
}

bool move_is_done(struct move *m)
{
    if (!m->held)
        return true;
    suspects_acquit(m->suspects); /* nothing more is sent */
    run_poke(m->context);
    return false;
}
