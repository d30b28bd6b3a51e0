/* What systemd hears, on a socket of the test's: ready once, alive as often as it asks, what is
 * being done only when that is news, and that it stops. */
#include "service/manager.h"
#include "test.h"
#include "virtual_loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char path[64];
static int fd;
static int64_t mono_ms;
static struct virtual_clock virtual;
static struct loop *loop;
static struct manager manager;

static int set_up(void **state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)state;
    snprintf(path, sizeof path, "/tmp/test_manager.%d", (int)getpid());
    strcpy(address.sun_path, path);
    fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof address) != 0)
        return -1;
    setenv("NOTIFY_SOCKET", path, 1);
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    mono_ms = VIRTUAL_MONO_START_MS;
    virtual_clock_init(&virtual, &mono_ms);
    loop = virtual_loop_new(&virtual, 1, &(struct virtual_hooks){0});
    manager = (struct manager){0};
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    loop_free(loop);
    unsetenv("NOTIFY_SOCKET");
    close(fd);
    return unlink(path);
}

/* Everything heard since the last time, with "; " between. */
static const char *heard(void)
{
    static char text[2000];
    size_t used = 0;
    ssize_t n;
    text[0] = '\0';
    while ((n = recv(fd, text + used + 2, sizeof text - used - 3, 0)) > 0) {
        memcpy(text + used, "; ", 2);
        used += 2 + (size_t)n;
        text[used] = '\0';
    }
    return used ? text + 2 : "";
}

static void ready_and_stopping_once(void **state)
{
    (void)state;
    manager_ready(&manager, loop);
    assert_string_equal(heard(), "READY=1");
    assert_true(manager.heard);
    assert_null(manager.watchdog); /* nobody asked for it */
    manager_stopping(&manager);
    manager_stopping(&manager);
    assert_string_equal(heard(), "STOPPING=1");
    manager_end(&manager);
    assert_string_equal(heard(), "");
}

static void a_status_that_is_news(void **state)
{
    char long_text[700];
    (void)state;
    manager_ready(&manager, loop);
    (void)heard();
    manager_status(&manager, "1 of 2 documents stored");
    manager_status(&manager, "1 of 2 documents stored");
    assert_string_equal(heard(), "STATUS=1 of 2 documents stored");
    manager_status(&manager, "100%");
    assert_string_equal(heard(), "STATUS=100%");
    memset(long_text, 'x', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    manager_status(&manager, long_text);
    assert_int_equal(strlen(heard()), strlen("STATUS=") + sizeof manager.status - 1);
    manager_end(&manager);
}

static void end_cb(void *ctx)
{
    struct loop_timer **timer = ctx;
    manager_end(&manager);
    loop_timer_close(*timer);
}

/* Twice as often as systemd would give up. */
static void alive_while_the_loop_turns(void **state)
{
    (void)state;
    setenv("WATCHDOG_USEC", "10000000", 1);
    manager_ready(&manager, loop);
    assert_string_equal(heard(), "READY=1; WATCHDOG=1");
    struct loop_timer *end = loop_timer_new(loop, end_cb, &end);
    loop_timer_set(end, mono_add(loop_now(loop), 21000));
    loop_run(loop); /* which it leaves: the watchdog's timer went, too */
    assert_string_equal(heard(), "WATCHDOG=1; WATCHDOG=1; WATCHDOG=1; WATCHDOG=1");
}

/* Another process of the same unit is the one that is watched. */
static void anothers_watchdog(void **state)
{
    (void)state;
    setenv("WATCHDOG_USEC", "10000000", 1);
    setenv("WATCHDOG_PID", "1", 1);
    manager_ready(&manager, loop);
    assert_string_equal(heard(), "READY=1");
    assert_null(manager.watchdog);
    manager_end(&manager);
}

static void started_by_hand(void **state)
{
    (void)state;
    unsetenv("NOTIFY_SOCKET");
    manager_ready(&manager, loop);
    manager_status(&manager, "idle");
    manager_stopping(&manager);
    manager_end(&manager);
    assert_false(manager.heard);
    assert_string_equal(heard(), "");
}

/* A start that fails never was ready: there is nothing to stop. */
static void stopped_before_it_was_ready(void **state)
{
    (void)state;
    manager_stopping(&manager);
    manager_end(&manager);
    assert_string_equal(heard(), "");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(ready_and_stopping_once),
        TEST(a_status_that_is_news),
        TEST(alive_while_the_loop_turns),
        TEST(anothers_watchdog),
        TEST(started_by_hand),
        TEST(stopped_before_it_was_ready),
    };
    return cmocka_run_group_tests_name("manager", tests, NULL, NULL);
}
