/* result_files.h - results/<name>.json: Mindee's payloads as files, a projection of the ledger that
 * can be written again at any time.
 *
 * A name is a path below results/; each file is written on the thread pool under a temporary name
 * and renamed, never over another's; directories are made on the way. No symbolic
 * link below the output directory is followed, and only what bears a name of our own form is ever
 * deleted: others may be able to write there. */
#ifndef MB_RESULTS_RESULT_FILES_H
#define MB_RESULTS_RESULT_FILES_H

#include "base/buffer.h"
#include "base/error.h"
#include "base/file_access.h"
#include "ledger/naming.h"
#include "net/loop.h"

#include <sys/stat.h>

/* Below the output directory: where they are, and where they are before they are whole. */
#define RESULTS         "results"
#define RESULTS_PARTIAL ".partial"

/* Makes DIRECTORY/results, and clears away what an earlier run left half written. FOUND: what its
 * file system makes of names, as far as that can be tried. Before the first write, by the one run
 * that holds the ledger. ERR_USAGE: a symbolic link is in their place; else ERR_IO. */
MUST_CHECK int result_files_prepare(const char *directory, enum file_access a,
                                    struct naming_place *found, struct error *e);

/* Where results are written: DIRECTORY, whose directories are opened once and stay open until it is
 * freed. One that was renamed or mounted anew meanwhile is found by its path again. Components of
 * names that are longer than LONGEST bytes are cut there (ledger/naming.h). */
struct result_place;
struct result_place *result_place_new(const char *directory, size_t longest, enum file_access a);
void result_place_free(struct result_place *p); /* no write is under way */
/* The path of the result of that NAME, appended; on any thread. */
void result_place_path(const struct result_place *p, const char *name, struct buffer *out);
/* Looks at the result of that NAME, where many are to be looked at: IN is the descriptor of
 * result_place_look_in, the caller's to close, or below zero. PATH is scratch. False, and errno: it isn't there, or can't
 * be looked at. On any thread. */
int result_place_look_in(const struct result_place *p);
bool result_place_look(const struct result_place *p, int in, const char *name, struct buffer *path,
                       struct stat *st);

struct result_file {
    const char *name;
    const char *stands; /* an earlier name under which it stands: it goes from there; or NULL */
    bool again;         /* what stands under NAME was published for it, whatever it holds */
    bool former_life;   /* and so was any result of ours: the ledger was put back from a backup */
    char *data;         /* taken over: freed with free() */
    size_t len;
};
enum result_outcome {
    RESULT_WRITTEN, /* it is there, or was already, byte for byte; not synced */
    RESULT_TAKEN,   /* something else stands under its name */
    RESULT_BLOCKED, /* a directory of its name is a file: see `at` */
    RESULT_FAILED,  /* see `error` */
};
struct result_end {
    enum result_outcome outcome;
    int64_t at; /* where that directory's component begins in NAME */
    struct error error;
};
/* Writes results/<name>.json, over nothing but what is its own. CB comes once, on the loop. */
void result_file_write(struct loop *loop, struct result_place *place,
                       const struct result_file *file,
                       void (*cb)(void *ctx, const struct result_end *end), void *ctx);

enum { RESULT_SYNCED_ONE_BY_ONE = 8 };
/* What was written under these names is on the disk when CB comes without an error: up to eight one
 * by one, more with all else of their file system. */
void result_files_sync(struct loop *loop, struct result_place *place, const char *const *names,
                       size_t count, void (*cb)(void *ctx, const struct error *error), void *ctx);

#endif
