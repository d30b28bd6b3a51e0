/* limit_file.h - files of limits.state that the users of one machine share. */
#ifndef MB_LIMITS_LIMIT_FILE_H
#define MB_LIMITS_LIMIT_FILE_H

/* PATH, a new file of our own in DIRECTORY: its group may read and write it if it may write to the
 * directory. Where that can't be set, the next user is told so when they open it. */
void limit_file_share(const char *directory, const char *path);

#endif
