/* See ledger_path.h. A file that is gone by now has no realpath, but its directory may have one. */
#include "cli/ledger_path.h"
#include "base/buffer.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

char *ledger_path_of(const char *path)
{
    char *real = realpath(path, NULL);
    if (real)
        return real;
    const char *slash = strrchr(path, '/');
    char *parent = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : xstrdup(".");
    real = parent ? realpath(parent, NULL) : NULL;
    free(parent);
    struct buffer b;
    buffer_init(&b, 0);
    buffer_printf(&b, "%s/%s", real ? real : "", slash && real ? slash + 1 : path);
    free(real);
    return buffer_detach(&b, NULL);
}
