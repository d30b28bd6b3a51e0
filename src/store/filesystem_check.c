/* See filesystem_check.h. SQLite's write-ahead log keeps its index in memory shared between
 * processes, which a network file system doesn't give (sqlite.org/wal.html): two machines would each
 * believe their own. */
#include "store/filesystem_check.h"

#include "base/file_access.h"
#include "base/network_mount.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

/* The mount type of the device that PATH is on, as /proc/self/mountinfo says: "" if it doesn't. */
static void mount_type_of(const char *path, char *out, size_t size)
{
    struct stat st;
    char line[4096];
    *out = '\0';
    FILE *f = stat(path, &st) == 0 ? fopen("/proc/self/mountinfo", "re") : NULL;
    while (f && fgets(line, sizeof line, f)) {
        unsigned major_no, minor_no;
        char type[64];
        const char *dash = strstr(line, " - ");
        if (dash && sscanf(line, "%*d %*d %u:%u", &major_no, &minor_no) == 2 &&
            major_no == major(st.st_dev) && minor_no == minor(st.st_dev) &&
            sscanf(dash, " - %63s", type) == 1) {
            snprintf(out, size, "%s", type);
            break;
        }
    }
    if (f)
        fclose(f);
}

int filesystem_check(const char *path, const char *option, struct error *e)
{
    struct statfs fs;
    char type[64] = "";
    if (statfs(path, &fs) != 0)
        return error_system(e, ERR_IO, errno, "%s", text_show(path));
    long magic = (long)fs.f_type;
    if (network_mount_is_fuse(magic))
        mount_type_of(path, type, sizeof type);
    const char *name = network_mount_name(magic, type);
    if (name)
        return error_set(e, ERR_USAGE,
                         "%s is on a network file system (%s), which can't hold this safely: set "
                         "%s to a path on a local disk",
                         text_show(path), name, option);
    return 0;
}

char *filesystem_check_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return xstrdup(".");
    if (slash == path)
        return xstrdup("/");
    char *directory = xstrdup(path);
    directory[slash - path] = '\0';
    return directory;
}

int filesystem_check_sync_directory(const char *path, struct error *e)
{
    char *directory = filesystem_check_directory(path);
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int err = 0;
    if (fd < 0 || (fsync(fd) != 0 && errno != EINVAL))
        err = error_system(e, ERR_IO, errno, "%s", text_show(directory));
    if (fd >= 0)
        close(fd);
    free(directory);
    return err;
}

int filesystem_check_create(const char *path, bool *created, struct error *e)
{
    *created = false;
    int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0)
        return errno == EEXIST ? 0 : error_system(e, ERR_IO, errno, "make %s", text_show(path));
    *created = true;
    int err = 0;
    if (file_access_set(fd, ACCESS_PRIVATE) != 0) /* the umask may have taken the owner's bits */
        err = error_system(e, ERR_IO, errno, "make %s", text_show(path));
    close(fd);
    return err ? err : filesystem_check_sync_directory(path, e);
}
