/* network_mount.h - which file systems other machines write to as well: no shared memory between
 * them, and no word from the kernel of what they change. */
#ifndef MB_BASE_NETWORK_MOUNT_H
#define MB_BASE_NETWORK_MOUNT_H

#include <stdbool.h>

/* The network file system's name by its magic number (statfs) and mount type ("fuse.sshfs", "" if
 * not known); NULL if it is none. */
const char *network_mount_name(long magic, const char *mount_type);
bool network_mount_is_fuse(long magic);

#endif
