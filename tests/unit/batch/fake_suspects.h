/* fake_suspects.h - stands in for suspects.c. A line (record.h) each:
 *
 *   suspects accepted          suspects job_done
 *   suspects refused doc=3     suspects job_failed doc=3 [fault]
 *   suspects acquit            suspects unreadable
 *   turn_suspects */
#ifndef MB_TESTS_BATCH_FAKE_SUSPECTS_H
#define MB_TESTS_BATCH_FAKE_SUSPECTS_H

#include "batch/suspects.h"

struct suspects {
    int first;   /* as it was made */
    size_t room; /* for uploads that are not out yet; SIZE_MAX at first */
    bool any;
};

extern struct suspects *fake_suspects; /* the newest made */

#endif
