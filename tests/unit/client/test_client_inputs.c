/* Documents that aren't files: bytes and readers; structs of other versions; the stamp of a file. */
#include "client_fixture.h"

#include "base/text.h"
#include "client/client_internal.h"
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct fault_route routes[] = {
    {.prefix = "/v2/products/extraction/enqueue", .answer = ACCEPTED}, {0}};

struct source {
    size_t len, at;
    size_t step; /* bytes a call, at most */
    size_t end;  /* it ends there */
    bool fails;  /* in place of that */
    int calls;
    struct mindee_client *cancels; /* in its second call; NULL: none */
    void *ctx;
};

static int64_t take(void *ctx, void *buffer, size_t size)
{
    struct source *s = ctx;
    size_t n = s->end - s->at < size ? s->end - s->at : size;
    n = n < s->step ? n : s->step;
    if (++s->calls == 2 && s->cancels)
        mindee_cancel(s->cancels, s->ctx);
    if (n == 0 && s->fails)
        return -1;
    for (size_t i = 0; i < n; i++)
        ((char *)buffer)[i] = (char)('a' + (s->at + i) % 23);
    s->at += n;
    return (int64_t)n;
}

static struct mindee_enqueue of_reader(struct source *s)
{
    struct mindee_enqueue q = MINDEE_ENQUEUE_INIT;
    q.model_id = "the-model";
    q.filename = "a.pdf";
    q.read = take;
    q.read_ctx = s;
    q.read_len = (int64_t)s->len;
    return q;
}

static void start(struct fixture *f)
{
    fixture_start(f, &(struct fault_options){.routes = routes, .keep_bodies = true});
    fixture_client(f, "", NULL);
}

/* Whether the server had a whole document of LEN bytes, named NAME. */
static void assert_came(struct fixture *f, size_t len, const char *name)
{
    const struct fault_record *r = fault_server_find(f->server, "/v2/");
    char head[128];
    assert_non_null(r);
    snprintf(head, sizeof head, "filename=\"%s\"", name);
    const char *part = strstr(r->body, head);
    assert_non_null(part);
    const char *bytes = strstr(part, "\r\n\r\n") + 4;
    for (size_t i = 0; i < len; i++)
        assert_int_equal(bytes[i], 'a' + (int)(i % 23));
    assert_memory_equal(bytes + len, "\r\n--", 4);
    assert_false(r->chunked);
}

/* Of every size about a block's bounds. */
static void bytes_and_readers_arrive_whole(void **state)
{
    static const size_t sizes[] = {0, 1, 65535, 65536, 131072, 131073, 200000};
    (void)state;
    for (size_t i = 0; i < 2 * sizeof sizes / sizeof *sizes; i++) {
        struct fixture f;
        start(&f);
        struct told t = {.fixture = &f};
        struct source s = {.len = sizes[i / 2], .end = sizes[i / 2], .step = 50000};
        char *bytes = xcalloc(1, s.len + 1);
        struct mindee_enqueue q = of_reader(&s);
        if (i % 2) {
            struct source all = {.len = s.len, .end = s.len, .step = s.len};
            take(&all, bytes, s.len);
            q.read = NULL;
            q.filename = NULL;
            q.bytes = bytes;
            q.bytes_len = s.len;
        }
        assert_int_equal(mindee_enqueue(f.client, &q, on_answer, &t), 0);
        memset(bytes, '!', s.len); /* they were copied */
        free(bytes);
        fixture_run(&f);
        assert_int_equal(t.fault, MINDEE_OK);
        assert_string_equal(t.job_id, JOB_ID);
        assert_int_equal(t.body_sent_bytes, s.len);
        assert_came(&f, s.len, i % 2 ? "document" : "a.pdf");
        fixture_end(&f);
    }
}

static void a_reader_that_ends_early_or_fails(void **state)
{
    (void)state;
    for (int fails = 0; fails < 2; fails++) {
        struct fixture f;
        start(&f);
        struct told t = {.fixture = &f};
        struct source s = {.len = 300000, .end = 299999, .step = 100000, .fails = fails};
        struct mindee_enqueue q = of_reader(&s);
        assert_int_equal(mindee_enqueue(f.client, &q, on_answer, &t), 0);
        fixture_run(&f);
        assert_int_equal(t.calls, 1);
        assert_int_equal(t.fault, fails ? MINDEE_SOURCE_ERROR : MINDEE_SOURCE_CHANGED);
        assert_int_equal(t.delivery, MINDEE_NOT_SENT);
        assert_int_equal(fault_server_count(f.server, "/v2/", FAULT_WHOLE), 0);
        fixture_end(&f);
    }
}

static void cancelled_from_a_reader(void **state)
{
    struct fixture f;
    (void)state;
    start(&f);
    struct told t = {.fixture = &f};
    struct source s = {
        .len = 300000, .end = 300000, .step = 100000, .cancels = f.client, .ctx = &t};
    struct mindee_enqueue q = of_reader(&s);
    assert_int_equal(mindee_enqueue(f.client, &q, on_answer, &t), 0);
    fixture_run(&f);
    assert_int_equal(t.calls, 1);
    assert_int_equal(t.fault, MINDEE_CANCELLED);
    assert_int_equal(t.delivery, MINDEE_NOT_SENT);
    fixture_end(&f);
}

static void the_stamp_of_a_file(void **state)
{
    struct fixture f;
    struct mindee_file_stamp stamp;
    (void)state;
    start(&f);
    const char *path = fixture_file(&f, "a", 50);
    assert_int_equal(mindee_stamp_of(path, &stamp), 0);
    assert_memory_equal(&stamp, &f.stamp, sizeof stamp);
    assert_int_equal(mindee_stamp_of("/nonexistent/a", &stamp), -1);
    assert_int_equal(errno, ENOENT);
    assert_int_equal(mindee_stamp_of("/", &stamp), -1);
    assert_int_equal(errno, EINVAL);
    fixture_end(&f);
}

static void structs_of_other_versions(void **state)
{
    struct later {
        struct mindee_polling now;
        int64_t more;
    } given = {MINDEE_POLLING_INIT, 0};
    struct mindee_polling out = MINDEE_POLLING_INIT;
    struct error e;
    (void)state;
    given.now.size = sizeof given;
    given.now.timeout_ms = 5;
    assert_int_equal(sized_copy(&out, sizeof out, &given, "x", &e), 0);
    assert_int_equal(out.size, sizeof out);
    assert_int_equal(out.timeout_ms, 5);
    given.more = 1; /* which nobody here knows */
    assert_int_equal(sized_copy(&out, sizeof out, &given, "x", &e), ERR_USAGE);
    assert_non_null(strstr(e.text, "older than the program"));
    given.now = (struct mindee_polling){
        .size = offsetof(struct mindee_polling, timeout_ms), .first_ms = 7, .timeout_ms = 99};
    assert_int_equal(sized_copy(&out, sizeof out, &given, "x", &e), 0);
    assert_int_equal(out.first_ms, 7);
    assert_int_equal(out.timeout_ms, 5); /* as it was */
    given.now.size = 0;
    assert_int_equal(sized_copy(&out, sizeof out, &given, "x", &e), ERR_USAGE);
    assert_string_equal(mindee_version(), MINDEE_VERSION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_and_readers_arrive_whole),
        cmocka_unit_test(a_reader_that_ends_early_or_fails),
        cmocka_unit_test(cancelled_from_a_reader),
        cmocka_unit_test(the_stamp_of_a_file),
        cmocka_unit_test(structs_of_other_versions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
