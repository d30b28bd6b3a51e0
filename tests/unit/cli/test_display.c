/* A run as a person sees it: the lines of a terminal, renewed; the log's
 * line every 10 s, and none while there is no news. On virtual time, beside a run that stands still
 * unless a test moves it. */
#include "base/log.h"
#include "capture.h"
#include "cli/display.h"
#include "test.h"
#include "virtual_loop.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

/* --- in place of the run --- */

const char *const batch_pause_names[BATCH_PAUSES] = {"rate",   "uploads", "jobs",    "service",
                                                     "canary", "budget",  "stopping"};

static struct batch_progress progress;
static int64_t stored_a_look; /* so many more are stored at each look */
static int looks;

void batch_progress(struct batch *b, struct batch_progress *p)
{
    (void)b;
    looks++;
    *p = progress;
    progress.stored_now += stored_a_look;
    progress.by_state[DOC_STORED] += stored_a_look;
}

/* --- the stage --- */

static int64_t mono_ms;
static struct virtual_clock virtual;
static struct loop *loop;
static struct display *display;
static struct loop_timer *end;

static int set_up(void **state)
{
    (void)state;
    mono_ms = VIRTUAL_MONO_START_MS;
    virtual_clock_init(&virtual, &mono_ms);
    loop = virtual_loop_new(&virtual, 1, &(struct virtual_hooks){0});
    progress =
        (struct batch_progress){.documents = 100, .eta_ms = -1, .started = {VIRTUAL_MONO_START_MS}};
    progress.by_state[DOC_QUEUED] = 40;
    stored_a_look = looks = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    loop_free(loop);
    return 0;
}

static void end_cb(void *ctx)
{
    (void)ctx;
    display_close(display);
    loop_timer_close(end);
}

/* Shows the run for MS on the standard error of that moment. */
static void show(int64_t ms, bool quiet)
{
    end = loop_timer_new(loop, end_cb, NULL);
    loop_timer_set(end, mono_add(loop_now(loop), ms));
    display = display_new(loop, NULL, quiet);
    loop_run(loop);
}

/* --- as log lines --- */

static void show_logged(int64_t ms, bool quiet)
{
    const struct log_options o = {.level = LOG_INFO, .clock = &virtual.clock};
    struct error e;
    capture_begin();
    int rc = log_open(&o, &e);
    show(ms, quiet);
    log_close();
    capture_end();
    assert_int_equal(rc, 0);
}

static int lines(void)
{
    int n = 0;
    for (const char *p = captured_err; *p; p++)
        n += *p == '\n';
    return n;
}

static void a_line_every_ten_seconds(void **state)
{
    (void)state;
    stored_a_look = 2;
    show_logged(35000, false);
    assert_int_equal(lines(), 3);
    static const char first[] = "2026-08-31T16:00:10Z info on the way (stored 0, failed 0, "
                                "rejected 0, uploading 0, processing 0, to go 40, documents 100, "
                                "in the last minute 0) [run.progress]\n";
    assert_memory_equal(captured_err, first, sizeof first - 1);
    assert_non_null(strstr(captured_err, "16:00:20Z info on the way (stored 2, "));
    assert_non_null(strstr(captured_err, "16:00:30Z info on the way (stored 4, "));
}

static void what_is_lost_counts_as_failed(void **state)
{
    (void)state;
    progress.by_state[DOC_FAILED] = 3;
    progress.by_state[DOC_LOST] = 4;
    progress.by_state[DOC_REJECTED] = 5;
    progress.uploads_out = 6;
    progress.jobs = 7;
    progress.pauses = PAUSE_RATE | PAUSE_JOBS | PAUSE_STOPPING;
    progress.eta_ms = 90000;
    show_logged(12000, false);
    assert_non_null(strstr(captured_err, "failed 7, rejected 5, uploading 6, processing 7, "));
    assert_non_null(strstr(
        captured_err, "waits for rate, jobs, stopping, time to go 1 min 30 s) [run.progress]"));
}

/* One that stays and has nothing to do is silent, until something changes. */
static void no_news_no_line(void **state)
{
    (void)state;
    memset(progress.by_state, 0, sizeof progress.by_state);
    show_logged(65000, false);
    assert_int_equal(lines(), 0);
    progress.by_state[DOC_STORED] = 1;
    show_logged(65000, false);
    assert_int_equal(lines(), 1);
    progress.walking = true; /* more may come any moment */
    show_logged(65000, false);
    assert_int_equal(lines(), 6);
}

static void quiet_shows_nothing(void **state)
{
    (void)state;
    show_logged(65000, true);
    assert_string_equal(captured_err, "");
    assert_int_equal(looks, 0);
}

/* --- on a terminal --- */

static int master, terminal;
static char written[256 * 1024]; /* to the terminal, as it was written */

