/* See verdict.h. The first line that fits decides. */
#include "batch/verdict.h"

#include "base/units.h"

#include <stdarg.h>
#include <stdio.h>

static void set(struct verdict *v, enum batch_exit code, const char *format, ...) PRINTF(3, 4);

static void set(struct verdict *v, enum batch_exit code, const char *format, ...)
{
    va_list ap;
    v->exit_code = code;
    va_start(ap, format);
    vsnprintf(v->reason, sizeof v->reason, format, ap);
    va_end(ap);
}

/* ELSEWHERE: documents that wait for a run of their settings; they are named, and don't count. */
static void set_at_end(struct verdict *v, const struct ledger_counts *c, int64_t elsewhere)
{
    bool all_there = c->by_state[DOC_STORED] + c->dismissed + elsewhere == c->documents;
    set(v, all_there ? EXIT_ALL_STORED : EXIT_SOME_FAILED, "%s", "");
}

static void set_by_budget(struct verdict *v, const char *budget)
{
    set(v, EXIT_RESUMABLE, "%s", budget);
    v->by_budget = true;
}

void verdict_find(struct verdict *v, const struct ledger_counts *c, const struct verdict_facts *f)
{
    int64_t queued = c->by_state[DOC_QUEUED] - f->waiting_elsewhere;
    int64_t open =
        c->by_state[DOC_SUBMITTING] + c->by_state[DOC_PROCESSING] + c->by_state[DOC_READY];
    bool by_budget = queued && f->budget && *f->budget;
    char count[UNITS_TEXT_MAX];
    v->by_budget = false;
    if (c->files == 0 && f->unread == 0)
        set(v, EXIT_ALL_STORED, VERDICT_NO_FILES);
    else if (f->unwritten)
        set(v, EXIT_RESUMABLE,
            "some result files could not be written; the results are safe in the ledger: make room "
            "in the output directory and run the same command again");
    else if (queued && f->no_room && *f->no_room)
        set(v, EXIT_RESUMABLE,
            "%s, so that what comes of an upload can be recorded: no more was sent; make room and "
            "run the same command again",
            f->no_room);
    else if (f->unread || (f->files_away && !by_budget)) /* a budget ends their tries */
        set(v, EXIT_RESUMABLE,
            "%s can't be read for now, for a reason that isn't the files' own: failures.csv and "
            "the log say which and why; run the same command again when that is mended",
            f->unread ? count_format(f->unread, count) : "some files");
    else if (by_budget)
        set_by_budget(v, f->budget);
    else if (open)
        set(v, EXIT_RESUMABLE,
            "%s still not done after polling.give_up_after: run the same command again later, they "
            "are asked for once more",
            count_format(open, count));
    else if (queued)
        set(v, EXIT_RESUMABLE, "%s are still to be sent: run the same command again",
            count_format(queued, count));
    else
        set_at_end(v, c, f->waiting_elsewhere + f->doubtful_elsewhere);
}
