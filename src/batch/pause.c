/* See pause.h. */
#include "batch/pause.h"

const char *const batch_pause_names[BATCH_PAUSES] = {"the limit a minute",
                                                     "uploads that are on their way",
                                                     "documents that Mindee is reading",
                                                     "Mindee, which can't be reached",
                                                     "Mindee's first answers",
                                                     "the budget",
                                                     "the end of what is on its way",
                                                     "room on the disk",
                                                     "files that can't be read",
                                                     "the time to try again"};

const char *const batch_pause_codes[BATCH_PAUSES] = {
    "rate", "uploads", "jobs", "service", "canary", "budget", "stopping", "disk", "files", "again"};
