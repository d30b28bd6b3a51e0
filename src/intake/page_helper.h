/* page_helper.h - the helper process that parses untrusted PDFs and TIFFs, seen from both its ends.
 * Inside intake only (and its tests).
 *
 * On the wire, a socket pair that is the helper's standard input: a request and PATH_BYTES bytes of
 * path; then one reply. Both ends are the same program, so numbers are as the machine has them. */
#ifndef MB_INTAKE_PAGE_HELPER_H
#define MB_INTAKE_PAGE_HELPER_H

#include "intake/intake.h"

struct page_request {
    uint32_t path_bytes; /* 1 to PATH_MAX - 1, without a NUL */
    uint32_t type;       /* enum file_type: PDF or TIFF */
};

struct page_reply {
    int32_t pages;     /* 0: unknown */
    uint8_t encrypted; /* needs a password or not */
    uint8_t broken;    /* can't be parsed */
    uint8_t not_asked; /* never by the helper itself: it couldn't be started for now, for a reason
                          of the machine's (trouble.h) */
    uint8_t spare;
};

/* The helper's own end: parses PATH here and now. */
void page_inspect(const char *path, enum file_type type, struct page_reply *reply);

/* Asks the helper, starting it where there is none; for pool threads: waits up to the deadline,
 * and for the calls before it. A helper that dies or doesn't answer is a file that is broken. */
void page_helper_ask(const char *path, enum file_type type, struct page_reply *reply);

/* How long an answer may take; for tests. */
enum { PAGE_HELPER_DEADLINE_MS = 5000 };
void page_helper_set_deadline(int ms);

#endif
