/* served_batches.h - the batches that a configuration has the service serve, with what the service
 * itself needs to know of each.
 *
 *     rc = served_batches_read(&batches, config, &errors);   CONFIG is theirs from here on, errors or
 *                                                            not
 *     served_batches_free(batches);                          when nothing runs under its options
 */
#ifndef MB_SERVICE_SERVED_BATCHES_H
#define MB_SERVICE_SERVED_BATCHES_H

#include "batch/options.h"
#include "service/cutoff.h"

struct served_entry {
    const char *name;          /* of its section; "" where there are none */
    struct config *config;     /* the batch's, within that of the whole */
    struct calendar *calendar; /* NULL: no schedule */
    int64_t catch_up_ms;
    int64_t forecast_ms; /* before a run; 0: no forecast */
    enum schedule_late late;
    bool skip_overlap; /* schedule.overlap = skip */
    bool watch;
    bool stays; /* a run is on between the scheduled ones, for the folder or for webhooks */
};

struct served_batches {
    struct config *config;
    struct served_entry *entries;
    size_t count;
    struct served_batches *older; /* the supervisor's: replaced, and perhaps still in use */
};

/* ERR_USAGE and every error: a batch that has nothing to stay for, no directory, no model, options
 * that can't be read. */
MUST_CHECK int served_batches_read(struct served_batches **out, struct config *config,
                                   struct error_list *errors);
void served_batches_free(struct served_batches *r); /* NULL is allowed */

/* Puts into NEXT what can't change while the service runs, as CURRENT has it, and logs each option
 * that needs a restart. ERR_USAGE: other batches than before, or another model for documents that
 * were sent. */
MUST_CHECK int served_batches_keep(struct served_batches *next,
                                   const struct served_batches *current, struct error_list *errors);

#endif
