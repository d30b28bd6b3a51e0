/* The directory and those in it that are called like a product are read, no deeper. All answers are in one list,
 * sorted by their paths below the directory, which is what is looked up. */
#include "sandbox/answers.h"

#include "base/array.h"
#include "base/buffer.h"
#include "base/json_scan.h"
#include "base/text.h"
#include "sandbox/json_text.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MAX_BYTES = 16 << 20, FILES_MAX = 100000 };
static const size_t all_max_bytes = (size_t)1 << 30;

struct entry {
    char *key;  /* "crop/invoice.pdf", without its ending */
    char *text; /* the whole file */
    struct answer_part result;
};

struct answers {
    struct entry *entries;
    size_t count, capacity, bytes;
};

void answers_free(struct answers *a)
{
    for (size_t i = 0; a != NULL && i < a->count; i++) {
        free(a->entries[i].key);
        free(a->entries[i].text);
    }
    if (a != NULL)
        free(a->entries);
    free(a);
}

size_t answers_count(const struct answers *a)
{
    return a->count;
}

struct answer_part answer_result(const char *json, size_t len)
{
    size_t inference_len = 0;
    struct answer_part part = {.json = NULL};
    const char *inference = json_find(json, len, "inference", &inference_len);
    if (inference != NULL)
        part.json = json_find(inference, inference_len, "result", &part.len);
    if (part.json != NULL && *part.json != '{')
        part.json = NULL;
    return part;
}

/* ---- reading ---- */

static int check_json(const char *path, const struct buffer *text, struct error *e)
{
    struct json_scan s;
    json_scan_init(&s, buffer_text(text), text->len);
    while (json_scan_next(&s) > 0)
        ;
    if (s.error != NULL)
        return error_set(e, ERR_USAGE,
                         "%s: no answer: %s at byte %zu; it must be the JSON of a result",
                         text_show(path), s.error, s.error_at);
    if (answer_result(buffer_text(text), text->len).json == NULL)
        return error_set(e, ERR_USAGE,
                         "%s: no answer: there is no inference.result in it; it must be the JSON "
                         "of a GET result",
                         text_show(path));
    return 0;
}

static int read_whole(const char *path, struct buffer *out, struct error *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int rc = fd >= 0 ? buffer_read(out, fd) : ERR_IO;
    if (rc == ERR_IO)
        error_system(e, ERR_USAGE, errno, "read %s", text_show(path));
    else if (rc != 0)
        error_set(e, ERR_USAGE, "read %s: an answer may have %d MiB", text_show(path),
                  FILE_MAX_BYTES >> 20);
    if (fd >= 0)
        close(fd);
    return rc != 0 ? ERR_USAGE : 0;
}

static int add_file(struct answers *a, const char *path, char *key, struct error *e)
{
    struct buffer text;
    size_t len;
    buffer_init(&text, FILE_MAX_BYTES);
    int rc = read_whole(path, &text, e);
    if (rc == 0)
        rc = check_json(path, &text, e);
    if (rc == 0 && (a->count == FILES_MAX || a->bytes + text.len > all_max_bytes))
        rc = error_set(e, ERR_USAGE, "%s: more than %d answers, or than %zu MiB of them",
                       text_show(path), FILES_MAX, all_max_bytes >> 20);
    if (rc != 0) {
        buffer_release(&text);
        free(key);
        return rc;
    }
    ARRAY_RESERVE(a->entries, a->capacity, a->count + 1);
    struct entry *entry = &a->entries[a->count++];
    a->bytes += text.len;
    *entry = (struct entry){.key = key, .text = buffer_detach(&text, &len)};
    entry->result = answer_result(entry->text, len);
    return 0;
}

/* NAME without ".json"; NULL if it doesn't end so, or is nothing else. */
static char *key_of(const char *prefix, const char *name)
{
    static const char end[] = ".json";
    size_t len = strlen(name), end_len = sizeof end - 1;
    if (len <= end_len || strcmp(name + len - end_len, end) != 0)
        return NULL;
    struct buffer key;
    buffer_init(&key, 0);
    buffer_printf(&key, "%s%.*s", prefix, (int)(len - end_len), name);
    return buffer_detach(&key, &len);
}

