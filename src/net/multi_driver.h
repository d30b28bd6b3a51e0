/* multi_driver.h - libcurl's multi interface on the loop: sockets, its one timer, finished handles.
 * Private to src/net; knows handles, not transfers.
 *
 *   d = multi_driver_new(loop, max_connects, multiplex, finished, after, ctx);
 *   multi_driver_prepare(d, easy); once for each handle
 *   multi_driver_add(d, easy);     FINISHED(ctx, easy, code) when it is done, already removed
 *   multi_driver_remove(d, easy);  before that; FINISHED doesn't come
 *   multi_driver_close(d, closed, ctx);      every easy handle must have been removed
 *
 * AFTER(ctx) is called at the end of each entry into the library, when nothing of it is on the
 * stack: the place to call other people's code from. An easy handle is a CURL *, which is void * to
 * programs; no library type shows in headers here.
 * None of these may be called from a callback of libcurl. */
#ifndef MB_NET_MULTI_DRIVER_H
#define MB_NET_MULTI_DRIVER_H

#include "net/loop.h"

struct multi_driver;

struct multi_driver *multi_driver_new(struct loop *loop, size_t max_connects, bool multiplex,
                                      void (*finished)(void *ctx, void *easy, int code),
                                      void (*after)(void *ctx), void *ctx);

void multi_driver_prepare(struct multi_driver *d, void *easy);
/* 0, or a CURLMcode. */
MUST_CHECK int multi_driver_add(struct multi_driver *d, void *easy);
void multi_driver_remove(struct multi_driver *d, void *easy);
void multi_driver_resume(struct multi_driver *d, void *easy); /* after a paused read callback */

/* AFTER comes next turn, even if nothing else happens. */
void multi_driver_kick(struct multi_driver *d);

void multi_driver_close(struct multi_driver *d, void (*closed)(void *ctx), void *ctx);

#endif
