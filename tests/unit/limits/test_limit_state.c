/* The limiter's memory: leases shared by runs beside and after each other, crashes, reboots. In a
 * simulated time; "several processes" are several states, whose locks exclude each other alike. */
#include "base/random.h"
#include "limits/limit_state.h"
#include "test.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { N = 10, START_MS = 7654321 };

struct runner {
    struct limit_state *s;
    struct limiter post, get;
};

static char directory[64];

static int setup(void **state)
{
    (void)state;
    strcpy(directory, "/tmp/test-limit-XXXXXX");
    return mkdtemp(directory) == NULL;
}

static int teardown(void **state)
{
    char command[128];
    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    return system(command);
}

static struct mono at(int64_t ms)
{
    return (struct mono){START_MS + ms};
}

static int try_start(struct runner *r, const char *key, const char *boot, int64_t ms,
                     struct error *e)
{
    char where[96];
    snprintf(where, sizeof where, "%s/state/mindee-batch", directory);
    limiter_init(&r->post, N, PACE_WINDOW, at(ms));
    limiter_init(&r->get, 5 * N, PACE_WINDOW, at(ms));
    return limit_state_open(&r->s, where, "https://host", key, boot, at(ms), e);
}

static void start(struct runner *r, const char *boot, int64_t ms)
{
    struct error e;
    if (try_start(r, "md_key", boot, ms, &e) != 0)
        fail_msg("%s", e.text);
}

static uint32_t lease(struct runner *r, int64_t ms, uint32_t want)
{
    struct error e;
    if (limit_state_lease(r->s, at(ms), want, want, &r->post, &r->get, &e) != 0)
        fail_msg("%s", e.text);
    return r->post.leased;
}

static void send_and_answer(struct runner *r, int64_t ms, int count)
{
    for (int i = 0; i < count; i++)
        limiter_take(&r->post, at(ms));
    for (int i = 0; i < count; i++)
        limiter_done(&r->post, at(ms));
}

static void end(struct runner *r, int64_t ms)
{
    limit_state_close(r->s, at(ms), &r->post, &r->get);
}

static void crash(struct runner *r, int64_t ms)
{
    limit_state_close(r->s, at(ms), NULL, NULL);
}

static void a_lease_is_what_is_free(void **state)
{
    struct runner r;
    (void)state;
    start(&r, "boot", 0);
    assert_int_equal(lease(&r, 0, 4), 4);
    assert_int_equal(r.get.leased, 4);
    send_and_answer(&r, 10, 3);
    assert_int_equal(r.post.leased, 1);
    assert_int_equal(lease(&r, 1000, 100), N - 3);
    assert_true(r.post.lease_end.ms == at(1000 + LIMIT_LEASE_MS).ms);
    assert_int_equal(r.get.leased, 5 * N);
    end(&r, 1000);
}

static void after_a_clean_end_the_answered_count(void **state)
{
    struct runner r;
    (void)state;
    start(&r, "boot", 0);
    lease(&r, 0, N);
    send_and_answer(&r, 10, 4);
    end(&r, 20);
    start(&r, "boot", 30);
    assert_int_equal(lease(&r, 30, N), N - 4);
    assert_int_equal(lease(&r, 1030, N), N - 4);
    assert_int_equal(lease(&r, LIMITER_WINDOW_MS - LIMIT_LEASE_MS, N), N - 4);
    /* Kept by seconds, rounded against us: at most one more. */
    assert_int_equal(lease(&r, LIMITER_WINDOW_MS + 1020, N), N);
    end(&r, LIMITER_WINDOW_MS + 1020);
}

