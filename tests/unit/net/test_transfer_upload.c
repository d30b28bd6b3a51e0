/* Uploads: what arrives, what Expect does, what is counted when a connection breaks, and files that
 * change under way. */
#include "transfer_fixture.h"

#include "test.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* More than any socket's buffers hold. */
enum { LARGE = 24 * 1000 * 1000 };

#define REFUSAL "HTTP/1.1 429 Too Many Requests\r\nRetry-After: 3\r\nContent-Length: 4\r\n\r\nslow"

static const struct fault_route routes[] = {
    {.prefix = "/ignores", .ignores_expect = true},
    {.prefix = "/417",
     .read_bytes = -1,
     .answer = "HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n",
     .after = FAULT_DRAIN},
    {.prefix = "/no-body", .read_bytes = -1, .answer = REFUSAL, .after = FAULT_DRAIN},
    {.prefix = "/early", .read_bytes = 100000, .answer = REFUSAL, .after = FAULT_DRAIN},
    {.prefix = "/reset/before", .read_bytes = -1, .answer = "", .after = FAULT_RESET},
    {.prefix = "/reset/middle", .read_bytes = 100000, .answer = "", .after = FAULT_RESET},
    {.prefix = "/reset/after", .answer = "", .after = FAULT_RESET},
    {.prefix = "/close/before", .read_bytes = -1, .answer = "", .after = FAULT_CLOSE},
    {.prefix = "/close/middle", .read_bytes = 100000, .answer = "", .after = FAULT_CLOSE},
    {.prefix = "/close/after", .answer = "", .after = FAULT_CLOSE},
    {.prefix = "/whole", .late = true},
    {.prefix = "/held", .read_bytes = 50000, .late = true, .answer = "", .after = FAULT_DRAIN},
    {0},
};

static int set_up(void **state)
{
    *state = fixture_new(&(struct fault_options){.routes = routes, .keep_bodies = true}, NULL);
    return 0;
}

static int tear_down(void **state)
{
    fixture_free(*state);
    return 0;
}

/* Makes the file NAME and posts it to PATH. */
static void post(struct fixture *f, const char *path, const char *name, size_t size,
                 enum transfer_end end, struct outcome *o)
{
    struct file_stamp stamp;
    const char *file = fixture_file(f, name, size, &stamp);
    *o = (struct outcome){0};
    fixture_run_post(f, path, file, &stamp, o);
    if (o->result.end != end)
        fail_msg("%s: ended as %d (%d, %s)", path, o->result.end, o->result.library_code,
                 o->result.text);
    assert_int_equal(o->result.body_total_bytes, size);
    assert_true(o->result.body_sent_bytes <= (int64_t)size);
    assert_int_equal(o->result.body_sent_whole, o->result.body_sent_bytes == (int64_t)size);
    assert_true(fault_server_count(f->server, path, FAULT_SEEN) <= 1);
    assert_null(strstr(o->result.text, "md_secret"));
}

static void files_of_any_size_arrive(void **state)
{
    static const size_t sizes[] = {1, 60000, 65536, 131073, 1000000, 1100000, 5000000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct outcome o;
        char path[32];
        snprintf(path, sizeof path, "/size/%zu.", sizes[i]);
        post(*state, path, path + 6, sizes[i], TRANSFER_COMPLETE, &o);
        assert_int_equal(o.result.status, 202);
        assert_true(o.result.body_sent_whole);
        const struct fault_record *r = fault_server_find(((struct fixture *)*state)->server, path);
        assert_true(r->whole);
        assert_false(r->chunked);
        assert_string_equal(r->authorization, "md_secret");
        assert_int_equal(r->expects, sizes[i] > 1 << 20);
        assert_true(fixture_body_holds(r, path + 6, sizes[i]));
        assert_non_null(strstr(r->body, "name=\"model_id\"\r\n\r\nthe model\r\n"));
        assert_non_null(strstr(r->body, "name=\"alias\"\r\n\r\nmb-1-1-1\r\n"));
        assert_non_null(strstr(r->body, "Content-Type: application/pdf\r\n"));
        outcome_release(&o);
    }
}

static void empty_file_arrives_too(void **state)
{
    struct outcome o;
    post(*state, "/empty", "empty", 0, TRANSFER_COMPLETE, &o);
    assert_true(o.result.body_sent_whole);
    outcome_release(&o);
}

static void form_without_a_file(void **state)
{
    struct fixture *f = *state;
    struct outcome o = {0};
    fixture_run_post(f, "/form", NULL, &(struct file_stamp){0}, &o);
    assert_int_equal(o.result.end, TRANSFER_COMPLETE);
    assert_int_equal(o.result.status, 202);
    assert_true(o.result.on_wire && o.result.body_sent_whole);
    const struct fault_record *r = fault_server_find(f->server, "/form");
    assert_string_equal(r->method, "POST");
    assert_null(strstr(r->body, "filename"));
    outcome_release(&o);
    fixture_run_get(f, "/after", &o); /* the same handle does GETs again */
    assert_string_equal(fault_server_find(f->server, "/after")->method, "GET");
    outcome_release(&o);
}

