/* review_serve.h - `review serve`: the page on which a clerk settles what is open (review_page/review_page.h). */
#ifndef MB_CLI_REVIEW_SERVE_H
#define MB_CLI_REVIEW_SERVE_H

#include "cli/command.h"
#include "cli/review_work.h"

struct review_serve_asked {
    const char *port, *idle; /* as given; NULL: they aren't */
    const char *by;
    bool open; /* the page in a browser */
};

/* Until Ctrl-C, SIGTERM, or nobody asked for anything for so long. The exit code. */
int review_serve(struct review_work *w, const struct review_serve_asked *asked,
                 const struct command_line *cl);

#endif