static void after_a_crash_all_of_it_counts(void **state)
{
    struct runner r;
    (void)state;
    start(&r, "boot", 0);
    lease(&r, 0, 6);
    send_and_answer(&r, 10, 1);
    crash(&r, 20);
    start(&r, "boot", 500);
    assert_int_equal(lease(&r, 500, N), N - 6);
    assert_int_equal(lease(&r, 500 + LIMITER_WINDOW_MS + LIMITER_LOST_MS - LIMIT_LEASE_MS, N),
                     N - 6);
    assert_int_equal(lease(&r, 500 + LIMITER_WINDOW_MS + LIMITER_LOST_MS + 1000, N), N);
    end(&r, 100000);
}

static void what_is_out_at_a_crash_counts(void **state)
{
    struct runner r;
    (void)state;
    start(&r, "boot", 0);
    lease(&r, 0, 5);
    for (int i = 0; i < 5; i++)
        limiter_take(&r.post, at(5));
    assert_int_equal(lease(&r, 1000, 0), 0); /* nothing leased any more, five out */
    crash(&r, 1001);
    start(&r, "boot", 90000); /* long after: its death is noticed now */
    assert_int_equal(lease(&r, 90000, N), N - 5);
    end(&r, 90000);
}

static void two_runs_share(void **state)
{
    struct runner a, b;
    (void)state;
    start(&a, "boot", 0);
    start(&b, "boot", 0);
    assert_int_equal(lease(&a, 0, 6), 6);
    assert_int_equal(lease(&b, 0, N), 4);
    send_and_answer(&a, 10, 2);
    assert_int_equal(lease(&b, 1000, N), 4); /* not known yet: all of it may be out */
    assert_int_equal(lease(&a, 1100, 1), 1); /* says so, and gives the rest back */
    assert_int_equal(lease(&b, 2000, N), N - 2 - 1);
    /* What b sees keeps it from sending, lease or not. */
    assert_int_equal(limiter_room(&b.post, at(2000)), N - 2 - 1);
    end(&a, 2100);
    assert_int_equal(lease(&b, 3000, N), N - 2);
    end(&b, 3000);
}

static void a_neighbour_that_dies_is_noticed(void **state)
{
    struct runner a, b;
    (void)state;
    start(&a, "boot", 0);
    start(&b, "boot", 0);
    lease(&a, 0, 6);
    crash(&a, 10);
    assert_int_equal(lease(&b, 1000, N), 4);
    assert_int_equal(b.post.others_out, 0); /* no longer out: counted as answered */
    assert_int_equal(lease(&b, 1000 + LIMITER_WINDOW_MS + LIMITER_LOST_MS + 1000, N), N);
    end(&b, 70000);
}

static void another_boot_counts_as_of_now(void **state)
{
    struct runner r;
    (void)state;
    start(&r, "boot-1", 0);
    lease(&r, 0, N);
    send_and_answer(&r, 10, 3);
    end(&r, 20);
    start(&r, "boot-2", -7000000); /* the clock begins anew */
    assert_int_equal(lease(&r, -7000000, N), N - 3);
    assert_int_equal(lease(&r, -7000000 + LIMITER_WINDOW_MS - LIMIT_LEASE_MS, N), N - 3);
    lease(&r, -7000000 + LIMITER_WINDOW_MS + 1000, 2);
    crash(&r, -6900000);
    start(&r, "boot-3", 0);
    assert_int_equal(lease(&r, 0, N), N - 2);
    end(&r, 0);
}

static void without_boot_ids_every_start_is_a_boot(void **state)
{
    struct runner a, b;
    (void)state;
    start(&a, "", 0);
    lease(&a, 0, N);
    send_and_answer(&a, 10, 3);
    lease(&a, 1000, 0);
    start(&b, "", 50000); /* beside a: the same boot */
    assert_int_equal(lease(&b, LIMITER_WINDOW_MS + 2000, N), N);
    end(&b, LIMITER_WINDOW_MS + 2000);
    end(&a, LIMITER_WINDOW_MS + 2000);
    start(&a, "", 63000);
    lease(&a, 63000, N);
    send_and_answer(&a, 63010, 3);
    end(&a, 63020);
    start(&a, "", 200000);
    assert_int_equal(lease(&a, 200000, N), N - 3);
    end(&a, 200000);
}

