/* The socket with both of its ends, the command's on a thread of its own: as a run and a command
 * meet; and what stands in the socket's place, comes to it and says nothing. */
#include "control/control_client.h"
#include "control/control_server.h"
#include "control/control_socket.h"

#include "base/text.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct meeting {
    char directory[64], deep[300]; /* DEEP: too long for a socket's address */
    struct loop *loop;
    struct control_server *server;
    struct loop_timer *timer;
    struct control_peer *held[8];
    int asked, answer_after; /* so many have asked */
    bool cut;                /* without an answer */
    char command[40];
};

static void finish(struct meeting *m)
{
    control_server_close(m->server);
    m->server = NULL;
    loop_timer_close(m->timer);
}

static void late_cb(void *ctx)
{
    finish(ctx);
}

static void asked_cb(void *ctx, struct control_peer *peer, const struct control_request *r)
{
    struct meeting *m = ctx;
    text_copy(m->command, sizeof m->command, r->command);
    m->held[m->asked++] = peer;
    if (m->asked < m->answer_after)
        return;
    for (int i = 0; i < m->asked && !m->cut; i++)
        control_peer_answer(m->held[i], 7, "done");
    finish(m);
}

static int setup(void **state)
{
    struct meeting *m = calloc(1, sizeof *m);
    strcpy(m->directory, "/tmp/mb-control-XXXXXX");
    assert_non_null(mkdtemp(m->directory));
    snprintf(m->deep, sizeof m->deep, "%s/%0200d", m->directory, 1);
    assert_int_equal(mkdir(m->deep, 0700), 0);
    m->loop = loop_new(&system_clock);
    m->timer = loop_timer_new(m->loop, late_cb, m);
    loop_timer_set(m->timer, mono_add(loop_now(m->loop), 60000));
    m->answer_after = 1;
    *state = m;
    return 0;
}

static int teardown(void **state)
{
    struct meeting *m = *state;
    char line[400];
    loop_free(m->loop);
    snprintf(line, sizeof line, "rm -r '%s'", m->directory);
    assert_int_equal(system(line), 0);
    free(m);
    return 0;
}

static void serve(struct meeting *m)
{
    struct error e;
    if (control_server_open(&m->server, m->loop, m->deep, ACCESS_PRIVATE, asked_cb, m, &e) < 0)
        fail_msg("%s", e.text);
}

static void place(const struct meeting *m, char out[400])
{
    snprintf(out, 400, "%s/.control", m->deep);
}

struct asking {
    struct meeting *meeting;
    pthread_t thread;
    int rc;
    struct control_answer answer;
};

static void *ask(void *ctx)
{
    struct asking *a = ctx;
    struct error e;
    const struct control_request r = {.command = "dismiss"};
    a->rc = control_ask(a->meeting->deep, &r, &a->answer, &e);
    return NULL;
}

static void begin(struct asking *a, struct meeting *m)
{
    *a = (struct asking){.meeting = m};
    assert_int_equal(pthread_create(&a->thread, NULL, ask, a), 0);
}

static void expect_answer(struct asking *a)
{
    pthread_join(a->thread, NULL);
    assert_int_equal(a->rc, 0);
    assert_int_equal(a->answer.exit_code, 7);
    assert_string_equal(a->answer.text, "done");
    control_answer_release(&a->answer);
}

static void asked_and_answered(void **state)
{
    struct meeting *m = *state;
    struct asking a;
    struct stat st;
    char path[400];
    serve(m);
    place(m, path);
    assert_int_equal(lstat(path, &st), 0);
    assert_true(S_ISSOCK(st.st_mode));
    assert_int_equal(st.st_mode & 0777, 0600);
    begin(&a, m);
    loop_run(m->loop);
    expect_answer(&a);
    assert_string_equal(m->command, "dismiss");
    assert_int_not_equal(lstat(path, &st), 0); /* taken away with the run */
}

static void several_at_once(void **state)
{
    struct meeting *m = *state;
    struct asking a[5];
    m->answer_after = 5;
    serve(m);
    for (int i = 0; i < 5; i++)
        begin(&a[i], m);
    loop_run(m->loop);
    for (int i = 0; i < 5; i++)
        expect_answer(&a[i]);
}

static void a_run_that_ends_first(void **state)
{
    struct meeting *m = *state;
    struct asking a;
    m->cut = true;
    serve(m);
    begin(&a, m);
    loop_run(m->loop);
    pthread_join(a.thread, NULL);
    assert_int_equal(a.rc, ERR_NOT_FOUND);
}

