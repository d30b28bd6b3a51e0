/* disk_shim.h - a disk of the tests' own between SQLite and the real one. All of it goes through to
 * the real one, but for what the test replaces:
 *
 *   struct my_file { struct shim_file shim; ... };       first: SQLite's file, and the real one
 *   disk_shim_install("name", sizeof(struct my_file), my_open);       SQLite's default from here on
 *   methods = disk_shim_methods; methods.xWrite = my_write; ...
 *   my_open:   rc = disk_shim_open(file, sizeof(struct my_file), name, flags, out_flags, &methods);
 *   my_write:  disk_shim_real(file)->pMethods->xWrite(disk_shim_real(file), ...) */
#ifndef MB_TESTS_DISK_SHIM_H
#define MB_TESTS_DISK_SHIM_H

#include <sqlite3.h>
#include <stddef.h>

struct shim_file {
    sqlite3_file base;
    sqlite3_file *real; /* behind the test's struct, in the same memory */
};

extern const sqlite3_io_methods disk_shim_methods;

/* The shim, of which other functions may be replaced too; *REAL is the disk behind it. */
sqlite3_vfs *disk_shim_install(const char *name, size_t file_size,
                               int (*open)(sqlite3_vfs *vfs, const char *name, sqlite3_file *file,
                                           int flags, int *out_flags),
                               sqlite3_vfs **real);
/* Opens the real file behind FILE; its methods are METHODS if that went well, else none. */
int disk_shim_open(sqlite3_file *file, size_t file_size, const char *name, int flags,
                   int *out_flags, const sqlite3_io_methods *methods);

static inline sqlite3_file *disk_shim_real(sqlite3_file *file)
{
    return ((struct shim_file *)(void *)file)->real;
}

#endif
