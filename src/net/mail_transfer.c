/* See mail_transfer.h. The thread has the easy handle and `result` until it says that it ended
 * (uv_async_send); the loop joins it then. Between the two goes only `cancelled`. */
#include "net/mail_transfer.h"
#include "base/text.h"

#include <curl/curl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <uv.h>

enum {
    ANSWER_TIMEOUT_S = 20, /* a word of the server's, the last one too, which no total counts */
    ANSWER_MAX = 160,
};

struct mail_transfer {
    CURL *easy;
    struct curl_slist *to;
    char *message;
    size_t len, given;
    atomic_bool cancelled;
    char answer[ANSWER_MAX]; /* the newest line of the server's that is a refusal */
    struct mail_result result;
    uv_thread_t thread;
    uv_async_t ended;
    void (*done)(void *ctx, const struct mail_result *result);
    void *ctx;
};

/* ---- on the thread ---- */

static size_t read_cb(char *out, size_t size, size_t count, void *ctx)
{
    struct mail_transfer *m = ctx;
    size_t room = size * count, left = m->len - m->given, n = left < room ? left : room;
    memcpy(out, m->message + m->given, n);
    m->given += n;
    return n;
}

/* Goodbye, after a refusal, isn't why. */
static size_t answer_cb(char *line, size_t size, size_t count, void *ctx)
{
    struct mail_transfer *m = ctx;
    size_t len = size * count;
    if (!len || strncmp(line, "221", len < 3 ? len : 3) == 0)
        return len;
    m->answer[0] = '\0';
    if (*line != '4' && *line != '5')
        return len;
    size_t text = len;
    while (text && strchr("\r\n", line[text - 1]))
        text--;
    snprintf(m->answer, sizeof m->answer, "%.*s", (int)(text < ANSWER_MAX ? text : ANSWER_MAX),
             line);
    return len;
}

static size_t ignore_cb(char *data, size_t size, size_t count, void *ctx)
{
    (void)data, (void)ctx;
    return size * count;
}

static int progress_cb(void *ctx, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    struct mail_transfer *m = ctx;
    (void)a, (void)b, (void)c, (void)d;
    return atomic_load(&m->cancelled);
}

/* libcurl says goodbye when the handle goes, and would wait for the answer: it finds the connection at
 * its end. */
static void want_no_answer(CURL *easy)
{
    curl_socket_t fd = CURL_SOCKET_BAD;
    if (curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &fd) == CURLE_OK && fd != CURL_SOCKET_BAD)
        shutdown(fd, SHUT_RD);
}

static enum mail_end end_of(const struct mail_transfer *m, CURLcode code)
{
    if (code == CURLE_OK)
        return MAIL_TAKEN;
    if (atomic_load(&m->cancelled))
        return MAIL_CANCELLED;
    bool about_it = code == CURLE_SEND_ERROR || code == CURLE_RECV_ERROR ||
                    code == CURLE_WEIRD_SERVER_REPLY || code == CURLE_UPLOAD_FAILED;
    return about_it && *m->answer == '5' ? MAIL_REFUSED : MAIL_FAILED;
}

static void describe(struct mail_transfer *m, CURLcode code)
{
    const char *said = text_show(m->answer), *cause = curl_easy_strerror(code);
    char *out = m->result.text;
    size_t size = sizeof m->result.text;
    if (code == CURLE_OPERATION_TIMEDOUT || code == CURLE_FTP_ACCEPT_TIMEOUT)
        snprintf(out, size, "the mail server doesn't answer, or not in time");
    else if (code == CURLE_LOGIN_DENIED)
        snprintf(out, size, "the mail server doesn't accept the user and the password: %.120s",
                 said);
    else if (code == CURLE_USE_SSL_FAILED)
        snprintf(out, size, "the mail server offers no STARTTLS, and nothing goes to it in clear");
    else if (*m->answer)
        snprintf(out, size, "the mail server says: %.160s", said);
    else
        snprintf(out, size, "mail: %.180s", cause);
}

