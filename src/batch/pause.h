/* pause.h - what can hold a run up, each with a name that `status` and the display show. */
#ifndef MB_BATCH_PAUSE_H
#define MB_BATCH_PAUSE_H

/* Bits: several can hold at once. Their names are batch_pause_names, in the order of the bits. */
enum batch_pause {
    PAUSE_RATE = 1 << 0,    /* the POSTs of this minute are used up */
    PAUSE_UPLOADS = 1 << 1, /* limits.uploads are out */
    PAUSE_JOBS = 1 << 2,    /* as many jobs in flight as the GETs can cover */
    PAUSE_SERVICE = 1 << 3, /* the service is down: one probe at a time */
    PAUSE_CANARY = 1 << 4,  /* the first uploads' answers are awaited */
    PAUSE_BUDGET = 1 << 5,  /* limits.max_credits, .max_credits_month */
    PAUSE_STOPPING = 1 << 6,
    PAUSE_DISK = 1 << 7,  /* no room to record what would come of an upload */
    PAUSE_FILES = 1 << 8, /* files can't be read for now: a share is away, no descriptor is left */
    PAUSE_AGAIN = 1 << 9, /* each document left waits for its next try, and nothing else is on */
};
enum { BATCH_PAUSES = 10 };
extern const char *const batch_pause_names[BATCH_PAUSES];
extern const char *const batch_pause_codes[BATCH_PAUSES]; /* "rate", ...: for programs */

#endif
