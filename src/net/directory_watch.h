/* directory_watch.h - a hint that something in a directory changed.
 *
 *   w = directory_watch_new(loop, path, cb, ctx, &e);
 *   directory_watch_close(w);
 *
 * CB comes for what happens to the names in PATH and to the files under them, not below; often
 * several times for one change, and now and then not at all: the kernel's queue may overflow, which
 * nobody says. So these are hints: callers must also look for themselves from time to time.
 *
 * NULL, with the reason in E, where a watch would see too little or can't be had: a network file
 * system (what other machines do there isn't told) and any FUSE, the system's bound on watches
 * reached (fs.inotify.max_user_watches), no such directory. Doesn't keep the loop alive. */
#ifndef MB_NET_DIRECTORY_WATCH_H
#define MB_NET_DIRECTORY_WATCH_H

#include "net/loop.h"

struct directory_watch;

/* ERR_USAGE: a file system that isn't watched; ERR_LIMIT: no more watches; ERR_IO: the rest. */
MUST_CHECK struct directory_watch *directory_watch_new(struct loop *loop, const char *path,
                                                       void (*cb)(void *ctx), void *ctx,
                                                       struct error *e);
void directory_watch_close(struct directory_watch *w);

#endif
