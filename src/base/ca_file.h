/* ca_file.h - whether a file of certificates to trust is one, before anything relies on it: libcurl
 * says so only when the first connection fails, in words that don't name the file. */
#ifndef MB_BASE_CA_FILE_H
#define MB_BASE_CA_FILE_H

#include "base/error.h"

/* ERR_IO: it can't be read; ERR_USAGE: it is no file, or holds no certificate in PEM format. */
MUST_CHECK int ca_file_check(const char *path, struct error *e);

#endif