static void nobody_there(void **state)
{
    struct meeting *m = *state;
    struct asking a = {.meeting = m};
    char path[400];
    int fd;
    struct error e;
    ask(&a);
    assert_int_equal(a.rc, ERR_NOT_FOUND);
    assert_int_equal(control_socket_bind(m->deep, ACCESS_PRIVATE, &fd, &e), 0);
    close(fd); /* killed: it stays, and nobody listens */
    ask(&a);
    assert_int_equal(a.rc, ERR_NOT_FOUND);
    place(m, path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600)), 0); /* no socket */
    ask(&a);
    assert_int_equal(a.rc, ERR_NOT_FOUND);
    finish(m);
    loop_run(m->loop);
}

/* A link isn't followed, neither way; what a dead run left is replaced. */
static void what_stands_there(void **state)
{
    struct meeting *m = *state;
    struct asking a;
    struct stat st;
    struct error e;
    char path[400], elsewhere[400];
    int fd;
    place(m, path);
    snprintf(elsewhere, sizeof elsewhere, "%s/elsewhere", m->directory);
    assert_int_equal(mkdir(elsewhere, 0700), 0);
    assert_int_equal(control_socket_bind(elsewhere, ACCESS_PRIVATE, &fd, &e), 0);
    strcat(elsewhere, "/.control");
    assert_int_equal(symlink(elsewhere, path), 0);
    a = (struct asking){.meeting = m};
    ask(&a); /* that one listens, but the link isn't it */
    assert_int_equal(a.rc, ERR_NOT_FOUND);
    serve(m);
    assert_int_equal(lstat(path, &st), 0);
    assert_true(S_ISSOCK(st.st_mode));
    assert_int_equal(lstat(elsewhere, &st), 0); /* untouched */
    close(fd);
    begin(&a, m);
    loop_run(m->loop);
    expect_answer(&a);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(control_socket_bind(m->deep, ACCESS_PRIVATE, &fd, &e), ERR_IO);
}

/* As many as may be there say nothing, nonsense, or too much: the others wait, and are heard. */
static void silence_and_nonsense(void **state)
{
    struct meeting *m = *state;
    struct error e;
    struct asking a;
    int fds[CONTROL_PEERS_MOST];
    char answer[200];
    serve(m);
    for (int i = 0; i < CONTROL_PEERS_MOST; i++)
        assert_int_equal(control_socket_connect(m->deep, 30, &fds[i], &e), 0);
    begin(&a, m);
    assert_int_equal(write(fds[0], "nonsense\n", 9), 9);
    close(fds[1]);
    loop_run(m->loop);
    expect_answer(&a);
    ssize_t n = read(fds[0], answer, sizeof answer - 1);
    assert_true(n > 0);
    answer[n] = '\0';
    assert_non_null(strstr(answer, "that is no request"));
    for (int i = 2; i < CONTROL_PEERS_MOST; i++) {
        assert_int_equal(read(fds[i], answer, 1), 0); /* cut with the run */
        close(fds[i]);
    }
    close(fds[0]);
}

struct scarcity {
    struct rlimit before;
    struct loop_timer *timer;
    struct loop_turn *turn;
    int turns, turns_meanwhile;
};

static void turn_cb(void *ctx)
{
    struct scarcity *s = ctx;
    s->turns++;
}

static void over_cb(void *ctx)
{
    struct scarcity *s = ctx;
    s->turns_meanwhile = s->turns;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &s->before), 0);
    loop_timer_close(s->timer);
    loop_turn_close(s->turn);
}

/* Strangers hold them all: who asks waits, and the run doesn't spin meanwhile. */
static void without_a_descriptor(void **state)
{
    struct meeting *m = *state;
    struct scarcity s = {0};
    struct error e;
    struct control_answer answer;
    struct rlimit none;
    char line[200];
    int fd;
    serve(m);
    assert_int_equal(control_socket_connect(m->deep, 30, &fd, &e), 0);
    assert_int_equal(write(fd, "{\"command\": \"dismiss\"}\n", 23), 23);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &s.before), 0);
    none = (struct rlimit){3, s.before.rlim_max};
    s.turn = loop_on_turn(m->loop, turn_cb, &s);
    s.timer = loop_timer_new(m->loop, over_cb, &s);
    loop_timer_set(s.timer, mono_add(loop_now(m->loop), 300));
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    loop_run(m->loop);
    assert_in_range(s.turns_meanwhile, 1, 10);
    ssize_t n = read(fd, line, sizeof line - 1);
    assert_true(n > 0);
    line[n] = '\0';
    assert_int_equal(control_answer_read(&answer, line, &e), 0);
    assert_string_equal(answer.text, "done");
    control_answer_release(&answer);
    close(fd);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(asked_and_answered),   TEST(several_at_once),   TEST(a_run_that_ends_first),
        TEST(nobody_there),         TEST(what_stands_there), TEST(silence_and_nonsense),
        TEST(without_a_descriptor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
