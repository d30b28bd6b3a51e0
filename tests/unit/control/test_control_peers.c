/* Peers that aren't a command of ours: in pieces, too long, silent, gone, another user's. They speak on a
 * thread of their own, in raw bytes, to a server whose clock can jump. */
#include "control/control_request.h"
#include "control/control_server.h"
#include "control/control_socket.h"

#include "base/require.h"
#include "base/text.h"
#include "test.h"

#include <errno.h>
#include <grp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define REQUEST(command) "{\"command\":\"" command "\"}\n"
#define END              REQUEST("end")   /* answered, and the server is closed */
#define LATER            REQUEST("later") /* answered with the end */

static _Atomic int64_t jumped_ms;

static struct mono jumping_mono(const struct clock *c)
{
    (void)c;
    return mono_add(clock_mono(&system_clock), jumped_ms);
}

static struct wall jumping_wall(const struct clock *c)
{
    (void)c;
    return clock_wall(&system_clock);
}

static const struct clock jumping_clock = {jumping_mono, jumping_wall};

struct served {
    char directory[64];
    struct loop *loop;
    struct control_server *server;
    struct control_peer *later; /* who waits for the end */
    char commands[400];         /* that were asked, with a blank behind each */
};

static void asked_cb(void *ctx, struct control_peer *peer, const struct control_request *r)
{
    struct served *s = ctx;
    strcat(s->commands, r->command);
    strcat(s->commands, " ");
    if (strcmp(r->command, "later") == 0) {
        s->later = peer;
        return;
    }
    bool end = strcmp(r->command, "end") == 0;
    if (end && s->later)
        control_peer_answer(s->later, 0, "at last");
    control_peer_answer(peer, 0, "heard");
    if (end)
        control_server_close(s->server);
}

static int setup(void **state)
{
    struct served *s = calloc(1, sizeof *s);
    strcpy(s->directory, "/tmp/mb-peers-XXXXXX");
    assert_non_null(mkdtemp(s->directory));
    jumped_ms = 0;
    s->loop = loop_new(&jumping_clock);
    *state = s;
    return 0;
}

static int teardown(void **state)
{
    struct served *s = *state;
    loop_free(s->loop);
    assert_int_equal(rmdir(s->directory), 0); /* the socket is gone */
    free(s);
    return 0;
}

/* Serves until somebody says END. PEERS speaks meanwhile. */
static void serve(struct served *s, enum file_access a, void *(*peers)(void *))
{
    struct error e;
    pthread_t thread;
    if (control_server_open(&s->server, s->loop, s->directory, a, asked_cb, s, &e) < 0)
        fail_msg("%s", e.text);
    assert_int_equal(pthread_create(&thread, NULL, peers, s), 0);
    loop_run(s->loop);
    pthread_join(thread, NULL);
}

/* --- on the peers' thread, where what fails ends the process --- */

enum { HEAR_S = CONTROL_SPEAK_MS / 1000 - 2 }; /* what is cut sooner isn't cut for its silence */

static int come(const struct served *s)
{
    int fd;
    struct error e;
    REQUIRE(control_socket_connect(s->directory, HEAR_S, &fd, &e) == 0);
    return fd;
}

static void say(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, bytes, len, MSG_NOSIGNAL);
        if (n <= 0)
            return; /* cut already */
        bytes += n;
        len -= (size_t)n;
    }
}

/* The answer's words; "": it was cut. Closes FD. */
static const char *hear(int fd)
{
    static _Thread_local char words[400];
    char line[400] = "";
    size_t len = 0;
    ssize_t n = 0;
    struct control_answer a;
    struct error e;
    while (len < sizeof line - 1 && (n = recv(fd, line + len, sizeof line - 1 - len, 0)) > 0)
        len += (size_t)n;
    REQUIRE(n >= 0 || errno == ECONNRESET); /* it isn't the time that is over */
    close(fd);
    words[0] = '\0';
    if (len == 0)
        return words;
    REQUIRE(control_answer_read(&a, line, &e) == 0);
    text_copy(words, sizeof words, a.text);
    control_answer_release(&a);
    return words;
}

static bool is_heard(const struct served *s, const char *request)
{
    int fd = come(s);
    say(fd, request, strlen(request));
    return strcmp(hear(fd), "heard") == 0;
}

/* --- */

static void *in_pieces(void *ctx)
{
    const struct served *s = ctx;
    const char *request = REQUEST("pieces");
    int fd = come(s);
    for (const char *p = request; *p; p++) {
        say(fd, p, 1);
        REQUIRE(is_heard(s, REQUEST("x"))); /* it was read, and waits for the rest */
    }
    REQUIRE(strcmp(hear(fd), "heard") == 0);
    REQUIRE(is_heard(s, END));
    return NULL;
}

static void a_request_in_pieces(void **state)
{
    struct served *s = *state;
    s->commands[0] = '\0';
    serve(s, ACCESS_PRIVATE, in_pieces);
    assert_non_null(strstr(s->commands, "pieces "));
}

