/* file_access.h - for whose eyes a file or directory of ours is: the owner's, or the group's too. */
#ifndef MB_BASE_FILE_ACCESS_H
#define MB_BASE_FILE_ACCESS_H

#include "base/error.h"

#include <sys/types.h>

enum file_access {
    ACCESS_AS_FOUND, /* that of what is there already; of what isn't: private */
    ACCESS_PRIVATE,
    ACCESS_GROUP,
};

/* 0600; 0640 */
mode_t file_access_file(enum file_access a);
/* 0700; 0750 */
mode_t file_access_directory(enum file_access a);
/* 0600; 0660: who may write to it may ask */
mode_t file_access_socket(enum file_access a);

/* A file that we have just made, whatever the umask took from its mode. A file system that refuses to
 * change modes (vfat, a mount into a container) has rules of its own, and that is no error. 0, or -1
 * and errno. */
MUST_CHECK int file_access_set(int fd, enum file_access a);
/* The same of a directory; what it has from a set-group-ID bit above it stays. */
MUST_CHECK int file_access_set_directory(int fd, enum file_access a);
/* That of the file at PATH. */
enum file_access file_access_of(const char *path);
/* PATH, if it is there and a file, is opened to the group. Takes no lock off it, as open and close
 * would; a symbolic link isn't followed. */
void file_access_open_to_group(const char *path);

#endif
