/* See process.h.
 *
 * The input is written whole into a file in memory, of which the program gets the descriptor: no
 * pipe to feed, nothing to wait for if it isn't read, no SIGPIPE. Its standard error is a pipe,
 * read as it comes, of which only the newest line stays.
 *
 * It has ended when waitpid says so, which SIGCHLD is the hint for; what it wrote before is in the
 * pipe by then. What it left running in its session isn't waited for;
 * if it was ended by us, that goes too. */
#include "net/process.h"
#include "base/spawn.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    LINE_BYTES = 200,
    KILL_AFTER_MS = 2000, /* from SIGTERM to SIGKILL */
    LOOK_AGAIN_MS = 50,
    LAST_WORDS_BYTES = 1024 * 1024, /* read at most when it is gone: others may go on writing */
};

struct process {
    struct loop *loop;
    pid_t pid;
    int words; /* our end of its standard error; -1: closed */
    struct loop_watch *watch;
    struct loop_signal *child; /* SIGCHLD */
    struct loop_timer *timer;  /* its timeout, then the kill; or, not started, the callback */
    bool ending;               /* told to end by us */
    enum process_end end;      /* if so, why */
    int start_error;
    char line[LINE_BYTES], last[LINE_BYTES]; /* the line being read, the newest that isn't empty */
    size_t line_len, last_len;
    void (*done)(void *ctx, const struct process_result *result);
    void *ctx;
};

/* ---- what it says on standard error ---- */

static void line_ended(struct process *p)
{
    if (p->line_len > 0) {
        memcpy(p->last, p->line, p->line_len);
        p->last_len = p->line_len;
    }
    p->line_len = 0;
}

/* False when there is nothing more for now. */
static bool read_words(struct process *p, size_t *got)
{
    char block[4096];
    ssize_t n = read(p->words, block, sizeof block);
    if (n < 0 && errno == EINTR)
        return true;
    *got += n > 0 ? (size_t)n : 0;
    for (ssize_t i = 0; i < n; i++) {
        if (block[i] == '\n')
            line_ended(p);
        else if (p->line_len < LINE_BYTES - 1)
            p->line[p->line_len++] = block[i];
    }
    if (n == 0 && p->watch) { /* closed at the other end: it would be readable for ever */
        loop_watch_close(p->watch);
        p->watch = NULL;
    }
    return n > 0;
}

static void words_cb(void *ctx)
{
    struct process *p = ctx;
    size_t got = 0;
    (void)read_words(p, &got);
}

/* ---- its end ---- */

static void describe(const struct process *p, int status, struct process_result *r)
{
    char what[64];
    const char *words = text_show(p->last);
    if (p->ending)
        snprintf(what, sizeof what, p->end == PROCESS_TIMED_OUT ? "not done in time" : "cancelled");
    else if (r->end == PROCESS_SIGNALLED)
        snprintf(what, sizeof what, "ended by signal %d", r->number);
    else
        snprintf(what, sizeof what, "exit code %d", WEXITSTATUS(status));
    if (r->end != PROCESS_EXITED || r->number != 0)
        snprintf(r->text, sizeof r->text, "%s%s%.200s", what, *words ? ": " : "", words);
}

static void finish(struct process *p, struct process_result *r)
{
    loop_timer_close(p->timer);
    if (p->child)
        loop_signal_close(p->child);
    if (p->watch)
        loop_watch_close(p->watch);
    if (p->words >= 0)
        close(p->words);
    p->done(p->ctx, r);
    free(p);
}

/* False: it goes on. */
static bool has_ended(struct process *p)
{
    int status;
    size_t got = 0;
    if (waitpid(p->pid, &status, WNOHANG) != p->pid)
        return false;
    while (got < LAST_WORDS_BYTES && read_words(p, &got))
        ;
    line_ended(p);
    p->last[p->last_len] = '\0';
    if (p->ending)
        kill(-p->pid, SIGKILL);
    struct process_result r = {.end = PROCESS_EXITED, .number = WEXITSTATUS(status)};
    if (WIFSIGNALED(status))
        r = (struct process_result){.end = PROCESS_SIGNALLED, .number = WTERMSIG(status)};
    if (p->ending)
        r.end = p->end;
    describe(p, status, &r);
    finish(p, &r);
    return true;
}

static void child_cb(void *ctx, int signum)
{
    (void)signum;
    (void)has_ended(ctx);
}

static void end_it(struct process *p, enum process_end why)
{
    if (p->ending)
        return;
    p->ending = true;
    p->end = why;
    kill(-p->pid, SIGTERM);
    loop_timer_set(p->timer, mono_add(loop_now(p->loop), KILL_AFTER_MS));
}

static void timer_cb(void *ctx)
{
    struct process *p = ctx;
    if (p->start_error) {
        struct process_result r = {.end = PROCESS_NOT_STARTED, .number = p->start_error};
        snprintf(r.text, sizeof r.text, "can't be started: %s", strerror(p->start_error));
        finish(p, &r);
    } else if (!p->ending) {
        end_it(p, PROCESS_TIMED_OUT);
    } else if (!has_ended(p)) { /* the timer goes on: SIGCHLD alone doesn't keep the loop alive */
        kill(-p->pid, SIGKILL);
        loop_timer_set(p->timer, mono_add(loop_now(p->loop), LOOK_AGAIN_MS));
    }
}

void process_cancel(struct process *p)
{
    if (!p->start_error)
        end_it(p, PROCESS_CANCELLED);
}

/* ---- its start ---- */

/* The descriptor of a file in memory that holds the input, or -1 and errno. */
static int make_input(const char *bytes, size_t len)
{
    int fd = memfd_create("mindee-batch", MFD_CLOEXEC);
    while (fd >= 0 && len > 0) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            int failure = errno;
            close(fd);
            errno = failure;
            return -1;
        }
        bytes += n;
        len -= (size_t)n;
    }
    if (fd >= 0)
        lseek(fd, 0, SEEK_SET);
    return fd;
}

/* 0 or errno. */
static int start(struct process *p, const struct process_options *o)
{
    int pair[2];
    int input = make_input(o->input, o->input_len);
    if (input < 0)
        return errno;
    if (pipe2(pair, O_CLOEXEC) != 0) {
        int failure = errno;
        close(input);
        return failure;
    }
    fcntl(pair[0], F_SETFL, O_NONBLOCK);
    p->child = loop_signal_new(p->loop, SIGCHLD, child_cb, p); /* before it can end */
    const struct spawn spawn = {.program = o->words[0],
                                .words = o->words,
                                .variables = o->environment,
                                .input = input,
                                .errors = pair[1],
                                .session = true};
    int rc = spawn_start(&spawn, &p->pid);
    close(input);
    close(pair[1]);
    p->words = pair[0];
    if (rc == 0)
        p->watch = loop_watch_new(p->loop, p->words, words_cb, p);
    return rc;
}

struct process *process_start(struct loop *loop, const struct process_options *options)
{
    struct process *p = xcalloc(1, sizeof *p);
    REQUIRE(options->words[0] && options->done && options->timeout_ms > 0);
    p->loop = loop;
    p->words = -1;
    p->done = options->done;
    p->ctx = options->ctx;
    p->timer = loop_timer_new(loop, timer_cb, p);
    p->start_error = start(p, options);
    loop_timer_set(p->timer, mono_add(loop_now(loop), p->start_error ? 0 : options->timeout_ms));
    return p;
}
