/* release.h - what waited: for the commit, or for its time. After the commit each document's pending
 * actions are done: its upload leaves, its result is published, its next poll is planned; and a
 * timer that is due puts it into the line it waited for. */
#ifndef MB_BATCH_RELEASE_H
#define MB_BATCH_RELEASE_H

#include "batch/admit.h"
#include "batch/fetch.h"
#include "batch/poll.h"
#include "batch/recover.h"
#include "batch/retry.h"

struct release;

struct release_neighbours {
    struct flights *flights;
    struct pace *pace;
    struct send_queue *queue;
    struct publish *publish;
    struct move *move;
    struct find *find;
    struct upload *upload;
    struct receive *receive;
    struct poll *poll;
    struct fetch *fetch;
    struct admit *admit;
    struct recover *recover;
    struct retry *retry;
};

struct release *release_new(const struct release_neighbours *with);
void release_free(struct release *r);

void release_due(struct release *r, struct mono now);          /* those whose time has come */
void release_after_commit(struct release *r, struct mono now); /* those that waited for it */

#endif
