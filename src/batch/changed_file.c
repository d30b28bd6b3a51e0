/* See changed_file.h. Size and time come first, for most files are as they were. What can't be read
 * to its end hasn't changed as far as anybody knows. */
#include "batch/changed_file.h"

#include "base/file_stamp.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool digest_file(int fd, uint8_t digest[SHA256_BYTES])
{
    enum { BLOCK = 64 * 1024 };
    char *block = malloc(BLOCK);
    struct sha256 *sum = sha256_new();
    ssize_t n = -1;
    while (block && ((n = read(fd, block, BLOCK)) > 0 || (n < 0 && errno == EINTR)))
        if (n > 0)
            sha256_update(sum, block, (size_t)n);
    sha256_final(sum, digest);
    sha256_free(sum);
    free(block);
    return n == 0;
}

/* A FIFO that came to its place holds nobody up. */
static int open_file(const struct changed_file *f)
{
    return open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (f->follow_symlinks ? 0 : O_NOFOLLOW));
}

void changed_file_look(struct changed_file *f)
{
    static const uint8_t never_read[SHA256_BYTES];
    uint8_t digest[SHA256_BYTES];
    struct stat st;
    f->changed = false;
    if (memcmp(f->sha256, never_read, SHA256_BYTES) == 0)
        return;
    int fd = open_file(f);
    if (fd < 0)
        return;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
        struct file_stamp now = file_stamp_of(&st);
        bool same = now.size_bytes == f->size_bytes && now.mtime_ns == f->mtime_ns;
        f->changed =
            !same && digest_file(fd, digest) && memcmp(f->sha256, digest, SHA256_BYTES) != 0;
    }
    close(fd);
}
