/* See by_hand.h. A document in memory gets the event through its flight; one that only the ledger
 * has, through the journal. */
#include "batch/by_hand.h"

#include "base/array.h"
#include "base/log.h"
#include "batch/dismissal.h"
#include "batch/exit_code.h"
#include "batch/notes.h"
#include "control/control_elsewhere.h"
#include "control/control_server.h"
#include "ledger/document_ledger.h"

#include <stdlib.h>
#include <string.h>

static const char is_ending[] =
    "the run that has the ledger is ending: run the same command again in a moment";

struct held {
    struct control_peer *peer;
    char *words; /* NULL: it is not known yet whether it can be done */
    bool looks;  /* files are read first */
    bool sealed; /* it is in the commit that has begun */
};

struct by_hand {
    struct run_context *context;
    struct ending *ending;
    struct journal *journal;
    struct flights *flights;
    struct retry *retry;
    struct control_server *server; /* NULL: nobody can ask */
    char *elsewhere;               /* its directory, where the output directory can have none */
    bool made_way;
    struct held *held; /* noted, and answered after the commit */
    size_t count, capacity;
    int64_t done;
};

struct by_hand *by_hand_new(struct run_context *c, struct ending *ending, struct journal *journal,
                            struct flights *flights, struct retry *retry)
{
    struct by_hand *h = xcalloc(1, sizeof *h);
    h->context = c;
    h->ending = ending;
    h->journal = journal;
    h->flights = flights;
    h->retry = retry;
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

static void hold(struct by_hand *h, struct control_peer *peer, const char *words, bool looks)
{
    ARRAY_RESERVE(h->held, h->capacity, h->count + 1);
    h->held[h->count++] = (struct held){peer, words ? xstrdup(words) : NULL, looks, false};
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
        hold(h, peer, buffer_text(&d.words), false);
    LOG(LOG_INFO, "run.dismiss", LOG_INT("documents", code == 0 ? d.count : 0),
        LOG_STR("note", r->note));
    dismissal_release(&d);
}

static void taken_cb(void *ctx, void *who, int code, const char *words)
{
    struct by_hand *h = ctx;
    size_t i = 0;
    while (i < h->count && (h->held[i].peer != who || h->held[i].words))
        i++;
    if (i == h->count) /* the run has ended since */
        return;
    if (code == 0) {
        h->held[i].words = xstrdup(words);
        return;
    }
    control_peer_answer(h->held[i].peer, code, *words ? words : is_ending);
    h->count--;
    memmove(h->held + i, h->held + i + 1, (h->count - i) * sizeof *h->held);
}

static void retry(struct by_hand *h, struct control_peer *peer, const struct control_request *r)
{
    struct batch_retry what = {.paths = r->paths, .path_count = r->path_count, .all = r->all};
    memcpy(what.states, r->states, sizeof what.states);
    hold(h, peer, NULL, true);
    retry_ask(h->retry, &what, taken_cb, h, peer);
}

static const char makes_way[] =
    "a service is taking webhooks: it makes way, run the same command again in a moment";

/* What only receives sends nothing: whoever asks has the ledger in a moment, for a run of its own. */
static void make_way(struct by_hand *h, struct control_peer *peer)
{
    LOG(LOG_INFO, "webhook.makes_way",
        LOG_STR("what", "the ledger is wanted for a retry; webhooks come again after it"));
    h->made_way = true;
    ending_interrupt(h->ending, false);
    control_peer_answer(peer, EXIT_LEDGER, makes_way);
}

bool by_hand_made_way(const struct by_hand *h)
{
    return h->made_way;
}

static void asked_cb(void *ctx, struct control_peer *peer, const struct control_request *r)
{
    struct by_hand *h = ctx;
    if (ending_has_begun(h->ending) || journal_down(h->journal))
        control_peer_answer(peer, EXIT_LEDGER, is_ending);
    else if (strcmp(r->command, "dismiss") == 0)
        dismiss(h, peer, r);
    else if (strcmp(r->command, "retry") == 0 && h->context->options->mode == RUN_RECEIVES)
        make_way(h, peer);
    else if (strcmp(r->command, "retry") == 0 && h->context->options->retrying) /* at its own */
        control_peer_answer(peer, EXIT_LEDGER, is_ending);
    else if (strcmp(r->command, "retry") == 0)
        retry(h, peer, r);
    else
        control_peer_answer(peer, EXIT_USAGE, "a run at work doesn't know that request");
}

static int open_at(struct by_hand *h, const char *directory, struct error *e)
{
    struct ledger *l = h->context->ledger;
    return control_server_open(&h->server, h->context->loop, directory, ledger_access(l), asked_cb,
                               h, e);
}

/* Not every file system has sockets. Whoever asks finds the place in the lock. */
static bool open_elsewhere(struct by_hand *h)
{
    struct ledger *l = h->context->ledger;
    struct error e;
    h->elsewhere = control_elsewhere(ledger_id(l), ledger_access(l));
    if (!h->elsewhere)
        return false;
    if (open_at(h, h->elsewhere, &e) == 0 && ledger_asked_at(l, h->elsewhere, &e) == 0)
        return true;
    control_server_close(h->server);
    control_elsewhere_leave(h->elsewhere);
    h->server = NULL;
    h->elsewhere = NULL;
    return false;
}

void by_hand_open(struct by_hand *h)
{
    const struct batch_options *o = h->context->options;
    struct error e;
    if (!o->control || open_at(h, o->output, &e) == 0)
        return;
    if (open_elsewhere(h))
        LOG(LOG_INFO, "run.control_elsewhere", LOG_STR("directory", h->elsewhere),
            LOG_STR("reason", e.text));
    else
        LOG(LOG_WARNING, "run.no_control", LOG_STR("reason", e.text),
            LOG_STR("what", "`retry` and `dismiss` have to wait until this run has ended"));
}

static bool is_ready(const struct by_hand *h, const struct held *held)
{
    return held->words && (!held->looks || !retry_looks(h->retry));
}

bool by_hand_holds(const struct by_hand *h)
{
    for (size_t i = 0; i < h->count; i++)
        if (!h->held[i].sealed && is_ready(h, &h->held[i]))
            return true;
    return false;
}

void by_hand_seal(struct by_hand *h)
{
    for (size_t i = 0; i < h->count; i++)
        h->held[i].sealed = is_ready(h, &h->held[i]);
}

enum whom { SEALED, NOTED /* though files are still to be read */, ALL };

static bool is_of(const struct held *held, enum whom whom)
{
    return whom == ALL || (whom == NOTED ? held->words != NULL : held->sealed);
}

static void reply(struct by_hand *h, enum whom whom, int code, const char *words)
{
    size_t kept = 0;
    for (size_t i = 0; i < h->count; i++) {
        struct held held = h->held[i];
        if (!is_of(&held, whom)) {
            h->held[kept++] = held;
            continue;
        }
        control_peer_answer(held.peer, code, words ? words : held.words);
        free(held.words);
    }
    h->count = kept;
}

void by_hand_reply(struct by_hand *h, bool durable)
{
    size_t held = h->count;
    if (durable)
        reply(h, SEALED, 0, NULL);
    else
        reply(h, NOTED, EXIT_RESUMABLE,
              "the ledger can't be written for now: it is done as soon as it can be");
    h->done += (int64_t)(held - h->count);
}

int64_t by_hand_done(const struct by_hand *h)
{
    return h->done;
}

void by_hand_close(struct by_hand *h)
{
    reply(h, ALL, EXIT_LEDGER, is_ending);
    control_server_close(h->server);
    control_elsewhere_leave(h->elsewhere);
    h->server = NULL;
    h->elsewhere = NULL;
}
