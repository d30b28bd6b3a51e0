/* One transfer. See transfer.h for the promise, transfer_internal.h for its states.
 *
 * transfer_new sets up an easy handle with the request; the pool puts the transfer in line. When its
 * turn comes, the file's first block is read (so that a small file never makes libcurl wait), the
 * handle goes to libcurl, and libcurl calls back: prereq_cb before it puts anything on a
 * connection, for the body's bytes (transfer_body.c), header_cb and write_cb with the answer.
 * Nothing of other people's is called from there; how it ended is worked out in transfer_finished
 * and delivered from the pool's own turn.
 *
 * What keeps a request from being sent twice: prereq_cb refuses the second call (libcurl repeats a
 * request by itself when a reused connection was closed before an answer), and no body can be
 * rewound. What tells whether the server can have the whole request: `sent`, counted where
 * bytes are handed out, and nothing else; no error code knows.
 *
 * A body of more than a megabyte is announced with Expect: 100-continue, so that a connection the
 * server has just closed, or a refusal, costs no body. Without a "100" libcurl sends after
 * EXPECT_WAIT_MS all the same; a server that lets it come to that isn't asked again. */
#include "base/text.h"
#include "net/transfer_internal.h"

#include <curl/curl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum {
    EXPECT_BYTES = 1024 * 1024,
    EXPECT_WAIT_MS = 400,
    UPLOAD_MAX_IDLE_S = 1, /* a connection idle for a second more isn't trusted with an upload */
    GET_MAX_IDLE_S = 20,
};

/* ---- libcurl's callbacks: note, never call out ---- */

static int prereq_cb(void *ctx, char *to_ip, char *from_ip, int to_port, int from_port)
{
    struct transfer *t = ctx;
    (void)to_ip, (void)from_ip, (void)to_port;
    if (t->on_wire) {
        t->resend_refused = true;
        return CURL_PREREQFUNC_ABORT;
    }
    t->on_wire = true;
    t->local_port = from_port;
    t->started = loop_now(t->pool->loop);
    t->started_awake = t->last_byte = loop_awake(t->pool->loop);
    return CURL_PREREQFUNC_OK;
}

/* A byte went either way. */
static void moved(struct transfer *t)
{
    t->last_byte = loop_awake(t->pool->loop);
    t->looked_silent = false;
}

static size_t header_cb(char *line, size_t size, size_t count, void *ctx)
{
    struct transfer *t = ctx;
    moved(t);
    const struct clock *clock = loop_clock(t->pool->loop);
    return answer_header(&t->answer, line, size * count, clock) == 0 ? size * count : 0;
}

static size_t write_cb(char *data, size_t size, size_t count, void *ctx)
{
    struct transfer *t = ctx;
    return answer_body(&t->answer, data, size * count) == 0 ? size * count : 0;
}

static int progress_cb(void *ctx, curl_off_t down_total, curl_off_t down, curl_off_t up_total,
                       curl_off_t up)
{
    struct transfer *t = ctx;
    (void)down_total, (void)up_total;
    if (up != t->seen_up || down != t->seen_down) {
        t->seen_up = up;
        t->seen_down = down;
        moved(t);
    }
    return 0;
}

/* ---- states ---- */

void transfer_move(struct transfer *t, enum transfer_state state)
{
    struct transfer_pool *pool = t->pool;
    list_remove(&t->link);
    pool->counts[t->state]--;
    t->state = state;
    pool->counts[state]++;
    list_push_back(&pool->states[state], &t->link);
}

static void source_closed(void *ctx)
{
    struct transfer_pool *pool = ctx;
    pool->sources--;
    if (pool->closing) /* it may be what the pool's end waits for */
        multi_driver_kick(pool->driver);
}

static void close_source(struct transfer *t)
{
    if (t->source)
        upload_source_close(t->source, source_closed, t->pool);
    t->source = NULL;
}

