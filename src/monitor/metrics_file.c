/* See metrics_file.h. The name it is written under doesn't end as the collector's files do, so that no half of one is read. */
#include "monitor/metrics_file.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static int write_all(int fd, const struct buffer *text)
{
    for (size_t done = 0; done < text->len;) {
        ssize_t n = write(fd, text->data + done, text->len - done);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        done += (size_t)n;
    }
    return 0;
}

int metrics_file_write(const char *path, enum file_access a, const struct buffer *text,
                       struct error *e)
{
    struct buffer name;
    buffer_init(&name, 0);
    buffer_printf(&name, "%s.%ld.tmp", path, (long)getpid());
    (void)unlink(buffer_text(&name)); /* of a process of this number that was killed */
    int fd = open(buffer_text(&name), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                  file_access_file(a));
    bool fine = fd >= 0 && file_access_set(fd, a) == 0 && write_all(fd, text) == 0 &&
                rename(buffer_text(&name), path) == 0;
    if (!fine)
        error_system(e, ERR_IO, errno, "write %s", text_show(path));
    if (fd >= 0)
        close(fd);
    if (fd >= 0 && !fine)
        (void)unlink(buffer_text(&name));
    buffer_release(&name);
    return fine ? 0 : e->code;
}
