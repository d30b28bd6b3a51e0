/* See directory_watch.h. libuv reads the kernel's events (inotify) for all handles of a loop at
 * once and gives each its own; what it calls an error of a watch, too, is only a hint that
 * something happened. */
#include "net/directory_watch.h"

#include "base/network_mount.h"
#include "base/text.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/vfs.h>
#include <uv.h>

struct directory_watch {
    uv_fs_event_t handle;
    void (*cb)(void *ctx);
    void *ctx;
};

static void free_watch(uv_handle_t *handle)
{
    free(handle->data);
}

static void on_event(uv_fs_event_t *handle, const char *name, int events, int status)
{
    struct directory_watch *w = handle->data;
    (void)name, (void)events, (void)status;
    w->cb(w->ctx);
}

static int check_place(const char *path, struct error *e)
{
    struct statfs fs;
    if (statfs(path, &fs) != 0)
        return error_system(e, ERR_IO, errno, "%s", text_show(path));
    long magic = (long)fs.f_type;
    const char *name = network_mount_is_fuse(magic) ? "FUSE" : network_mount_name(magic, "");
    if (name)
        return error_set(e, ERR_USAGE, "%s is on %s, where what changes isn't told",
                         text_show(path), name);
    return 0;
}

struct directory_watch *directory_watch_new(struct loop *loop, const char *path,
                                            void (*cb)(void *ctx), void *ctx, struct error *e)
{
    if (check_place(path, e) < 0)
        return NULL;
    struct directory_watch *w = xcalloc(1, sizeof *w);
    w->cb = cb;
    w->ctx = ctx;
    REQUIRE(uv_fs_event_init(loop_uv(loop), &w->handle) == 0);
    w->handle.data = w;
    int rc = uv_fs_event_start(&w->handle, on_event, path, 0);
    if (rc == 0) {
        uv_unref((uv_handle_t *)&w->handle);
        return w;
    }
    uv_close((uv_handle_t *)&w->handle, free_watch);
    bool bound = rc == UV_ENOSPC || rc == UV_EMFILE || rc == UV_ENFILE;
    error_set(e, bound ? ERR_LIMIT : ERR_IO, "watch %s: %s", text_show(path), uv_strerror(rc));
    return NULL;
}

void directory_watch_close(struct directory_watch *w)
{
    uv_close((uv_handle_t *)&w->handle, free_watch);
}
