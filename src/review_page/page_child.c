/* See page_child.h. The child leads a group of its own, which is killed as a whole when its time is up or when it writes
 * more than a picture has; it is waited for in any case. What it says on its standard error nobody reads. */
#include "review_page/page_child.h"

#include "base/spawn.h"
#include "intake/page_draw.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CHUNK = 65536 };

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Until the child closes its end. */
static int read_picture(int fd, int64_t until, struct buffer *out, struct error *e)
{
    char chunk[CHUNK];
    for (;;) {
        int64_t left = until - now_ms();
        struct pollfd p = {.fd = fd, .events = POLLIN};
        int ready = left > 0 ? poll(&p, 1, (int)left) : 0;
        if (ready == 0)
            return error_set(e, ERR_LIMIT, "this page takes too long to draw");
        if (ready < 0 && errno == EINTR)
            continue;
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return error_system(e, ERR_IO, errno, "the picture");
        if (n == 0)
            return 0;
        if (buffer_append(out, chunk, (size_t)n) < 0)
            return error_set(e, ERR_LIMIT, "the picture of this page is too large");
    }
}

/* Its exit code; -1: it was ended by a signal. */
static int reap(pid_t pid, bool stop)
{
    int status;
    if (stop)
        kill(-pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int judge(int code, size_t len, struct error *e)
{
    if (code == PAGE_DRAW_NOT_THERE)
        return error_set(e, ERR_NOT_FOUND,
                         "pages of this kind of file can't be shown here: what draws them isn't "
                         "installed (of a PDF, that is poppler-utils)");
    if (code != 0 || len == 0)
        return error_set(e, ERR_FORMAT,
                         "this page can't be drawn: the file is damaged, encrypted, "
                         "or too large for it");
    return 0;
}

static int start(const char *tools, const char *type, int page, int fd, int output, pid_t *pid,
                 struct error *e)
{
    char number[16];
    snprintf(number, sizeof number, "%d", page);
    const char *const words[] = {"mindee-batch-tools", "page-draw", type, number, NULL};
    const struct spawn s = {.program = tools,
                            .words = words,
                            .input = fd,
                            .output = output,
                            .errors = -1,
                            .bare = true};
    int error = spawn_start(&s, pid);
    return error ? error_system(e, ERR_IO, error, "%s", tools) : 0;
}

int page_child_draw(const char *tools, const char *type, int page, int fd, int64_t deadline_ms,
                    struct buffer *out, struct error *e)
{
    int ends[2];
    pid_t pid;
    buffer_init(out, PAGE_PICTURE_MAX);
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_system(e, ERR_IO, errno, "a pipe");
    int err = start(tools, type, page, fd, ends[1], &pid, e);
    close(ends[1]);
    if (!err) {
        int64_t deadline = deadline_ms ? deadline_ms : PAGE_CHILD_DEADLINE_MS;
        err = read_picture(ends[0], now_ms() + deadline, out, e);
        int code = reap(pid, err != 0);
        if (!err)
            err = judge(code, out->len, e);
    }
    close(ends[0]);
    if (err)
        buffer_release(out);
    return err;
}
