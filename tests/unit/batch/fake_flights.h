/* fake_flights.h - stands in for flight.c where a test wants to see the events that a part gives.
 *
 * Lists, lines, timers and the table by id are as in flight.c, so are taking from the ledger,
 * parking and retiring. An event is a line (record.h),
 *
 *   event doc=3 accepted CAUSE CODE DETAIL             what is NULL is "-"; with NULL for the news,
 *                                                      "event doc=3 accepted" alone
 *
 * keeps its news for the test to look at, brings the document into the state that flights->to says
 * for it, and moves it to the outbox, its timer off. */
#ifndef MB_TESTS_BATCH_FAKE_FLIGHTS_H
#define MB_TESTS_BATCH_FAKE_FLIGHTS_H

#include "batch/flight.h"

struct flights {
    struct run_context *context;
    struct ending *ending;
    struct journal *journal;
    struct list states[DOC_STATE_COUNT];
    struct list outbox, sealed, dead;
    struct timer_queue timers;
    struct flights_tally tally;
    bool unreadable;   /* flight_take fails as if the ledger couldn't be read */
    bool busy;         /* what flights_busy says besides the outbox */
    int to[EV_COUNT];  /* the state that an event leads to; -1 at first: it stays */
    struct news news;  /* of the last event; its texts live as long as the caller's */
    size_t news_count; /* events with news so far */
};

/* A document of that id in that state, in memory; its attempt is 1, of a size of 1000 bytes. */
struct flight *fake_flight(struct flights *fl, int64_t id, enum doc_state state);

#endif
