/* control_socket.h - the socket `.control` in a run's output directory. It is reached through the
 * directory's descriptor, so that a path of any length fits. Only the run that holds the ledger
 * binds it: what is found there then is a dead one's. */
#ifndef MB_CONTROL_CONTROL_SOCKET_H
#define MB_CONTROL_CONTROL_SOCKET_H

#include "base/error.h"
#include "base/file_access.h"

/* Listens, without blocking; its mode is A's. What stands there is taken away first, and a link isn't
 * followed; a directory stays, and is an error. */
MUST_CHECK int control_socket_bind(const char *directory, enum file_access a, int *fd,
                                   struct error *e);
/* Closes FD, and takes the socket away. */
void control_socket_close(const char *directory, int fd);
/* Blocks, each way TIMEOUT_S at most. ERR_NOT_FOUND: nobody listens there. */
MUST_CHECK int control_socket_connect(const char *directory, int timeout_s, int *fd,
                                      struct error *e);

#endif
