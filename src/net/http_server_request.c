/* The HTTP server's requests: reading, handing to the application, holding, answering.
 *
 * libmicrohttpd calls request_access() several times for one request: first with the headers alone,
 * then with each piece of the body, then once more at its end, and again after a resume. The state
 * moves READING -> DECIDING (the application's callback runs) -> ANSWERED -> SENDING, or by way of
 * HELD when the callback returned without an answer: then the connection is suspended until there
 * is one. The library takes an answer only inside its own callback, so an answer to a held request
 * is kept (ANSWERED), the connection resumed, and handed over when the library calls again.
 *
 * A GET or HEAD that announces a body in chunks is answered on its headers: some clients (Ruby's
 * Net::HTTP, told to) announce one and send none, not even its end. The library closes the
 * connection after such an answer, so what may still come is nobody's next request.
 *
 * A body announced too large, or one for which the memory of all bodies has no room (503), is
 * refused before it is read. One that turns out so while it comes (it is chunked, or others came
 * faster) is thrown away for a while so that the client gets to see the answer, then cut.
 *
 * A connection can end at any moment except while suspended; request_completed() is the one place
 * where a request dies. */
#include "net/http_server_internal.h"

#include <errno.h>
#include <microhttpd.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

enum {
    RESERVE_BYTES = 1 << 20,  /* asked for at once on the word of a Content-Length */
    OVERFLOW_BYTES = 1 << 20, /* of a chunked body past the limit, before it is cut */
};

static const char too_large_body[] =
    "{\"status\":413,\"title\":\"Content Too Large\",\"detail\":\"The request's body is over the "
    "limit.\",\"code\":\"413-001\",\"errors\":[]}";
static const char busy_body[] =
    "{\"status\":503,\"title\":\"Service Unavailable\",\"detail\":\"Too much is being received at "
    "once.\",\"code\":\"503-001\",\"errors\":[]}";

/* ---- answers ---- */

struct cut_body {
    char *data;
    size_t len;
};

static ssize_t read_cut_body(void *cls, uint64_t pos, char *out, size_t max)
{
    const struct cut_body *b = cls;
    if (pos >= b->len)
        return MHD_CONTENT_READER_END_WITH_ERROR;
    size_t n = b->len - (size_t)pos;
    if (n > max)
        n = max;
    memcpy(out, b->data + pos, n);
    return (ssize_t)n;
}

static void free_cut_body(void *cls)
{
    struct cut_body *b = cls;
    free(b->data);
    free(b);
}

static struct MHD_Response *make_response(const struct http_reply *reply)
{
    size_t len = 0;
    char *data = !reply->has_file && reply->body != NULL ? buffer_detach(reply->body, &len) : NULL;
    struct MHD_Response *response;
    if (reply->has_file) {
        response = MHD_create_response_from_fd(reply->file_bytes, reply->file);
    } else if (reply->cut) {
        struct cut_body *b = xcalloc(1, sizeof *b);
        *b = (struct cut_body){data, reply->cut_after_bytes < len ? reply->cut_after_bytes : len};
        /* Even a body that goes out whole must look cut: one byte more is announced. */
        uint64_t announced = b->len < len ? len : len + 1;
        response =
            MHD_create_response_from_callback(announced, 32768, read_cut_body, b, free_cut_body);
    } else {
        response = MHD_create_response_from_buffer(len, data, MHD_RESPMEM_MUST_FREE);
    }
    REQUIRE(response != NULL);
    for (size_t i = 0; i < reply->header_count; i++)
        REQUIRE(MHD_add_response_header(response, reply->headers[i].name,
                                        reply->headers[i].value) == MHD_YES);
    return response;
}

/* The library will call request_access() once more. */
static void resume(struct http_request *r)
{
    list_remove(&r->node);
    r->state = REQUEST_ANSWERED;
    MHD_resume_connection(r->connection);
    if (r->server->running)
        r->server->again = true;
    else
        http_server_kick(r->server);
}

