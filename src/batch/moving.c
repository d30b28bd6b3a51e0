/* See moving.h. */
#include "batch/moving.h"

#include "base/crash_point.h"
#include "base/log.h"
#include "base/text.h"
#include "base/trouble.h"
#include "batch/notes.h"
#include "intake/file_move.h"
#include "ledger/file_names.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
    TRIES = 100,
    FAILURES_SHOWN = 10,
    PAUSE_FIRST_MS = 250, /* after trouble that passes (trouble.h) */
    PAUSE_MOST_MS = 15000,
};

enum phase {
    CHOOSING,  /* a free name, on the pool */
    INTENDED,  /* waits for the commit */
    UNDER_WAY, /* on the pool */
};

/* One file in hand. */
struct moving_file {
    struct list link; /* of moving->files */
    struct moving *moving;
    enum phase phase;
    struct ledger_move row;  /* target: as chosen */
    const char *directory;   /* NULL: only to be settled */
    enum file_access access; /* of directories made there */
    int skip;                /* names found taken */
    int number;              /* of the name chosen; 1: none */
    char *temporary;
    bool is_there; /* the source, as the ledger knows it */
    bool away;     /* nobody can tell for now */
    struct file_move work;
    enum file_move_outcome outcome;
    struct error error;
};

struct moving {
    struct run_context *context;
    struct ending *ending;
    struct journal *journal;
    struct list files;
    size_t count, failures;
    bool again;                          /* some couldn't be moved for a reason that passes */
    struct mono again_at, trouble_since; /* AGAIN; since: no file could be moved */
    int64_t pause_ms;                    /* 0: no trouble */
};

static void file_free(struct moving_file *f)
{
    list_remove(&f->link);
    f->moving->count--;
    ledger_move_release(&f->row);
    free(f->temporary);
    free(f);
}

static void log_failure(struct moving_file *f, const struct error *e)
{
    if (f->moving->failures++ < FAILURES_SHOWN)
        LOG(LOG_WARNING, "file.not_moved", LOG_STR("path", f->row.place),
            LOG_STR("reason", e->text),
            LOG_STR("next", "it stays where it is; mend this, and the next run moves it"));
}

/* It stays where it is, and is tried again in this run while input.patience lasts. */
static void try_again_later(struct moving_file *f, const char *reason)
{
    struct moving *m = f->moving;
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
    if (file_move_choose(f->directory, f->access, f->row.name, f->skip, naming_number, &f->number,
                         &target, &f->error) == 0)
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
                  f->row.target, ledger_id(f->moving->context->ledger), f->row.file_id);
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
    int taken = ledger_name_taken(f->moving->context->ledger, buffer_text(&name), f->row.file_id);
    buffer_release(&name);
    return ending_wrote(f->moving->ending, taken) && taken == 1;
}

static void choose_done(void *ctx)
{
    struct moving_file *f = ctx;
    struct moving *m = f->moving;
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
    loop_work(f->moving->context->loop, choose_work, choose_done, f);
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
    struct moving *m = f->moving;
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
    loop_work(f->moving->context->loop, move_work, move_done, f);
}

/* --- those in hand --- */

bool moving_has(const struct moving *m, int64_t file_id)
{
    LIST_EACH (node, &m->files) {
        if (LIST_ENTRY(node, struct moving_file, link)->row.file_id == file_id)
            return true;
    }
    return false;
}

static struct moving_file *file_new(struct moving *m, const struct ledger_move *row)
{
    struct moving_file *f = xcalloc(1, sizeof *f);
    f->moving = m;
    f->row = *row;
    f->directory = m->context->options->move_to[row->state];
    f->access = ledger_access(m->context->ledger);
    list_push_back(&m->files, &f->link);
    m->count++;
    return f;
}

void moving_take(struct moving *m, struct ledger_move *row)
{
    struct moving_file *f = file_new(m, row);
    if (f->row.target) {
        f->temporary = temporary_of(f);
        begin(f, true);
    } else {
        choose(f);
    }
}

void moving_go_on(struct moving *m)
{
    LIST_EACH_SAFE (node, &m->files) {
        struct moving_file *f = LIST_ENTRY(node, struct moving_file, link);
        if (f->phase == INTENDED) {
            CRASH_POINT("move_intended");
            begin(f, false);
        }
    }
}

size_t moving_count(const struct moving *m)
{
    return m->count;
}

bool moving_holds_end(const struct moving *m)
{
    LIST_EACH (node, &m->files) {
        if (!ending_storage_lost(m->ending) ||
            LIST_ENTRY(node, struct moving_file, link)->phase != INTENDED)
            return true;
    }
    return false;
}

bool moving_tries_again(const struct moving *m)
{
    return m->again;
}

struct mono moving_again_at(const struct moving *m)
{
    return m->again ? m->again_at : MONO_NEVER;
}

bool moving_pause_over(struct moving *m, struct mono now)
{
    bool again = m->again && mono_reached(now, m->again_at);
    m->again = m->again && !again;
    return again;
}

struct moving *moving_new(struct run_context *c, struct ending *ending, struct journal *journal)
{
    struct moving *m = xcalloc(1, sizeof *m);
    m->context = c;
    m->ending = ending;
    m->journal = journal;
    list_init(&m->files);
    return m;
}

void moving_free(struct moving *m)
{
    if (!m)
        return;
    while (!list_empty(&m->files))
        file_free(LIST_ENTRY(list_first(&m->files), struct moving_file, link));
    free(m);
}
