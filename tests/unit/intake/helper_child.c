/* See samples.h. */
#include "samples.h"

#include "intake/page_helper.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool receive(char path[PATH_MAX], struct page_request *request)
{
    if (read(STDIN_FILENO, request, sizeof *request) != sizeof *request ||
        read(STDIN_FILENO, path, request->path_bytes) != request->path_bytes)
        return false;
    path[request->path_bytes] = '\0';
    return true;
}

static void touch(const char *path)
{
    struct stat st;
    int fd = open(path, O_WRONLY | O_APPEND);
    REQUIRE(fd >= 0 && fstat(fd, &st) == 0);
    if (st.st_size < atoi(getenv("MB_TEST_TOUCH")))
        REQUIRE(write(fd, "%", 1) == 1);
    close(fd);
}

static struct page_reply surroundings(void)
{
    struct page_reply reply = {.pages = -1}; /* the descriptor that is used to look */
    DIR *dir = opendir("/proc/self/fd");
    for (struct dirent *d; (d = readdir(dir));)
        reply.pages += d->d_name[0] != '.';
    closedir(dir);
    for (char **e = environ; *e; e++)
        reply.encrypted |= strncmp(*e, "MINDEE_", 7) == 0;
    reply.broken = getpgrp() == getpgid(getppid());
    sigset_t blocked;
    sigprocmask(SIG_BLOCK, NULL, &blocked);
    reply.spare = !sigisemptyset(&blocked);
    return reply;
}

int helper_child(void)
{
    char path[PATH_MAX];
    struct page_request request;
    const char *kind = getenv("MB_TEST_HELPER");
    if (!kind)
        return page_helper_main();
    while (receive(path, &request)) {
        struct page_reply reply;
        if (strcmp(kind, "die") == 0)
            _exit(3);
        while (strcmp(kind, "hang") == 0)
            pause();
        if (strcmp(kind, "touch") == 0)
            touch(path);
        if (strcmp(kind, "remove") == 0)
            REQUIRE(unlink(path) == 0);
        if (strcmp(kind, "surroundings") == 0)
            reply = surroundings();
        else
            page_inspect(path, (enum file_type)request.type, &reply);
        REQUIRE(write(STDIN_FILENO, &reply, sizeof reply) == sizeof reply);
        if (strcmp(kind, "once") == 0)
            _exit(0);
    }
    return 0;
}

void helper_kind(const char *kind)
{
    page_helper_stop();
    if (kind)
        setenv("MB_TEST_HELPER", kind, 1);
    else
        unsetenv("MB_TEST_HELPER");
}
