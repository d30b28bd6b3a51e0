/* scripted_batch.h - a stand-in for a batch (stand_in_batch.h): each run takes as long, and ends
 * with the code, that the test says; what happens is written down. */
#ifndef MB_TESTS_SCRIPTED_BATCH_H
#define MB_TESTS_SCRIPTED_BATCH_H

#include "batch/batch.h"

#include <stdbool.h>
#include <stdint.h>

enum { SCRIPT_MOST = 16 };

struct script {
    struct {
        int64_t takes_ms;
        int exit_code;
    } runs[SCRIPT_MOST]; /* the scheduled ones, in order; then at once and well */
    int run;
    int64_t stop_takes_ms; /* a stopped run's end */
    int64_t receive_takes_ms;
    int receive_exit_code;
    bool receive_makes_way;
    bool stay_ends;  /* a staying run ends by itself at once, with 5 */
    char told[2000]; /* "01 18:00 run 2026-09-01; 01 18:05 end 0; 01 18:05 stay; ..." */
};
extern struct script script;

/* An empty script; the batches of this program are scripted from here on. */
void script_setup(int64_t stop_takes_ms);

void script_tell(const struct clock *clock, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