/* The transfer is over; libcurl has let go of the handle. */
static void end(struct transfer *t, enum transfer_end how, const char *text)
{
    REQUIRE(t->state != TRANSFER_ENDED);
    t->turned_away = t->turned_away && !t->answer.whole_headers;
    if (t->turned_away && (how == TRANSFER_BROKEN || how == TRANSFER_TIMEOUT)) {
        how = TRANSFER_TURNED_AWAY;
        text = "the server turned the request away unread";
    }
    t->end = how;
    t->ended_at = loop_now(t->pool->loop);
    snprintf(t->text, sizeof t->text, "%s", text);
    timer_queue_remove(&t->pool->silences, &t->silence);
    close_source(t);
    if (t->expects && !t->answer.continued && (t->sent > 0 || t->answer.status == 417))
        t->pool->expect_ignored = true;
    transfer_move(t, TRANSFER_ENDED);
}

/* Ends it from our side, whatever it is doing: an open connection is closed. */
static void stop(struct transfer *t, enum transfer_end how, const char *text)
{
    if (t->state == TRANSFER_RUNNING)
        multi_driver_remove(t->pool->driver, t->easy);
    end(t, how, text);
    multi_driver_kick(t->pool->driver); /* to be delivered next turn */
}

/* ---- the file ---- */

static void run(struct transfer *t)
{
    int code = multi_driver_add(t->pool->driver, t->easy);
    if (code != 0) {
        stop(t, TRANSFER_CONNECT, curl_multi_strerror((CURLMcode)code));
        return;
    }
    transfer_move(t, TRANSFER_RUNNING);
    t->last_byte = loop_awake(t->pool->loop);
    timer_queue_set(&t->pool->silences, &t->silence,
                    mono_add(t->last_byte, t->pool->idle_timeout_ms));
}

static void source_ready(void *ctx)
{
    struct transfer *t = ctx;
    const struct error *failure = upload_source_failure(t->source);
    if (failure) {
        char text[sizeof t->text];
        snprintf(text, sizeof text, "%.200s", failure->text);
        stop(t,
             failure->code == ERR_CHANGED   ? TRANSFER_SOURCE_CHANGED
             : failure->code == ERR_PASSING ? TRANSFER_SOURCE_AWAY
                                            : TRANSFER_SOURCE_ERROR,
             text);
    } else if (t->state == TRANSFER_OPENING) {
        run(t);
    } else if (t->paused) {
        t->paused = false;
        multi_driver_resume(t->pool->driver, t->easy);
    }
}

void transfer_begin(struct transfer *t)
{
    if (!t->has_file) {
        run(t);
        return;
    }
    transfer_move(t, TRANSFER_OPENING);
    upload_source_open(t->source);
}

/* ---- the request ---- */

static void add_header(struct transfer *t, const char *line)
{
    struct curl_slist *longer = curl_slist_append(t->headers, line);
    REQUIRE(longer != NULL);
    t->headers = longer;
}

/* The value may be a secret. */
static void add_named_header(struct transfer *t, const char *name, const char *value)
{
    struct buffer line;
    if (!name || !value)
        return;
    buffer_init(&line, 0);
    buffer_printf(&line, "%s: %s", name, value);
    add_header(t, line.data);
    explicit_bzero(line.data, line.len);
    buffer_release(&line);
}

static void add_form_type(struct transfer *t)
{
    char line[64 + FORM_BOUNDARY_MAX];
    snprintf(line, sizeof line, "Content-Type: multipart/form-data; boundary=%s", t->form.boundary);
    add_header(t, line);
}

static void set_headers(struct transfer *t, const struct transfer_request *request)
{
    add_named_header(t, "Authorization", request->authorization);
    add_header(t, "Accept-Encoding: identity");
    if (t->has_form)
        add_form_type(t);
    else if (t->raw)
        add_named_header(t, "Content-Type", request->content_type);
    for (size_t i = 0; i < request->header_count; i++)
        add_named_header(t, request->headers[i].name, request->headers[i].value);
    t->expects = t->has_file && t->total > EXPECT_BYTES && !t->pool->expect_ignored &&
                 !t->pool->http2; /* which can refuse a stream without one */
    add_header(t, t->expects ? "Expect: 100-continue" : "Expect:");
    curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
}

