/* options.h - a run's options as the modules take them: made from the configuration here (and in
 * cli) and nowhere else. */
#ifndef MB_BATCH_OPTIONS_H
#define MB_BATCH_OPTIONS_H

#include "batch/meter.h"
#include "calendar/zone.h"
#include "config/config.h"
#include "core/budget.h"
#include "core/document.h"
#include "core/limiter.h"
#include "format/csv_profile.h"
#include "intake/intake.h"
#include "ledger/document_ledger.h"
#include "ledger/ledger.h"
#include "ledger/sent_settings.h"
#include "mindee.h"
#include "webhook/webhook_router.h"

enum { BATCH_MAX_ROOTS = 1000, BATCH_MOVE_DIRECTORIES = 3 };

/* What `retry` takes up again. */
struct batch_retry {
    const struct ledger_settings *settings; /* its documents' own; the others are left */
    bool states[DOC_STATE_COUNT];
    char *const *paths; /* as the ledger knows them: the files that are there now */
    bool all;           /* of a PATH, every file that was there */
    size_t path_count;
};

enum run_mode {
    RUN_ONCE,      /* `run`, `retry`: it ends when nothing is left to do */
    RUN_SCHEDULED, /* of `serve`, on its day: it ends likewise */
    RUN_STAYS,     /* of `serve`, between those: it doesn't end by itself */
    RUN_RECEIVES,  /* of `serve`, where none of those is on: it takes webhooks, asks for what they
                      leave open, sends no document, reads no file, and ends when none has come for
                      a moment */
};

struct batch_options {
    struct mindee_options api; /* the key in it is a secret */
    struct mindee_enqueue
        request; /* what every document is sent with; path, stamp, alias are filled in for each */
    char *request_json; /* the same, canonical: what makes a document another document */
    char *origin;       /* of base_url, for the limiter's memory */

    uint32_t post_per_minute, get_per_minute; /* after limits.share; 0: none */
    enum limiter_pace pace;
    const char *limit_state;
    const char *limit_group; /* the organisation's name; NULL: its key says which one it is */
    int uploads, canary;
    int64_t patience_ms; /* without an answer of Mindee's */
    struct {
        struct budget_limits budget;
        struct credits price; /* of a page */
        struct zone *zone;    /* of schedule.timezone: where a month begins; owned */
        bool again;           /* a person said so: what was spent is forgotten */
    } spending;

    struct intake_walk_options walk;
    struct intake_root *roots; /* id is filled in by batch_new */
    size_t root_count;
    enum ledger_order order;
    enum file_access access; /* output.mode */
    int64_t input_patience_ms;

    const struct batch_retry *retrying; /* NULL: a run, which walks the roots */

    char *output;           /* absolute */
    struct csv_profile csv; /* of failures.csv and of exports */
    char *ledger;           /* path of ledger.db, absolute */

    /* Webhooks; webhook.listen NULL: none are taken */
    struct webhook_receiver_options webhook;
    int64_t fallback_after_ms;
    struct webhook_router
        *webhook_router; /* where they arrive; NULL: at a receiver of the run's own */

    /* The period that a new document belongs to, by its file's stamp; NULL: none. The text lives
     * until the next call. */
    const char *(*period_of)(void *ctx, const struct file_stamp *stamp);
    void *period_ctx;

    enum run_mode mode;
    bool control; /* other processes may ask things of the run (by_hand.h) */

    /* A run that stays looks at the roots again and again; what a scheduled one finds not yet at
     * rest is left to it. */
    struct {
        bool enabled;
        int64_t quiet_ms, rescan_ms;
    } watch;
    /* Where inputs go once their document is in that state for good: absolute; NULL: they stay.
     * `failed` and `lost` share one. */
    const char *move_to[DOC_STATE_COUNT];

    struct {
        int64_t first_ms, interval_ms, give_up_ms;
        bool learned;
    } polling;
    struct doc_policy retry;

    uint64_t seed;             /* of all that is random in a run; 0: from the system */
    struct batch_meter *meter; /* what this run does is counted there; NULL: nowhere */

    /* owned strings the above point to */
    char *api_key, *webhook_ids;
    struct {
        char *model, *text_context, *data_schema;
    } own;                                              /* own_settings.h */
    char *move_directories[BATCH_MOVE_DIRECTORIES + 1]; /* NULL-ended */
};

/* Reads CONFIG; PATHS (or input.directory) become the roots. ERR_USAGE with what to do: no key, no
 * path, a path that isn't there, two paths with one name, one inside another, one where the results
 * go. NEED_API: also what sending needs. CONFIG must outlive the options. */
MUST_CHECK int batch_options_read(struct batch_options *o, struct config *config,
                                  char *const *paths, size_t count, bool need_api, struct error *e);
/* For a retry, whose documents say where they are: input.directory may be gone, and is no root then. */
MUST_CHECK int batch_options_read_retrying(struct batch_options *o, struct config *config,
                                           struct error *e);
/* For RUN_RECEIVES: no roots and no moves, so that inputs may be away. */
MUST_CHECK int batch_options_read_receiving(struct batch_options *o, struct config *config,
                                            struct error *e);
/* Whose limit it is, for limit_state_open. */
const char *batch_limit_owner(const struct batch_options *o);
/* Where output.mode isn't set, what is made is for whom the ledger is already. */
void batch_access_as_found(struct batch_options *o, const struct config *config);
/* Of a command about a ledger: `output`, `ledger`, the limits and the zone alone, whatever else isn't there. */
void batch_options_of_ledger(struct batch_options *o, const struct config *config);
void batch_options_release(struct batch_options *o);

#endif
