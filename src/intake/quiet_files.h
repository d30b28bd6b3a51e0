/* quiet_files.h - which files of a watched folder have come to rest. Pure: looks and times come in.
 *
 *   quiet_files_init(&q, seed, quiet_ms);
 *   quiet_files_begin(&q);                              a round of looks at the folder
 *   if (quiet_files_look(&q, path, &stamp, from, by))   take it: it's forgotten here
 *   quiet_files_end(&q);                                what this round didn't meet is forgotten
 *   quiet_files_due(&q)                                 when another round may find one at rest
 *
 * A file is at rest when two looks at least `quiet` apart, by this machine's own running clock, saw
 * the same stamp and none between them another one. The file's own times are only compared, never
 * reckoned with: a file server's clock is another one. A look is known to lie between two moments,
 * FROM and BY; what is reckoned with is what can't make a pause longer than it was.
 *
 * 24 bytes for each file that isn't at rest yet. Beyond QUIET_FILES_MOST new ones aren't
 * remembered; a later round meets them again. */
#ifndef MB_INTAKE_QUIET_FILES_H
#define MB_INTAKE_QUIET_FILES_H

#include "base/clock.h"
#include "base/file_stamp.h"
#include "base/hash_set.h"

enum { QUIET_FILES_MOST = 1 << 20 };

struct quiet_file {
    uint64_t path; /* its hash, never 0 */
    uint64_t stamp;
    int64_t since_ms; /* the first look that saw this stamp was over */
};

struct quiet_files {
    uint64_t seed;
    int64_t quiet_ms;
    struct hash_set before, now; /* of struct quiet_file: the round before this one, and this one */
    int64_t oldest_ms;           /* of `now` */
};

void quiet_files_init(struct quiet_files *q, uint64_t seed, int64_t quiet_ms);
void quiet_files_release(struct quiet_files *q);

void quiet_files_begin(struct quiet_files *q);
bool quiet_files_look(struct quiet_files *q, const char *path, const struct file_stamp *stamp,
                      struct mono from, struct mono by);
void quiet_files_end(struct quiet_files *q);

size_t quiet_files_count(const struct quiet_files *q);
struct mono quiet_files_due(const struct quiet_files *q); /* MONO_NEVER: none waits */

#endif