/* ---- standing still ---- */

static void await_both(void *ctx)
{
    struct fixture *f = ctx;
    fault_server_await_body(f->server, "/held", 50000);
    fault_server_await(f->server, "/whole", FAULT_WHOLE, 1);
    usleep(700 * 1000);
}

static void cancel_stalled(void *ctx)
{
    struct fixture *f = ctx;
    transfer_pool_cancel_stalled(f->pool, 60 * 1000); /* nobody has stood still for so long */
    assert_int_equal(transfer_pool_running(f->pool), 2);
    transfer_pool_cancel_stalled(f->pool, 300);
    fault_server_release(f->server);
}

/* One that is incomplete ends, one that waits for its answer doesn't. */
static void an_upload_that_stands_still(void **state)
{
    struct fixture *f = *state;
    struct file_stamp small, large;
    struct outcome whole = {0}, held = {0};
    fixture_post(f, "/whole", fixture_file(f, "small", 1000, &small), &small, &whole);
    fixture_post(f, "/held", fixture_file(f, "large", LARGE, &large), &large, &held);
    loop_work(f->loop, await_both, cancel_stalled, f);
    loop_run(f->loop);
    assert_int_equal(held.result.end, TRANSFER_CANCELLED);
    assert_false(held.result.body_sent_whole);
    assert_int_equal(whole.result.end, TRANSFER_COMPLETE);
    assert_int_equal(whole.result.status, 202);
    outcome_release(&whole);
    outcome_release(&held);
}

/* ---- Expect ---- */

static void ignored_expect_is_not_used_again(void **state)
{
    struct fixture *f = *state;
    struct outcome o;
    post(f, "/ignores/1", "a", 2000000, TRANSFER_COMPLETE, &o);
    assert_true(fault_server_find(f->server, "/ignores/1")->expects);
    outcome_release(&o);
    post(f, "/ignores/2", "b", 2000000, TRANSFER_COMPLETE, &o);
    assert_false(fault_server_find(f->server, "/ignores/2")->expects);
    outcome_release(&o);
}

/* libcurl would send it again without Expect. */
static void refused_expect_is_not_sent_again(void **state)
{
    struct fixture *f = *state;
    struct outcome o;
    post(f, "/417/1", "a", 2000000, TRANSFER_BROKEN, &o);
    assert_int_equal(o.result.body_sent_bytes, 0);
    assert_int_equal(fault_server_count(f->server, "/417/1", FAULT_SEEN), 1);
    outcome_release(&o);
    post(f, "/size/2", "b", 2000000, TRANSFER_COMPLETE, &o);
    assert_false(fault_server_find(f->server, "/size/2")->expects);
    outcome_release(&o);
}

static void refusal_in_place_of_a_100_costs_no_body(void **state)
{
    struct fixture *f = *state;
    struct outcome o;
    post(f, "/no-body", "a", 2000000, TRANSFER_COMPLETE, &o);
    assert_int_equal(o.result.status, 429);
    assert_int_equal(o.result.retry_after_ms, 3000);
    assert_int_equal(o.result.body_sent_bytes, 0);
    assert_string_equal(o.body, "slow");
    outcome_release(&o);
    post(f, "/size/2", "b", 2000000, TRANSFER_COMPLETE, &o);
    assert_true(fault_server_find(f->server, "/size/2")->expects);
    outcome_release(&o);
}

static void early_answer_is_an_answer(void **state)
{
    struct outcome o;
    post(*state, "/early", "a", LARGE, TRANSFER_COMPLETE, &o);
    assert_int_equal(o.result.status, 429);
    assert_true(o.result.on_wire);
    assert_true(o.result.body_sent_bytes >= 90000);
    assert_false(o.result.body_sent_whole);
    assert_string_equal(o.body, "slow");
    outcome_release(&o);
}

/* ---- broken connections ---- */

static void broken(struct fixture *f, const char *path, size_t size, bool whole)
{
    struct outcome o;
    post(f, path, "broken", size, TRANSFER_BROKEN, &o);
    assert_true(o.result.on_wire);
    assert_int_equal(o.result.status, 0);
    assert_int_equal(o.result.body_sent_whole, whole);
    assert_int_equal(fault_server_count(f->server, path, FAULT_WHOLE), whole);
    outcome_release(&o);
}

