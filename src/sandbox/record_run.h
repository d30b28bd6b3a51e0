/* record_run.h - answers (answers.h) from a real run: `sandbox --record RUN --answers DIR`.
 *
 * Reading a run's ledger isn't the sandbox's: who calls sandbox_main hands in what does. */
#ifndef MB_SANDBOX_RECORD_RUN_H
#define MB_SANDBOX_RECORD_RUN_H

#include "base/digest.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

struct run_result {
    const uint8_t *sha256; /* of the document */
    const char *json;      /* the result as it came */
    size_t len;
};

struct run_reader {
    /* Calls EACH for every result of the run whose output directory is RUN, until it returns other
     * than 0, which is then returned; or an error. */
    int (*read)(const char *run, int (*each)(void *ctx, const struct run_result *r), void *ctx,
                struct error *e);
};

struct run_recorded {
    int answers; /* written */
    int left;    /* results that are none, or whose file has an answer of another model already */
};

/* Writes DIRECTORY/SHA256.json for each result, or, if the run used several products, below
 * DIRECTORY/PRODUCT. DIRECTORY is made if need be (0700), files are 0600 and replaced. */
MUST_CHECK int record_run(const struct run_reader *reader, const char *run, const char *directory,
                          bool anonymous, struct run_recorded *out, struct error *e);

#endif
