/* process.h - another program, run beside the loop: bytes on its standard input, how it ended.
 *
 *   p = process_start(loop, &options);   the callback comes later, exactly once, never from inside
 *                                        this call, also if it can't be started; P is gone after it
 *   process_cancel(p);                   asks it to end (SIGTERM), kills it if it doesn't; the
 *                                        callback comes when it is gone, with PROCESS_CANCELLED
 *
 * No shell is in between. The program runs in a session of its own, out of reach of the terminal's
 * Ctrl-C, with nothing open but: its input, which is all there before it starts and may be left
 * unread; /dev/null as its output; and its standard error, of which the last line is kept for the
 * log. It has our environment but for what is ours alone: variables that may hold Mindee's key, and
 * those by which a service manager talks to us. */
#ifndef MB_NET_PROCESS_H
#define MB_NET_PROCESS_H

#include "base/error.h"
#include "net/loop.h"

#include <stddef.h>

struct process;
struct process_result;

/* Everything is copied by process_start, but ctx. */
struct process_options {
    const char *const *words;       /* the program's path and its arguments, NULL-ended */
    const char *const *environment; /* "NAME=VALUE" besides, NULL-ended; NULL: none */
    const void *input;
    size_t input_len;
    int64_t timeout_ms; /* then it is ended as by process_cancel */
    void (*done)(void *ctx, const struct process_result *result);
    void *ctx;
};

enum process_end {
    PROCESS_EXITED,     /* by itself; its exit code may be 0 */
    PROCESS_SIGNALLED,  /* by a signal that wasn't ours */
    PROCESS_TIMED_OUT,  /* ended by us */
    PROCESS_CANCELLED,  /* the same */
    PROCESS_NOT_STARTED /* the program isn't there, isn't one, ... */
};

struct process_result {
    enum process_end end;
    int number;     /* its exit code, the signal, or errno */
    char text[300]; /* for people: "exit code 3: no such mailbox"; "" if the exit code is 0 */
};

struct process *process_start(struct loop *loop, const struct process_options *options);
void process_cancel(struct process *p);

#endif
