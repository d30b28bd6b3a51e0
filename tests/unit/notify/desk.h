/* desk.h - a notifier at a ledger of its own, with a clock that stands and outlets that do as they are
 * told (fake_outlet.h): what is told, when, and what the ledger knows of it.
 *
 *   desk_begin(&d, *state);             *state: a struct fixture, by fixture_setup
 *   d.options.notify_url = "url";       which outlets there are, and the times
 *   desk_start(&d);                     the notifier, attached to the ledger
 *   ... desk_commit(&d, 1), desk_pass(&d, 1000), fake_outlet_end(...) ...
 *   desk_restart(&d);                   as another process finds the ledger
 *   desk_end(&d); */
#ifndef MB_TESTS_NOTIFY_DESK_H
#define MB_TESTS_NOTIFY_DESK_H

#include "fake_outlet.h"
#include "ledger/handovers.h"
#include "ledger_fixture.h"
#include "notify/notifier.h"

#include <cjson/cJSON.h>

struct desk {
    struct fixture *f;
    struct loop *loop;
    struct notifier *n;
    struct notifier_options options;
    bool settled, closed;
    cJSON *told; /* by desk_told */
};

enum { DESK_EVERY_MS = 15 * 60 * 1000, DESK_TIMEOUT_MS = 10 * 1000 };

/* Nobody is told of anything yet; of all that happens, if there is an outlet. */
void desk_begin(struct desk *d, struct fixture *f);
void desk_end(struct desk *d);
void desk_start(struct desk *d);
void desk_new(struct desk *d);    /* the notifier alone */
void desk_attach(struct desk *d); /* for the period 2026-11 */
/* The process is gone, with what isn't committed; the next one begins. */
void desk_crash(struct desk *d);
void desk_restart(struct desk *d);

/* The turn's commit, with so many new results. */
void desk_commit(struct desk *d, int results);
/* Time goes by, and timers fire. */
void desk_pass(struct desk *d, int64_t ms);
void desk_settle(struct desk *d, bool stopped); /* begins; D->settled when it is over */
void desk_close(struct desk *d, bool stopped);  /* likewise D->closed */

/* What is on its way there, as JSON, and its field; fails the test if nothing is. */
const cJSON *desk_told(struct desk *d, const char *outlet);
const char *desk_text(struct desk *d, const char *outlet, const char *field);
/* "silence budget": the kinds of its troubles, in order. */
const char *desk_kinds(struct desk *d, const char *outlet);
void desk_assert_quiet(const char *outlet); /* nothing is on its way there */

int64_t desk_store(struct desk *d, const char *name, const char *result); /* not committed */
/* A document that was refused, for CODE. */
int64_t desk_refuse(struct desk *d, const char *name, const char *code, const char *detail);
int64_t desk_cursor(struct desk *d, enum ledger_sink sink); /* -1: none */
/* Another program's SQL, while no ledger is open. */
void desk_script(struct desk *d, const char *sql);

#define DESK_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)

#endif
