/* transfer_internal.h - what the files of a transfer share: transfer_pool.c (all transfers) stands
 * on transfer.c (one of them), and that on transfer_body.c (what it sends) and transfer_handles.c
 * (libcurl's easy handles).
 *
 * A transfer is in one list of its pool's, which is its state; transfer_move changes it:
 *
 *   waiting ──▶ opening ──▶ running ──▶ ended ──▶ delivered and freed
 *      a place is free   the file's     by libcurl, by us,
 *                        first block    or by cancel: from
 *                        is there       each state
 *
 * A request without a file skips "opening". An easy handle is a CURL *, which is void *. */
#ifndef MB_NET_TRANSFER_INTERNAL_H
#define MB_NET_TRANSFER_INTERNAL_H

#include "base/list.h"
#include "base/timer_queue.h"
#include "net/answer.h"
#include "net/form_text.h"
#include "net/multi_driver.h"
#include "net/transfer.h"
#include "net/upload_source.h"

struct curl_slist;

enum transfer_state {
    TRANSFER_WAITING,
    TRANSFER_OPENING,
    TRANSFER_RUNNING,
    TRANSFER_ENDED,
    TRANSFER_STATES
};

enum {
    TRANSFER_ERROR_BYTES = 256, /* CURL_ERROR_SIZE */
    TRANSFER_SPARE_HANDLES = 64,
    TRANSFER_OPENING_AT_ONCE = 16,
    TRANSFER_DEFAULT_CONNECTS = 256, /* kept; fewer than are in use would be closed and made anew */
};

/* By the buffer that libcurl has made for it: none, or one of two sizes. */
enum transfer_handle_kind { HANDLE_ASKS, HANDLE_SENDS, HANDLE_SENDS_TLS, HANDLE_KINDS };

struct transfer_pool {
    struct loop *loop;
    struct multi_driver *driver;
    char *ca_file, *proxy, *user_agent;
    bool http2;
    int64_t connect_timeout_ms, idle_timeout_ms;
    size_t max_connections;
    struct list states[TRANSFER_STATES];
    size_t counts[TRANSFER_STATES];
    struct timer_queue silences; /* when each running transfer will have been silent too long */
    struct loop_timer *silence_timer;
    struct mono silence_armed;
    struct spare_handles { /* easy handles set up and not in use */
        void *easy[TRANSFER_SPARE_HANDLES];
        size_t count;
    } spares[HANDLE_KINDS];
    size_t sources; /* upload sources not yet gone */
    struct upload_buffers buffers;
    struct random random; /* for boundaries of forms */
    bool watching;        /* transfers run, and the loop watches for stalls */
    bool expect_ignored;  /* the server doesn't answer Expect: 100-continue */
    bool driver_closing;
    bool closing;
    void (*closed)(void *ctx);
    void *closed_ctx;
};

struct transfer {
    struct transfer_pool *pool;
    struct list link;
    enum transfer_state state;
    void *easy;
    enum transfer_handle_kind kind;
    struct curl_slist *headers; /* holds the secret */
    struct upload_source *source;
    struct answer answer;
    void (*done)(void *ctx, struct transfer_result *result);
    void *ctx;

    bool on_wire;        /* the library was allowed to send */
    bool resend_refused; /* it wanted to send once more */
    bool turned_away;    /* HTTP/2: the server says that it didn't look at it */
    int local_port;      /* of its connection */
    unsigned stream_id;  /* HTTP/2; 0: not known */
    bool has_file;
    bool has_form;
    struct form_text form; /* around the file, if there is one */
    size_t head_given, tail_given;
    char *raw;           /* the raw body, owned; NULL: none */
    bool expects;        /* sent with Expect: 100-continue */
    bool paused;         /* the read callback had nothing to give */
    int64_t sent, total; /* bytes of the file or raw body handed out, and in all */

    struct timer_entry silence;
    /* Of the loop's awake clock: */
    struct mono started_awake;
    struct mono last_byte;           /* when a byte last went either way */
    bool looked_silent, looked_slow; /* it seemed so, and its socket was looked at since */
    int64_t seen_up, seen_down;      /* libcurl's counters at that time */
    struct mono started, ended_at;   /* see struct transfer_result */

    enum transfer_end end;
    int library_code;
    char text[sizeof((struct transfer_result *)0)->text];
    char error[TRANSFER_ERROR_BYTES]; /* libcurl writes its words here */
};

/* http2_word.c: reads of libcurl's words (CURLOPT_DEBUGFUNCTION, without what isn't text) what an
 * HTTP/2 server said of T or of others on its connection. */
void transfer_take_word(struct transfer *t, const char *text, size_t len);

/* transfer_handles.c */
void *transfer_handle_take(struct transfer_pool *pool, enum transfer_handle_kind kind);
void transfer_handle_return(struct transfer_pool *pool, enum transfer_handle_kind kind, void *easy);
void transfer_handles_free(struct transfer_pool *pool); /* those that nobody has taken */

/* transfer_body.c */
void transfer_body_init(struct transfer *t, const struct transfer_request *request);
bool transfer_has_body(const struct transfer *t);
void transfer_body_set(struct transfer *t);   /* on the easy handle */
void transfer_body_unset(struct transfer *t); /* so that it can do GETs again */
void transfer_body_release(struct transfer *t);

/* transfer.c */
struct transfer *transfer_new(struct transfer_pool *pool, const struct transfer_request *request);
void transfer_move(struct transfer *t, enum transfer_state state);
void transfer_begin(struct transfer *t);                   /* from waiting: there is a place */
void transfer_finished(struct transfer *t, int curl_code); /* libcurl is done with it */
void transfer_end_silent(struct transfer *t, bool silent); /* else too slow */
void transfer_deliver(struct transfer *t);                 /* calls done, frees */

#endif
