/* fake_upload.h - stands in for upload.c. A line (record.h) each:
 *
 *   upload doc=3    unsend doc=3    turn_upload */
#ifndef MB_TESTS_BATCH_FAKE_UPLOAD_H
#define MB_TESTS_BATCH_FAKE_UPLOAD_H

#include "batch/upload.h"

struct upload {
    int out;
    bool begun, busy;
    struct mono next;
    bool files_away, gave_files_up;
    struct mono resumes_at;
    int left_alone;
};

extern struct upload *fake_upload; /* the newest made */

#endif
