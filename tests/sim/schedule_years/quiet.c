/* Where the service dies: each fsync, each write of a database, each rename and each step of the
 * loop is a point at which it could, once the run that was chosen for it has begun. Defined in the
 * program itself these functions stand before the C library's, for SQLite too; none waits for a
 * disk, for a killed process loses nothing that was written. */
#include "schedule_years.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct schedule_years *doomed;

void quiet_arm(struct schedule_years *w)
{
    doomed = w;
}

void quiet_point(void)
{
    if (!doomed || !doomed->die_in_start || doomed->starts < doomed->die_in_start)
        return;
    if (++doomed->points >= doomed->die_at_point)
        _exit(0);
}

int fsync(int fd)
{
    (void)fd;
    quiet_point();
    return 0;
}

int fdatasync(int fd)
{
    return fsync(fd);
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
    quiet_point();
    return syscall(SYS_pwrite64, fd, data, size, at);
}

int rename(const char *from, const char *to)
{
    quiet_point();
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}
