/* See control_client.h. */
#include "control/control_client.h"

#include "control/control_socket.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TIMEOUT_S = 60 };

static int send_all(int fd, const char *data, size_t len)
{
    for (size_t sent = 0; sent < len;) {
        ssize_t n = send(fd, data + sent, len - sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return -1;
        sent += (size_t)n;
    }
    return 0;
}

/* To the end of the line. */
static int receive_line(int fd, struct buffer *line)
{
    char block[4096];
    for (;;) {
        ssize_t n = recv(fd, block, sizeof block, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n == 0)
            errno = 0;
        if (n <= 0 || line->len + (size_t)n > CONTROL_LINE_MAX ||
            buffer_append(line, block, (size_t)n) < 0)
            return -1;
        if (line->data[line->len - 1] == '\n')
            return 0;
    }
}

static int exchange(int fd, struct buffer *line, struct control_answer *a, struct error *e)
{
    buffer_put(line, "\n");
    int rc = send_all(fd, line->data, line->len);
    buffer_clear(line);
    if (rc == 0)
        rc = receive_line(fd, line);
    bool late = rc < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    if (late)
        return error_set(e, ERR_IO,
                         "the run doesn't answer; what became of it `mindee-batch status` says");
    if (rc < 0)
        return error_set(e, ERR_NOT_FOUND, "the run ended before it answered");
    return control_answer_read(a, buffer_text(line), e);
}

int control_ask(const char *directory, const struct control_request *r, struct control_answer *a,
                struct error *e)
{
    struct buffer line;
    int fd;
    buffer_init(&line, 0);
    int rc = control_request_write(r, &line, e);
    if (rc == 0)
        rc = control_socket_connect(directory, TIMEOUT_S, &fd, e);
    if (rc == 0) {
        rc = exchange(fd, &line, a, e);
        close(fd);
    }
    buffer_release(&line);
    return rc;
}
