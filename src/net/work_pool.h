/* work_pool.h - work on libuv's thread pool, few threads at a time. Inside net: the rest of the
 * program calls loop_work().
 *
 * Waking a thread for each item costs more than most items: so one thread takes what comes, item
 * after item, and a further one helps only when enough of them wait,
 * as they do where a disk is slow. */
#ifndef MB_NET_WORK_POOL_H
#define MB_NET_WORK_POOL_H

struct uv_loop_s;
struct work_pool;

struct work_pool *work_pool_new(struct uv_loop_s *uv);
/* WORK(ctx) on a thread, then DONE(ctx) on the loop. Keeps the loop alive until then. */
void work_pool_add(struct work_pool *p, void (*work)(void *ctx), void (*done)(void *ctx),
                   void *ctx);
/* When the last done function was called, or from it. The loop may have a handle left to close. */
void work_pool_free(struct work_pool *p);

#endif
