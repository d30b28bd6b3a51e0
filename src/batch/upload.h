/* upload.h - one upload: the request made from the options and the document's file, and what came of
 * it. What an outcome means is decided in core (outcome.h, document.h); here are the ledger's record
 * of the attempt and the file that changed.
 *
 *   upload_send(u, f, now);        after the commit of its intent
 *   upload_unsend(u, f, now);      instead: it isn't to be sent after all */
#ifndef MB_BATCH_UPLOAD_H
#define MB_BATCH_UPLOAD_H

#include "batch/answers.h"
#include "batch/find.h"
#include "batch/suspects.h"

struct upload;

struct upload_neighbours {
    struct ending *ending;
    struct journal *journal;
    struct flights *flights;
    struct pace *pace;
    struct answers *answers;
    struct suspects *suspects;
    struct find *find;
};

struct upload *upload_new(struct run_context *c, const struct upload_neighbours *with);
void upload_free(struct upload *u);

void upload_send(struct upload *u, struct flight *f, struct mono now);
void upload_unsend(struct upload *u, struct flight *f, struct mono now);

void upload_turn(struct upload *u, struct mono now);
struct mono upload_next(const struct upload *u, struct mono now);
int upload_out(const struct upload *u);        /* POSTs on the wire */
bool upload_has_begun(const struct upload *u); /* this run has sent something */
bool upload_busy(const struct upload *u);

/* Files that intake could read can't be read for now: nothing is sent before upload_resumes_at. */
bool upload_files_away(const struct upload *u, struct mono now);
struct mono upload_resumes_at(const struct upload *u); /* MONO_NEVER: they can */
/* For so long that the run waits no longer. */
bool upload_gave_files_up(const struct upload *u, struct mono now);
/* Documents whose file alone can't be read: they stay queued, and the run doesn't wait for them. */
int upload_left_alone(const struct upload *u);

#endif
