/* See workbook_zip.h. The library's call of minizip's function finds the one below, as a program's own come
 * before those of its libraries, and that one calls minizip's. Where the call doesn't come here (a library that
 * has minizip within it), the level stays the default, and nothing else is different. */
#include "workbook/workbook_zip.h"

#include <dlfcn.h>
#include <minizip/zip.h>
#include <string.h>
#include <zlib.h>

enum { LEVEL = 3 };

static __typeof__(&zipOpenNewFileInZip4_64) open_entry;

void workbook_zip_use(void)
{
    void *found = dlsym(RTLD_NEXT, "zipOpenNewFileInZip4_64");
    memcpy(&open_entry, &found, sizeof found); /* as POSIX has it: ISO C knows no such cast */
}

/* minizip's, for libxlsxwriter: its parameters, but for the level. */
__attribute__((visibility("default"))) int
zipOpenNewFileInZip4_64(zipFile file, const char *name, const zip_fileinfo *info,
                        const void *extra_local, uInt extra_local_len, const void *extra_global,
                        uInt extra_global_len, const char *comment, int method, int level, int raw,
                        int window_bits, int memory_level, int strategy, const char *password,
                        uLong crc, uLong made_by, uLong flags, int zip64)
{
    if (!open_entry)
        return ZIP_INTERNALERROR;
    return open_entry(file, name, info, extra_local, extra_local_len, extra_global,
                      extra_global_len, comment, method,
                      level == Z_DEFAULT_COMPRESSION ? LEVEL : level, raw, window_bits,
                      memory_level, strategy, password, crc, made_by, flags, zip64);
}
