/* record_desk.h - the desk (desk.h) over a ledger and its review.db.
 *
 *   record_desk_new(&d, &options, &e)
 *   record_desk_functions(d, &desk)         for review_page_new
 *   record_desk_free(d)                     after the page is closed
 *
 * Results that come meanwhile are there when the page asks for the list again. */
#ifndef MB_REVIEW_PAGE_RECORD_DESK_H
#define MB_REVIEW_PAGE_RECORD_DESK_H

#include "review/review.h"
#include "review_page/desk.h"

struct record_desk;

struct record_desk_options {
    struct ledger *ledger; /* these outlive the desk */
    struct review *review; /* up to date */
    const char *output;
    enum file_access access;
    const char *actor;          /* who decides */
    const char *const *lines;   /* the lists that may be the lines, NULL-ended, */
    const char *const *amounts; /* and the columns that may be their amounts */
    const struct check_options *checks;
    const struct clock *clock;
};

MUST_CHECK int record_desk_new(struct record_desk **out, const struct record_desk_options *options,
                               struct error *e);
void record_desk_functions(struct record_desk *d, struct desk *out);
void record_desk_free(struct record_desk *d); /* fine on NULL */

#endif