static void run(void *ctx)
{
    struct mail_transfer *m = ctx;
    sigset_t pipes; /* a TLS library may write to a socket that the server has closed */
    sigemptyset(&pipes);
    sigaddset(&pipes, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipes, NULL);
    CURLcode code = curl_easy_perform(m->easy);
    m->result.end = end_of(m, code);
    if (code != CURLE_OK)
        describe(m, code);
    want_no_answer(m->easy);
    curl_easy_cleanup(m->easy);
    uv_async_send(&m->ended);
}

/* ---- on the loop ---- */

static void closed_cb(uv_handle_t *handle)
{
    struct mail_transfer *m = handle->data;
    curl_slist_free_all(m->to);
    free(m->message);
    m->done(m->ctx, &m->result);
    free(m);
    curl_global_cleanup();
}

static void ended_cb(uv_async_t *ended)
{
    struct mail_transfer *m = ended->data;
    REQUIRE(uv_thread_join(&m->thread) == 0);
    uv_close((uv_handle_t *)ended, closed_cb);
}

static void set_tls(CURL *easy, const struct mail_request *r)
{
    curl_easy_setopt(easy, CURLOPT_USE_SSL,
                     r->needs_tls ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_NONE);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (r->ca_file)
        curl_easy_setopt(easy, CURLOPT_CAINFO, r->ca_file);
}

static void set_message(struct mail_transfer *m, const struct mail_request *r)
{
    char from[300], to[300];
    snprintf(from, sizeof from, "<%.254s>", r->from);
    for (const char *const *one = r->to; *one; one++) {
        snprintf(to, sizeof to, "<%.254s>", *one);
        m->to = curl_slist_append(m->to, to);
        REQUIRE(m->to != NULL);
    }
    curl_easy_setopt(m->easy, CURLOPT_MAIL_FROM, from);
    curl_easy_setopt(m->easy, CURLOPT_MAIL_RCPT, m->to);
    curl_easy_setopt(m->easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(m->easy, CURLOPT_READFUNCTION, read_cb);
    curl_easy_setopt(m->easy, CURLOPT_READDATA, m);
    curl_easy_setopt(m->easy, CURLOPT_HEADERFUNCTION, answer_cb);
    curl_easy_setopt(m->easy, CURLOPT_HEADERDATA, m);
    curl_easy_setopt(m->easy, CURLOPT_WRITEFUNCTION, ignore_cb);
}

static CURL *new_handle(struct mail_transfer *m, const struct mail_request *r)
{
    CURL *easy = m->easy = curl_easy_init();
    REQUIRE(easy != NULL);
    REQUIRE(curl_easy_setopt(easy, CURLOPT_URL, r->server) == CURLE_OK);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)r->connect_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)r->timeout_ms);
    curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, (long)ANSWER_TIMEOUT_S);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, progress_cb);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, m);
    if (r->user && r->password) {
        curl_easy_setopt(easy, CURLOPT_USERNAME, r->user);
        curl_easy_setopt(easy, CURLOPT_PASSWORD, r->password);
    }
    return easy;
}

struct mail_transfer *mail_transfer_start(struct loop *loop, const struct mail_request *request)
{
    struct mail_transfer *m = xcalloc(1, sizeof *m);
    REQUIRE(!request->user || request->needs_tls || strncmp(request->server, "smtps:", 6) == 0);
    REQUIRE(curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK);
    m->done = request->done;
    m->ctx = request->ctx;
    m->len = request->len;
    m->message = xcalloc(1, request->len + 1);
    memcpy(m->message, request->message, request->len);
    set_tls(new_handle(m, request), request);
    set_message(m, request);
    REQUIRE(uv_async_init(loop_uv(loop), &m->ended, ended_cb) == 0);
    m->ended.data = m;
    REQUIRE(uv_thread_create(&m->thread, run, m) == 0);
    return m;
}

void mail_transfer_cancel(struct mail_transfer *m)
{
    atomic_store(&m->cancelled, true);
}
