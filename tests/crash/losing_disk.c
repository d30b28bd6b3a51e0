/* See losing_disk.h. The process reads and writes the real files (the page cache, so to speak);
 * beside them stands an image of what is durable, and the writes since. A sync applies them to the
 * image; the cut applies some of them, and puts the images into the files' places. */
#include "losing_disk.h"

#include "base/random.h"
#include "base/require.h"
#include "disk_shim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SECTOR = 512, FILES = 16 };

struct pending {
    struct pending *next;
    bool truncation;
    size_t at, len; /* truncation: at is the new size */
    unsigned char data[];
};

struct image {
    char *path;
    unsigned char *data; /* durable */
    size_t len, capacity;
    bool durable, exists; /* its name: on the platter; for the process */
    /* What the name still stands for on the platter: another file, deleted and made anew since. */
    unsigned char *former;
    size_t former_len;
    struct pending *first, **last;
};

struct losing_file {
    struct shim_file shim;
    struct image *image;
    bool names_synced; /* its first sync syncs the directory */
};

static sqlite3_vfs *real;
static sqlite3_io_methods methods;
static struct image images[FILES];
static size_t image_count;
static unsigned cut_at, operations;
static bool dead;
static struct random chance;

/* ---- images ---- */

static void image_resize(struct image *m, size_t len)
{
    if (len > m->capacity) {
        m->capacity = len * 2;
        m->data = realloc(m->data, m->capacity);
        REQUIRE(m->data != NULL);
    }
    if (len > m->len)
        memset(m->data + m->len, 0, len - m->len);
    m->len = len;
}

static void image_put(struct image *m, size_t at, const unsigned char *data, size_t len)
{
    if (at + len > m->len)
        image_resize(m, at + len);
    if (len > 0) /* of an empty file there is no data */
        memcpy(m->data + at, data, len);
}

static void pending_drop(struct image *m)
{
    while (m->first) {
        struct pending *p = m->first;
        m->first = p->next;
        free(p);
    }
    m->last = &m->first;
}

static void pending_add(struct image *m, bool truncation, size_t at, const void *data, size_t len)
{
    struct pending *p = malloc(sizeof *p + len);
    REQUIRE(p != NULL);
    *p = (struct pending){.truncation = truncation, .at = at, .len = len};
    if (len)
        memcpy(p->data, data, len);
    *m->last = p;
    m->last = &p->next;
}

static void read_whole(struct image *m)
{
    FILE *f = fopen(m->path, "rb");
    m->durable = m->exists = f != NULL;
    if (!f)
        return;
    fseek(f, 0, SEEK_END);
    image_resize(m, (size_t)ftell(f));
    rewind(f);
    REQUIRE(m->len == 0 || fread(m->data, 1, m->len, f) == m->len);
    fclose(f);
}

static struct image *image_of(const char *path)
{
    for (size_t i = 0; i < image_count; i++)
        if (strcmp(images[i].path, path) == 0)
            return &images[i];
    REQUIRE(image_count < FILES);
    struct image *m = &images[image_count++];
    *m = (struct image){.path = xstrdup(path)};
    m->last = &m->first;
    read_whole(m);
    return m;
}

static void drop_former(struct image *m)
{
    free(m->former);
    m->former = NULL;
    m->former_len = 0;
}

/* All names of the directory; the tests have one. */
static void sync_names(void)
{
    for (size_t i = 0; i < image_count; i++) {
        images[i].durable = images[i].exists;
        drop_former(&images[i]);
    }
}

static void sync_content(struct image *m)
{
    for (struct pending *p = m->first; p; p = p->next) {
        if (p->truncation)
            image_resize(m, p->at);
        else
            image_put(m, p->at, p->data, p->len);
    }
    pending_drop(m);
}

/* ---- the cut ---- */

static uint64_t below(uint64_t n)
{
    return random_u64(&chance) % n;
}

/* A new file under the name of a deleted one: what is written to it never mixes with what that one
 * held, which is still what the platter has under this name if its deletion wasn't synced. */
static void make_anew(struct image *m)
{
    pending_drop(m);
    if (m->durable && !m->former) {
        m->former = m->data ? m->data : malloc(1);
        m->former_len = m->len;
        m->data = NULL;
        m->capacity = 0;
    }
    m->len = 0;
}

/* LEN bytes at AT, all within one sector. */
static void lose_sector(struct image *m, size_t at, const unsigned char *data, size_t len)
{
    switch (below(8)) {
    case 0:
    case 1:
    case 2: /* not there */
        return;
    case 3: /* torn */
        image_put(m, at, data, 1 + below(len));
        return;
    case 4: /* the file has grown, and what is there is anything */
        if (at >= m->len) {
            size_t old = m->len;
            image_resize(m, at + len);
            for (size_t i = old; i < m->len; i++)
                m->data[i] = (unsigned char)random_u64(&chance);
        }
        return;
    default:
        image_put(m, at, data, len);
    }
}

