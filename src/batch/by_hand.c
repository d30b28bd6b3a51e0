/* See by_hand.h. A document in memory gets the event through its flight; one that only the ledger
 * has, through the journal. */
#include "batch/by_hand.h"

#include "base/array.h"
#include "base/log.h"
#include "batch/dismissal.h"
#include "batch/exit_code.h"
#include "batch/notes.h"
#include "control/control_server.h"

#include <stdlib.h>
#include <string.h>

static const char is_ending[] =
    "the run that has the ledger is ending: run the same command again in a moment";

struct held {
    struct control_peer *peer;
    char *words;
};

struct by_hand {
    struct run_context *context;
    struct ending *ending;
    struct journal *journal;
    struct flights *flights;
    struct control_server *server; /* NULL: nobody can ask */
    struct held *held;             /* noted, and answered after the commit */
    size_t count, capacity;
};

struct by_hand *by_hand_new(struct run_context *c, struct ending *ending, struct journal *journal,
                            struct flights *flights)
{
    struct by_hand *h = xcalloc(1, sizeof *h);
    h->context = c;
    h->ending = ending;
    h->journal = journal;
    h->flights = flights;
    return h;
}

void by_hand_free(struct by_hand *h)
{
    if (!h)
        return;
    REQUIRE(h->server == NULL);
    free(h->held);
    free(h);
}

static void hold(struct by_hand *h, struct control_peer *peer, const char *words)
{
    ARRAY_RESERVE(h->held, h->capacity, h->count + 1);
    h->held[h->count++] = (struct held){peer, xstrdup(words)};
    run_poke(h->context);
}

static bool dismiss_one(struct by_hand *h, int64_t id, const char *note)
{
    const struct news n = {.cause = note, .retry_after_ms = -1};
    struct flight *f = flight_find(h->flights, id);
    struct ledger_document doc;
    if (f) {
        flight_event(f, EV_DISMISS, &n);
        return true;
    }
    if (!ending_wrote(h->ending, ledger_document_get(h->context->ledger, id, &doc)))
        return false;
    const struct ledger_step s = dismissal_step(&doc, note);
    note_step(h->journal, &s);
    ledger_document_release(&doc);
    return true;
}

static void dismiss(struct by_hand *h, struct control_peer *peer, const struct control_request *r)
{
    struct dismissal d;
    int code = dismissal_select(&d, h->context->ledger, r);
    bool good = code == 0;
    for (size_t i = 0; i < d.count && good; i++)
        good = dismiss_one(h, d.ids[i], r->note);
    if (code != 0 || d.count == 0)
        control_peer_answer(peer, code, buffer_text(&d.words));
    else if (!good)
        control_peer_answer(peer, EXIT_LEDGER, is_ending);
    else
        hold(h, peer, buffer_text(&d.words));
    LOG(LOG_INFO, "run.dismiss", LOG_INT("documents", code == 0 ? d.count : 0),
        LOG_STR("note", r->note));
    dismissal_release(&d);
}

static void asked_cb(void *ctx, struct control_peer *peer, const struct control_request *r)
{
    struct by_hand *h = ctx;
    if (ending_has_begun(h->ending) || journal_down(h->journal))
        control_peer_answer(peer, EXIT_LEDGER, is_ending);
    else if (strcmp(r->command, "dismiss") == 0)
        dismiss(h, peer, r);
    else
        control_peer_answer(peer, EXIT_USAGE, "a run at work doesn't know that request");
}

void by_hand_open(struct by_hand *h)
{
    const struct batch_options *o = h->context->options;
    struct error e;
    if (!o->control)
        return;
    if (control_server_open(&h->server, h->context->loop, o->output, asked_cb, h, &e) < 0)
        LOG(LOG_WARNING, "run.no_control", LOG_STR("reason", e.text),
            LOG_STR("what", "`dismiss` has to wait until this run has ended"));
}

bool by_hand_holds(const struct by_hand *h)
{
    return h->count > 0;
}

static void reply(struct by_hand *h, int code, const char *words)
{
    for (size_t i = 0; i < h->count; i++) {
        control_peer_answer(h->held[i].peer, code, words ? words : h->held[i].words);
        free(h->held[i].words);
    }
    h->count = 0;
}

void by_hand_reply(struct by_hand *h, bool durable)
{
    if (durable)
        reply(h, 0, NULL);
    else
        reply(h, EXIT_RESUMABLE,
              "the ledger can't be written for now: it is done as soon as it can be");
}

void by_hand_close(struct by_hand *h)
{
    reply(h, EXIT_LEDGER, is_ending);
    control_server_close(h->server);
    h->server = NULL;
}
