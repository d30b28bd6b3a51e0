/* See safe_file.h. A write error is noticed at the commit at the latest: stdio remembers it. */
#include "base/safe_file.h"
#include "base/crash_point.h"
#include "base/text.h"
#include "base/trouble.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARK ".mb-" /* of a temporary name; before it the file's, behind it the process */

static int code_of(int system_error)
{
    return trouble_of(system_error) != TROUBLE_NONE ? ERR_PASSING : ERR_IO;
}

/* Just made. What it is by then is for its owner to say, if it is no directory any more. */
static void open_directory_to_group(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 && file_access_set_directory(fd, ACCESS_GROUP) != 0) {
        /* The file system has rules of its own. */
    }
    if (fd >= 0)
        close(fd);
}

/* One step of the way; errno. */
static int make_step(const char *path, enum file_access a)
{
    if (mkdir(path, file_access_directory(a)) != 0)
        return errno == EEXIST ? 0 : errno;
    if (a == ACCESS_GROUP)
        open_directory_to_group(path);
    return 0;
}

int directory_make(const char *directory, enum file_access a, struct error *e)
{
    char *path = xstrdup(directory);
    int error = 0, rc = 0;
    for (char *p = path + strspn(path, "/"); !error; p++) {
        if (*p != '/' && *p != '\0')
            continue;
        char kept = *p;
        *p = '\0';
        error = make_step(path, a);
        if (error)
            rc = error_system(e, trouble_is_full(error) ? ERR_IO : code_of(error), error,
                              "make the directory %s", text_show(path));
        *p = kept;
        if (!kept)
            break;
    }
    struct stat st;
    if (!error && stat(directory, &st) != 0) {
        error = errno;
        rc = error_system(e, code_of(error), error, "look at %s", text_show(directory));
    } else if (!error && !S_ISDIR(st.st_mode)) {
        rc = error_set(e, ERR_IO, "%s is not a directory", text_show(directory));
    }
    free(path);
    errno = error;
    return rc;
}

int safe_file_open(struct safe_file *f, const char *path, enum file_access a, struct error *e)
{
    struct buffer temporary;
    buffer_init(&temporary, 0);
    buffer_printf(&temporary, "%s" MARK "%ld.tmp", path, (long)getpid());
    f->path = xstrdup(path);
    f->temporary = buffer_detach(&temporary, NULL);
    f->stream = NULL;
    unlink(f->temporary); /* whatever it is: nothing is written through it */
    int fd = open(f->temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                  file_access_file(a));
    if (fd >= 0 && file_access_set(fd, a) == 0)
        f->stream = fdopen(fd, "w");
    if (f->stream)
        return 0;
    error_system(e, ERR_IO, errno, "write %s", text_show(path));
    if (fd >= 0)
        close(fd);
    safe_file_abandon(f);
    return e->code;
}

void safe_file_abandon(struct safe_file *f)
{
    if (f->stream)
        fclose(f->stream);
    if (f->temporary)
        unlink(f->temporary);
    free(f->path);
    free(f->temporary);
    memset(f, 0, sizeof *f);
}

int safe_file_commit(struct safe_file *f, struct error *e)
{
    bool written = fflush(f->stream) == 0 && !ferror(f->stream) && fsync(fileno(f->stream)) == 0;
    int reason = errno;
    bool closed = fclose(f->stream) == 0;
    f->stream = NULL;
    CRASH_POINT("report_written");
    if (!written || !closed || rename(f->temporary, f->path) != 0) {
        error_system(e, ERR_IO, written ? errno : reason, "write %s", text_show(f->path));
        safe_file_abandon(f);
        return e->code;
    }
    CRASH_POINT("report_renamed");
    free(f->temporary);
    f->temporary = NULL;
    safe_file_abandon(f);
    return 0;
}

/* The process in "<name>.mb-<process>.tmp", 0 if NAME isn't like that: then it isn't ours. */
static pid_t maker_of(const char *name)
{
    const char *end = strrchr(name, '.');
    if (!end || strcmp(end, ".tmp") != 0)
        return 0;
    const char *start = end;
    while (start > name && start[-1] >= '0' && start[-1] <= '9')
        start--;
    size_t mark = strlen(MARK);
    if (start == end || end - start > 9 || (size_t)(start - name) <= mark ||
        memcmp(start - mark, MARK, mark) != 0)
        return 0;
    return (pid_t)strtol(start, NULL, 10);
}

void safe_file_clear(const char *directory)
{
    DIR *d = opendir(directory);
    const struct dirent *entry;
    while (d && (entry = readdir(d)) != NULL) {
        pid_t maker = maker_of(entry->d_name);
        if (maker > 0 && kill(maker, 0) != 0 && errno == ESRCH)
            unlinkat(dirfd(d), entry->d_name, 0);
    }
    if (d)
        closedir(d);
}
