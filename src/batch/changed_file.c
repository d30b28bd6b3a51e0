/* See changed_file.h. Size and time come first, for most files are as they were. */
#include "batch/changed_file.h"

#include "base/file_stamp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static void digest_file(const char *path, uint8_t digest[SHA256_BYTES])
{
    enum { BLOCK = 64 * 1024 };
    char *block = malloc(BLOCK);
    FILE *f = block ? fopen(path, "re") : NULL;
    struct sha256 *sum = sha256_new();
    size_t n;
    while (f && (n = fread(block, 1, BLOCK, f)) > 0)
        sha256_update(sum, block, n);
    sha256_final(sum, digest);
    sha256_free(sum);
    if (f)
        fclose(f);
    free(block);
}

void changed_file_look(struct changed_file *f)
{
    static const uint8_t never_read[SHA256_BYTES];
    uint8_t digest[SHA256_BYTES];
    struct stat st;
    f->changed = false;
    if (memcmp(f->sha256, never_read, SHA256_BYTES) == 0 || lstat(f->path, &st) != 0 ||
        !S_ISREG(st.st_mode))
        return;
    struct file_stamp now = file_stamp_of(&st);
    if (now.size_bytes == f->size_bytes && now.mtime_ns == f->mtime_ns)
        return;
    digest_file(f->path, digest);
    f->changed = memcmp(f->sha256, digest, SHA256_BYTES) != 0;
}