static void set_request(struct transfer *t, const struct transfer_request *request)
{
    CURL *easy = t->easy;
    if (transfer_has_body(t))
        transfer_body_set(t);
    else
        curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    set_headers(t, request);
    REQUIRE(curl_easy_setopt(easy, CURLOPT_URL, request->url) == CURLE_OK);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, t);
    if (t->pool->http2)
        curl_easy_setopt(easy, CURLOPT_DEBUGDATA, t);
    curl_easy_setopt(easy, CURLOPT_ERRORBUFFER, t->error);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, prereq_cb);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, t);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, header_cb);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, t);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, write_cb);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, t);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, progress_cb);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, t);
    curl_easy_setopt(easy, CURLOPT_EXPECT_100_TIMEOUT_MS, (long)EXPECT_WAIT_MS);
    curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN,
                     transfer_has_body(t) ? (long)UPLOAD_MAX_IDLE_S : (long)GET_MAX_IDLE_S);
}

static int64_t file_bytes(const struct transfer_file *file)
{
    return file->path ? file->expected->size_bytes : file->size_bytes;
}

static struct upload_source *new_source(struct transfer *t, const struct transfer_file *file)
{
    struct loop *loop = t->pool->loop;
    struct upload_buffers *buffers = &t->pool->buffers;
    if (file->read)
        return upload_source_of_reader(loop, buffers, file->read, file->read_ctx, file->size_bytes,
                                       source_ready, t);
    if (file->bytes)
        return upload_source_of_bytes(loop, buffers, file->bytes, (size_t)file->size_bytes,
                                      source_ready, t);
    return upload_source_new(loop, buffers, file->path, file->expected, source_ready, t);
}

struct transfer *transfer_new(struct transfer_pool *pool, const struct transfer_request *request)
{
    struct transfer *t = xcalloc(1, sizeof *t);
    t->pool = pool;
    t->done = request->done;
    t->ctx = request->ctx;
    answer_init(&t->answer, request->max_body_bytes);
    if (request->file) {
        t->has_file = true;
        t->total = file_bytes(request->file);
        t->source = new_source(t, request->file);
        pool->sources++;
    }
    transfer_body_init(t, request);
    t->kind = !transfer_has_body(t)                         ? HANDLE_ASKS
              : strncasecmp(request->url, "https:", 6) == 0 ? HANDLE_SENDS_TLS
                                                            : HANDLE_SENDS;
    t->easy = transfer_handle_take(pool, t->kind);
    set_request(t, request);
    list_init(&t->link);
    return t;
}

void transfer_cancel(struct transfer *t)
{
    if (t->state != TRANSFER_ENDED)
        stop(t, TRANSFER_CANCELLED, "cancelled");
}

void transfer_end_silent(struct transfer *t, bool silent)
{
    char text[64];
    if (silent)
        snprintf(text, sizeof text, "not a byte for %" PRId64 " ms", t->pool->idle_timeout_ms);
    else
        snprintf(text, sizeof text, "too slow: it would go on for ever");
    stop(t, TRANSFER_TIMEOUT, text);
}

/* ---- the end ---- */

/* libcurl's word for a header line of more than 100 KB. */
static bool long_header_line(const struct transfer *t, int curl_code)
{
    return curl_code == CURLE_OUT_OF_MEMORY && t->on_wire && !t->answer.whole_headers;
}

static void end_too_large(struct transfer *t)
{
    char text[sizeof t->text];
    if (t->answer.whole_headers)
        snprintf(text, sizeof text, "the answer's body is larger than %zu bytes",
                 t->answer.body.max_len);
    else
        snprintf(text, sizeof text, "the answer's headers are larger than %d bytes",
                 ANSWER_MAX_HEADER_BYTES);
    end(t, TRANSFER_TOO_LARGE, text);
}

/* A refusal is one whatever its body says; of the rest nothing is left that could be read. */
static void finish_whole(struct transfer *t)
{
    enum { FIRST_REFUSAL = 400 };
    int rc = content_decode(&t->answer.body, t->answer.encoding);
    if (rc == ERR_LIMIT)
        end_too_large(t);
    else if (rc < 0 && t->answer.status < FIRST_REFUSAL)
        end(t, TRANSFER_BROKEN, "the answer was compressed on its way, and can't be decoded");
    else
        end(t, TRANSFER_COMPLETE, "");
}