static void other_keys_are_others(void **state)
{
    struct runner a, b;
    struct error e;
    (void)state;
    start(&a, "boot", 0);
    lease(&a, 0, N);
    assert_int_equal(try_start(&b, "md_other", "boot", 0, &e), 0);
    assert_int_equal(lease(&b, 0, N), N);
    end(&a, 0);
    end(&b, 0);
}

static void no_limit_is_no_limit(void **state)
{
    struct runner r;
    (void)state;
    start(&r, "boot", 0);
    limiter_init(&r.post, 0, PACE_WINDOW, at(0));
    assert_int_equal(lease(&r, 0, 5000), 5000);
    end(&r, 0);
}

static void the_files_tell_nothing(void **state)
{
    struct runner r;
    struct stat st;
    char where[96], path[400], command[256];
    (void)state;
    start(&r, "boot", 0);
    lease(&r, 0, N);
    snprintf(where, sizeof where, "%s/state/mindee-batch", directory);
    assert_int_equal(stat(where, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    DIR *d = opendir(where);
    assert_non_null(d);
    int files = 0;
    for (struct dirent *entry; (entry = readdir(d)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        files++;
        assert_null(strstr(entry->d_name, "md_key"));
        snprintf(path, sizeof path, "%s/%s", where, entry->d_name);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
    closedir(d);
    assert_int_equal(files, 4); /* database, log, index, locks */
    snprintf(command, sizeof command, "grep -rqE 'md_key|//host' '%s'", where);
    assert_int_not_equal(system(command), 0);
    end(&r, 0);
}

static void what_is_not_ours_is_left_alone(void **state)
{
    struct runner r;
    struct error e;
    char command[256];
    (void)state;
    start(&r, "boot", 0);
    end(&r, 0);
    snprintf(command, sizeof command,
             "for f in '%s'/state/mindee-batch/*.db; do echo something else entirely > $f; done",
             directory);
    assert_int_equal(system(command), 0);
    assert_int_equal(try_start(&r, "md_key", "boot", 0, &e), ERR_DAMAGED);
    assert_null(r.s);
    assert_non_null(strstr(e.text, "wait a minute"));
}

static void a_process_that_is_killed(void **state)
{
    struct runner r;
    int ready[2];
    char byte;
    (void)state;
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        start(&r, "boot", 0);
        lease(&r, 0, 7);
        if (write(ready[1], "x", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    start(&r, "boot", 0);
    assert_int_equal(lease(&r, 0, N), 3);
    assert_int_equal(r.post.others_out, 7); /* alive */
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(lease(&r, 1000, N), 3);
    assert_int_equal(r.post.others_out, 0);
    end(&r, 1000);
}

/* --- several runs, random crashes, one server --- */

enum { RUNNERS = 3, ON_THE_WIRE = 64, SIM_MS = 240000, TICK_MS = 50, SERVED_MAX = 4096 };

struct wire {
    int runner; /* -1: free */
    int64_t seen_ms, answered_ms;
};

struct world {
    struct runner runners[RUNNERS];
    bool up[RUNNERS];
    int64_t next_lease_ms[RUNNERS];
    struct wire wire[ON_THE_WIRE];
    int64_t served[SERVED_MAX]; /* when the server counted each */
    int served_count;
    struct random random;
};

static void world_answers(struct world *w, int64_t now)
{
    for (int i = 0; i < ON_THE_WIRE; i++) {
        struct wire *x = &w->wire[i];
        if (x->runner >= 0 && x->answered_ms <= now) {
            limiter_done(&w->runners[x->runner].post, at(now));
            x->runner = -1;
        }
    }
}

static void world_send(struct world *w, int runner, int64_t now)
{
    struct limiter *l = &w->runners[runner].post;
    while (mono_reached(at(now), limiter_next(l, at(now)))) {
        int i = 0;
        while (i < ON_THE_WIRE && w->wire[i].runner >= 0)
            i++;
        if (i == ON_THE_WIRE)
            return;
        limiter_take(l, at(now));
        int64_t seen = now + (int64_t)random_below(&w->random, 900);
        w->wire[i] = (struct wire){runner, seen, seen + (int64_t)random_below(&w->random, 900)};
        assert_true(w->served_count < SERVED_MAX);
        w->served[w->served_count++] = seen;
    }
}

/* Its requests on the wire arrive all the same; nobody hears their answers. */
static void world_stops(struct world *w, int runner, int64_t now, bool clean)
{
    struct runner *r = &w->runners[runner];
    for (int i = 0; i < ON_THE_WIRE; i++)
        if (w->wire[i].runner == runner) {
            limiter_lost(&r->post, at(now));
            w->wire[i].runner = -1;
        }
    if (clean)
        end(r, now);
    else
        crash(r, now);
    w->up[runner] = false;
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void assert_never_over(struct world *w)
{
    qsort(w->served, (size_t)w->served_count, sizeof *w->served, by_time);
    for (int i = N; i < w->served_count; i++)
        if (w->served[i] - w->served[i - N] < 60000)
            fail_msg("%d requests within %lld ms", N + 1,
                     (long long)(w->served[i] - w->served[i - N]));
}

static void simulate(uint64_t seed, int crashes_in_1000, int *served)
{
    struct world *w = calloc(1, sizeof *w);
    random_init(&w->random, seed);
    for (int i = 0; i < ON_THE_WIRE; i++)
        w->wire[i].runner = -1;
    for (int64_t now = 0; now < SIM_MS; now += TICK_MS) {
        world_answers(w, now);
        for (int i = 0; i < RUNNERS; i++) {
            if (!w->up[i]) {
                start(&w->runners[i], "boot", now);
                w->up[i] = true;
                w->next_lease_ms[i] = now + (int64_t)random_below(&w->random, 1000);
            }
            if (now >= w->next_lease_ms[i]) {
                lease(&w->runners[i], now, 1 + (uint32_t)random_below(&w->random, N));
                w->next_lease_ms[i] = now + LIMIT_LEASE_MS;
            }
            if (w->runners[i].post.lease_end.ms != INT64_MAX) /* after its first lease */
                world_send(w, i, now);
            if ((int)random_below(&w->random, 1000 * 20) < crashes_in_1000)
                world_stops(w, i, now, random_below(&w->random, 2));
        }
    }
    for (int i = 0; i < RUNNERS; i++)
        if (w->up[i])
            world_stops(w, i, SIM_MS, true);
    assert_never_over(w);
    *served = w->served_count;
    free(w);
}

static void never_over_in_any_window(void **state)
{
    int served;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        simulate(seed, 60, &served);
        assert_true(served > 0);
        teardown(state);
        setup(state);
    }
}

static void and_not_far_under(void **state)
{
    int served;
    (void)state;
    simulate(99, 0, &served);
    assert_true(served > N * (SIM_MS / 1000) / 65 * 9 / 10);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(a_lease_is_what_is_free),
        TEST(after_a_clean_end_the_answered_count),
        TEST(after_a_crash_all_of_it_counts),
        TEST(what_is_out_at_a_crash_counts),
        TEST(two_runs_share),
        TEST(a_neighbour_that_dies_is_noticed),
        TEST(another_boot_counts_as_of_now),
        TEST(without_boot_ids_every_start_is_a_boot),
        TEST(other_keys_are_others),
        TEST(no_limit_is_no_limit),
        TEST(the_files_tell_nothing),
        TEST(what_is_not_ours_is_left_alone),
        TEST(a_process_that_is_killed),
        TEST(never_over_in_any_window),
        TEST(and_not_far_under),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
