/* See program.h. The running program's own path comes from the kernel: argv[0] may be anything. */
#include "base/program.h"

#include "base/buffer.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void program_begin(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
            continue;
        int opened = open("/dev/null", O_RDWR); /* the lowest number that is free: this one */
        if (opened < 0)
            opened = open("/", O_RDONLY | O_DIRECTORY);
        REQUIRE(opened == fd);
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

int program_output_end(struct error *e)
{
    bool failed = ferror(stdout) != 0;
    if (failed) { /* by an earlier write, whose reason is gone: another one tells it */
        clearerr(stdout);
        putc('\n', stdout);
    }
    if (fflush(stdout) != 0)
        return error_system(e, ERR_IO, errno, "standard output can't be written");
    if (failed)
        return error_set(e, ERR_IO, "standard output can't be written: a part of it is lost");
    return 0;
}

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
