/* review.h - the parts of `review`: what it shows, and what it does. */
#ifndef MB_CLI_REVIEW_H
#define MB_CLI_REVIEW_H

#include "cli/command.h"
#include "cli/review_work.h"

struct review_asked {
    bool open, later, all, json, csv, accept, dry_run;
    const char *note, *by, *seen;
    const char *port, *idle; /* of serve */
    struct command_list reasons;
};

/* review_list.c, review_act.c, review_import.c: the exit code. PATHS without the word that says which. */
int review_show(struct review_work *w, const struct review_asked *asked, char *const *paths,
                size_t count);
int review_decide_all(struct review_work *w, const struct review_asked *asked,
                      enum review_action action, char *const *paths, size_t count);
int review_correct_one(struct review_work *w, const struct review_asked *asked, char *const *paths,
                       size_t count);
int review_import(struct review_work *w, const struct review_asked *asked, const char *file);
/* What is open of a record that somebody just worked on, for people. */
void review_tell(const struct review_record *record, const char *front);

#endif
