/* fake_outlet.h - in place of notify/outlet.c: ways out by which nothing goes. What was sent is kept, and
 * ends as the test says and when it does.
 *
 *   outlet_send(...) by the notifier
 *   fake_outlet_sending("notify.url")           what is on its way there; NULL: nothing
 *   fake_outlet_end("notify.url", OUTLET_FAILED, "http_503", 1000)    no next try for a second
 *   fake_outlet_deliver("notify.url")           the same as OUTLET_DELIVERED; returns what it was
 *
 * What is cancelled ends so with fake_outlets_cancelled(), or otherwise if the test ends it first. */
#ifndef MB_TESTS_NOTIFY_FAKE_OUTLET_H
#define MB_TESTS_NOTIFY_FAKE_OUTLET_H

#include "notify/outlet.h"

enum { FAKE_FACTS = 8 };

struct fake_item {
    char body[4096];
    char headers[FAKE_FACTS][400];     /* "Name: value" */
    char environment[FAKE_FACTS][400]; /* "NAME=value" */
};

/* Forgets what was made; the clock that says when a next try may be. */
void fake_outlets_begin(const struct clock *clock);

const struct fake_item *fake_outlet_sending(const char *name);
const char *fake_outlet_body(const char *name);                   /* of that; NULL: nothing */
const char *fake_outlet_header(const char *name, const char *of); /* its value; NULL: none */
/* The variable MINDEE_BATCH_<OF>. */
const char *fake_outlet_variable(const char *name, const char *of);
int fake_outlet_tries(const char *name); /* so far */

void fake_outlet_end(const char *name, enum outlet_end end, const char *cause, int64_t wait_ms);
const char *fake_outlet_deliver(const char *name);
bool fake_outlet_is_cancelled(const char *name);
void fake_outlets_cancelled(void); /* all that are */
int fake_outlets_open(void);       /* made, and not closed */

#endif