static void *cut_short(void *ctx)
{
    const struct served *s = ctx;
    static char much[CONTROL_LINE_MAX + 1];
    int fd = come(s);
    say(fd, "{\"command\":\"\0\"}\n", 16);
    REQUIRE(strcmp(hear(fd), "") == 0);
    memset(much, ' ', sizeof much);
    fd = come(s);
    say(fd, much, sizeof much);
    REQUIRE(strcmp(hear(fd), "") == 0);
    fd = come(s);
    say(fd, "{\"command\":\"half", 16);
    shutdown(fd, SHUT_WR);
    REQUIRE(strcmp(hear(fd), "") == 0);
    REQUIRE(is_heard(s, END));
    return NULL;
}

/* A NUL, more than a line may have, an end amid the line: none is asked of the run. */
static void what_is_no_line_is_cut(void **state)
{
    struct served *s = *state;
    serve(s, ACCESS_PRIVATE, cut_short);
    assert_string_equal(s->commands, "end ");
}

static void *silent_and_waiting(void *ctx)
{
    const struct served *s = ctx;
    int silent = come(s), waiting = come(s), half = come(s);
    say(waiting, LATER, strlen(LATER));
    say(half, "{", 1);
    REQUIRE(is_heard(s, REQUEST("x"))); /* they are all there by now */
    jumped_ms += CONTROL_SPEAK_MS - 1000;
    REQUIRE(is_heard(s, REQUEST("x")));
    char byte;
    REQUIRE(recv(silent, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN);
    jumped_ms += 1000;
    REQUIRE(is_heard(s, REQUEST("x")));
    REQUIRE(strcmp(hear(silent), "") == 0);
    REQUIRE(strcmp(hear(half), "") == 0);
    REQUIRE(is_heard(s, END));
    REQUIRE(strcmp(hear(waiting), "at last") == 0);
    return NULL;
}

static void silence_is_cut_and_patience_is_not(void **state)
{
    struct served *s = *state;
    serve(s, ACCESS_PRIVATE, silent_and_waiting);
    assert_string_equal(s->commands, "later x x x end ");
}

static void *crowd(void *ctx)
{
    const struct served *s = ctx;
    int fds[CONTROL_PEERS_MOST];
    for (int i = 0; i < CONTROL_PEERS_MOST; i++)
        fds[i] = come(s);
    int next = come(s);
    say(next, LATER, strlen(LATER));
    close(fds[0]); /* its place is the next one's */
    for (int i = 1; i < CONTROL_PEERS_MOST; i++) {
        say(fds[i], REQUEST("x"), strlen(REQUEST("x")));
        REQUIRE(strcmp(hear(fds[i]), "heard") == 0);
    }
    REQUIRE(is_heard(s, END));
    REQUIRE(strcmp(hear(next), "at last") == 0);
    return NULL;
}

static void who_comes_when_all_places_are_taken_waits(void **state)
{
    struct served *s = *state;
    serve(s, ACCESS_PRIVATE, crowd);
    assert_non_null(strstr(s->commands, "later "));
}

static void *gone_before_the_answer(void *ctx)
{
    const struct served *s = ctx;
    int fd = come(s);
    say(fd, LATER, strlen(LATER));
    REQUIRE(is_heard(s, REQUEST("x")));
    close(fd);
    REQUIRE(is_heard(s, END)); /* which answers that one, too */
    return NULL;
}

static void who_does_not_wait_loses_the_answer_alone(void **state)
{
    struct served *s = *state;
    serve(s, ACCESS_PRIVATE, gone_before_the_answer);
    assert_string_equal(s->commands, "later x end ");
}

/* Another user whom the socket's mode lets in: whether it is heard. */
static bool is_stranger_heard(const struct served *s)
{
    char path[100];
    int status = 0;
    snprintf(path, sizeof path, "%s/.control", s->directory);
    REQUIRE(chmod(s->directory, 0755) == 0 && chmod(path, 0666) == 0);
    pid_t child = fork();
    REQUIRE(child >= 0);
    if (child == 0) {
        bool other = setgroups(0, NULL) == 0 && setgid(65534) == 0 && setuid(65534) == 0;
        _exit(!other ? 2 : is_heard(s, REQUEST("stranger")) ? 1 : 0);
    }
    REQUIRE(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) != 2);
    return WEXITSTATUS(status) == 1;
}

static void *stranger_to_the_user(void *ctx)
{
    REQUIRE(!is_stranger_heard(ctx));
    REQUIRE(is_heard(ctx, END));
    return NULL;
}

static void *stranger_of_the_group(void *ctx)
{
    REQUIRE(is_stranger_heard(ctx));
    REQUIRE(is_heard(ctx, END));
    return NULL;
}

/* Not even where the socket's mode was opened: who asks is looked at. */
static void another_user_is_heard_by_a_group_s_alone(void **state)
{
    struct served *s = *state;
    if (geteuid() != 0) {
        print_message("skipped: needs root, for a second user\n");
        skip();
    }
    serve(s, ACCESS_PRIVATE, stranger_to_the_user);
    assert_string_equal(s->commands, "end ");
    loop_free(s->loop);
    s->loop = loop_new(&jumping_clock);
    serve(s, ACCESS_GROUP, stranger_of_the_group);
    assert_string_equal(s->commands, "end stranger end ");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_request_in_pieces),
        TEST(what_is_no_line_is_cut),
        TEST(silence_is_cut_and_patience_is_not),
        TEST(who_comes_when_all_places_are_taken_waits),
        TEST(who_does_not_wait_loses_the_answer_alone),
        TEST(another_user_is_heard_by_a_group_s_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
