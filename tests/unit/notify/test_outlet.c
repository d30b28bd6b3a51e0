/* One way out: what counts as delivered, refused, failed; TLS; nothing secret in the log. */
#include "base/log.h"
#include "lib/fault_server.h"
#include "notify/outlet.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TOKEN "t0ken"

struct end {
    int calls;
    enum outlet_end end;
    char cause[200];
    struct outlet *outlet;
    bool closed;
};

static void closed_cb(void *ctx)
{
    ((struct end *)ctx)->closed = true;
}

static void done_cb(void *ctx, enum outlet_end end, const char *cause)
{
    struct end *e = ctx;
    e->calls++;
    e->end = end;
    snprintf(e->cause, sizeof e->cause, "%s", cause);
    assert_false(outlet_busy(e->outlet));
    outlet_close(e->outlet, closed_cb, e); /* from inside, as a caller may */
}

struct sent {
    const char *scheme, *path, *ca_file, *command;
    int64_t timeout_ms;
    bool cancel;
};

static struct end deliver(struct fault_server *server, const struct sent *s)
{
    char url[200];
    struct end end = {0};
    struct error e = {0};
    struct loop *loop = loop_new(&system_clock);
    snprintf(url, sizeof url, "%s://127.0.0.1:%d%s?" TOKEN, s->scheme ? s->scheme : "http",
             server ? fault_server_port(server) : fault_server_dead_port(), s->path);
    struct outlet_options options = {.name = "notify.url",
                                     .url = s->command ? NULL : url,
                                     .command = s->command,
                                     .ca_file = s->ca_file,
                                     .proxy = "",
                                     .user_agent = "test",
                                     .connect_timeout_ms = 30000,
                                     .timeout_ms = s->timeout_ms ? s->timeout_ms : 60000,
                                     .first_delay_ms = 1000,
                                     .max_delay_ms = 2000,
                                     .done = done_cb,
                                     .ctx = &end};
    assert_int_equal(outlet_new(&end.outlet, loop, &options, &e), 0);
    assert_true(outlet_ready(end.outlet, loop_now(loop)));
    struct transfer_header headers[] = {{"X-One", "1"}, {"X-None", NULL}, {"X-Two", "2"}};
    outlet_send(end.outlet,
                &(struct outlet_item){
                    .body = "{\"a\":1}", .len = 7, .headers = headers, .header_count = 3});
    assert_true(outlet_busy(end.outlet));
    if (s->cancel)
        outlet_cancel(end.outlet);
    loop_run(loop);
    loop_free(loop);
    assert_int_equal(end.calls, 1);
    assert_true(end.closed);
    assert_null(strstr(end.cause, TOKEN));
    return end;
}

static const struct fault_route routes[] = {
    {.prefix = "/good", .answer = "HTTP/1.1 204 No Content\r\n\r\n"},
    {.prefix = "/busy", .answer = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n"},
    {.prefix = "/many", .answer = "HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n"},
    {.prefix = "/late", .answer = "HTTP/1.1 408 Late\r\nContent-Length: 0\r\n\r\n"},
    {.prefix = "/gone", .answer = "HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n"},
    {.prefix = "/moved",
     .answer = "HTTP/1.1 307 Moved\r\nLocation: /good\r\nContent-Length: 0\r\n\r\n"},
    {.prefix = "/long",
     .answer = "HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n",
     .endless = "0123456789012345678901234567890123456789"},
    {.prefix = "/half",
     .answer = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf",
     .after = FAULT_CLOSE},
    {.prefix = "/reset", .answer = "", .after = FAULT_RESET},
    {.prefix = "/hold", .answer = "", .after = FAULT_HOLD},
    {0}};

static void answers(void **state)
{
    static const struct {
        const char *path;
        enum outlet_end end;
        const char *cause;
    } rows[] = {
        {"/good", OUTLET_DELIVERED, ""},         {"/long", OUTLET_DELIVERED, ""},
        {"/busy", OUTLET_FAILED, "http_503"},    {"/many", OUTLET_FAILED, "http_429"},
        {"/late", OUTLET_FAILED, "http_408"},    {"/gone", OUTLET_REFUSED, "http_410"},
        {"/moved", OUTLET_FAILED, "redirects"},  {"/half", OUTLET_FAILED, "connection lost"},
        {"/reset", OUTLET_FAILED, "connection"},
    };
    (void)state;
    struct fault_server *server =
        fault_server_start(&(struct fault_options){.routes = routes, .keep_bodies = true});
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct end end = deliver(server, &(struct sent){.path = rows[i].path});
        if (end.end != rows[i].end || !strstr(end.cause, rows[i].cause))
            fail_msg("%s: %d %s", rows[i].path, end.end, end.cause);
        assert_int_equal(fault_server_count(server, rows[i].path, FAULT_SEEN), 1);
    }
    const struct fault_record *r = fault_server_find(server, "/good");
    assert_string_equal(r->method, "POST");
    assert_memory_equal(r->body, "{\"a\":1}", 7);
    assert_non_null(strstr(r->head, "Content-Type: application/json\r\n"));
    assert_non_null(strstr(r->head, "X-One: 1\r\n"));
    assert_non_null(strstr(r->head, "X-Two: 2\r\n"));
    assert_null(strstr(r->head, "X-None"));
    assert_string_equal(r->authorization, "");
    assert_int_equal(deliver(NULL, &(struct sent){.path = "/"}).end, OUTLET_FAILED);
    assert_int_equal(deliver(server, &(struct sent){.path = "/hold", .timeout_ms = 1}).end,
                     OUTLET_FAILED);
    assert_int_equal(deliver(server, &(struct sent){.path = "/hold", .cancel = true}).end,
                     OUTLET_CANCELLED);
    fault_server_stop(server);
}