/* Files alone: what else is called so isn't an answer. */
static int add_entry(struct answers *a, const char *directory, const char *prefix, const char *name,
                     struct error *e)
{
    struct stat st;
    struct buffer path;
    char *key = key_of(prefix, name);
    int rc = 0;
    if (key == NULL)
        return 0;
    buffer_init(&path, 0);
    buffer_printf(&path, "%s/%s", directory, name);
    if (stat(buffer_text(&path), &st) != 0 || S_ISREG(st.st_mode))
        rc = add_file(a, buffer_text(&path), key, e);
    else
        free(key);
    buffer_release(&path);
    return rc;
}

static int read_directory(struct answers *a, const char *directory, const char *prefix,
                          struct error *e)
{
    DIR *dir = opendir(directory);
    if (dir == NULL && errno == ENOENT && *prefix != '\0')
        return 0;
    if (dir == NULL)
        return error_system(e, ERR_USAGE, errno, "read the answers in %s", text_show(directory));
    int rc = 0;
    struct dirent *d;
    while (rc == 0 && (errno = 0, d = readdir(dir)) != NULL)
        rc = add_entry(a, directory, prefix, d->d_name, e);
    if (rc == 0 && errno != 0)
        rc = error_system(e, ERR_USAGE, errno, "read the answers in %s", text_show(directory));
    closedir(dir);
    return rc;
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->key, ((const struct entry *)b)->key);
}

int answers_load(struct answers **out, const char *directory, struct error *e)
{
    struct answers *a = xcalloc(1, sizeof *a);
    int rc = read_directory(a, directory, "", e);
    for (int p = 0; p < PRODUCT_COUNT && rc == 0; p++) {
        const char *name = product_name((enum product)p);
        struct buffer below, prefix;
        buffer_init(&below, 0);
        buffer_init(&prefix, 0);
        buffer_printf(&below, "%s/%s", directory, name);
        buffer_printf(&prefix, "%s/", name);
        rc = read_directory(a, buffer_text(&below), buffer_text(&prefix), e);
        buffer_release(&below);
        buffer_release(&prefix);
    }
    if (rc != 0) {
        answers_free(a);
        return rc;
    }
    if (a->count > 0)
        qsort(a->entries, a->count, sizeof *a->entries, by_key);
    *out = a;
    return 0;
}

/* ---- looking up ---- */

static struct answer_part find(const struct answers *a, const char *prefix, const char *name)
{
    struct buffer key;
    buffer_init(&key, 0);
    buffer_printf(&key, "%s%s", prefix, name);
    const struct entry wanted = {.key = key.data};
    const struct entry *found = bsearch(&wanted, a->entries, a->count, sizeof *a->entries, by_key);
    buffer_release(&key);
    return found != NULL ? found->result : (struct answer_part){.json = NULL};
}

struct answer_part answers_find(const struct answers *a, enum product p,
                                const uint8_t sha[SHA256_BYTES], const char *filename)
{
    struct answer_part found = {.json = NULL};
    char hex[SHA256_HEX] = "", prefix[32];
    if (a == NULL || a->count == 0)
        return found;
    if (sha != NULL)
        hex_encode(sha, SHA256_BYTES, hex);
    const char *slash = filename != NULL ? strrchr(filename, '/') : NULL;
    const char *name = slash != NULL ? slash + 1 : filename != NULL ? filename : "";
    const char *const names[] = {hex, name};
    text_copy(prefix, sizeof prefix - 1, product_name(p));
    strcat(prefix, "/");
    for (int k = 0; k < 4 && found.json == NULL; k++)
        if (*names[k % 2] != '\0')
            found = find(a, k < 2 ? prefix : "", names[k % 2]);
    return found;
}