static void lose(struct image *m)
{
    bool all = below(8) == 0, none = below(8) == 0;
    for (struct pending *p = m->first; p && !none; p = p->next) {
        if (p->truncation) {
            if (all || below(2))
                image_resize(m, p->at);
            continue;
        }
        for (size_t done = 0; done < p->len;) {
            size_t at = p->at + done, room = SECTOR - at % SECTOR;
            size_t len = p->len - done < room ? p->len - done : room;
            if (all)
                image_put(m, at, p->data + done, len);
            else
                lose_sector(m, at, p->data + done, len);
            done += len;
        }
    }
    pending_drop(m);
    if (m->former && below(2)) { /* neither its deletion nor what came then */
        image_resize(m, 0);
        image_put(m, 0, m->former, m->former_len);
        m->durable = true;
    } else if (m->durable != m->exists) {
        m->durable = below(2);
    }
    drop_former(m);
}

static void write_out(const struct image *m)
{
    unlink(m->path);
    FILE *f = m->durable ? fopen(m->path, "wb") : NULL;
    REQUIRE(f != NULL || !m->durable);
    if (f) {
        REQUIRE(m->len == 0 || fwrite(m->data, 1, m->len, f) == m->len);
        REQUIRE(fclose(f) == 0);
    }
}

static void forget(void)
{
    for (size_t i = 0; i < image_count; i++) {
        pending_drop(&images[i]);
        free(images[i].path);
        free(images[i].data);
        drop_former(&images[i]);
    }
    image_count = 0;
}

void losing_disk_cut(void)
{
    for (size_t i = 0; i < image_count; i++) {
        char shm[512];
        lose(&images[i]);
        write_out(&images[i]);
        snprintf(shm, sizeof shm, "%s-shm", images[i].path); /* memory, whatever its name says */
        unlink(shm);
    }
    forget();
    dead = false;
    cut_at = 0;
}

/* ---- what SQLite calls ---- */

static struct losing_file *file_of(sqlite3_file *f)
{
    return (struct losing_file *)(void *)f;
}

static bool counts(void)
{
    if (dead)
        return false;
    operations++;
    dead = cut_at != 0 && operations == cut_at;
    return true;
}

static int file_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    if (!counts())
        return SQLITE_IOERR_WRITE;
    if (file_of(f)->image)
        pending_add(file_of(f)->image, false, (size_t)at, p, (size_t)n);
    return dead ? SQLITE_IOERR_WRITE
                : disk_shim_real(f)->pMethods->xWrite(disk_shim_real(f), p, n, at);
}

static int file_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    if (!counts())
        return SQLITE_IOERR_TRUNCATE;
    if (file_of(f)->image)
        pending_add(file_of(f)->image, true, (size_t)size, NULL, 0);
    return dead ? SQLITE_IOERR_TRUNCATE
                : disk_shim_real(f)->pMethods->xTruncate(disk_shim_real(f), size);
}

static int file_sync(sqlite3_file *f, int flags)
{
    struct losing_file *file = file_of(f);
    (void)flags;
    if (!counts() || dead)
        return SQLITE_IOERR_FSYNC;
    if (!file->image)
        return SQLITE_OK;
    sync_content(file->image);
    if (!file->names_synced)
        sync_names();
    file->names_synced = true;
    return SQLITE_OK;
}

/* Size hints would preallocate behind our back. */
static int file_control(sqlite3_file *f, int op, void *arg)
{
    if (op == SQLITE_FCNTL_SIZE_HINT || op == SQLITE_FCNTL_CHUNK_SIZE)
        return SQLITE_OK;
    return disk_shim_real(f)->pMethods->xFileControl(disk_shim_real(f), op, arg);
}

static int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out)
{
    struct losing_file *f = file_of(file);
    (void)vfs;
    struct image *m = name ? image_of(name) : NULL;
    bool makes = m && flags & SQLITE_OPEN_CREATE && !m->exists;
    f->shim.base.pMethods = NULL;
    if (makes && (!counts() || dead))
        return SQLITE_CANTOPEN;
    int rc = disk_shim_open(file, sizeof *f, name, flags, out, &methods);
    if (rc != SQLITE_OK)
        return rc;
    f->image = m;
    f->names_synced = !(flags & SQLITE_OPEN_CREATE);
    if (makes) {
        m->exists = true;
        make_anew(m);
    }
    return SQLITE_OK;
}

static int disk_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs;
    struct image *m = image_of(name);
    if (!counts() || dead)
        return SQLITE_IOERR_DELETE;
    int rc = real->xDelete(real, name, 0);
    if (rc != SQLITE_OK)
        return rc;
    m->exists = false;
    if (sync)
        sync_names();
    return SQLITE_OK;
}

void losing_disk_install(void)
{
    methods = disk_shim_methods;
    methods.xWrite = file_write;
    methods.xTruncate = file_truncate;
    methods.xSync = file_sync;
    methods.xFileControl = file_control;
    disk_shim_install("losing", sizeof(struct losing_file), disk_open, &real)->xDelete =
        disk_delete;
}

void losing_disk_arm(unsigned k, uint64_t seed)
{
    forget();
    random_init(&chance, seed);
    cut_at = k;
    operations = 0;
    dead = false;
}

bool losing_disk_dead(void)
{
    return dead;
}

unsigned losing_disk_operations(void)
{
    return operations;
}
