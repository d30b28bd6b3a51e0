/* See export_files.h. Files are made as ".mb-export-PROCESS-N.tmp" beside where they go. A lock on the
 * directory keeps two exports apart where the file system has locks; under it every such name is a
 * killed export's, and without it those of processes that are gone are. Exports of single files share
 * the lock: each has a file of its own there.
 *
 * A commit, in its order: each file is synced and hashed; the manifest is written beside them; what
 * stands in the way is looked at; ".mb-export-pending" lists the names to come and those that are
 * known to be of exports before; the files are renamed, the manifest last; what is left of exports
 * before is removed, and the list. A process that is killed in between leaves the list, so that the
 * next export knows all that is ours although no manifest says it.
 *
 * What a manifest lists that isn't whole any more is removed if its bytes are those that were
 * listed: that is ours for sure. Only files are removed, by plain names, below the open directory. */
#include "export/export_files.h"

#include "base/array.h"
#include "base/crash_point.h"
#include "base/text.h"
#include "export/export_manifest.h"
#include "format/json_string.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARK    ".mb-export-"
#define PENDING ".mb-export-pending"

enum {
    OPEN_MOST = 64, /* files that stay open; the others are opened for each block */
    TEMPORARY_MAX = 64,
    BLOCK = 64 * 1024,
};

struct sheet {
    char *name, *table;
    int64_t rows;
};

struct export_file {
    struct export_files *set;
    char *name, *table;
    char *path;            /* of the temporary file */
    char *shown;           /* of the final one */
    const char *temporary; /* its last component, in path */
    int fd;                /* -1: opened for each block */
    bool renamed;
    int64_t rows, bytes;
    char sha256[SHA256_HEX];
    struct sheet *sheets;
    size_t sheet_count, sheet_capacity;
};

struct export_files {
    char *directory;
    enum export_place place;
    enum file_access access;
    int fd; /* of the directory, locked */
    struct export_file **files;
    size_t count, capacity;
    struct export_file *manifest, *pending;
    struct export_manifest before; /* manifest.json as it was */
    struct export_manifest unsaid; /* the list of an export that was killed */
};

/* ---- one file ---- */

static int file_error(const struct export_file *f, struct error *e)
{
    return error_system(e, ERR_IO, errno, "write %s", f->shown);
}

static struct export_file *file_new(struct export_files *set, const char *name)
{
    static int made; /* temporary files of the process so far: sets may share a directory */
    struct export_file *f = xcalloc(1, sizeof *f);
    char temporary[TEMPORARY_MAX];
    struct buffer path;
    snprintf(temporary, sizeof temporary, MARK "%ld-%d.tmp", (long)getpid(), made++);
    buffer_init(&path, 0);
    buffer_printf(&path, "%s/%s", set->directory, name);
    f->shown = xstrdup(text_show(buffer_text(&path)));
    buffer_clear(&path);
    buffer_printf(&path, "%s/%s", set->directory, temporary);
    f->path = buffer_detach(&path, NULL);
    f->temporary = f->path + strlen(f->path) - strlen(temporary);
    f->name = xstrdup(name);
    f->set = set;
    f->fd = -1;
    return f;
}

static void file_free(struct export_file *f)
{
    if (!f)
        return;
    if (f->fd >= 0)
        close(f->fd);
    if (!f->renamed)
        unlinkat(f->set->fd, f->temporary, 0);
    for (size_t i = 0; i < f->sheet_count; i++) {
        free(f->sheets[i].name);
        free(f->sheets[i].table);
    }
    free(f->sheets);
    free(f->name);
    free(f->table);
    free(f->path);
    free(f->shown);
    free(f);
}

/* The empty file; nothing that somebody put there is written through. */
static int file_create(struct export_file *f, struct error *e)
{
    int directory = f->set->fd;
    unlinkat(directory, f->temporary, 0);
    f->fd = openat(directory, f->temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                   file_access_file(f->set->access));
    if (f->fd < 0 || file_access_set(f->fd, f->set->access) != 0)
        return file_error(f, e);
    return 0;
}

