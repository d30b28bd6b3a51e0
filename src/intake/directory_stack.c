/* See directory_stack.h. Coming back to a directory that was closed: its path must still lead to
 * the same inode, and the place in it is found by the position it had, checked by the name that was
 * entered there; if the file system gives other positions to another stream, by that name from the
 * start. The name is still in the path's buffer, behind the part that the outer directory needs. */
#include "intake/directory_stack.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void close_outermost(struct directory_stack *s)
{
    struct directory *d = &s->levels[s->first_open++];
    closedir(d->stream);
    d->stream = NULL;
}

static int open_at(int fd, const char *name, bool follow, struct directory *d)
{
    struct stat st;
    int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW);
    int opened = openat(fd, name, flags);
    if (opened < 0)
        return errno;
    if (fstat(opened, &st) != 0 || !(d->stream = fdopendir(opened))) {
        int error = errno;
        close(opened);
        return error;
    }
    d->key = (struct inode_key){st.st_dev, st.st_ino};
    d->position = telldir(d->stream);
    return 0;
}

/* Puts NAME behind the path of the one on top; returns the new length, 0 if it doesn't fit. */
static size_t extend_path(struct directory_stack *s, const char *name)
{
    size_t at = s->depth ? directory_stack_top(s)->path_len : 0, len = strlen(name);
    bool slash = s->depth && s->path[at - 1] != '/';
    if (at + slash + len >= sizeof s->path)
        return 0;
    if (slash)
        s->path[at++] = '/';
    memcpy(s->path + at, name, len + 1);
    return at + len;
}

int directory_stack_enter(struct directory_stack *s, const char *name, bool follow)
{
    struct directory d = {0};
    int fd = s->depth ? dirfd(directory_stack_top(s)->stream) : AT_FDCWD;
    int error = open_at(fd, name, follow, &d);
    while (error == EMFILE && s->first_open + 1 < s->depth) {
        close_outermost(s);
        error = open_at(fd, name, follow, &d);
    }
    if (error)
        return error;
    REQUIRE(d.stream != NULL);
    d.path_len = extend_path(s, name);
    if (!d.path_len) {
        closedir(d.stream);
        return ENAMETOOLONG;
    }
    REQUIRE(s->depth < DIRECTORY_STACK_DEPTH);
    s->levels[s->depth++] = d;
    if (s->depth - s->first_open > DIRECTORY_STACK_OPEN)
        close_outermost(s);
    return 0;
}

/* Reads on until NAME was read; whether it was. */
static bool skip_to(DIR *stream, const char *name)
{
    for (struct dirent *d; (d = readdir(stream));)
        if (strcmp(d->d_name, name) == 0)
            return true;
    return false;
}

static int reopen_top(struct directory_stack *s)
{
    struct directory *top = directory_stack_top(s), again = {0};
    const char *left = s->path + top->path_len; /* "/NAME" of the one below, or "NAME" under "/" */
    left += *left == '/';
    char name[sizeof s->path];
    memcpy(name, left, strlen(left) + 1);
    s->path[top->path_len] = '\0';

    int error = open_at(AT_FDCWD, s->path, true, &again);
    if (error)
        return error;
    REQUIRE(again.stream != NULL);
    seekdir(again.stream, top->position);
    struct dirent *d = readdir(again.stream);
    bool found = d && strcmp(d->d_name, name) == 0;
    if (!found) {
        rewinddir(again.stream);
        found = skip_to(again.stream, name);
    }
    if (!found || !inode_key_equal(again.key, top->key)) {
        closedir(again.stream);
        return ESTALE;
    }
    top->stream = again.stream;
    s->first_open = s->depth - 1;
    return 0;
}

struct dirent *directory_stack_read(struct directory_stack *s, int *error)
{
    struct directory *top = directory_stack_top(s);
    *error = top->stream ? 0 : reopen_top(s);
    if (*error)
        return NULL;
    top->position = telldir(top->stream);
    s->path[top->path_len] = '\0';
    errno = 0;
    struct dirent *d = readdir(top->stream);
    *error = d ? 0 : errno;
    return d;
}

void directory_stack_leave(struct directory_stack *s)
{
    struct directory *top = directory_stack_top(s);
    if (top->stream)
        closedir(top->stream);
    s->path[top->path_len] = '\0'; /* what is below it was left before */
    s->depth--;
    if (s->first_open > s->depth)
        s->first_open = s->depth;
}

void directory_stack_release(struct directory_stack *s)
{
    while (s->depth)
        directory_stack_leave(s);
}
