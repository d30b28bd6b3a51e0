/* result_files.h - results/<name>.json: Mindee's payloads as files, a projection of the ledger that
 * can be written again at any time.
 *
 * A name is a path below results/; each file is written on the thread pool under a temporary name
 * and renamed, directories are made 0700 on the way. A last component that would be longer than 255
 * bytes with its ".json" is cut and gets "~" and 16 hex digits of the name's SHA-256. No symbolic
 * link below the output directory is followed, and only what bears a name of our own form is ever
 * deleted: others may be able to write there. */
#ifndef MB_REPORT_RESULT_FILES_H
#define MB_REPORT_RESULT_FILES_H

#include "base/buffer.h"
#include "base/error.h"
#include "net/loop.h"

/* Appends "<name>.json", cut if need be: what the file is called below results/. */
void result_file_name(struct buffer *out, const char *name);

/* Makes DIRECTORY/results, and clears away what an earlier run left half written. Before the first
 * write, by the one run that holds the ledger. ERR_USAGE: a symbolic link is in their place; else
 * ERR_IO. */
MUST_CHECK int result_files_prepare(const char *directory, struct error *e);

/* Takes DIRECTORY/results/<name>.json away, if it is there. */
void result_file_remove(const char *directory, const char *name);

/* Writes DIRECTORY/results/<name>.json. Takes over DATA (freed with free()). CB comes once, on the
 * loop; ERROR is NULL if all went well, and lives until CB returns; ERR_USAGE: another document's
 * name is in the way, and will be. */
void result_file_write(struct loop *loop, const char *directory, const char *name, char *data,
                       size_t len, void (*cb)(void *ctx, const struct error *error), void *ctx);

#endif
