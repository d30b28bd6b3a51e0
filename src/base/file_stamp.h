/* file_stamp.h - what tells that a file is still the one that was looked at. */
#ifndef MB_BASE_FILE_STAMP_H
#define MB_BASE_FILE_STAMP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

struct file_stamp {
    int64_t size_bytes;
    int64_t mtime_ns, ctime_ns; /* since 1970 */
    uint64_t inode;
};

static inline struct file_stamp file_stamp_of(const struct stat *st)
{
    return (struct file_stamp){
        .size_bytes = (int64_t)st->st_size,
        .mtime_ns = (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec,
        .ctime_ns = (int64_t)st->st_ctim.tv_sec * 1000000000 + st->st_ctim.tv_nsec,
        .inode = (uint64_t)st->st_ino,
    };
}

static inline bool file_stamp_equal(const struct file_stamp *a, const struct file_stamp *b)
{
    return a->size_bytes == b->size_bytes && a->mtime_ns == b->mtime_ns &&
           a->ctime_ns == b->ctime_ns && a->inode == b->inode;
}

#endif
