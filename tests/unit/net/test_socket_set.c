/* Sockets that stay registered between requests: no event is lost or taken for another's. */
#include "net/socket_set.h"

#include "test.h"

#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 8 };

/* A connection of which the first end is the set's: a socket opened by it, in whose place the
 * pair's is put. */
static void connect_pair(struct socket_set *s, int *ours, int *theirs)
{
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    *ours = socket_set_open(s, AF_UNIX, SOCK_STREAM, 0);
    assert_true(*ours >= 0);
    assert_int_equal(dup2(pair[0], *ours), *ours);
    close(pair[0]);
    *theirs = pair[1];
}

static void say(int fd)
{
    assert_int_equal(write(fd, "x", 1), 1);
}

static void hear(int fd)
{
    char c;
    assert_int_equal(read(fd, &c, 1), 1);
}

static size_t ready(struct socket_set *s, struct socket_ready *r)
{
    return socket_set_ready(s, r, MOST);
}

static void tells_what_was_wanted(void **state)
{
    (void)state;
    struct socket_ready r[MOST];
    struct socket_set *s = socket_set_new();
    int ours, theirs;
    connect_pair(s, &ours, &theirs);
    socket_set_want(s, ours, SOCKET_IN);
    assert_int_equal(ready(s, r), 0);
    socket_set_want(s, ours, SOCKET_IN | SOCKET_OUT);
    assert_int_equal(ready(s, r), 1);
    assert_int_equal(r[0].fd, ours);
    assert_int_equal(r[0].events, SOCKET_OUT);
    say(theirs);
    assert_int_equal(ready(s, r), 1);
    assert_int_equal(r[0].events, SOCKET_IN | SOCKET_OUT);
    socket_set_want(s, ours, SOCKET_IN);
    assert_int_equal(ready(s, r), 1);
    assert_int_equal(r[0].events, SOCKET_IN);
    assert_int_equal(ready(s, r), 1); /* until it is dealt with */
    hear(ours);
    assert_int_equal(ready(s, r), 0);
    socket_set_close(s, ours);
    close(theirs);
    socket_set_free(s);
}

/* What comes while nobody wants it is told when somebody does. */
static void an_idle_one_speaks_later(void **state)
{
    (void)state;
    struct socket_ready r[MOST];
    struct socket_set *s = socket_set_new();
    int ours, theirs;
    connect_pair(s, &ours, &theirs);
    socket_set_want(s, ours, SOCKET_IN);
    socket_set_unwant(s, ours);
    socket_set_want(s, ours, SOCKET_IN); /* the kernel isn't asked */
    say(theirs);
    assert_int_equal(ready(s, r), 1);
    socket_set_unwant(s, ours);
    assert_int_equal(ready(s, r), 0); /* it is taken out, and wakes nobody any more */
    assert_int_equal(ready(s, r), 0);
    socket_set_want(s, ours, SOCKET_IN);
    assert_int_equal(ready(s, r), 1);
    assert_true(socket_set_still(s, &r[0]));
    socket_set_close(s, ours);
    close(theirs);
    socket_set_free(s);
}

static void a_number_comes_back(void **state)
{
    (void)state;
    struct socket_ready r[MOST], later[MOST];
    struct socket_set *s = socket_set_new();
    int first, second, theirs, others;
    connect_pair(s, &first, &theirs);
    socket_set_want(s, first, SOCKET_IN);
    say(theirs);
    assert_int_equal(ready(s, r), 1);
    assert_true(socket_set_still(s, &r[0]));
    socket_set_unwant(s, first);
    socket_set_close(s, first);
    close(theirs);
    assert_false(socket_set_still(s, &r[0]));

    connect_pair(s, &second, &others);
    int number = dup2(second, first); /* if the system gave another one */
    assert_int_equal(number, first);
    if (second != first)
        close(second);
    socket_set_want(s, first, SOCKET_IN);
    assert_false(socket_set_still(s, &r[0])); /* that was the other one's */
    assert_int_equal(ready(s, later), 0);
    say(others);
    assert_int_equal(ready(s, later), 1);
    assert_true(socket_set_still(s, &later[0]));
    socket_set_close(s, first);
    close(others);
    socket_set_free(s);
}

/* One that the set didn't open is closed without a word to it. */
static void a_stranger_comes_and_goes(void **state)
{
    (void)state;
    struct socket_ready r[MOST];
    struct socket_set *s = socket_set_new();
    for (int round = 0; round < 3; round++) {
        int pair[2];
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
        socket_set_want(s, pair[0], SOCKET_IN);
        say(pair[1]);
        assert_int_equal(ready(s, r), 1);
        assert_int_equal(r[0].fd, pair[0]);
        if (round != 1)
            socket_set_unwant(s, pair[0]);
        close(pair[0]);
        close(pair[1]);
    }
    socket_set_free(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_what_was_wanted),
        cmocka_unit_test(an_idle_one_speaks_later),
        cmocka_unit_test(a_number_comes_back),
        cmocka_unit_test(a_stranger_comes_and_goes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
