/* control_elsewhere.h - where the socket of a run stands whose output directory is on a file system
 * that has none: in a directory of its own below $RUNTIME_DIRECTORY, or $XDG_RUNTIME_DIR. */
#ifndef MB_CONTROL_CONTROL_ELSEWHERE_H
#define MB_CONTROL_CONTROL_ELSEWHERE_H

#include "base/error.h"
#include "base/file_access.h"

#include <stdint.h>

/* Of the ledger with that ID: made, and its path, to be freed. NULL: there is no such place. */
char *control_elsewhere(uint64_t ledger_id, enum file_access a);
/* Takes it away, and frees DIRECTORY, which may be NULL. */
void control_elsewhere_leave(char *directory);

#endif
