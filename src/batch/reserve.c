/* See reserve.h. Where the size of files is limited (`ulimit -f`) room on the disk is no help: the
 * ledger and its write-ahead log must be that much below the limit, and are looked at as they grow. */
#include "batch/reserve.h"

#include "base/buffer.h"
#include "base/log.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { RESERVE_BYTES = 2 * 1000 * 1000, RETRY_MS = 5000, LOOK_MS = 500 };

struct reserve {
    const struct run_context *context;
    char *path;
    bool there;
    struct mono retry_at, look_at;
    struct error trouble;
};

struct reserve *reserve_new(const struct run_context *c)
{
    struct reserve *r = xcalloc(1, sizeof *r);
    struct buffer path;
    r->context = c;
    buffer_init(&path, 0);
    buffer_printf(&path, "%s.reserve", c->options->ledger);
    r->path = buffer_detach(&path, NULL);
    r->retry_at = r->look_at = (struct mono){INT64_MIN};
    return r;
}

void reserve_free(struct reserve *r)
{
    if (!r)
        return;
    if (r->there)
        reserve_give_up(r);
    free(r->path);
    free(r);
}

/* 0 or errno. */
static int allocate(const char *path, enum file_access a)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, file_access_file(a));
    if (fd < 0)
        return errno;
    int rc = file_access_set(fd, a) == 0 ? EINTR : errno;
    while (rc == EINTR)
        rc = posix_fallocate(fd, 0, RESERVE_BYTES);
    close(fd);
    if (rc != 0)
        unlink(path);
    return rc;
}

static bool may_grow(const char *ledger, const char *suffix, rlim_t limit)
{
    struct stat st;
    struct buffer path;
    buffer_init(&path, 0);
    buffer_printf(&path, "%s%s", ledger, suffix);
    rlim_t size = stat(buffer_text(&path), &st) == 0 ? (rlim_t)st.st_size : 0;
    buffer_release(&path);
    return size + RESERVE_BYTES <= limit;
}

/* 0 or EFBIG. */
static int look_at_limit(const struct reserve *r)
{
    struct rlimit limit;
    const char *ledger = r->context->options->ledger;
    if (getrlimit(RLIMIT_FSIZE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY)
        return 0;
    return may_grow(ledger, "", limit.rlim_cur) && may_grow(ledger, "-wal", limit.rlim_cur) ? 0
                                                                                            : EFBIG;
}

static void check(struct reserve *r, struct mono now)
{
    bool told = r->trouble.code != 0;
    int rc = look_at_limit(r);
    if (rc == 0 && !r->there)
        rc = allocate(r->path, ledger_access(r->context->ledger));
    r->there = rc == 0;
    r->look_at = mono_add(now, LOOK_MS);
    if (r->there) {
        r->trouble = (struct error){0};
        return;
    }
    r->retry_at = mono_add(now, RETRY_MS);
    error_system(&r->trouble, ERR_IO, rc, "%s needs %d MB of room%s", text_show(r->path),
                 RESERVE_BYTES / 1000 / 1000, rc == EFBIG ? " below the limit of ulimit -f" : "");
    if (!told)
        LOG(LOG_WARNING, "ledger.no_reserve", LOG_STR("reason", r->trouble.text),
            LOG_STR("next", "nothing is sent until there is room to record what comes of it"));
}

bool reserve_ready(struct reserve *r, struct mono now)
{
    if (mono_reached(now, r->there ? r->look_at : r->retry_at))
        check(r, now);
    return r->there;
}

struct mono reserve_next(const struct reserve *r)
{
    return r->there ? MONO_NEVER : r->retry_at;
}

const char *reserve_trouble(const struct reserve *r)
{
    return r->there ? "" : r->trouble.text;
}

void reserve_give_up(struct reserve *r)
{
    unlink(r->path);
    r->there = false;
}