/* Somebody has to read what a terminal gets, or its writer waits. "$" ends it. */
static void *read_terminal(void *ctx)
{
    size_t used = 0;
    (void)ctx;
    while (used < sizeof written - 1 && (used == 0 || written[used - 1] != '$')) {
        ssize_t n = read(master, written + used, sizeof written - 1 - used);
        if (n <= 0)
            break;
        used += (size_t)n;
    }
    written[used ? used - 1 : 0] = '\0';
    return NULL;
}

static void open_terminal(unsigned short width)
{
    struct winsize size = {.ws_row = 24, .ws_col = width};
    struct termios raw;
    master = posix_openpt(O_RDWR | O_NOCTTY);
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0);
    terminal = open(ptsname(master), O_RDWR | O_NOCTTY);
    assert_true(terminal >= 0);
    assert_int_equal(tcgetattr(terminal, &raw), 0);
    cfmakeraw(&raw);
    assert_int_equal(tcsetattr(terminal, TCSANOW, &raw), 0);
    assert_int_equal(ioctl(terminal, TIOCSWINSZ, &size), 0);
}

/* What a terminal of WIDTH columns gets in MS. */
static const char *show_on_terminal(int64_t ms, unsigned short width)
{
    pthread_t reader;
    open_terminal(width);
    assert_int_equal(pthread_create(&reader, NULL, read_terminal, NULL), 0);
    fflush(stderr);
    int saved = dup(STDERR_FILENO);
    dup2(terminal, STDERR_FILENO);
    show(ms, false);
    dup2(saved, STDERR_FILENO);
    close(saved);
    assert_int_equal(write(terminal, "$", 1), 1);
    pthread_join(reader, NULL);
    close(terminal);
    close(master);
    return written;
}

#define AWAY "\r\033[2A\033[J"

static void two_lines_renewed(void **state)
{
    (void)state;
    progress.by_state[DOC_STORED] = 50;
    progress.by_state[DOC_FAILED] = 10;
    progress.uploads_out = 3;
    progress.jobs = 4;
    static const char drawn[] =
        "[##############..........] 60 of 100 done  0 in the last minute  250 ms so far\n"
        "stored 50  failed 10  rejected 0  uploading 3  processing 4  to send 40\n" AWAY;
    assert_string_equal(show_on_terminal(400, 200), drawn); /* nothing is left of it */
    assert_int_equal(looks, 1);
    const char *again = show_on_terminal(1100, 200);
    int times = 0;
    for (const char *p = again; (p = strstr(p, AWAY)) != NULL; p++)
        times++;
    assert_int_equal(times, 4);
    assert_int_equal(looks, 5);
}

static void all_that_a_line_can_say(void **state)
{
    (void)state;
    progress.walking = true;
    progress.post_limit = 200;
    progress.eta_ms = 90000;
    progress.pauses = PAUSE_BUDGET;
    const char *text = show_on_terminal(300, 300);
    assert_non_null(strstr(text, " 0 of 100+ done "));
    assert_non_null(strstr(text, " in the last minute (limit 200) "));
    assert_non_null(strstr(text, "  about 1 min 30 s to go  "));
    assert_non_null(strstr(text, "  waits for budget\n"));
}

/* It takes as many lines as it needs, and all of them away again. */
static void as_wide_as_the_terminal(void **state)
{
    (void)state;
    const char *text = show_on_terminal(300, 40);
    int drawn = 0;
    for (; *text != '\r'; text += strcspn(text, "\n") + 1, drawn++)
        assert_in_range(strcspn(text, "\n"), 1, 39);
    assert_int_equal(drawn, 4);
    assert_string_equal(text, "\r\033[4A\033[J");
}

static void a_bar_from_nothing_to_all(void **state)
{
    (void)state;
    progress.documents = 0;
    assert_memory_equal(show_on_terminal(300, 200), "[........................]", 26);
    progress.documents = 100;
    progress.by_state[DOC_STORED] = 99;
    assert_memory_equal(show_on_terminal(300, 200), "[#######################.]", 26);
    progress.by_state[DOC_REJECTED] = 1;
    assert_memory_equal(show_on_terminal(300, 200), "[########################]", 26);
}

/* Four looks a second store one each: 240 a minute, once a minute has gone by, and so it stays. */
static void the_last_minute_is_a_minute(void **state)
{
    (void)state;
    stored_a_look = 1;
    progress.documents = 10000;
    const char *text = show_on_terminal(150 * 1000, 200);
    const char *last = NULL;
    for (const char *p = text; (p = strstr(p, " done  ")) != NULL; p++)
        last = p;
    assert_non_null(last);
    int rate = atoi(last + 7);
    if (rate < 232 || rate > 240) /* 59 whole seconds at least */
        fail_msg("%d in the last minute", rate);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_line_every_ten_seconds),
        TEST(what_is_lost_counts_as_failed),
        TEST(no_news_no_line),
        TEST(quiet_shows_nothing),
        TEST(two_lines_renewed),
        TEST(all_that_a_line_can_say),
        TEST(as_wide_as_the_terminal),
        TEST(a_bar_from_nothing_to_all),
        TEST(the_last_minute_is_a_minute),
    };
    return cmocka_run_group_tests_name("display", tests, NULL, NULL);
}
