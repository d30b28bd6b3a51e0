/* receiver.h - a webhook endpoint on net/http_server, on a loop and thread of its own: remembers
 * what was posted, checks signatures, answers as told. */
#ifndef TEST_RECEIVER_H
#define TEST_RECEIVER_H

#include "base/buffer.h"
#include "net/http_server.h"

#include <pthread.h>
#include <stdbool.h>

#define SECRET "whsec-7f9"

enum { RECEIVED_MAX = 512, STATUSES_MAX = 8 };

struct received {
    char *body;
    size_t len;
    char path[64], type[64];
    char signature[80]; /* "": none */
    bool signed_right;
};

struct receiver {
    const char *tls_cert_pem, *tls_key_pem; /* set before the start, or NULL */
    int statuses[STATUSES_MAX]; /* answers to those signed right, in turn; the last one stays; 0:
                                   the connection is dropped. Those signed wrong get a 401 */
    bool trusting;              /* takes those signed wrong too */
    struct loop *loop;
    struct http_server *server;
    struct loop_watch *watch;
    pthread_t thread;
    int stop[2];
    uint16_t port;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct received posts[RECEIVED_MAX]; /* all */
    int count, answered;
};

void receiver_init(struct receiver *r); /* answers 200 */
void receiver_start(struct receiver *r);
void receiver_stop(struct receiver *r);
/* Blocks until there were COUNT posts. */
void receiver_await(struct receiver *r, int count);

#endif
