/* export_manifest.h - manifest.json of a directory of exports: what it says an export wrote there.
 *
 *   export_manifest_read(&m, directory_fd, name, &e)      a missing one: no names
 *   export_manifest_find(&m, "documents.csv")
 *   export_manifest_release(&m)
 *
 * Names that aren't plain (a slash in them, "..") are passed over: a manifest can't lead anywhere else.
 * One that isn't whole any more may be anybody's work: `whole` is false then. */
#ifndef MB_EXPORT_EXPORT_MANIFEST_H
#define MB_EXPORT_EXPORT_MANIFEST_H

#include "base/digest.h"
#include "base/error.h"
#include "format/block_output.h"

#include <stdbool.h>
#include <stdint.h>

enum { EXPORT_MANIFEST_NAMES = 20000 /* more are passed over */ };

struct export_manifest_entry {
    char *name;
    char sha256[SHA256_HEX]; /* "": it isn't said */
};

struct export_manifest {
    struct export_manifest_entry *entries;
    size_t count, capacity;
    char *batch, *ledger; /* of which it was; NULL: it isn't said */
    bool there;           /* a file of that name */
    bool ours;            /* it begins as those of this program do */
    bool whole;           /* ... and ends so */
};

MUST_CHECK int export_manifest_read(struct export_manifest *m, int directory, const char *name,
                                    struct error *e);
void export_manifest_release(struct export_manifest *m);
const struct export_manifest_entry *export_manifest_find(const struct export_manifest *m,
                                                         const char *name);
/* A name that a file of an export may have. */
bool export_manifest_plain(const char *name);

/* Writing one: the beginning, then its files each followed by a comma but for the last, then the
 * end. HEAD: members without braces, the first of which is "tool". */
void export_manifest_begin(struct block_output *out, const char *head);
void export_manifest_end(struct block_output *out);

#endif
