/* A watched directory tells of what happens in it; one that can't be watched says why. */
#include "net/directory_watch.h"

#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct loop *loop;
static struct loop_timer *patience;
static char directory[64], path[128];
static bool heard;

static void out_of_patience(void *ctx)
{
    (void)ctx;
    fail_msg("nothing was heard");
}

static int set_up(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/mb-watch-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/file", directory);
    loop = loop_new(&system_clock);
    heard = false;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    loop_free(loop);
    unlink(path);
    return rmdir(directory);
}

static void hear(void *ctx)
{
    struct directory_watch **w = ctx;
    if (!heard)
        loop_timer_close(patience); /* nothing keeps the loop then */
    heard = true;
    directory_watch_close(*w);
}

static void put_file(void)
{
    FILE *f = fopen(path, "ae");
    assert_non_null(f);
    fputs("more", f);
    fclose(f);
}

static void listen_while(void (*happens)(void))
{
    struct error e;
    struct directory_watch *w = directory_watch_new(loop, directory, hear, &w, &e);
    if (!w)
        fail_msg("%s", e.text);
    patience = loop_timer_new(loop, out_of_patience, NULL);
    loop_timer_set(patience, mono_add(loop_now(loop), 60000));
    happens();
    loop_run(loop);
    assert_true(heard);
}

static void a_new_file(void **state)
{
    (void)state;
    listen_while(put_file);
}

static void a_file_that_grows(void **state)
{
    (void)state;
    put_file();
    listen_while(put_file);
}

static void remove_file(void)
{
    assert_int_equal(unlink(path), 0);
}

static void a_file_that_goes(void **state)
{
    (void)state;
    put_file();
    listen_while(remove_file);
}

/* The loop ends by itself, and nothing comes after the close. */
static void it_keeps_nothing_alive(void **state)
{
    struct error e;
    (void)state;
    struct directory_watch *w = directory_watch_new(loop, directory, hear, NULL, &e);
    assert_non_null(w);
    loop_run(loop);
    put_file();
    directory_watch_close(w);
    loop_run(loop);
    assert_false(heard);
}

static void what_is_not_there(void **state)
{
    struct error e;
    (void)state;
    assert_null(directory_watch_new(loop, "/tmp/mb-watch-nowhere", hear, NULL, &e));
    assert_int_equal(e.code, ERR_IO);
    assert_string_equal(e.text, "/tmp/mb-watch-nowhere: No such file or directory");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(a_new_file),        TEST(a_file_that_grows),
        TEST(a_file_that_goes),  TEST(it_keeps_nothing_alive),
        TEST(what_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
