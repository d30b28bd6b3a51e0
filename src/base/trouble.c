/* See trouble.h. */
#include "base/trouble.h"

#include <errno.h>
#include <stddef.h>
#include <sys/stat.h>

static bool is_among(int error, const int *errors, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (errors[i] == error)
            return true;
    return false;
}

enum trouble trouble_of(int system_error)
{
    static const int machine[] = {EMFILE, ENFILE, ENOMEM, ENOBUFS, EAGAIN};
    static const int file[] = {EACCES,  EPERM,  ENOENT, ENOTDIR, ELOOP,     ENAMETOOLONG,
                               EISDIR,  EEXIST, EXDEV,  EINVAL,  EOVERFLOW, EFBIG,
                               ETXTBSY, EILSEQ, EROFS,  ENOTSUP, EMLINK,    ENOTEMPTY};
    if (system_error == 0 || is_among(system_error, file, sizeof file / sizeof *file))
        return TROUBLE_NONE;
    return is_among(system_error, machine, sizeof machine / sizeof *machine) ? TROUBLE_OF_MACHINE
                                                                             : TROUBLE_OF_PLACE;
}

bool trouble_is_full(int system_error)
{
    return system_error == ENOSPC || system_error == EDQUOT;
}

enum trouble trouble_of_open(const char *path, int system_error)
{
    struct stat st;
    if (system_error == ENXIO && stat(path, &st) == 0 && S_ISSOCK(st.st_mode))
        return TROUBLE_NONE;
    return trouble_of(system_error);
}
