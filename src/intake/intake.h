/* intake.h - from a directory to what may be sent: walk, recognise, hash. All file work is on the
 * thread pool.
 *
 *   walk = intake_walk_new(loop, &options, roots, n, callbacks, ctx);
 *   intake_walk_more(walk)              starts it, and asks for each further chunk:
 *     entries(ctx, entries, count)      1 to INTAKE_CHUNK of them; an unreadable directory comes
 *                                       as an entry with its error
 *     done(ctx)                         instead of a chunk, after the last
 *   intake_walk_left_out(walk)          in both: what the options left out so far
 *   intake_walk_close(walk)             at any moment
 *   intake_examine(loop, path, ...)     reads the whole file once: type, SHA-256, stamp, reason to
 *                                       reject
 *   intake_count_pages(loop, path, ...) through the helper process, where something asks for it
 *
 * Nothing here is in memory for longer than a chunk: a million files don't become a list. Special
 * files (fifos, devices, sockets) are told apart before they are opened and never block.
 * Names are bytes. */
#ifndef MB_INTAKE_INTAKE_H
#define MB_INTAKE_INTAKE_H

#include "base/digest.h"
#include "base/error.h"
#include "base/file_stamp.h"
#include "intake/left_out.h"
#include "net/loop.h"

#include <stdbool.h>
#include <stddef.h>

enum { INTAKE_CHUNK = 1000 };
#define INTAKE_MAX_FILE_BYTES ((int64_t)100 * 1000 * 1000) /* Mindee's bound, "Supported files" */

struct intake_walk_options {
    /* Name patterns, NULL-ended, matched against the last component. INCLUDE is for files (NULL:
     * all); EXCLUDE for directories too, with all below them.
     * A PATH the user named is never left out. */
    const char *const *include;
    const char *const *exclude;
    bool recursive;
    bool follow_symlinks; /* else left out, but for a PATH that is one. A directory is walked once,
                             a loop of links is skipped with a warning: by device and inode */
    /* Never walked, nor is any other batch's (one that holds `ledger.db` beside `results/`); ""
     * or NULL: none. */
    const char *output_directory;
    const char *const *never_walked; /* more directories like that, NULL-ended; NULL: none */
    bool directories; /* each directory comes as an entry too, before what is in it */
};

/* A directory, or a file named by the user. Relative names of what is found are PREFIX/<path below
 * it>, or PREFIX alone for a file. */
struct intake_root {
    const char *path;   /* absolute */
    const char *prefix; /* "" for a single directory */
    int64_t id;         /* the ledger's */
};

struct intake_entry {
    int64_t root_id;
    char *path; /* absolute; owned by the walk, as name */
    char *name; /* what results/ is named after: below the root, with its prefix */
    struct file_stamp stamp;
    bool special;   /* neither file nor directory: to be rejected */
    int error;      /* errno: could not be read; 0 if fine. ENAMETOOLONG: over PATH_MAX */
    bool directory; /* with error: one that could not be read (to its end); without: asked for,
                       its stamp as it was before it was read */
};

/* Whether NAME, a last component, is what programs call a file while they write it ("x.part",
 * ".~lock.x#", "~$x"): a folder that is watched leaves these alone. */
bool intake_name_is_partial(const char *name);

struct intake_walk;
struct intake_walk_callbacks {
    void (*entries)(void *ctx, struct intake_entry *entries, size_t count);
    void (*done)(void *ctx);
};

struct intake_walk *intake_walk_new(struct loop *loop, const struct intake_walk_options *options,
                                    const struct intake_root *roots, size_t count,
                                    const struct intake_walk_callbacks *callbacks, void *ctx);
/* Starts the walk, or goes on with it: the entries before it are gone. Also from within entries(),
 * as the last thing that looks at them. */
void intake_walk_more(struct intake_walk *walk);
/* What it left out so far; from within its callbacks. */
const struct left_out *intake_walk_left_out(const struct intake_walk *walk);
/* No callback after this; frees when the pool is done with it. Also from within a callback. */
void intake_walk_close(struct intake_walk *walk);

