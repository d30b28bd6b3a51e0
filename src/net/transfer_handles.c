/* The pool's easy handles, set up once and reused: setting one up costs more than a small request. */
#include "net/transfer_internal.h"

#include <curl/curl.h>
#include <unistd.h>

/* What libcurl takes of a body before it waits for the socket: with one that holds most bodies whole
 * they leave in one go. Over TLS, where each connection has buffers of its own besides, half of it
 * costs hardly more time. */
enum {
    UPLOAD_BUFFER_BYTES = 64 * 1024,
    TLS_UPLOAD_BUFFER_BYTES = 32 * 1024,
    ANSWER_BUFFER_BYTES = 8 * 1024
};

static void set_tls(const struct transfer_pool *pool, CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    const char *bundle = pool->ca_file ? pool->ca_file : curl_version_info(CURLVERSION_NOW)->cainfo;
    if (!bundle || access(bundle, R_OK) != 0)
        return; /* as libcurl was built: a directory, perhaps */
    curl_easy_setopt(easy, CURLOPT_CAINFO, bundle);
    /* libcurl keeps the parsed bundle for the next connection only if there is no directory besides
     * it: parsing the system's costs more than a handshake. */
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
}

/* T is NULL while the handle is nobody's. */
static int debug_cb(CURL *easy, curl_infotype kind, char *text, size_t len, void *t)
{
    (void)easy;
    if (t && kind == CURLINFO_TEXT)
        transfer_take_word(t, text, len);
    return 0;
}

/* What the server says comes in libcurl's words alone. And the word that a stream was refused doesn't
 * come where libcurl takes any request on a reused connection that ends without a byte for one to
 * send again: it doesn't where the request is an RTSP one that only receives, which nothing but this
 * looks at in a request over HTTP. */
static void set_http2(CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, debug_cb);
    curl_easy_setopt(easy, CURLOPT_DEBUGDATA, NULL);
    curl_easy_setopt(easy, CURLOPT_RTSP_REQUEST, (long)CURL_RTSPREQ_RECEIVE);
}

static CURL *new_handle(const struct transfer_pool *pool, enum transfer_handle_kind kind)
{
    CURL *easy = curl_easy_init();
    REQUIRE(easy != NULL);
    multi_driver_prepare(pool->driver, easy);
    set_tls(pool, easy);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, pool->user_agent);
    if (pool->proxy)
        curl_easy_setopt(easy, CURLOPT_PROXY, pool->proxy);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_HEADEROPT, (long)CURLHEADER_SEPARATE);
    curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                     pool->http2 ? (long)CURL_HTTP_VERSION_2TLS : (long)CURL_HTTP_VERSION_1_1);
    if (pool->http2)
        set_http2(easy);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L); /* a hanging name lookup is left behind */
    curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 1L);
    curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)pool->connect_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE,
                     kind == HANDLE_SENDS_TLS ? (long)TLS_UPLOAD_BUFFER_BYTES
                                              : (long)UPLOAD_BUFFER_BYTES);
    curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, (long)ANSWER_BUFFER_BYTES);
    return easy;
}

void *transfer_handle_take(struct transfer_pool *pool, enum transfer_handle_kind kind)
{
    struct spare_handles *spares = &pool->spares[kind];
    return spares->count > 0 ? spares->easy[--spares->count] : new_handle(pool, kind);
}

void transfer_handle_return(struct transfer_pool *pool, enum transfer_handle_kind kind, void *easy)
{
    struct spare_handles *spares = &pool->spares[kind];
    if (spares->count < TRANSFER_SPARE_HANDLES && !pool->closing)
        spares->easy[spares->count++] = easy;
    else
        curl_easy_cleanup(easy);
}

void transfer_handles_free(struct transfer_pool *pool)
{
    for (int kind = 0; kind < HANDLE_KINDS; kind++)
        while (pool->spares[kind].count > 0)
            curl_easy_cleanup(transfer_handle_take(pool, (enum transfer_handle_kind)kind));
}
