/* served_batch.h - what becomes of a batch that the service serves, as one pure function over one
 * table:
 *
 *   served_step(state, event, &step)
 *
 * fills in the new state and what the driver must do (src/service). No clock, no I/O. Every pair of
 * state and event is either in the table or refused, and tested.
 *
 *                 due, or to stay                          the run's end
 *     resting ─────────────▶ staying, or forecast ─▶ running ──────────────▶ resting
 *        │ webhook              │ due, or new options
 *        ▼                      ▼
 *     receiving ──────────▶ draining ──▶ resting, and at once what was due
 *
 * The service's end: what is open is stopping until its run has ended, then over. */
#ifndef MB_CORE_SERVED_BATCH_H
#define MB_CORE_SERVED_BATCH_H

#include <stdbool.h>

enum served_batch_state {
    SERVED_RESTING,   /* nothing of it is open */
    SERVED_RECEIVING, /* no run is on; webhooks are taken */
    SERVED_STAYING,   /* a run that waits for files and webhooks */
    SERVED_DRAINING,  /* one of these two makes room for what is due, or for new options */
    SERVED_FORECAST,  /* a scheduled run is open, and begins when its forecast is made */
    SERVED_RUNNING,   /* a scheduled one */
    SERVED_STOPPING,  /* the service ends: one that receives, stays or is scheduled ends with it */
    SERVED_OVER,      /* it ended with the service, or stayed alone and ended by itself */
    SERVED_STATE_COUNT
};

enum served_batch_event {
    SERVED_DUE,             /* by the calendar, or what it rested for */
    SERVED_HAS_NOTHING,     /* it was opened, and there is nothing to run */
    SERVED_STAYS,           /* it was opened to stay */
    SERVED_FORECASTS,       /* opened for a scheduled run, whose forecast is being made */
    SERVED_BEGINS,          /* a scheduled run: opened, or its forecast is over */
    SERVED_WEBHOOK,         /* opened for webhooks alone */
    SERVED_RECEIVED,        /* what was opened so has ended */
    SERVED_STAY_ENDED,      /* one that stayed has ended */
    SERVED_ALONE_ENDED,     /* the same, and nothing else is ever to come */
    SERVED_RUN_ENDED,       /* a scheduled one: its period is over */
    SERVED_RUN_INTERRUPTED, /* a scheduled one: it can go on under its period */
    SERVED_RUN_HELD,        /* a scheduled one: it can, once a person says so */
    SERVED_RELOADED,        /* a new configuration, with the same options */
    SERVED_CHANGED,         /* with others */
    SERVED_STOP,            /* the service ends */
    SERVED_EVENT_COUNT
};

extern const char *const served_state_names[SERVED_STATE_COUNT];
extern const char *const served_event_names[SERVED_EVENT_COUNT];

/* In the order in which they are done. */
enum {
    SERVED_DO_OPEN = 1,           /* look into the ledger for what is to be run */
    SERVED_DO_START = 2,          /* what was opened */
    SERVED_DO_DRAIN = 4,          /* let its run end */
    SERVED_DO_TELL = 8,           /* how the run ended: the log, and whoever is to hear of it */
    SERVED_DO_TELL_STOPPED = 16,  /* whoever is to hear of it; it is no news for the log */
    SERVED_DO_END_PERIOD = 32,    /* its row, after it was told: it may be told twice, never not */
    SERVED_DO_REST = 64,          /* and look at once what is due */
    SERVED_DO_REST_LATER = 128,   /* in a while */
    SERVED_DO_CLOSE = 256,        /* the ledger */
    SERVED_DO_LEAVE_PERIOD = 512, /* what was taken didn't begin: the next start goes on */
};

struct served_step {
    enum served_batch_state state;
    unsigned actions;
};

/* False: the event can't happen in that state, and nothing is to be done. */
bool served_step(enum served_batch_state state, enum served_batch_event event,
                 struct served_step *next);

/* Its ledger is open, or stays so until word of its end is out. */
bool served_is_open(enum served_batch_state state);

#endif
