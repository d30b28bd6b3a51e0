/* zone_file.h - the bytes of a time zone, from the system's database, for zone_parse of core. */
#ifndef MB_CALENDAR_ZONE_FILE_H
#define MB_CALENDAR_ZONE_FILE_H

#include "base/buffer.h"
#include "base/error.h"

/* Appends the TZif file of the zone NAME ("Europe/Paris") to OUT, which should be empty. DIRECTORY
 * is where the database is; NULL: $TZDIR, or /usr/share/zoneinfo. "UTC" and "Etc/UTC" need no file.
 *
 * A name is words of letters, digits, _, + and -, with a / between two: it never leaves DIRECTORY.
 * 0; ERR_USAGE: no such name; ERR_NOT_FOUND: there is no database; ERR_IO, ERR_LIMIT, ERR_MEMORY.
 * The text says what to do. */
MUST_CHECK int zone_file_read(const char *name, const char *directory, struct buffer *out,
                              struct error *e);

#endif
