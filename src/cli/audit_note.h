/* audit_note.h - a command that isn't `review` leaves its entry in the audit trail. */
#ifndef MB_CLI_AUDIT_NOTE_H
#define MB_CLI_AUDIT_NOTE_H

#include "batch/options.h"
#include "config/config.h"
#include "core/document.h"

/* What was done is done: a trail that can't be written is only told. PATHS: those that were named; STATES: or the states
 * of what was meant. Nothing where review.enabled is no. */
void audit_note(const struct config *c, const struct batch_options *o, const char *action,
                char *const *paths, size_t path_count, const bool states[DOC_STATE_COUNT],
                const char *note);

#endif
