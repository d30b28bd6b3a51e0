/* See page_draw.h. Of a TIFF or HEIC whole pixels are averaged into one until the longer side has at most SIDE_MAX: a scan at
 * 600 dpi is no better on a screen, and takes a second more to pack.
 *
 * What goes over a bound is an error of the library's or ends the process; whoever started it takes both as a page
 * that can't be drawn. */
#include "intake/page_draw.h"

#include "base/error.h"
#include "intake/page_picture.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
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
enum { CPU_MAX_S = 10, DESCRIPTORS_MAX = 64 };

static bool bound_itself(void)
{
    static const struct rlimit none = {0, 0}, cpu = {CPU_MAX_S, CPU_MAX_S};
    static const struct rlimit descriptors = {DESCRIPTORS_MAX, DESCRIPTORS_MAX};
    bool done = setrlimit(RLIMIT_CORE, &none) == 0 && setrlimit(RLIMIT_FSIZE, &none) == 0 &&
                setrlimit(RLIMIT_CPU, &cpu) == 0 && setrlimit(RLIMIT_NOFILE, &descriptors) == 0;
#ifndef HAS_ADDRESS_SANITIZER /* its shadow alone is terabytes of address space */
    static const struct rlimit memory = {MEMORY_MAX_BYTES, MEMORY_MAX_BYTES};
    done = done && setrlimit(RLIMIT_AS, &memory) == 0;
#endif
    return done;
}

/* Becomes pdftoppm. The file's name can't be taken for an option: it is its standard input's. */
static int draw_pdf(int page)
{
    char number[16];
    snprintf(number, sizeof number, "%d", page);
    char *const words[] = {"pdftoppm", "-q", "-r",   "110",         "-jpeg",      "-f",
                           number,     "-l", number, "-singlefile", "/dev/stdin", NULL};
    static char *const nothing[] = {NULL};
    environ = (char **)nothing;
    execvp(words[0], words);
    return errno == ENOENT ? PAGE_DRAW_NOT_THERE : PAGE_DRAW_FAILED;
}

int page_draw_main(int argc, char **argv)
{
    const char *type = argc > 1 ? argv[1] : "";
    long page = argc > 2 ? strtol(argv[2], NULL, 10) : 0;
    if (page < 1 || page > PAGE_DRAW_PAGES_MAX || !bound_itself())
        return PAGE_DRAW_FAILED;
    if (strcmp(type, "pdf") == 0)
        return draw_pdf((int)page);
    enum page_picture made = PICTURE_FAILED;
    if (strcmp(type, "tiff") == 0)
        made = page_picture_of_tiff((int)page);
    else if (strcmp(type, "heic") == 0)
        made = page_picture_of_heic((int)page);
    return made == PICTURE_NO_LIBRARY ? PAGE_DRAW_NOT_THERE : made ? PAGE_DRAW_FAILED : 0;
}
