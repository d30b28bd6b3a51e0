/* See program.h. The running program's own path comes from the kernel: argv[0] may be anything. */
#include "base/program.h"

#include "base/buffer.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *find(const char *directory, const char *below, const char *name)
{
    struct buffer path;
    buffer_init(&path, 0);
    buffer_printf(&path, "%s%s/%s", directory, below, name);
    char *found = buffer_detach(&path, NULL);
    if (access(found, X_OK) == 0)
        return found;
    free(found);
    return NULL;
}

char *program_beside(const char *name)
{
    char self[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    if (len <= 0)
        return NULL;
    self[len] = '\0';
    *strrchr(self, '/') = '\0';
    char *found = find(self, "", name);
    return found ? found : find(self, "/../libexec/mindee-batch", name);
}
