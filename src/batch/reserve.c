/* See reserve.h. */
#include "batch/reserve.h"

#include "base/buffer.h"
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RESERVE_BYTES = 2 * 1000 * 1000 };

static char *reserve_path(const char *ledger)
{
    struct buffer path;
    buffer_init(&path, 0);
    buffer_printf(&path, "%s.reserve", ledger);
    return buffer_detach(&path, NULL);
}

void reserve_make(const char *ledger)
{
    char *path = reserve_path(ledger);
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    int rc = fd < 0 ? errno : posix_fallocate(fd, 0, RESERVE_BYTES);
    if (fd >= 0)
        close(fd);
    if (rc != 0) {
        LOG(LOG_WARNING, "ledger.no_reserve", LOG_STR("path", path),
            LOG_STR("reason", strerror(rc)));
        unlink(path);
    }
    free(path);
}

void reserve_give_up(const char *ledger)
{
    char *path = reserve_path(ledger);
    unlink(path);
    free(path);
}
