/* export_files.h - the files of one export: made under temporary names in their directory, then renamed,
 * the manifest last, so that whoever waits for it sees a whole set.
 *
 *   export_files_open(&set, directory, access, &e)       clears away what a killed export left
 *   export_files_add(set, name, table, &file, &e)        FILE is written through its stream, or by a
 *   ...                                                  library that takes its path
 *   export_files_commit(set, head, &e)                   see below
 *   export_files_free(set)                               without a commit nothing has changed
 *
 * A commit syncs and hashes each file, renames them, writes manifest.json (HEAD's members, then `files`) and
 * removes what the manifest before listed and this one doesn't. Anything else in the directory stays. A
 * full disk, or a kill at any point, leaves the old files or the new ones, each whole. Errors name the
 * file: ERR_IO; ERR_USAGE for a directory that can't be made, or something in the way that isn't a file. */
#ifndef MB_REPORT_EXPORT_FILES_H
#define MB_REPORT_EXPORT_FILES_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/file_access.h"

#include <stdint.h>
#include <stdio.h>

#define EXPORT_MANIFEST "manifest.json"

struct export_files;
struct export_file;

/* DIRECTORY is made where it is missing (its parent is there). */
MUST_CHECK int export_files_open(struct export_files **out, const char *directory,
                                 enum file_access access, struct error *e);
void export_files_free(struct export_files *set);

/* NAME: of the file once it is whole. TABLE: what it holds, for the manifest; NULL: several. */
MUST_CHECK int export_files_add(struct export_files *set, const char *name, const char *table,
                                struct export_file **out, struct error *e);
FILE *export_file_stream(struct export_file *f);            /* opened at the first call */
const char *export_file_path(const struct export_file *f);  /* the temporary one */
const char *export_file_shown(const struct export_file *f); /* for messages: the final one */
void export_file_rows(struct export_file *f, int64_t rows); /* of its table, headers aside */
/* A table of several in one file (a workbook's sheet, a table of SQLite). */
void export_file_sheet(struct export_file *f, const char *sheet, const char *table, int64_t rows);

/* HEAD: JSON members without braces, "\"tool\": …, \"control\": {…}". */
MUST_CHECK int export_files_commit(struct export_files *set, const char *head, struct error *e);

#endif