/* "Failed to connect to HOST port N after 0 ms: Couldn't connect to server" says it three times. */
static void no_connection(char *text, size_t size, const char *cause)
{
    static const char failed[] = "Failed to connect to ",
                      tails[][40] = {": Couldn't connect to server",
                                     ": Could not connect to server"};
    size_t len = strlen(cause);
    for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
        size_t tail = strlen(tails[i]);
        if (len > tail && strcmp(cause + len - tail, tails[i]) == 0)
            len -= tail;
    }
    bool says_so = strncmp(cause, failed, sizeof failed - 1) == 0;
    snprintf(text, size, "%s%.*s", says_so ? "" : "no connection: ", (int)(len < 200 ? len : 200),
             cause);
}

void transfer_finished(struct transfer *t, int curl_code)
{
    char text[sizeof t->text];
    const char *cause = text_show(t->error[0] ? t->error : curl_easy_strerror((CURLcode)curl_code));
    t->library_code = curl_code;
    if (curl_code == CURLE_OK && t->answer.whole_headers) {
        finish_whole(t);
    } else if (t->answer.too_large || long_header_line(t, curl_code)) {
        end_too_large(t);
    } else if (!t->on_wire) {
        no_connection(text, sizeof text, cause);
        end(t, TRANSFER_CONNECT, text);
    } else if (curl_code == CURLE_OK) {
        end(t, TRANSFER_BROKEN, "the answer broke off in its headers");
    } else if (t->resend_refused) {
        end(t, TRANSFER_BROKEN, "the server closed the connection before it answered");
    } else {
        snprintf(text, sizeof text, "connection lost: %.200s", cause);
        end(t, TRANSFER_BROKEN, text);
    }
}

static const char *info_text(CURL *easy, CURLINFO which)
{
    char *text = NULL;
    curl_easy_getinfo(easy, which, &text);
    return text ? text : "";
}

static bool is_about_trust(int curl_code)
{
    return curl_code == CURLE_PEER_FAILED_VERIFICATION || curl_code == CURLE_SSL_ISSUER_ERROR;
}

static int proxy_status(CURL *easy)
{
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &status);
    return (int)status;
}

static void release(struct transfer *t)
{
    curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, NULL);
    curl_easy_setopt(t->easy, CURLOPT_ERRORBUFFER, NULL);
    curl_easy_setopt(t->easy, CURLOPT_DEBUGDATA, NULL);
    if (transfer_has_body(t))
        transfer_body_unset(t);
    transfer_handle_return(t->pool, t->kind, t->easy);
    for (struct curl_slist *line = t->headers; line; line = line->next)
        explicit_bzero(line->data, strlen(line->data));
    curl_slist_free_all(t->headers);
    answer_release(&t->answer);
    transfer_body_release(t);
    free(t);
}

void transfer_deliver(struct transfer *t)
{
    bool headers = t->answer.whole_headers;
    struct transfer_result result = {
        .end = t->end,
        .library_code = t->library_code,
        .untrusted = t->end == TRANSFER_CONNECT && is_about_trust(t->library_code),
        .proxy_status = t->end == TRANSFER_CONNECT ? proxy_status(t->easy) : 0,
        .on_wire = t->on_wire,
        .body_sent_bytes = t->sent,
        .body_total_bytes = t->total,
        .body_sent_whole = t->on_wire && t->sent == t->total && !t->turned_away,
        .status = headers ? t->answer.status : 0,
        .content_type = headers ? info_text(t->easy, CURLINFO_CONTENT_TYPE) : "",
        .location = headers ? info_text(t->easy, CURLINFO_REDIRECT_URL) : "",
        .retry_after_ms = headers ? t->answer.retry_after_ms : -1,
        .body = &t->answer.body,
        .started = t->on_wire ? t->started : t->ended_at,
        .ended = t->ended_at,
    };
    memcpy(result.text, t->text, sizeof result.text);
    list_remove(&t->link);
    t->pool->counts[TRANSFER_ENDED]--;
    t->done(t->ctx, &result);
    release(t);
}