static void tls_is_verified(void **state)
{
    char ca[] = "/tmp/mb-outlet-XXXXXX";
    (void)state;
    close(mkstemp(ca));
    struct fault_server *server =
        fault_server_start(&(struct fault_options){.routes = routes, .tls = true});
    fault_server_write_ca(server, ca);
    struct sent s = {.scheme = "https", .path = "/good"};
    assert_int_equal(deliver(server, &s).end, OUTLET_FAILED);
    assert_int_equal(fault_server_count(server, "/good", FAULT_SEEN), 0);
    s.ca_file = ca;
    assert_int_equal(deliver(server, &s).end, OUTLET_DELIVERED);
    fault_server_stop(server);
    unlink(ca);
}

static void commands(void **state)
{
    (void)state;
    struct sent s = {.command = "/bin/sh -c 'grep -q a'"};
    assert_int_equal(deliver(NULL, &s).end, OUTLET_DELIVERED);
    s.command = "/bin/sh -c 'grep -q b'";
    struct end end = deliver(NULL, &s);
    assert_int_equal(end.end, OUTLET_FAILED);
    assert_string_equal(end.cause, "exit code 1");
    s = (struct sent){.command = "/bin/sleep 3600", .timeout_ms = 1};
    assert_int_equal(deliver(NULL, &s).end, OUTLET_FAILED);
    s = (struct sent){.command = "/bin/sleep 3600", .cancel = true};
    assert_int_equal(deliver(NULL, &s).end, OUTLET_CANCELLED);
}

/* What is logged of a failure names the host, and neither path nor query. */
static void the_log_has_no_secret(void **state)
{
    char path[] = "/tmp/mb-outlet-log-XXXXXX", text[4000] = "";
    struct error e = {0};
    (void)state;
    close(mkstemp(path));
    struct fault_server *server = fault_server_start(&(struct fault_options){.routes = routes});
    assert_int_equal(
        log_open(&(struct log_options){.level = LOG_DEBUG, .file = path, .clock = &system_clock},
                 &e),
        0);
    deliver(server, &(struct sent){.path = "/busy/" TOKEN});
    deliver(server, &(struct sent){.path = "/reset/" TOKEN});
    deliver(NULL, &(struct sent){.path = "/" TOKEN});
    log_close();
    FILE *f = fopen(path, "re");
    assert_non_null(f);
    assert_true(fread(text, 1, sizeof text - 1, f) > 0);
    fclose(f);
    assert_non_null(strstr(text, ", to http://127.0.0.1:"));
    assert_null(strstr(text, TOKEN));
    fault_server_stop(server);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers),
        cmocka_unit_test(tls_is_verified),
        cmocka_unit_test(commands),
        cmocka_unit_test(the_log_has_no_secret),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
