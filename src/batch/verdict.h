/* verdict.h - how a run that came to its end ends: the exit code, and one sentence with the way out
 * where not all is stored. Pure. */
#ifndef MB_BATCH_VERDICT_H
#define MB_BATCH_VERDICT_H

#include "batch/exit_code.h"
#include "ledger/ledger.h"

/* That's no error: an empty folder on the day of a scheduled run isn't one either. */
#define VERDICT_NO_FILES                                                                           \
    "no files found: check the path, and input.include, input.exclude, input.recursive"

struct verdict_facts {
    size_t unwritten;           /* result files that couldn't be written */
    int64_t waiting_elsewhere;  /* queued under other settings: for a run of theirs */
    int64_t doubtful_elsewhere; /* in doubt there, and to be sent again by a run of theirs */
    const char *budget;         /* which one documents wait for, in words; "" or NULL */
    int64_t unread;             /* files and directories that can't be read for now */
    bool files_away;            /* files of documents that couldn't be read to be sent */
    const char *no_room; /* why nothing could be recorded, so that nothing was sent; "" or NULL */
};

struct verdict {
    enum batch_exit exit_code;
    char reason[700]; /* "": nothing more to say */
    bool by_budget;
};

void verdict_find(struct verdict *v, const struct ledger_counts *c, const struct verdict_facts *f);

#endif
