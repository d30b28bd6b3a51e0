/* fake_publish.h - stands in for publish.c: no file is written. A line (record.h) each:
 *
 *   publish doc=3        publish_look
 *   publish_start        publish_save
 *   turn_publish */
#ifndef MB_TESTS_BATCH_FAKE_PUBLISH_H
#define MB_TESTS_BATCH_FAKE_PUBLISH_H

#include "batch/publish.h"

struct publish {
    bool busy, full; /* full: there is no room for one more result */
    size_t errors;
    bool due; /* publish_next says now */
};

extern struct publish *fake_publish; /* the newest made */

#endif
