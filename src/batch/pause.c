/* See pause.h. */
#include "batch/pause.h"

const char *const batch_pause_names[BATCH_PAUSES] = {
    "rate limit", "uploads at once", "jobs in flight",   "service down",        "first answers",
    "budget",     "stopping",        "room on the disk", "files to be readable"};
