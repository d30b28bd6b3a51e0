/* export_files.h - the files of one export: made under temporary names in their directory, then renamed,
 * the manifest last, so that whoever waits for it sees a whole set.
 *
 *   export_files_open(&set, directory, place, access, &e)      clears away what a killed export left
 *   export_files_add(set, name, table, &file, &e)              FILE is written by export_file_write, or
 *   ...                                                        by a library that takes its path
 *   export_files_commit(set, head, &e)                         see below
 *   export_files_free(set)                                     without a commit nothing has changed
 *
 * A commit syncs and hashes each file, renames them, writes manifest.json (HEAD's members, then `files`) and
 * removes what exports before listed and this one doesn't. Anything else in the directory stays. A
 * full disk, or a kill at any point, leaves old files or new ones, each whole; the next export knows
 * which of them are of exports. Errors name the file: ERR_IO; ERR_USAGE for a directory that can't be
 * made, or something in the way that may not be replaced; ERR_BUSY while another export writes
 * a whole set there. */
#ifndef MB_EXPORT_EXPORT_FILES_H
#define MB_EXPORT_EXPORT_FILES_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/file_access.h"

#include <stdint.h>

#define EXPORT_MANIFEST "manifest.json"

struct export_files;
struct export_file;

/* Whose the place is. What stands under a name that is to be written, and isn't a file (a directory,
 * a symbolic link, a device), is an error everywhere. */
enum export_place {
    EXPORT_PLACE_OURS,  /* exports/: files under our names are replaced. It is no symbolic link */
    EXPORT_PLACE_USERS, /* a directory that the user named: a file that no manifest of ours lists
                           isn't replaced */
    EXPORT_PLACE_FILE,  /* one file that the user named: it is replaced, there is no manifest, and
                           nothing else is looked at */
};

/* DIRECTORY is made where it is missing (its parent is there); for EXPORT_PLACE_FILE it is there. */
MUST_CHECK int export_files_open(struct export_files **out, const char *directory,
                                 enum export_place place, enum file_access access, struct error *e);
void export_files_free(struct export_files *set); /* fine on NULL */
/* What stands there isn't replaced where it is another batch's, of another ledger: each would remove the
 * other's files, in turn. ERR_USAGE. NULL: no batch. */
MUST_CHECK int export_files_claim(const struct export_files *set, const char *batch,
                                  const char *ledger, struct error *e);

/* NAME: of the file once it is whole, a plain one; made here, empty. TABLE: what it holds, for the
 * manifest; NULL: several. Every name is added once. FILE is the set's. */
MUST_CHECK int export_files_add(struct export_files *set, const char *name, const char *table,
                                struct export_file **out, struct error *e);
/* Appends; in large pieces: the file may be opened for each. */
MUST_CHECK int export_file_write(struct export_file *f, const void *data, size_t len,
                                 struct error *e);
const char *export_file_path(const struct export_file *f);  /* the temporary one */
const char *export_file_shown(const struct export_file *f); /* for messages: the final one */
void export_file_rows(struct export_file *f, int64_t rows); /* of its table, headers aside */
/* A table of several in one file (a workbook's sheet, a table of SQLite). */
void export_file_sheet(struct export_file *f, const char *sheet, const char *table, int64_t rows);

/* HEAD: JSON members without braces, "\"tool\":\"mindee-batch …\", \"control\":{…}". It begins with the
 * tool, by which the next export knows the manifest for ours. Not used for EXPORT_PLACE_FILE. */
MUST_CHECK int export_files_commit(struct export_files *set, const char *head, struct error *e);

#endif
