/* See control_elsewhere.h. systemd may name several runtime directories, parted by colons: the first
 * is taken. */
#include "control/control_elsewhere.h"

#include "base/buffer.h"
#include "base/safe_file.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The length of the directory that VARIABLE names first; 0: none. */
static size_t named_by(const char *variable, const char **out)
{
    const char *value = *out = getenv(variable);
    size_t len = value ? strcspn(value, ":") : 0;
    bool fits = len > 0 && len < PATH_MAX - 64 && *value == '/' && !memchr(value, '\n', len);
    return fits ? len : 0;
}

char *control_elsewhere(uint64_t ledger_id, enum file_access a)
{
    struct buffer path;
    struct error e;
    const char *directory;
    size_t len = named_by("RUNTIME_DIRECTORY", &directory);
    if (len == 0)
        len = named_by("XDG_RUNTIME_DIR", &directory);
    if (len == 0)
        return NULL;
    buffer_init(&path, 0);
    buffer_printf(&path, "%.*s/mindee-batch-%016" PRIx64, (int)len, directory, ledger_id);
    if (directory_make(buffer_text(&path), a, &e) == 0)
        return buffer_detach(&path, &len);
    buffer_release(&path);
    return NULL;
}

void control_elsewhere_leave(char *directory)
{
    if (directory && rmdir(directory) != 0) {
        /* Something else is in it, or it is gone already. */
    }
    free(directory);
}
