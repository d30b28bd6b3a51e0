/* ledger_path.h - paths as the ledger knows them: absolute and without links. */
#ifndef MB_CLI_LEDGER_PATH_H
#define MB_CLI_LEDGER_PATH_H

/* Of a file that may be gone by now. To be freed. */
char *ledger_path_of(const char *path);

#endif
