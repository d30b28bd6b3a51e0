/* changed_file.h - whether a file of the ledger holds other bytes now. For the pool: it may read the
 * whole file. One that is gone, or can't be read, hasn't changed. */
#ifndef MB_BATCH_CHANGED_FILE_H
#define MB_BATCH_CHANGED_FILE_H

#include "base/digest.h"

#include <stdbool.h>
#include <stdint.h>

struct changed_file {
    const char *path;
    int64_t size_bytes, mtime_ns; /* as the ledger has it */
    uint8_t sha256[SHA256_BYTES]; /* zeros: it was never read */
    bool follow_symlinks;         /* as input.follow_symlinks; else one is left alone */
    bool changed;                 /* out */
};

void changed_file_look(struct changed_file *f);

#endif