/* Stored in ledgers: never renumber. */
enum file_type {
    FILE_UNKNOWN = 0,
    FILE_PDF = 1,
    FILE_JPEG = 2,
    FILE_PNG = 3,
    FILE_WEBP = 4,
    FILE_TIFF = 5,
    FILE_HEIC = 6,
    FILE_HEIF = 7,
};

const char *file_type_name(enum file_type type);      /* "PDF" */
const char *file_type_mime(enum file_type type);      /* "application/pdf" */
const char *file_type_extension(enum file_type type); /* "pdf" */
/* By its first bytes (and, for a PDF, up to 1,024 bytes of junk before them, as readers do). */
enum file_type file_type_of(const void *head, size_t len);
enum { FILE_HEAD_BYTES = 2048 };

/* The name to send: the last component of NAME, made UTF-8, with a right extension (a wrong one is
 * replaced), of at most 200 bytes and SIZE - 1. Without quotes, backslashes and control characters:
 * safe in a multipart header. */
void file_name_to_send(const char *name, enum file_type type, char *out, size_t size);

/* Stored in ledgers: never renumber. */
enum reject_reason {
    REJECT_NONE = 0,
    REJECT_UNREADABLE = 1, /* detail: the system's words */
    REJECT_EMPTY = 2,
    REJECT_TOO_LARGE = 3,
    REJECT_TYPE = 4, /* Mindee doesn't take it; detail: "looks like a GIF image" */
    REJECT_ENCRYPTED = 5,
    REJECT_SPECIAL = 6,  /* not a regular file */
    REJECT_CHANGED = 7,  /* kept changing while it was read */
    REJECT_ANIMATED = 8, /* an animated PNG */
};
const char *reject_reason_code(enum reject_reason r); /* "empty" */
const char *reject_reason_text(enum reject_reason r); /* one sentence with the way out */

struct examined {
    enum reject_reason reject;
    char detail[160]; /* "" if none */
    int error;        /* errno behind REJECT_UNREADABLE */
    enum file_type type;
    bool hashed; /* the whole file was read: never for a reject but REJECT_ENCRYPTED */
    uint8_t sha256[SHA256_BYTES]; /* if hashed; else zeros, no name of any content */
    struct file_stamp stamp;      /* as it was while read; zeros if it couldn't be opened */
    int pages;                    /* -1: not counted, 0: unknown */
    bool broken; /* the PDF, or the TIFF whose pages were wanted, can't be parsed: sent all the
                    same, noted */
};

enum examine_flag {
    EXAMINE_PAGES = 1,    /* count pages too (PDF, TIFF; 1 for the other types) */
    EXAMINE_NOFOLLOW = 2, /* a symbolic link in PATH's place is REJECT_SPECIAL */
};

/* Reads PATH once. FLAGS: examine_flag bits. The callback comes once. */
void intake_examine(struct loop *loop, const char *path, unsigned flags,
                    void (*cb)(void *ctx, const struct examined *result), void *ctx);
/* Pages of a file known to be of TYPE: 0 unknown. */
void intake_count_pages(struct loop *loop, const char *path, enum file_type type,
                        void (*cb)(void *ctx, int pages), void *ctx);

/* Untrusted PDFs and TIFFs are parsed in a helper process (memory and time bounded, killed and
 * restarted): PROGRAM, called as `PROGRAM page-helper`; its main calls page_helper_main for that
 * word and returns what that returns. NULL, and until one is named: there is none, and no file can
 * be parsed. */
void page_helper_use(const char *program);
bool page_helper_is_there(void);
int page_helper_main(void);
/* All batches of a process share the helper: who may need it enters, and the last one to leave ends
 * it. From the loop's thread. */
void page_helper_enter(void);
void page_helper_leave(void);
/* Ends the helper now, if there is one. */
void page_helper_stop(void);

#endif
