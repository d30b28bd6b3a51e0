/* See move.h. Here is which files are moved, and when they are looked for; moving.c moves them. */
#include "batch/move.h"

#include "base/text.h"
#include "batch/moving.h"
#include "ledger/file_book.h"

#include <stdlib.h>
#include <string.h>

enum {
    AT_ONCE = 32,
    CONSIDERED_MOST = 4096,
    SPAN = 1000,
    LOOK_AGAIN_MS = 3600 * 1000, /* in a run that stays: at what couldn't be moved */
};

/* A document whose files are looked at: those after file AFTER. */
struct considered {
    int64_t document, after;
};

struct move {
    struct run_context *context;
    struct ending *ending;
    struct flights *flights;
    struct suspects *suspects;
    struct moving *moving; /* those in hand */
    unsigned states;       /* bits: what is moved at all */
    struct considered *documents;
    size_t document_count, document_next;
    bool waits, settling, sweeping;
    bool held; /* one was passed over because it may yet be sent again */
    int64_t settled_id, swept_id, last_id;
    struct mono looked_at;
};

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

static unsigned states_now(struct move *m)
{
    unsigned held = suspects_any(m->suspects) ? m->states & 1u << DOC_FAILED : 0;
    m->held = m->held || held;
    return m->states & ~held;
}

/* What the ledger gave, into hand: not what is there already, or is none of this run's. False: it
 * gave an error. */
static bool take(struct move *m, struct ledger_move *rows, int n)
{
    for (int i = 0; i < n; i++)
        if (moving_has(m->moving, rows[i].file_id) ||
            (!rows[i].target && !is_ours(m, rows[i].path)))
            ledger_move_release(&rows[i]);
        else
            moving_take(m->moving, &rows[i]);
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
    for (; left > 0 && moving_count(m->moving) < AT_ONCE; left--) {
        struct ledger_move rows[AT_ONCE];
        struct considered d = m->documents[m->document_next++];
        if (is_being_sent(m, d.document)) {
            m->documents[waiting++] = d; /* before document_next: that place is free */
            continue;
        }
        int room = (int)(AT_ONCE - moving_count(m->moving));
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
    int room = (int)(AT_ONCE - moving_count(m->moving));
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
    m->flights = flights;
    m->suspects = suspects;
    m->moving = moving_new(c, ending, journal);
    return m;
}

void move_free(struct move *m)
{
    if (!m)
        return;
    moving_free(m->moving);
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
    bool again = moving_pause_over(m->moving, now);
    if (acquitted || again || mono_reached(now, next_look(m)))
        look_again(m);
    moving_go_on(m->moving);
    if (!ending_has_begun(m->ending) && moving_count(m->moving) < (m->settling ? 1 : AT_ONCE))
        pick(m);
}

struct mono move_next(const struct move *m, struct mono now)
{
    if (ending_has_begun(m->ending))
        return MONO_NEVER;
    if (m->held && !suspects_any(m->suspects)) /* they may go now */
        return now;
    return mono_min(moving_again_at(m->moving), next_look(m));
}

bool move_busy(const struct move *m)
{
    if (ending_has_begun(m->ending))
        return moving_holds_end(m->moving);
    return moving_count(m->moving) > 0 || moving_tries_again(m->moving) || m->settling ||
           m->sweeping || m->document_count > 0;
}

bool move_is_done(struct move *m)
{
    if (!m->held)
        return true;
    suspects_acquit(m->suspects); /* nothing more is sent */
    run_poke(m->context);
    return false;
}
