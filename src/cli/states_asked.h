/* states_asked.h - --failed, --in-doubt, --lost, --rejected: which documents `retry` and `dismiss` are
 * asked for. */
#ifndef MB_CLI_STATES_ASKED_H
#define MB_CLI_STATES_ASKED_H

#include "core/document.h"

#include <stdbool.h>
#include <stddef.h>

struct states_asked {
    bool failed, in_doubt, lost, rejected;
};

/* Rows of struct command_option, where the struct of the command, TYPE, has it as `states`.
 * OF_REJECTED: the help of --rejected. */
#define STATES_ASKED_OPTIONS(type, of_rejected)                                                    \
    {"failed", NULL, "all that Mindee couldn't read or refused", offsetof(type, states.failed)},   \
        {"in-doubt", NULL, "all that may have been sent (and may be paid twice)",                  \
         offsetof(type, states.in_doubt)},                                                         \
        {"lost", NULL, "all whose result was gone before it came", offsetof(type, states.lost)},   \
    {                                                                                              \
        "rejected", NULL, of_rejected, offsetof(type, states.rejected)                             \
    }

static inline bool states_asked_any(const struct states_asked *a)
{
    return a->failed || a->in_doubt || a->lost || a->rejected;
}

static inline void states_asked_mark(const struct states_asked *a, bool states[DOC_STATE_COUNT])
{
    states[DOC_FAILED] = a->failed;
    states[DOC_IN_DOUBT] = a->in_doubt;
    states[DOC_LOST] = a->lost;
    states[DOC_REJECTED] = a->rejected;
}

#endif