static void set_answer(struct http_request *r, struct MHD_Response *response, unsigned status)
{
    REQUIRE(r->state == REQUEST_DECIDING || r->state == REQUEST_HELD);
    r->response = response;
    r->status = status;
    if (r->state == REQUEST_HELD)
        resume(r);
    else
        r->state = REQUEST_ANSWERED;
}

void http_request_reply(struct http_request *r, const struct http_reply *reply)
{
    set_answer(r, make_response(reply), (unsigned)reply->status);
}

void http_request_drop(struct http_request *r, enum http_drop how)
{
    r->drop = how;
    set_answer(r, NULL, 0);
}

void http_request_abandon(struct http_request *r)
{
    http_request_drop(r, HTTP_DROP_CLOSE);
}

static void release_body(struct http_request *r)
{
    buffer_release(&r->body);
    r->server->memory_bytes -= r->memory_bytes;
    r->memory_bytes = 0;
}

/* Gives the answer to the library; false ends the connection. */
static bool hand_over(struct http_request *r)
{
    REQUIRE(r->state == REQUEST_ANSWERED);
    if (r->response == NULL) {
        /* Dissolving the association makes the system send a reset at once; closing the socket
         * would say goodbye first. */
        if (r->drop == HTTP_DROP_RESET)
            (void)connect(r->peer->fd, &(struct sockaddr){.sa_family = AF_UNSPEC},
                          sizeof(struct sockaddr));
        return false;
    }
    if (r->server->closing)
        MHD_add_response_header(r->response, MHD_HTTP_HEADER_CONNECTION, "close");
    enum MHD_Result taken = MHD_queue_response(r->connection, r->status, r->response);
    MHD_destroy_response(r->response);
    r->response = NULL;
    r->state = REQUEST_SENDING;
    release_body(r);
    peer_set_deadline(r->peer, r->server->options.request_timeout_ms);
    return taken == MHD_YES;
}

/* ---- reading ---- */

/* With r->refusal. */
static bool refuse_body(struct http_request *r)
{
    struct buffer body;
    bool busy = r->refusal == 503;
    struct http_header type = {"Content-Type", "application/problem+json"};
    buffer_init(&body, 0);
    buffer_put(&body, busy ? busy_body : too_large_body);
    if (busy)
        r->server->counts.busy++;
    else
        r->server->counts.too_large++;
    r->state = REQUEST_DECIDING;
    http_request_reply(
        r, &(struct http_reply){
               .status = (int)r->refusal, .headers = &type, .header_count = 1, .body = &body});
    return hand_over(r);
}

static bool memory_is_short(const struct http_server *s, size_t more)
{
    return s->options.max_memory_bytes != 0 &&
           (s->memory_bytes > s->options.max_memory_bytes ||
            more > s->options.max_memory_bytes - s->memory_bytes);
}

static int64_t announced_bytes(struct MHD_Connection *c)
{
    const char *coding =
        MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_TRANSFER_ENCODING);
    if (coding != NULL)
        return -1;
    const char *text =
        MHD_lookup_connection_value(c, MHD_HEADER_KIND, MHD_HTTP_HEADER_CONTENT_LENGTH);
    if (text == NULL)
        return 0;
    errno = 0;
    long long n = strtoll(text, NULL, 10);
    return errno != 0 || n < 0 ? INT64_MAX : n; /* the library has refused what isn't a number */
}

static bool begin(struct http_request *r)
{
    struct http_server *s = r->server;
    if (r->announced_bytes > 0 && (uint64_t)r->announced_bytes > s->options.max_body_bytes)
        r->refusal = 413;
    else if (r->announced_bytes > 0 && memory_is_short(s, (size_t)r->announced_bytes))
        r->refusal = 503;
    if (r->refusal)
        return refuse_body(r);
    if (s->options.begin != NULL) {
        r->state = REQUEST_DECIDING;
        s->options.begin(s->options.ctx, r);
        if (r->state == REQUEST_ANSWERED)
            return hand_over(r);
        r->state = REQUEST_READING;
    }
    size_t reserve = 0;
    if (r->announced_bytes > 0)
        reserve = r->announced_bytes < RESERVE_BYTES ? (size_t)r->announced_bytes : RESERVE_BYTES;
    return reserve == 0 || buffer_reserve(&r->body, reserve) == 0;
}

