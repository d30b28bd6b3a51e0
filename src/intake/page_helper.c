/* The parent's end of the helper process: start, ask, wait, kill.
 *
 * There is one helper; a mutex lets one pool thread at a time talk to it. It is the program that
 * page_helper_use named, called as `page-helper`; it inherits one socket and
 * nothing else, and no variable that may hold a key. Its own process group keeps a Ctrl-C in the
 * terminal from it: the run that is finishing still needs it.
 *
 * How it can fail: it isn't there, or can't be run, and nothing is known of any file; it dies (a parser's crash, its memory bound) or it doesn't answer in time. Then
 * it is killed, the file is called broken, and the next question starts another. If one that had
 * answered before is found dead, that may not be this file's doing (something killed it as it
 * idled): a new one is asked once more. */
#include "intake/page_helper.h"

#include "base/spawn.h"
#include "base/text.h"
#include "base/trouble.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static struct {
    pthread_mutex_t lock;
    pid_t pid;  /* 0: there is none */
    int socket; /* ours */
    bool used;  /* it has answered */
    int deadline_ms;
    char program[PATH_MAX];
} helper = {PTHREAD_MUTEX_INITIALIZER, 0, -1, false, PAGE_HELPER_DEADLINE_MS, ""};

void page_helper_use(const char *program)
{
    text_copy(helper.program, sizeof helper.program, program ? program : "");
}

bool page_helper_is_there(void)
{
    return *helper.program && access(helper.program, X_OK) == 0;
}

enum result { ANSWERED, DIED, TIMED_OUT, NOT_STARTED, NOT_THERE };

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void stop(void)
{
    if (!helper.pid)
        return;
    close(helper.socket);
    kill(helper.pid, SIGKILL);
    while (waitpid(helper.pid, NULL, 0) < 0 && errno == EINTR)
        ;
    helper.pid = 0;
    helper.socket = -1;
}

/* 0 or errno. */
static int spawn(int socket)
{
    static const char *const words[] = {"mindee-batch", "page-helper", NULL};
    const struct spawn s = {
        .program = helper.program, .words = words, .input = socket, .errors = -1};
    int error = spawn_start(&s, &helper.pid);
    if (error != 0)
        helper.pid = 0;
    return error;
}

/* 0 or errno. */
static int start(void)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        return errno;
    int error = spawn(pair[1]);
    close(pair[1]);
    if (error) {
        close(pair[0]);
        return error;
    }
    helper.socket = pair[0];
    helper.used = false;
    return 0;
}

static bool send_all(const void *data, size_t len)
{
    const char *p = data;
    while (len) {
        ssize_t n = send(helper.socket, p, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

static enum result receive(struct page_reply *reply, int64_t deadline)
{
    size_t got = 0;
    while (got < sizeof *reply) {
        int64_t left = deadline - now_ms();
        struct pollfd p = {.fd = helper.socket, .events = POLLIN};
        int ready = left > 0 ? poll(&p, 1, (int)left) : 0;
        if (ready == 0)
            return TIMED_OUT;
        if (ready < 0 && errno == EINTR)
            continue;
        ssize_t n = recv(helper.socket, (char *)reply + got, sizeof *reply - got, MSG_DONTWAIT);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n <= 0)
            return DIED;
        got += (size_t)n;
    }
    return ANSWERED;
}

static enum result exchange(const char *path, enum file_type type, struct page_reply *reply)
{
    struct page_request request = {.path_bytes = (uint32_t)strlen(path), .type = (uint32_t)type};
    if (!send_all(&request, sizeof request) || !send_all(path, request.path_bytes))
        return DIED;
    return receive(reply, now_ms() + helper.deadline_ms);
}

static enum result ask(const char *path, enum file_type type, struct page_reply *reply)
{
    int error = helper.pid ? 0 : start();
    if (error)
        return trouble_of(error) != TROUBLE_NONE ? NOT_STARTED : NOT_THERE;
    enum result result = exchange(path, type, reply);
    if (result != ANSWERED)
        stop();
    helper.used |= result == ANSWERED;
    return result;
}

void page_helper_ask(const char *path, enum file_type type, struct page_reply *reply)
{
    enum result result = DIED;
    size_t len = strlen(path);
    if (len > 0 && len < PATH_MAX) {
        pthread_mutex_lock(&helper.lock);
        bool used = helper.pid && helper.used;
        result = ask(path, type, reply);
        if (result == DIED && used)
            result = ask(path, type, reply);
        pthread_mutex_unlock(&helper.lock);
    }
    if (result == NOT_STARTED)
        *reply = (struct page_reply){.not_asked = 1};
    else if (result == NOT_THERE) /* which says nothing of the file */
        *reply = (struct page_reply){0};
    else if (result != ANSWERED)
        *reply = (struct page_reply){.broken = 1};
}

/* Without the lock, which a question to a slow helper may hold for seconds. */
static int users;

void page_helper_enter(void)
{
    users++;
}

void page_helper_leave(void)
{
    REQUIRE(users > 0);
    if (--users == 0)
        page_helper_stop();
}

void page_helper_stop(void)
{
    pthread_mutex_lock(&helper.lock);
    stop();
    pthread_mutex_unlock(&helper.lock);
}

void page_helper_set_deadline(int ms)
{
    pthread_mutex_lock(&helper.lock);
    helper.deadline_ms = ms;
    pthread_mutex_unlock(&helper.lock);
}