static int write_all(int fd, const char *data, size_t len)
{
    while (len) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno != EINTR)
            return -1;
        if (n > 0) {
            data += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

int export_file_write(struct export_file *f, const void *data, size_t len, struct error *e)
{
    bool opened = f->fd < 0;
    int fd = opened ? openat(f->set->fd, f->temporary, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC)
                    : f->fd;
    if (fd < 0)
        return file_error(f, e);
    int rc = write_all(fd, data, len) == 0 ? 0 : file_error(f, e);
    if (opened && close(fd) != 0 && rc == 0)
        rc = file_error(f, e);
    return rc;
}

static int put_block(void *to, const void *data, size_t len, struct error *e)
{
    return export_file_write(to, data, len, e);
}

const char *export_file_path(const struct export_file *f)
{
    return f->path;
}

const char *export_file_shown(const struct export_file *f)
{
    return f->shown;
}

void export_file_rows(struct export_file *f, int64_t rows)
{
    f->rows = rows;
}

void export_file_sheet(struct export_file *f, const char *sheet, const char *table, int64_t rows)
{
    ARRAY_RESERVE(f->sheets, f->sheet_capacity, f->sheet_count + 1);
    f->sheets[f->sheet_count++] = (struct sheet){xstrdup(sheet), xstrdup(table), rows};
}

/* The bytes of the open FD from its beginning, as hex. -1 and errno. */
static int hash_of(int fd, char sha256_hex[SHA256_HEX], int64_t *bytes)
{
    char block[BLOCK];
    uint8_t digest[SHA256_BYTES];
    struct sha256 *sum = sha256_new();
    ssize_t n;
    *bytes = 0;
    while ((n = pread(fd, block, sizeof block, *bytes)) > 0 || (n < 0 && errno == EINTR)) {
        if (n < 0)
            continue;
        sha256_update(sum, block, (size_t)n);
        *bytes += n;
    }
    sha256_final(sum, digest);
    sha256_free(sum);
    hex_encode(digest, sizeof digest, sha256_hex);
    return n < 0 ? -1 : 0;
}

/* A library may have made the file anew: what bears its name now is what counts. */
static int file_finish(struct export_file *f, struct error *e)
{
    int kept = f->fd;
    f->fd = -1;
    if (kept >= 0 && close(kept) != 0)
        return file_error(f, e);
    int fd = openat(f->set->fd, f->temporary, O_RDWR | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return file_error(f, e);
    int rc = file_access_set(fd, f->set->access) == 0 && fsync(fd) == 0 &&
                     hash_of(fd, f->sha256, &f->bytes) == 0
                 ? 0
                 : file_error(f, e);
    if (close(fd) != 0 && rc == 0)
        rc = file_error(f, e);
    return rc;
}

/* ---- the directory ---- */

static int directory_error(const struct export_files *set, int system_error, struct error *e)
{
    bool named = system_error == ENOENT || system_error == ENOTDIR || system_error == EEXIST;
    return error_system(e, named ? ERR_USAGE : ERR_IO, system_error, "export to %s",
                        text_show(set->directory));
}

/* Whoever of the group reviews exports, too, and the next export may be another's: it takes the place of this one. On
 * a file system with rules of its own the directory, which was just made, stays as it is. */
static void open_to_group(int fd)
{
    struct stat st;
    if (fstat(fd, &st) == 0)
        (void)!fchmod(fd, (st.st_mode & 07777) | S_ISGID | S_IWGRP);
}

static int open_directory(struct export_files *set, struct error *e)
{
    bool ours = set->place == EXPORT_PLACE_OURS, made = false;
    if (set->place != EXPORT_PLACE_FILE) {
        made = mkdir(set->directory, file_access_directory(set->access)) == 0;
        if (!made && errno != EEXIST)
            return directory_error(set, errno, e);
    }
    set->fd = open(set->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC | (ours ? O_NOFOLLOW : 0));
    struct stat st;
    if (set->fd < 0 && ours && lstat(set->directory, &st) == 0 && S_ISLNK(st.st_mode))
        return error_set(e, ERR_USAGE,
                         "%s is a symbolic link, which isn't followed: name the directory in "
                         "export.directory or by --to",
                         text_show(set->directory));
    if (set->fd < 0)
        return directory_error(set, errno, e);
    if (made && file_access_set_directory(set->fd, set->access) != 0)
        return directory_error(set, errno, e);
    if (made && ours && set->access == ACCESS_GROUP)
        open_to_group(set->fd);
    return 0;
}

/* *ALONE: nobody else writes here; else the file system knows no locks, or there may be others that
 * write another file. */
static int lock_directory(struct export_files *set, bool *alone, struct error *e)
{
    bool one_file = set->place == EXPORT_PLACE_FILE;
    bool locked = flock(set->fd, (one_file ? LOCK_SH : LOCK_EX) | LOCK_NB) == 0;
    *alone = locked && !one_file;
    if (!locked && !one_file && errno == EWOULDBLOCK)
        return error_set(e, ERR_BUSY, "another export writes to %s at this moment",
                         text_show(set->directory));
    return 0;
}

/* The process in ".mb-export-PROCESS-N.tmp"; 0: it isn't such a name. */
static pid_t maker_of(const char *name)
{
    size_t mark = strlen(MARK);
    if (strncmp(name, MARK, mark) != 0)
        return 0;
    const char *process = name + mark;
    size_t digits = strspn(process, "0123456789");
    size_t more = process[digits] == '-' ? strspn(process + digits + 1, "0123456789") : 0;
    if (digits == 0 || digits > 9 || more == 0 || more > 9 ||
        strcmp(process + digits + 1 + more, ".tmp") != 0)
        return 0;
    return (pid_t)strtol(process, NULL, 10);
}

static bool is_file(int directory, const char *name)
{
    struct stat st;
    return fstatat(directory, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode);
}

static void clear_temporaries(struct export_files *set, bool alone)
{
    int fd = openat(set->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry;
    if (fd >= 0 && !d)
        close(fd);
    while (d && (entry = readdir(d)) != NULL) {
        pid_t maker = maker_of(entry->d_name);
        bool gone = maker > 0 && (alone || (kill(maker, 0) != 0 && errno == ESRCH));
        if (gone && is_file(set->fd, entry->d_name))
            unlinkat(set->fd, entry->d_name, 0);
    }
    if (d)
        closedir(d);
}

void export_files_free(struct export_files *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->count; i++)
        file_free(set->files[i]);
    file_free(set->manifest);
    file_free(set->pending);
    export_manifest_release(&set->before);
    export_manifest_release(&set->unsaid);
    if (set->fd >= 0)
        close(set->fd);
    free(set->files);
    free(set->directory);
    free(set);
}

/* ---- what stands there ---- */

static bool is_known(const struct export_files *set, const char *name)
{
    if (strcmp(name, EXPORT_MANIFEST) == 0)
        return set->before.ours;
    return (set->before.ours && export_manifest_find(&set->before, name)) ||
           (set->unsaid.ours && export_manifest_find(&set->unsaid, name));
}

/* Whether F may take the place of what bears its name. */
static int look_at_place(const struct export_file *f, struct error *e)
{
    const struct export_files *set = f->set;
    struct stat st;
    if (fstatat(set->fd, f->name, &st, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ? 0 : file_error(f, e);
    if (!S_ISREG(st.st_mode))
        return error_set(e, ERR_USAGE, "%s is %s, which isn't replaced: move it away", f->shown,
                         S_ISDIR(st.st_mode)   ? "a directory"
                         : S_ISLNK(st.st_mode) ? "a symbolic link"
                                               : "no file");
    if (set->place == EXPORT_PLACE_USERS && !is_known(set, f->name))
        return error_set(e, ERR_USAGE,
                         "%s isn't of an export, and is not replaced: move it away, or name "
                         "another directory",
                         f->shown);
    return 0;
}

/* A manifest that isn't ours is refused now, before the work. */
static int read_lists(struct export_files *set, struct error *e)
{
    int rc = export_manifest_read(&set->before, set->fd, EXPORT_MANIFEST, e);
    if (rc == 0)
        rc = export_manifest_read(&set->unsaid, set->fd, PENDING, e);
    if (rc < 0)
        return error_wrap(e, "export to %s", text_show(set->directory));
    struct export_file *manifest = file_new(set, EXPORT_MANIFEST);
    rc = look_at_place(manifest, e);
    file_free(manifest);
    return rc;
}

int export_files_open(struct export_files **out, const char *directory, enum export_place place,
                      enum file_access access, struct error *e)
{
    struct export_files *set = xcalloc(1, sizeof *set);
    bool alone = false;
    set->directory = xstrdup(directory);
    set->place = place;
    set->access = access;
    set->fd = -1;
    *out = NULL;
    int rc = open_directory(set, e);
    if (rc == 0)
        rc = lock_directory(set, &alone, e);
    if (rc == 0)
        clear_temporaries(set, alone);
    if (rc == 0 && place != EXPORT_PLACE_FILE)
        rc = read_lists(set, e);
    if (rc < 0)
        export_files_free(set);
    else
        *out = set;
    return rc;
}

int export_files_claim(const struct export_files *set, const char *batch, const char *ledger,
                       struct error *e)
{
    const struct export_manifest *before = &set->before;
    if (!batch || !before->ours || !before->batch || !before->ledger ||
        strcmp(batch, before->batch) == 0 || strcmp(ledger, before->ledger) == 0)
        return 0;
    return error_set(e, ERR_USAGE,
                     "%s has the export of batch %s, which that of batch %s would replace: name "
                     "another directory by --to, or give each batch an export.directory",
                     text_show(set->directory), text_show(before->batch), batch);
}

int export_files_add(struct export_files *set, const char *name, const char *table,
                     struct export_file **out, struct error *e)
{
    REQUIRE(export_manifest_plain(name) && strcmp(name, EXPORT_MANIFEST) != 0 &&
            strncmp(name, MARK, strlen(MARK)) != 0);
    struct export_file *f = file_new(set, name);
    f->table = table ? xstrdup(table) : NULL;
    int rc = look_at_place(f, e); /* now already: before the work */
    if (rc == 0)
        rc = file_create(f, e);
    if (rc < 0) {
        file_free(f);
        return rc;
    }
    ARRAY_RESERVE(set->files, set->capacity, set->count + 1);
    set->files[set->count++] = f;
    if (set->count > OPEN_MOST) {
        int fd = f->fd;
        f->fd = -1;
        if (close(fd) != 0)
            return file_error(f, e);
    }
    *out = f;
    return 0;
}

/* ---- the commit ---- */

static void put_number(struct block_output *out, const char *key, int64_t n)
{
    char text[64];
    snprintf(text, sizeof text, ",\"%s\":%" PRId64, key, n);
    block_output_text(out, text);
}

static void put_text(struct block_output *out, const char *key, const char *text)
{
    block_output_text(out, key);
    json_string(out, text, strlen(text));
}

static void put_entry(struct block_output *out, const struct export_file *f)
{
    put_text(out, "{\"name\":", f->name);
    if (f->table)
        put_text(out, ",\"table\":", f->table);
    put_number(out, "rows", f->rows);
    put_number(out, "bytes", f->bytes);
    put_text(out, ",\"sha256\":", f->sha256);
    for (size_t i = 0; i < f->sheet_count; i++) {
        const struct sheet *s = &f->sheets[i];
        block_output_text(out, i ? "," : ",\"sheets\":[");
        put_text(out, "{\"name\":", s->name);
        put_text(out, ",\"table\":", s->table);
        put_number(out, "rows", s->rows);
        block_output_char(out, '}');
    }
    block_output_text(out, f->sheet_count ? "]}" : "}");
}

/* A list of the set's own: made, written by PUT, synced. */
static int write_list(struct export_files *set, struct export_file **out, const char *name,
                      const char *head, void (*put)(struct block_output *, struct export_files *),
                      struct error *e)
{
    struct block_output block;
    struct export_file *f = *out = file_new(set, name);
    int rc = file_create(f, e);
    if (rc < 0)
        return rc;
    block_output_init(&block, BLOCK, put_block, f);
    export_manifest_begin(&block, head);
    put(&block, set);
    export_manifest_end(&block);
    rc = block_output_flush(&block, e);
    block_output_release(&block);
    return rc == 0 ? file_finish(f, e) : rc;
}

static void put_files(struct block_output *out, struct export_files *set)
{
    for (size_t i = 0; i < set->count; i++) {
        block_output_text(out, i ? ",\n" : "");
        put_entry(out, set->files[i]);
    }
}

static bool is_new(const struct export_files *set, const char *name)
{
    for (size_t i = 0; i < set->count; i++)
        if (strcmp(set->files[i]->name, name) == 0)
            return true;
    return strcmp(name, EXPORT_MANIFEST) == 0;
}

/* Of an export before, and not of this one: it goes. LISTS: where it stands. */
static bool is_left_over(const struct export_files *set, const struct export_manifest *list,
                         const struct export_manifest_entry *entry)
{
    char sum[SHA256_HEX];
    int64_t bytes;
    bool damaged = list == &set->before && !list->whole;
    if (is_new(set, entry->name) || !is_file(set->fd, entry->name))
        return false;
    if (!damaged)
        return list->ours;
    if (set->place == EXPORT_PLACE_USERS && !list->ours)
        return false;
    int fd = openat(set->fd, entry->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    bool same = fd >= 0 && hash_of(fd, sum, &bytes) == 0 && strcmp(sum, entry->sha256) == 0;
    if (fd >= 0)
        close(fd);
    return same;
}

static void each_left_over(struct export_files *set,
                           void (*what)(struct export_files *, const char *name, void *), void *ctx)
{
    const struct export_manifest *const lists[] = {&set->before, &set->unsaid};
    for (size_t l = 0; l < 2; l++)
        for (size_t i = 0; i < lists[l]->count; i++)
            if (is_left_over(set, lists[l], &lists[l]->entries[i]))
                what(set, lists[l]->entries[i].name, ctx);
}

static void put_name(struct export_files *set, const char *name, void *ctx)
{
    (void)set;
    put_text(ctx, ",\n{\"name\":", name);
    block_output_text(ctx, ",\"sha256\":\"\"}");
}

static void put_pending(struct block_output *out, struct export_files *set)
{
    put_files(out, set);
    each_left_over(set, put_name, out);
}

static void remove_name(struct export_files *set, const char *name, void *ctx)
{
    (void)ctx;
    unlinkat(set->fd, name, 0); /* else the next export finds it in the way or removes it */
}

static int take_place(struct export_file *f, struct error *e)
{
    if (renameat(f->set->fd, f->temporary, f->set->fd, f->name) != 0)
        return file_error(f, e);
    f->renamed = true;
    return 0;
}

static int sync_directory(struct export_files *set, struct error *e)
{
    if (fsync(set->fd) == 0 || errno == EINVAL || errno == ENOTSUP)
        return 0;
    return error_system(e, ERR_IO, errno, "sync %s", text_show(set->directory));
}

/* All that can be wrong with what stands in the way is found before the first rename. */
static int prepare(struct export_files *set, const char *head, struct error *e)
{
    int rc = 0;
    for (size_t i = 0; i < set->count && rc == 0; i++)
        rc = file_finish(set->files[i], e);
    CRASH_POINT("export_written");
    if (rc == 0 && set->place != EXPORT_PLACE_FILE)
        rc = write_list(set, &set->manifest, EXPORT_MANIFEST, head, put_files, e);
    for (size_t i = 0; i < set->count && rc == 0; i++)
        rc = look_at_place(set->files[i], e);
    if (rc == 0 && set->manifest)
        rc = look_at_place(set->manifest, e);
    return rc;
}

static int announce(struct export_files *set, struct error *e)
{
    int rc = write_list(set, &set->pending, PENDING, "\"tool\":\"mindee-batch\"", put_pending, e);
    if (rc == 0)
        rc = take_place(set->pending, e);
    if (rc == 0)
        rc = sync_directory(set, e);
    CRASH_POINT("export_announced");
    return rc;
}

int export_files_commit(struct export_files *set, const char *head, struct error *e)
{
    int rc = prepare(set, head, e);
    if (rc == 0 && set->manifest)
        rc = announce(set, e);
    for (size_t i = 0; i < set->count && rc == 0; i++) {
        rc = take_place(set->files[i], e);
        CRASH_POINT("export_renamed");
    }
    if (rc == 0 && set->manifest) {
        rc = sync_directory(set, e); /* no manifest without its files */
        if (rc == 0)
            rc = take_place(set->manifest, e);
        CRASH_POINT("export_manifest");
    }
    if (rc == 0)
        rc = sync_directory(set, e);
    if (rc == 0 && set->manifest) {
        each_left_over(set, remove_name, NULL);
        CRASH_POINT("export_cleared");
        unlinkat(set->fd, PENDING, 0);
    }
    return rc;
}