static bool take_piece(struct http_request *r, const char *data, size_t len)
{
    struct http_server *s = r->server;
    if (!r->refusal && memory_is_short(s, len))
        r->refusal = 503;
    if (!r->refusal) {
        int rc = buffer_append(&r->body, data, len);
        if (rc == ERR_MEMORY)
            return false;
        if (rc == 0) {
            r->memory_bytes += len;
            s->memory_bytes += len;
            return true;
        }
        r->refusal = 413;
    }
    release_body(r);
    r->overflow_bytes += len;
    return r->overflow_bytes <= OVERFLOW_BYTES;
}

static bool decide(struct http_request *r)
{
    if (r->refusal)
        return refuse_body(r);
    struct http_server *s = r->server;
    r->state = REQUEST_DECIDING;
    r->peer->held = true;
    s->options.handle(s->options.ctx, r);
    if (r->state == REQUEST_ANSWERED)
        return hand_over(r);
    r->state = REQUEST_HELD;
    list_push_back(&s->held, &r->node);
    timer_queue_remove(&s->deadlines, &r->peer->deadline);
    MHD_suspend_connection(r->connection);
    return true;
}

static struct http_request *request_new(struct http_server *s, struct MHD_Connection *c,
                                        const char *path, const char *method)
{
    struct http_request *r = xcalloc(1, sizeof *r);
    r->server = s;
    r->connection = c;
    r->peer = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
    list_init(&r->node);
    r->method = method;
    r->path = path;
    r->announced_bytes = announced_bytes(c);
    buffer_init(&r->body, s->options.max_body_bytes);
    return r;
}

/* Whether its body may never come, not even the chunk that ends it. */
static bool ends_with_headers(const struct http_request *r)
{
    return r->announced_bytes < 0 &&
           (strcmp(r->method, "GET") == 0 || strcmp(r->method, "HEAD") == 0);
}

bool request_access(struct http_server *s, struct MHD_Connection *c, const char *path,
                    const char *method, const char *data, size_t *len, void **slot)
{
    struct http_request *r = *slot;
    if (r == NULL) {
        *slot = r = request_new(s, c, path, method);
        if (!begin(r))
            return false;
        return r->state != REQUEST_READING || !ends_with_headers(r) || decide(r);
    }
    if (r->state == REQUEST_ANSWERED)
        return hand_over(r);
    REQUIRE(r->state == REQUEST_READING);
    if (*len == 0)
        return decide(r);
    size_t n = *len;
    *len = 0;
    return take_piece(r, data, n);
}

void request_completed(void **slot)
{
    struct http_request *r = *slot;
    if (r == NULL)
        return;
    REQUIRE(r->state != REQUEST_HELD && r->state != REQUEST_DECIDING);
    *slot = NULL;
    struct peer *p = r->peer;
    p->busy = p->held = false;
    p->since = loop_now(r->server->loop);
    peer_set_deadline(p, r->server->options.idle_timeout_ms);
    if (r->server->closing)
        shutdown(p->fd, SHUT_RD);
    if (r->response != NULL)
        MHD_destroy_response(r->response);
    release_body(r);
    free(r);
}

/* ---- what the application asks ---- */

const char *http_request_method(const struct http_request *r)
{
    return r->method;
}

const char *http_request_path(const struct http_request *r)
{
    return r->path;
}

const char *http_request_header(const struct http_request *r, const char *name)
{
    return MHD_lookup_connection_value(r->connection, MHD_HEADER_KIND, name);
}

const char *http_request_argument(const struct http_request *r, const char *name)
{
    return MHD_lookup_connection_value(r->connection, MHD_GET_ARGUMENT_KIND, name);
}

struct buffer *http_request_body(struct http_request *r)
{
    return &r->body;
}

int64_t http_request_announced_bytes(const struct http_request *r)
{
    return r->announced_bytes;
}