static void broken_connections_are_counted_truly(void **state)
{
    broken(*state, "/reset/before", LARGE, false);
    broken(*state, "/reset/middle", LARGE, false);
    broken(*state, "/reset/after/small", 60000, true);
    broken(*state, "/reset/after/large", 3000000, true);
    broken(*state, "/close/before", LARGE, false);
    broken(*state, "/close/middle", LARGE, false);
    broken(*state, "/close/after/small", 60000, true);
    broken(*state, "/close/after/large", 3000000, true);
}

/* ---- idle connections ---- */

static void idle_connection_is_not_trusted_with_an_upload(void **state)
{
    struct fixture *f = *state;
    struct outcome o = {0};
    fixture_run_get(f, "/1", &o);
    outcome_release(&o);
    sleep(2);
    usleep(10000);
    fixture_run_get(f, "/2", &o);
    outcome_release(&o);
    assert_int_equal(fault_server_connections(f->server), 1);
    sleep(2);
    usleep(10000);
    post(f, "/3", "a", 1000, TRANSFER_COMPLETE, &o);
    outcome_release(&o);
    assert_int_equal(fault_server_connections(f->server), 2);
}

/* ---- files that change ---- */

static void append(const char *path)
{
    int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "more", 4), 4);
    close(fd);
}

static void changed_file_needs_no_connection(void **state)
{
    struct fixture *f = *state;
    struct outcome o = {0};
    struct file_stamp stamp;
    const char *file = fixture_file(f, "a", 60000, &stamp);
    append(file);
    fixture_run_post(f, "/changed", file, &stamp, &o);
    assert_int_equal(o.result.end, TRANSFER_SOURCE_CHANGED);
    assert_false(o.result.on_wire || o.result.body_sent_whole);
    assert_int_not_equal(o.result.text[0], '\0');
    outcome_release(&o);
    unlink(file);
    fixture_run_post(f, "/changed", file, &stamp, &o);
    assert_int_equal(o.result.end, TRANSFER_SOURCE_ERROR);
    assert_non_null(strstr(o.result.text, "No such file"));
    outcome_release(&o);
    assert_int_equal(fault_server_connections(f->server), 0);
}

struct meddler {
    struct fixture *f;
    char file[160];
};

static void await_held(void *ctx)
{
    struct meddler *m = ctx;
    fault_server_await_body(m->f->server, "/held", 50000);
}

static void change_it(void *ctx)
{
    struct meddler *m = ctx;
    append(m->file);
    fault_server_release(m->f->server);
}

static void file_changed_in_the_middle_is_dropped(void **state)
{
    struct meddler m = {.f = *state};
    struct outcome o = {0};
    struct file_stamp stamp;
    snprintf(m.file, sizeof m.file, "%s", fixture_file(m.f, "a", LARGE, &stamp));
    fixture_post(m.f, "/held", m.file, &stamp, &o);
    loop_work(m.f->loop, await_held, change_it, &m); /* behind the first block's read */
    loop_run(m.f->loop);
    assert_int_equal(o.result.end, TRANSFER_SOURCE_CHANGED);
    assert_true(o.result.on_wire);
    assert_false(o.result.body_sent_whole);
    assert_true(o.result.body_sent_bytes > 0 && o.result.body_sent_bytes < LARGE);
    outcome_release(&o);
}

/* ---- a slow disk ---- */

/* The thread pool has one thread (see main): while it waits, the next block can't be read, and the
 * transfer has to pause. */
static void await_first_block(void *ctx)
{
    fault_server_await_body(ctx, "/slow", 60000);
}

static void nothing(void *ctx)
{
    (void)ctx;
}

static void upload_pauses_for_a_slow_disk(void **state)
{
    struct fixture *f = *state;
    struct outcome o = {0};
    struct file_stamp stamp;
    const char *file = fixture_file(f, "slow", 900000, &stamp);
    fixture_post(f, "/slow", file, &stamp, &o);
    loop_work(f->loop, await_first_block, nothing, f->server);
    loop_run(f->loop);
    assert_int_equal(o.result.end, TRANSFER_COMPLETE);
    assert_true(fixture_body_holds(fault_server_find(f->server, "/slow"), "slow", 900000));
    outcome_release(&o);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(files_of_any_size_arrive),
        TEST(empty_file_arrives_too),
        TEST(form_without_a_file),
        TEST(an_upload_that_stands_still),
        TEST(ignored_expect_is_not_used_again),
        TEST(refused_expect_is_not_sent_again),
        TEST(refusal_in_place_of_a_100_costs_no_body),
        TEST(early_answer_is_an_answer),
        TEST(broken_connections_are_counted_truly),
        TEST(idle_connection_is_not_trusted_with_an_upload),
        TEST(changed_file_needs_no_connection),
        TEST(file_changed_in_the_middle_is_dropped),
        TEST(upload_pauses_for_a_slow_disk),
    };
    setenv("UV_THREADPOOL_SIZE", "1", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
