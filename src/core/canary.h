/* canary.h - a wrong option must cost a few documents' time, not fail thousands. Until the first
 * upload is accepted at most `limits.canary` are out; three equal refusals (status, code, pointer)
 * before any acceptance stop the run, their documents queued again; so do the first 20 jobs of a
 * run if all of them fail alike.
 *
 * An acceptance that can't be read (a 202 without a job id) costs money and gives nothing. It opens
 * nothing, at any time of the run: until one can be read, it keeps its place among those that are
 * out. Three in a row, or limits.canary if that is less, stop the run. Pure. */
#ifndef MB_CORE_CANARY_H
#define MB_CORE_CANARY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CANARY_REFUSALS = 3, CANARY_UNREADABLE = 3, CANARY_JOBS = 20, CANARY_SIGN_MAX = 160 };

struct canary {
    int limit; /* 0: off */
    bool accepted;
    bool job_done;             /* a job succeeded: the second part is over */
    int refusals, failed_jobs; /* equal ones, in a row from the start */
    int unreadable;            /* acceptances since the last that could be read */
    char refusal[CANARY_SIGN_MAX], failure[CANARY_SIGN_MAX];
};

void canary_init(struct canary *c, int limit);
/* How many more uploads may be out, with OUT out now; SIZE_MAX: as many as one likes. */
size_t canary_room(const struct canary *c, size_t out);
void canary_accepted(struct canary *c);
bool canary_unreadable(struct canary *c); /* true: stop the run */
/* True: stop the run. POINTER "" or NULL if none. */
bool canary_refused(struct canary *c, int status, const char *code, const char *pointer);
void canary_job_succeeded(struct canary *c);
bool canary_job_failed(struct canary *c, int status, const char *code);

#endif
