#include "faulty_disk.h"

#include "disk_shim.h"

static sqlite3_io_methods methods;
static int countdown;
static enum faulty_kind how;
static bool stays, failed;

static bool fails_now(void)
{
    if (failed && stays)
        return true;
    if (countdown == 0 || --countdown > 0)
        return false;
    failed = true;
    return true;
}

static int file_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    if (!fails_now())
        return disk_shim_real(f)->pMethods->xWrite(disk_shim_real(f), p, n, at);
    if (n > 1) /* a torn one: half of it arrived */
        (void)disk_shim_real(f)->pMethods->xWrite(disk_shim_real(f), p, n / 2, at);
    return how == FAULTY_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
}

static int file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    return fails_now() ? SQLITE_IOERR_TRUNCATE
                       : disk_shim_real(f)->pMethods->xTruncate(disk_shim_real(f), size);
}

static int file_sync(sqlite3_file *f, int flags)
{
    return fails_now() ? SQLITE_IOERR_FSYNC
                       : disk_shim_real(f)->pMethods->xSync(disk_shim_real(f), flags);
}

static int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    (void)vfs;
    return disk_shim_open(file, sizeof(struct shim_file), name, flags, out, &methods);
}

void faulty_disk_install(void)
{
    methods = disk_shim_methods;
    methods.xWrite = file_write;
    methods.xTruncate = file_truncate;
    methods.xSync = file_sync;
    disk_shim_install("faulty", sizeof(struct shim_file), disk_open, NULL);
}

void faulty_disk_arm(int k, enum faulty_kind kind, bool for_good)
{
    countdown = k;
    how = kind;
    stays = for_good;
    failed = false;
}

bool faulty_disk_failed(void)
{
    return failed;
}
