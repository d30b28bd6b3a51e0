/* The helper's end: reads a path, parses, answers, until its parent closes the socket.
 *
 * It bounds itself: memory by RLIMIT_AS (what goes over it is an error of the library's, or ends
 * the process; the parent takes either as a broken file), time by an alarm for the case that the
 * parent that would kill it is gone. It makes no core files: they would hold people's invoices. */
#include "intake/page_helper.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAS_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAS_ADDRESS_SANITIZER 1
#endif
#endif

#define MEMORY_MAX_BYTES ((rlim_t)512 * 1024 * 1024)
enum { SOCKET = STDIN_FILENO, ALARM_S = 2 * PAGE_HELPER_DEADLINE_MS / 1000 };

static bool bound_memory(void)
{
    struct rlimit none = {0, 0};
    if (setrlimit(RLIMIT_CORE, &none) != 0)
        return false;
#ifndef HAS_ADDRESS_SANITIZER /* its shadow alone is terabytes of address space */
    struct rlimit memory = {MEMORY_MAX_BYTES, MEMORY_MAX_BYTES};
    if (setrlimit(RLIMIT_AS, &memory) != 0)
        return false;
#endif
    return true;
}

/* All LEN bytes, or false at the end of the input. */
static bool read_all(void *data, size_t len)
{
    char *p = data;
    while (len) {
        ssize_t n = read(SOCKET, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

int page_helper_main(void)
{
    struct page_request request;
    char path[PATH_MAX];
    if (!bound_memory())
        return EXIT_FAILURE;
    while (read_all(&request, sizeof request)) {
        struct page_reply reply;
        if (request.path_bytes == 0 || request.path_bytes >= sizeof path ||
            !read_all(path, request.path_bytes))
            return EXIT_FAILURE;
        path[request.path_bytes] = '\0';
        alarm(ALARM_S);
        page_inspect(path, (enum file_type)request.type, &reply);
        alarm(0);
        if (write(SOCKET, &reply, sizeof reply) != (ssize_t)sizeof reply)
            return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
