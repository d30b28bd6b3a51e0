/* inode_set.h - a set of files by device and inode. Inside intake only. */
#ifndef MB_INTAKE_INODE_SET_H
#define MB_INTAKE_INODE_SET_H

#include "base/hash_set.h"
#include "base/require.h"

#include <sys/types.h>

struct inode_key {
    dev_t device;
    ino_t inode;
};

struct inode_set {
    struct hash_set keys; /* {0, 0}: none */
};

/* 1 if it is new, 0 if it was there, or ERR_MEMORY. */
MUST_CHECK int inode_set_add(struct inode_set *s, struct inode_key key);
/* Empties it and frees its memory; a zeroed set is ready for use. */
void inode_set_release(struct inode_set *s);

static inline bool inode_key_equal(struct inode_key a, struct inode_key b)
{
    return a.device == b.device && a.inode == b.inode;
}

#endif
