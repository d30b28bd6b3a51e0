#include "disk_shim.h"

static sqlite3_vfs shim, *behind;

static int file_close(sqlite3_file *f)
{
    sqlite3_file *r = disk_shim_real(f);
    return r->pMethods ? r->pMethods->xClose(r) : SQLITE_OK;
}

static int file_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
    return disk_shim_real(f)->pMethods->xRead(disk_shim_real(f), p, n, at);
}

static int file_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    return disk_shim_real(f)->pMethods->xWrite(disk_shim_real(f), p, n, at);
}

static int file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    return disk_shim_real(f)->pMethods->xTruncate(disk_shim_real(f), size);
}

static int file_sync(sqlite3_file *f, int flags)
{
    return disk_shim_real(f)->pMethods->xSync(disk_shim_real(f), flags);
}

static int file_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return disk_shim_real(f)->pMethods->xFileSize(disk_shim_real(f), size);
}

static int file_lock(sqlite3_file *f, int level)
{
    return disk_shim_real(f)->pMethods->xLock(disk_shim_real(f), level);
}

static int file_unlock(sqlite3_file *f, int level)
{
    return disk_shim_real(f)->pMethods->xUnlock(disk_shim_real(f), level);
}

static int file_check_lock(sqlite3_file *f, int *out)
{
    return disk_shim_real(f)->pMethods->xCheckReservedLock(disk_shim_real(f), out);
}

static int file_control(sqlite3_file *f, int op, void *arg)
{
    return disk_shim_real(f)->pMethods->xFileControl(disk_shim_real(f), op, arg);
}

static int file_sector_size(sqlite3_file *f)
{
    return disk_shim_real(f)->pMethods->xSectorSize(disk_shim_real(f));
}

static int file_characteristics(sqlite3_file *f)
{
    return disk_shim_real(f)->pMethods->xDeviceCharacteristics(disk_shim_real(f));
}

static int shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
    return disk_shim_real(f)->pMethods->xShmMap(disk_shim_real(f), page, size, extend, out);
}

static int shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    return disk_shim_real(f)->pMethods->xShmLock(disk_shim_real(f), offset, n, flags);
}

static void shm_barrier(sqlite3_file *f)
{
    disk_shim_real(f)->pMethods->xShmBarrier(disk_shim_real(f));
}

static int shm_unmap(sqlite3_file *f, int delete)
{
    return disk_shim_real(f)->pMethods->xShmUnmap(disk_shim_real(f), delete);
}

const sqlite3_io_methods disk_shim_methods = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
};

int disk_shim_open(sqlite3_file *file, size_t file_size, const char *name, int flags,
                   int *out_flags, const sqlite3_io_methods *methods)
{
    struct shim_file *f = (struct shim_file *)(void *)file;
    f->real = (sqlite3_file *)(void *)((char *)file + file_size);
    f->base.pMethods = NULL;
    int rc = behind->xOpen(behind, name, f->real, flags, out_flags);
    if (rc == SQLITE_OK)
        f->base.pMethods = methods;
    return rc;
}

sqlite3_vfs *disk_shim_install(const char *name, size_t file_size,
                               int (*open)(sqlite3_vfs *vfs, const char *name, sqlite3_file *file,
                                           int flags, int *out_flags),
                               sqlite3_vfs **real)
{
    behind = sqlite3_vfs_find(NULL);
    shim = *behind;
    shim.pNext = NULL;
    shim.zName = name;
    shim.szOsFile = behind->szOsFile + (int)file_size;
    shim.xOpen = open;
    sqlite3_vfs_register(&shim, 1);
    if (real)
        *real = behind;
    return &shim;
}
